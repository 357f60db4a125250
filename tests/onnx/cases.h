/* cases.h -- the node tests of ONNX (Debian's libonnx-testdata): models of one operator or few, inputs and the outputs
 * that they must give. Each case runs in a process of its own, so that a crash is one failure among others; as many at
 * a time as there are processors. A case ends in one of: right, right with bound inputs (an input that we need to know
 * when compiling is read from its file, as --bind does), refused, wrong. refused.json lists what may be refused. */
#ifndef TESTS_ONNX_CASES_H
#define TESTS_ONNX_CASES_H

#include "base/files.h"
#include "import/import.h"
#include "import/onnx/parts.h"
#include "compiler/model.h"
#include "import/formats/wire.h"
#include "tests/import/tools.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>

#define TESTDATA "/usr/share/libonnx-testdata/data"

enum { MAX_CASES = 2000, MAX_TENSORS = 32, TEXT_ROOM = 1000 };

typedef enum Verdict { RIGHT, BOUND, REFUSED, WRONG, CRASHED, VERDICTS } Verdict;

typedef struct Case {
	char folder[200]; /* path of its test_data_set_*'s parent */
	const char *name; /* "node/test_abs" */
	Verdict verdict;
	char text[TEXT_ROOM]; /* why */
} Case;

typedef struct Answer { /* what a case's process sends */
	Verdict verdict;
	char text[TEXT_ROOM];
} Answer;

typedef struct Run { /* a model with the inputs of one data set */
	Graph *g;
	Arena *a;
	const char *data_set;
	Blob *in[MAX_TENSORS], *want[MAX_TENSORS];
	int nwant;
	Answer *answer;
	double slack; /* by which small integers may differ: one step where numbers are rounded to them in another
	                 precision */
} Run;

