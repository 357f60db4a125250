/* test_kernels_slow.c -- the CUDA kernels that give each element a thread, against the evaluator: maps in every layout and
 * type, plain values; two images, threads in two orders, which must give the same bits.
 *
 * Runs on the CPU by tests/cuda/shim; NVCC=nvcc runs it on a GPU. */
#include "tests/cuda/map_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const Form forms[] = {
    {"plain f32", DT_F32, PLAIN, DT_F32, PLAIN},
    {"f16", DT_F16, FILLED, DT_F16, FILLED},
    {"f16 into a wider map", DT_F16, FILLED, DT_F16, WIDE},
    {"bf16 in wider maps", DT_BF16, WIDE, DT_BF16, WIDE},
    {"f32 to bf16", DT_F32, PLAIN, DT_BF16, FILLED},
    {"f16 to heads", DT_F16, FILLED, DT_F32, EXACT},
    {"f32 in blocks", DT_F32, BLOCKS, DT_F32, BLOCKS},
    {"bf16 blocks to f16", DT_BF16, BLOCKS, DT_F16, WIDE},
    {"f32 filled to plain", DT_F32, FILLED, DT_F32, PLAIN},
};
enum { NFORMS = sizeof forms / sizeof *forms };

/* ---- nodes on maps, each in every form ---- */

#define CONV .op = OP_conv2d, .kernel = "conv_any"
#define DEPTHWISE .op = OP_conv2d, .kernel = "depthwise_vector", .depthwise = true
#define DECONV .op = OP_deconv2d, .kernel = "deconv_any"
#define POOL .op = OP_pool2d, .kernel = "pool_any"
#define ELTWISE .op = OP_eltwise, .kernel = "eltwise_any"
#define RESIZE .op = OP_resize, .kernel = "resize_any"

