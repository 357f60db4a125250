/* kernels_tensor.c -- rows of the plain kernels of general networks that compute: element by element, along axes,
 * matrix products. They serve every element type that has the functions; constants are arguments like others. */
#include "codegen/rows.h"

#include <float.h>
#include <math.h>

/* ---- element by element ---- */

/* The type in which fn computes: f16 and bf16 count as f32. */
static DType computed_in(const Node *n)
{
	return n->in[n->u.eltwise.fn == FN_where]->type.dtype;
}

static Class result_class(const Node *n)
{
	return func_kind(n->u.eltwise.fn) == FUNC_PREDICATE ? CLASS_INT : class_of(computed_in(n));
}

bool eltwise_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	const Eltwise *e = &n->u.eltwise;
	Class from = result_class(n);
	bool saturated = e->saturate && from == CLASS_U64;
	return all_linear(n) && class_has_function(e->fn, class_of(computed_in(n))) && !saturated &&
	       (e->epi[0].act == FN_NONE || is_f32(n->out[0]));
}

enum { STORE, FLOAT_TO_INT, SATURATE, TO_BOOL, FLOAT_TO_BOOL, FLOAT_TO_U64 };

/* How the result gets its type: the template's CAST. */
static int cast_kind(const Node *n)
{
	DType to = n->out[0]->type.dtype;
	Class from = result_class(n);
	bool from_float = from == CLASS_FLOAT || from == CLASS_DOUBLE;
	if (n->u.eltwise.to == DT_NONE || dtype_is_float(to))
		return STORE;
	if (to == DT_BOOL)
		return from_float ? FLOAT_TO_BOOL : TO_BOOL;
	if (from_float)
		return to == DT_U64 ? FLOAT_TO_U64 : FLOAT_TO_INT;
	return n->u.eltwise.saturate ? SATURATE : STORE;
}

static void bind_cast(const Node *n, Bindings *b)
{
	static const char *const part[] = {[FLOAT_TO_INT] = "to_integer", [SATURATE] = "limit", [FLOAT_TO_U64] = "to_u64"};
	DType to = n->out[0]->type.dtype;
	int kind = cast_kind(n);
	bind_int(b, "CAST", kind);
	if (part[kind])
		bind_part(b, part[kind]);
	if (kind == STORE)
		bind_store(b, "STORE", result_class(n), to);
	if (kind != FLOAT_TO_INT && kind != SATURATE)
		return;
	bind_number(b, "LEAST", to == DT_U64 ? DT_I64 : to, to == DT_U64 ? 0 : -INFINITY);
	bind_number(b, "MOST", to == DT_U64 ? DT_I64 : to, INFINITY);
}

static void bind_operands(const Node *n, Bindings *b)
{
	static const char *const type[] = {"TX", "TZ", "TV"}, *const number[] = {"A", "B", "C"},
	                         *const load[] = {"LOADX", "LOADZ", "LOADV"}, *const step[] = {"A", "B", "C"};
	Loops l = loops_over(&n->out[0]->type);
	for (int i = 0; i < n->nin; i++) {
		DType t = n->in[i]->type.dtype;
		loops_broadcast(&l, i, &n->in[i]->type);
		bind_type(b, type[i], t);
		bind_load(b, number[i], load[i], t);
	}
	loops_simplify(&l, n->nin);
	bind_loops(b, "ii", "N", &l, n->nin, step);
}

