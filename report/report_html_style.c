/* report_html_style.c -- what all parts of the HTML report print alike: the page's style and its one script, text,
 * numbers, shapes, tables, pictures, and the colour of a kind of work. Colours are CSS variables, so that a dark page
 * has others. */
#include "report/report_html.h"

#include <string.h>

const char html_style[] =
    ":root{color-scheme:light "
    "dark;--page:#fff;--text:#222;--soft:#5c6570;--line:#d5dae0;--hover:#eef3fa;--area:#dfe7f1;--bound:#b2353f}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#15181c;--text:#dfe3e8;--soft:#9aa5b1;--line:#3a424c;--hover:#"
    "232a33;"
    "--area:#263445;--bound:#ef7f88}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 "
    "auto;max-width:1180px;padding:1em;color:var(--text);background:var(--page);"
    "-webkit-text-size-adjust:100%}\n"
    "h1{font-size:1.5em;line-height:1.25;overflow-wrap:anywhere;unicode-bidi:isolate}h2{font-size:1.15em;margin:2em 0 "
    ".5em}p{max-width:75ch}\n"
    ".scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid #4c78a8}\n"
    "table{border-collapse:collapse;font-size:14px}td,th{padding:2px 14px 2px "
    "0;text-align:left;vertical-align:top;white-space:nowrap}\n"
    "th{vertical-align:bottom}thead th{border-bottom:1px solid var(--line)}tbody tr:hover{background:var(--hover)}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.w{white-space:normal;max-width:32em;padding-right:"
    "2em}\n"
    "td.name{white-space:normal;overflow-wrap:anywhere;min-width:11em;max-width:24em;unicode-bidi:isolate}\n"
    "small,tr.off td{color:var(--soft)}\n"
    "th button{font:inherit;color:inherit;background:none;border:0;padding:6px "
    "0;cursor:pointer;text-decoration:underline dotted}\n"
    "th[aria-sort] button::after{content:\" \\2191\"}th[aria-sort=descending] button::after{content:\" \\2193\"}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.2em 1.4em;padding:0;list-style:none}.legend "
    "svg{display:inline;margin-right:.4em}\n"
    "svg{display:block;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--text);unicode-bidi:isolate}svg "
    "text.on{fill:#fff}\n"
    ".row:hover "
    "rect.hit{fill:var(--hover)}.hit,.edge{fill:none}.edge,.axis,.wait{stroke:var(--line)}.edge,.wait{stroke:var(--"
    "soft)}"
    ".edge{stroke-opacity:.6}.box{stroke:var(--page);stroke-width:.5}.pale{fill-opacity:.45}\n"
    ".live{fill:var(--area);stroke:#4c78a8}.bound{stroke:var(--bound);stroke-dasharray:5 3}\n";

/* Sorts a table by the column whose head is clicked: numbers from the largest, text from A. Without scripts the tables
 * are as they were printed. */
const char html_script[] = "document.querySelectorAll('table.sort').forEach(function(table){\n"
                           " var heads=table.tHead.rows[0].cells;\n"
                           " Array.prototype.forEach.call(heads,function(head,column){\n"
                           "  var number=head.className==='n',button=document.createElement('button');\n"
                           "  if(!head.textContent)return;\n"
                           "  button.type='button';\n"
                           "  button.textContent=head.textContent;\n"
                           "  head.textContent='';\n"
                           "  head.appendChild(button);\n"
                           "  button.onclick=function(){\n"
                           "   var was=head.getAttribute('aria-sort'),body=table.tBodies[0],up=was?was==='descending':!number;\n"
                           "   function key(row){\n"
                           "    var text=row.cells[column].textContent.replace(/,/g,'');\n"
                           "    return number?(isNaN(parseFloat(text))?-1:parseFloat(text)):text;\n"
                           "   }\n"
                           "   var rows=Array.prototype.map.call(body.rows,function(row){return{row:row,key:key(row)};});\n"
                           "   rows.sort(function(a,b){\n"
                           "    var order=number?a.key-b.key:a.key.localeCompare(b.key);\n"
                           "    return up?order:-order;\n"
                           "   });\n"
                           "   rows.forEach(function(r){body.appendChild(r.row);});\n"
                           "   Array.prototype.forEach.call(heads,function(h){h.removeAttribute('aria-sort');});\n"
                           "   head.setAttribute('aria-sort',up?'ascending':'descending');\n"
                           "  };\n"
                           " });\n"
                           "});\n";

/* Bytes of the character at s, which is valid UTF-8. */
static int character_bytes(const char *s)
{
	const unsigned char c = (unsigned char)*s;
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* HTML has no control characters, those of Latin-1 (U+0080 to U+009F) included. */
static bool is_control(const char *s)
{
	const unsigned char *c = (const unsigned char *)s;
	return *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0);
}

static void print_character(FILE *out, const char *s, int bytes)
{
	static const struct {
		char c;
		const char *text;
	} escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
		if (*s == escapes[i].c) {
			fputs(escapes[i].text, out);
			return;
		}
	if (is_control(s))
		fputc(' ', out);
	else
		fwrite(s, 1, (size_t)bytes, out);
}

