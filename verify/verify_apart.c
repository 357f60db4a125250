/* verify_apart.c -- the emitted program in a process of its own: what it said, or by which signal it ended. */
#include "base/spawn.h"
#include "base/standard_output.h"
#include "verify/verify.h"
#include "ir/cleanup.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

static const char *signal_name(int number, Arena *a)
{
	static const struct {
		int number;
		const char *name;
	} known[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
	             {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}, {SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].number == number)
			return known[i].name;
	return arena_printf(a, "signal %d", number);
}

static void take_over(Verifier *v, const Apart *s)
{
	memcpy(v->d->count, s->count, sizeof v->d->count);
	v->d->nwarning = s->nwarning;
	v->tally = s->tally;
}

static void hand_over(const Verifier *v, Apart *s)
{
	memcpy(s->count, v->d->count, sizeof s->count);
	s->nwarning = v->d->nwarning;
	s->tally = v->tally;
	s->done = true;
}

static void report_end(Verifier *v, const Apart *s, int status, Arena *a)
{
	const Loc nowhere = {.layer = s->last ? s->last->loc.layer : NULL};
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	if (WIFSIGNALED(status) && s->running)
		diag_error(v->d, DIAG_DIFFERENCE, nowhere, "the emitted program ended by %s in %s%s", signal_name(WTERMSIG(status), a),
		           s->what, s->last ? ", after this layer was made" : ", before any layer was made");
	else if (s->running)
		diag_error(v->d, DIAG_DIFFERENCE, nowhere, "the emitted program ended the process in %s, with status %d", s->what, code);
	else if (WIFSIGNALED(status))
		bug("the comparison ended by %s", signal_name(WTERMSIG(status), a));
	else if (code > DIAG_OK && code <= DIAG_IO)
		v->d->count[code]++; /* it has said why */
	else
		bug("the comparison ended with status %d", code);
}

void verify_apart(Verifier *v, void (*run)(Verifier *v, const char *file, Arena *a), const char *file, Arena *a)
{
	Apart *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED) {
		diag_error(v->d, DIAG_LIMIT, (Loc){0}, "no memory to share with the emitted program");
		return;
	}
	fflush(NULL);
	v->apart = s;
	const pid_t pid = command_fork(v->d);
	if (pid == 0) {
		run(v, file, a);
		hand_over(v, s);
		if (!standard_output_flush() && !standard_output_lost_reader()) { /* main() looks for the reader */
			s->done = false;
			diag_stop(DIAG_IO, (Loc){0}, "cannot write to standard output");
		}
		stop_with_status(DIAG_OK);
	}
	const int status = pid > 0 ? command_wait(pid) : 0;
	if (pid > 0 && s->done)
		take_over(v, s);
	else if (pid > 0)
		report_end(v, s, status, a);
	v->apart = NULL;
	munmap(s, sizeof *s);
}
