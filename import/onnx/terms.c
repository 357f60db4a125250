/* terms.c -- terms, forward from a base. Where elements go is asked of the evaluators: they are given positions in
 * place of numbers. */
#include "import/onnx/terms.h"

#include <math.h>

typedef struct Search { /* one base */
	Terms *t;
	const Value *base;
	Term **term;  /* by id */
	bool *needed; /* by id: on the way from target to the base */
	Arena *a;
} Search;

bool terms_is_move(const Node *n)
{
	return n->op == OP_reshape || n->op == OP_permute || n->op == OP_slice || n->op == OP_concat ||
	       (n->op == OP_take && value_is_constant(n->in[INDEXED_INDICES]));
}

/* ---- arithmetic: false where the result is no term ---- */

static bool is_constant(const Term *x)
{
	return x->slope == 0 && x->grow == 0;
}

static Term scaled(Term x, double by)
{
	x.bias *= by;
	x.slope *= by;
	x.grow *= by;
	return x;
}

static bool add(Term x, Term y, Term *out)
{
	if ((x.slope != 0 && y.slope != 0 && x.at != y.at) || (x.grow != 0 && y.grow != 0 && (x.exp_at != y.exp_at || x.rate != y.rate)))
		return false;
	*out = (Term){.bias = x.bias + y.bias,
	              .slope = x.slope + y.slope,
	              .grow = x.grow + y.grow,
	              .rate = x.grow != 0 ? x.rate : y.rate,
	              .at = x.slope != 0 ? x.at : y.at,
	              .exp_at = x.grow != 0 ? x.exp_at : y.exp_at};
	return true;
}

static bool sub(Term x, Term y, Term *out)
{
	return add(x, scaled(y, -1), out);
}

static bool mul(Term x, Term y, Term *out)
{
	*out = is_constant(&y) ? scaled(x, y.bias) : scaled(y, x.bias);
	return is_constant(&x) || is_constant(&y);
}

static bool divide(Term x, Term y, Term *out)
{
	*out = scaled(x, 1 / y.bias);
	return is_constant(&y) && y.bias != 0;
}

static bool same(Term x, Term y, Term *out)
{
	(void)y;
	*out = x;
	return true;
}

static bool negated(Term x, Term y, Term *out)
{
	(void)y;
	*out = scaled(x, -1);
	return true;
}

static bool exponential(Term x, Term y, Term *out)
{
	(void)y;
	*out = is_constant(&x) ? (Term){.bias = exp(x.bias)} : (Term){.grow = exp(x.bias), .rate = x.slope, .exp_at = x.at};
	return x.grow == 0;
}

static const struct {
	Func fn;
	int nin;
	bool (*apply)(Term x, Term y, Term *out);
} rules[] = {
    {FN_NONE, 1, same}, {FN_identity, 1, same}, {FN_neg, 1, negated}, {FN_exp, 1, exponential},
    {FN_add, 2, add},   {FN_sub, 2, sub},       {FN_mul, 2, mul},     {FN_div, 2, divide},
};

/* Index of the rule, or -1. */
static int rule_of(const Node *n)
{
	const Eltwise *e = &n->u.eltwise;
	if (n->op != OP_eltwise || e->epi[0].act != FN_NONE || (e->to != DT_NONE && e->to != DT_F32))
		return -1;
	for (int i = 0; i < (int)(sizeof rules / sizeof *rules); i++)
		if (rules[i].fn == e->fn && rules[i].nin == n->nin)
			return i;
	return -1;
}

static bool is_known(const Node *n)
{
	bool known = n->nout == 1 && (terms_is_move(n) || rule_of(n) >= 0);
	for (int i = 0; known && i < (n->op == OP_take ? 1 : n->nin); i++)
		known = n->in[i]->type.dtype == DT_F32;
	return known && n->out[0]->type.dtype == DT_F32;
}

/* ---- nodes ---- */

static Term *new_terms(Search *s, int64_t count)
{
	s->t->left -= count;
	return s->t->left < 0 ? NULL : arena_new_array(s->a, Term, count + 1);
}

/* Null when the work is too much. */
static Term *terms_of(Search *s, const Value *v)
{
	if (!value_is_constant(v))
		return s->term[v->id];
	int64_t count = type_count(&v->type);
	Term *term = v->data->kind == BLOB_ELIDED ? NULL : new_terms(s, count);
	const double *x = term ? blob_read_f64(v->data, s->a) : NULL;
	for (int64_t i = 0; term && i < count; i++)
		term[i].bias = x[i];
	return term;
}

/* first, first + step, .. in place of the elements of an operand */
static double *positions(Arena *a, int64_t count, int64_t first, double step)
{
	double *x = arena_new_array(a, double, count + 1);
	for (int64_t i = 0; i < count; i++)
		x[i] = (double)first + step * (double)i;
	return x;
}

/* The operands' terms, one operand after another. */
static const Term *joined(Search *s, const Node *n, int64_t total)
{
	Term *all = new_terms(s, total);
	for (int64_t i = 0, at = 0; all && i < n->nin; i++) {
		const Term *part = terms_of(s, n->in[i]);
		if (!part)
			return NULL;
		for (int64_t k = 0; k < type_count(&n->in[i]->type); k++)
			all[at++] = part[k];
	}
	return all;
}

