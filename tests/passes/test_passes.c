/* test_passes.c -- each pass on small graphs: the graph it makes, and that it computes the same.
 *
 * Every NAME.ir beside this file holds cases of one pass:
 *
 *     ; pass fold_norm                  the header; then, in any order: -O0, target=avx512
 *     <graph>
 *     ---
 *     <graph after the pass, as it is printed with its constants; or the one word "unchanged">
 *
 * Several cases of a file are separated by their headers; text between a header and the graph that begins with # says
 * what the case shows. Both graphs are evaluated on the same input. DSSDC_UPDATE=1 writes the expected graphs anew (to
 * be read before they are believed). Every pass of the pipeline has at least two cases, and where it is optional one
 * that it must leave alone. */
#include "codegen/codegen.h"
#include "passes/figures.h"
#include "passes/pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
	const char *file, *header, *before, *after;
	const Pass *pass;
	const Target *target;
	bool optimize;
	int number;
} Case;

typedef struct Count {
	int cases, unchanged;
} Count;

static char *read_file(const char *path, Arena *a)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *text = arena_alloc(a, 1 << 20);
	size_t n = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	text[n] = 0;
	return text;
}

static char *print_graph(const Graph *g, Arena *a)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	graph_print(g, f, (PrintOptions){.constants = true});
	fclose(f);
	char *copy = arena_strndup(a, text, size);
	free(text);
	return copy;
}

static Graph *parse(const Case *c, const char *text)
{
	Diag d = {.out = stderr};
	Graph *g = graph_parse(c->file, text, strlen(text), kernel_by_name, &d);
	if (!g)
		fail_msg("%s, case %d: the graph is refused", c->file, c->number);
	graph_check(g);
	return g;
}

static void run_pass(const Case *c, Graph *g)
{
	Diag d = {.out = stderr};
	PassContext context = {.target = c->target, .scratch = arena_new(), .diag = &d, .optimize = c->optimize};
	c->pass->run(&context, g);
	graph_sweep(g);
	graph_check(g);
	arena_free(context.scratch);
	assert_int_equal(diag_errors(&d), 0);
}

/* ---- the same numbers ---- */

static Tensor *evaluate(const Graph *g, Arena *a)
{
	const double **in = arena_new_array(a, const double *, g->ninput + 1);
	uint32_t state = 12345;
	for (int i = 0; i < g->ninput; i++) {
		int64_t n = type_count(&g->input[i]->type);
		double *x = arena_new_array(a, double, n + 1);
		for (int64_t k = 0; k < n; k++) {
			state = state * 1664525u + 1013904223u;
			x[k] = number_round(g->input[i]->type.dtype, (double)(state >> 20) / 1024 - 2);
		}
		in[i] = x;
	}
	Tensor *out = arena_new_array(a, Tensor, g->noutput + 1);
	eval_graph(g, in, out, NULL, NULL, a);
	return out;
}

/* A pass may change numbers by that share. */
static double rounding(const Case *c)
{
	const DType map = c->target->chosen.map;
	return map == DT_F16 ? 4e-3 : map == DT_BF16 ? 4e-2 : 1e-5;
}

static void check_numbers(const Case *c, const Graph *before, const Graph *after, Arena *a)
{
	Tensor *x = evaluate(before, a), *y = evaluate(after, a);
	assert_int_equal(before->noutput, after->noutput);
	for (int i = 0; i < before->noutput; i++) {
		int64_t n = type_count(&x[i].type);
		assert_true(type_same_shape(&x[i].type, &y[i].type));
		for (int64_t k = 0; k < n; k++)
			if (!(fabs(x[i].data[k] - y[i].data[k]) <= rounding(c) * (1 + fabs(x[i].data[k]))))
				fail_msg("%s, case %d: output %d is %g at %lld, was %g", c->file, c->number, i, y[i].data[k], (long long)k,
				         x[i].data[k]);
	}
}

/* ---- cases ---- */

/* Runs the case; returns the graph that the pass made, or "unchanged". */
static const char *run_case(const Case *c, Arena *a)
{
	Graph *before = parse(c, c->before), *g = parse(c, c->before);
	const char *was = print_graph(g, a);
	run_pass(c, g);
	check_numbers(c, before, g, a);
	const char *is = print_graph(g, a);
	graph_free(parse(c, is)); /* what it prints is a legal graph */
	graph_free(before);
	graph_free(g);
	return strcmp(was, is) ? is : "unchanged\n";
}

