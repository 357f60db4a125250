/* test_infer.c -- result types and the rules that nodes must keep.
 *
 * Each case is one node with inputs, as text; with a type it must be inferred, with a message it must be refused.
 */
#include "ir/ir.h"
#include "ir/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

typedef struct Case {
	const char *inputs; /* one type a line */
	const char *node;   /* after "%9 = " */
	const char *wanted; /* the type, or a part of the message */
} Case;

static const char *declare_inputs(Arena *a, const char *types)
{
	const char *text = "", *end;
	for (int id = 1; *types; id++, types = *end ? end + 1 : end) {
		end = strchr(types, '\n');
		end = end ? end : types + strlen(types);
		text = arena_printf(a, "%sinput %%%d : %.*s\n", text, id, (int)(end - types), types);
	}
	return text;
}

static Graph *parse_case(const Case *c, Arena *a, char **message)
{
	size_t size;
	FILE *f = open_memstream(message, &size);
	Diag d = {.out = f};
	const char *text = arena_printf(a, "dssdc.ir 1\ngraph \"g\"\n%s%%9 = %s\noutput %%9\n", declare_inputs(a, c->inputs), c->node);
	Graph *g = graph_parse("g", text, strlen(text), NULL, &d);
	fclose(f);
	return g;
}

static void check_accepted(const Case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		Arena *a = arena_new();
		char *message, text[TYPE_TEXT];
		Graph *g = parse_case(&cases[i], a, &message);
		if (!g)
			fail_msg("%s: %s", cases[i].node, message);
		assert_string_equal(type_format(&g->output[0]->type, text), cases[i].wanted);
		free(message);
		graph_free(g);
		arena_free(a);
	}
}

static void check_refused(const Case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		Arena *a = arena_new();
		char *message;
		Graph *g = parse_case(&cases[i], a, &message);
		if (g)
			fail_msg("%s: accepted", cases[i].node);
		if (!strstr(message, cases[i].wanted))
			fail_msg("%s: '%s' is not in: %s", cases[i].node, cases[i].wanted, message);
		free(message);
		arena_free(a);
	}
}

