/* ops.c -- the op table and the scalar function table, expanded from their .def files. */
#include "ir/ir.h"

#include <math.h>
#include <string.h>

#define ATTRS(op) static const Field fields_##op[] = {
#define F(type, kind, member, name, count, standard)                                                                  \
	{name, FIELD_##kind, offsetof(type, member), count, 0, standard},
#define V(type, kind, member, name, count, standard, used)                                                            \
	{name, FIELD_##kind, offsetof(type, member), count, offsetof(type, used) + 1, standard},
#define END                                                                                                           \
	{                                                                                                             \
		0                                                                                                     \
	}                                                                                                             \
	}                                                                                                             \
	;
#include "ir/attrs.def"

#define COUNT(op) (int)(sizeof fields_##op / sizeof *fields_##op) - 1

const OpInfo op_info[OP_COUNT] = {
#define OP(op, type, nin_min, nin_max, nout_max, doc)                                                                 \
	[OP_##op] = {#op, nin_min, nin_max, nout_max, fields_##op, COUNT(op), doc},
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
#define FN(name, arity, expr, doc)                                                                                    \
	case FN_##name:                                                                                               \
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
	switch (n->op) {
	case OP_conv2d:
		return n->u.conv2d.epi;
	case OP_deconv2d:
		return n->u.deconv2d.epi;
	case OP_eltwise:
		return n->u.eltwise.epi;
	case OP_matmul:
		return n->u.matmul.epi;
	default:
		return NULL;
	}
}

const Epilogue *node_epilogue(const Node *n)
{
	return node_epilogue_edit((Node *)n); /* nothing is changed on the way */
}

Value *node_bias(const Node *n)
{
	return n->nin > CONV_BIAS ? n->in[CONV_BIAS] : NULL;
}

bool conv_has_constants(const Node *n)
{
	return value_is_constant(n->in[CONV_WEIGHT]) && (!node_bias(n) || value_is_constant(node_bias(n)));
}

Value *node_epilogue_operand(const Node *n, int k)
{
	if (n->op != OP_conv2d && n->op != OP_deconv2d)
		return NULL;
	return CONV_OTHER + k < n->nin ? n->in[CONV_OTHER + k] : NULL;
}
