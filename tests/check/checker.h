/* checker.h -- for tests of dssdc check: is there a checker? */
#ifndef TESTS_CHECK_CHECKER_H
#define TESTS_CHECK_CHECKER_H

#include "tests/shell.h"

static bool can_check(void)
{
	write_text("net.c", "int net_x(void);\nint net_x(void) { return 0; }\n");
	if (sh(DSSDC " check net.c") != 3)
		return true;
	print_message("skipped: %s", err);
	return false;
}

typedef struct Fault {    /* a text with one fault */
	const char *rule; /* and what follows it in the message */
	int line;
	const char *text;
} Fault;

/* Each is found, at its line, when it stands in the file. */
static __attribute__((unused)) void assert_found(const Fault *fault, size_t n, const char *file)
{
	for (size_t i = 0; i < n; i++) {
		char want[128];
		bool found = false;
		snprintf(want, sizeof want, "%s:%d:", file, fault[i].line);
		write_text(file, fault[i].text);
		assert_int_equal(sh(DSSDC " check %s", file), 1);
		for (char *at = err; !found && (at = strstr(at, fault[i].rule)) != NULL; at++) {
			char *line = at;
			while (line > err && line[-1] != '\n')
				line--;
			found = !strncmp(line, want, strlen(want));
		}
		if (!found)
			fail_msg("wanted %s %s in\n%s\nfound:\n%s", want, fault[i].rule, fault[i].text, err);
	}
}

#endif
