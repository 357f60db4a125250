/* test_reports.c -- every kind of report of dssdc inspect: what is in it, and where it goes. */
#include "tests/cli/tiny.h"

#include "passes/pass.h"

#include <cjson/cJSON.h>

/* Without --emit the ending of -o chooses the form of a report. */
static void endings_choose_the_report(void **state)
{
	static const char *const rows[][2] = {{"a.html", "html"}, {"a.htm", "html"},    {"a.json", "json"},
	                                      {"a.dot", "dot"},   {"a.gv", "dot"},      {"a.ir", "ir"},
	                                      {"a.txt", "text"},  {"a.report", "text"}, {"a", "text"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		must("mkdir -p reports && " DSSDC " inspect tiny.ir -o reports/%s && " DSSDC
		     " inspect tiny.ir --emit=%s | cmp - reports/%s",
		     rows[i][0], rows[i][1], rows[i][0]);
		if (strcmp(rows[i][1], "text"))
			must("rm reports/%s && " DSSDC " compile tiny.ir -o reports/%s && " DSSDC
			     " inspect tiny.ir --emit=%s | cmp - reports/%s",
			     rows[i][0], rows[i][0], rows[i][1], rows[i][0]);
	}
	must(DSSDC " inspect tiny.ir --emit=json -o reports/b.html && " DSSDC
	           " inspect tiny.ir --emit=json | cmp - reports/b.html"); /* --emit decides */
	assert_int_equal(sh(DSSDC " inspect tiny.ir -o reports/a.svg"), 2);
	assert_has(err, "-o: no report is an SVG picture: -o NAME.html has pictures; of -o NAME.dot, dot -Tsvg makes one");
	assert_false(exists("reports/a.svg"));
}

static double number_of(const cJSON *o, const char *name)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, name);
	assert_true(cJSON_IsNumber(x));
	return x->valuedouble;
}

static void json_holds_the_totals(void **state)
{
	(void)state;
	must(DSSDC " inspect " CARD " --emit=json --target=c99 -o net.json");
	assert_string_equal(out, "");
	size_t size;
	char *text = read_file("net.json", &size);
	cJSON *o = cJSON_Parse(text), *layer;
	assert_non_null(o);
	assert_true(number_of(o, "parameters") == 10916248);
	assert_true(number_of(o, "macs") == 3041664896.0);
	assert_true(number_of(o, "boxes") == 18344);
	assert_true(number_of(o, "weights_bytes") >= 4 * 10916248.0);
	assert_true(number_of(o, "arena_lower_bound_bytes") > 0);
	assert_true(number_of(o, "arena_bytes") >= number_of(o, "arena_lower_bound_bytes"));
	double parameters = 0, macs = 0;
	cJSON_ArrayForEach(layer, cJSON_GetObjectItem(o, "layers"))
	{
		parameters += number_of(layer, "parameters");
		macs += number_of(layer, "macs");
	}
	assert_true(parameters == number_of(o, "parameters") && macs == number_of(o, "macs"));
	cJSON_Delete(o);
	free(text);
	must(DSSDC " compile " CARD " --emit=json --target=c99 | cmp - net.json");
}

