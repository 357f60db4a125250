/* map_case.h -- nodes for the CUDA kernels that give each element a thread, in many memory forms: maps in several layouts
 * and element types, plain values. Many instances share one source, compiled by $NVCC or the shim's nvcc.sh.
 *
 * What an instance reads and writes lies in an arena as in emitted programs, for two images; what lies between is hidden.
 * Whatever no one may read is NaN; what fills up channels must come out as zeros, and nothing else may change. */
#ifndef TESTS_CUDA_MAP_CASE_H
#define TESTS_CUDA_MAP_CASE_H

#include "codegen/embedded.h"
#include "codegen/kernel.h"
#include "codegen/parts.h"
#include "tests/cuda/watch.h"
#include "tests/kernels/node_case.h"

#include <stdio.h>

/* How a map lies in memory: plain order; all channels of a pixel, filled up to 8; so, as channels 8.. of a wider map; in blocks
 * of 8, in a halo; exactly the channels of a pixel. */
typedef enum MapForm { PLAIN, FILLED, WIDE, BLOCKS, EXACT } MapForm;

typedef struct Form {
	const char *name;
	DType in_type;
	MapForm in;
	DType out_type;
	MapForm out;
} Form;

enum { IMAGES = 2, MOST_VALUES = 8, FILL = 0x7b, WIDER = 8 /* channels on either side */ };

typedef struct Place { /* a value in the arena of an image */
	const Value *v;
	int64_t at, bytes, skip; /* bytes: to the value's memory, of it, to its first element */
	bool result;
} Place;

typedef struct Instance {
	const char *what;
	Target target;
	Graph *graph;
	Node *node;
	Place place[MOST_VALUES];
	int nplace;
	int64_t weights_bytes;
	const char *text;
	Bindings *bindings;
	Tensor tensor[8];
	int index, size; /* size: of its inputs */
} Instance;

static inline int64_t rounded_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

/* ---- layouts ---- */

static inline void lay(Value *v, DType t, MapForm form, bool read)
{
	const int64_t filled = v->type.rank == 4 ? rounded_up(v->type.dim[1], 8) : 1;
	static const int64_t none = 1;
	const int64_t block[] = {none, filled, filled + 2 * WIDER, 8, v->type.rank == 4 ? v->type.dim[1] : 1};
	v->type.dtype = t;
	v->type.layout = (Layout){.block = (int)block[form]};
	for (int i = 0; form == BLOCKS && read && i < 4; i++)
		v->type.layout.halo[i] = i + 1;
}

/* Every value of the node but constants, in the order of its inputs and results. */
static inline int64_t put_places(Instance *n, const Form *f)
{
	int64_t at = 0;
	const Node *node = n->node;
	for (int i = 0; i < node->nin + node->nout; i++) {
		Value *v = i < node->nin ? node->in[i] : node->out[i - node->nin];
		if (!v || v->data)
			continue;
		const bool result = i >= node->nin;
		const MapForm form = result ? f->out : f->in;
		lay(v, result ? f->out_type : f->in_type, form, !result);
		const int size = dtype_size(v->type.dtype);
		n->place[n->nplace++] = (Place){v, at, type_storage(&v->type) * size, form == WIDE ? WIDER * size : 0, result};
		at = rounded_up(at + type_storage(&v->type) * size + 64, 256); /* behind it, bytes that must stay as they are */
	}
	return at;
}

/* Elements of a value that a kernel writes, with those that fill up channels; where each lies. */
static inline int64_t channels_of(const Type *t)
{
	const int64_t c = t->rank == 4 ? t->dim[1] : 1;
	return t->rank != 4 || t->layout.block == 1 || t->layout.block == c ? c : rounded_up(c, 8);
}

static inline int64_t cell_of(const Type *t, int64_t c, int64_t i)
{
	const Layout *l = &t->layout;
	if (t->rank != 4 || t->dim[0] != 1)
		return i;
	const int64_t y = i / t->dim[3], x = i % t->dim[3], b = l->block;
	return ((c / b * layout_rows(t) + y + l->halo[0]) * layout_cols(t) + x + l->halo[1]) * b + c % b;
}

static inline int64_t positions_of(const Type *t)
{
	return t->rank == 4 && t->dim[0] == 1 ? t->dim[2] * t->dim[3] : type_count(t);
}

static inline int64_t planes_of(const Type *t)
{
	return t->rank == 4 && t->dim[0] == 1 ? channels_of(t) : 1;
}

