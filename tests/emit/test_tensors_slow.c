/* test_tensors_slow.c -- programs of general tensors: each plain template on awkward shapes and every element type against
 * the evaluator, under two compilers without a warning, and under the undefined behaviour sanitizer; graphs without nodes or
 * inputs, scalars, and tensors of nothing. */
#include "tests/emit/parallel.h"

static const struct {
	const char *name, *text;
} graphs[] = {
    {"casts", "input %1 : f32[3,5]\ninput %2 : i32[7]\ninput %3 : u8[7]\ninput %4 : f64[2,3]\n"
              "%10 = eltwise \"a\" %1 to=i8\n%11 = eltwise \"b\" %1 to=u64\n%12 = eltwise \"c\" %1 to=bool\n%13 = eltwise \"d\" %1 to=f16\n"
              "%14 = eltwise \"e\" %2 to=u8 saturate=1\n%15 = eltwise \"f\" %2 to=i16\n%16 = eltwise \"g\" %3 to=bf16\n"
              "%17 = eltwise \"h\" %4 to=f32\n%18 = eltwise \"i\" %2 to=u32\n%19 = eltwise \"j\" %4 to=bool\n"
              "output %10 %11 %12 %13 %14 %15 %16 %17 %18 %19\n"},
    {"back",
     "input %1 : f16[9]\ninput %2 : bf16[9]\ninput %3 : u64[9]\ninput %4 : bool[9]\ninput %5 : i64[9]\n"
     "%10 = eltwise \"a\" %1 to=f32\n%11 = eltwise \"b\" %2 to=i32\n%12 = eltwise \"c\" %3 to=f32\n%13 = eltwise \"d\" %4 to=f64\n"
     "%14 = eltwise \"e\" %5 to=f16\n%15 = eltwise \"f\" %5 to=bool\n%16 = eltwise \"g\" %1 %2 fn=mul\n%17 = eltwise \"h\" %1 %1 fn=add\n"
     "output %10 %11 %12 %13 %14 %15 %16 %17\n"},
    {"integers", "input %1 : i32[2,3,1]\ninput %2 : i32[1,4]\ninput %3 : u64[5]\ninput %4 : i8[5]\ninput %5 : u8[5]\n"
                 "%10 = eltwise \"a\" %1 %2 fn=div\n%11 = eltwise \"b\" %1 %2 fn=mod\n%12 = eltwise \"c\" %1 %2 fn=pow\n"
                 "%13 = eltwise \"d\" %3 %3 fn=sub\n%14 = eltwise \"e\" %3 fn=not\n%15 = eltwise \"f\" %4 %4 fn=mul\n"
                 "%16 = eltwise \"g\" %5 %5 fn=shift_left\n%17 = eltwise \"h\" %4 fn=abs\n%18 = eltwise \"i\" %1 %2 fn=greater_equal\n"
                 "output %10 %11 %12 %13 %14 %15 %16 %17 %18\n"},
    {"math",
     "input %1 : f32[97]\ninput %2 : f64[11]\n%10 = eltwise \"a\" %1 fn=erf\n%11 = eltwise \"b\" %1 fn=tan\n"
     "%12 = eltwise \"c\" %1 fn=mish\n%13 = eltwise \"d\" %1 fn=asinh\n%14 = eltwise \"e\" %1 fn=celu alpha=0.5\n"
     "%15 = eltwise \"f\" %1 fn=gelu\n%16 = eltwise \"g\" %2 fn=exp\n%17 = eltwise \"h\" %2 %2 fn=pow\n%18 = eltwise \"i\" %2 fn=log\n"
     "%19 = eltwise \"j\" %1 fn=shrink alpha=0.5 beta=0.25\n%20 = eltwise \"k\" %1 fn=acos\n%21 = eltwise \"l\" %2 %2 fn=fmod\n"
     "output %10 %11 %12 %13 %14 %15 %16 %17 %18 %19 %20 %21\n"},
    {"axes", "input %1 : f32[2,3,1,5]\ninput %2 : i16[4,7]\ninput %3 : bool[3,3]\n%10 = reduce \"a\" %1 axes=1,3 keepdims=0 mean=1\n"
             "%11 = reduce \"b\" %2 fn=mul axes=0\n%12 = reduce \"c\" %3 fn=max axes=1\n%13 = argmax \"d\" %1 axis=3 last=1\n"
             "%14 = cumsum \"e\" %2 axis=1 reverse=1\n%15, %16 = topk \"f\" %1 axis=1 k=2 smallest=1 : f32[2,2,1,5], i64[2,2,1,5]\n"
             "%17 = reduce \"g\" %1 axes=0,1,2,3 pre=exp post=log keepdims=0\n%18 = lrn \"h\" %1 size=2 alpha=0.5\n"
             "%19 = lrn \"i\" %1 size=3 within_channel=1\n%20 = reduce \"j\" %2 axes=1 mean=1\n%21 = softmax \"k\" %1 axis=0\n"
             "output %10 %11 %12 %13 %14 %15 %16 %17 %18 %19 %20 %21\n"},
    {"indices",
     "input %1 : i8[3,1,4]\ninput %2 : i64[2,3]\ninput %3 : f64[3,4]\ninput %4 : i32[2,2]\nconst %5 : i64[3] = 2 -1 0\n"
     "%10 = take \"a\" %1 %5 axis=2 value=-3\n%11 = gather \"b\" %1 %2 axis=2\n%12 = gather_elements \"c\" %3 %4 axis=1\n"
     "%13 = gather_nd \"d\" %3 %4\n%14 = slice \"e\" %3 axis=0 end=2\n%15 = slice \"f\" %14 axis=1 end=2\n"
     "%16 = scatter_elements \"g\" %3 %4 %15 fn=add\n%17 = reduce \"h\" %15 axes=1 keepdims=0\n%18 = scatter_nd \"i\" %3 %4 %17\n"
     "output %10 %11 %12 %13 %16 %18\n"},
    {"moves", "input %1 : u16[2,3,4,1,2]\ninput %2 : f64[3]\nconst %3 : f64[2] = 0.1 1e-300\n%10 = permute \"a\" %1 order=4,2,3,0,1\n"
              "%11 = concat \"b\" %3 %2 %3 axis=0\n%12 = pad \"c\" %1 pad=1,0,0,2 value=7\n%13 = reshape \"d\" %1 dim=6,-1\n"
              "%14 = slice \"e\" %1 axis=2 begin=1 end=3\n%15 = concat \"f\" %13 %13 axis=1\noutput %10 %11 %12 %13 %14 %15\n"},
    {"products",
     "input %1 : f32[2,1,3,5]\ninput %2 : f32[4,5,2]\ninput %3 : i8[3,5]\ninput %4 : u8[5,2]\ninput %5 : f32[2]\ninput %6 : f64[1,3]\n"
     "const %7 : f16[5,2] = 1 2 3 4 5 6 7 8 9 10\n%10 = matmul \"a\" %1 %2\n%11 = matmul \"b\" %3 %4\n"
     "%12 = matmul \"c\" %1 %2 %5 act=relu\n%13 = matmul \"d\" %6 %6 transpose_b=1\n%14 = matmul \"e\" %1 %7\n"
     "output %10 %11 %12 %13 %14\n"},
    {"maps", "input %1 : f32[2,4,7,5]\ninput %2 : f32[6,2,3,3]\ninput %3 : f32[6]\ninput %4 : f32[4,3,2,2]\ninput %5 : f32[4]\n"
             "input %6 : u8[2,1,5,5]\n%10 = conv2d \"a\" %1 %2 %3 group=2 pad=1,1,1,1 act=relu\n%11 = deconv2d \"b\" %1 %4 stride=2,2\n"
             "%12 = pool2d \"c\" %1 kernel=2,3 dilation=2,1 pad=1,0,1,0\n%13 = pool2d \"d\" %6 kernel=2,2\n%14 = resize \"e\" %1 size=3,9\n"
             "%15 = l2norm \"f\" %1 %5 across_spatial=1\n%16 = eltwise \"g\" %5 fn=square\n%17 = batchnorm \"h\" %1 %5 %16 - %5 eps=0.5\n"
             "%18 = scale \"i\" %1 %5 %16\noutput %10 %11 %12 %13 %14 %15 %17 %18\n"},
    {"nms", "input %1 : f32[2,9,4]\ninput %2 : f32[2,3,9]\n%10 = nms \"a\" %1 %2 max_per_class=4 iou=0.3 threshold=0 rows=20\n"
            "%11 = nms \"b\" %1 %2 center_point_box=1 max_per_class=2 iou=0.1 rows=5\noutput %10 %11\n"},
    {"nothing", "input %1 : i16[2,3]\nconst %2 : f64[2] = 0.5 -3\nconst %3 : bool[] = 1\noutput %1 %2 %3 %1\n"},
    {"scalars", "input %1 : f32[]\ninput %2 : i64[]\n%10 = eltwise \"a\" %1 fn=sin\n%11 = reshape \"b\" %2 dim=1,1\n"
                "%12 = eltwise \"c\" %2 %11 fn=add\n%13 = reduce \"d\" %1\noutput %10 %12 %13\n"},
    {"empty",
     "input %1 : f32[0,3]\ninput %2 : i32[2,0]\nconst %3 : i64[0] =\n%10 = reduce \"a\" %1 axes=0 fn=max\n"
     "%11 = eltwise \"b\" %1 fn=relu\n%12 = concat \"c\" %2 %2 axis=1\n%13 = reduce \"d\" %2 axes=1 keepdims=0\n%14 = take \"e\" %1 %3\n"
     "%15 = matmul \"f\" %2 %2 transpose_b=1\noutput %10 %11 %12 %13 %14 %15\n"},
};
enum { NGRAPHS = sizeof graphs / sizeof *graphs };