/* Both counts of multiply-accumulates are there, each with its name, and that of the emitted code is the manifest's. */
static void text_tells_what_is_counted(void **state)
{
	size_t size;
	(void)state;
	must(DSSDC " compile " CARD " --width-divisor=8 --random-weights=1 --emit=c --no-check --target=c99 -o counts/net.c && " DSSDC
	           " inspect " SMALL " --emit=json --target=c99 -o counts/net.json");
	char *manifest = read_file("counts/net.manifest.json", &size), *json = read_file("counts/net.json", &size), line[256];
	cJSON *m = cJSON_Parse(manifest), *o = cJSON_Parse(json);
	assert_true(number_of(o, "emitted_macs") == number_of(cJSON_GetObjectItem(m, "macs"), "total"));
	must(DSSDC " inspect " SMALL " --target=c99");
	snprintf(line, sizeof line, "\nMAC                      %.0f (as the parameters are counted), %.0f as emitted, after all passes\n",
	         number_of(o, "macs"), number_of(o, "emitted_macs"));
	assert_has(out, line);
	assert_has(out, " (batch normalisation is part of the convolutions, nothing else is merged)\n");
	snprintf(line, sizeof line, "\nkernels                  %.0f, which run one after another\n", number_of(o, "kernels"));
	assert_has(out, line);
	must(DSSDC " inspect " SMALL " --target=cuda-standalone");
	assert_has(out, " at least wait for one another: the rest may run beside them\n");
	must(DSSDC " inspect " SMALL " --emit=html --target=avx2");
	assert_has(out, "  c8 +halo<");
	assert_has(out, "c8 behind the shape of a map: eight channels of a pixel lie side by side");
	cJSON_Delete(o);
	cJSON_Delete(m);
	free(json);
	free(manifest);
}

/* One kernel after another on a CPU; on a GPU side branches run beside the chain. */
static void queues_shorten_the_chain(void **state)
{
	static const char *const ways[] = {"c99", "cuda-standalone", "cuda-standalone --disable-pass=schedule"};
	double kernels[3], chain[3];
	(void)state;
	for (int i = 0; i < 3; i++) {
		size_t size;
		must(DSSDC " inspect " CARD " --emit=json --target=%s -o net.json", ways[i]);
		char *text = read_file("net.json", &size);
		cJSON *o = cJSON_Parse(text);
		assert_non_null(o);
		kernels[i] = number_of(o, "kernels");
		chain[i] = number_of(o, "longest_chain");
		cJSON_Delete(o);
		free(text);
	}
	assert_true(chain[0] == kernels[0] && chain[2] == kernels[2]);
	assert_true(kernels[1] == kernels[2] && chain[1] <= 85);
	must(DSSDC " inspect " CARD " --emit=html --target=cuda-standalone | grep -q 'What runs at the same time'");
	must("! " DSSDC " inspect " CARD " --emit=html --target=c99 | grep -q 'What runs at the same time'");
}

/* Every tag is closed, in order. */
static void assert_balanced(const char *html)
{
	char open[64][16];
	int depth = 0, n = 0;
	for (const char *p = strchr(html, '<'); p; p = strchr(p, '<'), n++) {
		const char *end = strchr(p, '>');
		assert_non_null(end);
		bool closing = p[1] == '/';
		char name[16] = "";
		sscanf(p + 1 + closing, "%15[!a-z0-9]", name);
		assert_true(*name);
		if (closing) {
			assert_true(depth > 0);
			assert_string_equal(name, open[--depth]);
		} else if (end[-1] != '/' && strcmp(name, "!doctype") && strcmp(name, "meta")) {
			assert_true(depth < 64);
			strcpy(open[depth++], name);
		}
		p = end;
	}
	assert_int_equal(depth, 0);
	assert_true(n > 20);
}

static void check_html(const char *path)
{
	size_t size;
	must("iconv -f UTF-8 -t UTF-8 %s >/dev/null", path);
	char *html = read_file(path, &size);
	assert_balanced(html);
	assert_has(html, "The arena over time");
	assert_has(html, "<meta name=\"viewport\" content=\"width=device-width,");
	assert_has(html, "prefers-color-scheme:dark");
	assert_int_equal(count(html, "<script"), 1); /* ours, behind everything else */
	assert_has(html, "</table></div>\n<script>\n");
	assert_int_equal(count(html, "<table"), count(html, "<div class=\"scroll\" tabindex=\"0\"") - count(html, "<svg role=\"img\""));
	assert_int_equal(count(html, "<table class=\"sort\"><thead>"), 3);
	assert_lacks(html, " src=");
	assert_lacks(html, " href=");
	assert_lacks(html, "url(");
	assert_lacks(html, "http:");
	assert_lacks(html, "https:");
	free(html);
}