static const Case cases[] = {
    {CONV, .channels = 24, .height = 5, .width = 7, .out = {37}, .kh = 1, .kw = 1, .act = {FN_relu}},
    {CONV, .channels = 3, .height = 9, .width = 8, .out = {16}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_relu6}},
    {CONV, .channels = 5, .height = 6, .width = 9, .out = {11}, .kh = 5, .kw = 3, .pad = 2, .skew = -1, .no_bias = true, .elt = {FN_add}},
    {CONV, .channels = 8, .height = 7, .width = 7, .out = {8}, .kh = 3, .kw = 3, .pad = 2, .dilation = 2, .elt = {FN_mul},
     .act = {FN_leaky}},
    {CONV, .channels = 12, .height = 5, .width = 5, .out = {18}, .kh = 3, .kw = 3, .pad = 1, .group = 3},
    {CONV, .channels = 6, .height = 5, .width = 4, .out = {12}, .kh = 3, .kw = 3, .pad = 1, .group = 6, .act = {FN_sigmoid}},
    {CONV, .channels = 10, .height = 4, .width = 5, .out = {9, 21}, .kh = 1, .kw = 1, .elt = {FN_add, FN_mul},
     .act = {FN_relu, FN_sigmoid}},
    {CONV, .channels = 16, .height = 3, .width = 3, .out = {8, 3}, .kh = 3, .kw = 3, .pad = 1, .act = {FN_NONE, FN_relu6}},
    {CONV, .channels = 7, .height = 1, .width = 1, .out = {5, 16}, .kh = 1, .kw = 1, .no_bias = true, .elt = {FN_NONE, FN_add}},

    {DEPTHWISE, .channels = 32, .height = 9, .width = 9, .out = {32}, .kh = 3, .kw = 3, .pad = 1, .act = {FN_relu6}},
    {DEPTHWISE, .channels = 37, .height = 10, .width = 7, .out = {37}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_sigmoid}},
    {DEPTHWISE, .channels = 24, .height = 6, .width = 9, .out = {24}, .kh = 5, .kw = 5, .pad = 2, .elt = {FN_add}, .act = {FN_relu}},
    {DEPTHWISE, .channels = 12, .height = 2, .width = 2, .out = {12}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .no_bias = true,
     .elt = {FN_mul}},
    {DEPTHWISE, .channels = 3, .height = 9, .width = 9, .out = {3}, .kh = 3, .kw = 1, .dilation = 2, .pad = 2, .skew = -2},
    {DEPTHWISE, .channels = 9, .height = 4, .width = 5, .out = {9}, .kh = 3, .kw = 5, .stride = 2, .pad = 1, .skew = 1},

    {DECONV, .channels = 16, .height = 5, .width = 5, .out = {12}, .kh = 2, .kw = 2, .stride = 2},
    {DECONV, .channels = 5, .height = 3, .width = 4, .out = {24}, .kh = 4, .kw = 4, .stride = 2, .pad = 1, .elt = {FN_mul},
     .act = {FN_relu}},
    {DECONV, .channels = 6, .height = 3, .width = 3, .out = {9}, .kh = 3, .kw = 3, .stride = 1, .pad = 1, .no_bias = true, .group = 3},
    {DECONV, .channels = 8, .height = 5, .width = 5, .out = {8}, .kh = 4, .kw = 4, .stride = 2, .pad = 1, .border = 1, .elt = {FN_add}},
    {DECONV, .channels = 8, .height = 3, .width = 4, .out = {3}, .kh = 2, .kw = 2, .stride = 3},
    {DECONV, .channels = 5, .height = 3, .width = 4, .out = {7}, .kh = 3, .kw = 5, .stride = 2, .pad = 1, .skew = 1},
    {DECONV, .channels = 4, .height = 1, .width = 1, .out = {16}, .kh = 5, .kw = 5, .pad = 1, .border = 1},

    {POOL, .channels = 16, .height = 9, .width = 11, .kh = 3, .kw = 3, .stride = 2},
    {POOL, .channels = 21, .height = 15, .width = 15, .kh = 2, .kw = 2, .stride = 2, .ceil_mode = true},
    {POOL, .channels = 8, .height = 9, .width = 9, .kh = 3, .kw = 3, .stride = 1, .pad = 1},
    {POOL, .channels = 5, .height = 9, .width = 9, .kh = 3, .kw = 3, .pad = 2, .dilation = 2},
    {POOL, .channels = 5, .height = 6, .width = 9, .kh = 2, .kw = 4, .stride = 2, .skew = 2, .average = true, .across = true},
    {POOL, .channels = 8, .height = 9, .width = 9, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .average = true},
    {POOL, .channels = 13, .height = 9, .width = 8, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .average = true, .across = true,
     .ceil_mode = true},
    {POOL, .channels = 20, .height = 5, .width = 6, .kh = 1, .kw = 1, .global = true, .average = true},
    {POOL, .channels = 20, .height = 5, .width = 6, .kh = 1, .kw = 1, .global = true},

    {ELTWISE, .channels = 16, .height = 5, .width = 7, .fn = FN_add, .act = {FN_relu}},
    {ELTWISE, .channels = 21, .height = 4, .width = 4, .fn = FN_mul, .across = true},
    {ELTWISE, .channels = 12, .height = 3, .width = 3, .fn = FN_max, .act = {FN_relu6}},
    {ELTWISE, .channels = 8, .height = 3, .width = 3, .fn = FN_sub},
    {ELTWISE, .channels = 5, .height = 3, .width = 3, .fn = FN_affine, .across = true},
    {ELTWISE, .channels = 7, .height = 3, .width = 3, .fn = FN_sigmoid},

    {.op = OP_batchnorm, .kernel = "batchnorm_any", .channels = 20, .height = 5, .width = 6},
    {.op = OP_scale, .kernel = "scale_any", .channels = 11, .height = 5, .width = 6},
    {.op = OP_l2norm, .kernel = "l2norm_any", .channels = 20, .height = 5, .width = 6},
    {.op = OP_l2norm, .kernel = "l2norm_any", .channels = 150, .height = 2, .width = 2},
    {.op = OP_l2norm, .kernel = "l2norm_any", .channels = 5, .height = 5, .width = 6, .across = true},
    {RESIZE, .channels = 12, .height = 5, .width = 5, .kh = 10, .kw = 10},
    {RESIZE, .channels = 16, .height = 10, .width = 7, .kh = 4, .kw = 9, .align_corners = true},
    {RESIZE, .channels = 3, .height = 1, .width = 2, .kh = 2, .kw = 1, .align_corners = true},
    {RESIZE, .channels = 8, .height = 6, .width = 6, .kh = 11, .kw = 3, .nearest = true},
    {.op = OP_reorder, .kernel = "reorder_any", .channels = 13, .height = 4, .width = 6},
    {.op = OP_reorder, .kernel = "reorder_any", .channels = 24, .height = 3, .width = 3},
};
enum { NCASES = sizeof cases / sizeof *cases };

