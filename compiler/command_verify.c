/* command_verify.c -- dssdc verify: each layer of the emitted program against the evaluator, and against what another
 * system computed.
 *
 * The model is compiled to a shared object that hands over every result as soon as it is made. Each layer is then
 * judged on its own: the evaluator gets what the emitted program gave the layer, and both results must agree. So the
 * first bad layer is the guilty one, not one that inherited somebody else's error. A detector is then given pixels
 * (verify_pixels.c). */
#include "codegen/codegen.h"
#include "compiler/build.h"
#include "compiler/commands.h"
#include "compiler/emitted.h"
#include "compiler/files.h"
#include "compiler/model.h"
#include "compiler/reference.h"
#include "compiler/verify.h"
#include "compiler/formats/safetensors.h"
#include "ir/cleanup.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *unpack(const Value *v, const char *data)
{
	const Type *t = &v->type;
	int64_t n = type_count(t), at[MAX_RANK] = {0};
	double *x = malloc(sizeof *x * (size_t)(n + 1));
	if (!x)
		stop_out_of_memory();
	for (int64_t i = 0; i < n; i++) {
		x[i] = number_load(t->dtype, data + type_index(t, at) * dtype_size(t->dtype));
		for (int k = t->rank - 1; k >= 0 && ++at[k] == t->dim[k]; k--)
			at[k] = 0;
	}
	return x;
}

/* The tracer has no context argument: emitted code knows nothing of us. Set while the program runs. */
static Verifier *current;

static void trace(int node, int output, const void *data)
{
	const Value *v = current->g->node[node]->out[output];
	current->apart->running = false; /* our own code */
	current->apart->last = v->def;
	free(current->emitted[v->id]);
	current->emitted[v->id] = unpack(v, data);
	current->apart->running = true;
}

/* ---- judging ---- */

static int64_t ulp_distance(double want, double got)
{
	float a = (float)want, b = (float)got;
	int32_t i, k;
	memcpy(&i, &a, sizeof i);
	memcpy(&k, &b, sizeof k);
	int64_t x = i < 0 ? INT32_MIN - (int64_t)i : i, y = k < 0 ? INT32_MIN - (int64_t)k : k;
	return x > y ? x - y : y - x;
}

typedef struct Difference { /* of two tensors */
	double top;      /* largest magnitude that is wanted */
	double worst;    /* largest difference; infinite where one of two is no number */
	double relative; /* largest difference as a share of the wanted number */
	int64_t ulp;
} Difference;

static Difference difference(const double *want, const double *got, int64_t count)
{
	Difference x = {0};
	for (int64_t i = 0; i < count; i++) {
		double d = fabs(want[i] - got[i]), size = fabs(want[i]);
		if ((isnan(want[i]) && isnan(got[i])) || want[i] == got[i])
			d = 0;
		x.top = isfinite(size) ? fmax(x.top, size) : x.top;
		if (!(d <= x.worst))
			x.worst = isnan(d) ? INFINITY : d;
		if (size > 0 && d / size > x.relative)
			x.relative = d / size;
		int64_t u = d > 0 ? ulp_distance(want[i], got[i]) : 0;
		x.ulp = u > x.ulp ? u : x.ulp;
	}
	return x;
}

/* Counts a layer, prints it when all are shown, reports it when it is beyond what is allowed. */
static void judge(Verifier *v, const Node *n, const char *against, int k, const Difference *x, double allowed)
{
	bool good = x->worst <= allowed;
	v->nlayer++;
	if (x->worst / allowed > v->worst) {
		v->worst = x->worst / allowed;
		v->worst_layer = n->name;
	}
	if (v->o->verbose)
		printf("%4d %-28s %-16s max abs %.3e of %.3e, allowed %.3e, relative %.1e, %lld ulp%s\n", node_index(v->g, n) + 1,
		       n->name, n->kernel ? n->kernel->name : "in place", x->worst, x->top, allowed, x->relative, (long long)x->ulp,
		       good ? "" : "  DIFFERS");
	if (good)
		return;
	v->nbad++;
	diag_error(v->d, DIAG_DIFFERENCE, n->loc,
		   "kernel %s, output %d: differs from %s by %g (allowed %g, largest value %g; relative %.1e, %lld ulp)", n->kernel ? n->kernel->name : "none", k, against, x->worst, allowed, x->top, x->relative, (long long)x->ulp);
}

static void gather_inputs(const Verifier *v, const Node *n, Tensor *in, Arena *a)
{
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i])
			continue;
		in[i].type = n->in[i]->type;
		in[i].data = n->in[i]->data ? blob_read_f64(n->in[i]->data, a) : v->emitted[n->in[i]->id];
	}
}

