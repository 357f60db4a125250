/* test_faults_slow.c -- every call of the program fails once, or from then on; limits of the system; signals at any time; two
 * programs that write the same files. A spread of points, or all of them with DSSDC_TESTS_FULL in the environment; with
 * DSSDC_TESTS_SCENARIO=N, for looking at one, only the failing calls of row N of the scenarios. */
#include "tests/faults/command.h"
#include "tests/import/onnx_text.h"

#include <sys/mount.h>

#define CARD_MODEL "good.json --random-weights=1"
#define CAFFE_MODEL "small.prototxt --weights=small.caffemodel"

/* {card, Caffe, ONNX, IR} x {compile, inspect, import, verify}, and a product of the C compiler. points: of each kind of call
 * in the small run; programs that call a compiler get few. */
typedef struct Scenario {
	const char *words;
	int points;
} Scenario;

static const Scenario scenarios[] = {
    {"compile --quiet --emit=c --no-check -o out/x.c " CARD_MODEL, 4},
    {"compile --quiet --emit=c --no-check -o out/x.c " CAFFE_MODEL, 3},
    {"compile --quiet --emit=c --no-check -o out/x.c --weights-form=file net.onnx", 3},
    {"compile --quiet --emit=c --no-check -o out/x.c --weights-form=array --dump-dir=dumps detector.ir", 3},
    {"inspect --emit=json -o out/x.json " CARD_MODEL, 2},
    {"inspect --emit=html -o out/x.html " CAFFE_MODEL, 2},
    {"inspect net.onnx", 2},
    {"inspect --emit=ir -o out/x.ir --verify-each detector.ir", 2},
    {"import --quiet -o out/x.ir " CARD_MODEL, 3},
    {"import --quiet -o out/x.ir " CAFFE_MODEL, 3},
    {"import --quiet -o out/x.ir net.onnx", 3},
    {"import --quiet -o out/x.ir detector.ir", 3},
    {"verify --cflags=-O0 " CAFFE_MODEL, 1},
    {"verify --cflags=-O0 net.onnx", 1},
    {"verify --cflags=-O0 detector.ir", 1},
    {"compile --quiet --emit=obj --no-check --cflags=-O0 --manifest -o out/x.o detector.ir", 1},
    {"compile --quiet --emit=shared --no-check --cflags=-O0 --weights-form=file --name=x -o out/x.so net.onnx", 1},
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static bool full(void)
{
	return getenv("DSSDC_TESTS_FULL") != NULL;
}

/* The same numbers in every run. */
static unsigned next_random(unsigned *state)
{
	return (*state = *state * 1664525u + 1013904223u) >> 8;
}

static void each_call_fails(void **state)
{
	static const char *const kinds[] = {"memory", "open", "read", "write", "close", "rename", "child", "folder", "other"};
	const char *only = getenv("DSSDC_TESTS_SCENARIO");
	long total = 0, refused = 0;
	(void)state;
	for (int i = only ? atoi(only) : 0; i < (only ? atoi(only) + 1 : SCENARIOS); i++) {
		Subject s = {.words = scenarios[i].words};
		subject_prepare(&s);
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			const long calls = subject_calls(&s, kinds[k]), wanted = full() ? calls : scenarios[i].points;
			const long step = calls > wanted ? calls / wanted : 1;
			for (long at = 1 + (full() ? 0 : (7 * i) % step); at <= calls; at += step) {
				Fault f = {.call = kinds[k], .at = at, .on = (total & 1) != 0, .resource = -1};
				refused += subject_run(&s, &f) != 0;
				total++;
				if (full() && scenarios[i].points > 1) { /* the other way too */
					f.on = !f.on;
					refused += subject_run(&s, &f) != 0;
					total++;
				}
			}
		}
		subject_free(&s);
	}
	printf("%ld calls failed; the program refused %ld times\n", total, refused);
	assert_true(refused > total / 2 && total > (only ? 0 : full() ? 5000 : 200));
}

