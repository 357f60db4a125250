/* gemm_case.h -- one convolution for conv_gemm.cu in every precision: its kernels in one source, compiled by $NVCC or the
 * shim's nvcc.sh, run on maps in memory, compared with the evaluator. What test_gemm_slow.c walks through.
 *
 * The maps of an image lie in an arena as in emitted programs. Results may be parts of wider maps; what fills up their
 * channels must come out as zeros, and nothing else may change. What lies between maps is hidden from the kernels. */
#ifndef TESTS_CUDA_GEMM_CASE_H
#define TESTS_CUDA_GEMM_CASE_H

#include "codegen/embedded.h"
#include "codegen/kernel.h"
#include "codegen/parts.h"
#include "tests/cuda/watch.h"
#include "tests/kernels/node_case.h"

typedef struct GemmCase {
	Case c;
	int images; /* 0: 1 */
	int cores;  /* that the choice of tiles has in mind; 0: 132 */
	bool wide;  /* results and operands are channels 8.. of wider maps */
	bool heads; /* results are f32, pixel by pixel, of exactly their channels */
} GemmCase;

static const Precision gemm_precisions[] = {
    {"f32", "", DT_F32, DT_NONE, false},
    {"tf32", "", DT_F32, DT_NONE, true},
    {"f16", "", DT_F16, DT_NONE, false},
    {"bf16", "", DT_BF16, DT_NONE, false},
};
enum { GEMM_PRECISIONS = 4, GEMM_MAPS = 5, GEMM_WIDER = 8 /* channels on either side */ };

typedef struct GemmMap {         /* x, operands, results: by image in the arena */
	const Value *v;          /* null: none */
	int64_t at, bytes, skip; /* bytes: to the map, of all of it, to the first channel */
	bool result;
} GemmMap;

typedef struct GemmForm { /* the case in one precision */
	Target target;
	Graph *graph;
	Node *node;
	GemmMap map[GEMM_MAPS];
	int64_t scratch_at, scratch_bytes, weights_bytes, tickets;
	Bindings *bindings;
	const char *text; /* the expanded template */
	Tensor tensor[8];
} GemmForm;

typedef struct GemmRun {
	const GemmCase *given;
	Arena *arena;
	GemmForm form[GEMM_PRECISIONS];
	int64_t stride; /* bytes from image to image: of the largest form */
	void *library;
} GemmRun;

static inline int64_t gemm_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

/* ---- the node and its maps ---- */

static inline void gemm_layout(const GemmCase *g, Value *v, DType t, bool result, bool head)
{
	int64_t filled = gemm_up(v->type.dim[1], 8);
	v->type.dtype = head ? DT_F32 : t;
	v->type.layout = (Layout){.block = (int)(head ? v->type.dim[1] : filled + (g->wide ? 2 * GEMM_WIDER : 0))};
	if (!result && !head && !g->wide) /* a reader takes any halo */
		for (int i = 0; i < 4; i++)
			v->type.layout.halo[i] = i + 1;
}

static inline bool gemm_place(GemmRun *r, GemmForm *f, Value *v, bool result, bool head, int64_t *at)
{
	int k = 0;
	while (f->map[k].v)
		k++;
	gemm_layout(r->given, v, f->target.chosen.map, result, head);
	const int size = dtype_size(v->type.dtype);
	f->map[k] = (GemmMap){.v = v, .at = *at, .bytes = type_storage(&v->type) * size, .result = result};
	f->map[k].skip = r->given->wide && !head ? GEMM_WIDER * size : 0;
	*at = gemm_up(*at + f->map[k].bytes + 64, 256); /* behind it, bytes that must stay as they are */
	return k < GEMM_MAPS;
}