static void test_types(void **state)
{
	static const Case cases[] = {
	    {"f32[1,3,321,321]\nf16[64,3,7,7]", "conv2d \"c\" %1 %2 stride=2,2 pad=3,3,3,3", "f32[1,64,161,161]"},
	    {"f32[1,512,19,19]\nf32[1024,512,3,3]", "conv2d \"c\" %1 %2 pad=6,6,6,6 dilation=6,6", "f32[1,1024,19,19]"},
	    {"f32[1,8,5,5]\nf32[8,1,3,3]", "conv2d \"c\" %1 %2 group=8 pad=0,1,0,1", "f32[1,8,3,5]"},
	    {"f32[1,8,5,5]\nf32[8,8,1,1]", "conv2d \"c\" %1 %2 : f32[1,8,5,5]{c4 halo=1,1,1,1}", "f32[1,8,5,5]{c4 halo=1,1,1,1}"},
	    {"f32[1,1024,1,1]\nf32[1024,512,3,3]", "deconv2d \"c\" %1 %2", "f32[1,512,3,3]"},
	    {"f32[1,4,6,6]\nf32[4,2,3,3]", "deconv2d \"c\" %1 %2 stride=2,2 pad=1,1,1,1 group=2", "f32[1,4,11,11]"},
	    /* Caffe's pooling chain of SSD300: 300, 150, 75, 38, 19, then 3x3 s1 p1 */
	    {"f32[1,1,300,300]", "pool2d \"p\" %1 ceil=1 kernel=2,2 stride=2,2", "f32[1,1,150,150]"},
	    {"f32[1,1,75,75]", "pool2d \"p\" %1 ceil=1 kernel=2,2 stride=2,2", "f32[1,1,38,38]"},
	    {"f32[1,1,75,75]", "pool2d \"p\" %1 kernel=2,2 stride=2,2", "f32[1,1,37,37]"},
	    {"f32[1,1,38,38]", "pool2d \"p\" %1 ceil=1 kernel=2,2 stride=2,2", "f32[1,1,19,19]"},
	    {"f32[1,1,19,19]", "pool2d \"p\" %1 ceil=1 kernel=3,3 pad=1,1,1,1", "f32[1,1,19,19]"},
	    {"f32[1,1,161,257]", "pool2d \"p\" %1 ceil=1 kernel=3,3 stride=2,2", "f32[1,1,80,128]"},
	    /* the last window would start in the padding, or past the map */
	    {"f32[1,1,3,5]", "pool2d \"p\" %1 ceil=1 kernel=2,2 stride=2,2 pad=1,1,1,1", "f32[1,1,2,3]"},
	    {"f32[1,1,5,5]", "pool2d \"p\" %1 ceil=1 kernel=1,1 stride=3,4", "f32[1,1,2,2]"},
	    {"f32[1,7,3,5]", "pool2d \"p\" %1 average=1 global=1", "f32[1,7,1,1]"},
	    {"i64[2,3]", "reshape \"r\" %1 dim=-1", "i64[6]"},
	    {"f32[1]", "reshape \"r\" %1", "f32[]"},
	    {"f16[2,3,4]", "permute \"p\" %1 order=1,2,0", "f16[3,4,2]"},
	    {"u8[2,3]\nu8[2,5]", "concat \"c\" %1 %2", "u8[2,8]"},
	    {"f32[2,3,4]", "slice \"s\" %1 axis=2 begin=1 end=2", "f32[2,3,1]"},
	    {"f32[1,2,3,4]", "pad \"p\" %1 pad=1,2,3,4", "f32[1,2,7,10]"},
	    {"f16[1,2,3,4]", "resize \"r\" %1 size=5,6", "f32[1,2,5,6]"},
	    {"f32[5,2,3]\nf32[3,7]\nf32[7]", "matmul \"m\" %1 %2 %3", "f32[5,2,7]"},
	    {"i32[5,1,3]\ni32[2,1]", "eltwise \"e\" %1 %2 fn=add", "i32[5,2,3]"},
	    {"f32[3]\nf16[2,1]", "eltwise \"e\" %1 %2 fn=mul", "f32[2,3]"},
	    {"f16[3]", "eltwise \"e\" %1 fn=exp", "f16[3]"},
	    {"f32[]\nf32[4,0]", "eltwise \"e\" %1 %2 fn=less", "bool[4,0]"},
	    {"f64[3]", "eltwise \"e\" %1 fn=identity to=u16", "u16[3]"},
	    {"bool[2,1]\nu8[3]\nu8[1,3]", "eltwise \"e\" %1 %2 %3 fn=where", "u8[2,3]"},
	    {"i8[4,1,2,3]\nu8[5,3,2]", "matmul \"m\" %1 %2", "i32[4,5,2,2]"},
	    {"f64[2,0]\nf64[0,3]", "matmul \"m\" %1 %2", "f64[2,3]"},
	    {"u8[1,1,5,5]", "pool2d \"p\" %1 kernel=2,2 dilation=3,2", "u8[1,1,2,3]"},
	    {"f32[2,3,4]", "reduce \"r\" %1 axes=2,0 keepdims=0", "f32[3]"},
	    {"u8[2,3,4]", "reduce \"r\" %1 fn=max axes=1", "u8[2,1,4]"},
	    {"f32[2,3]", "argmax \"a\" %1 axis=1 keepdims=0", "i64[2]"},
	    {"i32[2,3]", "cumsum \"c\" %1 axis=1", "i32[2,3]"},
	    {"bool[2,3]\ni32[5,7]", "gather \"g\" %1 %2 axis=1", "bool[2,5,7]"},
	    {"f32[2,3]\ni64[]", "gather \"g\" %1 %2", "f32[3]"},
	    {"f32[2,3]\ni64[2,8]", "gather_elements \"g\" %1 %2 axis=1", "f32[2,8]"},
	    {"f32[2,3,4]\ni64[2,5,1]", "gather_nd \"g\" %1 %2 batch_dims=1", "f32[2,5,4]"},
	    {"f32[2,3]\ni64[2,1]\nf32[2,1]", "scatter_elements \"s\" %1 %2 %3 axis=1 fn=add", "f32[2,3]"},
	    {"i8[4,3]\ni64[2,1]\ni8[2,3]", "scatter_nd \"s\" %1 %2 %3", "i8[4,3]"},
	    {"f32[2,9]", "topk \"t\" %1 axis=1 k=4", "f32[2,4]"},
	    {"f32[2,5,3,3]", "lrn \"l\" %1 size=3", "f32[2,5,3,3]"},
	    {"f32[1,5,4]\nf32[1,2,5]", "nms \"n\" %1 %2 max_per_class=3 rows=6", "i64[6,3]"},
	    {"f32[0,3]", "reshape \"r\" %1 dim=5,0 zero=1", "f32[5,0]"},
	    {"f32[1,512,40,40]", "prior \"p\" %1 min=32.1 max=64.2 ratio=1.6,2,3 flip=1 image=321,321 step=8,8 start=2.5,2.5",
	     "f32[1,2,51200]"},
	    {"f32[1,40]\nf32[1,30]\nf32[1,2,40]", "detect \"d\" %1 %2 %3 classes=3 keep_top_k=7", "f32[7,6]"},
	};
	(void)state;
	check_accepted(cases, sizeof cases / sizeof *cases);
}

