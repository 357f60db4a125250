/* node_case.h -- one node, emitted, compiled and run: what test_kernels.c and bench_kernels.c share.
 *
 * A Case says which node; case_graph() makes a graph of it whose input and output maps have the layouts that the
 * target's kernel wants, case_compile() emits and compiles it, case_run() calls it on maps in memory. */
#ifndef TESTS_KERNELS_NODE_CASE_H
#define TESTS_KERNELS_NODE_CASE_H

#include "codegen/codegen.h"
#include "compiler/emitted.h"
#include "ir/ir.h"
#include "passes/pass.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Case {
	const char *kernel; /* the row that must take it; null: any */
	Op op;
	int channels, height, width;
	int out[MAX_OUT];                  /* channels of the results; out[1] 0: one result */
	int kh, kw, stride, pad, dilation; /* stride and dilation 0: 1 */
	int skew;                          /* more padding left and right */
	int group;                         /* 0: 1 */
	bool depthwise, no_bias;
	Func elt[MAX_OUT], act[MAX_OUT];
	bool nhwc;  /* results in one block of all channels */
	int halo;   /* of the results */
	int border; /* deconv2d: rows of a border bias */
	bool average, global, ceil_mode, align_corners, nearest, across;
	Func fn; /* eltwise */
} Case;

typedef struct CaseRun { /* a compiled case */
	Graph *graph;
	Node *node;
	void *library;
	void *function;
	float *in[4], *out[MAX_OUT];
	Tensor tensor[8]; /* logical inputs of the node, constants too */
	void *arena;
	Arena *memory;
} CaseRun;

static inline double case_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 33) / (double)(1u << 30) - 1;
}

static inline Value *case_constant(Graph *g, int rank, const int64_t *dim, double size, double middle, uint64_t *seed)
{
	int64_t count = 1;
	for (int i = 0; i < rank; i++)
		count *= dim[i];
	float *data = malloc(sizeof *data * (size_t)count);
	for (int64_t i = 0; i < count; i++)
		data[i] = (float)(middle + size * case_random(seed));
	Value *v = graph_constant_f32(g, NULL, rank, dim, data);
	free(data);
	return v;
}

static inline void case_attributes(const Case *c, Node *n)
{
	int stride = c->stride ? c->stride : 1, dilation = c->dilation ? c->dilation : 1;
	if (c->op == OP_conv2d) {
		Conv *u = &n->u.conv2d;
		u->stride[0] = u->stride[1] = stride;
		u->dilation[0] = u->dilation[1] = dilation;
		u->pad[0] = u->pad[2] = c->pad;
		u->pad[1] = u->pad[3] = c->pad + c->skew;
		u->group = c->depthwise ? c->channels : c->group ? c->group : 1;
	} else if (c->op == OP_deconv2d) {
		Deconv *u = &n->u.deconv2d;
		u->stride[0] = u->stride[1] = stride;
		u->pad[0] = u->pad[2] = c->pad;
		u->pad[1] = u->pad[3] = c->pad + c->skew;
		u->group = c->group ? c->group : 1;
		u->border_bias = c->border > 0;
		u->border = c->border;
	} else if (c->op == OP_pool2d) {
		Pool *u = &n->u.pool2d;
		u->kernel[0] = c->kh;
		u->kernel[1] = c->kw;
		u->stride[0] = u->stride[1] = stride;
		u->dilation[0] = u->dilation[1] = dilation;
		u->pad[0] = u->pad[2] = c->pad;
		u->pad[1] = u->pad[3] = c->pad + c->skew;
		u->average = c->average;
		u->count_padding = c->across;
		u->global = c->global;
		u->ceil_mode = c->ceil_mode;
	} else if (c->op == OP_eltwise) {
		n->u.eltwise.fn = c->fn;
		n->u.eltwise.alpha = 0.25;
		n->u.eltwise.beta = 1.5;
		n->u.eltwise.coeff[0] = c->across ? 0.5 : 1;
		n->u.eltwise.coeff[1] = c->across ? -2 : 1;
	} else if (c->op == OP_resize) {
		n->u.resize.size[0] = c->kh;
		n->u.resize.size[1] = c->kw;
		n->u.resize.align_corners = c->align_corners;
		n->u.resize.nearest = c->nearest;
	} else if (c->op == OP_l2norm) {
		n->u.l2norm.across_spatial = c->across;
		n->u.l2norm.eps = 1e-10;
	} else if (c->op == OP_batchnorm) {
		n->u.batchnorm.eps = 1e-3;
	} else if (c->op == OP_scale) {
		n->u.scale.axis = 1;
	}
	Epilogue *e = node_epilogue_edit(n);
	for (int k = 0; e && k < n->nout; k++) {
		e[k].elt = c->elt[k];
		e[k].act = c->act[k];
		e[k].alpha = 0.25;
		e[k].beta = 1.5;
	}
}