/* What the program makes without code (reshapes, concatenations in place) follows from what it made. */
static void keep_elided(Verifier *v, const Node *n, const Tensor *out)
{
	for (int k = 0; k < n->nout; k++) {
		size_t size = sizeof *out->data * (size_t)type_count(&out[k].type);
		double *copy = malloc(size + 1);
		if (!copy)
			stop_out_of_memory();
		v->emitted[n->out[k]->id] = memcpy(copy, out[k].data, size);
	}
}

/* The score below which rounding decides what is returned: the threshold; where the list is full, the last score as well, because
 * of several boxes that have it only some find room. */
static double clear_score(const Node *n, const Tensor *want)
{
	const int rows = (int)want->type.dim[0];
	const double *last = want->data + 6 * (rows - 1), threshold = n->u.detect.threshold + 1e-4;
	return last[0] >= 0 ? fmax(threshold, last[1] + 1e-6) : threshold;
}

/* Rows of the evaluator's detect on the program's own scores, against what the program returned. Equal scores may
 * change places by rounding, so each row looks for its twin. */
static void judge_detections(Verifier *v, const Node *n, const Tensor *want, const Detection *got, int ngot)
{
	int rows = (int)want->type.dim[0], nwant = 0, lonely = 0;
	const double clear = clear_score(n, want);
	for (int r = 0; r < rows && want->data[6 * r] >= 0; r++) {
		const double *w = want->data + 6 * r;
		bool found = w[1] < clear;
		nwant++;
		for (int i = 0; i < ngot && !found; i++) {
			double size = fmax(1, fmax(fabs(w[4] - w[2]), fabs(w[5] - w[3])));
			found = got[i].label == (int)w[0] && fabs(got[i].score - w[1]) < 1e-4 && fabs(got[i].x0 - w[2]) < 1e-4 * size &&
				fabs(got[i].y0 - w[3]) < 1e-4 * size && fabs(got[i].x1 - w[4]) < 1e-4 * size &&
				fabs(got[i].y1 - w[5]) < 1e-4 * size;
		}
		lonely += !found;
	}
	v->nlayer++;
	if (v->o->verbose)
		printf("%4d %-28s %-16s %d detections, evaluator %d\n", node_index(v->g, n) + 1, n->name, n->kernel->name, ngot, nwant);
	if (!lonely)
		return;
	v->nbad++;
	diag_error(v->d, DIAG_DIFFERENCE, n->loc, "%d of %d detections have no twin in the %d that the program returned", lonely,
		   nwant, ngot);
}

/* Magnitudes, for the copy of a node that adds up sizes. */
static void make_sizes(Tensor *t, Arena *a)
{
	if (!t->data)
		return;
	const int64_t n = type_count(&t->type);
	double *size = arena_new_array(a, double, n + 1);
	for (int64_t i = 0; i < n; i++)
		size[i] = fabs(t->data[i]);
	t->data = size;
}

/* Where factors are rounded to 10 bits of fraction each product is off by 2^-10 of its size at most: the largest sum of
 * sizes of output k tells what that may come to, however much of it cancels. */
static double short_products(const Verifier *v, const Node *n, const Tensor *in, int k, Arena *a)
{
	Tensor *size = arena_new_array(a, Tensor, n->nin + 1), out[MAX_OUT] = {0};
	Node copy = *n;
	double most = 0;
	if (!v->target->chosen.short_products || (n->op != OP_conv2d && n->op != OP_deconv2d))
		return 0;
	for (int i = 0; i < n->nin; i++) {
		size[i] = in[i];
		make_sizes(&size[i], a);
	}
	for (int i = 0; i < n->nout; i++)
		node_epilogue_edit(&copy)[i].act = FN_NONE;
	eval_node(&copy, size, out, a);
	for (int64_t i = 0; i < type_count(&out[k].type); i++)
		most = fmax(most, out[k].data[i]);
	return most / 1024;
}

/* Integers exactly; f16 and bf16 may round the other way. */
static double allowed(const Verifier *v, DType t, double top)
{
	double unit = t == DT_F16 ? 1e-3 : t == DT_BF16 ? 1e-2 : 5e-6;
	return dtype_is_float(t) ? v->o->tolerance + unit * top : 0.5;
}

