/* test_stack.c -- the deepest way through assembly, as gcc and clang write it for several machines, and every reason to give
 * up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/stack.h"

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
	static const char text[] = "\t.globl\tnet_run                         // -- Begin function net_run\n\t.type\tnet_run,@function\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_deepest_way),
	    cmocka_unit_test(clang_and_another_machine),
	    cmocka_unit_test(reasons_to_give_up),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