static const Target *target_in(const Target *t, const char *precision, Arena *a)
{
	Target *copy = arena_new_one(a, Target);
	*copy = *t;
	for (const Precision *p = t->precision; p->name; p++)
		if (!strcmp(p->name, precision)) {
			copy->chosen = *p;
			return copy;
		}
	return NULL;
}

static void parse_header(Case *c, Arena *a)
{
	char *line = arena_strndup(a, c->header, strcspn(c->header, "\n")), *save = NULL;
	c->optimize = true;
	c->target = target_find("c99");
	assert_string_equal(strtok_r(line, " ", &save), ";");
	assert_string_equal(strtok_r(NULL, " ", &save), "pass");
	c->pass = pass_find(&pipeline_inference, strtok_r(NULL, " ", &save));
	for (char *word; (word = strtok_r(NULL, " ", &save));) {
		if (!strcmp(word, "-O0"))
			c->optimize = false;
		else if (!strncmp(word, "target=", 7))
			c->target = target_find(word + 7);
		else if (!strncmp(word, "precision=", 10))
			c->target = target_in(c->target, word + 10, a);
		else
			fail_msg("%s, case %d: unknown word '%s'", c->file, c->number, word);
	}
	if (!c->pass || !c->target)
		fail_msg("%s, case %d: unknown pass or target", c->file, c->number);
}

/* Cuts the text of one case into its pieces. */
static void cut_case(Case *c, char *text, Arena *a)
{
	c->header = text;
	parse_header(c, a);
	char *graph = strstr(text, "dssdc.ir"), *line = strstr(text, "---\n");
	if (!graph || !line || graph > line)
		fail_msg("%s, case %d: 'dssdc.ir 1', the graph and '---' are expected", c->file, c->number);
	*line = 0;
	c->before = arena_strdup(a, graph);
	c->after = line + 4;
	*line = '-';
}

static void run_file(const char *path, Count *count)
{
	Arena *a = arena_new();
	char *text = read_file(path, a), *updated = NULL;
	size_t size;
	FILE *out = open_memstream(&updated, &size);
	int number = 0, wrong = 0;
	for (char *at = text, *next; at; at = next) {
		next = strstr(at + 1, "\n; pass ");
		if (next)
			*next++ = 0;
		Case c = {.file = strrchr(path, '/') + 1, .number = ++number};
		cut_case(&c, at, a);
		const char *got = run_case(&c, a);
		Count *n = &count[c.pass - pipeline_inference.pass];
		n->cases++;
		n->unchanged += !strcmp(got, "unchanged\n");
		size_t length = strlen(got) - 1; /* the last newline of a case was cut */
		if (strncmp(got, c.after, length) || (c.after[length] && strcmp(c.after + length, "\n"))) {
			wrong++;
			if (!getenv("DSSDC_UPDATE"))
				print_error("%s, case %d: the pass made\n%s", c.file, number, got);
		}
		fprintf(out, "%.*s---\n%s", (int)(strstr(at, "---\n") - at), at, got);
	}
	fclose(out);
	FILE *f = wrong && getenv("DSSDC_UPDATE") ? fopen(path, "wb") : NULL;
	if (f) {
		fwrite(updated, 1, size, f);
		fclose(f);
		wrong = 0;
	}
	free(updated);
	arena_free(a);
	assert_int_equal(wrong, 0);
}

static void test_files(void **state)
{
	glob_t files;
	Count *count = calloc((size_t)pipeline_inference.length, sizeof *count);
	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/tests/passes/*.ir", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(files.gl_pathv[i], count);
	for (int i = 0; i < pipeline_inference.length; i++) {
		bool untyped_only = !strcmp(pipeline_inference.pass[i].name, "infer_types"); /* and texts are typed: test_infer_types */
		if (count[i].cases < 2 || (count[i].unchanged == count[i].cases && !untyped_only))
			fail_msg("pass %s: %d cases, %d of them unchanged", pipeline_inference.pass[i].name, count[i].cases,
			         count[i].unchanged);
		if (pipeline_inference.pass[i].optional && !count[i].unchanged)
			fail_msg("pass %s has no case that it must leave alone", pipeline_inference.pass[i].name);
	}
	globfree(&files);
	free(count);
}