/* Weights and bias behind the input. */
static inline int case_constants(const Case *c, Graph *g, Value **in, uint64_t *seed)
{
	int64_t out = c->out[0] + c->out[1], one = c->channels, group = c->group ? c->group : 1;
	if (c->op == OP_conv2d || c->op == OP_deconv2d) {
		int64_t w[4] = {c->depthwise ? c->channels : out, c->depthwise ? 1 : c->channels / group, c->kh, c->kw};
		int64_t d[4] = {c->channels, out / group, c->kh, c->kw}, border[3] = {3, 3, out};
		double size = sqrt(3.0 / (double)(w[1] * w[2] * w[3]));
		in[1] = case_constant(g, 4, c->op == OP_conv2d ? w : d, size, 0, seed);
		in[2] = c->no_bias ? NULL : c->border ? case_constant(g, 3, border, 1, 0, seed) : case_constant(g, 1, w, 1, 0, seed);
		if (in[2] && !c->border && c->op == OP_deconv2d)
			in[2] = case_constant(g, 1, &out, 1, 0, seed);
		return 3;
	}
	if (c->op == OP_batchnorm || c->op == OP_scale || c->op == OP_l2norm) {
		int n = c->op == OP_batchnorm ? 4 : c->op == OP_scale ? 2 : 1;
		for (int i = 1; i <= n; i++)
			in[i] = case_constant(g, 1, &one, 0.5, 1, seed);
		return 1 + n;
	}
	return 1;
}

static inline Layout case_layout(const Target *t, int64_t channels)
{
	return (Layout){.block = 2 * channels < t->vector ? 1 : t->vector};
}

/* The node with its layouts; null (after diag's errors) when it is no legal node. */
static inline Graph *case_graph(const Case *c, const Target *t, Diag *d)
{
	Graph *g = graph_new("case");
	uint64_t seed = 12345;
	int64_t dim[4] = {1, c->channels, c->height, c->width};
	Value *in[8] = {graph_input(g, "x", type_make(DT_F32, 4, dim))};
	int nin = case_constants(c, g, in, &seed), nout = c->out[1] ? 2 : 1;
	if (c->op == OP_eltwise && func_arity(c->fn) == 2)
		in[nin++] = graph_input(g, "z", type_make(DT_F32, 4, dim));
	Node *n = graph_node(g, c->op, "node", nin, in, nout);
	case_attributes(c, n);
	for (int k = 0; nout > 1 && k < nout; k++)
		n->out[k]->type = type_make(DT_F32, 4, (int64_t[]){1, c->out[k], 1, 1});
	Epilogue saved[MAX_OUT], *e = node_epilogue_edit(n);
	for (int k = 0; e && k < nout; k++) { /* the shape of the operand is the result's: ask without it first */
		saved[k] = e[k];
		e[k].elt = FN_NONE;
	}
	if (!infer_node(n, d))
		return NULL;
	for (int k = 0; e && k < nout; k++) {
		e[k] = saved[k];
		if (e[k].elt == FN_NONE)
			continue;
		Value *operand = graph_input(g, "e", type_make(DT_F32, 4, n->out[k]->type.dim));
		operand->type.layout = case_layout(t, n->out[k]->type.dim[1]);
		operand->type.layout.halo[0] = k; /* rows above: another walk than the result's */
		while (n->nin < 3 + k)
			node_set_input(g, n, n->nin, NULL);
		node_set_input(g, n, 3 + k, operand);
	}
	for (int k = 0; k < nout; k++) {
		Layout *l = &n->out[k]->type.layout;
		*l = case_layout(t, n->out[k]->type.dim[1]);
		l->block = c->nhwc ? (int)n->out[k]->type.dim[1] : l->block;
		for (int i = 0; i < 4; i++)
			l->halo[i] = c->halo;
		graph_output(g, n->out[k]);
	}
	for (int i = 0; i < nin; i++)
		if (n->in[i] && !n->in[i]->data)
			n->in[i]->type.layout = case_layout(t, c->channels);
	return g;
}

