/* ops.c -- the op table and the scalar function table, expanded from their .def files, and epilogues. */
#include "ir/ir.h"

#include <math.h>
#include <string.h>

#define OP(op, ...) static const Field fields_##op[] = {
#define F(type, kind, member, name, count, standard) {name, FIELD_##kind, offsetof(type, member), count, 0, standard},
#define V(type, kind, member, name, count, standard, used) \
	{name, FIELD_##kind, offsetof(type, member), count, offsetof(type, used) + 1, standard},
#define END       \
	{                                                                                                             \
		0                                                                                                     \
	}                                                                                                             \
	}         \
	;
#include "ir/ops.def"

#define COUNT(op) (int)(sizeof fields_##op / sizeof *fields_##op) - 1
#define NONE(type) 0, false
#define ACT(type) offsetof(type, epi) + 1, false
#define FULL(type) offsetof(type, epi) + 1, true

const OpInfo op_info[OP_COUNT] = {
#define OP(op, type, nin_min, nin_max, nout_max, accepted, epilogue, doc) \
	[OP_##op] = {#op, nin_min, nin_max, nout_max, fields_##op, COUNT(op), epilogue(type), doc},
#include "ir/ops.def"
};

static const struct {
	const char *name;
	int arity;
	FuncKind kind;
	const char *doc;
} functions[FN_COUNT] = {
    [FN_NONE] = {"none", 1, FUNC_ANY, "nothing"},
#define FN(name, arity, expr, doc) [FN_##name] = {#name, arity, FUNC_FLOAT, doc},
#define FN_ANY(name, arity, expr, doc) [FN_##name] = {#name, arity, FUNC_ANY, doc},
#define PREDICATE(name, arity, expr, doc) [FN_##name] = {#name, arity, FUNC_PREDICATE, doc},
#define BITS(name, arity, expr, doc) [FN_##name] = {#name, arity, FUNC_BITS, doc},
#include "ir/functions.def"
};

Op op_from_name(const char *s)
{
	for (int op = 0; op < OP_COUNT; op++)
		if (!strcmp(op_info[op].name, s))
			return (Op)op;
	return OP_COUNT;
}

const char *func_name(Func f)
{
	return functions[f].name;
}

const char *func_doc(Func f)
{
	return functions[f].doc;
}

int func_arity(Func f)
{
	return functions[f].arity;
}

FuncKind func_kind(Func f)
{
	return functions[f].kind;
}

double func_apply(Func f, double x, double y, double alpha, double beta)
{
	(void)y, (void)alpha, (void)beta;
	switch (f) {
#define FN(name, arity, expr, doc) \
	case FN_##name:            \
		return expr;
#include "ir/functions.def"
	case FN_NONE:
	case FN_COUNT:
		break;
	}
	return x;
}

Epilogue *node_epilogue_edit(Node *n)
{
	const size_t at = op_info[n->op].epilogue;
	return at ? (Epilogue *)(void *)((char *)&n->u + at - 1) : NULL;
}

const Epilogue *node_epilogue(const Node *n)
{
	return node_epilogue_edit((Node *)n); /* nothing is changed on the way */
}

_Static_assert((int)MATMUL_B == (int)CONV_WEIGHT && (int)MATMUL_BIAS == (int)CONV_BIAS, "node_bias() and others serve both");

Value *node_bias(const Node *n)
{
	return n->nin > CONV_BIAS ? n->in[CONV_BIAS] : NULL;
}

bool conv_has_constants(const Node *n)
{
	return value_is_constant(n->in[CONV_WEIGHT]) && (!node_bias(n) || value_is_constant(node_bias(n)));
}

int weight_channel_axis(const Value *v)
{
	const Node *n = v->nuse ? v->use[0] : NULL;
	if (!n || n->nin <= CONV_WEIGHT || n->in[CONV_WEIGHT] != v)
		return -1;
	return n->op == OP_deconv2d || (n->op == OP_matmul && !n->u.matmul.transpose_b);
}

Value *node_epilogue_operand(const Node *n, int k)
{
	if (!op_info[n->op].epilogue_operands)
		return NULL;
	return CONV_OTHER + k < n->nin ? n->in[CONV_OTHER + k] : NULL;
}