/* The cells of the row of a pass, without tags, with bars between. */
static const char *row_of(const char *html, const char *pass)
{
	static char text[1024];
	char cell[64];
	size_t n = 0;
	snprintf(cell, sizeof cell, "<td>%s</td>", pass);
	const char *p = strstr(html, cell);
	assert_non_null(p);
	for (p += strlen(cell); strncmp(p, "</tr>", 5) && n + 1 < sizeof text; p++) {
		if (*p == '<' && p[1] == '/' && p[2] == 't')
			text[n++] = '|';
		if (*p == '<')
			p = strchr(p, '>');
		else
			text[n++] = *p;
	}
	text[n] = 0;
	return text;
}

#define NO "\xe2\x80\x93" /* a dash */
#define LESS "\xe2\x88\x92"

/* tiny.ir: 24 bytes of weights; maps of 192 bytes. */
static void html_tells_what_each_pass_did(void **state)
{
	(void)state;
	must(DSSDC " inspect tiny.ir --emit=html --target=c99");
	assert_string_equal(row_of(out, "import"), "2|" NO "|" NO "|0.000|24|384|" NO "|" NO "|the model as it was read|");
	assert_has(row_of(out, "fuse_act"), "1 (" LESS "1)|2|" NO "|0.000|24|192 (" LESS "192)|" NO "|" NO "|activations into");
	assert_has(row_of(out, "select_kernels"), "|1 (+1)|");
	assert_int_equal(count(strstr(out, "effect of each pass\"><table"), "</tr>\n<tr"), pipeline_inference.length);
	must(DSSDC " inspect tiny.ir --emit=html --target=c99 --disable-pass=fuse_act");
	assert_has(out, "<tr class=\"off\"><td class=\"n\">6</td><td>fuse_act</td>");
	assert_has(row_of(out, "fuse_act"), "|did not run|");
	assert_has(row_of(out, "select_kernels"), "|2 (+2)|");
	must(DSSDC " inspect tiny.ir --emit=html --target=c99 --stop-after=fuse_act");
	assert_has(row_of(out, "select_kernels"), "|did not run|");
}

static void html_has_weights_work_and_a_legend(void **state)
{
	(void)state;
	must(DSSDC " inspect " SMALL " --emit=html --target=c99 -o net.html && " DSSDC " inspect " SMALL
	           " --emit=json --target=c99 -o net.json");
	size_t size;
	char *html = read_file("net.html", &size), *json = read_file("net.json", &size), row[256];
	const char *legend = strstr(html, "<ul class=\"legend\">");
	assert_non_null(legend);
	*strstr(legend, "</ul>") = 0;
	assert_has(legend, "convolution");
	assert_has(legend, "boxes and suppression");
	assert_lacks(legend, "matrix product");
	assert_int_equal(count(legend, "reshape or permutation"), 1);
	legend += strlen(legend) + 1;
	cJSON *o = cJSON_Parse(json);
	assert_non_null(o);
	const int nodes = count(strstr(legend, "weights and work of each node\"><table"), "<td class=\"name\">");
	assert_true(nodes > number_of(o, "kernels"));
	snprintf(row, sizeof row, "|%.0f|", number_of(o, "kernels"));
	assert_has(row_of(legend, "plan_memory"), row);
	cJSON_Delete(o);
	free(html);
	free(json);
}