/* Kernel, halo of the inputs, weights and memory. False when no tuned kernel, or another one than wanted, accepts. */
static inline bool case_plan(const Case *c, Graph *g, const Target *t, Diag *d)
{
	Node *n = g->node[0];
	PassContext p = {.target = t, .scratch = arena_new(), .diag = d, .optimize = true};
	for (int i = 0; i < g->ninput; i++)
		for (int h = 0; h < 4; h++)
			g->input[i]->type.layout.halo[h] += 64;
	const Kernel *k = target_kernel(t, n, NULL, true);
	for (int i = 0; i < g->ninput; i++)
		for (int h = 0; h < 4; h++)
			g->input[i]->type.layout.halo[h] -= 64;
	for (int i = 0; k && k->halo && i < n->nin; i++) {
		int halo[4] = {0};
		if (n->in[i] && !n->in[i]->data)
			k->halo(t, n, i, halo);
		for (int h = 0; h < 4 && n->in[i] && !n->in[i]->data; h++)
			if (n->in[i]->type.layout.halo[h] < halo[h])
				n->in[i]->type.layout.halo[h] = halo[h];
	}
	if (k)
		pass_select_kernels(&p, g);
	bool good = k && n->kernel == k && (!c->kernel || !strcmp(k->name, c->kernel));
	if (good) {
		pass_pack_weights(&p, g);
		pass_plan_memory(&p, g);
	}
	arena_free(p.scratch);
	return good;
}

/* cc -O2 of NAME.c in dir to NAME.so, with the target's flags; warnings are errors. */
static inline bool case_cc(const Target *t, const char *dir, const char *name)
{
	const char *cc = getenv("CC");
	Arena *a = arena_new();
	char *command = arena_printf(
	    a, "cd %s && %s -std=c99 -O2 -fPIC -shared -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-unused-parameter -Werror", dir,
	    cc ? cc : "cc");
	for (int i = 0; t->cflags[i]; i++)
		command = arena_printf(a, "%s %s", command, t->cflags[i]);
	bool good = !system(arena_printf(a, "%s -I. -o %s.so %s.c", command, name, name));
	arena_free(a);
	return good;
}

static inline bool target_runs(const Target *t)
{
	const Target *native = target_find("native");
	return !strcmp(t->language, "c") && t->vector <= native->vector;
}

static inline double *case_logical(Arena *a, const Type *t, uint64_t *seed)
{
	int64_t count = type_count(t);
	double *x = arena_new_array(a, double, count);
	for (int64_t i = 0; i < count; i++)
		x[i] = (double)(float)(2 * case_random(seed));
	return x;
}

static inline float *case_memory(const Type *t, float fill)
{
	int64_t count = type_storage(t) + 64; /* behind it, cells that must stay as they are */
	float *p = NULL;
	if (posix_memalign((void **)&p, 64, sizeof *p * (size_t)count))
		abort();
	for (int64_t i = 0; i < count; i++)
		p[i] = fill;
	return p;
}

typedef void CaseVisit(float *cell, double *element, void *context);

/* Every element of a map, with its place in memory. */
static inline void case_each(const Type *t, float *memory, double *logical, CaseVisit *visit, void *context)
{
	int64_t at[4], k = 0;
	for (at[0] = 0; at[0] < t->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < t->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < t->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < t->dim[3]; at[3]++)
					visit(memory + type_index(t, at), logical + k++, context);
}

static inline void case_put(float *cell, double *element, void *context)
{
	(void)context;
	*cell = (float)*element;
}