static void say(Answer *a, Verdict v, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(Answer *a, Verdict v, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	a->verdict = v;
	vsnprintf(a->text, sizeof a->text, format, args);
	va_end(args);
	for (char *p = a->text; *p; p++)
		if (*p == '\n')
			*p = p[1] ? '|' : 0;
}

static bool exists(const char *path)
{
	return access(path, R_OK) == 0;
}

/* ---- import, with inputs bound where the importer asks for it ---- */

/* Index of a graph input in the model's own list, or -1. */
static int input_index(const char *model, const char *name, Arena *a)
{
	size_t size;
	char *data = file_text(model, INT32_MAX, &size, a, &(Diag){0});
	const Wire w = {.data = (const uint8_t *)data, .size = size, .file = model};
	const Onnx__ModelProto *m = data ? wire_unpack(&w, &onnx__model_proto__descriptor, a, &(Diag){0}) : NULL;
	int at = 0;
	for (size_t i = 0; m && m->graph && i < m->graph->n_input; i++) {
		bool initialized = false;
		for (size_t k = 0; k < m->graph->n_initializer; k++)
			initialized = initialized || !strcmp(m->graph->initializer[k]->name, m->graph->input[i]->name);
		if (!strcmp(m->graph->input[i]->name, name))
			return at;
		at += !initialized;
	}
	return -1;
}

/* Adds INPUT=FILE for each "--bind INPUT=" in the messages; returns whether there was a new one. */
static bool add_bindings(const char *text, const char *model, const char *data_set, const char **bind, int *nbind, Arena *a)
{
	bool any = false;
	for (const char *p = text; (p = strstr(p, "--bind ")); p++) {
		const char *name = p + strlen("--bind ");
		const char *entry = arena_strndup(a, name, strcspn(name, "="));
		int at = input_index(model, entry, a);
		bool known = at < 0;
		entry = arena_printf(a, "%s=%s/input_%d.pb", entry, data_set, at);
		for (int i = 0; i < *nbind; i++)
			known = known || !strcmp(bind[i], entry);
		if (!known && *nbind < MAX_TENSORS) {
			bind[(*nbind)++] = entry;
			any = true;
		}
	}
	return any;
}

/* Null: refused, or WRONG was said. */
static Graph *import_case(const char *folder, const char *data_set, Answer *answer, Arena *a)
{
	const char *model = arena_printf(a, "%s/model.onnx", folder), *bind[MAX_TENSORS + 1] = {0};
	int nbind = 0;
	for (;;) {
		ImportOptions o = {.threshold = -1, .nms = -1, .bind = bind};
		Diag d = {0};
		char *text = NULL;
		size_t size = 0;
		d.out = open_memstream(&text, &size);
		Graph *g = import_onnx(model, &o, &d);
		fclose(d.out);
		if (g) {
			say(answer, nbind ? BOUND : RIGHT, "%s", "");
			free(text);
			return g;
		}
		if (!add_bindings(text, model, data_set, bind, &nbind, a)) {
			const char *first = strstr(text, "error: ");
			say(answer, diag_exit_code(&d) == DIAG_UNSUPPORTED ? REFUSED : WRONG, "%s", first ? first + 7 : text);
			free(text);
			return NULL;
		}
		free(text);
	}
}

/* ---- tensors ---- */

static Blob *read_tensor(Run *r, const char *kind, int i)
{
	const char *path = arena_printf(r->a, "%s/%s_%d.pb", r->data_set, kind, i);
	return exists(path) ? onnx_tensor_file(r->g, path, &(Diag){0}) : NULL;
}

/* The files hold bfloat16 as uint16, which is what its bits are. */
static Blob *as_stated(Blob *b, DType t)
{
	if (b && t == DT_BF16 && b->dtype == DT_U16)
		b->dtype = DT_BF16;
	return b;
}

/* The numbers for each input of the graph, and the outputs that are asked for. */
static bool read_data(Run *r, const char *folder)
{
	const char *model = arena_printf(r->a, "%s/model.onnx", folder);
	if (r->g->ninput > MAX_TENSORS || r->g->noutput > MAX_TENSORS)
		return false;
	for (int i = 0; i < r->g->ninput; i++) {
		int at = input_index(model, r->g->input[i]->name, r->a);
		r->in[i] = at < 0 ? NULL : as_stated(read_tensor(r, "input", at), r->g->input[i]->type.dtype);
		if (!r->in[i]) {
			say(r->answer, REFUSED, "input %d of the test cannot be read", i);
			return false;
		}
	}
	for (r->nwant = 0; r->nwant < r->g->noutput; r->nwant++)
		if (!(r->want[r->nwant] = as_stated(read_tensor(r, "output", r->nwant), r->g->output[r->nwant]->type.dtype)))
			break;
	if (r->nwant == r->g->noutput)
		return true;
	say(r->answer, REFUSED, "output %d of the test cannot be read", r->nwant);
	return false;
}

/* As ONNX's own runner: |got - want| <= 1e-7 + 1e-3 |want|; integers exactly. A bfloat16 may be one step off: the files
 * were made by cutting bits off, ours are rounded. */
static bool is_near(double got, double want, DType t)
{
	const bool exact = !dtype_is_float(t);
	const double relative = t == DT_BF16 ? 0x1p-7 : 1e-3, absolute = t == DT_F16 ? 1e-5 : 1e-7;
	if (isnan(want) || isnan(got))
		return isnan(want) && isnan(got);
	if (got == want)
		return true;
	return !exact && fabs(got - want) <= absolute + relative * fabs(want);
}

static void compare(Run *r, int k, const double *got)
{
	const Type *t = &r->g->output[k]->type;
	const Blob *want = r->want[k];
	bool same = t->dtype == want->dtype && t->rank == want->rank;
	for (int i = 0; same && i < t->rank; i++)
		same = t->dim[i] == want->dim[i];
	if (!same) {
		say(r->answer, WRONG, "output %d has another type or shape", k);
		return;
	}
	const double *w = blob_read_f64(want, r->a);
	for (int64_t i = 0; i < type_count(t); i++)
		if (!is_near(got[i], w[i], t->dtype) && !(dtype_size(t->dtype) == 1 && fabs(got[i] - w[i]) <= r->slack)) {
			say(r->answer, WRONG, "output %d, element %lld is %.9g, not %.9g", k, (long long)i, got[i], w[i]);
			return;
		}
}

/* ---- processes ---- */

typedef void Judge(Run *r); /* compares every output, or says why not */

static void run_case(const Case *c, Judge *judge, Answer *answer)
{
	Arena *a = arena_new();
	char data_set[300];
	snprintf(data_set, sizeof data_set, "%s/test_data_set_0", c->folder);
	Run r = {.g = import_case(c->folder, data_set, answer, a), .a = a, .data_set = data_set, .answer = answer};
	if (r.g && read_data(&r, c->folder))
		judge(&r);
	graph_free(r.g);
	arena_free(a);
}

typedef struct Worker {
	pid_t pid;
	int pipe;
	Case *c;
} Worker;

static void start(Worker *w, Case *c, Judge *judge)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	*w = (Worker){fork(), ends[0], c};
	assert_true(w->pid >= 0);
	if (w->pid) {
		close(ends[1]);
		return;
	}
	Answer *answer = calloc(1, sizeof *answer);
	alarm(300);
	run_case(c, judge, answer);
	_exit(write(ends[1], answer, sizeof *answer) != sizeof *answer);
}

