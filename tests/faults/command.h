/* command.h -- one run of dssdc in which something goes wrong, and what must hold after it.
 *
 * A command writes below out/, with $TMPDIR being tmp/. It is run once as it should be; what out/ and standard output hold
 * then is the reference. Before every other run out/ holds old files of the same names. Afterwards it holds all of the
 * new ones and the program said 0, or all of the old ones and it said why; tmp/ is empty; no process is left. */
#ifndef TESTS_FAULTS_COMMAND_H
#define TESTS_FAULTS_COMMAND_H

#include "tests/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST_FILES = 8, MOST_WORDS = 24, PATIENCE = 120 /* seconds */ };

typedef struct Files { /* the files of a folder, sorted by name */
	char name[MOST_FILES][64];
	char *bytes[MOST_FILES];
	size_t size[MOST_FILES];
	int n;
} Files;

typedef struct Subject {   /* a command, and what it gives */
	const char *words; /* arguments, blanks between */
	Files want;
	char *said;
	size_t said_size;
	long live; /* blocks of memory that are left at the end of a good run */
	long nanoseconds;
} Subject;

typedef struct Fault {    /* of one run */
	const char *call; /* kind of shim.c; null: none */
	long at;
	bool on;
	int resource; /* RLIMIT_..., -1: none */
	rlim_t limit;
} Fault;

#define NO_FAULT ((Fault){.resource = -1})

static inline void files_free(Files *f)
{
	for (int i = 0; i < f->n; i++)
		free(f->bytes[i]);
	f->n = 0;
}

/* Also hidden ones; a folder counts as a file without bytes whose name ends in a slash. */
static inline Files files_read(const char *folder)
{
	Files f = {.n = 0};
	struct dirent **entry;
	int n = scandir(folder, &entry, NULL, alphasort);
	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		if (strcmp(entry[i]->d_name, ".") && strcmp(entry[i]->d_name, "..")) {
			char path[400];
			struct stat st;
			assert_true(f.n < MOST_FILES);
			snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
			assert_int_equal(lstat(path, &st), 0);
			snprintf(f.name[f.n], sizeof f.name[0], "%.60s%s", entry[i]->d_name, S_ISDIR(st.st_mode) ? "/" : "");
			f.bytes[f.n] = S_ISDIR(st.st_mode) ? calloc(1, 1) : read_file(path, &f.size[f.n]);
			f.n++;
		}
		free(entry[i]);
	}
	free(entry);
	return f;
}

static inline bool files_equal(const Files *a, const Files *b)
{
	bool same = a->n == b->n;
	for (int i = 0; same && i < a->n; i++)
		same = !strcmp(a->name[i], b->name[i]) && a->size[i] == b->size[i] && !memcmp(a->bytes[i], b->bytes[i], a->size[i]);
	return same;
}

/* The names of want, each with one line. */
static inline bool files_are_old(const Files *f, const Files *want)
{
	bool same = f->n == want->n;
	for (int i = 0; same && i < f->n; i++)
		same = !strcmp(f->name[i], want->name[i]) && f->size[i] == 4 && !memcmp(f->bytes[i], "old\n", 4);
	return same;
}

static inline void set_up_folders(const Files *old)
{
	assert_int_equal(system("rm -rf out tmp && mkdir out tmp"), 0);
	for (int i = 0; old && i < old->n; i++) {
		char path[100];
		snprintf(path, sizeof path, "out/%s", old->name[i]);
		write_text(path, "old\n");
	}
}

static inline void child_begin(const Fault *f)
{
	char number[32];
	int out_fd = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0666), err_fd = open("complained", O_WRONLY | O_CREAT | O_TRUNC, 0666);
	dup2(out_fd, 1);
	dup2(err_fd, 2);
	close(out_fd);
	close(err_fd);
	char tmp[100];
	snprintf(tmp, sizeof tmp, "%s/tmp", work);
	setenv("TMPDIR", tmp, 1);
	unsetenv("FAULT_ON");
	if (f->call) {
		char shim[100], count[100];
		snprintf(shim, sizeof shim, "%s/shim.so", work);
		snprintf(count, sizeof count, "%s/count", work);
		snprintf(number, sizeof number, "%ld", f->at);
		setenv("LD_PRELOAD", shim, 1);
		setenv("FAULT_COUNT", count, 1);
		setenv("FAULT_CALL", f->call, 1);
		setenv("FAULT_AT", number, 1);
		if (f->on)
			setenv("FAULT_ON", "1", 1);
	}
	if (f->resource >= 0)
		setrlimit((__rlimit_resource_t)f->resource, &(struct rlimit){f->limit, f->limit});
	alarm(PATIENCE); /* it stays over exec: a program that hangs dies of it */
}

/* Starts dssdc with the words; its process. */
static inline pid_t dssdc_start(const char *words, const Fault *f)
{
	static char text[4000];
	char *argument[MOST_WORDS + 2] = {"dssdc"};
	int n = 1;
	snprintf(text, sizeof text, "%s", words);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		assert_true(n <= MOST_WORDS);
		argument[n++] = word;
	}
	unlink("count");
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		child_begin(f);
		execv(BUILD_DIR "/dssdc", argument);
		_exit(127);
	}
	return pid;
}