static inline bool gemm_form(GemmRun *r, GemmForm *f, const Precision *p, Diag *d)
{
	const GemmCase *g = r->given;
	int64_t at = 0;
	f->target = *target_find("cuda-standalone");
	f->target.chosen = *p;
	f->target.batch = g->images ? g->images : 1;
	f->target.cores = g->cores ? g->cores : f->target.cores;
	f->graph = case_graph(&g->c, &f->target, d);
	if (!f->graph)
		return false;
	Node *n = f->node = f->graph->node[0];
	gemm_place(r, f, n->in[0], false, false, &at);
	for (int k = 0; k < n->nout; k++)
		if (node_epilogue_operand(n, k))
			gemm_place(r, f, (Value *)node_epilogue_operand(n, k), false, g->heads, &at);
	for (int k = 0; k < n->nout; k++)
		gemm_place(r, f, n->out[k], true, g->heads, &at);
	node_set_kernel(n, target_kernel(&f->target, n, NULL, true), &f->target, NULL);
	if (!n->kernel || strcmp(n->kernel->source, "conv_gemm")) {
		fprintf(stderr, "%s: kernel %s\n", p->name, n->kernel ? n->kernel->name : "none");
		return false;
	}
	f->scratch_at = at;
	f->scratch_bytes = n->kernel->scratch(&f->target, n);
	f->weights_bytes = n->kernel->packed_size(&f->target, n);
	at += gemm_up(f->scratch_bytes, 256);
	r->stride = at > r->stride ? at : r->stride;
	return true;
}

/* ---- the source ---- */

static inline void gemm_expand(GemmRun *r, GemmForm *f)
{
	const Kernel *k = f->node->kernel;
	const EmbeddedFile *file = embedded_find("codegen/kernels/cuda/conv_gemm.cu");
	f->bindings = bindings_new(r->arena, "case");
	k->bind(&f->target, f->node, f->bindings);
	bind_word(f->bindings, "KERNEL", arena_printf(r->arena, "net_%s", f->target.chosen.name));
	f->text = template_expand(file->name, file->text, f->bindings, NULL);
	f->tickets = bindings_int(f->bindings, "TICKETS");
}

static inline void gemm_want_parts(Parts *p, Arena *a, const Bindings *b)
{
	static const char mark[] = "\n * parts:";
	const char *list = strstr(embedded_find("codegen/kernels/cuda/conv_gemm.cu")->text, mark) + strlen(mark);
	for (const char *end = strchr(list, '\n'); list < end;) {
		size_t n = strcspn(list, " \n");
		if (n)
			parts_want(p, arena_strndup(a, list, n));
		list += n + 1;
	}
	for (int i = 0; i < bindings_part_count(b); i++)
		parts_want(p, bindings_part(b, i));
}

static inline const char *gemm_pointer(Arena *a, const GemmMap *m)
{
	const DType t = m->v->type.dtype;
	return arena_printf(a, ", case_at<%s%s>(arena, %lld)", m->result ? "" : "const ",
	                    t == DT_F16    ? "__half"
	                    : t == DT_BF16 ? "__nv_bfloat16"
	                                   : "float",
	                    (long long)(m->at + m->skip));
}

/* Of every image the maps and the scratch, and nothing else. */
static inline void gemm_print_hide(const GemmRun *r, const GemmForm *f, FILE *out)
{
	fputs("\tCASE_HIDE(arena, size);\n", out);
	for (int i = 0; i < f->target.batch; i++) {
		for (int k = 0; k < GEMM_MAPS && f->map[k].v; k++)
			fprintf(out, "\tCASE_SHOW(arena + %lld, %lld);\n", (long long)(i * r->stride + f->map[k].at),
			        (long long)f->map[k].bytes);
		fprintf(out, "\tCASE_SHOW(arena + %lld, %lld);\n", (long long)(i * r->stride + f->scratch_at), (long long)f->scratch_bytes);
	}
}

