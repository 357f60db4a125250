/* test_eval.c -- the evaluators against sums written differently, or worked out by hand.
 *
 * Graphs are given as text; weights are graph inputs, so any numbers can be used. Convolutions are checked by the
 * direct seven loops, transposed ones by gathering (the evaluator scatters).
 */
#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

typedef struct Run {
	Arena *a;
	Graph *g;
	Tensor out[4];
} Run;

/* lines: what stands between the graph line and the end. inputs: in the order of the text. */
static Run run_text(const char *lines, const double *const *inputs)
{
	Run r = {.a = arena_new()};
	Diag d = {.out = stderr};
	const char *text = arena_printf(r.a, "dssdc.ir 1\ngraph \"test\"\n%s", lines);
	r.g = graph_parse("test", text, strlen(text), NULL, &d);
	assert_non_null(r.g);
	graph_check(r.g);
	eval_graph(r.g, inputs, r.out, NULL, NULL, r.a);
	return r;
}

static void end_run(Run r)
{
	graph_free(r.g);
	arena_free(r.a);
}

static void check_close(const double *found, const double *wanted, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		if (!(fabs(found[i] - wanted[i]) <= 1e-12 * (1 + fabs(wanted[i]))))
			fail_msg("element %lld is %.17g, not %.17g", (long long)i, found[i], wanted[i]);
}

/* One graph, one input, the numbers that come out. */
static void check_run(const char *lines, const double *input, const double *wanted, int64_t count)
{
	Run r = run_text(lines, &input);
	assert_int_equal(type_count(&r.out[0].type), count);
	check_close(r.out[0].data, wanted, count);
	end_run(r);
}

static double *numbers(Arena *a, int64_t count, uint32_t seed)
{
	double *x = arena_new_array(a, double, count);
	for (int64_t i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		x[i] = (double)(seed >> 8) / (1 << 23) - 1;
	}
	return x;
}

/* ---- convolutions ---- */

typedef struct Shape { /* one convolution */
	int n, ci, h, w, co, kh, kw, sy, sx, pt, pl, pb, pr, dy, dx, group;
} Shape;

static double conv_at(const Shape *s, const double *x, const double *w, int n, int co, int oy, int ox)
{
	double sum = 0;
	int in = s->ci / s->group, first = co / (s->co / s->group) * in;
	for (int c = 0; c < in; c++)
		for (int u = 0; u < s->kh; u++)
			for (int v = 0; v < s->kw; v++) {
				int y = oy * s->sy - s->pt + u * s->dy, z = ox * s->sx - s->pl + v * s->dx;
				if (y >= 0 && y < s->h && z >= 0 && z < s->w)
					sum +=
					    x[((n * s->ci + first + c) * s->h + y) * s->w + z] * w[((co * in + c) * s->kh + u) * s->kw + v];
			}
	return sum;
}