void eltwise_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	static const char *const numbers[] = {"float", "double", "int64_t", "int64_t"};
	const Eltwise *e = &n->u.eltwise;
	DType in = computed_in(n);
	Class c = class_of(in), condition = class_of(n->in[0]->type.dtype);
	bool on_float = c == CLASS_FLOAT || c == CLASS_DOUBLE;
	bind_operands(n, b);
	bind_type(b, "TY", n->out[0]->type.dtype);
	bind_word(b, "R", numbers[result_class(n)]);
	bind_int(b, "ARITY", n->nin);
	bind_int(b, "WHERE", e->fn != FN_where ? 0 : condition == CLASS_FLOAT || condition == CLASS_DOUBLE ? 2 : 1);
	bind_int(b, "COEFFS", on_float && (e->coeff[0] != 1 || e->coeff[1] != 1));
	if (e->fn == FN_not && in == DT_BOOL) {
		bind_part(b, "i_not_bool");
		bind_word(b, "FN", "net_i_not_bool");
	} else if (e->fn != FN_where) {
		bind_class_function(b, "FN", e->fn, c);
	}
	DType literal = c == CLASS_FLOAT ? DT_F32 : in;
	bind_class_number(b, "FNALPHA", literal, e->alpha);
	bind_class_number(b, "FNBETA", literal, e->beta);
	bind_class_number(b, "COEFF0", literal, e->coeff[0]);
	bind_class_number(b, "COEFF1", literal, e->coeff[1]);
	bind_cast(n, b);
	bind_epilogue(b, n, 0, "", 1);
}

/* ---- along axes ---- */

bool reduce_accepts(const Target *t, const Node *n)
{
	(void)t;
	const Reduce *r = &n->u.reduce;
	Class c = class_of(n->in[0]->type.dtype);
	return all_linear(n) && class_has_function(r->pre, c) && class_has_function(r->post, c);
}

static double first_of(Func fn)
{
	return fn == FN_add ? 0 : fn == FN_mul ? 1 : fn == FN_max ? -INFINITY : INFINITY;
}

/* The loops over the result, and those over the axes that are reduced. */
static void bind_reduce_loops(const Node *n, Bindings *b)
{
	const Reduce *r = &n->u.reduce;
	const Type *x = &n->in[0]->type;
	Loops kept = {0}, reduced = {0};
	unsigned axes = 0;
	for (int i = 0; i < r->n; i++)
		axes |= 1u << r->axes[i];
	for (int i = 0; i < x->rank; i++) {
		Loops *l = axes >> i & 1 ? &reduced : &kept;
		l->count[l->rank] = x->dim[i];
		l->step[0][l->rank++] = type_step(x, i);
	}
	loops_simplify(&kept, 1);
	loops_simplify(&reduced, 1);
	bind_loops(b, "ii", "N", &kept, 1, (const char *const[]){"A"});
	bind_loops(b, "jj", "M", &reduced, 1, (const char *const[]){"B"});
}

void reduce_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Reduce *r = &n->u.reduce;
	DType type = n->in[0]->type.dtype, number = class_of(type) == CLASS_FLOAT ? DT_F32 : type;
	Class c = class_of(type);
	int64_t results = type_count(&n->out[0]->type);
	bind_reduce_loops(n, b);
	bind_type(b, "TX", type);
	bind_type(b, "TY", type);
	bind_load(b, "R", "LOADX", type);
	bind_store(b, "STORE", c, type);
	bind_class_function(b, "FN", r->fn, c);
	bind_int(b, "PREON", r->pre != FN_NONE);
	bind_int(b, "POSTON", r->post != FN_NONE);
	bind_int(b, "MEAN", r->mean);
	if (r->pre != FN_NONE)
		bind_class_function(b, "PRE", r->pre, c);
	if (r->post != FN_NONE)
		bind_class_function(b, "POST", r->post, c);
	if (r->mean)
		bind_class_function(b, "DIVIDE", FN_div, c);
	bind_class_number(b, "FIRST", number, first_of(r->fn));
	bind_class_number(b, "COUNT", c == CLASS_INT ? DT_I64 : number, (double)(type_count(&n->in[0]->type) / results));
}

/* Comparisons of the numbers that are loaded. */
static void bind_order(Bindings *b, DType t, bool smallest)
{
	bind_load(b, "R", "LOADX", t);
	bind_class_function(b, "BETTER", smallest ? FN_less : FN_greater, class_of(t));
}

void argmax_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const ArgMax *m = &n->u.argmax;
	DType type = n->in[0]->type.dtype;
	bind_axis(b, &n->in[0]->type, m->axis);
	bind_type(b, "TX", type);
	bind_order(b, type, m->smallest);
	if (m->last)
		bind_class_function(b, "EQUAL", FN_equal, class_of(type));
	bind_int(b, "LAST", m->last);
}

