/* signals.c -- one handler; it relies on cleanup_run() being fit for handlers. */
#include "base/signals.h"
#include "ir/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	STACK_NEED = 384 << 10,   /* bytes; the deepest chain of calls takes less than half, but for libclang (checker.c) */
	HANDLER_STACK = 128 << 10 /* cleanup_run() takes 20 KiB */
};

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { ENDING = sizeof ending / sizeof *ending };

static void end(int number)
{
	cleanup_run();
	signal(number, SIG_DFL);
	raise(number); /* held back until the handler returns; a fault comes again by itself */
}

static void stack_ends(int number)
{
	static const char text[] = "dssdc: error: the stack cannot grow as far as the program needs: see ulimit -s and ulimit -v [limit]\n";
	(void)number;
	ssize_t ignored = write(2, text, sizeof text - 1);
	(void)ignored;
	stop_with_status(4);
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction now, with = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
	sigfillset(&with.sa_mask);
	if (!sigaction(number, NULL, &now) && now.sa_handler == SIG_DFL) /* neither ignored nor a sanitizer's */
		sigaction(number, &with, NULL);
}

static __attribute__((noinline)) void touch_stack(size_t bytes)
{
	volatile char page[4096];
	page[0] = 1;
	if (bytes > sizeof page)
		touch_stack(bytes - sizeof page);
	page[sizeof page - 1] = page[0]; /* after the call: it is no loop */
}

/* The system gives the stack its pages when they are first used, and there is no answer but a signal when it cannot. So
 * they are used now, while that signal can be told from a fault. */
static void reserve_stack(void)
{
	struct sigaction before;
	handle(SIGSEGV, stack_ends);
	sigaction(SIGSEGV, NULL, &before);
	touch_stack(STACK_NEED);
	if (before.sa_handler == stack_ends)
		signal(SIGSEGV, SIG_DFL);
}

static void open_standard_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			stop_with_status(5); /* nowhere to say it */
}

void signals_begin(void)
{
	open_standard_files();
	stack_t stack = {.ss_size = HANDLER_STACK};
	stack.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		stop_out_of_memory();
	sigaltstack(&stack, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* or children could not be waited for */
	reserve_stack();
	for (int i = 0; i < ENDING; i++)
		handle(ending[i], end);
}
