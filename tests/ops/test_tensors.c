/* test_tensors.c -- the evaluators of general tensors against results worked out by hand.
 *
 * Each case is text: constants, then nodes; the last result is compared. Numbers are exact.
 */
#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

enum { MOST = 16 };

typedef struct Case {
	const char *lines; /* the result is %9 */
	int count;
	double wanted[MOST];
} Case;

static void check_case(const Case *c)
{
	Arena *a = arena_new();
	Diag d = {.out = stderr};
	const char *text = arena_printf(a, "dssdc.ir 1\ngraph \"g\"\n%s\noutput %%9\n", c->lines);
	Graph *g = graph_parse("case", text, strlen(text), NULL, &d);
	Tensor out[1];
	if (!g)
		fail_msg("%s", c->lines);
	eval_graph(g, NULL, out, NULL, NULL, a);
	assert_int_equal(type_count(&out->type), c->count);
	for (int i = 0; i < c->count; i++)
		if (!(out->data[i] == c->wanted[i] || (isnan(out->data[i]) && isnan(c->wanted[i])) ||
		      (isfinite(c->wanted[i]) && dtype_is_float(out->type.dtype) && fabs(out->data[i] - c->wanted[i]) < 1e-9)))
			fail_msg("%s: element %d is %.17g, not %.17g", c->lines, i, out->data[i], c->wanted[i]);
	graph_free(g);
	arena_free(a);
}

#define CHECK(...)                                                \
	static const Case cases[] = {__VA_ARGS__};                \
	(void)state;                                              \
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) \
	check_case(&cases[i])

static void test_casts(void **state)
{
	CHECK({"const %1 : f32[6] = 1.9 -1.9 300 -300 nan inf\n%9 = eltwise \"e\" %1 to=i8", 6, {1, -1, 127, -128, 0, 127}},
	      {"const %1 : f32[4] = -0.5 255.9 256 nan\n%9 = eltwise \"e\" %1 to=u8", 4, {0, 255, 255, 0}},
	      {"const %1 : f32[4] = 0 -0 nan 0.1\n%9 = eltwise \"e\" %1 to=bool", 4, {0, 0, 1, 1}},
	      {"const %1 : i32[4] = 300 -1 -129 65536\n%9 = eltwise \"e\" %1 to=i8", 4, {44, -1, 127, 0}},
	      {"const %1 : i32[4] = 300 -1 -129 65536\n%9 = eltwise \"e\" %1 to=i8 saturate=1", 4, {127, -1, -128, 127}},
	      {"const %1 : i32[3] = -1 -2147483648 7\n%9 = eltwise \"e\" %1 to=u64", 3, {0x1p64, 0x1p64 - 0x1p31, 7}},
	      {"const %1 : i32[3] = -1 2 70000\n%9 = eltwise \"e\" %1 to=u16 saturate=1", 3, {0, 2, 65535}},
	      {"const %1 : i64[2] = -9223372036854775808 9223372036854775807\n%9 = eltwise \"e\" %1 to=i32 saturate=1",
	       2,
	       {INT32_MIN, INT32_MAX}},
	      {"const %1 : f32[3] = 2049 65519 65520\n%9 = eltwise \"e\" %1 to=f16", 3, {2048, 65504, INFINITY}},
	      {"const %1 : f64[2] = 1e300 9.3e18\n%9 = eltwise \"e\" %1 to=i64", 2, {0x1p63, 0x1p63}},
	      {"const %1 : bool[2] = 0 1\n%9 = eltwise \"e\" %1 to=f32", 2, {0, 1}});
}