/* ---- other nodes ---- */

typedef struct Other {
	Op op;
	const char *kernel;
	int nin, rank[3];
	int64_t dim[3][6];
	int a[6]; /* attributes: see attributes() */
	Func fn;
	bool constant; /* the last input */
	bool maps;     /* in every form; else plain */
	int size;      /* of the inputs; 0: 1 */
} Other;

#define OF(operation, row) .op = OP_##operation, .kernel = #row

static const Other others[] = {
    {OF(softmax, softmax_rows), .nin = 1, .rank = {4}, .dim = {{1, 5, 3, 7}}, .a = {1}},
    {OF(softmax, softmax_rows), .nin = 1, .rank = {3}, .dim = {{2, 300, 21}}, .a = {2}},
    {OF(softmax, softmax_rows), .nin = 1, .rank = {2}, .dim = {{40, 21}}, .a = {1}, .size = 60},
    {OF(softmax, softmax_rows), .nin = 1, .rank = {2}, .dim = {{4, 1}}, .a = {1}},
    {OF(concat, concat_any), .nin = 2, .rank = {3, 3}, .dim = {{1, 40, 4}, {1, 13, 4}}, .a = {1}},
    {OF(concat, concat_any), .nin = 3, .rank = {3, 3, 3}, .dim = {{2, 3, 4}, {2, 3, 1}, {2, 3, 6}}, .a = {2}},
    {OF(concat, concat_any), .nin = 2, .rank = {2, 2}, .dim = {{3, 5}, {4, 5}}, .a = {0}, .constant = true},
    {OF(concat, concat_any), .nin = 2, .rank = {4, 4}, .dim = {{1, 3, 4, 5}, {1, 3, 4, 5}}, .a = {2}},
    {OF(concat, concat_any), .nin = 3, .rank = {4, 4, 4}, .dim = {{1, 8, 3, 4}, {1, 5, 3, 4}, {1, 16, 3, 4}}, .a = {1}, .maps = true},
    {OF(concat, concat_any), .nin = 1, .rank = {4}, .dim = {{1, 11, 2, 2}}, .a = {1}, .maps = true},
    {OF(concat, concat_any), .nin = 2, .rank = {4, 4}, .dim = {{1, 3, 4, 5}, {1, 5, 4, 5}}, .a = {1}, .constant = true},
    {OF(reshape, copy_any), .nin = 1, .rank = {4}, .dim = {{1, 6, 5, 4}}, .a = {1, 30, 4}},
    {OF(permute, permute_any), .nin = 1, .rank = {4}, .dim = {{1, 6, 5, 4}}, .a = {0, 2, 3, 1}},
    {OF(permute, permute_any), .nin = 1, .rank = {3}, .dim = {{7, 300, 3}}, .a = {2, 0, 1}},
    {OF(permute, permute_any), .nin = 1, .rank = {2}, .dim = {{7, 9}}, .a = {0, 1}},
    {OF(permute, permute_any), .nin = 1, .rank = {5}, .dim = {{2, 3, 4, 5, 6}}, .a = {4, 2, 0, 3, 1}},
    {OF(slice, slice_any), .nin = 1, .rank = {3}, .dim = {{2, 9, 5}}, .a = {1, 3, 7}},
    {OF(slice, slice_any), .nin = 1, .rank = {4}, .dim = {{1, 9, 5, 4}}, .a = {1, 0, 2}},
    {OF(slice, slice_any), .nin = 1, .rank = {2}, .dim = {{3, 300}}, .a = {1, 299, 300}},
    {OF(matmul, matmul_any), .nin = 2, .rank = {2, 2}, .dim = {{7, 30}, {30, 11}}},
    {OF(matmul, matmul_any), .nin = 3, .rank = {3, 2, 1}, .dim = {{2, 5, 6}, {9, 6}, {9}}, .a = {1}, .fn = FN_relu, .constant = true},
    {OF(matmul, matmul_any), .nin = 2, .rank = {4, 3}, .dim = {{3, 1, 5, 6}, {4, 6, 2}}},
    {OF(matmul, matmul_any), .nin = 2, .rank = {2, 4}, .dim = {{1, 6}, {2, 3, 1, 6}}, .a = {1}, .constant = true},
    {OF(matmul, matmul_any), .nin = 3, .rank = {2, 2, 1}, .dim = {{3, 300}, {300, 100}, {100}}},
    {OF(pad, pad_any), .nin = 1, .rank = {4}, .dim = {{1, 3, 4, 5}}, .a = {1, 2, 3, 0}},
    {OF(pad, pad_any), .nin = 1, .rank = {2}, .dim = {{3, 5}}, .a = {0, 0, 1, 1}},
    {OF(eltwise, eltwise_any), .nin = 2, .rank = {4, 3}, .dim = {{2, 3, 4, 5}, {3, 1, 1}}, .fn = FN_add},
    {OF(eltwise, eltwise_any), .nin = 2, .rank = {2, 3}, .dim = {{1, 5}, {7, 4, 1}}, .fn = FN_mul},
    {OF(eltwise, eltwise_any), .nin = 2, .rank = {3, 1}, .dim = {{2, 40, 5}, {5}}, .fn = FN_sub, .constant = true},
    {OF(eltwise, eltwise_any), .nin = 2, .rank = {4, 4}, .dim = {{1, 3, 4, 5}, {1, 3, 1, 1}}, .fn = FN_max, .constant = true},
    {OF(eltwise, eltwise_any), .nin = 1, .rank = {3}, .dim = {{2, 40, 5}}, .fn = FN_relu},
};
enum { NOTHERS = sizeof others / sizeof *others };