static void test_infer_types(void **state)
{
	int64_t dim[4] = {1, 2, 6, 5};
	Diag d = {0};
	PassContext c = {.target = target_find("c99"), .scratch = arena_new(), .diag = &d};
	(void)state;
	Graph *g = graph_new("g");
	Value *x = graph_input(g, "x", type_make(DT_F32, 4, dim));
	Node *pool = graph_node(g, OP_pool2d, "pool", 1, &x, 1), *act = graph_node(g, OP_eltwise, "act", 1, &pool->out[0], 1);
	pool->u.pool2d.kernel[0] = pool->u.pool2d.stride[0] = 2;
	act->u.eltwise.fn = FN_relu;
	graph_output(g, node_out(act));
	pass_infer_types(&c, g);
	assert_int_equal(diag_errors(&d), 0);
	assert_int_equal(node_out(act)->type.dim[2], 3);
	assert_int_equal(node_out(act)->type.dim[3], 5);
	pool->u.pool2d.stride[1] = 0; /* two mistakes, two messages; what reads them adds none */
	act->u.eltwise.fn = FN_add;
	pass_infer_types(&c, g);
	assert_int_equal(diag_errors(&d), 2);
	arena_free(c.scratch);
	graph_free(g);
}

/* At -O0 optional passes do not run, nor do those that are disabled. */
static void test_runner(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[1,2,3,3]\nconst %2 : f32[2,2,1,1] = 1 2 3 4\n"
	                           "%3 = conv2d \"a\" %1 %2\n%4 = eltwise \"b\" %3 fn=relu\noutput %4\n";
	static const char *const disable[] = {"fuse_act", NULL};
	const PipelineOptions options[3] = {{.optimize = false}, {.optimize = true}, {.optimize = true, .disable = disable}};
	const int nodes[3] = {2, 1, 2};
	(void)state;
	for (int i = 0; i < 3; i++) {
		Diag d = {.out = stderr};
		Graph *g = graph_parse("text", text, sizeof text - 1, NULL, &d);
		assert_non_null(g);
		assert_true(pipeline_run(&pipeline_inference, g, target_find("c99"), &options[i], &d));
		assert_int_equal(g->nnode, nodes[i]);
		graph_free(g);
	}
}

/* The runner takes any rows as a pipeline, in their order, and the history names it. */
static void test_other_pipeline(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[1,2,3,3]\nconst %2 : f32[2,2,1,1] = 1 2 3 4\n"
	                           "%3 = conv2d \"a\" %1 %2\n%4 = eltwise \"b\" %3 fn=relu\noutput %4\n";
	const Pass rows[2] = {*pass_find(&pipeline_inference, "infer_types"), *pass_find(&pipeline_inference, "fuse_act")};
	const Pipeline other = {"other", rows, 2};
	Diag d = {.out = stderr};
	PassHistory h = {.arena = arena_new()};
	(void)state;
	assert_null(pass_find(&other, "plan_memory"));
	Graph *g = graph_parse("text", text, sizeof text - 1, NULL, &d);
	assert_non_null(g);
	assert_true(pipeline_run(&other, g, target_find("c99"), &(PipelineOptions){.optimize = true, .history = &h}, &d));
	assert_ptr_equal(h.pipeline, &other);
	assert_int_equal(h.row[1].nodes, 2);
	assert_int_equal(h.row[2].nodes, 1);
	assert_false(h.row[3].ran);
	assert_null(g->node[0]->kernel);
	assert_int_equal(g->arena_size, 0);
	arena_free(h.arena);
	graph_free(g);
}

/* --verify-each finds a pass that changes the numbers. */
static void test_verify_notices(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[1,2,3,3]\n"
	                           "%3 = eltwise \"a\" %1 fn=relu\noutput %3\n";
	Diag d = {0};
	(void)state;
	Graph *g = graph_parse("text", text, sizeof text - 1, NULL, &d);
	assert_non_null(g);
	VerifyState *s = verify_begin(g);
	assert_true(verify_step(s, g, "nothing", &d));
	g->node[0]->u.eltwise.fn = FN_abs;
	assert_false(verify_step(s, g, "a wrong pass", &d));
	assert_int_equal(d.count[DIAG_DIFFERENCE], 1);
	verify_end(s);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),          cmocka_unit_test(test_infer_types),    cmocka_unit_test(test_runner),
	    cmocka_unit_test(test_other_pipeline), cmocka_unit_test(test_verify_notices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
