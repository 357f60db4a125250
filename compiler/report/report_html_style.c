/* report_html_style.c -- what all parts of the HTML report print alike: text, and the colour of a kind of work. */
#include "compiler/report/report_html.h"

void html_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		default: fputc((unsigned char)*s < 0x20 ? ' ' : *s, out);
		}
	}
}

/* One hue a kind of work, so that the arena and the graph can be read together. */
const char *html_color(const Node *n)
{
	static const struct {
		Op op;
		const char *color;
	} colors[] = {
	    {OP_conv2d, "#4c78a8"}, {OP_deconv2d, "#72559c"}, {OP_pool2d, "#e08e3c"}, {OP_eltwise, "#54a24b"},
	    {OP_concat, "#9d9da1"}, {OP_reshape, "#bab0ac"},  {OP_permute, "#bab0ac"}, {OP_reorder, "#d6616b"},
	    {OP_detect, "#b2353f"}, {OP_softmax, "#b5a42e"},
	};
	for (size_t i = 0; n && i < sizeof colors / sizeof *colors; i++)
		if (colors[i].op == n->op)
			return colors[i].color;
	return n ? "#7f7f7f" : "#333333";
}
