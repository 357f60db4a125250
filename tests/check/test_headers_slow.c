/* test_headers_slow.c -- what the checker carries of CUDA's headers says what the toolkit's own headers say: the host's functions
 * are declared once more behind those, which C linkage makes an error where anything differs, and numbers are compared. */
#include "tests/shell.h"

#define HEADERS "'" SOURCE_DIR "/check/cuda'"
/* A toolkit stands where it is installed, or where CUDA_PATH says. */
#define CXX "g++ -std=c++17 -fsyntax-only -Wno-deprecated-declarations -I\"${CUDA_PATH:-/usr/local/cuda}/include\" "

static void write_comparison(const char *header, const char *file)
{
	must("{ echo '#include <cuda_runtime.h>'; [ %s = cuda_runtime ] || echo '#include <%s.h>'; "
	     /* the first block is the host's; arguments that may be left out have their values there already */
	     "awk '/^extern \"C\" \\{$/ && !done {on = 1} on {print} /^}$/ && on {on = 0; done = 1}' " HEADERS
	     "/%s.h | sed 's/ = [0-9a-zA-Z]*\\([,)]\\)/\\1/g'; "
	     "grep -oE '\\b(cuda|CUDNN_)[A-Za-z0-9_]+ = [0-9]+' " HEADERS
	     "/%s.h | sed 's/\\(.*\\) = \\(.*\\)/static_assert(\\1 == \\2, \"\");/'; "
	     "sed -n 's/^#define \\(cuda[A-Za-z]*\\) \\(0x[0-9]*\\)$/static_assert(\\1 == \\2, \"\");/p' " HEADERS "/%s.h; } >%s",
	     header, header, header, header, header, file);
}

static void carried_headers_agree_with(const char *header, const char *change, int least)
{
	write_text("there.cc", "");
	must("echo '#include <%s.h>' >there.cc", header);
	if (sh(CXX "there.cc")) {
		print_message("skipped: no %s.h\n", header);
		skip();
	}
	write_comparison(header, "same.cc");
	must(CXX "same.cc");
	must("test \"$(grep -c static_assert same.cc)\" -ge %d", least);
	/* and the comparison can fail */
	must("sed '%s' same.cc >other.cc && ! cmp -s same.cc other.cc", change);
	assert_int_equal(sh(CXX "other.cc"), 1);
}

static void the_runtime(void **state)
{
	(void)state;
	carried_headers_agree_with("cuda_runtime",
	                           "s/cudaError_t cudaMemset(void \\*p, int byte, size_t bytes)/cudaError_t cudaMemset(void *p, int byte, "
	                           "int bytes)/; s/^cudaError_t cudaGetDevice(/void cudaGetDevice(/",
	                           40);
}

static void cudnn(void **state)
{
	(void)state;
	carried_headers_agree_with("cudnn", "s/CUDNN_HEUR_MODE_A == 3/CUDNN_HEUR_MODE_A == 2/", 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_runtime), cmocka_unit_test(cudnn)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
