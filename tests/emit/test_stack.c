/* test_stack.c -- the deepest way through assembly, as gcc and clang write it for several machines, and every reason to give
 * up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toolchain/stack.h"

static Arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* x86-64 as gcc writes it: a clone, a cold part, a tail call, a function beside the model. */
static const char gcc_text[] = "\t.file\t\"net.c\"\n\t.text\n\t.type\tnet_leaf, @function\nnet_leaf:\n.LFB1:\n\tcall\tmemcpy@PLT\n\tret\n"
                               "\t.size\tnet_leaf, .-net_leaf\n\t.type\tnet_big.constprop.0, @function\nnet_big.constprop.0:\n"
                               "\tsubq\t$100, %rsp\n\tjmp\tnet_big.constprop.0.cold\n\tret\n"
                               "\t.type\tnet_big.constprop.0.cold, @function\nnet_big.constprop.0.cold:\n\tcall\tnet_leaf\n\tjmp\t.L5\n"
                               "\t.globl\tnet_run\n\t.type\tnet_run, @function\nnet_run:\n\tcall\tnet_leaf\n\tcall\tnet_big.constprop.0\n"
                               "\tleaq\tnet_table(%rip), %rax\n\tjmp\tmemset\n"
                               "\t.globl\tnet_table\n\t.type\tnet_table, @object\nnet_table:\n\t.quad\t1\n"
                               "\t.ident\t\"GCC: (x) 12.2.0\"\n";
static const char gcc_usage[] = "/a b/net.c:1:2:net_leaf\t16\tstatic\n/a b/net.c:3:4:net_big.constprop\t108\tstatic\n"
                                "/a b/net.c:5:6:net_run\t40\tdynamic,bounded\n";

static void the_deepest_way(void **state)
{
	(void)state;
	StackUse u = stack_read("net", gcc_text, gcc_usage, arena);
	assert_null(u.unknown);
	assert_string_equal(u.compiler, "GCC: (x) 12.2.0");
	assert_int_equal(u.nentry, 1);
	assert_string_equal(u.entry[0].name, "net_run");
	assert_int_equal(u.bytes, 40 + 108 + 16 + 128);
	assert_string_equal(u.entry[0].path[1], "net_big.constprop.0");
	assert_string_equal(u.entry[0].path[2], "net_leaf");
	assert_null(u.entry[0].path[3]);
	assert_string_equal(u.outside[0], "memcpy");
	assert_string_equal(u.outside[1], "memset");
	assert_null(u.outside[2]);
}

/* clang: frames without the return address, labels with comments; AArch64's calls. */
static void clang_and_another_machine(void **state)
{
	(void)state;
	static const char text[] =
	    "\t.globl\tnet_run                         // -- Begin function net_run\n\t.type\tnet_run,@function\n"
	    "net_run:                                // @net_run\n\t.cfi_startproc\n// %bb.0:\n\tbl\tnet_infer\n\tret\n"
	    "\t.type\tnet_infer,@function\nnet_infer:                              // @net_infer\n\tbl\tmemset\n"
	    ".LBB1_1:\n\tb\t.LBB1_1\n\t.ident\t\"Debian clang version 19.1.7 (3)\"\n";
	StackUse u = stack_read("net", text, "net.c:7:net_run\t32\tstatic\nnet.c:9:net_infer\t48\tstatic\n", arena);
	assert_null(u.unknown);
	assert_int_equal(u.bytes, 32 + 8 + 48 + 8);
	assert_string_equal(u.outside[0], "memset");
}