/* A function that takes everything to the device, runs the kernel, and brings it back. */
static inline void gemm_print_call(GemmRun *r, const GemmForm *f, FILE *out)
{
	fprintf(out,
	        "extern \"C\" int run_%s(unsigned char *host, size_t size, const unsigned char *weights, size_t weights_size, unsigned "
	        "*tickets, size_t tickets_size)\n{\n"
	        "\tunsigned char *arena, *w;\n\tcase_queue q = {};\n\n"
	        "\tif (cudaMalloc((void **)&arena, size) || cudaMalloc((void **)&w, weights_size) || cudaMalloc((void **)&q.tickets, "
	        "tickets_size))\n\t\treturn -1;\n"
	        "\tif (cudaMemcpy(arena, host, size, cudaMemcpyHostToDevice) || cudaMemcpy(w, weights, weights_size, "
	        "cudaMemcpyHostToDevice) ||\n"
	        "\t    cudaMemcpy(q.tickets, tickets, tickets_size, cudaMemcpyHostToDevice))\n\t\treturn -2;\n",
	        f->target.chosen.name);
	gemm_print_hide(r, f, out);
	fprintf(out, "\tcase_%s(&q", f->target.chosen.name);
	for (int k = 0; k < GEMM_MAPS && f->map[k].v; k++) {
		if (f->map[k].result && !f->map[k - 1].result)
			fputs(", w", out);
		fputs(gemm_pointer(r->arena, &f->map[k]), out);
	}
	if (f->scratch_bytes)
		fprintf(out, ", arena + %lld", (long long)f->scratch_at);
	fputs(");\n\tif (!q.status)\n\t\tq.status = cudaDeviceSynchronize();\n\tCASE_SHOW(arena, size);\n"
	      "\tif (cudaMemcpy(host, arena, size, cudaMemcpyDeviceToHost) || cudaMemcpy(tickets, q.tickets, tickets_size, "
	      "cudaMemcpyDeviceToHost))\n\t\treturn -3;\n"
	      "\tcudaFree(arena);\n\tcudaFree(w);\n\tcudaFree(q.tickets);\n\treturn (int)q.status;\n}\n\n",
	      out);
}

static inline bool gemm_print(GemmRun *r, const char *path)
{
	FILE *out = fopen(path, "w");
	if (!out)
		return false;
	Parts *p = parts_new(r->arena, "case", &r->form[0].target);
	fprintf(out,
	        "#include <cuda_bf16.h>\n#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n#include <stdint.h>\n#include <string.h>\n\n"
	        "#define CASE_BATCH %d\n#define CASE_IMAGE_STRIDE %lld\n\n%s",
	        r->form[0].target.batch, (long long)r->stride, watch_text);
	for (int i = 0; i < GEMM_PRECISIONS; i++)
		gemm_want_parts(p, r->arena, r->form[i].bindings);
	parts_print(p, out, NULL);
	for (int i = 0; i < GEMM_PRECISIONS; i++) {
		fputs(r->form[i].text, out);
		gemm_print_call(r, &r->form[i], out);
	}
	return fclose(out) == 0;
}

/* What stands before the compiler's name, and how it optimizes: little work is not worth it, and most work is not watched. */
static inline const char *gemm_how(const Case *c, int *level)
{
	const int stride = c->stride ? c->stride : 1;
	const int64_t products = (int64_t)c->channels * c->height * c->width / (stride * stride) * (c->out[0] + c->out[1]) * c->kh * c->kw;
	*level = products > 20000000 ? 2 : products > 4000000;
	return *level == 2 ? "DSSDC_SHIM_WATCH= " : "";
}

static inline bool gemm_compile(GemmRun *r, const char *dir, int index)
{
	const char *nvcc = getenv("NVCC"), *name = arena_printf(r->arena, "%s/case%d", dir, index);
	if (!gemm_print(r, arena_printf(r->arena, "%s.cu", name)))
		return false;
	if (!nvcc || !*nvcc)
		nvcc = "'" SOURCE_DIR "/tests/cuda/nvcc.sh'";
	int level;
	const char *before = gemm_how(&r->given->c, &level);
	if (system(arena_printf(r->arena, "%s%s -O%d -std=c++17 -Xcompiler -fPIC,-fno-gnu-unique,-Wall,-Wextra -shared %s.cu -o %s.so",
	                        before, nvcc, level, name, name)))
		return false;
	r->library = dlopen(arena_printf(r->arena, "%s.so", name), RTLD_NOW | RTLD_LOCAL);
	if (!r->library)
		fprintf(stderr, "%s\n", dlerror());
	return r->library != NULL;
}

/* ---- numbers ---- */

/* As the kernel multiplies it: activations ties away from zero, weights ties to even. */
static inline double gemm_factor(const Precision *p, double v, bool weight)
{
	float x = (float)v;
	uint32_t bits;
	if (p->map != DT_F32)
		return number_round(p->map, v);
	if (!p->short_products)
		return v;
	memcpy(&bits, &x, sizeof bits);
	bits = (bits + (weight ? 0xfff + (bits >> 13 & 1) : 0x1000)) & 0xffffe000u;
	memcpy(&x, &bits, sizeof bits);
	return (double)x;
}