static inline int64_t real_planes(const Type *t)
{
	return t->rank == 4 && t->dim[0] == 1 ? t->dim[1] : 1;
}

static inline void put_input(const Place *p, const double *x, unsigned char *image)
{
	const Type *t = &p->v->type;
	const int size = dtype_size(t->dtype);
	const int64_t n = positions_of(t);
	for (int64_t i = 0; i < p->bytes / size; i++)
		number_store(t->dtype, NAN, image + p->at + i * size);
	for (int64_t c = 0; c < planes_of(t); c++)
		for (int64_t i = 0; i < n; i++)
			number_store(t->dtype, c < real_planes(t) ? x[c * n + i] : 0, image + p->at + p->skip + cell_of(t, c, i) * size);
}

typedef struct Worst {
	double got, want, excess;
	int64_t bad;
} Worst;

/* Compares a result and puts back what was there before, so that the rest can be compared with the original bytes. slack:
 * of sums in another order. */
static inline Worst compare_result(const Place *p, const Tensor *want, unsigned char *image, double slack)
{
	const Type *t = &p->v->type;
	const int size = dtype_size(t->dtype);
	const int64_t n = positions_of(t);
	const double ulp = t->dtype == DT_F16 ? 0x1p-10 : t->dtype == DT_BF16 ? 0x1p-7 : 0x1p-23;
	Worst w = {.excess = -1};
	double most = 0;
	for (int64_t i = 0; i < type_count(t); i++)
		most = fmax(most, fabs(want->data[i]));
	for (int64_t c = 0; c < planes_of(t); c++)
		for (int64_t i = 0; i < n; i++) {
			unsigned char *cell = image + p->at + p->skip + cell_of(t, c, i) * size;
			const bool real = c < real_planes(t);
			const double got = number_load(t->dtype, cell), right = real ? want->data[c * n + i] : 0;
			const double excess = fabs(got - right) - (real ? slack * (1 + most) + ulp * fabs(right) : 0);
			if (!(excess <= w.excess))
				w = (Worst){got, right, excess, w.bad};
			w.bad += !(excess <= 0);
			memset(cell, FILL, (size_t)size);
		}
	return w;
}

/* ---- the source ---- */

static inline const char *source_of(Arena *a, const Kernel *k)
{
	return arena_printf(a, "codegen/kernels/cuda/%s.cu", k->source);
}

static inline void expand(Instance *n, Arena *a)
{
	const Kernel *k = n->node->kernel;
	const EmbeddedFile *file = embedded_find(source_of(a, k));
	n->bindings = bindings_new(a, "case");
	k->bind(&n->target, n->node, n->bindings);
	bind_word(n->bindings, "KERNEL", arena_printf(a, "net_k%d", n->index));
	n->text = template_expand(file->name, file->text, n->bindings, NULL);
}

static inline void want_parts(Parts *p, Arena *a, const Instance *n)
{
	static const char mark[] = "\n * parts:";
	const char *list = strstr(embedded_find(source_of(a, n->node->kernel))->text, mark) + strlen(mark);
	for (const char *end = strchr(list, '\n'); list < end;) {
		size_t length = strcspn(list, " \n");
		if (length)
			parts_want(p, arena_strndup(a, list, length));
		list += length + 1;
	}
	for (int i = 0; i < bindings_part_count(n->bindings); i++)
		parts_want(p, bindings_part(n->bindings, i));
}

static inline const char *pointer(Arena *a, const char *memory, DType t, bool result, int64_t at)
{
	return arena_printf(a, ", case_at<%s%s>(%s, %lld)", result ? "" : "const ",
	                    t == DT_F16    ? "__half"
	                    : t == DT_BF16 ? "__nv_bfloat16"
	                                   : "float",
	                    memory, (long long)at);
}

static inline void print_pointer(const Instance *n, const Value *v, FILE *out, Arena *a)
{
	for (int i = 0; i < n->nplace; i++)
		if (n->place[i].v == v) {
			const Place *p = &n->place[i];
			fputs(pointer(a, "arena", v->type.dtype, p->result, p->at + p->skip), out);
			return;
		}
}

