/* returned.c -- outputs after suppression, asked of the evaluator. */
#include "import/onnx/returned.h"

/* Numbers that stand for boxes and scores: no index is as large, and no box is a score. */
#define FIRST_BOX 0x1p26
#define FIRST_SCORE 0x1p28

enum { FEW_ROWS = 64, MOST_BOX_COLUMNS = 4 };

typedef struct Tail {
	const Graph *g;
	const Node *nms;
	int64_t boxes, classes, rows;
	bool *known;  /* by id: numbers of boxes and scores, or indices, moved */
	bool *index;  /* by id: indices */
	bool *needed; /* by id: an output is made of it */
} Tail;

/* ---- operations ---- */

static bool is_cast(const Tail *t, const Node *n)
{
	const DType to = n->out[0]->type.dtype;
	const Eltwise *e = &n->u.eltwise;
	const bool wide = to == DT_F32 || to == DT_F64;
	return n->nin == 1 && (e->fn == FN_NONE || e->fn == FN_identity) && e->coeff[0] == 1 &&
	       (wide || (t->index[n->in[0]->id] && (to == DT_I32 || to == DT_I64)));
}

static bool is_number(const Value *v)
{
	return value_is_constant(v) && type_count(&v->type) == 1;
}

/* index + number, index - number */
static bool is_shift(const Tail *t, const Node *n)
{
	const Eltwise *e = &n->u.eltwise;
	if (n->nin != 2 || (e->fn != FN_add && e->fn != FN_sub) || e->coeff[0] != 1 || e->coeff[1] != 1)
		return false;
	return (t->index[n->in[0]->id] && is_number(n->in[1])) || (e->fn == FN_add && t->index[n->in[1]->id] && is_number(n->in[0]));
}

static bool all_known(const Tail *t, const Node *n, int count)
{
	for (int i = 0; i < count; i++)
		if (!t->known[n->in[i]->id])
			return false;
	return true;
}

static bool is_permitted(const Tail *t, const Node *n)
{
	switch ((int)n->op) {
	case OP_reshape:
	case OP_permute:
	case OP_slice:
		return all_known(t, n, 1);
	case OP_take:
		return all_known(t, n, 1) && value_is_constant(n->in[INDEXED_INDICES]);
	case OP_concat:
		return all_known(t, n, n->nin);
	case OP_eltwise:
		return n->u.eltwise.epi[0].act == FN_NONE && ((all_known(t, n, 1) && is_cast(t, n)) || is_shift(t, n));
	case OP_gather:
	case OP_gather_elements:
	case OP_gather_nd:
		return all_known(t, n, 2) && t->index[n->in[INDEXED_INDICES]->id];
	default:
		return false;
	}
}

static bool gives_index(const Tail *t, const Node *n)
{
	if (n->op == OP_concat) {
		for (int i = 0; i < n->nin; i++)
			if (!t->index[n->in[i]->id])
				return false;
		return true;
	}
	return t->index[n->in[0]->id] || (n->op == OP_eltwise && is_shift(t, n));
}

/* v before its shape changed: what other operations may have read */
static const Value *before_moves(const Value *v)
{
	while (v->def && (v->def->op == OP_reshape || v->def->op == OP_permute))
		v = v->def->in[0];
	return v;
}

static void mark_known(Tail *t)
{
	t->known[before_moves(t->nms->in[NMS_BOXES])->id] = t->known[before_moves(t->nms->in[NMS_SCORES])->id] = true;
	t->known[t->nms->out[0]->id] = t->index[t->nms->out[0]->id] = true;
	for (int i = 0; i < t->g->nnode; i++) {
		const Node *n = t->g->node[i];
		if (n == t->nms || t->known[n->out[0]->id] || n->nout != 1 || !n->nin || !n->in[0] || !is_permitted(t, n))
			continue;
		t->known[n->out[0]->id] = true;
		t->index[n->out[0]->id] = gives_index(t, n);
	}
}

static bool mark_needed(Tail *t)
{
	for (int i = 0; i < t->g->noutput; i++) {
		if (!t->known[t->g->output[i]->id])
			return false;
		t->needed[t->g->output[i]->id] = true;
	}
	t->needed[t->nms->in[NMS_BOXES]->id] = t->needed[t->nms->in[NMS_SCORES]->id] = true;
	for (int i = t->g->nnode - 1; i >= 0; i--) {
		const Node *n = t->g->node[i];
		for (int k = 0; n != t->nms && t->known[n->out[0]->id] && t->needed[n->out[0]->id] && k < n->nin; k++)
			t->needed[n->in[k]->id] = true;
	}
	return t->g->noutput > 0;
}

/* ---- one probe ---- */

static void number_from(Tensor *all, const Value *v, double first, Arena *a)
{
	const int64_t count = type_count(&v->type);
	double *x = arena_new_array(a, double, count + 1);
	for (int64_t i = 0; i < count; i++)
		x[i] = first + (double)i;
	all[v->id] = (Tensor){v->type, x};
}

static void choose_rows(const Tail *t, Tensor *all, uint64_t *seed, Arena *a)
{
	const Value *v = t->nms->out[0];
	double *row = arena_new_array(a, double, 3 * t->rows + 1);
	for (int64_t i = 0; i < t->rows; i++) {
		for (int k = 1; k < 3; k++) {
			*seed = *seed * 6364136223846793005u + 1442695040888963407u;
			row[3 * i + k] = (double)((int64_t)(*seed >> 33) % (k == 1 ? t->classes : t->boxes));
		}
	}
	all[v->id] = (Tensor){v->type, row};
}