static int write_graphs(void **state)
{
	if (work_begin(state))
		return 1;
	for (int i = 0; i < NGRAPHS; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s.ir", graphs[i].name);
		FILE *f = fopen(path, "w");
		if (!f)
			return 1;
		fprintf(f, "dssdc.ir 1\ngraph \"%s\"\n%s", graphs[i].name, graphs[i].text);
		fclose(f);
	}
	return 0;
}

static void every_layer_is_the_evaluators(void **state)
{
	(void)state;
	Jobs j = {.n = 0};
	for (int i = 0; i < NGRAPHS; i++) {
		job(&j, DSSDC " verify %s.ir --target=c99 --cflags='-O1 -fsanitize=undefined -fsanitize-undefined-trap-on-error'",
		    graphs[i].name);
		job(&j, DSSDC " verify %s.ir --target=native -O0", graphs[i].name);
		job(&j, DSSDC " verify %s.ir --target=native", graphs[i].name);
	}
	jobs_run(&j);
}

#define WARNINGS "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

static void sources_compile_without_a_warning(void **state)
{
	(void)state;
	Jobs j = {.n = 0};
	for (int i = 0; i < NGRAPHS; i++) {
		const char *n = graphs[i].name;
		must(DSSDC " compile %s.ir --emit=c --target=c99 --arena=%s --weights-form=array -o v_%s.c", n, i % 2 ? "caller" : "static",
		     n);
		job(&j, "gcc " WARNINGS " -O2 -c v_%s.c -o v_%s.gcc.o", n, n);
		if (!system("command -v clang-19 >/dev/null 2>&1"))
			job(&j, "clang-19 " WARNINGS " -O2 -ffreestanding -c v_%s.c -o v_%s.clang.o", n, n);
		job(&j, "g++ -x c++ -fsyntax-only -Wall -Wextra -Wpedantic -Werror v_%s.h", n);
	}
	jobs_run(&j);
	must("nm -u v_*.gcc.o | grep ' U ' | grep -vE 'U (memcpy|memset|memmove|v_[a-z]+_weights(_head)?)$' | grep . && exit 1 || exit 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_layer_is_the_evaluators),
	    cmocka_unit_test(sources_compile_without_a_warning),
	};
	return cmocka_run_group_tests(tests, write_graphs, work_end);
}
