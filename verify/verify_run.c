/* verify_run.c -- runs the emitted program, a shared object: its inputs, the results that it hands over, its return. */
#include "verify/reference.h"
#include "verify/verify.h"
#include "base/files.h"
#include "import/formats/safetensors.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The emitted program hands over a result as soon as it is made. */
static void trace(void *context, int node, int output, const void *data)
{
	Verifier *v = context;
	const Value *made = v->g->node[node]->out[output];
	v->apart->running = false; /* our own code */
	v->apart->last = made->def;
	free(v->emitted[made->id]);
	v->emitted[made->id] = harness_unpack(&made->type, data);
	v->apart->running = true;
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
	return b ? harness_pack(t, blob_read_f64(b, a), a) : NULL;
}

/* Of a file, of the reference, or noise: a reference is for one input only. Null after an error. */
static void *choose_input(const Verifier *v, int i, Arena *a)
{
	const VerifyRequest *o = &v->ask;
	Value *x = v->g->input[i];
	if (o->input && !i)
		return read_input((Graph *)v->g, o->input, a, v->d);
	if (!o->reference)
		return harness_pack(&x->type, graph_noise(v->g, x, 7 + (unsigned)i, a), a);
	const double *from = reference_read(o->reference, (Graph *)v->g, x, a, v->d);
	if (!from) {
		diag_error(v->d, DIAG_REJECT, (Loc){.file = o->reference, .offset = -1}, "it lacks the input, '%s' (or give --input)",
		           x->name ? diag_quote(a, x->name) : "");
		return NULL;
	}
	return harness_pack(&x->type, from, a);
}

static void run_library(Verifier *v, void *library, Arena *a)
{
	const Graph *g = v->g;
	void *run = dlsym(library, "verified_run"), *tracer = dlsym(library, "verified_tracer");
	bool detector = graph_detector(g) != NULL;
	if (!run || !tracer)
		bug("the emitted library lacks its functions");
	if (g->ninput + g->noutput > HARNESS_TENSORS) {
		diag_error(v->d, DIAG_UNSUPPORTED, (Loc){0}, "more than %d inputs and outputs", HARNESS_TENSORS);
		return;
	}
	void *in[HARNESS_TENSORS] = {0}, *out[HARNESS_TENSORS] = {0};
	for (int i = 0; i < g->ninput; i++) {
		in[i] = choose_input(v, i, a);
		if (!in[i])
			return;
		v->emitted[g->input[i]->id] = harness_unpack(&g->input[i]->type, in[i]);
	}
	for (int i = 0; i < g->noutput && !detector; i++)
		out[i] = arena_alloc(a, (size_t)(type_storage(&g->output[i]->type) * dtype_size(g->output[i]->type.dtype)) + 1);
	Detection *found = detector ? arena_new_array(a, Detection, g->output[0]->def->u.detect.keep_top_k) : NULL;
	*(Tracing *)tracer = (Tracing){trace, v};
	snprintf(v->apart->what, sizeof v->apart->what, "NAME_run()");
	v->apart->running = true;
	int n = harness_run(g, run, in, out, found);
	v->apart->running = false;
	if (n < 0)
		diag_error(v->d, DIAG_UNSUPPORTED, (Loc){0}, "the emitted program refused to run here: error %d", n);
	else
		verify_judge(v, found, n);
	if (found)
		verify_count_rows(v, found, n);
	if (n >= 0 && v->ask.reference)
		verify_judge_references(v);
	if (n >= 0)
		verify_pixels(v, library, trace);
}

void verify_run(Verifier *v, const char *file, Arena *a)
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