static void reasons_to_give_up(void **state)
{
	(void)state;
#define F(name) "\t.globl\t" name "\n\t.type\t" name ", @function\n" name ":\n"
	static const char one[] = "net.c:1:1:net_run\t8\tstatic\n", two[] = "net.c:1:1:net_run\t8\tstatic\nnet.c:1:1:net_b\t8\tstatic\n";
	static const struct {
		const char *text, *usage, *reason;
	} rows[] = {
	    {F("net_run") "\tret\n", "net.c:1:1:net_run\t8\tdynamic\n", "the frame of net_run grows while it runs"},
	    {F("net_run") "\tret\n", "", "the compiler does not say how large the frame of net_run is"},
	    {F("net_run") "\tcall\tmalloc\n", one, "net_run calls malloc, whose frame is not known"},
	    {F("net_run") "\tjmp\texit@PLT\n", one, "net_run calls exit, whose frame is not known"},
	    {F("net_run") "\tcall\t*%rax\n", one, "net_run calls through a pointer"},
	    {F("net_run") "\tblr\tx8\n", one, "net_run calls through a pointer"},
	    {F("net_run") "\tcall\tnet_run\n", one, "net_run calls itself"},
	    {F("net_run") "\tcall\tnet_b\n" F("net_b") "\tcall\tnet_run\n", two, "net_run can call itself"},
	    {F("net_run") "\tgosub\tnet_b\n\t.type\tnet_b, @function\nnet_b:\n", two, "calls are written in a way that is not known here"},
	    {"\t.ascii\t\"lto\"\n", "", "the compiler's assembly has no functions of the model"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		StackUse u = stack_read("net", rows[i].text, rows[i].usage, arena);
		assert_non_null(u.unknown);
		assert_string_equal(u.unknown, rows[i].reason);
	}
}

/* ---- gcc's call graph ---- */

#define NODE(title, label, frame) "node: { title: \"" title "\" label: \"" label "\\na b/net.c:3:4\\n" frame "\" }\n"
#define OUTSIDE(name) "node: { title: \"" name "\" label: \"" name "\\n<built-in>\" shape : ellipse }\n"
#define EDGE(from, to) "edge: { sourcename: \"" from "\" targetname: \"" to "\" label: \"a b/net.c:1:2\" }\n"
#define GRAPH(lines) "graph: { title: \"a b/net.c\"\n" lines "}\n"

static void the_deepest_way_of_a_graph(void **state)
{
	(void)state;
	static const char graph[] =
	    GRAPH(NODE("a b/net.c:net_leaf", "net_leaf", "16 bytes (static)") EDGE("a b/net.c:net_leaf", "memcpy") OUTSIDE("memcpy")
	              NODE("a b/net.c:net_big.constprop.0", "net_big.constprop", "108 bytes (static)")
	                  EDGE("a b/net.c:net_big.constprop.0", "a b/net.c:net_leaf") EDGE("net_run", "a b/net.c:net_leaf")
	                      EDGE("net_run", "a b/net.c:net_big.constprop.0") EDGE("net_run", "memset")
	                          NODE("net_run", "net_run", "40 bytes (dynamic,bounded)")
	                              NODE("net_version", "net_version", "0 bytes (static)"));
	static const char text[] = "\t.ident\t\"GCC: (x) 12.2.0\"\n";
	StackUse u = stack_read_graph("\tbrasl\t%r14,net_leaf\n\t.ident\t\"GCC: (x) 12.2.0\"\n", graph, arena);
	assert_null(u.unknown);
	assert_string_equal(u.compiler, "GCC: (x) 12.2.0");
	assert_int_equal(u.nentry, 2);
	assert_int_equal(u.bytes, 40 + 108 + 16);
	assert_string_equal(u.entry[0].name, "net_run");
	assert_string_equal(u.entry[0].path[1], "net_big.constprop.0");
	assert_string_equal(u.entry[0].path[2], "net_leaf");
	assert_null(u.entry[0].path[3]);
	assert_int_equal(u.entry[1].bytes, 0);
	assert_string_equal(u.outside[0], "memcpy");
	assert_string_equal(u.outside[1], "memset");
	assert_null(u.outside[2]);
	u = stack_read_graph(arena_printf(arena, "\tsubq\t$8, %%rsp\n%s", text), graph, arena); /* a red zone of 128 bytes */
	assert_int_equal(u.bytes, 40 + 108 + 16 + 128);
}

static void reasons_to_give_up_a_graph(void **state)
{
	(void)state;
#define RUN NODE("net_run", "net_run", "8 bytes (static)")
	static const struct {
		const char *text, *graph, *reason;
	} rows[] = {
	    {"", GRAPH(NODE("net_run", "net_run", "8 bytes (dynamic)")), "the frame of net_run grows while it runs"},
	    {"", GRAPH("node: { title: \"net_run\" label: \"net_run\\nnet.c:1:1\" }\n"),
	     "the compiler does not say how large the frame of net_run is"},
	    {"", GRAPH(RUN OUTSIDE("malloc") EDGE("net_run", "malloc")), "net_run calls malloc, whose frame is not known"},
	    {"", GRAPH(RUN EDGE("net_run", "__addsf3")), "net_run calls __addsf3, whose frame is not known"},
	    {"", GRAPH(RUN OUTSIDE("__indirect_call") EDGE("net_run", "__indirect_call")), "net_run calls through a pointer"},
	    {"", GRAPH(RUN EDGE("net_run", "net_run")), "net_run calls itself"},
	    {"",
	     GRAPH(RUN NODE("a b/net.c:net_b", "net_b", "8 bytes (static)") EDGE("net_run", "a b/net.c:net_b")
	               EDGE("a b/net.c:net_b", "net_run")),
	     "net_run can call itself"},
	    {"", GRAPH(RUN EDGE("net_other", "net_run")), "the compiler's call graph is not written as gcc 10 to 14 write it"},
	    {"\tcall\tmcount\n", GRAPH(RUN), "a function calls mcount, whose frame is not known"},
	    {"\tbl\t__gnu_mcount_nc\n", GRAPH(RUN), "a function calls __gnu_mcount_nc, whose frame is not known"},
	    {"", GRAPH(""), "the compiler's call graph has no functions of the model"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		StackUse u = stack_read_graph(rows[i].text, rows[i].graph, arena);
		assert_non_null(u.unknown);
		assert_string_equal(u.unknown, rows[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_deepest_way),
	    cmocka_unit_test(clang_and_another_machine),
	    cmocka_unit_test(reasons_to_give_up),
	    cmocka_unit_test(the_deepest_way_of_a_graph),
	    cmocka_unit_test(reasons_to_give_up_a_graph),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
