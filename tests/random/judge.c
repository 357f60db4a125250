/* judge.c -- what must hold for a random graph: passes change nothing, the emitted program computes it. */
#include "codegen/codegen.h"
#include "toolchain/build.h"
#include "compiler/emitted.h"
#include "toolchain/manifest_json.h"
#include "ir/cleanup.h"
#include "passes/pass.h"
#include "tests/random/random.h"
#include "verify/harness.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what both use ---- */

/* A target that this machine runs. */
static const Target *random_target(uint64_t *state)
{
	int count = 0;
	const Target *native = target_find("native");
	while (targets[count] && targets[count] != native)
		count++;
	return targets[random_below(state, count + 1)];
}

/* What to leave out: null, or an optional pass. */
static const char *random_disabled(uint64_t *state)
{
	const Pass *p = &pipeline_inference.pass[random_below(state, pipeline_inference.length)];
	return p->optional ? p->name : NULL;
}

typedef struct Setting {
	const Target *target;
	bool optimize;
	const char *disable; /* or null */
} Setting;

static const char *setting_text(const Setting *s, Arena *a)
{
	return arena_printf(a, "%s -O%d%s%s", s->target->name, s->optimize, s->disable ? " without " : "", s->disable ? s->disable : "");
}

static bool run_passes(Graph *g, const Setting *s, bool verify, Diag *d)
{
	const char *disable[] = {s->disable, NULL};
	const PipelineOptions o = {.optimize = s->optimize, .disable = disable, .verify_each = verify};
	return pipeline_run(&pipeline_inference, g, s->target, &o, d);
}

static char *graph_text(const Graph *g, bool constants)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	graph_print(g, f, (PrintOptions){.constants = constants});
	fclose(f);
	return text;
}

static void report(uint64_t seed, const Setting *s, const char *what)
{
	Arena *a = arena_new();
	fprintf(stderr, "seed %llu, %s: %s\n", (unsigned long long)seed, setting_text(s, a), what);
	arena_free(a);
}

void random_dump(uint64_t seed)
{
	Arena *a = arena_new();
	const char *folder = getenv("TMPDIR");
	const char *path = arena_printf(a, "%s/random-%llu.ir", folder ? folder : "/tmp", (unsigned long long)seed);
	Graph *g = random_graph(seed);
	char *text = graph_text(g, true);
	FILE *f = fopen(path, "w");
	if (f) {
		fputs(text, f);
		fclose(f);
		fprintf(stderr, "the graph is in %s\n", path);
	}
	free(text);
	graph_free(g);
	arena_free(a);
}

/* ---- passes ---- */

static bool text_is_stable(const Graph *g, uint64_t seed, const Setting *s)
{
	Diag d = {.out = stderr};
	char *first = graph_text(g, true), *second = NULL;
	Graph *again = graph_parse("dump", first, strlen(first), kernel_by_name, &d);
	if (again)
		second = graph_text(again, true);
	bool good = second && !strcmp(first, second);
	if (!good)
		report(seed, s, "dump, read, dump is not the same text");
	graph_free(again);
	free(first);
	free(second);
	return good;
}

static bool judge_setting(uint64_t seed, const Setting *s)
{
	Diag d = {.out = stderr};
	Graph *g = random_graph(seed);
	bool good = run_passes(g, s, true, &d);
	if (!good)
		report(seed, s, "the passes failed");
	good = good && text_is_stable(g, seed, s);
	graph_free(g);
	return good;
}

bool judge_passes(uint64_t seed)
{
	uint64_t state = seed * 77 + 1;
	Setting s = {.target = random_target(&state)};
	bool good = judge_setting(seed, &s);
	s.optimize = true;
	good = judge_setting(seed, &s) && good;
	for (int i = 0; i < pipeline_inference.length; i++) {
		s.disable = pipeline_inference.pass[i].name;
		s.target = random_target(&state);
		good = (!pipeline_inference.pass[i].optional || judge_setting(seed, &s)) && good;
	}
	if (!good)
		random_dump(seed);
	return good;
}

/* ---- emitted programs ---- */

typedef struct Program {
	uint64_t seed;
	Setting setting;
	Graph *given, *done; /* before and after the passes */
	int number;          /* among those of the seed */
	const char *name;
	void *run; /* the function; null: not compiled */
	bool detects;
} Program;

enum { PROGRAMS = 3 };

/* with_manifest: for dssdc check, which holds the source to it. */
static bool emit(Program *p, const char *dir, bool with_manifest, Arena *a)
{
	Diag d = {.out = stderr};
	p->given = random_graph(p->seed);
	p->done = random_graph(p->seed);
	const Node *last = p->given->output[0]->def;
	p->detects = p->given->noutput == 1 && last && last->op == OP_detect && p->given->ninput == 1;
	p->name = arena_printf(a, "r%llu_%d", (unsigned long long)p->seed, p->number);
	const EmitOptions o = {.name = p->name, .tool = "test", .settings = "test", .manifest = with_manifest ? manifest_json : NULL};
	if (run_passes(p->done, &p->setting, false, &d) && emitted_write(p->done, p->setting.target, &o, dir, NULL, NULL, &d))
		return true;
	report(p->seed, &p->setting, "nothing was emitted");
	return false;
}