static void finish(Worker *w)
{
	Answer *answer = calloc(1, sizeof *answer);
	int status;
	ssize_t n = read(w->pipe, answer, sizeof *answer);
	waitpid(w->pid, &status, 0);
	w->c->verdict = n == sizeof *answer && status == 0 ? answer->verdict : CRASHED;
	snprintf(w->c->text, sizeof w->c->text, "%s", w->c->verdict == CRASHED ? "crashed" : answer->text);
	close(w->pipe);
	free(answer);
}

static void run_cases(Case *cases, int n, Judge *judge)
{
	long workers = sysconf(_SC_NPROCESSORS_ONLN);
	Worker w[8] = {0};
	workers = workers < 1 ? 1 : workers > 8 ? 8 : workers;
	for (int i = 0; i < n; i++) {
		if (i >= workers)
			finish(&w[i % workers]);
		start(&w[i % workers], &cases[i], judge);
	}
	for (int i = n < workers ? 0 : n - (int)workers; i < n; i++)
		finish(&w[i % workers]);
}

/* ---- lists ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const Case *)a)->folder, ((const Case *)b)->folder);
}

/* Folders of TESTDATA/group whose name begins with prefix. */
static int list_cases(const char *group, const char *prefix, Case *cases, int n)
{
	char path[300];
	snprintf(path, sizeof path, TESTDATA "/%s", group);
	DIR *d = opendir(path);
	int first = n;
	for (struct dirent *e; d && (e = readdir(d)) && n < MAX_CASES;) {
		Case *c = &cases[n];
		snprintf(c->folder, sizeof c->folder, "%.80s/%.100s", path, e->d_name);
		snprintf(path, sizeof path, "%s/test_data_set_0", c->folder);
		if (e->d_name[0] != '.' && !strncmp(e->d_name, prefix, strlen(prefix)) && exists(path))
			n++;
		snprintf(path, sizeof path, TESTDATA "/%s", group);
	}
	if (d)
		closedir(d);
	qsort(cases + first, (size_t)(n - first), sizeof *cases, by_name);
	for (int i = first; i < n; i++)
		cases[i].name = cases[i].folder + strlen(TESTDATA "/");
	return n;
}

/* Every case against refused.json; prints what is not as it should be, and the sums. Returns the number of faults. */
static int judge_cases(const Case *cases, int n, const char *what, bool whole)
{
	char *text = read_file(SOURCE_DIR "/tests/onnx/refused.json", NULL);
	cJSON *refused = cJSON_Parse(text);
	assert_non_null(refused);
	int sum[VERDICTS] = {0}, faults = 0;
	for (int i = 0; i < n; i++) {
		const Case *c = &cases[i];
		bool may = cJSON_HasObjectItem(refused, c->name);
		sum[c->verdict]++;
		const char *fault = c->verdict == WRONG     ? "WRONG"
		                    : c->verdict == CRASHED ? "CRASHED"
		                    : c->verdict == REFUSED ? may ? NULL : "REFUSED, not listed"
		                    : may                   ? "listed as refused, but right"
		                                            : NULL;
		if (fault)
			printf("%s: %s: %s\n", c->name, fault, c->text);
		faults += fault != NULL;
	}
	printf("%s: %d right, %d right with bound inputs, %d refused, %d wrong, %d crashed, of %d\n", what, sum[RIGHT], sum[BOUND],
	       sum[REFUSED], sum[WRONG], sum[CRASHED], n);
	for (cJSON *e = refused->child; whole && e; e = e->next) {
		bool there = false;
		for (int i = 0; i < n; i++)
			there = there || !strcmp(cases[i].name, e->string);
		if (!there)
			printf("%s: listed as refused, but there is no such test\n", e->string);
		faults += !there;
	}
	cJSON_Delete(refused);
	free(text);
	return faults;
}

/* All cases, or with $DSSDC_ONNX those whose names begin with it. */
static void judge_all_cases(Judge *judge, const char *what)
{
	static const char *const groups[] = {"node", "simple", "pytorch-converted", "pytorch-operator"};
	if (!exists(TESTDATA "/node")) {
		printf("SKIPPED: Debian's libonnx-testdata is not installed\n");
		skip();
	}
	const char *only = getenv("DSSDC_ONNX");
	Case *cases = calloc(MAX_CASES, sizeof *cases);
	int n = 0;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		n = list_cases(groups[i], only ? only : "", cases, n);
	run_cases(cases, n, judge);
	int faults = judge_cases(cases, n, what, !only);
	free(cases);
	assert_int_equal(faults, 0);
}

#endif