/* Whatever the program left running is ours (PR_SET_CHILD_SUBREAPER). It gets a moment to die; kill: it is ended first. */
static inline void no_process_is_left(const char *what, bool may_stay)
{
	for (int i = 0; i < 5000; i++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0)
			return;
		if (!pid)
			nanosleep(&(struct timespec){0, may_stay ? 5000000 : 1000000}, NULL);
	}
	fail_msg("%s: a process is left", what);
}

static inline int dssdc_wait(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return status;
}

static inline void subject_prepare(Subject *s)
{
	struct timespec a, b;
	const Fault counted = {.call = "memory", .resource = -1};
	set_up_folders(NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	int status = dssdc_wait(dssdc_start(s->words, &NO_FAULT));
	clock_gettime(CLOCK_MONOTONIC, &b);
	read_text("complained", err, sizeof err);
	if (status)
		fail_msg("%s: status %x, %s", s->words, (unsigned)status, err);
	s->nanoseconds = (b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec);
	s->want = files_read("out");
	s->said = read_file("said", &s->said_size);
	assert_int_equal(dssdc_wait(dssdc_start(s->words, &counted)), 0);
	read_text("count", out, sizeof out);
	assert_int_equal(sscanf(out, "%*d %ld", &s->live), 1);
}

static inline void subject_free(Subject *s)
{
	files_free(&s->want);
	free(s->said);
}

/* How often the good run makes a call of this kind. */
static inline long subject_calls(const Subject *s, const char *call)
{
	long n = 0;
	const Fault f = {.call = call, .resource = -1};
	set_up_folders(&s->want);
	assert_int_equal(dssdc_wait(dssdc_start(s->words, &f)), 0);
	read_text("count", out, sizeof out);
	assert_int_equal(sscanf(out, "%ld", &n), 1);
	return n;
}

/* True when out/ is new; fails when it is neither new nor old, or tmp/ is not empty. */
static inline bool judge_files(const Subject *s, const char *what)
{
	Files got = files_read("out"), left = files_read("tmp");
	const bool is_new = files_equal(&got, &s->want);
	if (!is_new && !files_are_old(&got, &s->want)) {
		for (int i = 0; i < got.n; i++)
			print_error("out/%s: %zu bytes\n", got.name[i], got.size[i]);
		fail_msg("%s: neither the old files nor the new ones", what);
	}
	if (left.n)
		fail_msg("%s: tmp/%s is left", what, left.name[0]);
	files_free(&got);
	files_free(&left);
	return is_new;
}

static inline void judge_leaks(const Subject *s, const char *what)
{
	long live = 0;
	if (!exists("count")) /* it ended for want of memory, or by a signal */
		return;
	read_text("count", out, sizeof out);
	assert_int_equal(sscanf(out, "%*d %ld", &live), 1);
	if (live > s->live)
		fail_msg("%s: %ld blocks of memory are left, of a good run %ld", what, live, s->live);
}

/* The status; everything that must hold was looked at. */
static inline int subject_run(const Subject *s, const Fault *f)
{
	char what[300];
	size_t size;
	set_up_folders(&s->want);
	if (f->call)
		snprintf(what, sizeof what, "%.150s, %s %ld%s", s->words, f->call, f->at, f->on ? " and on" : "");
	else
		snprintf(what, sizeof what, "%.150s, limit %d at %lld", s->words, f->resource, (long long)f->limit);
	const int status = dssdc_wait(dssdc_start(s->words, f));
	no_process_is_left(what, false);
	read_text("complained", err, sizeof err);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && f->resource >= 0) /* not even the loader has room */
		return 127;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 1 || WEXITSTATUS(status) > 5)
		fail_msg("%s: status %x, %s", what, (unsigned)status, err);
	const bool is_new = judge_files(s, what);
	char *said = read_file("said", &size);
	const bool same = size == s->said_size && !memcmp(said, s->said, size);
	free(said);
	if (!WEXITSTATUS(status) && !((is_new || !s->want.n) && same))
		fail_msg("%s: status 0, and not what it should be", what);
	if (WEXITSTATUS(status) && s->want.n && is_new)
		fail_msg("%s: status %d, and new files", what, WEXITSTATUS(status));
	if (WEXITSTATUS(status) && !strstr(err, "error"))
		fail_msg("%s: status %d, and no message", what, WEXITSTATUS(status));
	if (f->call && !strcmp(f->call, "memory") && WEXITSTATUS(status) && WEXITSTATUS(status) != 4)
		fail_msg("%s: status %d, not 4, %s", what, WEXITSTATUS(status), err);
	judge_leaks(s, what);
	return WEXITSTATUS(status);
}

/* Models of every kind, the shim, and orphans become our children. */
static inline int faults_begin(void **state)
{
	if (work_begin(state) || prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -1;
	if (system("cc -shared -fPIC -o shim.so '" SOURCE_DIR "/tests/faults/shim.c' -ldl"))
		return -1;
	return system("cp '" SOURCE_DIR "/tests/golden/detector.ir' '" SOURCE_DIR "/tests/import/good.json' . && "
	              "cp '" SOURCE_DIR "/tests/import/caffe/small.prototxt' '" SOURCE_DIR "/tests/import/caffe/small.caffemodel' . && "
	              "chmod u+w *");
}

#endif