/* All programs of a target from one call of the compiler; one that is refused must not hide the others. */
static void compile(const Target *t, Program *p, int n, const char *dir, Arena *a)
{
	const char *cc = getenv("CC"), *file = arena_printf(a, "%s/%s_%s.so", dir, t->name, n == 1 ? p->name : "all");
	char *command = arena_printf(a, "%s -O1 -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fPIC -shared -I%s -o %s",
	                             cc && *cc ? cc : "cc", dir, file);
	for (int i = 0; t->cflags[i]; i++)
		command = arena_printf(a, "%s %s", command, t->cflags[i]);
	int used = 0;
	for (int i = 0; i < n; i++)
		if (p[i].done && p[i].setting.target == t) {
			command = arena_printf(a, "%s %s/%s.c", command, dir, p[i].name);
			used++;
		}
	if (!used)
		return;
	void *library = system(command) ? NULL : dlopen(file, RTLD_NOW | RTLD_LOCAL);
	for (int i = 0; i < n; i++) {
		if (!p[i].done || p[i].setting.target != t)
			continue;
		if (library)
			p[i].run = dlsym(library, arena_printf(a, "%s_run", p[i].name)); /* stays loaded until the process ends */
		else if (n > 1)
			compile(t, &p[i], 1, dir, a);
	}
}

/* Integers exactly. */
static bool same_numbers(const Tensor *want, const char *raw, Arena *a, const char **what, int output)
{
	const DType t = want->type.dtype;
	int64_t n = type_count(&want->type), at = -1;
	double top = 0, worst = 0, *got = arena_new_array(a, double, n + 1);
	double unit = t == DT_F16 ? 2e-3 : t == DT_BF16 ? 2e-2 : 5e-6;
	for (int64_t i = 0; i < n; i++) {
		got[i] = number_load(t, raw + i * dtype_size(t));
		if (got[i] == want->data[i] || (isnan(got[i]) && isnan(want->data[i])))
			continue;
		double d = fabs(want->data[i] - got[i]);
		top = fmax(top, fabs(want->data[i]));
		if (!(d <= worst)) {
			worst = isnan(d) ? INFINITY : d;
			at = i;
		}
	}
	if (worst <= (dtype_is_float(t) ? 1e-3 + unit * top : 0))
		return true;
	*what = arena_printf(a, "the program's output %d differs by %g at %lld: %g, not %g", output, worst, (long long)at, got[at],
	                     want->data[at]);
	return false;
}

typedef struct Kept { /* what goes into detect */
	const Node *detect;
	Tensor in[3];
	Arena *a;
} Kept;

static void keep(void *context, const Node *n, int out, const Tensor *t)
{
	Kept *k = context;
	for (int i = 0; k->detect && i < 3; i++)
		if (k->detect->in[i] == n->out[out]) {
			size_t size = sizeof *t->data * (size_t)type_count(&t->type);
			k->in[i].type = t->type;
			k->in[i].data = memcpy(arena_alloc(k->a, size), t->data, size);
		}
}

static bool has_twin(const double *row, const Detection *d)
{
	double size = fmax(1, fmax(fabs(row[4] - row[2]), fabs(row[5] - row[3])));
	const float box[4] = {d->x0, d->y0, d->x1, d->y1};
	for (int i = 0; i < 4; i++)
		if (fabs((double)box[i] - row[2 + i]) > 2e-3 * size)
			return false;
	return (int)row[0] == d->label && fabs((double)d->score - row[1]) < 1e-3;
}

/* Rounding may decide at the threshold, at the overlap that is allowed and between nearly equal scores. So the
 * evaluator runs on inputs changed by far more than rounding; what all runs report must be there, and what none
 * reports must not. */