static void limits_of_the_system(void **state)
{
	static const struct {
		const char *name;
		int resource;
		rlim_t least, most, step, full_step;
	} limit[] = {
	    {"memory", RLIMIT_AS, 6 << 20, 40 << 20, 5 << 20, 256 << 10},
	    {"open files", RLIMIT_NOFILE, 3, 14, 3, 1},
	    {"stack", RLIMIT_STACK, 64 << 10, 2 << 20, 480 << 10, 32 << 10},
	    {"size of a file", RLIMIT_FSIZE, 1 << 10, 24 << 10, 7 << 10, 512},
	    {"processes", RLIMIT_NPROC, 0, 1, 1, 1},
	};
	(void)state;
	for (int i = 0; i < SCENARIOS; i++) {
		Subject s = {.words = scenarios[i].words};
		subject_prepare(&s);
		for (size_t k = 0; k < sizeof limit / sizeof *limit; k++)
			for (rlim_t x = limit[k].least; x <= limit[k].most;
			     x += full() && scenarios[i].points > 1 ? limit[k].full_step : limit[k].step)
				if (full() || (x / limit[k].step + (rlim_t)i) % 2) {
					const Fault f = {.resource = limit[k].resource, .limit = x};
					subject_run(&s, &f);
				}
		subject_free(&s);
	}
}

/* A disk of 32 KiB below out/, where we may have one. */
static void full_disk(void **state)
{
	(void)state;
	for (int i = 0; i < SCENARIOS; i++) {
		if (!strstr(scenarios[i].words, "out/x.c") && !strstr(scenarios[i].words, "import"))
			continue;
		must("rm -rf out tmp; mkdir out tmp");
		if (mount("none", "out", "tmpfs", 0, "size=8k")) {
			printf("skipped: no file system can be mounted here (%s)\n", strerror(errno));
			return;
		}
		const int status = dssdc_wait(dssdc_start(scenarios[i].words, &NO_FAULT));
		Files got = files_read("out");
		umount("out");
		if (WIFEXITED(status) && !WEXITSTATUS(status)) {
			assert_true(got.n > 1);
			files_free(&got);
			continue;
		}
		read_text("complained", err, sizeof err);
		assert_int_equal(WEXITSTATUS(status), 5);
		assert_has(err, "No space left on device");
		assert_int_equal(got.n, 0);
		files_free(&got);
	}
}

/* ---- signals ---- */

static const char *const slow_words[] = {
    "compile --quiet --no-check --cflags=-O0 -o out/x detector.ir",
    "compile --quiet --emit=c --no-check -o out/x.c " CARD_MODEL,
    "import --quiet -o out/x.ir " CARD_MODEL,
};
enum { SLOW = sizeof slow_words / sizeof *slow_words };

/* Returns how long that was. */
static long sleep_share(long nanoseconds, unsigned share, unsigned of)
{
	long n = (long)((double)nanoseconds * share / of);
	nanosleep(&(struct timespec){n / 1000000000, n % 1000000000}, NULL);
	return n;
}

static void signals_take_back(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	unsigned random = 1;
	int died = 0, rounds = full() ? 170 : 4;
	(void)state;
	for (int i = 0; i < SLOW; i++) {
		Subject s = {.words = slow_words[i]};
		subject_prepare(&s);
		for (int k = 0; k < rounds; k++) {
			char what[200];
			const int number = signals[k % 3];
			snprintf(what, sizeof what, "%s, signal %d", s.words, number);
			set_up_folders(&s.want);
			pid_t pid = dssdc_start(s.words, &NO_FAULT);
			const long slept = sleep_share(s.nanoseconds, next_random(&random) % 1024, 1024);
			kill(pid, number);
			const int status = dssdc_wait(pid);
			if (!WIFSIGNALED(status) && slept > 0) /* it was over by then: the machine was slower when the program was timed */
				s.nanoseconds = slept;
			no_process_is_left(what, false);
			const bool is_new = judge_files(&s, what);
			if (WIFSIGNALED(status) ? WTERMSIG(status) != number : WEXITSTATUS(status) != 0 || !is_new)
				fail_msg("%s: status %x", what, (unsigned)status);
			died += WIFSIGNALED(status);
		}
		subject_free(&s);
	}
	assert_true(died > SLOW * rounds / 3);
}

static void ignored_signals_stay_ignored(void **state)
{
	Subject s = {.words = slow_words[0]};
	(void)state;
	subject_prepare(&s);
	set_up_folders(&s.want);
	signal(SIGHUP, SIG_IGN); /* as under nohup */
	pid_t pid = dssdc_start(s.words, &NO_FAULT);
	for (unsigned k = 0; k < 4; k++) {
		sleep_share(s.nanoseconds, 1, 6);
		kill(pid, SIGHUP);
	}
	assert_int_equal(dssdc_wait(pid), 0);
	signal(SIGHUP, SIG_DFL);
	assert_true(judge_files(&s, "ignored signals"));
	subject_free(&s);
}