void html_text(FILE *out, const char *s)
{
	for (int n; *s; s += n)
		print_character(out, s, n = character_bytes(s));
}

/* Columns that a character takes: those from Hangul on may be twice as wide as Latin ones. */
static int character_width(int bytes)
{
	return bytes > 2 ? 2 : 1;
}

int html_width(const char *s)
{
	int width = 0;
	for (int n; *s; s += n)
		width += character_width(n = character_bytes(s));
	return width;
}

void html_short_text(FILE *out, const char *s, int width)
{
	const bool fits = html_width(s) <= width;
	int used = fits ? 0 : 1;
	for (int n; *s; s += n) {
		n = character_bytes(s);
		used += character_width(n);
		if (used > width)
			break;
		print_character(out, s, n);
	}
	if (!fits)
		fputs("\xe2\x80\xa6", out);
}

void html_number(FILE *out, int64_t value)
{
	char digits[32];
	const int n = snprintf(digits, sizeof digits, "%lld", (long long)value), sign = *digits == '-';
	for (int k = 0; k < n; k++) {
		if (k > sign && (n - k) % 3 == 0)
			fputc(',', out);
		fputc(digits[k], out);
	}
}

void html_table(FILE *out, const char *label, const HtmlColumn *column, int n)
{
	fprintf(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table class=\"sort\"><thead><tr>", label);
	for (int i = 0; i < n; i++)
		fprintf(out, "<th%s>%s</th>", column[i].number ? " class=\"n\"" : "", column[i].head);
	fputs("</tr></thead><tbody>\n", out);
}

void html_table_end(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

void html_picture(FILE *out, const char *label, int width, int height)
{
	fprintf(out,
	        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
	        "<svg role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
	        label, label, width, height, width, height);
}

void html_picture_end(FILE *out)
{
	fputs("</svg></div>\n", out);
}

/* ---- kinds of work ---- */

/* One hue a kind, so that the arena and the graph can be read together. White text is readable on each of them. */
static const struct {
	Op op;
	const char *name, *color, *text; /* text: null where the row before has the colour and the word */
} kinds[] = {
    {OP_conv2d, "conv", "#4c78a8", "convolution"},
    {OP_deconv2d, "deconv", "#80609f", "deconvolution"},
    {OP_pool2d, "pool", "#b8691c", "pooling"},
    {OP_eltwise, "eltwise", "#3f8437", "element by element"},
    {OP_matmul, "matmul", "#237a78", "matrix product"},
    {OP_concat, "concat", "#75757b", "concatenation"},
    {OP_reshape, "reshape", "#8a7d78", "reshape or permutation"},
    {OP_permute, "reshape", "#8a7d78", NULL},
    {OP_reorder, "reorder", "#bf4a58", "change of layout"},
    {OP_softmax, "softmax", "#8a7b1e", "softmax"},
    {OP_detect, "detect", "#a3323b", "boxes and suppression"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int kind_of(const Node *n)
{
	int i = 0;
	while (i < KINDS && kinds[i].op != n->op)
		i++;
	return i;
}

const char *html_kind(const Node *n)
{
	const int i = n ? kind_of(n) : KINDS;
	return !n ? "input" : i < KINDS ? kinds[i].name : "other";
}

void html_kind_style(FILE *out)
{
	for (int i = 0; i < KINDS; i++)
		fprintf(out, ".%s{fill:%s}", kinds[i].name, kinds[i].color);
	fputs(".other{fill:#6b7480}.input{fill:#444c56}\n@media(prefers-color-scheme:dark){.input{fill:#66707c}}\n", out);
}

static void print_key(FILE *out, const char *kind, const char *text)
{
	fprintf(out,
	        "<li><svg width=\"14\" height=\"12\" aria-hidden=\"true\"><rect class=\"%s\" width=\"14\" "
	        "height=\"12\"/></svg>%s</li>",
	        kind, text);
}

/* Kinds of one colour share a row. */
static int legend_row(const Node *n)
{
	int i = kind_of(n);
	while (i < KINDS && !kinds[i].text)
		i--;
	return i;
}

void html_legend(const ModelReport *r, FILE *out)
{
	bool used[KINDS + 1] = {false};
	const Graph *const graphs[] = {r->emitted, r->folded};
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < graphs[k]->nnode; i++)
			used[legend_row(graphs[k]->node[i])] = true;
	fputs("<h2>Legend</h2>\n<ul class=\"legend\">", out);
	for (int i = 0; i < KINDS; i++)
		if (used[i])
			print_key(out, kinds[i].name, kinds[i].text);
	if (used[KINDS])
		print_key(out, "other", "other work");
	print_key(out, "input", "input of the network");
	print_key(out, "conv pale", "pale: scratch of a kernel");
	fputs("</ul>\n<p>MMAC: millions of multiply-accumulates. Weights are bytes as the kernels read them. c8 behind the shape of a "
	      "map: eight channels of a pixel lie side by side in memory, then those of the next pixel; +halo: a border of zeros lies "
	      "around the map, "
	      "for kernels that reach over its edge.</p>\n",
	      out);
}