static void judge_all(Verifier *v, const Detection *found, int nfound)
{
	Arena *a = arena_new();
	for (int i = 0; i < v->g->nnode; i++) {
		const Node *n = v->g->node[i];
		Tensor *in = arena_new_array(a, Tensor, n->nin + 1), out[MAX_OUT] = {0};
		gather_inputs(v, n, in, a);
		eval_node(n, in, out, a);
		if (n->op == OP_detect)
			judge_detections(v, n, &out[0], found, nfound);
		else if (!n->kernel)
			keep_elided(v, n, out);
		for (int k = 0; n->kernel && n->op != OP_detect && k < n->nout; k++) {
			const Difference x = difference(out[k].data, v->emitted[n->out[k]->id], type_count(&out[k].type));
			judge(v, n, "the evaluator", k, &x, allowed(v, out[k].type.dtype, x.top) + short_products(v, n, in, k, a));
		}
		arena_reset(a);
	}
	arena_free(a);
}

/* What the program made against what another system made, by the names of the results. The first layer that is reported
 * is the first wrong one: those behind it inherit. */
static void judge_references(Verifier *v)
{
	const double tolerance = option_given(v->o, tolerance) ? v->o->tolerance : 1e-4;
	Arena *a = arena_new();
	int found = 0, files = reference_count(v->o->reference, v->d);
	for (int i = 0; files >= 0 && i < v->g->nnode; i++) {
		const Node *n = v->g->node[i];
		for (int k = 0; n->op != OP_detect && k < n->nout; k++) {
			const double *want = reference_read(v->o->reference, (Graph *)v->g, n->out[k], a, v->d);
			if (!want)
				continue;
			const Difference x = difference(want, v->emitted[n->out[k]->id], type_count(&n->out[k]->type));
			judge(v, n, "the reference", k, &x, tolerance * fmax(1, x.top));
			found++;
		}
		arena_reset(a);
	}
	arena_free(a);
	if (found && found < files)
		diag_note(v->d, (Loc){.file = v->o->reference, .offset = -1},
		          "%d of its %d .npy files are named like no result of the emitted program; --verbose lists the results", files - found, files);
	if (files >= 0 && !found)
		diag_error(v->d, DIAG_REJECT, (Loc){.file = v->o->reference, .offset = -1},
		           "none of its %d .npy files is named like a result of the emitted program", files);
}

/* ---- running ---- */

static void *elements(const Type *t, const double *x, Arena *a)
{
	const int64_t n = type_count(t), size = dtype_size(t->dtype);
	char *out = arena_alloc(a, (size_t)(n * size) + 1);
	for (int64_t i = 0; i < n; i++)
		number_store(t->dtype, x[i], out + i * size);
	return out;
}

static void *read_input(Graph *g, const char *path, Arena *a, Diag *d)
{
	int64_t size, dim[MAX_RANK];
	int fd = file_open(path, true, &size, d);
	if (fd < 0)
		return NULL;
	const Type *t = &g->input[0]->type;
	memcpy(dim, t->dim, sizeof dim);
	Safetensors *s = safetensors_open(g, fd, size, path, d);
	int skip = t->rank == 4; /* without the batch of one */
	Blob *b = s ? safetensors_blob(s, "input", t->rank - skip, dim + skip, 0, d) : NULL;
	return b ? elements(t, blob_read_f64(b, a), a) : NULL;
}

/* Of a file, of the reference, or noise: a reference is for one input only. Null after an error. */
static void *choose_input(const Verifier *v, int i, Arena *a)
{
	const Options *o = v->o;
	Value *x = v->g->input[i];
	if (o->input && !i)
		return read_input((Graph *)v->g, o->input, a, v->d);
	if (!o->reference)
		return elements(&x->type, graph_noise(v->g, x, 7 + (unsigned)i, a), a);
	const double *from = reference_read(o->reference, (Graph *)v->g, x, a, v->d);
	if (!from) {
		diag_error(v->d, DIAG_REJECT, (Loc){.file = o->reference, .offset = -1}, "it lacks the input, '%s' (or give --input)",
		           x->name ? diag_quote(a, x->name) : "");
		return NULL;
	}
	return elements(&x->type, from, a);
}

enum { MOST_POINTERS = 16 };

/* Calls NAME_run with any number of tensors up to sixteen, or with a list of detections. */
static int call(const Verifier *v, void *run, void *const *in, Detection *found, void *const *out)
{
	const Graph *g = v->g;
	if (found) {
		int (*f)(const void *, Detection *, int);
		*(void **)&f = run;
		return f(in[0], found, g->output[0]->def->u.detect.keep_top_k);
	}
	void *p[MOST_POINTERS] = {0};
	for (int i = 0; i < g->ninput + g->noutput; i++)
		p[i] = i < g->ninput ? in[i] : out[i - g->ninput];
	int (*f)(void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *,
	         void *, void *, void *);
	*(void **)&f = run; /* the ABI lets a function ignore arguments behind its own */
	return f(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], p[12], p[13], p[14], p[15]);
}

