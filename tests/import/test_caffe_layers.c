/* test_caffe_layers.c -- numbers of Caffe's layers and those of its forks, evaluated and compared with numbers made by
 * hand from the layer's definition. tests/e2e/test_opencv_layers_slow.c compares the same layers with OpenCV where it
 * reads them. */
#include "tests/import/caffe_net.h"

static const double ramp[] = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12, 13, -14, 15, -16, 17, -18, 19, -20, 21, -22, 23, -24};

static void test_dropout(void **state)
{
	(void)state;
#define DROPOUT(param) NET_OF("4", "layer { name: 'd' type: 'Dropout' bottom: 'x' top: 'y' " param " }")
	const double *const *in = INPUTS(ramp);
	net_expect((CaffeNet){.text = DROPOUT("dropout_param { dropout_ratio: 0.25 scale_train: false }")}, in, 1,
	           NUMBERS(0.75, -1.5, 2.25, -3));
	net_expect((CaffeNet){.text = DROPOUT("dropout_param { scale_train: false }")}, in, 1, NUMBERS(0.5, -1, 1.5, -2));
	net_expect((CaffeNet){.text = DROPOUT("dropout_param { dropout_ratio: 0.25 }")}, in, 1, NUMBERS(1, -2, 3, -4));
	net_expect((CaffeNet){.text = DROPOUT("")}, in, 1, NUMBERS(1, -2, 3, -4));
	net_refused((CaffeNet){.text = DROPOUT("dropout_param { dropout_ratio: 1 }")}, DIAG_REJECT,
	            "layer 'd': dropout_ratio is 1; 0 or more and below 1 is accepted");
	net_refused((CaffeNet){.text = DROPOUT("dropout_param { dropout_ratio: nan }")}, DIAG_REJECT, "dropout_ratio is nan");
}

/* ---- NVIDIA's BatchNorm ---- */

#define BN(param) NET_OF("2, 1, 2", "layer { name: 'b' type: 'BatchNorm' bottom: 'x' top: 'y' " param " }")

static CaffeNet bn(const char *text, int blobs, float factor)
{
	static const int count[] = {2, 2, 1, 2, 2};
	CaffeNet n = {.text = text};
	net_weights(
	    &n, "b", blobs, count,
	    (const float *const[]){(const float[]){1, 3}, (const float[]){4, 9}, &factor, (const float[]){2, 6}, (const float[]){10, -1}});
	return n;
}

static void test_batch_norm(void **state)
{
	(void)state;
	static const char eps0[] = BN("batch_norm_param { eps: 0 }"), stated[] = BN("batch_norm_param { eps: 0 scale_bias: true }"),
	                  filler[] = BN("batch_norm_param { eps: 0 scale_filler { value: 1 } }"),
	                  filler2[] = BN("batch_norm_param { eps: 0 bias_filler { type: 'constant' } }"),
	                  never[] = BN("batch_norm_param { eps: 0 scale_bias: false }");
	static const char *const five[] = {eps0, stated, filler, filler2};
	const double *const *in = INPUTS(ramp);
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 2; k++) /* a count in blob 2 divides nothing */
			net_expect(bn(five[i], 5, k ? 731 : 1), in, 1, NUMBERS(10, 7, -1, -15));
	net_expect(bn(eps0, 3, 1), in, 1, NUMBERS(0, -1.5, 0, -7.0 / 3));
	net_expect(bn(never, 3, 1), in, 1, NUMBERS(0, -1.5, 0, -7.0 / 3));
	net_expect(bn(eps0, 3, 4), in, 1, NUMBERS(0.75, -2.25, 1.5, -19.0 / 6));
	net_refused(bn(eps0, 4, 1), DIAG_REJECT,
	            "layer 'b': 4 blobs; the network's BatchNorm needs 3: mean, variance, factor; 5 with scale_bias");
	net_refused(bn(never, 5, 1), DIAG_REJECT, "layer 'b': 5 blobs; the network's BatchNorm needs 3");
	net_refused(bn(stated, 3, 1), DIAG_REJECT,
	            "layer 'b': 3 blobs; the network's BatchNorm needs 5: mean, variance, factor, gamma, beta (scale_bias)");
	Graph *g = net_good((CaffeNet){.text = stated}); /* without weights */
	assert_int_equal(g->node[0]->nin, 5);
	graph_free(g);
}

