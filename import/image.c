/* image.c -- a detector's image input as floats, channel by channel. Relies on inferred types. */
#include "import/image.h"

#include <math.h>
#include <string.h>

enum { LARGEST = 32767 }; /* height and width that the kernel of the preprocessing takes */

static const int to_last[4] = {0, 2, 3, 1}, to_first[4] = {0, 3, 1, 2};

/* Channels first wins over channels last, and colours win over grey. */
bool image_find(const Graph *g, Image *image)
{
	static const struct {
		int channels;
		bool last;
	} forms[] = {{3, false}, {3, true}, {1, false}, {1, true}};
	const Type *t = g->ninput == 1 ? &g->input[0]->type : NULL;
	if (!t || t->rank != 4 || t->dim[0] != 1 || t->dtype == DT_BOOL)
		return false;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const bool last = forms[i].last;
		if (t->dim[last ? 3 : 1] != forms[i].channels)
			continue;
		*image = (Image){forms[i].channels, (int)t->dim[last ? 1 : 2], (int)t->dim[last ? 2 : 3], last};
		return image->height > 0 && image->width > 0 && image->height <= LARGEST && image->width <= LARGEST;
	}
	return false;
}

/* ---- the type ---- */

/* All 256 values of a pixel, as the emitted program computes them, are numbers of the type. */
static bool pixels_fit(const Preprocess *p, DType t)
{
	for (int c = 0; c < p->channels; c++)
		for (int pixel = 0; pixel < 256; pixel++) {
			const float x = ((float)pixel - (float)p->mean[c]) / (float)p->divisor[c];
			if (number_round(t, (double)x) != (double)x)
				return false;
		}
	return true;
}

static bool check_type(const Graph *g, DType t, Diag *d)
{
	const Preprocess *p = &g->preprocess;
	if (dtype_is_float(t) || pixels_fit(p, t))
		return true;
	Arena *a = arena_new();
	const char *name = g->input[0]->name;
	diag_error(d, DIAG_UNSUPPORTED, (Loc){.file = g->name, .offset = -1},
	           "input '%s' takes %s: pixels 0 to 255 less the mean (%g), divided by the divisor (%g), are not all whole "
	           "numbers that %s holds; state a mean and a divisor that keep them so (%s), or export the model with an "
	           "input "
	           "of floats",
	           name ? diag_quote(a, name) : "", dtype_name(t), p->mean[0], p->divisor[0], dtype_name(t),
	           t == DT_I8 ? "for i8: mean 128 and divisor 1" : "mean 0 and divisor 1");
	arena_free(a);
	return false;
}

/* ---- the order ---- */

static bool is_order(const Node *n, const int *order)
{
	return n->op == OP_permute && n->u.permute.n == 4 && !memcmp(n->u.permute.order, order, 4 * sizeof *order);
}

/* One number for each element, whatever its place: the order of the elements does not matter. */
static bool is_pointwise(const Node *n, const Value *x)
{
	if (n->op != OP_eltwise || n->nout != 1)
		return false;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && n->in[i] != x &&
		    !(value_is_constant(n->in[i]) && type_count(&n->in[i]->type) == 1 && n->in[i]->type.rank <= 4))
			return false;
	return n->out[0]->type.rank == 4;
}

/* The permute to [1, C, H, W] that alone reads x, perhaps after operations on single elements; or null. */
static Node *turned_back(Value *x)
{
	while (value_has_one_use(x)) {
		Node *n = x->use[0];
		if (is_order(n, to_first))
			return n;
		if (!is_pointwise(n, x))
			return NULL;
		x = n->out[0];
	}
	return NULL;
}

/* The operations from x on, up to the permute, on [1, C, H, W]; the permute goes. */
static void skip_permute(Graph *g, Value *x, Node *permute, Diag *d)
{
	for (Node *n = x->use[0]; n != permute; n = n->out[0]->use[0])
		if (!infer_node(n, d))
			bug("'%s' does not take the image in another order", n->name);
	Value *in = permute->in[0];
	const char *name = in->name;
	value_replace(g, permute->out[0], in);
	if (in == x)
		in->name = name;
	node_remove(g, permute);
}

/* ---- the input ---- */

static Value *finish(Graph *g, Node *n, Diag *d)
{
	n->loc = (Loc){.file = g->name, .offset = -1, .layer = n->name};
	if (!infer_node(n, d))
		bug("'%s' does not take the image", n->name);
	return node_out(n);
}

static Value *permuted(Graph *g, Node *at, Value *x, Diag *d)
{
	Node *n = graph_node_before(g, at, OP_permute, "input.permute", 1, &x, 1);
	n->u.permute.n = 4;
	memcpy(n->u.permute.order, to_last, sizeof to_last);
	return finish(g, n, d);
}

static Value *cast(Graph *g, Node *at, Value *x, DType to, Diag *d)
{
	Node *n = graph_node_before(g, at, OP_eltwise, "input.cast", 1, &x, 1);
	n->u.eltwise.fn = FN_identity;
	n->u.eltwise.to = to;
	return finish(g, n, d);
}

/* Where the model turns what it reads to floats at once, and every pixel is a number of both types, neither cast is
 * made. */
static void skip_casts(Graph *g, Value *y)
{
	Value *x = y->def->in[0];
	for (int i = node_index(g, y->def) + 1; i < g->nnode; i++) {
		Node *n = g->node[i];
		const Eltwise *e = &n->u.eltwise;
		if (n->op == OP_eltwise && n->nin == 1 && n->in[0] == y && e->fn == FN_identity && e->coeff[0] == 1 &&
		    e->epi[0].act == FN_NONE && n->out[0]->type.dtype == DT_F32) {
			const char *name = x->name;
			value_replace(g, n->out[0], x);
			x->name = name;
		}
	}
}

static bool has_dims(const Type *t, const Type *u)
{
	return t->rank == u->rank && !memcmp(t->dim, u->dim, sizeof *t->dim * (size_t)t->rank);
}

/* Its preprocessing says which of two orders the image has. */
bool image_adapt(Graph *g, Diag *d)
{
	const Preprocess *p = &g->preprocess;
	if (!graph_detector(g))
		return true;
	Value *x = g->input[0];
	const DType type = x->type.dtype;
	const Type first = type_make(DT_F32, 4, (int64_t[]){1, p->channels, p->height, p->width});
	const bool pixels = p->width > 0, turn = pixels && !has_dims(&x->type, &first);
	if (pixels && !check_type(g, type, d))
		return false;
	if (type == DT_F32 && !turn)
		return true;

	Node *const at = g->node[0], *back = turn ? turned_back(x) : NULL;
	Value *y = x;
	x->type.dtype = DT_F32;
	if (turn)
		x->type = first;
	if (turn && !back)
		y = permuted(g, at, y, d);
	if (type != DT_F32)
		y = cast(g, at, y, type, d);
	for (int i = node_index(g, at); i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nin; k++)
			if (y != x && g->node[i]->in[k] == x)
				node_set_input(g, g->node[i], k, y);
	if (back)
		skip_permute(g, y, back, d);
	if (pixels && type != DT_F32 && pixels_fit(p, type))
		skip_casts(g, y);
	graph_sweep(g);
	return true;
}