static void test_integers(void **state)
{
	CHECK({"const %1 : i32[4] = 7 -7 5 -2147483648\nconst %2 : i32[4] = 2 2 0 -1\n%9 = eltwise \"e\" %1 %2 fn=div",
	       4,
	       {3, -3, 0, -0x1p31}},
	      {"const %1 : i32[4] = 7 -7 7 -7\nconst %2 : i32[4] = 3 3 -3 -3\n%9 = eltwise \"e\" %1 %2 fn=mod", 4, {1, 2, -2, -1}},
	      {"const %1 : i32[4] = 7 -7 7 -7\nconst %2 : i32[4] = 3 3 -3 0\n%9 = eltwise \"e\" %1 %2 fn=fmod", 4, {1, -1, 1, 0}},
	      {"const %1 : u8[3] = 200 255 1\nconst %2 : u8[1] = 100\n%9 = eltwise \"e\" %1 %2 fn=add", 3, {44, 99, 101}},
	      {"const %1 : i8[2] = -128 100\n%9 = eltwise \"e\" %1 fn=neg", 2, {-128, -100}},
	      {"const %1 : i32[4] = 3 -2 2 7\nconst %2 : i32[4] = 4 3 -1 0\n%9 = eltwise \"e\" %1 %2 fn=pow", 4, {81, -8, 0, 1}},
	      {"const %1 : u8[3] = 129 1 255\nconst %2 : u8[3] = 1 7 8\n%9 = eltwise \"e\" %1 %2 fn=shift_left", 3, {2, 128, 0}},
	      {"const %1 : u8[3] = 129 255 255\nconst %2 : u8[3] = 1 7 8\n%9 = eltwise \"e\" %1 %2 fn=shift_right", 3, {64, 1, 0}},
	      {"const %1 : u64[2] = -1 3\nconst %2 : u64[1] = 2\n%9 = eltwise \"e\" %1 %2 fn=greater", 2, {1, 1}},
	      {"const %1 : i32[2] = 12 -1\nconst %2 : i32[1] = 10\n%9 = eltwise \"e\" %1 %2 fn=xor", 2, {6, -11}},
	      {"const %1 : bool[2] = 0 1\n%9 = eltwise \"e\" %1 fn=not", 2, {1, 0}},
	      {"const %1 : i32[3] = -5 2 50\n%9 = eltwise \"e\" %1 fn=clip alpha=-2.5 beta=inf", 3, {-2, 2, 50}});
}

static void test_broadcast(void **state)
{
	CHECK({"const %1 : f32[2,1] = 10 20\nconst %2 : f32[3] = 1 2 3\n%9 = eltwise \"e\" %1 %2 fn=sub", 6, {9, 8, 7, 19, 18, 17}},
	      {"const %1 : f32[] = 2\nconst %2 : f32[1,2,1] = 3 4\n%9 = eltwise \"e\" %1 %2 fn=pow", 2, {8, 16}},
	      {"const %1 : bool[2,1] = 1 0\nconst %2 : i64[3] = 1 2 3\nconst %3 : i64[] = 9\n%9 = eltwise \"e\" %1 %2 "
	       "%3 fn=where",
	       6,
	       {1, 2, 3, 9, 9, 9}},
	      {"const %1 : f32[3] = nan 1 2\nconst %2 : f32[1] = 1\n%9 = eltwise \"e\" %1 %2 fn=less_equal", 3, {0, 1, 0}},
	      {"const %1 : f32[3] = nan inf -inf\n%9 = eltwise \"e\" %1 fn=isinf alpha=1", 3, {0, 0, 1}},
	      {"const %1 : f32[4] = -1.5 -0.5 0.5 2.5\n%9 = eltwise \"e\" %1 fn=round", 4, {-2, 0, 0, 2}},
	      {"const %1 : f32[0,3] =\nconst %2 : f32[3] = 1 2 3\n%9 = eltwise \"e\" %1 %2 fn=add", 0, {0}});
}