/* SegNet's and PSPNet's */
static void test_bn(void **state)
{
	(void)state;
	static const int count[] = {2, 2, 2, 2, 2};
	static const float gamma[] = {2, 6}, beta[] = {10, -1}, mean[] = {1, 3}, var[] = {4, 9};
	const float *const value[] = {gamma, beta, mean, var, var};
	for (int blobs = 1; blobs <= 5; blobs++) {
		CaffeNet n = {.text = NET_OF("2, 1, 2", "layer { name: 'b' type: 'BN' bottom: 'x' top: 'y' bn_param { eps: 0 } }")};
		net_weights(&n, "b", blobs, count, value);
		if (blobs == 2)
			net_expect(n, INPUTS(ramp), 1, NUMBERS(12, 6, 17, -25));
		else if (blobs == 4)
			net_expect(n, INPUTS(ramp), 1, NUMBERS(10, 7, -1, -15));
		else
			net_refused(n, DIAG_REJECT, "blobs; the network's BN needs 4: gamma, beta, mean, variance; or 2: gamma, beta");
	}
}

/* ---- windows ---- */

#define WINDOW(type, param) NET_OF("1, 3, 5", "layer { name: 'c' type: '" type "' bottom: 'x' top: 'y' " param " }")

static void assert_shape(const char *text, int64_t height, int64_t width)
{
	Graph *g = net_good((CaffeNet){.text = text});
	assert_int_equal(g->output[0]->type.dim[2], height);
	assert_int_equal(g->output[0]->type.dim[3], width);
	graph_free(g);
}