static void attributes(const Other *o, Node *n)
{
	const int *a = o->a;
	switch (o->op) {
	case OP_softmax:
		n->u.softmax.axis = a[0];
		break;
	case OP_concat:
		n->u.concat.axis = a[0];
		break;
	case OP_reshape:
		for (int i = 0; a[i]; i++)
			n->u.reshape.dim[n->u.reshape.n++] = a[i];
		break;
	case OP_permute:
		n->u.permute.n = o->rank[0];
		memcpy(n->u.permute.order, a, sizeof *a * (size_t)o->rank[0]);
		break;
	case OP_slice:
		n->u.slice.axis = a[0];
		n->u.slice.begin = a[1];
		n->u.slice.end = a[2];
		break;
	case OP_pad:
		memcpy(n->u.pad.pad, a, sizeof n->u.pad.pad);
		n->u.pad.value = 0.75;
		break;
	case OP_matmul:
		n->u.matmul.transpose_b = a[0];
		n->u.matmul.epi[0].act = o->fn;
		break;
	default:
		n->u.eltwise.fn = o->fn;
		n->u.eltwise.coeff[0] = 0.5;
		n->u.eltwise.coeff[1] = -2;
	}
}

static Graph *other_graph(const Other *o, Diag *d)
{
	static const char *const name[] = {"x", "y", "z"};
	Graph *g = graph_new("case");
	Value *in[3];
	uint64_t seed = 5;
	for (int i = 0; i < o->nin; i++)
		in[i] = o->constant && i == o->nin - 1 ? case_constant(g, o->rank[i], o->dim[i], 1, 0, &seed)
		                                       : graph_input(g, name[i], type_make(DT_F32, o->rank[i], o->dim[i]));
	Node *n = graph_node(g, o->op, "node", o->nin, in, 1);
	attributes(o, n);
	if (!infer_node(n, d))
		return NULL;
	graph_output(g, n->out[0]);
	return g;
}

/* ---- instances ---- */

typedef struct Suite {
	Arena *arena;
	Instance *all[1024];
	int n, bad;
	int64_t stride;
	const char *dir;
} Suite;

