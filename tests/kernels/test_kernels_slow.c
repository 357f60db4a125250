/* test_kernels_slow.c -- each tuned kernel, emitted, compiled and run, against the evaluator: awkward shapes and those of the
 * real networks, on every target that this machine runs. Fill channels of the inputs are NaN, halos of the results must
 * come out as zeros, and nothing may be written behind a result. */
#include "tests/kernels/node_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define CONV .op = OP_conv2d, .kernel = "conv_tile"
#define DECONV .op = OP_deconv2d, .kernel = "deconv_tile"
#define ELTWISE .op = OP_eltwise, .kernel = "eltwise_map"
#define WINOGRAD .op = OP_conv2d, .kernel = "conv_winograd", .pad = 1, .kh = 3, .kw = 3
#define WINOGRAD5 .op = OP_conv2d, .kernel = "conv_winograd", .pad = 2, .kh = 5, .kw = 5
#define POOL .op = OP_pool2d, .kernel = "pool_map"
#define RESIZE .op = OP_resize, .kernel = "resize_map"
#define DEPTHWISE .op = OP_conv2d, .kernel = "depthwise", .depthwise = true

static const Case cases[] = {
    /* 1x1: dense, into a halo, with a tail of channels, small maps */
    {CONV, .channels = 64, .height = 20, .width = 20, .out = {128}, .kh = 1, .kw = 1, .act = {FN_relu}},
    {CONV, .channels = 24, .height = 9, .width = 7, .out = {144}, .kh = 1, .kw = 1, .halo = 1, .act = {FN_relu6}},
    {CONV, .channels = 96, .height = 11, .width = 11, .out = {24}, .kh = 1, .kw = 1, .elt = {FN_add}},
    {CONV, .channels = 37, .height = 3, .width = 5, .out = {41}, .kh = 1, .kw = 1, .no_bias = true},
    {CONV, .channels = 16, .height = 1, .width = 1, .out = {8}, .kh = 1, .kw = 1, .act = {FN_leaky}},
    {CONV, .channels = 64, .height = 13, .width = 13, .out = {32}, .kh = 1, .kw = 1, .stride = 2, .act = {FN_relu}},
    /* first layers: three channels in */
    {CONV, .channels = 3, .height = 33, .width = 31, .out = {32}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_relu6}},
    {CONV, .channels = 3, .height = 41, .width = 41, .out = {64}, .kh = 7, .kw = 7, .stride = 2, .pad = 3, .act = {FN_relu}, .halo = 1},
    /* windows, strides, dilation */
    {CONV, .channels = 16, .height = 10, .width = 10, .out = {16}, .kh = 3, .kw = 3, .stride = 2, .pad = 1},
    {CONV, .channels = 32, .height = 9, .width = 14, .out = {48}, .kh = 3, .kw = 3, .dilation = 3, .pad = 3, .act = {FN_relu}, .halo = 2},
    {CONV, .channels = 32, .height = 5, .width = 5, .out = {64}, .kh = 3, .kw = 3, .stride = 1, .elt = {FN_add}, .act = {FN_relu}},
    {CONV, .channels = 20, .height = 10, .width = 10, .out = {24}, .kh = 2, .kw = 2, .stride = 2},
    {CONV, .channels = 32, .height = 19, .width = 19, .out = {32}, .kh = 3, .kw = 3, .dilation = 6, .pad = 6, .act = {FN_relu}},
    {CONV, .channels = 16, .height = 6, .width = 6, .out = {20}, .kh = 5, .kw = 3, .pad = 1},
    {CONV, .channels = 16, .height = 2, .width = 2, .out = {32}, .kh = 3, .kw = 3, .pad = 1, .elt = {FN_mul}, .act = {FN_relu}},
    /* heads: pixel by pixel; two results */
    {CONV, .channels = 128, .height = 3, .width = 3, .out = {32}, .kh = 3, .kw = 3, .pad = 1, .nhwc = true},
    {CONV, .channels = 128, .height = 2, .width = 2, .out = {168}, .kh = 3, .kw = 3, .pad = 1, .nhwc = true},
    {CONV, .channels = 32, .height = 3, .width = 3, .out = {12}, .kh = 3, .kw = 3, .pad = 1, .nhwc = true},
    {CONV, .channels = 64, .height = 3, .width = 3, .out = {32, 168}, .kh = 3, .kw = 3, .pad = 1, .nhwc = true},
    {CONV, .channels = 64, .height = 10, .width = 10, .out = {128, 64}, .kh = 1, .kw = 1, .act = {FN_NONE, FN_relu}, .halo = 1},
    {CONV, .channels = 64, .height = 8, .width = 8, .out = {128, 32}, .kh = 2, .kw = 2, .stride = 2, .elt = {FN_add, FN_mul},
     .act = {FN_relu, FN_relu6}},
    {CONV, .channels = 128, .height = 6, .width = 6, .out = {37}, .kh = 1, .kw = 1, .act = {FN_sigmoid}},
    {CONV, .channels = 16, .height = 4, .width = 4, .out = {1}, .kh = 1, .kw = 1, .nhwc = true},

    {WINOGRAD, .channels = 64, .height = 20, .width = 20, .out = {64}, .act = {FN_relu}},
    {WINOGRAD, .channels = 40, .height = 41, .width = 13, .out = {72}, .elt = {FN_mul}, .act = {FN_relu6}, .halo = 1},
    {WINOGRAD, .channels = 128, .height = 21, .width = 21, .out = {32, 168}, .nhwc = true},
    {WINOGRAD, .channels = 64, .height = 16, .width = 16, .out = {64, 48}, .no_bias = true, .halo = 2},
    {WINOGRAD5, .channels = 64, .height = 20, .width = 20, .out = {32, 72}, .nhwc = true},
    {WINOGRAD5, .channels = 64, .height = 9, .width = 11, .out = {64}, .elt = {FN_add}, .halo = 1},
    {.op = OP_conv2d,
     .kernel = "conv_winograd",
     .kh = 3,
     .kw = 3,
     .dilation = 2,
     .pad = 2,
     .channels = 64,
     .height = 20,
     .width = 20,
     .out = {64},
     .act = {FN_relu}},
    {.op = OP_conv2d,
     .kernel = "conv_winograd",
     .kh = 3,
     .kw = 3,
     .dilation = 2,
     .pad = 2,
     .channels = 64,
     .height = 17,
     .width = 19,
     .out = {80},
     .act = {FN_relu},
     .halo = 1},

    {DEPTHWISE, .channels = 32, .height = 17, .width = 17, .out = {32}, .kh = 3, .kw = 3, .pad = 1, .act = {FN_relu6}},
    {DEPTHWISE, .channels = 40, .height = 21, .width = 21, .out = {40}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_relu6}},
    {DEPTHWISE, .channels = 96, .height = 6, .width = 9, .out = {96}, .kh = 5, .kw = 5, .pad = 2, .elt = {FN_add}, .halo = 1},
    {DEPTHWISE, .channels = 64, .height = 2, .width = 2, .out = {64}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .no_bias = true},
    {DEPTHWISE, .channels = 16, .height = 9, .width = 9, .out = {16}, .kh = 3, .kw = 3, .dilation = 2, .pad = 2},

    {DECONV, .channels = 32, .height = 5, .width = 5, .out = {32}, .kh = 2, .kw = 2, .stride = 2, .halo = 1},
    {DECONV, .channels = 64, .height = 1, .width = 1, .out = {32}, .kh = 2, .kw = 2},
    {DECONV, .channels = 64, .height = 3, .width = 3, .out = {48}, .kh = 3, .kw = 3, .halo = 1},
    {DECONV, .channels = 128, .height = 6, .width = 6, .out = {128}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .halo = 1},
    {DECONV, .channels = 24, .height = 4, .width = 6, .out = {20}, .kh = 4, .kw = 4, .stride = 2, .pad = 1, .elt = {FN_mul},
     .act = {FN_relu}},
    {DECONV, .channels = 16, .height = 3, .width = 3, .out = {16}, .kh = 2, .kw = 2, .stride = 3},
    {DECONV, .channels = 32, .height = 5, .width = 5, .out = {32}, .kh = 4, .kw = 4, .stride = 2, .pad = 1, .border = 1},
    {DECONV, .channels = 16, .height = 3, .width = 4, .out = {24}, .kh = 5, .kw = 5, .pad = 1, .border = 1, .act = {FN_relu}},
    {DECONV, .channels = 3, .height = 4, .width = 4, .out = {32}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .no_bias = true},

    {ELTWISE, .channels = 32, .height = 5, .width = 7, .fn = FN_add, .act = {FN_relu}, .halo = 1},
    {ELTWISE, .channels = 21, .height = 4, .width = 4, .fn = FN_mul, .across = true},
    {ELTWISE, .channels = 16, .height = 3, .width = 3, .fn = FN_max, .act = {FN_relu6}},
    {ELTWISE, .channels = 16, .height = 3, .width = 3, .fn = FN_min},
    {ELTWISE, .channels = 16, .height = 3, .width = 3, .fn = FN_sub},
    {ELTWISE, .channels = 48, .height = 3, .width = 3, .fn = FN_relu, .halo = 2},
    {ELTWISE, .channels = 48, .height = 3, .width = 3, .fn = FN_affine, .across = true},
    {ELTWISE, .channels = 16, .height = 3, .width = 3, .fn = FN_sigmoid},

    {POOL, .channels = 64, .height = 17, .width = 17, .kh = 3, .kw = 3, .stride = 2, .halo = 1},
    {POOL, .channels = 24, .height = 15, .width = 15, .kh = 2, .kw = 2, .stride = 2, .ceil_mode = true},
    {POOL, .channels = 32, .height = 9, .width = 9, .kh = 3, .kw = 3, .stride = 1, .pad = 1, .halo = 1},
    {POOL, .channels = 32, .height = 9, .width = 9, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .average = true},
    {POOL, .channels = 32, .height = 9, .width = 8, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .average = true, .across = true,
     .ceil_mode = true},
    {POOL, .channels = 40, .height = 5, .width = 6, .kh = 1, .kw = 1, .global = true, .average = true},
    {.op = OP_batchnorm, .kernel = "batchnorm_map", .channels = 40, .height = 5, .width = 6, .halo = 1},
    {.op = OP_scale, .kernel = "scale_map", .channels = 32, .height = 5, .width = 6},
    {.op = OP_l2norm, .kernel = "l2norm_map", .channels = 40, .height = 5, .width = 6, .halo = 1},
    {.op = OP_l2norm, .kernel = "l2norm_map", .channels = 32, .height = 5, .width = 6, .across = true},
    {RESIZE, .channels = 24, .height = 5, .width = 5, .kh = 10, .kw = 10, .halo = 1},
    {RESIZE, .channels = 32, .height = 10, .width = 7, .kh = 4, .kw = 9, .align_corners = true},
    {RESIZE, .channels = 32, .height = 1, .width = 2, .kh = 2, .kw = 1, .align_corners = true},
    {RESIZE, .channels = 16, .height = 6, .width = 6, .kh = 11, .kw = 3, .nearest = true},
};
enum { NCASES = sizeof cases / sizeof *cases };

