/* bounds_arithmetic.c -- operators on integers and pointers. Results that may wrap become any value of their type. */
#include "check/bounds_arithmetic.h"
#include "check/bounds_conditions.h"

static int64_t power_of_two(int64_t exponent)
{
	return exponent >= 0 && exponent < 62 ? (int64_t)1 << exponent : 0;
}

static Value divide(State *s, Value a, Value b, CXType type, bool rest)
{
	int64_t by;
	if (!linear_is_constant(&b.x, &by) || by <= 0)
		return value_unknown(s, type);
	Linear q, r;
	linear_divide(&s->k, a.x, by, &q, &r);
	return value_integer(rest ? r : q);
}

/* a ^ b has no bit above the highest bit of either operand. */
static Value exclusive(State *s, Linear a, Linear b, CXType type)
{
	int64_t most = 1;
	const int64_t x = linear_high(&s->k, a), y = linear_high(&s->k, b), high = x > y ? x : y;
	if (linear_low(&s->k, a) < 0 || linear_low(&s->k, b) < 0 || high >= LINEAR_MOST / 2)
		return value_unknown(s, type);
	while (most <= high)
		most *= 2;
	return value_integer(linear_symbol(&s->k, 0, most - 1));
}

/* a & b is not greater than an operand that is not negative. */
static Value masked(State *s, Linear a, Linear b, CXType type)
{
	const bool below_a = linear_not_negative(&s->k, a), below_b = linear_not_negative(&s->k, b);
	if (!below_a && !below_b)
		return value_unknown(s, type);
	const int64_t x = below_a ? linear_high(&s->k, a) : LINEAR_MOST, y = below_b ? linear_high(&s->k, b) : LINEAR_MOST;
	Linear symbol = linear_symbol(&s->k, 0, x < y ? x : y);
	if (below_a)
		linear_define(&s->k, symbol, linear_add(&s->k, a, symbol, -1));
	if (below_b)
		linear_define(&s->k, symbol, linear_add(&s->k, b, symbol, -1));
	return value_integer(symbol);
}

static Value operate_integers(State *s, enum CX_BinaryOperatorKind op, Value a, Value b, CXType type)
{
	int64_t by;
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_unknown(s, type);
	switch (op) {
	case CX_BO_Add:
		return value_convert(s, value_integer(linear_add(&s->k, a.x, b.x, 1)), type);
	case CX_BO_Sub:
		return value_convert(s, value_integer(linear_add(&s->k, a.x, b.x, -1)), type);
	case CX_BO_Mul:
		return value_convert(s, value_integer(linear_multiply(&s->k, a.x, b.x)), type);
	case CX_BO_Div:
		return divide(s, a, b, type, false);
	case CX_BO_Rem:
		return divide(s, a, b, type, true);
	case CX_BO_Shl:
		return linear_is_constant(&b.x, &by) && power_of_two(by)
		           ? value_convert(s, value_integer(linear_scale(&s->k, a.x, power_of_two(by))), type)
		           : value_unknown(s, type);
	case CX_BO_Shr:
		if (!linear_is_constant(&b.x, &by) || !power_of_two(by) || !linear_not_negative(&s->k, a.x))
			return value_unknown(s, type);
		return divide(s, a, value_integer(linear_constant(power_of_two(by))), type, false);
	case CX_BO_And:
		return masked(s, a.x, b.x, type);
	case CX_BO_Xor:
		return exclusive(s, a.x, b.x, type);
	default:
		return value_unknown(s, type);
	}
}

static CXType pointee(CXType t)
{
	return clang_getCanonicalType(t.kind == CXType_Pointer ? clang_getPointeeType(t) : clang_getArrayElementType(t));
}

static bool is_pointer(const Ast *n)
{
	return n->type.kind == CXType_Pointer || n->type.kind == CXType_ConstantArray || n->type.kind == CXType_IncompleteArray;
}

Value arithmetic_operate(State *s, const Ast *n, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	const Ast *left = ast_child(n, 0), *right = ast_child(n, 1);
	if (op >= CX_BO_LT && op <= CX_BO_NE)
		return condition_compare(s, op, a, b);
	if (is_pointer(left) && (op == CX_BO_Add || op == CX_BO_Sub))
		return is_pointer(right) ? value_unknown(s, n->type) : value_move(s, a, b, pointee(left->type), op == CX_BO_Add ? 1 : -1);
	if (is_pointer(right))
		return value_move(s, b, a, pointee(right->type), 1);
	return operate_integers(s, op, a, b, n->type);
}

Value arithmetic_step(State *s, const Ast *n, Value old)
{
	const bool up = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc;
	const Value one = value_integer(linear_constant(1));
	if (is_pointer(n->child))
		return value_move(s, old, one, pointee(n->child->type), up ? 1 : -1);
	return operate_integers(s, up ? CX_BO_Add : CX_BO_Sub, old, one, n->type);
}

enum CX_BinaryOperatorKind arithmetic_of_assignment(enum CX_BinaryOperatorKind op)
{
	static const enum CX_BinaryOperatorKind pair[][2] = {
	    {CX_BO_AddAssign, CX_BO_Add}, {CX_BO_SubAssign, CX_BO_Sub}, {CX_BO_MulAssign, CX_BO_Mul}, {CX_BO_DivAssign, CX_BO_Div},
	    {CX_BO_RemAssign, CX_BO_Rem}, {CX_BO_ShlAssign, CX_BO_Shl}, {CX_BO_ShrAssign, CX_BO_Shr}, {CX_BO_AndAssign, CX_BO_And},
	};
	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
		if (pair[i][0] == op)
			return pair[i][1];
	return CX_BO_Invalid;
}
