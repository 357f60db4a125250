/* test_format.c -- C sources look as .clang-format says, by clang-format 19: another version breaks lines in other places.
 *
 * Templates of kernels are left out: their lines are what is emitted, and the template engine reads them. So are kept texts of
 * tests/golden and the headers of CUDA that check carries, which are C++. */
#include "tests/shell.h"

static void sources_are_formatted(void **state)
{
	(void)state;
	if (sh("clang-format-19 --version")) {
		print_message("skipped: there is no clang-format-19\n");
		skip();
	}
	assert_has(out, "version 19.");
	if (sh("cd '" SOURCE_DIR
	       "' && find base check codegen compiler eval import ir passes report runtime tests toolchain verify -name '*.[ch]'"
	       " ! -path 'codegen/kernels/*' ! -path 'check/cuda/*' ! -path 'tests/golden/*.*.[ch]' ! -path 'tests/golden/[a-s]*.h'"
	       " | xargs clang-format-19 --dry-run -Werror"))
		fail_msg("%.2000s\nclang-format-19 -i FILE formats a file", err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sources_are_formatted),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