/* The depthwise kernel wants all channels of a pixel together; the plain one does the rest. */
static const char *expected(const char *kernel, const Node *n, const Form *f)
{
	const bool vectors = f->out == FILLED || f->out == WIDE || (f->out == EXACT && n->out[0]->type.dim[1] % 8 == 0);
	const bool together = (f->in == FILLED || f->in == WIDE) && vectors;
	return !strcmp(kernel, "depthwise_vector") && !together ? "conv_any" : kernel;
}

static void add(Suite *s, Graph *g, const char *kernel, const Form *f, int size, const char *what)
{
	Instance *n = arena_new_one(s->arena, Instance);
	memset(n, 0, sizeof *n);
	if (!g) {
		print_error("%s: is no node\n", what);
		s->bad++;
		return;
	}
	n->what = arena_printf(s->arena, "%s, %s", what, f->name);
	n->target = *target_find("cuda-standalone");
	n->target.batch = IMAGES;
	n->graph = g;
	n->node = g->node[0];
	n->index = s->n;
	n->size = size ? size : 1;
	const int64_t bytes = put_places(n, f);
	s->stride = bytes > s->stride ? bytes : s->stride;
	node_set_kernel(n->node, target_kernel(&n->target, n->node, NULL, !strcmp(kernel, "depthwise_vector")), &n->target, NULL);
	if (!n->node->kernel || strcmp(n->node->kernel->name, expected(kernel, n->node, f)) || s->n == 1024) {
		print_error("%s: kernel %s, not %s\n", n->what, n->node->kernel ? n->node->kernel->name : "none",
		            expected(kernel, n->node, f));
		s->bad++;
		return;
	}
	const Kernel *k = n->node->kernel;
	n->weights_bytes = k->packed_size ? k->packed_size(&n->target, n->node) : kernel_constant_place(n->node, n->node->nin);
	expand(n, s->arena);
	s->all[s->n++] = n;
}

static void add_all(Suite *s, Diag *d)
{
	Target flat = *target_find("cuda-standalone");
	flat.vector = 1; /* layouts come later */
	for (int i = 0; i < NCASES; i++)
		for (int k = 0; k < NFORMS; k++)
			add(s, case_graph(&cases[i], &flat, d), cases[i].kernel, &forms[k], 1, arena_printf(s->arena, "case %d", i));
	for (int i = 0; i < NOTHERS; i++)
		for (int k = 0; k < (others[i].maps ? NFORMS : 1); k++)
			add(s, other_graph(&others[i], d), others[i].kernel, &forms[k], others[i].size,
			    arena_printf(s->arena, "other %d", i));
}

static unsigned char *weights_of(const Instance *n, Arena *a)
{
	unsigned char *w = arena_alloc(a, (size_t)n->weights_bytes + 16);
	const Kernel *k = n->node->kernel;
	if (k->pack)
		k->pack(&n->target, n->node, w, a);
	for (int i = 0; !k->pack && i < n->node->nin; i++)
		if (n->node->in[i] && n->node->in[i]->data)
			memcpy(w + kernel_constant_place(n->node, i), blob_read_f32(n->node->in[i]->data, a),
			       sizeof(float) * (size_t)type_count(&n->node->in[i]->type));
	return w;
}

/* What the node reads, in what its types can hold, and what comes of it. */
static void evaluate(Instance *n, unsigned char *image, Tensor *want, Arena *a, uint64_t *seed)
{
	Node *node = n->node;
	for (int i = 0; i < node->nin; i++) {
		Value *v = node->in[i];
		if (!v)
			continue;
		Tensor *t = &n->tensor[i];
		t->type = v->type;
		t->data = v->data ? blob_read_f64(v->data, a) : case_logical(a, &v->type, seed);
		for (int64_t k = 0; !v->data && k < type_count(&v->type); k++)
			t->data[k] = number_round(v->type.dtype, n->size * t->data[k]);
		for (int k = 0; k < n->nplace; k++)
			if (n->place[k].v == v)
				put_input(&n->place[k], t->data, image);
	}
	for (int k = 0; k < node->nout; k++)
		want[k] = (Tensor){.type = node->out[k]->type};
	eval_node(node, n->tensor, want, a);
}

/* ---- runs ---- */

typedef struct Library {
	int (*to)(unsigned char **, const unsigned char *, size_t);
	int (*from)(unsigned char *, unsigned char *, size_t);
	void *handle;
} Library;