static void test_one_of_a_pair(void **state)
{
	(void)state;
#define CONV(type, param) WINDOW(type, "convolution_param { num_output: 1 " param " }")
#define POOL(param) WINDOW("Pooling", "pooling_param { " param " }")
	assert_shape(CONV("Convolution", "kernel_h: 1 kernel_w: 5 pad_w: 2"), 3, 5);
	assert_shape(CONV("Convolution", "kernel_h: 1 kernel_w: 5 pad_w: 2 pad_h: 0"), 3, 5);
	assert_shape(CONV("Convolution", "kernel_size: 1 pad_h: 2"), 7, 5);
	assert_shape(CONV("ConvolutionDepthwise", "kernel_size: 1 pad_w: 1"), 3, 7);
	assert_shape(CONV("Deconvolution", "kernel_size: 3 pad_w: 1"), 5, 5);
	assert_shape(CONV("Deconvolution", "kernel_size: 3 pad_h: 1"), 3, 7);
	static const char *const bad[][2] = {
	    {CONV("Convolution", "kernel_h: 1"), "kernel_h without kernel_w; both are given, or kernel_size for both"},
	    {CONV("Convolution", "kernel_w: 1"), "kernel_w without kernel_h; both are given, or kernel_size for both"},
	    {CONV("Deconvolution", "kernel_size: 1 stride_h: 1"), "stride_h without stride_w; both are given, or stride for both"},
	    {CONV("Convolution", "kernel_size: 1 stride_w: 1"), "stride_w without stride_h; both are given, or stride for both"},
	    {CONV("Convolution", "kernel_size: 1 pad: 1 pad_w: 1"), "pad excludes pad_h and pad_w"},
	    {POOL("kernel_h: 3"), "kernel_h without kernel_w"},
	    {POOL("kernel_size: 3 pad_w: 1"), "pad_w without pad_h; both are given, or pad for both"},
	    {POOL("kernel_size: 3 pad_h: 1"), "pad_h without pad_w; both are given, or pad for both"},
	    {POOL("kernel_size: 3 stride_w: 1"), "stride_w without stride_h"},
	    {POOL("global_pooling: true pad: 1"), "global_pooling takes stride 1 and pad 0 only"},
	    {POOL("global_pooling: true stride: 2"), "global_pooling takes stride 1 and pad 0 only"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		net_refused((CaffeNet){.text = bad[i][0]}, DIAG_REJECT, bad[i][1]);
}

/* ---- results ---- */

#define L(name, type, fields) "layer { name: '" name "' type: '" type "' " fields " }\n"
#define B(name) "bottom: '" name "' "
#define T(name) "top: '" name "' "

/* Names of the results, in their order, one space behind each. */
static void expect_results(const char *text, const char *names)
{
	Graph *g = net_good((CaffeNet){.text = text});
	char got[300] = "";
	for (int i = 0; i < g->noutput; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", g->output[i]->name);
	if (strcmp(got, names))
		fail_msg("%s\nhas the results %s, not %s", text, got, names);
	graph_free(g);
}

static void test_results(void **state)
{
	(void)state;
#define SMALL L("p", "Pooling", B("x") T("p") "pooling_param { kernel_size: 2 }")
	/* a bottom of which only the shape counts is read */
	expect_results(NET_OF("2, 8, 8", SMALL L("k", "Crop", B("x") B("p") T("k") "crop_param { offset: 1 }")), "k ");
	expect_results(NET_OF("2, 8, 8", SMALL L("k", "Interp", B("x") B("p") T("k"))), "k ");
	expect_results(NET_OF("2, 8, 8", SMALL L("q", "ReLU", B("x") T("q"))
	                                     L("b", "PriorBox", B("p") B("q") T("b") "prior_box_param { min_size: 4 }")),
	               "b ");
	expect_results(NET_OF("2, 8, 8", L("k", "Interp", B("x") T("k") "interp_param { zoom_factor: 2 }") L("s", "Silence", B("k"))
	                                     L("t", "TanH", B("x") T("t"))),
	               "t ");
	/* by the blobs' names, as Caffe's set has them */
	expect_results(NET_OF("4", L("1", "ReLU", B("x") T("c")) L("2", "TanH", B("x") T("a")) L("3", "ELU", B("x") T("B"))), "3 2 1 ");
	/* a blob that another name is given to, and both read and not read */
	expect_results(NET_OF("4", L("1", "ReLU", B("x") T("a")) L("2", "Dropout", B("a") T("b")) L("3", "TanH", B("a") T("c"))), "1 3 ");
	expect_results(NET_OF("4", L("1", "ReLU", B("x") T("a")) L("2", "Split", B("a") T("c") T("b"))), "1 c ");
	expect_results(NET_OF("4", L("1", "Split", B("x") T("c") T("b")) L("2", "ReLU", B("c") T("d"))), "b 2 ");
	/* made again after it was read */
	expect_results(NET_OF("4", L("1", "ReLU", B("x") T("a")) L("2", "TanH", B("a") T("b")) L("3", "ELU", B("a") T("a"))), "3 2 ");
	net_refused((CaffeNet){.text = NET_OF("4", L("1", "ReLU", B("x") T("a")) L("2", "Silence", B("a")))}, DIAG_REJECT,
	            "the network has no result");
	/* the first name keeps its numbers when the second is worked on in place */
	const int count[] = {2, 2, 1};
	CaffeNet n = {.text = NET_OF("2, 1, 1", L("b", "BatchNorm", B("x") T("y") "batch_norm_param { eps: 0 }")
	                                            L("d", "Split", B("y") T("z")) L("s", "Scale", B("y") T("y")))};
	const float *const of_bn[] = {(const float[]){0, 0}, (const float[]){1, 4}, (const float[]){1}};
	net_weights(&n, "b", 3, count, of_bn);
	net_weights(&n, "s", 1, count, (const float *const[]){(const float[]){10, 100}});
	net_expect(n, INPUTS(ramp), 2, NUMBERS(10, -100, 1, -1));
}

#define DETECTION(name) L(name, "DetectionOutput", B("l") B("c") B("p") T(name) "detection_output_param { num_classes: 2 keep_top_k: 5 }")
#define SSD                                                                                         \
	"input: 'l' input: 'c' input: 'p' input_shape { dim: [1, 8] } input_shape { dim: [1, 4] } " \
	"input_shape { dim: [1, 2, 8] }\n"

static void test_detections(void **state)
{
	(void)state;
	expect_results(SSD DETECTION("a") L("r", "ReLU", B("c") T("r")), "a ");
	net_refused((CaffeNet){.text = SSD DETECTION("a") DETECTION("b")}, DIAG_UNSUPPORTED,
	            "layer 'b': a second DetectionOutput; a program returns the detections of one, layer 'a' is the first");
	expect_results(SSD DETECTION("a") DETECTION("b") L("s", "Silence", B("a")), "b ");
	expect_results(SSD DETECTION("a") L("s", "Silence", B("a")) L("r", "ReLU", B("c") T("r")), "r ");
}

static void test_counts_of_detections(void **state)
{
	(void)state;
#define COUNTS(loc, conf, prior, param)                                                                          \
	"input: 'l' input: 'c' input: 'p' input_shape { dim: [1, " loc "] } input_shape { dim: [1, " conf "] } " \
	"input_shape { dim: [" prior "] }\n" L("d", "DetectionOutput", B("l") B("c") B("p") T("d") "detection_output_param { " param " }")
	static const char *const bad[][2] = {
	    {COUNTS("8", "6", "1, 2, 8", "num_classes: 21"),
	     "layer 'd': num_classes is 21, but bottom 1 has 6 scores for 2 boxes: 3 classes"},
	    {COUNTS("8", "7", "1, 2, 8", "num_classes: 3"), "layer 'd': bottom 1 has 7 scores; 6 are needed, for 2 boxes and 3 classes"},
	    {COUNTS("12", "6", "1, 2, 8", "num_classes: 3"), "layer 'd': bottom 0 has 12 offsets; 8 are needed, 4 for each of 2 boxes"},
	    {COUNTS("8", "6", "1, 2, 8", "num_classes: 3 share_location: false"),
	     "bottom 0 has 8 offsets; 24 are needed, 4 for each of 2 boxes and 3 classes (share_location is false)"},
	    {COUNTS("8", "6", "1, 16", "num_classes: 3"), "layer 'd': bottom 2 is no list of default boxes"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		net_refused((CaffeNet){.text = bad[i][0]}, DIAG_REJECT, bad[i][1]);
	ImportOptions o = caffe_plain;
	o.labels = "models/voc.labels";
	net_refused((CaffeNet){.text = COUNTS("8", "6", "1, 2, 8", "num_classes: 3"), .o = o}, DIAG_REJECT,
	            "layer 'd': 3 classes (with background), but 'models/voc.labels' names 21");
}

/* ---- layers of forks, and those along axes ---- */

#define ONE(dims, type, param) NET_OF(dims, L("l", type, B("x") T("y") param))

static void test_senet_and_shufflenet(void **state)
{
	(void)state;
#define AXPY(a, x, y)                                                                                 \
	"input: 'a' input: 'x' input: 'y' input_shape { dim: [" a "] } input_shape { dim: [" x "] } " \
	"input_shape { dim: [" y "] }\n" L("l", "Axpy", B("a") B("x") B("y") T("z"))
	static const double a[] = {2, -1}, y[] = {100, 200, 300, 400};
	net_expect((CaffeNet){.text = AXPY("1, 2, 1, 1", "1, 2, 1, 2", "1, 2, 1, 2")}, INPUTS(a, ramp, y), 1, NUMBERS(102, 196, 297, 404));
	net_expect((CaffeNet){.text = AXPY("1, 2", "1, 2, 1, 2", "1, 2, 1, 2")}, INPUTS(a, ramp, y), 1, NUMBERS(102, 196, 297, 404));
	net_refused((CaffeNet){.text = AXPY("1, 2, 1, 2", "1, 2, 1, 2", "1, 2, 1, 2")}, DIAG_REJECT,
	            "layer 'l': bottom 0 must have one number for each channel of bottom 1");
	net_refused((CaffeNet){.text = AXPY("1, 2", "1, 2, 1, 2", "1, 2, 2, 1")}, DIAG_REJECT,
	            "layer 'l': bottom 2 has another shape than bottom 1");
#define SHUFFLE(group) ONE("6, 1, 2", "ShuffleChannel", "shuffle_channel_param { group: " group " }")
	net_expect((CaffeNet){.text = SHUFFLE("2")}, INPUTS(ramp), 1, NUMBERS(1, -2, 7, -8, 3, -4, 9, -10, 5, -6, 11, -12));
	net_expect((CaffeNet){.text = SHUFFLE("3")}, INPUTS(ramp), 1, NUMBERS(1, -2, 5, -6, 9, -10, 3, -4, 7, -8, 11, -12));
	net_refused((CaffeNet){.text = SHUFFLE("4")}, DIAG_REJECT, "layer 'l': group is 4; it must divide 6 channels");
	net_refused((CaffeNet){.text = SHUFFLE("0")}, DIAG_REJECT, "layer 'l': group is 0; it must divide 6 channels");
}

/* A factor from a second bottom: the shape of the axes, or 1 there. */
static void test_second_bottom(void **state)
{
	(void)state;
#define TWO(type, param, shape) NET_OF("2, 1, 2", "input: 'a' input_shape { dim: [" shape "] }\n" L("l", type, B("x") B("a") T("y") param))
	static const double a[] = {2, -1};
	static const char *const shapes[] = {TWO("Scale", "scale_param { axis: 0 }", "1, 2, 1, 1"),
	                                     TWO("Scale", "scale_param { axis: 0 }", "1, 2"), TWO("Scale", "scale_param { axis: 1 }", "2"),
	                                     TWO("Scale", "", "2, 1")};
	for (int i = 0; i < 4; i++)
		net_expect((CaffeNet){.text = shapes[i]}, INPUTS(ramp, a), 1, NUMBERS(2, -4, -3, 4));
	net_expect((CaffeNet){.text = TWO("Bias", "bias_param { axis: 3 }", "2")}, INPUTS(ramp, a), 1, NUMBERS(3, -3, 5, -5));
	net_expect((CaffeNet){.text = TWO("Bias", "bias_param { axis: 2 }", "1, 2")}, INPUTS(ramp, a), 1, NUMBERS(3, -3, 5, -5));
	net_refused((CaffeNet){.text = TWO("Scale", "scale_param { axis: 0 }", "1, 3")}, DIAG_REJECT,
	            "layer 'l': bottom 1 has 3 on its axis 1; 2 or 1 is needed, as axis 1 of bottom 0 has");
}

static void test_mvn(void **state)
{
	(void)state;
#define MVN(param) ONE("2, 1, 2", "MVN", "mvn_param { " param " }")
	const double e = sqrt((1.5 * 1.5 + 1.5 * 1.5 + 3.5 * 3.5 + 3.5 * 3.5) / 4) + 0.5; /* of 1, -2, 3, -4: mean -0.5 */
	net_expect((CaffeNet){.text = MVN("eps: 0.5")}, INPUTS(ramp), 1, NUMBERS(0.75, -0.75, 0.875, -0.875));
	net_expect((CaffeNet){.text = MVN("normalize_variance: false")}, INPUTS(ramp), 1, NUMBERS(1.5, -1.5, 3.5, -3.5));
	net_expect((CaffeNet){.text = MVN("across_channels: true eps: 0.5")}, INPUTS(ramp), 1,
	           NUMBERS(1.5 / e, -1.5 / e, 3.5 / e, -3.5 / e));
	net_refused((CaffeNet){.text = ONE("2", "MVN", "")}, DIAG_REJECT, "the input has 2 axes; at least 3 are needed");
}

static void test_reduction(void **state)
{
	(void)state;
#define REDUCTION(param) ONE("2, 1, 2", "Reduction", "reduction_param { " param " }")
	net_expect((CaffeNet){.text = REDUCTION("axis: 1")}, INPUTS(ramp), 1, NUMBERS(-2));
	net_expect((CaffeNet){.text = REDUCTION("axis: 2 operation: ASUM")}, INPUTS(ramp), 1, NUMBERS(3, 7));
	net_expect((CaffeNet){.text = REDUCTION("axis: -2 operation: SUMSQ coeff: 0.5")}, INPUTS(ramp), 1, NUMBERS(2.5, 12.5));
	net_expect((CaffeNet){.text = REDUCTION("axis: 1 operation: MEAN coeff: 4")}, INPUTS(ramp), 1, NUMBERS(-2));
	net_expect((CaffeNet){.text = REDUCTION("")}, INPUTS(ramp), 1, NUMBERS(-2));
	net_refused((CaffeNet){.text = REDUCTION("axis: 4")}, DIAG_REJECT, "axis is 4; -4 to 3 is accepted for 4 axes");
}

static void test_tile(void **state)
{
	(void)state;
#define TILE(param) ONE("2, 1, 2", "Tile", "tile_param { " param " }")
	net_expect((CaffeNet){.text = TILE("tiles: 2")}, INPUTS(ramp), 1, NUMBERS(1, -2, 3, -4, 1, -2, 3, -4));
	net_expect((CaffeNet){.text = TILE("axis: -1 tiles: 3")}, INPUTS(ramp), 1, NUMBERS(1, -2, 1, -2, 1, -2, 3, -4, 3, -4, 3, -4));
	Graph *g = net_good((CaffeNet){.text = TILE("axis: 2 tiles: 65")}); /* many: a list of places */
	assert_int_equal(g->output[0]->type.dim[2], 65);
	assert_true(g->node[0]->op == OP_take);
	graph_free(g);
	double many[2 * 2 * 65];
	for (int i = 0; i < 2 * 2 * 65; i++)
		many[i] = ramp[i / 130 * 2 + i % 2];
	net_expect((CaffeNet){.text = TILE("axis: 2 tiles: 65")}, INPUTS(ramp), 1, 260, many);
	net_expect((CaffeNet){.text = TILE("tiles: 1")}, INPUTS(ramp), 1, NUMBERS(1, -2, 3, -4));
	net_refused((CaffeNet){.text = TILE("")}, DIAG_REJECT, "tiles is 0; 1 or more is accepted");
	net_refused((CaffeNet){.text = TILE("tiles: 2147483647")}, DIAG_LIMIT, "in a Tile layer; the limit is 4194304");
}

static void test_arg_max(void **state)
{
	(void)state;
	static const double x[] = {3, 7, 7, -1, 2, 7, 5, 0};
#define ARG_MAX(param) ONE("2, 2, 2", "ArgMax", "argmax_param { " param " }")
	const double *const *in = INPUTS(x);
	net_expect((CaffeNet){.text = ARG_MAX("")}, in, 1, NUMBERS(5)); /* of equals the last */
	net_expect((CaffeNet){.text = ARG_MAX("out_max_val: true")}, in, 1, NUMBERS(5, 7));
	net_expect((CaffeNet){.text = ARG_MAX("top_k: 4")}, in, 1, NUMBERS(5, 2, 1, 6));
	net_expect((CaffeNet){.text = ARG_MAX("top_k: 4 out_max_val: true")}, in, 1, NUMBERS(5, 2, 1, 6, 7, 7, 7, 5));
	net_expect((CaffeNet){.text = ARG_MAX("axis: 1")}, in, 1, NUMBERS(0, 1, 0, 1));
	net_expect((CaffeNet){.text = ARG_MAX("axis: 1 out_max_val: true")}, in, 1, NUMBERS(3, 7, 7, 0));
	net_expect((CaffeNet){.text = ARG_MAX("axis: -1 top_k: 2")}, in, 1, NUMBERS(1, 0, 0, 1, 1, 0, 0, 1));
	net_expect((CaffeNet){.text = ARG_MAX("axis: -1 top_k: 2 out_max_val: true")}, in, 1, NUMBERS(7, 3, 7, -1, 7, 2, 5, 0));
	Graph *g = net_good((CaffeNet){.text = ARG_MAX("top_k: 2 out_max_val: true")});
	const Type *t = &g->output[0]->type;
	assert_true(t->rank == 4 && t->dim[1] == 2 && t->dim[2] == 2 && t->dim[3] == 1 && t->dtype == DT_F32);
	graph_free(g);
	net_refused((CaffeNet){.text = ARG_MAX("top_k: 9")}, DIAG_REJECT, "top_k is 9; 1 to 8 is accepted");
	net_refused((CaffeNet){.text = ARG_MAX("axis: 4")}, DIAG_REJECT, "axis is 4; -4 to 3 is accepted");
}

static void test_threshold(void **state)
{
	(void)state;
	net_expect((CaffeNet){.text = ONE("4", "Threshold", "threshold_param { threshold: 1 }")}, INPUTS(ramp), 1, NUMBERS(0, 0, 1, 0));
	net_expect((CaffeNet){.text = ONE("4", "Threshold", "")}, INPUTS(ramp), 1, NUMBERS(1, 0, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dropout),
	    cmocka_unit_test(test_batch_norm),
	    cmocka_unit_test(test_bn),
	    cmocka_unit_test(test_one_of_a_pair),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_detections),
	    cmocka_unit_test(test_counts_of_detections),
	    cmocka_unit_test(test_senet_and_shufflenet),
	    cmocka_unit_test(test_second_bottom),
	    cmocka_unit_test(test_mvn),
	    cmocka_unit_test(test_reduction),
	    cmocka_unit_test(test_tile),
	    cmocka_unit_test(test_arg_max),
	    cmocka_unit_test(test_threshold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