static void check_conv(Shape s, int share)
{
	Arena *a = arena_new();
	int oh = (s.h + s.pt + s.pb - (s.dy * (s.kh - 1) + 1)) / s.sy + 1;
	int ow = (s.w + s.pl + s.pr - (s.dx * (s.kw - 1) + 1)) / s.sx + 1;
	const char *attributes = arena_printf(a, "stride=%d,%d pad=%d,%d,%d,%d dilation=%d,%d group=%d", s.sy, s.sx, s.pt, s.pl, s.pb, s.pr,
	                                      s.dy, s.dx, s.group);
	const char *node = arena_printf(a, "%%9 = conv2d \"c\" %%1 %%2 %%3 %s\noutput %%9\n", attributes);
	if (share)
		node = arena_printf(a,
		                    "input %%4 : f32[%d,%d,%d,%d]\n"
		                    "%%8, %%9 = conv2d \"c\" %%1 %%2 %%3 - %%4 %s act=relu elt1=mul act1=affine alpha1=2 beta1=1 : "
		                    "f32[%d,%d,%d,%d], f32[%d,%d,%d,%d]\noutput %%8 %%9\n",
		                    s.n, s.co - share, oh, ow, attributes, s.n, share, oh, ow, s.n, s.co - share, oh, ow);
	const char *text = arena_printf(a, "input %%1 : f32[%d,%d,%d,%d]\ninput %%2 : f32[%d,%d,%d,%d]\ninput %%3 : f32[%d]\n%s", s.n, s.ci,
	                                s.h, s.w, s.co, s.ci / s.group, s.kh, s.kw, s.co, node);
	const double *in[] = {numbers(a, s.n * s.ci * s.h * s.w, 1), numbers(a, s.co * s.ci / s.group * s.kh * s.kw, 2),
	                      numbers(a, s.co, 3), numbers(a, s.n * s.co * oh * ow, 4)};
	Run r = run_text(text, in);
	for (int n = 0; n < s.n; n++)
		for (int co = 0; co < s.co; co++)
			for (int y = 0; y < oh; y++)
				for (int x = 0; x < ow; x++) {
					double want = conv_at(&s, in[0], in[1], n, co, y, x) + in[2][co];
					int k = share && co >= share, count = !share ? s.co : k ? s.co - share : share;
					int at = ((n * count + co - (k ? share : 0)) * oh + y) * ow + x;
					if (share)
						want = k ? want * in[3][at] * 2 + 1 : fmax(want, 0);
					check_close(&r.out[k].data[at], &want, 1);
				}
	int64_t macs = 1LL * s.n * s.co * oh * ow * (s.ci / s.group) * s.kh * s.kw;
	assert_int_equal(node_macs(r.g->node[0]), macs);
	end_run(r);
	arena_free(a);
}

