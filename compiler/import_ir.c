/* import_ir.c -- IR text with what the command line adds: weights for constants of which it states only the hash, class
 * names, limits of detect. */
#include "codegen/codegen.h"
#include "compiler/files.h"
#include "compiler/import.h"
#include "compiler/safetensors.h"

#include <math.h>
#include <string.h>

/* ---- weights from a file ---- */

/* The axis of the scales beside an I8 tensor: that of the output channels. */
static int channel_axis(const Value *v)
{
	const Node *n = v->nuse ? v->use[0] : NULL;
	if (!n || n->nin < 2 || n->in[1] != v)
		return -1;
	return n->op == OP_deconv2d || (n->op == OP_matmul && !n->u.matmul.transpose_b);
}

static void bind_constant(Graph *g, Value *v, Safetensors *s, const char *file, Arena *scratch, Diag *d)
{
	const Type *t = &v->type;
	const Loc loc = {.file = file, .offset = -1};
	if (!v->name) {
		diag_error(d, DIAG_REJECT, loc, "constant %%%d of '%s' has no name to find a tensor by", v->id, g->name);
		return;
	}
	Blob *b = safetensors_blob(s, v->name, t->rank, t->dim, channel_axis(v), d);
	if (!b)
		return;
	if (b->dtype != t->dtype)
		diag_error(d, DIAG_REJECT, loc, "tensor '%s' has elements of type %s; the IR text says %s", diag_quote(scratch, v->name),
		           dtype_name(b->dtype), dtype_name(t->dtype));
	else if (blob_hash(b, scratch) != v->data->hash)
		diag_error(d, DIAG_REJECT, loc, "tensor '%s' is another: its hash is %016llx, the IR text says %016llx",
		           diag_quote(scratch, v->name), (unsigned long long)b->hash, (unsigned long long)v->data->hash);
	else
		v->data = b;
	arena_reset(scratch);
}

static bool is_elided(const Value *v)
{
	return v->data && v->data->kind == BLOB_ELIDED;
}

static void bind_constants(Graph *g, const char *file, Diag *d)
{
	int64_t size;
	int fd = file_open(file, true, &size, d);
	Safetensors *s = fd >= 0 ? safetensors_open(g, fd, size, arena_strdup(g->arena, file), d) : NULL;
	if (!s)
		return;
	Arena *scratch = arena_new();
	int before = diag_errors(d);
	for (int i = 0; i < g->nvalue; i++)
		if (is_elided(g->value[i]))
			bind_constant(g, g->value[i], s, file, scratch, d);
	if (diag_errors(d) == before)
		safetensors_warn_unused(s, d);
	arena_free(scratch);
}

/* ---- made-up weights ---- */

/* Mean and deviation by the place of the constant in the node that reads it: He's for what is multiplied and summed,
 * so that activations stay in range; variances and gains are positive. */
static void choose_distribution(const Value *v, Blob *b)
{
	const Node *n = v->nuse ? v->use[0] : NULL;
	int slot = 0;
	while (n && slot < n->nin && n->in[slot] != v)
		slot++;
	b->mean = 0;
	b->deviation = 0.1;
	if (!n)
		return;
	bool product = n->op == OP_conv2d || n->op == OP_deconv2d || n->op == OP_matmul;
	if (product && slot == 1) {
		double count = (double)type_count(&v->type), out = (double)v->type.dim[channel_axis(v)];
		b->deviation = sqrt(2 * out / fmax(count, 1));
	} else if (n->op == OP_batchnorm && slot == 2) {
		b->mean = 1;
		b->deviation = 0;
	} else if (n->op == OP_l2norm || (n->op == OP_batchnorm && slot == 3) || (n->op == OP_scale && slot == 1)) {
		b->mean = 1;
	} else if (n->op == OP_detect) {
		b->mean = 0.5;
	}
}

static void make_up_constants(Graph *g, uint64_t seed, Diag *d)
{
	for (int i = 0; i < g->nvalue; i++) {
		Value *v = g->value[i];
		if (!is_elided(v))
			continue;
		if (!dtype_is_float(v->type.dtype)) {
			diag_error(d, DIAG_UNSUPPORTED, (Loc){.file = g->name, .offset = -1}, "constant %%%d: only floats can be made up",
			           v->id);
			continue;
		}
		Blob *b = arena_new_one(g->arena, Blob);
		*b = (Blob){.kind = BLOB_RANDOM, .dtype = DT_F32, .rank = v->type.rank, .fd = -1};
		memcpy(b->dim, v->type.dim, sizeof b->dim);
		b->seed = v->name ? hash_bytes(seed, v->name, strlen(v->name)) : hash_bytes(seed, &v->id, sizeof v->id);
		choose_distribution(v, b);
		v->type.dtype = DT_F32;
		v->data = b;
	}
}

/* ---- options that a card knows too ---- */

static void set_detect(Graph *g, Node *n, const ImportOptions *o, Diag *d)
{
	Detect *t = &n->u.detect;
	if (o->threshold >= 0)
		t->threshold = o->threshold;
	if (o->nms >= 0)
		t->nms = o->nms;
	if (o->top_k > 0)
		t->top_k = o->top_k;
	if (o->keep_top_k > 0)
		t->keep_top_k = o->keep_top_k;
	infer_node(n, d);
	if (o->labels && import_labels(g, o->labels, d) && g->nlabel != t->classes)
		diag_error(d, DIAG_REJECT, (Loc){0}, "%d classes (with background), but '%s' names %d", t->classes, o->labels, g->nlabel);
}

static void apply_options(Graph *g, const ImportOptions *o, Diag *d)
{
	bool any = o->threshold >= 0 || o->nms >= 0 || o->top_k > 0 || o->keep_top_k > 0 || o->labels;
	if (o->width_divisor > 0)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--width-divisor is for cards: the widths of IR text are what they are");
	if (o->classes > 0)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--classes is for cards: the heads of IR text are what they are");
	for (int i = 0; any && i < g->nnode; i++)
		if (g->node[i]->op == OP_detect) {
			set_detect(g, g->node[i], o, d);
			return;
		}
	if (any)
		diag_error(d, DIAG_REJECT, (Loc){0}, "the model has no detect: --threshold, --nms, --top-k, --keep-top-k and --labels do "
		                                     "not apply");
}

Graph *import_ir(const char *path, const char *text, size_t size, const ImportOptions *o, Diag *d)
{
	int before = diag_errors(d);
	Graph *g = graph_parse(path, text, size, kernel_by_name, d);
	if (!g)
		return NULL;
	apply_options(g, o, d);
	if (o->weights)
		bind_constants(g, o->weights, d);
	else if (o->random)
		make_up_constants(g, o->seed, d);
	if (diag_errors(d) == before)
		return g;
	graph_free(g);
	return NULL;
}