/* The old set, the new one, or, of an import, two files that are known not to belong together; and one folder of ours. */
static void judge_killed(const Subject *s, const char *what)
{
	int folders = 0;
	Files left = files_read("tmp"), got;
	for (int i = 0; i < left.n; i++)
		if (strncmp(left.name[i], "dssdc.", 6) || folders++)
			fail_msg("%s: tmp/%s is left", what, left.name[i]);
	files_free(&left);
	got = files_read("out");
	for (int i = 0; i < got.n; i++)
		folders += !strncmp(got.name[i], ".dssdc-", 7);
	files_free(&got);
	if (folders > 1)
		fail_msg("%s: %d temporary folders are left", what, folders);
	must("rm -rf out/.dssdc-*");
	got = files_read("out");
	if (!files_equal(&got, &s->want) && !files_are_old(&got, &s->want))
		for (int i = 0; i < got.n; i++) { /* each is whole */
			const bool old = got.size[i] == 4;
			int k = 0;
			while (k < s->want.n && strcmp(s->want.name[k], got.name[i]))
				k++;
			if (k == s->want.n ||
			    (!old && (got.size[i] != s->want.size[k] || memcmp(got.bytes[i], s->want.bytes[k], got.size[i]))))
				fail_msg("%s: out/%s is neither old nor new", what, got.name[i]);
		}
	files_free(&got);
}

static void kill_leaves_whole_files(void **state)
{
	unsigned random = 2;
	(void)state;
	for (int i = 0; i < SLOW; i++) {
		Subject s = {.words = slow_words[i]};
		subject_prepare(&s);
		for (int k = 0; k < (full() ? 70 : 3); k++) {
			set_up_folders(&s.want);
			pid_t pid = dssdc_start(s.words, &NO_FAULT);
			sleep_share(s.nanoseconds, next_random(&random) % 1024, 1024);
			kill(pid, SIGKILL);
			dssdc_wait(pid);
			no_process_is_left(s.words, true);
			judge_killed(&s, s.words);
		}
		subject_free(&s);
	}
}

/* ---- two at once ---- */

static void writers_take_turns(void **state)
{
	Subject s[2] = {{.words = "import --quiet -o out/x.ir good.json --random-weights=1"},
	                {.words = "import --quiet -o out/x.ir good.json --random-weights=2"}};
	(void)state;
	subject_prepare(&s[0]);
	subject_prepare(&s[1]);
	for (int i = 0; i < (full() ? 200 : 8); i++) {
		set_up_folders(NULL);
		pid_t a = dssdc_start(s[i & 1].words, &NO_FAULT), b = dssdc_start(s[~i & 1].words, &NO_FAULT);
		assert_int_equal(dssdc_wait(a), 0);
		assert_int_equal(dssdc_wait(b), 0);
		Files got = files_read("out");
		if (!files_equal(&got, &s[0].want) && !files_equal(&got, &s[1].want))
			fail_msg("round %d: a mixed set", i);
		files_free(&got);
	}
	subject_free(&s[0]);
	subject_free(&s[1]);
}

static int begin(void **state)
{
	OnnxText m = onnx_text("x:f[1,3,8,8] w:f[4,3,3,3]=0.5 b:f[4]=0.25 | Conv x,w,b -> y pads=[1,1,1,1] ; Relu y -> z | z");
	Proto p = onnx_text_bytes(&m);
	if (faults_begin(state))
		return -1;
	write_bytes("net.onnx", p.data, p.size);
	proto_free(&p);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_call_fails),    cmocka_unit_test(limits_of_the_system),         cmocka_unit_test(full_disk),
	    cmocka_unit_test(signals_take_back),  cmocka_unit_test(ignored_signals_stay_ignored), cmocka_unit_test(kill_leaves_whole_files),
	    cmocka_unit_test(writers_take_turns),
	};
	if (getenv("DSSDC_TESTS_SCENARIO"))
		cmocka_set_test_filter("each_call_fails");
	return cmocka_run_group_tests(tests, begin, work_end);
}