static void test_refused_windows(void **state)
{
	static const Case cases[] = {
	    {"f32[1,3,8,8]\nf32[4,2,3,3]", "conv2d \"c\" %1 %2", "takes 2 channels a group; the input has 3"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 group=0", "group is 0"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 group=-1", "group is -1"},
	    {"f32[1,4,8,8]\nf32[6,1,3,3]", "conv2d \"c\" %1 %2 group=4", "must divide 4 input and 6 output channels"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 dilation=1,0", "dilation holds 0"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 pad=0,-1,0,0", "pad holds -1"},
	    {"f32[1,3,8,2]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2", "spans 3 columns; the padded input has 2"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]\nf32[5]", "conv2d \"c\" %1 %2 %3", "the bias is f32[5]; [4] is needed"},
	    {"f32[3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2", "rank 4 is needed"},
	    {"f32[1,3,8,8]\ni8[4,3,3,3]", "conv2d \"c\" %1 %2", "input 1 is i8"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 act=add", "a function of two values"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 %2 elt=add", "has no epilogue operand"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]\nf32[1,4,6,6]", "conv2d \"c\" %1 %2 - %3", "no elt function"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]\nf32[1,4,6,5]", "conv2d \"c\" %1 %2 - %3 elt=add", "epilogue operand 0 is f32[1,4,6,5]"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "conv2d \"c\" %1 - -", "input 1 is missing"},
	    {"f32[1,1,8,8]\nf32[1,1,1,1]", "conv2d \"c\" %1 %2 pad=2147483647,0,2147483647,0", "more than 2147483647"},
	    {"f32[1,3,8,8]\nf32[4,3,3,3]", "deconv2d \"c\" %1 %2", "takes 4 channels; the input has 3"},
	    {"f32[1,4,2,2]\nf32[4,3,3,3]", "deconv2d \"c\" %1 %2 pad=4,0,4,0", "takes away every row"},
	    {"f32[1,4,2,2]\nf32[4,3,3,3]", "deconv2d \"c\" %1 %2 border_bias=1 border=1", "there is no bias"},
	    {"f32[1,4,2,2]\nf32[4,3,3,3]\nf32[3,3,3]", "deconv2d \"c\" %1 %2 %3 border_bias=1 border=3", "border is 3"},
	    {"f32[1,4,8,8]\nf32[4,3,3,3]", "deconv2d \"c\" %1 %2 stride=2147483647,2147483647", "more than 2147483647"},
	    {"f32[1,4,2,2]", "pool2d \"p\" %1 kernel=3,3", "the window spans 3 rows"},
	    {"f32[1,4,8,8]", "pool2d \"p\" %1 kernel=2,2 pad=2,0,0,0", "it must be less"},
	    {"f32[1,4,8,8]", "pool2d \"p\" %1 kernel=2,2 stride=0,1", "stride holds 0"},
	};
	(void)state;
	check_refused(cases, sizeof cases / sizeof *cases);
}