static inline void gemm_tensor(GemmForm *f, int i, Arena *a, uint64_t *seed)
{
	const Precision *p = &f->target.chosen;
	Value *v = f->node->in[i];
	f->tensor[i].type = v->type;
	double *x = f->tensor[i].data = v->data ? blob_read_f64(v->data, a) : case_logical(a, &v->type, seed);
	for (int64_t k = 0; k < type_count(&v->type); k++) {
		if (i == 1)
			x[k] = gemm_factor(p, x[k], true);
		else if (!v->data)
			x[k] = number_round(v->type.dtype, x[k]);
	}
}

/* What the node reads, in what its types can hold; weights as they are multiplied. */
static inline void gemm_tensors(GemmForm *f, Arena *a, uint64_t *seed)
{
	for (int i = 0; i < f->node->nin; i++)
		if (f->node->in[i])
			gemm_tensor(f, i, a, seed);
}

/* Element `at` of a map in memory. */
static inline int64_t gemm_index(const Type *t, int64_t c, int64_t y, int64_t x)
{
	const Layout *l = &t->layout;
	return ((y + l->halo[0]) * layout_cols(t) + x + l->halo[1]) * l->block + c;
}

static inline int64_t gemm_positions(const Type *t)
{
	return t->dim[2] * t->dim[3];
}

/* Everything that no one may read is NaN; channels that fill up are zeros. */
static inline void gemm_put_input(const GemmMap *m, const double *x, unsigned char *image)
{
	const Type *t = &m->v->type;
	const int size = dtype_size(t->dtype);
	const int64_t filled = t->layout.block == t->dim[1] ? t->dim[1] : gemm_up(t->dim[1], 8);
	for (int64_t i = 0; i < m->bytes / size; i++)
		number_store(t->dtype, NAN, image + m->at + i * size);
	for (int64_t c = 0; c < filled; c++)
		for (int64_t i = 0; i < gemm_positions(t); i++)
			number_store(t->dtype, c < t->dim[1] ? x[c * gemm_positions(t) + i] : 0,
			             image + m->at + m->skip + gemm_index(t, c, i / t->dim[3], i % t->dim[3]) * size);
}

typedef struct GemmWorst {
	double got, want, excess;
	int64_t bad;
} GemmWorst;

/* Sums in another order, and a result that is rounded the other way. */
static inline double gemm_limit(const Type *t, double most, double want)
{
	double ulp = t->dtype == DT_F16 ? 0x1p-10 : t->dtype == DT_BF16 ? 0x1p-7 : 0;
	return 2e-5 + 5e-6 * most + ulp * fabs(want);
}

/* Compares a result and puts back what was there before, so that the rest can be compared with the original bytes. */
static inline GemmWorst gemm_compare(const GemmMap *m, const Tensor *want, unsigned char *image, unsigned char fill)
{
	const Type *t = &m->v->type;
	const int size = dtype_size(t->dtype);
	const int64_t count = type_count(t), filled = t->layout.block == t->dim[1] ? t->dim[1] : gemm_up(t->dim[1], 8);
	GemmWorst w = {.excess = -1};
	double most = 0;
	for (int64_t i = 0; i < count; i++)
		most = fmax(most, fabs(want->data[i]));
	for (int64_t c = 0; c < filled; c++)
		for (int64_t i = 0; i < gemm_positions(t); i++) {
			unsigned char *cell = image + m->at + m->skip + gemm_index(t, c, i / t->dim[3], i % t->dim[3]) * size;
			double got = number_load(t->dtype, cell), right = c < t->dim[1] ? want->data[c * gemm_positions(t) + i] : 0;
			double excess = fabs(got - right) - (c < t->dim[1] ? gemm_limit(t, most, right) : 0);
			if (!(excess <= w.excess))
				w = (GemmWorst){got, right, excess, w.bad};
			w.bad += !(excess <= 0);
			memset(cell, fill, (size_t)size);
		}
	return w;
}

#endif