static void test_axes(void **state)
{
	CHECK({"const %1 : f32[2,3] = 1 2 3 4 5 6\n%9 = reduce \"r\" %1 axes=0 mean=1", 3, {2.5, 3.5, 4.5}},
	      {"const %1 : f32[2,2,2] = 1 2 3 4 5 6 7 8\n%9 = reduce \"r\" %1 axes=0,2 keepdims=0", 2, {14, 22}},
	      {"const %1 : f32[2,2] = 3 4 -5 12\n%9 = reduce \"r\" %1 axes=1 pre=square post=sqrt", 2, {5, 13}},
	      {"const %1 : i32[4] = 5 -7 2 -1\n%9 = reduce \"r\" %1 axes=0 mean=1", 1, {0}},
	      {"const %1 : u8[3] = 200 100 1\n%9 = reduce \"r\" %1 axes=0", 1, {45}},
	      {"const %1 : f32[2,0] =\n%9 = reduce \"r\" %1 axes=1 fn=max", 2, {-INFINITY, -INFINITY}},
	      {"const %1 : i8[0] =\n%9 = reduce \"r\" %1 axes=0 fn=min", 1, {127}},
	      {"const %1 : f32[2,3] = 1 -2 3 -4 5 6\n%9 = reduce \"r\" %1 pre=abs", 6, {1, 2, 3, 4, 5, 6}},
	      {"const %1 : f32[2,3] = 1 3 3 2 0 0\n%9 = argmax \"a\" %1 axis=1", 2, {1, 0}},
	      {"const %1 : f32[2,3] = 1 3 3 2 0 0\n%9 = argmax \"a\" %1 axis=1 smallest=1 last=1", 2, {0, 2}},
	      {"const %1 : i32[2,3] = 1 2 3 4 5 6\n%9 = cumsum \"c\" %1 axis=1", 6, {1, 3, 6, 4, 9, 15}},
	      {"const %1 : i32[3] = 1 2 3\n%9 = cumsum \"c\" %1 exclusive=1", 3, {0, 1, 3}},
	      {"const %1 : i32[3] = 1 2 3\n%9 = cumsum \"c\" %1 exclusive=1 reverse=1", 3, {5, 3, 0}},
	      {"const %1 : f32[5] = 1 4 2 4 0\n%9 = topk \"t\" %1 k=3", 3, {4, 4, 2}},
	      {"const %1 : f32[5] = 1 4 2 4 0\n%8, %9 = topk \"t\" %1 k=3 : f32[3], i64[3]", 3, {1, 3, 2}},
	      {"const %1 : i8[2,3] = 3 1 2 5 5 4\n%8, %9 = topk \"t\" %1 axis=1 k=2 smallest=1 : i8[2,2], i64[2,2]", 4, {1, 2, 2, 0}},
	      {"const %1 : f32[1,3] = 1 2 3\n%9 = lrn \"l\" %1 size=3 alpha=3 beta=1 bias=1", 3, {1. / 6, 2. / 15, 3. / 14}},
	      {"const %1 : f32[1,1,1,3] = 1 2 3\n%9 = lrn \"l\" %1 size=3 alpha=9 beta=1 within_channel=1", 3, {1. / 6, 2. / 15, 3. / 14}});
}