/* Zeros in the halo, NaN in channels that only fill a block: nobody may read those. */
static inline float *case_input(const Type *t, double *logical)
{
	float *p = case_memory(t, 0);
	int64_t block = t->layout.block, blocks = (t->dim[1] + block - 1) / block;
	int64_t pixels = layout_rows(t) * layout_cols(t);
	for (int64_t i = 0; t->dim[1] % block && i < pixels; i++)
		for (int64_t c = t->dim[1] % block; c < block; c++)
			p[((blocks - 1) * pixels + i) * block + c] = NAN;
	case_each(t, p, logical, case_put, NULL);
	return p;
}

static inline bool case_open(CaseRun *r, const char *dir, const char *name)
{
	Graph *g = r->graph;
	Node *n = r->node = g->node[0];
	uint64_t seed = 99;
	r->memory = arena_new();
	char *path = arena_printf(r->memory, "%s/%s.so", dir, name);
	r->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	r->function = r->library ? dlsym(r->library, arena_printf(r->memory, "%s_run", name)) : NULL;
	if (!r->function)
		return false;
	for (int i = 0; i < n->nin; i++) {
		Value *v = n->in[i];
		if (!v)
			continue;
		r->tensor[i].type = v->type;
		r->tensor[i].data = v->data ? blob_read_f64(v->data, r->memory) : case_logical(r->memory, &v->type, &seed);
	}
	for (int i = 0; i < g->ninput; i++)
		for (int k = 0; k < n->nin; k++)
			if (n->in[k] == g->input[i])
				r->in[i] = case_input(&n->in[k]->type, r->tensor[k].data);
	for (int k = 0; k < n->nout; k++)
		r->out[k] = case_memory(&n->out[k]->type, 7.5f);
	if (posix_memalign(&r->arena, 64, (size_t)g->arena_size + 64))
		abort();
	memset(r->arena, 0xff, (size_t)g->arena_size);
	return true;
}

static inline void case_close(CaseRun *r)
{
	for (int i = 0; i < 4; i++)
		free(r->in[i]);
	for (int k = 0; k < MAX_OUT; k++)
		free(r->out[k]);
	free(r->arena);
	if (r->library)
		dlclose(r->library);
	arena_free(r->memory);
	graph_free(r->graph);
}

static inline int case_run(CaseRun *r)
{
	float **i = r->in, **o = r->out;
	typedef int Run1(void *, const float *, float *);
	typedef int Run2(void *, const float *, const float *, float *);
	typedef int Run12(void *, const float *, float *, float *);
	typedef int Run22(void *, const float *, const float *, float *, float *);
	typedef int Run32(void *, const float *, const float *, const float *, float *, float *);
	union { /* ISO C has no cast from data to function pointers */
		void *data;
		Run1 *f1;
		Run2 *f2;
		Run12 *f12;
		Run22 *f22;
		Run32 *f32;
	} u = {r->function};
	int nin = r->graph->ninput;
	if (r->node->nout == 1)
		return nin == 1 ? u.f1(r->arena, i[0], o[0]) : u.f2(r->arena, i[0], i[1], o[0]);
	return nin == 1   ? u.f12(r->arena, i[0], o[0], o[1])
	       : nin == 2 ? u.f22(r->arena, i[0], i[1], o[0], o[1])
	                  : u.f32(r->arena, i[0], i[1], i[2], o[0], o[1]);
}

/* From the case to something that runs; reports on stderr what went wrong. */
static inline bool case_prepare(const Case *c, const Target *t, const char *dir, const char *name, CaseRun *r)
{
	Diag d = {.out = stderr};
	memset(r, 0, sizeof *r);
	r->graph = case_graph(c, t, &d);
	if (!r->graph)
		return false;
	if (!case_plan(c, r->graph, t, &d)) {
		const Kernel *k = r->graph->node[0]->kernel;
		fprintf(stderr, "%s %s: kernel %s, not %s\n", t->name, name, k ? k->name : "none", c->kernel);
		return false;
	}
	EmitOptions o = {.name = name, .tool = "test", .settings = "", .caller_arena = true};
	return emitted_write(r->graph, t, &o, dir, NULL, NULL, &d) && case_cc(t, dir, name) && case_open(r, dir, name);
}

#endif