static void evaluate(const Tail *t, Tensor *all, Arena *a)
{
	for (int i = 0; i < t->g->nnode; i++) {
		const Node *n = t->g->node[i];
		const Value *v = n->out[0];
		if (!t->known[v->id] || !t->needed[v->id] || all[v->id].data)
			continue;
		Tensor *in = arena_new_array(a, Tensor, n->nin + 1);
		for (int k = 0; k < n->nin; k++)
			in[k] =
			    value_is_constant(n->in[k]) ? (Tensor){n->in[k]->type, blob_read_f64(n->in[k]->data, a)} : all[n->in[k]->id];
		eval_node(n, in, &all[v->id], a);
	}
}

/* ---- columns ---- */

typedef enum Meaning {         /* of a column */
	               OF_BOX, /* to OF_BOX + 3 */
	               OF_SCORE = MOST_BOX_COLUMNS,
	               OF_INDEX, /* batch, class, box */
	               OF_SHIFTED = OF_INDEX + 3,
	               MEANINGS = OF_SHIFTED + 3,
} Meaning;

static double wanted(const Tail *t, const Tensor *all, int64_t row, int meaning)
{
	const double *sel = all[t->nms->out[0]->id].data + 3 * row;
	const int64_t class = (int64_t)sel[1], box = (int64_t)sel[2];
	if (meaning < OF_SCORE)
		return all[t->nms->in[NMS_BOXES]->id].data[4 * box + meaning];
	if (meaning == OF_SCORE)
		return all[t->nms->in[NMS_SCORES]->id].data[class * t->boxes + box];
	return meaning < OF_SHIFTED ? sel[meaning - OF_INDEX] : sel[meaning - OF_SHIFTED] + 1;
}

/* Numbers at x, x + step, ..: what they are, or MEANINGS. */
static int meaning_of(const Tail *t, const Tensor *all, const double *x, int64_t step)
{
	for (int m = 0; m < MEANINGS; m++) {
		int64_t row = 0;
		while (row < t->rows && x[row * step] == wanted(t, all, row, m))
			row++;
		if (row == t->rows)
			return m;
	}
	return MEANINGS;
}

/* x0 y0 x1 y1 or y0 x0 y1 x1, whole or one of its halves, or one number alone. */
static bool in_order(const int *column, int n)
{
	static const int orders[][MOST_BOX_COLUMNS] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
	for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
		int i = 0;
		while (i < n && column[i] == orders[k][i])
			i++;
		if (i == n)
			return n < 3 || k < 2;
	}
	return n == 0;
}

/* The rows are those of this axis. */
static bool has_rows(const Tail *t, const Tensor *all, const Tensor *x, int axis)
{
	int64_t inner = 1, outer = 1;
	int column[MOST_BOX_COLUMNS], n = 0;
	for (int i = 0; i < x->type.rank; i++)
		*(i < axis ? &outer : &inner) *= i == axis ? 1 : x->type.dim[i];
	for (int64_t i = 0; i < outer * inner; i++) {
		const int m = meaning_of(t, all, x->data + i / inner * inner * t->rows + i % inner, inner);
		if (m == MEANINGS || (m < OF_SCORE && n == MOST_BOX_COLUMNS))
			return false;
		if (m < OF_SCORE)
			column[n++] = m;
	}
	return in_order(column, n);
}

static bool outputs_hold(const Tail *t, const Tensor *all)
{
	for (int i = 0; i < t->g->noutput; i++) {
		const Tensor *x = &all[t->g->output[i]->id];
		bool good = false;
		for (int axis = 0; axis < x->type.rank && !good; axis++)
			good = x->type.dim[axis] == t->rows && has_rows(t, all, x, axis);
		if (!good)
			return false;
	}
	return true;
}

static bool probe(const Tail *t, uint64_t *seed)
{
	Arena *a = arena_new();
	Tensor *all = arena_new_array(a, Tensor, t->g->next_id);
	number_from(all, before_moves(t->nms->in[NMS_BOXES]), FIRST_BOX, a);
	number_from(all, before_moves(t->nms->in[NMS_SCORES]), FIRST_SCORE, a);
	choose_rows(t, all, seed, a);
	evaluate(t, all, a);
	const bool good = outputs_hold(t, all);
	arena_free(a);
	return good;
}

bool returned_detections(const Graph *g, const Node *nms)
{
	Arena *a = arena_new();
	const Type *s = &nms->in[NMS_SCORES]->type;
	Tail t = {.g = g, .nms = nms, .boxes = s->dim[2], .classes = s->dim[1], .rows = nms->u.nms.rows};
	t.known = arena_new_array(a, bool, g->next_id);
	t.index = arena_new_array(a, bool, g->next_id);
	t.needed = arena_new_array(a, bool, g->next_id);
	mark_known(&t);
	bool good = before_moves(nms->in[NMS_BOXES]) != before_moves(nms->in[NMS_SCORES]) && mark_needed(&t);
	uint64_t seed = 1;
	for (int i = 0; good && i < (t.rows < FEW_ROWS ? FEW_ROWS / 8 : 2); i++)
		good = probe(&t, &seed);
	arena_free(a);
	return good;
}
