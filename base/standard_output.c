/* standard_output.c -- signals_begin() ignores SIGPIPE, so the end of a pipe is seen here: poll() tells it without
 * writing anything. */
#include "base/standard_output.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

bool standard_output_flush(void)
{
	const int failed = fflush(stdout);
	return !failed && !ferror(stdout);
}

bool standard_output_lost_reader(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
	return poll(&p, 1, 0) == 1 && p.revents & POLLERR;
}