static void test_indices(void **state)
{
	CHECK({"const %1 : i32[2,3] = 1 2 3 4 5 6\nconst %2 : i64[4] = 2 -1 0 0\n%9 = take \"t\" %1 %2 axis=1 value=7",
	       8,
	       {3, 7, 1, 1, 6, 7, 4, 4}},
	      {"const %1 : f32[3,2] = 1 2 3 4 5 6\nconst %2 : i64[1,2] = -1 0\n%9 = gather \"g\" %1 %2", 4, {5, 6, 1, 2}},
	      {"const %1 : f32[3] = 1 2 3\nconst %2 : i64[3] = 5 -9 -3\n%9 = gather \"g\" %1 %2", 3, {3, 1, 1}},
	      {"const %1 : f32[2,2] = 1 2 3 4\nconst %2 : i64[2,2] = 0 0 1 0\n%9 = gather_elements \"g\" %1 %2 axis=1", 4, {1, 1, 4, 3}},
	      {"const %1 : i8[2,2,2] = 0 1 2 3 4 5 6 7\nconst %2 : i64[2,1] = 1 0\n%9 = gather_nd \"g\" %1 %2 "
	       "batch_dims=1",
	       4,
	       {2, 3, 4, 5}},
	      {"const %1 : i8[2,2] = 0 1 2 3\nconst %2 : i64[2,2] = 0 0 1 -1\n%9 = gather_nd \"g\" %1 %2", 2, {0, 3}},
	      {"const %1 : f32[1,5] = 1 2 3 4 5\nconst %2 : i64[1,2] = 1 -2\nconst %3 : f32[1,2] = 10 20\n"
	       "%9 = scatter_elements \"s\" %1 %2 %3 axis=1",
	       5,
	       {1, 10, 3, 20, 5}},
	      {"const %1 : i8[1,3] = 100 2 3\nconst %2 : i64[1,2] = 0 0\nconst %3 : i8[1,2] = 100 1\n"
	       "%9 = scatter_elements \"s\" %1 %2 %3 axis=1 fn=add",
	       3,
	       {-55, 2, 3}},
	      {"const %1 : f32[4,2] = 1 2 3 4 5 6 7 8\nconst %2 : i64[2,1] = 3 1\nconst %3 : f32[2,2] = 9 10 0 0\n"
	       "%9 = scatter_nd \"s\" %1 %2 %3 fn=max",
	       8,
	       {1, 2, 3, 4, 5, 6, 9, 10}},
	      {"const %1 : f32[1,4,4] = 0 0 1 1 0 0.1 1 1.1 0 10 1 11 0 0 1 1\nconst %2 : f32[1,1,4] = 0.7 0.9 0.5 0.9\n"
	       "%9 = nms \"n\" %1 %2 max_per_class=3 iou=0.5 threshold=0.6 rows=3",
	       9,
	       {0, 0, 1, -1, -1, -1, -1, -1, -1}},
	      {"const %1 : f32[1,3,4] = 0.5 0.5 1 1 10.5 0.5 1 1 0.5 0.6 1 1\nconst %2 : f32[1,2,3] = 1 2 3 3 2 1\n"
	       "%9 = nms \"n\" %1 %2 center_point_box=1 max_per_class=2 iou=0.5 rows=5",
	       15,
	       {0, 0, 2, 0, 0, 1, 0, 1, 0, 0, 1, 1, -1, -1, -1}});
}

static void test_products(void **state)
{
	CHECK({"const %1 : i8[2,2] = -128 127 1 2\nconst %2 : u8[2,1] = 255 255\n%9 = matmul \"m\" %1 %2", 2, {-255, 765}},
	      {"const %1 : i32[1,2] = 2147483647 1\nconst %2 : i32[2,1] = 2 5\n%9 = matmul \"m\" %1 %2", 1, {3}},
	      {"const %1 : i64[1,2] = 70000 1\nconst %2 : i64[2,2] = 70000 -3 3 1099511627776\n%9 = matmul \"m\" %1 %2",
	       2,
	       {4900000003, 1099511417776}},
	      {"const %1 : i64[1,1] = 4294967296\nconst %2 : i64[1,1] = 4294967297\n%9 = matmul \"m\" %1 %2", 1, {4294967296}},
	      {"const %1 : f32[2,1,1,2] = 1 2 3 4\nconst %2 : f32[3,2,1] = 1 0 0 1 1 1\n%9 = matmul \"m\" %1 %2", 6, {1, 2, 3, 3, 4, 7}},
	      {"const %1 : f64[2,0] =\nconst %2 : f64[0,2] =\n%9 = matmul \"m\" %1 %2", 4, {0, 0, 0, 0}},
	      {"const %1 : u8[1,1,3,3] = 1 2 3 4 5 6 7 8 9\n%9 = pool2d \"p\" %1 kernel=2,2 dilation=2,2", 1, {9}},
	      {"const %1 : i8[1,1,2,2] = -5 -6 -7 -8\n%9 = pool2d \"p\" %1 kernel=2,2 pad=1,1,0,0 stride=2,2", 1, {-5}},
	      {"const %1 : f32[1,1,1,5] = 1 2 3 4 5\n%9 = pool2d \"p\" %1 average=1 kernel=1,3 pad=0,2,0,2 dilation=1,2",
	       5,
	       {2, 3, 3, 3, 4}});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_casts), cmocka_unit_test(test_integers), cmocka_unit_test(test_broadcast),
	    cmocka_unit_test(test_axes),  cmocka_unit_test(test_indices),  cmocka_unit_test(test_products),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