void cumsum_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	DType type = n->in[0]->type.dtype;
	bind_axis(b, &n->in[0]->type, n->u.cumsum.axis);
	bind_type(b, "TX", type);
	bind_load(b, "R", "LOADX", type);
	bind_store(b, "STORE", class_of(type), type);
	bind_class_function(b, "FN", FN_add, class_of(type));
	bind_int(b, "EXCLUSIVE", n->u.cumsum.exclusive);
	bind_int(b, "REVERSE", n->u.cumsum.reverse);
}

void topk_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const TopK *k = &n->u.topk;
	bind_axis(b, &n->in[0]->type, k->axis);
	bind_int(b, "KEPT", k->k);
	bind_int(b, "INDICES", n->nout > TOPK_INDICES);
	bind_type(b, "TX", n->in[0]->type.dtype);
	bind_order(b, n->in[0]->type.dtype, k->smallest);
}

void lrn_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Lrn *l = &n->u.lrn;
	const Type *x = &n->in[0]->type;
	double window = l->within_channel ? (double)l->size * l->size : l->size;
	bind_int(b, "XN", x->dim[0]);
	bind_int(b, "XC", x->dim[1]);
	bind_int(b, "XH", x->rank == 4 ? x->dim[2] : 1);
	bind_int(b, "XW", x->rank == 4 ? x->dim[3] : type_step(x, 1));
	bind_int(b, "BEFORE", (l->size - 1) / 2);
	bind_int(b, "AFTER", l->size / 2);
	bind_int(b, "INSIDE", l->within_channel);
	bind_float(b, "BIAS", l->bias);
	bind_float(b, "SHARE", l->alpha / window);
	bind_float(b, "MINUS_BETA", -l->beta);
}

/* ---- matrix product ---- */

/* A factor of a product of type y. */
static void bind_factor(Bindings *b, const char *word, DType t, DType y)
{
	if (dtype_is_float(t))
		bind_load(b, NULL, word, t);
	else
		bind_word(b, word, y == DT_I64 ? "(uint64_t)" : "(uint32_t)");
}

/* The C type of the sum; unsigned integers wrap, so sums of integers are modulo 2^32 or 2^64. */
static const char *sum_type(DType y)
{
	return y == DT_I32 ? "uint32_t" : y == DT_I64 ? "uint64_t" : y == DT_F64 ? "double" : "float";
}

void matmul_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Type *x = &n->in[MATMUL_A]->type, *z = &n->in[MATMUL_B]->type, *y = &n->out[0]->type;
	Loops l = {.rank = y->rank - 2};
	for (int i = 0; i < l.rank; i++)
		l.count[i] = y->dim[i];
	const Type *of[2] = {x, z};
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < l.rank; i++) {
			int axis = i - (y->rank - of[k]->rank);
			l.step[k][i] = axis < 0 || of[k]->dim[axis] == 1 ? 0 : type_step(of[k], axis);
		}
	loops_simplify(&l, 2);
	bind_loops(b, "ii", "N", &l, 2, (const char *const[]){"A", "B"});
	bind_int(b, "M", x->dim[x->rank - 2]);
	bind_int(b, "K", x->dim[x->rank - 1]);
	bind_int(b, "COLUMNS", y->dim[y->rank - 1]);
	bind_type(b, "TX", x->dtype);
	bind_type(b, "TZ", z->dtype);
	bind_type(b, "TY", y->dtype);
	bind_word(b, "R", sum_type(y->dtype));
	bind_factor(b, "LOADX", x->dtype, y->dtype);
	bind_factor(b, "LOADZ", z->dtype, y->dtype);
	bind_store(b, "STORE", class_of(y->dtype), y->dtype);
	bind_int(b, "TRANSPOSED", n->u.matmul.transpose_b);
	const bool bias = node_bias(n) != NULL;
	bind_int(b, "BIAS", bias);
	if (bias) {
		bind_type(b, "TB", n->in[MATMUL_BIAS]->type.dtype);
		bind_load(b, NULL, "LOADB", n->in[MATMUL_BIAS]->type.dtype);
	}
	bind_epilogue(b, n, 0, "", 1);
}
