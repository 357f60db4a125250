/* test_onnx_numbers.c -- operators whose numbers ONNX's text leaves open or has otherwise than those who run models: Resize by
 * fractional scales, norms of zero, choices that are known. The numbers are onnxruntime's (1.32). */
#include "tests/import/onnx_expect.h"

static Graph *imported(const char *text, int opset)
{
	OnnxText t = onnx_text(text);
	t.opset = opset;
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	Messages m;
	messages_open(&m);
	Graph *g = import_file(&m.diag);
	if (!g)
		fail_msg("%s\n%s", text, messages_text(&m));
	messages_free(&m);
	return g;
}

static void expect_numbers(const Graph *g, const double *x, const double *want, int count)
{
	Arena *a = arena_new();
	Tensor out;
	eval_graph(g, &x, &out, NULL, NULL, a);
	assert_int_equal(type_count(&out.type), count);
	for (int i = 0; i < count; i++)
		if (!(fabs(out.data[i] - want[i]) <= 2e-5 * (1 + fabs(want[i]))))
			fail_msg("number %d is %.7g, not %.7g", i, out.data[i], want[i]);
	arena_free(a);
}

/* ---- Resize of 0, 1, 2 .. along the last axis ---- */

static const struct {
	const char *mode, *coordinates, *nearest;
	int size;
	double scale;
	int opset, count;
	double want[40];
} resizes[] = {
    {"nearest", "asymmetric", "floor", 10, 0.600000024, 13, 6, {0, 1, 3, 5, 6, 8}},
    {"nearest", "asymmetric", "floor", 10, 1.10000002, 13, 11, {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
    {"nearest", "asymmetric", "floor", 10, 1.20000005, 13, 12, {0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9}},
    {"nearest", "asymmetric", "floor", 10, 0.333333343, 13, 3, {0, 3, 6}},
    {"nearest", "asymmetric", "floor", 10, 2.46153855, 13, 24, {0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9}},
    {"nearest", "half_pixel", "floor", 10, 0.600000024, 13, 6, {0, 2, 3, 5, 6, 8}},
    {"nearest", "half_pixel", "round_prefer_floor", 26, 1.29999995, 13, 33, {0,  1,  1,  2,  3,  4,  4,  5,  6,  7,  8,
                                                                             8,  9,  10, 11, 11, 12, 13, 14, 14, 15, 16,
                                                                             17, 18, 18, 19, 20, 21, 21, 22, 23, 24, 24}},
    {"nearest", "half_pixel", "round_prefer_ceil", 10, 1.20000005, 13, 12, {0, 1, 2, 2, 3, 4, 5, 6, 7, 7, 8, 9}},
    {"nearest", "asymmetric", "round_prefer_ceil", 11, 1.20000005, 13, 13, {0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 8, 9, 10}},
    {"nearest", "asymmetric", "ceil", 7, 2.46153855, 13, 17, {0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6}},
    {"nearest", "tf_half_pixel_for_nn", "floor", 10, 1.20000005, 13, 12, {0, 1, 2, 2, 3, 4, 5, 6, 7, 7, 8, 9}},
    {"nearest", "pytorch_half_pixel", "floor", 5, 0.600000024, 13, 3, {0, 2, 3}},
    {"nearest", "align_corners", "floor", 5, 1.5, 13, 7, {0, 0, 1, 2, 2, 3, 4}},
    {"linear", "align_corners", "floor", 5, 1.5, 13, 7, {0, 0.666667, 1.33333, 2, 2.66667, 3.33333, 4}},
    {"cubic", "align_corners", "floor", 5, 1.5, 13, 7, {0, 0.574074, 1.37037, 2, 2.62963, 3.42593, 4}},
    {"linear", "align_corners", "floor", 5, 0.5, 13, 2, {0, 4}},
    {"linear", "align_corners", "floor", 7, 0.600000024, 13, 4, {0, 2, 4, 6}},
    {"linear",
     "half_pixel",
     "floor",
     10,
     1.10000002,
     13,
     11,
     {0, 0.863636, 1.77273, 2.68182, 3.59091, 4.5, 5.40909, 6.31818, 7.22727, 8.13636, 9}},
    {"linear", "asymmetric", "floor", 5, 1.20000005, 13, 6, {0, 0.833333, 1.66667, 2.5, 3.33333, 4}},
    {"cubic", "half_pixel", "floor", 5, 1.29999995, 13, 6, {-0.0677199, 0.560266, 1.44185, 2.2401, 2.94447, 3.7932}},
    {"nearest", "asymmetric", "floor", 4, 1.10000002, 13, 4, {0, 1, 2, 3}},
    {"nearest", "asymmetric", "floor", 4, 0.600000024, 10, 2, {0, 2}},
    {"linear", "asymmetric", "floor", 4, 1.20000005, 10, 4, {0, 1, 2, 3}},
};

static void resize(void **state)
{
	(void)state;
	double x[40];
	for (int i = 0; i < 40; i++)
		x[i] = i;
	for (size_t i = 0; i < sizeof resizes / sizeof *resizes; i++) {
		char text[400];
		if (resizes[i].opset > 10)
			snprintf(text, sizeof text,
			         "x:f[1,1,1,%d] s:f[4]=1,1,1,%.9g | Resize x,_,s -> y mode='%s' coordinate_transformation_mode='%s' "
			         "nearest_mode='%s' | y",
			         resizes[i].size, resizes[i].scale, resizes[i].mode, resizes[i].coordinates, resizes[i].nearest);
		else
			snprintf(text, sizeof text, "x:f[1,1,1,%d] s:f[4]=1,1,1,%.9g | Resize x,s -> y mode='%s' | y", resizes[i].size,
			         resizes[i].scale, resizes[i].mode);
		print_message("%s\n", text);
		Graph *g = imported(text, resizes[i].opset);
		expect_numbers(g, x, resizes[i].want, resizes[i].count);
		graph_free(g);
	}
}

/* Integers are cut to whole numbers once, not at each axis. */
static void resize_of_integers(void **state)
{
	(void)state;
	static const double bytes[6] = {10, 251, 7, 96, 33, 200}, ints[6] = {-90, 151, -93, -4, -67, 100};
	Graph *g = imported("x:u[1,1,2,3] s:f[4]=1,1,2,2 | Resize x,_,s -> y mode='linear' | y", 13);
	expect_numbers(g, bytes,
	               (double[]){10, 70, 190, 190, 68, 7, 31, 72, 155, 161, 90, 55, 74, 77, 84, 103, 135, 151, 96, 80, 48, 74, 158, 200},
	               24);
	graph_free(g);
	g = imported("x:n[1,1,2,3] s:f[4]=1,1,2,2 | Resize x,_,s -> y mode='linear' | y", 13);
	expect_numbers(
	    g, ints,
	    (double[]){-90, -29, 90, 90, -32, -93, -68, -27, 55, 61, -9, -44, -25, -22, -15, 3, 35, 51, -4, -19, -51, -25, 58, 100}, 24);
	graph_free(g);
}

/* ---- division by what may be 0 ---- */

static void norms_of_zero(void **state)
{
	(void)state;
	static const double x[8] = {0, 0, 0, 0, 3, -4, 0, 0};
	Graph *g = imported("x:f[2,4] | LpNormalization x -> y axis=1 p=2 | y", 13);
	expect_numbers(g, x, (double[]){0, 0, 0, 0, 0.6, -0.8, 0, 0}, 8);
	graph_free(g);
	g = imported("x:f[2,4] | LpNormalization x -> y axis=1 p=1 | y", 13);
	expect_numbers(g, x, (double[]){0, 0, 0, 0, 3.0 / 7, -4.0 / 7, 0, 0}, 8);
	graph_free(g);
	g = imported("x:f[4] | DynamicQuantizeLinear x -> q,s,z ; Cast q -> f to=1 ; Add f,s -> y | y", 13);
	expect_numbers(g, x, (double[]){1, 1, 1, 1}, 4);
	graph_free(g);
	static const double none[3] = {-INFINITY, -INFINITY, -INFINITY};
	g = imported("x:f[1,3] | ReduceLogSumExp x -> r axes=[1] ; Exp r -> y | y", 13);
	expect_numbers(g, none, (double[]){0}, 1);
	graph_free(g);
}

/* ---- If ---- */

static const char *shape_nodes = ""; /* before the If */

/* y = If(condition) then -x else x + x; behind it a Relu. */
static OnnxText choice(const char *before)
{
	char text[600];
	OnnxText t = onnx_text((snprintf(text, sizeof text, "%s | %sIdentity x -> before | z", before, shape_nodes), text));
	Proto node = {0}, after = {0};
	static const char *const branches[] = {"then_branch", "else_branch"};
	proto_string(&node, 1, "cond");
	proto_string(&node, 2, "y");
	proto_string(&node, 3, "choose");
	proto_string(&node, 4, "If");
	for (int i = 0; i < 2; i++) {
		Proto graph = {0}, inner = {0}, out = {0}, attribute = {0};
		proto_string(&inner, 1, "x");
		if (i)
			proto_string(&inner, 1, "x");
		proto_string(&inner, 2, "r");
		proto_string(&inner, 4, i ? "Add" : "Neg");
		proto_message(&graph, 1, &inner);
		proto_string(&out, 1, "r");
		proto_message(&graph, 12, &out);
		proto_string(&attribute, 1, branches[i]);
		proto_message(&attribute, 6, &graph);
		proto_int(&attribute, 20, 5);
		proto_message(&node, 5, &attribute);
	}
	proto_message(&t.graph, 1, &node);
	proto_string(&after, 1, "y");
	proto_string(&after, 2, "z");
	proto_string(&after, 4, "Relu");
	proto_message(&t.graph, 1, &after);
	return t;
}

static void expect_choice(OnnxText t, const double *want)
{
	static const double x[2] = {-1, 2};
	Messages m;
	messages_open(&m);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	Graph *g = import_file(&m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	expect_numbers(g, x, want, 2);
	graph_free(g);
	messages_free(&m);
}

static void branch_that_is_taken(void **state)
{
	(void)state;
	expect_choice(choice("x:f[2] cond:b[1]=1"), (double[]){1, 0});
	expect_choice(choice("x:f[2] cond:b[]=0"), (double[]){0, 4});
	OnnxText t = choice("x:f[2] cond:b[1]");
	expect_model(&t, DIAG_UNSUPPORTED,
	             "layer 'choose': the condition of If must be known when the model is compiled; it is input 'cond'");
}

/* The condition comes from the shape of an input, as exporters of squeeze() write it. */
static void condition_from_a_shape(void **state)
{
	(void)state;
	shape_nodes = "Shape x -> sh ; Size sh -> n ; Equal n,two -> cond ; ";
	expect_choice(choice("x:f[2] two:i[]=2"), (double[]){0, 4});
	expect_choice(choice("x:f[1,2] two:i[]=2"), (double[]){1, 0});
	shape_nodes = "";
}

/* ---- open extents ---- */

static void expect_dims(const char *text, const char *const *dims, int rank, const int64_t *want, const char *message)
{
	OnnxText t = onnx_text(text);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	Messages m;
	messages_open(&m);
	Graph *g = import_onnx(path, &(ImportOptions){.threshold = -1, .nms = -1, .dims = dims}, &m.diag);
	if (message) {
		assert_null(g);
		assert_message(&m, message);
	} else if (!g) {
		fail_msg("%s", messages_text(&m));
	} else {
		assert_int_equal(g->input[0]->type.rank, rank);
		for (int i = 0; i < rank; i++)
			assert_int_equal(g->input[0]->type.dim[i], want[i]);
	}
	graph_free(g);
	messages_free(&m);
}

#define DIMS(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void open_extents(void **state)
{
	(void)state;
	static const int64_t want[4] = {1, 3, 48, 192};
	expect_dims("x:f[-1,3,?h,?h] | Relu x -> y | y", DIMS("x:0=1", "x:2=48", "x:3=192"), 4, want, NULL);
	expect_dims("x:f[-1,3,?h,?h] | Relu x -> y | y", DIMS("x:0=1", "h=48", "x:3=192"), 4, want, NULL);
	expect_dims("x:f[-1,3,48,192] | Relu x -> y | y:f[-1,3,48,192]", DIMS("x:0=1"), 4, want, NULL);
	expect_dims("x | Relu x -> y | y", DIMS("x:0=1"), 4, want, "has no type");
	expect_dims("x:f[?,3,48,192] | Relu x -> y | y", DIMS("=1"), 4, want, "dimension 0 is open: choose one with --dim x:0=N");
	expect_dims("x:f[?n,3,48,192] | Relu x -> y | y", DIMS("x:0=a"), 4, want, "an extent from 0 to 2147483647 is needed");
	expect_dims("x:f[?n,3,48,192] | Relu x -> y | y", DIMS("x:0=1", "x:4=1"), 4, want, "--dim x:4=1: no input has such an open extent");
	expect_dims("x:f[?n,3,48,192] | Relu x -> y | y", DIMS("x:1=1"), 4, want,
	            "choose one with --dim n=N, or for this place alone with --dim x:0=N");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(resize),
	    cmocka_unit_test(resize_of_integers),
	    cmocka_unit_test(norms_of_zero),
	    cmocka_unit_test(branch_that_is_taken),
	    cmocka_unit_test(condition_from_a_shape),
	    cmocka_unit_test(open_extents),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