static void *symbol(const Library *l, const char *name)
{
	void *p = dlsym(l->handle, name);
	assert_non_null(p);
	return p;
}

/* ISO C has no cast from data to function pointers. */
#define FUNCTION(to, from)                         \
	do {                                       \
		void *from_ = (from);              \
		memcpy(&(to), &from_, sizeof(to)); \
	} while (0)

static int run(const Library *l, const Instance *n, unsigned char *arena, size_t size, const unsigned char *weights, Arena *a)
{
	int (*kernel)(unsigned char *, const unsigned char *);
	unsigned char *there = NULL, *w = NULL, *unused = arena_alloc(a, (size_t)n->weights_bytes + 16);
	FUNCTION(kernel, symbol(l, arena_printf(a, "run_%d", n->index)));
	int status = l->to(&there, arena, size) || l->to(&w, weights, (size_t)n->weights_bytes);
	status = status ? status : kernel(there, w);
	return status || l->from(arena, there, size) || l->from(unused, w, (size_t)n->weights_bytes);
}

static double slack_of(const Node *n)
{
	const bool copies = n->op == OP_concat || n->op == OP_reshape || n->op == OP_permute || n->op == OP_slice || n->op == OP_pad ||
	                    n->op == OP_reorder || (n->op == OP_pool2d && !n->u.pool2d.average) ||
	                    (n->op == OP_resize && n->u.resize.nearest);
	return copies ? 0 : 5e-6;
}

static bool check_image(const Instance *n, const Tensor *want, unsigned char *image, int number)
{
	bool good = true;
	for (int k = 0, result = 0; k < n->nplace; k++) {
		if (!n->place[k].result)
			continue;
		Worst w = compare_result(&n->place[k], &want[result++], image, slack_of(n->node));
		if (w.bad)
			print_error("%s, image %d, result %d: %lld wrong; %g, not %g\n", n->what, number, result - 1, (long long)w.bad,
			            w.got, w.want);
		good = good && !w.bad;
	}
	return good;
}

static bool check(const Suite *s, const Library *l, Instance *n)
{
	Arena *a = arena_new();
	const size_t size = (size_t)(IMAGES * s->stride);
	unsigned char *arena = arena_alloc(a, size), *again = arena_alloc(a, size), *before = arena_alloc(a, size);
	const unsigned char *weights = weights_of(n, a);
	Tensor want[IMAGES][MAX_OUT];
	uint64_t seed = 99;
	memset(arena, FILL, size);
	for (int i = 0; i < IMAGES; i++)
		evaluate(n, arena + i * s->stride, want[i], a, &seed);
	memcpy(before, arena, size);
	memcpy(again, arena, size);
	unsetenv("DSSDC_SHIM_ORDER");
	int status = run(l, n, arena, size, weights, a);
	setenv("DSSDC_SHIM_ORDER", "12345", 1);
	status = status ? status : run(l, n, again, size, weights, a);
	bool good = !status && !memcmp(arena, again, size);
	if (!good)
		print_error("%s: status %d%s\n", n->what, status, status ? "" : ", two runs differ");
	for (int i = 0; good && i < IMAGES; i++)
		good = check_image(n, want[i], arena + i * s->stride, i);
	if (good && memcmp(arena, before, size)) {
		print_error("%s: something else was written\n", n->what);
		good = false;
	}
	arena_free(a);
	return good;
}

static void every_kernel(void **state)
{
	char dir[] = "/tmp/dssdc-cuda-kernels-XXXXXX", command[80];
	Diag d = {.out = stderr};
	Suite s = {.arena = arena_new(), .dir = dir};
	Library l;
	(void)state;
	assert_non_null(mkdtemp(dir));
	add_all(&s, &d);
	assert_true(print_source(s.all, s.n, s.stride, arena_printf(s.arena, "%s/cases.cu", dir), s.arena));
	l.handle = compile_source(dir, s.arena);
	assert_non_null(l.handle);
	FUNCTION(l.to, symbol(&l, "to_device"));
	FUNCTION(l.from, symbol(&l, "from_device"));
	for (int i = 0; i < s.n; i++) {
		s.bad += !check(&s, &l, s.all[i]);
		graph_free(s.all[i]->graph);
	}
	print_message("%d instances of kernels\n", s.n);
	dlclose(l.handle);
	arena_free(s.arena);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (!s.bad && system(command))
		print_error("cannot remove %s\n", dir);
	assert_int_equal(s.bad, 0);
}