static Term *move(Search *s, const Node *n)
{
	int operands = n->op == OP_take ? 1 : n->nin;
	int64_t total = 0, count = type_count(&n->out[0]->type);
	Tensor *in = arena_new_array(s->a, Tensor, n->nin), out[MAX_OUT];
	for (int i = 0; i < n->nin; i++) {
		int64_t size = type_count(&n->in[i]->type);
		in[i].type = n->in[i]->type;
		in[i].data = i < operands ? positions(s->a, size, total, 1) : blob_read_f64(n->in[i]->data, s->a);
		total += i < operands ? size : 0;
	}
	const Term *all = operands == 1 ? terms_of(s, n->in[0]) : joined(s, n, total);
	Term *result = new_terms(s, count);
	if (!all || !result)
		return NULL;
	Node moved = *n;
	if (n->op == OP_take)
		moved.u.take.value = -1;
	eval_node(&moved, in, out, s->a);
	for (int64_t i = 0; i < count; i++) {
		if (out->data[i] < 0)
			return NULL;
		result[i] = all[(int64_t)out->data[i]];
	}
	return result;
}

/* Which element of operand k each element of the result is made from. */
static const double *broadcast(Search *s, const Node *n, int k)
{
	Tensor in[2], out[MAX_OUT];
	Node sum = *n;
	sum.u.eltwise = (Eltwise){.fn = n->nin == 2 ? FN_add : FN_identity, .coeff = {1, 1}};
	for (int i = 0; i < n->nin; i++)
		in[i] = (Tensor){n->in[i]->type, positions(s->a, type_count(&n->in[i]->type), 0, i == k)};
	eval_node(&sum, in, out, s->a);
	return out->data;
}

static Term *map(Search *s, const Node *n)
{
	int rule = rule_of(n);
	int64_t count = type_count(&n->out[0]->type);
	const Term *x = terms_of(s, n->in[0]), *y = n->nin > 1 ? terms_of(s, n->in[1]) : x;
	Term *result = new_terms(s, count);
	if (!x || !y || !result)
		return NULL;
	const double *at = broadcast(s, n, 0), *other = n->nin > 1 ? broadcast(s, n, 1) : at;
	const double *coeff = n->u.eltwise.coeff;
	for (int64_t i = 0; i < count; i++) {
		Term a = scaled(x[(int64_t)at[i]], coeff[0]), b = scaled(y[(int64_t)other[i]], coeff[1]);
		if (!rules[rule].apply(a, b, &result[i]))
			return NULL;
	}
	return result;
}

const double *terms_moved(const Value *base, Node *const *node, int n, Arena *a)
{
	const double *at = positions(a, type_count(&base->type), 0, 1);
	for (int i = 0; i < n; i++) {
		Tensor in[2], out[MAX_OUT];
		Node moved = *node[i];
		for (int k = 0; k < moved.nin; k++) {
			in[k].type = moved.in[k]->type;
			in[k].data = k ? blob_read_f64(moved.in[k]->data, a) : (double *)at; /* only read */
		}
		if (moved.op == OP_take)
			moved.u.take.value = -1;
		eval_node(&moved, in, out, a);
		at = out->data;
	}
	return at;
}

/* ---- searching ---- */

/* Marks what is between the target and the base. False when something else has a part in the target. */
static bool mark(Search *s, const Value *target)
{
	bool good = true;
	s->needed[target->id] = true;
	for (int i = s->t->g->nnode - 1; i >= 0 && good; i--) {
		const Node *n = s->t->g->node[i];
		const Value *v = n->out[0];
		if (v == s->base || (n->nout > 1 && n->out[1] == s->base) || !s->needed[v->id])
			continue;
		good = is_known(n);
		for (int k = 0; good && k < n->nin; k++)
			s->needed[n->in[k]->id] = true;
	}
	for (int i = 0; good && i < s->t->g->ninput; i++)
		good = s->t->g->input[i] == s->base || !s->needed[s->t->g->input[i]->id];
	return good && s->needed[s->base->id];
}

static const Term *trace(Search *s, const Value *target)
{
	int64_t count = type_count(&s->base->type);
	Term *own = s->term[s->base->id] = new_terms(s, count);
	for (int64_t i = 0; own && i < count; i++)
		own[i] = (Term){.slope = 1, .at = (int32_t)i};
	for (int i = 0; own && i < s->t->g->nnode; i++) {
		const Node *n = s->t->g->node[i];
		if (!s->needed[n->out[0]->id] || n->out[0] == s->base || !is_known(n))
			continue;
		Term *made = s->term[n->out[0]->id] = n->op == OP_eltwise ? map(s, n) : move(s, n);
		if (!made)
			return NULL;
	}
	return s->term[target->id];
}

static bool try_base(Terms *t, const Value *base, const Value *target, TermsMatch *match, void *context)
{
	Search s = {.t = t, .base = base, .a = arena_new()};
	s.term = arena_new_array(s.a, Term *, t->g->next_id);
	s.needed = arena_new_array(s.a, bool, t->g->next_id);
	const Term *term = mark(&s, target) ? trace(&s, target) : NULL;
	bool found = term && match(context, term);
	arena_free(s.a);
	return found;
}

/* Every value that may have a part in the target through nodes that we know. */
static bool *reached(Terms *t, const Value *target)
{
	bool *reach = arena_new_array(t->a, bool, t->g->next_id);
	reach[target->id] = true;
	for (int i = t->g->nnode - 1; i >= 0; i--) {
		const Node *n = t->g->node[i];
		if (reach[n->out[0]->id] && is_known(n))
			for (int k = 0; k < n->nin; k++)
				reach[n->in[k]->id] = true;
	}
	return reach;
}

Value *terms_find_base(Terms *t, Value *target, int64_t count, TermsMatch *match, void *context)
{
	const bool *reach = reached(t, target);
	for (int i = 0; i < t->g->nvalue; i++) {
		Value *v = t->g->value[i];
		if (!reach[v->id] || value_is_constant(v) || v->type.dtype != DT_F32 || type_count(&v->type) != count)
			continue;
		t->left -= t->g->nnode;
		if (t->left < 0)
			return NULL;
		if (try_base(t, v, target, match, context))
			return v;
	}
	return NULL;
}