static bool same_detections(Kept *k, const Detection *got, int ngot, const char **what, Arena *a)
{
	enum { RUNS = 9 };
	Tensor out[RUNS];
	uint64_t state = 5;
	Node changed = *k->detect;
	for (int r = 0; r < RUNS; r++) {
		Tensor in[3] = {k->in[0], k->in[1], k->in[2]};
		for (int i = 0; r && i < 2; i++) {
			int64_t n = type_count(&in[i].type);
			in[i].data = arena_new_array(a, double, n + 1);
			for (int64_t e = 0; e < n; e++)
				in[i].data[e] = k->in[i].data[e] + 2e-4 * (random_below(&state, 2001) - 1000) / 1000.0;
		}
		changed.u.detect = k->detect->u.detect;
		changed.u.detect.nms += r % 3 ? (r % 3 == 1 ? 3e-4 : -3e-4) : 0;
		changed.u.detect.threshold += r % 4 ? (r % 4 == 1 ? 2e-4 : -2e-4) : 0;
		eval_node(&changed, in, &out[r], a);
	}
	int rows = (int)out[0].type.dim[0];
	for (int i = 0; i < ngot; i++) {
		bool found = false;
		for (int r = 0; r < RUNS && !found; r++)
			for (int row = 0; row < rows && !found; row++)
				found = has_twin(out[r].data + 6 * row, &got[i]);
		if (!found) {
			*what = arena_printf(a, "detection %d of %d has no twin", i, ngot);
			return false;
		}
	}
	for (int row = 0; row < rows && out[0].data[6 * row] >= 0; row++) {
		const double *w = out[0].data + 6 * row;
		bool found = false, everywhere = true;
		for (int i = 0; i < ngot && !found; i++)
			found = has_twin(w, &got[i]);
		for (int r = 1; r < RUNS && !found && everywhere; r++) {
			bool here = false;
			for (int other = 0; other < rows && !here; other++) {
				const double *o = out[r].data + 6 * other;
				Detection d = {(float)o[2], (float)o[3], (float)o[4], (float)o[5], (float)o[1], (int)o[0]};
				here = o[0] >= 0 && has_twin(w, &d);
			}
			everywhere = here;
		}
		if (!found && everywhere) {
			*what = arena_printf(a, "detection %d of the evaluator (label %g, score %g) is not in the program's %d", row, w[0],
			                     w[1], ngot);
			return false;
		}
	}
	return true;
}

static bool run_and_compare(const Program *p, void *run, const char **what, Arena *a)
{
	const Graph *g = p->given;
	double **in = random_inputs(g, p->seed, a);
	Tensor want[HARNESS_TENSORS];
	Kept k = {.detect = p->detects ? g->output[0]->def : NULL, .a = a};
	eval_graph(g, (const double *const *)in, want, keep, &k, a);
	void *given[HARNESS_TENSORS] = {0}, *made[HARNESS_TENSORS] = {0};
	for (int i = 0; i < g->ninput; i++)
		given[i] = harness_pack(&g->input[i]->type, in[i], a);
	if (p->detects) {
		Detection *found = arena_new_array(a, Detection, k.detect->u.detect.keep_top_k);
		int n = harness_run(g, run, given, NULL, found);
		if (n >= 0)
			return same_detections(&k, found, n, what, a);
		*what = arena_printf(a, "the program returned %d", n);
		return false;
	}
	for (int i = 0; i < g->noutput; i++)
		made[i] = arena_alloc(a, (size_t)(type_count(&g->output[i]->type) * 8) + 1);
	int n = harness_run(g, run, given, made, NULL);
	if (n)
		*what = arena_printf(a, "the program returned %d", n);
	bool good = !n;
	for (int i = 0; good && i < g->noutput; i++)
		good = same_numbers(&want[i], made[i], a, what, i);
	return good;
}

static bool judge_program(const Program *p)
{
	Arena *a = arena_new();
	const char *what = "the program was not compiled";
	bool good = p->run && run_and_compare(p, p->run, &what, a);
	if (!good)
		report(p->seed, &p->setting, what);
	arena_free(a);
	return good;
}

static void choose_settings(Program *p, uint64_t seed)
{
	uint64_t state = seed * 31 + 7;
	for (int i = 0; i < PROGRAMS; i++) {
		p[i].seed = seed;
		p[i].number = i;
		p[i].setting = (Setting){random_target(&state), i != 1, i == 2 ? random_disabled(&state) : NULL};
	}
}

int judge_programs(uint64_t first, int count)
{
	Arena *a = arena_new();
	Diag d = {.out = stderr};
	const int work = work_dir_make(&d);
	const char *dir = work < 0 ? NULL : cleanup_folder_path(work);
	Program *p = arena_new_array(a, Program, PROGRAMS * count);
	bool *bad = arena_new_array(a, bool, count);
	int failed = 0;
	for (int i = 0; dir && i < PROGRAMS * count; i++) {
		if (i % PROGRAMS == 0)
			choose_settings(p + i, first + (uint64_t)(i / PROGRAMS));
		if (!emit(&p[i], dir, false, a)) {
			bad[i / PROGRAMS] = true;
			graph_free(p[i].done);
			p[i].done = NULL;
		}
	}
	for (int t = 0; dir && targets[t]; t++)
		compile(targets[t], p, PROGRAMS * count, dir, a);
	for (int i = 0; dir && i < PROGRAMS * count; i++)
		if (p[i].done && !judge_program(&p[i]))
			bad[i / PROGRAMS] = true;
	for (int i = 0; i < count; i++)
		if (!dir || bad[i]) {
			failed++;
			random_dump(first + (uint64_t)i);
		}
	for (int i = 0; i < PROGRAMS * count; i++) {
		graph_free(p[i].given);
		graph_free(p[i].done);
	}
	cleanup_folder_remove(work);
	arena_free(a);
	return failed;
}

const char *random_emit(uint64_t seed, int number, const char *folder, Arena *a)
{
	Program p[PROGRAMS] = {{0}};
	choose_settings(p, seed);
	const bool good = emit(&p[number], folder, true, a);
	graph_free(p[number].given);
	graph_free(p[number].done);
	return good ? arena_printf(a, "%s/%s.c", folder, p[number].name) : NULL;
}