/* ---- faults that must be found ---- */

static const struct {
	int number; /* of `cases` */
	const char *kernel, *from, *to;
} faults[] = {
    {24, "pool_any", "if (i >= ", "if (false && i >= "}, /* the guard */
    {24, "pool_any", "if (inside && ", "if ((inside || true) && "},
    {24, "pool_any", "const bool inside = iy >= 0 && iy < ", "const bool inside = iy >= 0 && iy < 1 + "},
    {31, "eltwise_any", "case_put(at, ", "case_put(at + 1, "},
    {31, "eltwise_any", "case_put(at, ", "case_put(at - 1, "},
    {39, "l2norm_any", "part[thread] = ", "part[thread + 1] = "},
    {39, "l2norm_any", "gamma[c] * case", "gamma[c + 1] * case"},
};
enum { NFAULTS = sizeof faults / sizeof *faults };

typedef struct Fault {
	const Suite *suite;
	const Library *library;
	Instance *instance;
} Fault;

static void run_fault(void *of)
{
	Fault *f = of;
	check(f->suite, f->library, f->instance);
}

static void add_faults(Suite *s, Diag *d)
{
	Target flat = *target_find("cuda-standalone");
	flat.vector = 1;
	for (int i = 0; i < NFAULTS; i++) {
		const Case *c = &cases[faults[i].number];
		assert_string_equal(c->kernel, faults[i].kernel);
		add(s, case_graph(c, &flat, d), c->kernel, &forms[0], 1, arena_printf(s->arena, "fault %d", i));
		assert_int_equal(s->n, i + 1);
		s->all[i]->text = watch_seed(s->all[i]->text, faults[i].from, faults[i].to);
		assert_non_null(s->all[i]->text);
	}
}

/* Kernels that go too far by an element. */
static void every_fault(void **state)
{
	char dir[] = "/tmp/dssdc-cuda-faults-XXXXXX", command[80];
	Diag d = {.out = stderr};
	Suite s = {.arena = arena_new(), .dir = dir};
	Library l;
	(void)state;
	if (!watch_is_possible())
		skip();
	assert_non_null(mkdtemp(dir));
	add_faults(&s, &d);
	assert_true(print_source(s.all, s.n, s.stride, arena_printf(s.arena, "%s/cases.cu", dir), s.arena));
	l.handle = compile_source(dir, s.arena);
	assert_non_null(l.handle);
	FUNCTION(l.to, symbol(&l, "to_device"));
	FUNCTION(l.from, symbol(&l, "from_device"));
	for (int i = 0; i < s.n; i++) {
		Fault f = {&s, &l, s.all[i]};
		if (!watch_finds(run_fault, &f, arena_printf(s.arena, "case_k%d_device", i)))
			fail_msg("fault %d was not found: %s", i, faults[i].to);
		free((void *)(uintptr_t)s.all[i]->text);
		graph_free(s.all[i]->graph);
	}
	dlclose(l.handle);
	arena_free(s.arena);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

/* Every plain row of the table was seen above. */
static void every_row(void **state)
{
	const Target *t = target_find("cuda-standalone");
	(void)state;
	for (const Kernel *k = t->kernel; k->name; k++) {
		bool seen = !strcmp(k->source, "conv_gemm") || !strcmp(k->source, "conv_cudnn") ||
		            !strcmp(k->source, "detect"); /* their own tests */
		for (int i = 0; i < NCASES; i++)
			seen = seen || !strcmp(cases[i].kernel, k->name);
		for (int i = 0; i < NOTHERS; i++)
			seen = seen || !strcmp(others[i].kernel, k->name);
		if (!seen)
			fail_msg("%s is not tested", k->name);
	}
}

int main(int count, char **arguments)
{
	(void)count;
	watch_begin(arguments);
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row), cmocka_unit_test(every_fault), cmocka_unit_test(every_kernel)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