static void test_conv(void **state)
{
	(void)state;
	check_conv((Shape){1, 3, 9, 7, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0);
	check_conv((Shape){1, 3, 23, 21, 5, 7, 7, 2, 2, 3, 3, 3, 3, 1, 1, 1}, 0);
	check_conv((Shape){2, 4, 8, 5, 6, 2, 3, 3, 1, 0, 2, 1, 0, 1, 2, 2}, 0);
	check_conv((Shape){1, 70, 19, 17, 9, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1}, 0); /* several strips and depths */
	check_conv((Shape){1, 5, 20, 13, 5, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 5}, 0);  /* depthwise */
	check_conv((Shape){1, 6, 19, 19, 4, 3, 3, 1, 1, 6, 6, 6, 6, 6, 6, 1}, 0);  /* fc6 */
	check_conv((Shape){1, 2, 1, 1, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1}, 0);
	check_conv((Shape){1, 2, 3, 3, 3, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1}, 0);
	check_conv((Shape){1, 2, 2, 2, 2, 5, 5, 3, 3, 2, 2, 2, 2, 1, 1, 1}, 0); /* taps that see padding only */
	check_conv((Shape){1, 4, 7, 6, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 3); /* two outputs, epilogues */
	check_conv((Shape){2, 4, 7, 6, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 2}, 3); /* the cut lies inside a group */
}

static double deconv_at(const Shape *s, const double *x, const double *w, int co, int oy, int ox)
{
	double sum = 0;
	int in = s->ci / s->group, out = s->co / s->group, group = co / out;
	for (int u = 0; u < s->kh; u++)
		for (int v = 0; v < s->kw; v++) {
			int y = oy + s->pt - u, z = ox + s->pl - v;
			if (y < 0 || z < 0 || y % s->sy || z % s->sx || y / s->sy >= s->h || z / s->sx >= s->w)
				continue;
			for (int c = group * in; c < (group + 1) * in; c++)
				sum += x[(c * s->h + y / s->sy) * s->w + z / s->sx] * w[((c * out + co % out) * s->kh + u) * s->kw + v];
		}
	return sum;
}

static void check_deconv(Shape s, int border)
{
	Arena *a = arena_new();
	int oh = s.sy * (s.h - 1) + s.kh - s.pt - s.pb, ow = s.sx * (s.w - 1) + s.kw - s.pl - s.pr;
	const char *bias = border ? "3,3," : "", *more = border ? arena_printf(a, "border_bias=1 border=%d", border) : "";
	const char *text = arena_printf(
	    a,
	    "input %%1 : f32[1,%d,%d,%d]\ninput %%2 : f32[%d,%d,%d,%d]\ninput %%3 : f32[%s%d]\n"
	    "input %%4 : f32[1,%d,%d,%d]\n"
	    "%%9 = deconv2d \"c\" %%1 %%2 %%3 %%4 stride=%d,%d pad=%d,%d,%d,%d group=%d %s elt=sub\noutput %%9\n",
	    s.ci, s.h, s.w, s.ci, s.co / s.group, s.kh, s.kw, bias, s.co, s.co, oh, ow, s.sy, s.sx, s.pt, s.pl, s.pb, s.pr, s.group, more);
	const double *in[] = {numbers(a, s.ci * s.h * s.w, 1), numbers(a, s.ci * s.co / s.group * s.kh * s.kw, 2), numbers(a, 9 * s.co, 3),
	                      numbers(a, s.co * oh * ow, 4)};
	Run r = run_text(text, in);
	for (int co = 0; co < s.co; co++)
		for (int y = 0; y < oh; y++)
			for (int x = 0; x < ow; x++) {
				int row = y < border ? 0 : y < oh - border ? 1 : 2, col = x < border ? 0 : x < ow - border ? 1 : 2;
				int at = (co * oh + y) * ow + x;
				double want = deconv_at(&s, in[0], in[1], co, y, x) - in[3][at];
				want += in[2][border ? (row * 3 + col) * s.co + co : co];
				check_close(&r.out[0].data[at], &want, 1);
			}
	assert_int_equal(node_macs(r.g->node[0]), 1LL * s.ci * s.h * s.w * (s.co / s.group) * s.kh * s.kw);
	end_run(r);
	arena_free(a);
}

static void test_deconv(void **state)
{
	(void)state;
	check_deconv((Shape){1, 3, 5, 4, 2, 2, 2, 2, 2, 0, 0, 0, 0, 1, 1, 1}, 0);
	check_deconv((Shape){1, 4, 1, 1, 3, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 1}, 1);
	check_deconv((Shape){1, 4, 6, 6, 3, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1}, 0);
	check_deconv((Shape){1, 6, 4, 3, 4, 3, 2, 3, 1, 1, 0, 0, 1, 1, 1, 2}, 1);
	check_deconv((Shape){1, 4, 3, 3, 4, 1, 1, 2, 2, 0, 0, 0, 0, 1, 1, 4}, 2);   /* holes between the pixels */
	check_deconv((Shape){1, 3, 20, 19, 2, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1}, 2); /* several strips */
}

/* ---- pooling ---- */

static void test_pool(void **state)
{
	static const double x[12] = {1, 5, 2, -1, -7, 3, 0, 4, 9, -2, 8, 6};
	(void)state;
	check_run("input %1 : f32[1,1,3,4]\n%2 = pool2d \"p\" %1 kernel=2,2 stride=2,2 : f32[1,1,1,2]\noutput %2\n", x, (double[]){5, 4},
	          2);
	check_run("input %1 : f32[1,1,3,4]\n%2 = pool2d \"p\" %1 ceil=1 kernel=2,2 stride=2,2 : f32[1,1,2,2]\noutput %2\n", x,
	          (double[]){5, 4, 9, 8}, 4);
	check_run("input %1 : f32[1,2,2,3]\n%2 = pool2d \"p\" %1 kernel=3,3 pad=1,1,1,1 : f32[1,2,2,3]\noutput %2\n", x,
	          (double[]){5, 5, 5, 5, 5, 5, 8, 9, 9, 8, 9, 9}, 12);
	check_run("input %1 : f32[1,1,3,4]\n%2 = pool2d \"p\" %1 average=1 global=1 : f32[1,1,1,1]\noutput %2\n", x, (double[]){28.0 / 12},
	          1);
	/* windows of 2 and of 3 x 3 at the border; Caffe divides by the window clipped to the padded map */
	check_run("input %1 : f32[1,1,2,2]\n%2 = pool2d \"p\" %1 average=1 kernel=3,3 stride=2,2 pad=1,1,1,1 : f32[1,1,1,1]\n"
	          "output %2\n",
	          (double[]){1, 2, 3, 6}, (double[]){3}, 1);
	check_run("input %1 : f32[1,1,2,2]\n%2 = pool2d \"p\" %1 average=1 count_padding=1 kernel=3,3 stride=2,2 "
	          "pad=1,1,1,1\n"
	          "output %2\n",
	          (double[]){1, 2, 3, 6}, (double[]){12.0 / 9}, 1);
	check_run("input %1 : f32[1,1,3,3]\n%2 = pool2d \"p\" %1 average=1 ceil=1 count_padding=1 kernel=2,2 "
	          "stride=2,2\noutput %2\n",
	          (double[]){1, 2, 3, 4, 5, 6, 7, 8, 9}, (double[]){3, 4.5, 7.5, 9}, 4);
}

/* ---- element by element ---- */

static void test_eltwise(void **state)
{
	static const double a[6] = {1, -2, 3, -4, 5, -6};
	(void)state;
	check_run("input %1 : f32[2,3]\nconst %2 : f32[2,1] = 10 100\n%3 = eltwise \"e\" %1 %2 fn=mul\noutput %3\n", a,
	          (double[]){10, -20, 30, -400, 500, -600}, 6);
	check_run("input %1 : f32[2,3]\nconst %2 : f32[1,3] = 1 2 3\n%3 = eltwise \"e\" %1 %2 fn=add coeff=2,-1 act=relu\n"
	          "output %3\n",
	          a, (double[]){1, 0, 3, 0, 8, 0}, 6);
	check_run("input %1 : f32[2,3]\nconst %2 : f32[1,1] = 2\n%3 = eltwise \"e\" %1 %2 fn=max\noutput %3\n", a,
	          (double[]){2, 2, 3, 2, 5, 2}, 6);
	check_run("input %1 : f32[1,2,3]\nconst %2 : f32[1,2,3] = 1 2 3 4 5 6\n%3 = eltwise \"e\" %1 %2 fn=sub\noutput %3\n", a,
	          (double[]){0, -4, 0, -8, 0, -12}, 6);
	check_run("input %1 : f32[2,3]\n%2 = eltwise \"e\" %1 fn=leaky alpha=0.5 coeff=2,1\noutput %2\n", a,
	          (double[]){2, -2, 6, -4, 10, -6}, 6);
	check_run("input %1 : f32[6]\n%2 = eltwise \"e\" %1\noutput %2\n", a, a, 6);
}

static void test_norms(void **state)
{
	static const double x[4] = {1, 2, -3, 4};
	(void)state;
	check_run("input %1 : f32[1,2,2]\nconst %2 : f32[2] = 1 -1\nconst %3 : f32[2] = 3 8\nconst %4 : f32[2] = 2 3\n"
	          "const %5 : f32[2] = 0.5 0.25\n%6 = batchnorm \"b\" %1 %2 %3 %4 %5 eps=1\noutput %6\n",
	          x, (double[]){0.5, 1.5, -1.75, 5.25}, 4);
	check_run("input %1 : f32[1,2,2]\nconst %2 : f32[2] = 1 -1\nconst %3 : f32[2] = 3 8\n"
	          "%6 = batchnorm \"b\" %1 %2 %3 eps=1\noutput %6\n",
	          x, (double[]){0, 0.5, -2.0 / 3, 5.0 / 3}, 4);
	check_run("input %1 : f32[2,2]\nconst %2 : f32[2] = 2 3\nconst %3 : f32[2] = 1 0\n%4 = scale \"s\" %1 %2 "
	          "%3\noutput %4\n",
	          x, (double[]){3, 6, -5, 12}, 4);
	check_run("input %1 : f32[2,2]\nconst %2 : f32[2] = 2 3\n%4 = scale \"s\" %1 %2 axis=0\noutput %4\n", x, (double[]){2, 4, -9, 12},
	          4);
	check_run("input %1 : f32[1,2,1,2]\nconst %2 : f32[2] = 20 10\n%3 = l2norm \"l\" %1 %2 eps=0\noutput %3\n", x,
	          (double[]){20 / sqrt(10), 40 / sqrt(20), -30 / sqrt(10), 40 / sqrt(20)}, 4);
	check_run("input %1 : f32[1,2,1,2]\nconst %2 : f32[2] = 20 10\n%3 = l2norm \"l\" %1 %2 eps=6 "
	          "across_spatial=1\noutput %3\n",
	          x, (double[]){20 / 6.0, 40 / 6.0, -30 / 6.0, 40 / 6.0}, 4);
}

static void test_softmax(void **state)
{
	double e = exp(1);
	(void)state;
	/* logits above 88, where exp overflows in float, and above 709, where it does in double */
	check_run("input %1 : f32[2,2]\n%2 = softmax \"s\" %1\noutput %2\n", (double[]){1000, 1001, -1793, 1793},
	          (double[]){1 / (1 + e), e / (1 + e), 0, 1}, 4);
	check_run("input %1 : f32[2,2,1]\n%2 = softmax \"s\" %1 axis=0\noutput %2\n", (double[]){89, 5, 90, 5},
	          (double[]){1 / (1 + e), 0.5, e / (1 + e), 0.5}, 4);
}

/* ---- moving elements ---- */

static void test_moves(void **state)
{
	static const double x[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
	(void)state;
	check_run("input %1 : f32[2,3,2]\n%2 = permute \"p\" %1 order=2,0,1 : f32[2,2,3]\noutput %2\n", x,
	          (double[]){0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}, 12);
	check_run("input %1 : f32[2,3,2]\n%2 = slice \"s\" %1 begin=1 end=3 : f32[2,2,2]\noutput %2\n", x,
	          (double[]){2, 3, 4, 5, 8, 9, 10, 11}, 8);
	check_run("input %1 : f32[2,3]\nconst %2 : f32[2,1] = 7 8\n%3 = concat \"c\" %1 %2 %1 : f32[2,7]\noutput %3\n", x,
	          (double[]){0, 1, 2, 7, 0, 1, 2, 3, 4, 5, 8, 3, 4, 5}, 14);
	check_run("input %1 : f32[2,3,2]\n%2 = reshape \"r\" %1 dim=0,-1 : f32[2,6]\n%3 = reorder \"o\" %2\noutput %3\n", x, x, 12);
	check_run("input %1 : f32[1,1,2]\n%2 = pad \"p\" %1 pad=1,0,0,2 value=-1 : f32[1,2,4]\noutput %2\n", x,
	          (double[]){-1, -1, -1, -1, 0, 1, -1, -1}, 8);
}

static void test_resize(void **state)
{
	static const double x[4] = {0, 4, 8, 12};
	(void)state;
	check_run("input %1 : f32[2,2]\n%2 = resize \"r\" %1 size=4,4\noutput %2\n", x,
	          (double[]){0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12}, 16);
	check_run("input %1 : f32[2,2]\n%2 = resize \"r\" %1 size=3,3 align_corners=1\noutput %2\n", x,
	          (double[]){0, 2, 4, 4, 6, 8, 8, 10, 12}, 9);
	check_run("input %1 : f32[2,2]\n%2 = resize \"r\" %1 size=1,1 align_corners=1\noutput %2\n", x, x, 1);
	check_run("input %1 : f32[2,2]\n%2 = resize \"r\" %1 size=1,1\noutput %2\n", x, (double[]){6}, 1);
	check_run("input %1 : f32[2,2]\n%2 = resize \"r\" %1 size=3,4 nearest=1\noutput %2\n", x,
	          (double[]){0, 0, 4, 4, 8, 8, 12, 12, 8, 8, 12, 12}, 12);
	check_run("input %1 : f32[1,5]\n%2 = resize \"r\" %1 size=1,2 nearest=1\noutput %2\n", (double[]){0, 1, 2, 3, 4}, (double[]){1, 3},
	          2);
}

static void test_matmul(void **state)
{
	static const double x[6] = {1, 2, 3, 4, 5, 6};
	(void)state;
	check_run("input %1 : f32[2,3]\nconst %2 : f32[3,2] = 1 2 3 4 5 6\nconst %3 : f32[2] = 0.5 -100\n"
	          "%4 = matmul \"m\" %1 %2 %3 act=relu\noutput %4\n",
	          x, (double[]){22.5, 0, 49.5, 0}, 4);
	check_run("input %1 : f32[2,3]\nconst %2 : f32[2,3] = 1 3 5 2 4 6\n%4 = matmul \"m\" %1 %2 "
	          "transpose_b=1\noutput %4\n",
	          x, (double[]){22, 28, 49, 64}, 4);
	check_run("input %1 : f32[3,1,2]\nconst %2 : f32[3,2,1] = 1 1 2 2 3 3\n%4 = matmul \"m\" %1 %2\noutput %4\n", x,
	          (double[]){3, 14, 33}, 3);
	check_run("input %1 : f32[3,1,2]\nconst %2 : f32[1,2] = 1 10\n%4 = matmul \"m\" %1 %2 transpose_b=1\noutput %4\n", x,
	          (double[]){21, 43, 65}, 3);
}

/* ---- graphs ---- */

typedef struct Seen {
	int calls;
	double sum;
} Seen;

static void note(void *context, const Node *n, int out, const Tensor *t)
{
	Seen *s = context;
	s->calls++;
	s->sum += t->data[0] * (out + 1) + (n->op == OP_eltwise);
}

/* Values that are read twice, by nobody, returned twice; an input and a constant returned. */
static void test_graph(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[2]\nconst %2 : f32[2] = 5 6\n"
	                           "%3 = eltwise \"a\" %1 fn=neg\n%4 = eltwise \"dead\" %3 fn=exp\n"
	                           "%5 = eltwise \"b\" %3 %3 fn=mul\n%6 = eltwise \"c\" %3 %2 fn=add\noutput %5 %1 %2 %5 %3 %6\n";
	const double x[2] = {2, 3}, *in[] = {x};
	Diag d = {.out = stderr};
	Arena *a = arena_new();
	Tensor out[6];
	Seen s = {0};
	(void)state;
	Graph *g = graph_parse("g", text, sizeof text - 1, NULL, &d);
	assert_non_null(g);
	eval_graph(g, in, out, note, &s, a);
	static const double wanted[6][2] = {{4, 9}, {2, 3}, {5, 6}, {4, 9}, {-2, -3}, {3, 3}};
	for (int i = 0; i < 6; i++)
		check_close(out[i].data, wanted[i], 2);
	assert_int_equal(s.calls, 4);
	graph_free(g);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conv),   cmocka_unit_test(test_deconv),  cmocka_unit_test(test_pool),  cmocka_unit_test(test_eltwise),
	    cmocka_unit_test(test_norms),  cmocka_unit_test(test_softmax), cmocka_unit_test(test_moves), cmocka_unit_test(test_resize),
	    cmocka_unit_test(test_matmul), cmocka_unit_test(test_graph),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