/* A node of two results shows both shapes, in every form of report; the first extent is left out where it is a batch of 1, nowhere else. */
static void shapes_of_all_results(void **state)
{
	(void)state;
	write_text("two.ir", "dssdc.ir 1\ngraph \"two\"\ninput %1 \"x\" : f32[1,3,4]\n"
	                     "%2, %3 = topk \"t\" %1 axis=2 k=2 : f32[1,3,2], i64[1,3,2]\noutput %2 %3\n");
	must(DSSDC " inspect two.ir");
	assert_has(out, " topk       3x2, 3x2  ");
	must(DSSDC " inspect two.ir --emit=dot");
	assert_has(out, "topk\\n1x3x2\\n1x3x2\"");
	must(DSSDC " inspect two.ir --emit=html");
	assert_int_equal(count(out, "3\xc3\x97"
	                            "2, 3\xc3\x97"
	                            "2<"),
	                 2); /* the graph, and the table of nodes */
	must(DSSDC " inspect two.ir --emit=json");
	cJSON *o = cJSON_Parse(out);
	assert_non_null(o);
	static const char *const lists[] = {"layers", "emitted"};
	for (int i = 0; i < 2; i++) {
		const cJSON *node = cJSON_GetArrayItem(cJSON_GetObjectItem(o, lists[i]), 0);
		assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(node, "shapes")), 2);
		assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(node, "arena_offsets")), i ? 2 : 0);
	}
	cJSON_Delete(o);
	must(DSSDC " inspect '" SOURCE_DIR "/tests/golden/detector.ir' --emit=html");
	assert_int_equal(count(out, "5\xc3\x97"
	                            "6<"),
	                 2); /* five detections at most */
	must(DSSDC " inspect '" SOURCE_DIR "/tests/golden/detector.ir'");
	assert_has(out, " detect     5x6  ");
}

static void reports_survive_strange_names(void **state)
{
	(void)state;
	write_text("odd.ir", "dssdc.ir 1\ngraph \"<b>&\\\"\\xff\"\ninput %1 \"x\" : f32[1,2,4,4]\n"
	                     "%2 = softmax \"</text><script>\\\"\\\\ \\xc3\\x28 \\x07\\x0a\" %1 axis=1\n"
	                     "%3 = eltwise \"\xc3\xa9 --> ]]>\" %2 fn=relu\noutput %3\n");
	must(DSSDC " inspect odd.ir --emit=json >odd.json && iconv -f UTF-8 -t UTF-8 odd.json >/dev/null");
	size_t size;
	char *text = read_file("odd.json", &size);
	cJSON *o = cJSON_Parse(text);
	assert_non_null(o);
	assert_string_equal(cJSON_GetObjectItem(o, "model")->valuestring, "<b>&\"\357\277\275");
	cJSON_Delete(o);
	free(text);
	must(DSSDC " inspect odd.ir --emit=html -o odd.html && " DSSDC " inspect " SMALL " --emit=html -o net.html");
	check_html("odd.html");
	check_html("net.html");
	must(DSSDC " inspect odd.ir --emit=dot -o odd.dot && iconv -f UTF-8 -t UTF-8 odd.dot >/dev/null");
	must(DSSDC " inspect " SMALL " --emit=dot -o net.dot");
	must("! command -v dot >/dev/null || (dot -Tsvg odd.dot >/dev/null && dot -Tsvg net.dot >/dev/null)");
	must("test $(grep -c ' -> ' net.dot) -gt 50 && ! grep -vE '^digraph|^}$|^\trankdir|^\tnode |"
	     "^\tin[0-9]+ .label=\"[^\"]*\", shape=oval.;$|^\tn[0-9]+ .label=\"[^\"]*\"(, style=dashed)?.;$|^\ti?n[0-9]+ -> n[0-9]+;$' "
	     "net.dot odd.dot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(endings_choose_the_report),     cmocka_unit_test(json_holds_the_totals),
	    cmocka_unit_test(text_tells_what_is_counted),    cmocka_unit_test(queues_shorten_the_chain),
	    cmocka_unit_test(html_tells_what_each_pass_did), cmocka_unit_test(html_has_weights_work_and_a_legend),
	    cmocka_unit_test(shapes_of_all_results),         cmocka_unit_test(reports_survive_strange_names),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