typedef struct Worst {
	double limit, difference;
	double got, want;
	int64_t bad;
} Worst;

static void compare(float *cell, double *want, void *context)
{
	Worst *w = context;
	double d = fabs((double)*cell - *want);
	if (!(d <= w->limit))
		w->bad++;
	if (!(d <= w->difference)) {
		w->difference = d;
		w->got = *cell;
		w->want = *want;
	}
	*cell = 0; /* what is left is the halo */
}

/* Cells that hold no element: zeros in the halo; channels that fill a block may be anything. */
static bool rest_is_zero(const Type *t, const float *p)
{
	int64_t block = t->layout.block, full = t->dim[1] / block, pixels = layout_rows(t) * layout_cols(t);
	for (int64_t i = 0; i < full * pixels * block; i++)
		if (p[i] != 0)
			return false;
	for (int64_t i = 0; i < 64; i++)
		if (p[type_storage(t) + i] != 7.5f)
			return false;
	return true;
}

static bool check(const Case *given, const Target *t, const char *dir, int index)
{
	CaseRun r;
	char name[32];
	Case any = *given, *c = &any;
	if (t->vector == 1 && !strcmp(c->kernel, "conv_winograd"))
		any.kernel = "conv_tile";
	snprintf(name, sizeof name, "case%d", index);
	if (!case_prepare(c, t, dir, name, &r)) {
		print_error("%s case %d: does not build\n", t->name, index);
		return false;
	}
	Tensor want[MAX_OUT];
	memset(want, 0, sizeof want);
	for (int k = 0; k < r.node->nout; k++)
		want[k].type = r.node->out[k]->type;
	eval_node(r.node, r.tensor, want, r.memory);
	const bool winograd = !strcmp(c->kernel, "conv_winograd"); /* cancels in its transforms */
	bool good = case_run(&r) == 0;
	for (int k = 0; k < r.node->nout; k++) {
		Worst w = {.difference = -1};
		double most = 0;
		for (int64_t i = 0; i < type_count(&want[k].type); i++)
			most = fmax(most, fabs(want[k].data[i]));
		w.limit = winograd ? 5e-5 + 1e-5 * most : 2e-5 + 5e-6 * most;
		const Type *type = &r.node->out[k]->type;
		case_each(type, r.out[k], want[k].data, compare, &w);
		if (w.bad || !rest_is_zero(type, r.out[k])) {
			good = false;
			print_error("%s case %d (%s) result %d: %lld of %lld wrong; %g, not %g%s\n", t->name, index, c->kernel, k,
			            (long long)w.bad, (long long)type_count(type), w.got, w.want, w.bad ? "" : " (halo)");
		}
	}
	case_close(&r);
	return good;
}

static void test_target(void **state)
{
	const Target *t = *state;
	char dir[] = "/tmp/dssdc-kernels-XXXXXX", command[64];
	if (!target_runs(t))
		skip();
	assert_non_null(mkdtemp(dir));
	int bad = 0;
	for (int i = 0; i < NCASES; i++)
		bad += !check(&cases[i], t, dir, i);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (!bad && system(command))
		print_error("cannot remove %s\n", dir);
	assert_int_equal(bad, 0);
}

int main(void)
{
	enum { MOST = 8 };
	struct CMUnitTest tests[MOST];
	size_t n = 0;
	for (; targets[n] && n < MOST; n++)
		tests[n] = (struct CMUnitTest){targets[n]->name, test_target, NULL, NULL, (void *)targets[n]};
	return _cmocka_run_group_tests("kernels", tests, n, NULL, NULL);
}