static void run_library(Verifier *v, void *library, Arena *a)
{
	const Graph *g = v->g;
	void *run = dlsym(library, "verified_run"), *tracer = dlsym(library, "verified_tracer");
	bool detector = graph_detector(g) != NULL;
	if (!run || !tracer)
		bug("the emitted library lacks its functions");
	if (g->ninput + g->noutput > MOST_POINTERS) {
		diag_error(v->d, DIAG_UNSUPPORTED, (Loc){0}, "more than %d inputs and outputs", MOST_POINTERS);
		return;
	}
	void *in[MOST_POINTERS] = {0}, *out[MOST_POINTERS] = {0};
	for (int i = 0; i < g->ninput; i++) {
		in[i] = choose_input(v, i, a);
		if (!in[i])
			return;
		v->emitted[g->input[i]->id] = unpack(g->input[i], in[i]);
	}
	for (int i = 0; i < g->noutput && !detector; i++)
		out[i] = arena_alloc(a, (size_t)(type_storage(&g->output[i]->type) * dtype_size(g->output[i]->type.dtype)) + 1);
	Detection *found = detector ? arena_new_array(a, Detection, g->output[0]->def->u.detect.keep_top_k) : NULL;
	*(Tracer **)tracer = trace;
	current = v;
	snprintf(v->apart->what, sizeof v->apart->what, "NAME_run()");
	v->apart->running = true;
	int n = call(v, run, in, found, out);
	v->apart->running = false;
	if (n < 0)
		diag_error(v->d, DIAG_UNSUPPORTED, (Loc){0}, "the emitted program refused to run here: error %d", n);
	else
		judge_all(v, found, n);
	if (found)
		verify_count_rows(v, found, n);
	if (n >= 0 && v->o->reference)
		judge_references(v);
	if (n >= 0)
		verify_pixels(v, library, trace);
	current = NULL;
}

static void load_and_run(Verifier *v, const char *file, Arena *a)
{
	errno = 0;
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		const DiagClass c = file_error_class(errno);
		const char *why = dlerror();
		diag_error(v->d, c, (Loc){.file = file, .offset = -1}, "cannot load: %s", why ? why : "out of memory");
		return;
	}
	run_library(v, library, a);
	dlclose(library);
}

static void build_and_run(Verifier *v, const Target *t, int work, Arena *a)
{
	const char *dir = cleanup_folder_path(work);
	const EmitOptions e = {.name = "verified", .tool = tool_version(), .settings = options_normal_form(v->o, t->name, a), .trace = true,
	                       .incbin = arena_printf(a, "%s/verified.weights", dir), .weights = build_optimizes_at_link(v->o, a) ? WEIGHTS_OBJECT : WEIGHTS_INCBIN};
	const BuildRequest r = {.product = PRODUCT_SHARED, .work = work, .dir = dir, .name = e.name, .target = t, .library = graph_uses_library(v->g), .options = v->o};
	const char *file = emitted_write(v->g, t, &e, dir, NULL, NULL, v->d) ? build_product(&r, a, v->d) : NULL;
	if (!file)
		return;
	verify_apart(v, load_and_run, file, a);
}

int command_verify(const Options *o, Arena *a, Diag *d)
{
	const Target *t = model_target(o, "native", a, d);
	if (o->reference && reference_count(o->reference, d) < 0) /* before anything is compiled */
		return diag_exit_code(d);
	Graph *g = model_check_options(o, d) && t ? model_load(o, a, d) : NULL;
	const int work = g && model_run_passes(g, t, o, d) ? work_dir_make(d) : -1;
	if (work >= 0) {
		Verifier v = {.g = g, .o = o, .d = d, .target = t, .emitted = arena_new_array(a, double *, g->next_id)};
		build_and_run(&v, t, work, a);
		cleanup_folder_remove(work);
		for (int i = 0; i < g->next_id; i++)
			free(v.emitted[i]);
		if (v.nlayer)
			printf("%d layers compared on %s, %d differ; nearest to its bound: %s (%.1f %%)\n", v.nlayer, t->name, v.nbad,
			       v.worst_layer ? v.worst_layer : "none", 100 * v.worst);
		if (v.npicture)
			printf("detect from pixels: %d pictures, %d detections, %s\n", v.npicture, v.nfound,
			       diag_errors(d) ? "see above" : "as from the evaluator's input");
		verify_rows_look(&v);
	}
	graph_free(g);
	return diag_exit_code(d);
}