static const Case refused_others[] = {
    {"f32[2,3]\nf32[2]", "eltwise \"e\" %1 %2 fn=add", "f32[2,3] meets f32[2]"},
    {"f32[2,3]\ni32[2,3]", "eltwise \"e\" %1 %2 fn=add", "different types"},
    {"i32[2,3]", "eltwise \"e\" %1 fn=sin", "no function of i32"},
    {"f32[2,3]\nf32[3]", "eltwise \"e\" %1 %2 fn=and", "no function of f32"},
    {"bool[2,3]", "eltwise \"e\" %1 %1 fn=add", "no function of bool"},
    {"i32[2]", "eltwise \"e\" %1 %1 fn=add coeff=1,-1", "coeff is for floats"},
    {"i32[2]", "eltwise \"e\" %1 fn=neg act=relu", "act is for results"},
    {"f32[2]", "eltwise \"e\" %1 fn=neg act=isnan", "does not make numbers"},
    {"f32[2,3]", "eltwise \"e\" %1 fn=add", "a function of 2 values; 1 given"},
    {"f32[2,3]", "eltwise \"e\" %1 %1 fn=relu", "a function of 1 value; 2 given"},
    {"f32[2,3]", "eltwise \"e\" %1 fn=relu alpha=nan", "NaN"},
    {"f32[2,3]\nf32[3]", "batchnorm \"b\" %1 %2 %2 eps=nan", "eps is nan"},
    {"f32[2,3]\nf32[2]", "batchnorm \"b\" %1 %2 %2", "the mean is f32[2]"},
    {"f32[2,3]\nf32[3]", "scale \"s\" %1 %2 axis=-1", "axis is -1; 0 to 1"},
    {"f32[]", "softmax \"s\" %1 axis=0", "axis is 0"},
    {"f32[2,3]\nf16[2,3]", "concat \"c\" %1 %2", "input 1 is f16[2,3]"},
    {"f32[2,3]\nf32[3,3]", "concat \"c\" %1 %2", "input 1 is f32[3,3]"},
    {"u8[1,2147483647]", "concat \"c\" %1 %1", "more than 2147483647"},
    {"f32[2,3]", "reshape \"r\" %1 dim=-1,-1", "two extents are -1"},
    {"f32[2,3]", "reshape \"r\" %1 dim=4,-1", "does not fill"},
    {"f32[2,3]", "reshape \"r\" %1 dim=2,2", "does not fill"},
    {"f32[2,3]", "reshape \"r\" %1 dim=3,2,0", "extent 2 is 0"},
    {"f32[2,3]", "reshape \"r\" %1 dim=9223372036854775807,2", "does not fit"},
    {"f32[2,3]", "reshape \"r\" %1 dim=-9223372036854775808", "extent 0 is -9223372036854775808"},
    {"f32[2,3]", "permute \"p\" %1 order=0,0", "twice"},
    {"f32[2,3]", "permute \"p\" %1 order=0,2", "out of range"},
    {"f32[2,3]", "permute \"p\" %1 order=1", "names 1 axes"},
    {"f32[2,3]", "slice \"s\" %1 begin=3 end=2", "begin <= end"},
    {"f32[2,3]", "slice \"s\" %1 begin=-1 end=4", "begin <= end"},
    {"f32[2,3]", "resize \"r\" %1 size=0,3", "size holds 0"},
    {"f32[2,3]", "resize \"r\" %1 size=2000000,2000000", "more than 2147483647"},
    {"f32[2,3]\nf32[2,3]", "matmul \"m\" %1 %2", "3 columns meet 2 rows"},
    {"f32[2,2,3]\nf32[3,3,2]", "matmul \"m\" %1 %2", "batches that are equal or 1"},
    {"f32[2,2]\ni32[2,2]", "matmul \"m\" %1 %2", "floats or integers"},
    {"i8[2,2]\nu8[2,2]\nf32[2]", "matmul \"m\" %1 %2 %3", "the result is i32"},
    {"f32[2,3]", "reduce \"r\" %1 fn=sub axes=0", "fn is 'sub'"},
    {"f32[2,3]", "reduce \"r\" %1 axes=2", "axes holds 2"},
    {"f32[2,3]", "reduce \"r\" %1 axes=1,1", "axes holds 1"},
    {"i32[2,3]", "reduce \"r\" %1 axes=1 post=sqrt", "post is 'sqrt'"},
    {"f32[2,0]", "argmax \"a\" %1 axis=1", "axis 1 is empty"},
    {"bool[2]", "cumsum \"c\" %1", "the input is bool"},
    {"f32[2]\ni64[3]", "take \"t\" %1 %2", "no constant"},
    {"f32[2]\nf32[3]", "gather \"g\" %1 %2", "accepted: i64, i32"},
    {"f32[0]\ni64[3]", "gather \"g\" %1 %2", "nothing to index"},
    {"f32[2,3]\ni64[3,3]", "gather_elements \"g\" %1 %2 axis=1", "the indices are i64[3,3]"},
    {"f32[2,3]\ni64[2,3]", "gather_nd \"g\" %1 %2", "vectors of at most 2"},
    {"f32[2,3]\ni64[1,1]\nf32[1,2]", "scatter_nd \"s\" %1 %2 %3", "f32[1,3] is needed"},
    {"f32[2,3]\ni64[1,1]\nf32[1,1]", "scatter_elements \"s\" %1 %2 %3 fn=div", "fn is 'div'"},
    {"f32[2,3]", "topk \"t\" %1 axis=1 k=4", "k is 4; 0 to 3"},
    {"f32[2,3]", "lrn \"l\" %1 size=0", "size is 0"},
    {"f32[1,2,3,3]", "lrn \"l\" %1 size=2 within_channel=1", "an odd size"},
    {"f32[1,5,4]\nf32[1,2,4]", "nms \"n\" %1 %2", "[1,classes,5] is needed"},
    {"f32[1,1,2,2]", "prior \"p\" %1 min=1 max=1,2 image=9,9 step=1,1", "1 min and 2 max"},
    {"f32[1,1,2,2]", "prior \"p\" %1 min=0 image=9,9 step=1,1", "min holds 0"},
    {"f32[1,1,2,2]", "prior \"p\" %1 min=1 image=0,9 step=1,1", "image holds 0"},
    {"f32[1,1,40000,40000]", "prior \"p\" %1 min=1 image=9,9 step=1,1", "more than 2147483647"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,8]", "detect \"d\" %1 %2 %3 classes=2", "[1,4] is needed"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,4]", "detect \"d\" %1 %2 %3 classes=3", "priors is f32[1,2,4]"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,8]", "detect \"d\" %1 %2 %3 classes=3 background=3", "background is 3"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,8]", "detect \"d\" %1 %2 %3 classes=3 keep_top_k=-1", "keep_top_k is -1"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,8]", "detect \"d\" %1 %2 %3 classes=3 eta=0", "eta 0"},
    {"f32[1,8]\nf32[1,6]\nf32[1,2,8]", "detect \"d\" %1 %2 %3 classes=3 keep_per_class=-1", "keep_per_class is -1"},
};
static void test_refused_others(void **state)
{

	(void)state;
	check_refused(refused_others, sizeof refused_others / sizeof *refused_others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_refused_windows),
	    cmocka_unit_test(test_refused_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
