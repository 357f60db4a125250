/* budget.c -- runs a test and holds it to its line of tests/budgets.txt.
 *
 *     budget NAME SECONDS FULL COMMAND...
 *
 * SECONDS is the processor time that the test and all its children took when the line was written; FULL the same with
 * DSSDC_TESTS_FULL set. A test that takes more than 1.5 times its line fails, so that a slow test is noticed by the change
 * that makes it slow. Processor time leaves out what else runs on the machine. Machines differ as well: before and after the
 * test a fixed piece of work is timed, and the line is stretched where that takes longer than it did on the machine on which
 * the lines were measured. A line is never shortened, and less than five seconds are not held: where nothing was read from the disk
 * before, a start-up alone may take three. A line of 0 was not measured yet, and holds nothing.
 *
 * The exit status is the test's, or 1 when it went over its line. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds of work() on the machine of the lines: one core of a Zen 3 EPYC at 2.45 GHz, virtual, built by gcc 12 -O2. */
static const double NOMINAL = 0.060;

static const double ALLOWED = 1.5, LEAST = 5;

static double processor_seconds(int who)
{
	struct rusage r;
	getrusage(who, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

/* Much like a compiler: dependent integer arithmetic, branches that depend on data, and jumps through memory of 4 MB. */
static uint64_t work(uint32_t *table, uint32_t n)
{
	uint64_t x = 88172645463325252u, sum = 0;
	for (int i = 0; i < 3000000; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		uint32_t *p = &table[(x + sum) % n];
		if (*p & 1)
			sum += *p ^ (uint32_t)x;
		else
			sum ^= x;
		*p = (uint32_t)sum + (uint32_t)i;
	}
	return sum;
}

/* The least of several: what disturbs only adds. */
static double yardstick(void)
{
	enum { N = 1 << 20, ROUNDS = 3 };
	uint32_t *table = calloc(N, sizeof *table);
	double least = 1e9;
	volatile uint64_t sink = 0;
	for (int i = 0; table && i < ROUNDS; i++) {
		double start = processor_seconds(RUSAGE_SELF);
		sink += work(table, N);
		double took = processor_seconds(RUSAGE_SELF) - start;
		least = took < least ? took : least;
	}
	free(table);
	return table ? least : NOMINAL;
}

static int run(char **command)
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		execvp(command[0], command);
		fprintf(stderr, "budget: cannot run '%s': %s\n", command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0) {
		perror("budget");
		return 127;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "budget: ended by signal %d\n", WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fputs("usage: budget NAME SECONDS FULL COMMAND...\n", stderr);
		return 2;
	}
	double line = atof(argv[getenv("DSSDC_TESTS_FULL") ? 3 : 2]), before = yardstick();
	int status = run(argv + 4);
	double took = processor_seconds(RUSAGE_CHILDREN), after = yardstick(), slower = (before > after ? before : after) / NOMINAL;
	slower = slower < 1 ? 1 : slower;
	double limit = ALLOWED * line * slower;
	printf("budget: %s took %.1f s of processor time; its line is %.1f s, this machine takes %.2f times as long\n", argv[1], took, line,
	       slower);
	if (status || line <= 0 || took <= limit || took <= LEAST)
		return status;
	printf("budget: %s is over %.1f s: make it faster, move a part to tests/run.sh full, or change its line in tests/budgets.txt\n",
	       argv[1], limit);
	return 1;
}