/* Of every image the values, of the weights the constants that stand apart, and nothing else. */
static inline void print_hide(const Instance *n, int64_t stride, FILE *out)
{
	fprintf(out, "\tCASE_HIDE(arena, %lld);\n", (long long)(IMAGES * stride));
	for (int i = 0; i < IMAGES; i++)
		for (int k = 0; k < n->nplace; k++)
			fprintf(out, "\tCASE_SHOW(arena + %lld, %lld);\n", (long long)(i * stride + n->place[k].at),
			        (long long)n->place[k].bytes);
	if (n->node->kernel->pack)
		return;
	fprintf(out, "\tCASE_HIDE(w, %lld);\n", (long long)n->weights_bytes);
	for (int i = 0; i < n->node->nin; i++) {
		const Value *v = n->node->in[i];
		if (v && v->data)
			fprintf(out, "\tCASE_SHOW(w + %lld, %lld);\n", (long long)kernel_constant_place(n->node, i),
			        (long long)type_count(&v->type) * dtype_size(kernel_constant_dtype(n->node, i)));
	}
}

/* As emitted programs call: inputs in order, with constants that stand apart; joined constants; results. */
static inline void print_run(const Instance *n, int64_t stride, FILE *out, Arena *a)
{
	const Node *node = n->node;
	const bool apart = node->kernel->constants == CONSTANTS_APART;
	fprintf(out, "extern \"C\" int run_%d(unsigned char *arena, const unsigned char *w)\n{\n\tcase_queue q = {};\n\n\t(void)w;\n",
	        n->index);
	print_hide(n, stride, out);
	fprintf(out, "\tcase_k%d(&q", n->index);
	for (int i = 0; i < node->nin; i++) {
		const Value *v = node->in[i];
		if (v && v->data && apart)
			fputs(pointer(a, "w", kernel_constant_dtype(node, i), false, kernel_constant_place(node, i)), out);
		else if (v && !v->data)
			print_pointer(n, v, out, a);
	}
	if (!apart && n->weights_bytes)
		fputs(", w", out);
	for (int k = 0; k < node->nout; k++)
		print_pointer(n, node->out[k], out, a);
	fprintf(out,
	        ");\n\tif (!q.status)\n\t\tq.status = cudaDeviceSynchronize();\n\tCASE_SHOW(arena, %lld);\n\tCASE_SHOW(w, %lld);\n\treturn "
	        "(int)q.status;\n}\n\n",
	        (long long)(IMAGES * stride), (long long)n->weights_bytes);
}

static inline bool print_source(Instance *const *all, int n, int64_t stride, const char *path, Arena *a)
{
	FILE *out = fopen(path, "w");
	if (!out)
		return false;
	Parts *p = parts_new(a, "case", target_find("cuda-standalone"));
	parts_want(p, "at"); /* for the calls */
	fprintf(out,
	        "#include <cuda_bf16.h>\n#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n#include <stdint.h>\n#include <string.h>\n\n"
	        "#define CASE_BATCH %d\n#define CASE_IMAGE_STRIDE %lld\n\n%s",
	        IMAGES, (long long)stride, watch_text);
	for (int i = 0; i < n; i++)
		want_parts(p, a, all[i]);
	parts_print(p, out, NULL);
	for (int i = 0; i < n; i++) {
		fprintf(out, "/* %s, %s */\n", all[i]->what, all[i]->node->kernel->name);
		fputs(all[i]->text, out);
		print_run(all[i], stride, out, a);
	}
	fputs("extern \"C\" int to_device(unsigned char **p, const unsigned char *from, size_t size)\n{\n"
	      "\treturn cudaMalloc(p, size) || cudaMemcpy(*p, from, size, cudaMemcpyHostToDevice);\n}\n\n"
	      "extern \"C\" int from_device(unsigned char *to, unsigned char *p, size_t size)\n{\n"
	      "\treturn cudaMemcpy(to, p, size, cudaMemcpyDeviceToHost) || cudaFree(p);\n}\n",
	      out);
	return fclose(out) == 0;
}

static inline void *compile_source(const char *dir, Arena *a)
{
	const char *nvcc = getenv("NVCC");
	if (!nvcc || !*nvcc)
		nvcc = "'" SOURCE_DIR "/tests/cuda/nvcc.sh'";
	if (system(arena_printf(a, "%s -O0 -std=c++17 -Xcompiler -fPIC -Werror all-warnings -shared %s/cases.cu -o %s/cases.so", nvcc, dir,
	                        dir)))
		return NULL;
	void *library = dlopen(arena_printf(a, "%s/cases.so", dir), RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	return library;
}

#endif
