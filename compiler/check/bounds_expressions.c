/* bounds_expressions.c -- what an expression is worth, what it touches on the way, and what holds when it is true. */
#include "compiler/check/bounds.h"
#include "compiler/check/promise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void follow_find(Follow *f, const Ast *at, const char *format, ...)
{
	char text[400];
	va_list args;
	if (f->quiet)
		return;
	for (int i = 0; i < f->rules->result->n; i++) { /* one finding a place, however often it is passed */
		const Finding *known = &f->rules->result->finding[i];
		if (known->loc.line == at->line && known->loc.col == at->col && !strcmp(known->rule, f->rules->rule))
			return;
	}
	va_start(args, format);
	size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const char *word = "called at line";
	for (const Frame *c = f->frame; c && c->call && n < sizeof text; c = c->caller, word = ",")
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %d", *word == ',' ? "" : "; ", word, c->call->line);
	rules_find(f->rules, at, "%s", text);
}

/* ---- memory ---- */

static void bound_text(char *s, size_t n, int64_t v)
{
	if (v >= LINEAR_MOST || v <= -LINEAR_MOST)
		snprintf(s, n, "anywhere");
	else
		snprintf(s, n, "%lld", (long long)v);
}

void follow_access(Follow *f, const Ast *at, Value p, Linear size, const char *what)
{
	char low[32], high[32], most[32];
	if (f->quiet || (p.region && p.region->trusted))
		return;
	if (p.kind != VALUE_POINTER || !p.region) {
		follow_find(f, at, "%s through a pointer whose object is not known", what);
		return;
	}
	Linear end = linear_add(&f->k, p.region->size, linear_add(&f->k, p.x, size, 1), -1);
	if (linear_not_negative(&f->k, p.x) && linear_not_negative(&f->k, end))
		return;
	bound_text(low, sizeof low, linear_low(&f->k, p.x));
	bound_text(high, sizeof high, linear_high(&f->k, linear_add(&f->k, p.x, size, 1)));
	bound_text(most, sizeof most, linear_low(&f->k, p.region->size));
	follow_find(f, at, "%s not proved to stay in '%s': bytes %s to %s of %s", what, p.region->name, low, high, most);
}

static Linear size_of(CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	return linear_constant(size > 0 ? size : 1);
}

static Value load(Follow *f, const Ast *at, Value p, CXType type)
{
	follow_access(f, at, p, size_of(type), "a read");
	const Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	if (r && r->variable && p.x.n == 0 && p.x.constant == 0)
		return value_convert(f, f->value[r->variable], type);
	if (!r || !r->content || f->value[r->content].kind == VALUE_NOTHING)
		return value_unknown(f, type);
	Value v = f->value[r->content]; /* of any element: a number of its own within the same bounds */
	if (v.kind == VALUE_OPAQUE)
		return value_unknown(f, type);
	v.x = linear_symbol(&f->k, linear_low(&f->k, v.x), linear_high(&f->k, v.x));
	v.when = NULL;
	return value_convert(f, v, type);
}

/* Element joins element: as bounds that do not hang on anything. */
static void store_content(Follow *f, int slot, Value v)
{
	Value old = f->value[slot];
	if (v.kind == VALUE_INTEGER || v.kind == VALUE_POINTER) {
		int64_t low = linear_low(&f->k, v.x), high = linear_high(&f->k, v.x);
		if (old.kind == v.kind) {
			int64_t l = linear_low(&f->k, old.x), h = linear_high(&f->k, old.x);
			if (l <= low && h >= high && old.region == v.region)
				return;
			low = l < low ? l : low;
			high = h > high ? h : high;
		} else if (old.kind != VALUE_NOTHING) {
			v.kind = VALUE_OPAQUE;
		}
		v.region = old.kind == VALUE_NOTHING || old.region == v.region ? v.region : NULL;
		v.x = linear_symbol(&f->k, low, high);
		v.when = NULL;
	}
	slot_set(f, slot, v);
}

static void store(Follow *f, const Ast *at, Value p, CXType type, Value v)
{
	follow_access(f, at, p, size_of(type), "a write");
	const Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	if (r && r->variable)
		slot_set(f, r->variable, p.x.n == 0 && p.x.constant == 0 ? v : value_unknown(f, type));
	else if (r && r->content)
		store_content(f, r->content, v);
}

/* ---- objects ---- */

/* What any number of a constant table may be. */
static void initial_content(Follow *f, int slot, const Ast *init)
{
	if (init->kind == CXCursor_InitListExpr) {
		long long rest = clang_getArraySize(init->type);
		for (const Ast *c = init->child; c; c = c->next, rest--)
			initial_content(f, slot, c);
		if (rest > 0)
			store_content(f, slot, value_integer(linear_constant(0)));
		return;
	}
	store_content(f, slot, follow_expression(f, init));
}

static bool holds_numbers(CXType t)
{
	while (t.kind == CXType_ConstantArray)
		t = clang_getCanonicalType(clang_getArrayElementType(t));
	return ast_is_integer(t) || t.kind == CXType_Pointer;
}

static bool is_written_elsewhere(CXType t)
{
	while (t.kind == CXType_ConstantArray) {
		if (clang_isConstQualifiedType(t))
			return false;
		t = clang_getCanonicalType(clang_getArrayElementType(t));
	}
	return !clang_isConstQualifiedType(t);
}

/* An array or a structure: its region is made when it is met; a local one anew each time. */
static void make_object(Follow *f, const Ast *v)
{
	const bool local = v->function && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static;
	const int mark = f->nundo;
	Region *r = region_new(f, v->name, size_of(v->type));
	const bool constant = v->init && !is_written_elsewhere(v->type);
	if (v->type.kind == CXType_ConstantArray && holds_numbers(v->type) && (constant || local)) {
		r->content = slot_content(f, constant);
		if (v->init && v->init->kind == CXCursor_InitListExpr)
			initial_content(f, r->content, v->init);
	} else if (local && v->init) {
		follow_expression(f, v->init); /* what it reads */
	}
	slot_set(f, slot_of(f, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (!local)
		f->nundo = mark; /* it is there whichever way led here */
}

static bool is_object(const Ast *v)
{
	return v->type.kind == CXType_ConstantArray || v->type.kind == CXType_IncompleteArray || v->type.kind == CXType_Record;
}

void follow_initialize(Follow *f, const Ast *v)
{
	if (is_object(v)) {
		make_object(f, v);
		return;
	}
	if (v->init && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static)
		slot_set(f, slot_of(f, v), value_convert(f, follow_expression(f, v->init), v->type));
	else
		slot_set(f, slot_of(f, v), v->init ? value_unknown(f, v->type) : (Value){.kind = VALUE_NOTHING});
}

/* "net_weights" is "weights" of net.c. */
static bool is_weights(const Follow *f, const char *name)
{
	const size_t n = strlen(f->rules->prefix);
	return !strncmp(name, f->rules->prefix, n) && !strcmp(name + n, "_weights");
}

/* Weights that NAME_load() took in: it saw to their size. False: it is not that pointer. */
static bool loaded_weights(Follow *f, const Ast *n, Value *v)
{
	int64_t bytes;
	const char *name = arena_printf(f->arena, "%s_WEIGHTS_SIZE", f->rules->upper);
	if (n->kind != CXCursor_MemberRefExpr || strcmp(n->name, "weights") || n->type.kind != CXType_Pointer || !ast_macro(f->rules->file, name, &bytes))
		return false;
	if (!f->weights_region)
		f->weights_region = region_new(f, n->name, linear_constant(bytes));
	*v = (Value){.kind = VALUE_POINTER, .region = f->weights_region};
	return true;
}

/* A variable of the file, met for the first time in this root. */
static void make_global(Follow *f, const Ast *v)
{
	if (is_object(v)) {
		make_object(f, v);
		if (is_weights(f, v->name))
			f->weights_region = f->value[slot_of(f, v)].region;
		return;
	}
	slot_set(f, slot_of(f, v), value_unknown(f, v->type));
	slot_share(f, slot_of(f, v)); /* any function may write it */
}

static Value variable_value(Follow *f, const Ast *v)
{
	int slot = slot_of(f, v);
	const bool outside = !v->function || clang_Cursor_getStorageClass(v->cursor) == CX_SC_Static;
	if (f->value[slot].kind == VALUE_NOTHING && outside)
		make_global(f, v);
	if (f->value[slot].kind == VALUE_NOTHING)
		return value_unknown(f, v->type);
	return f->value[slot];
}

/* ---- places: what & gives ---- */

static Value place_of(Follow *f, const Ast *n);

static Value pointer_add(Follow *f, Value p, Value by, CXType element, int sign)
{
	if (p.kind != VALUE_POINTER || by.kind != VALUE_INTEGER)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&f->k, -LINEAR_MOST, LINEAR_MOST)};
	const long long size = clang_Type_getSizeOf(element);
	p.x = linear_add(&f->k, p.x, by.x, sign * (size > 0 ? size : 1));
	return p;
}

static Value variable_place(Follow *f, const Ast *v)
{
	if (is_object(v))
		return variable_value(f, v);
	Region *r = region_new(f, v->name, size_of(v->type));
	r->variable = slot_of(f, v);
	r->type = v->type;
	slot_share(f, r->variable);
	return (Value){.kind = VALUE_POINTER, .region = r};
}

static Value subscript_place(Follow *f, const Ast *n)
{
	Value base = follow_expression(f, ast_child(n, 0)), index = follow_expression(f, ast_child(n, 1));
	return pointer_add(f, base, index, n->type, 1);
}

/* The array at offset in a structure: nothing is added to the structure's own place. */
static Region *member_region(Follow *f, Region *of, const Ast *n, int64_t offset)
{
	Region *r = of->member;
	while (r && r->offset != offset)
		r = r->next;
	if (!r) {
		r = region_new(f, n->name, size_of(n->type));
		r->offset = offset;
		r->next = of->member;
		of->member = r;
		if (!strcmp(n->name, "arena"))
			f->arena_region = r;
	}
	return r;
}

static Value member_place(Follow *f, const Ast *n)
{
	const Ast *of = n->child;
	Value base = of ? of->type.kind == CXType_Pointer ? follow_expression(f, of) : place_of(f, of) : (Value){.kind = VALUE_OPAQUE};
	const long long bits = clang_Cursor_getOffsetOfField(clang_getCursorReferenced(n->cursor));
	const Linear offset = linear_constant(bits > 0 ? bits / 8 : 0);
	if (base.kind != VALUE_POINTER)
		return base;
	if (n->type.kind == CXType_ConstantArray && base.region && base.x.n == 0 && base.x.constant == 0)
		return (Value){.kind = VALUE_POINTER, .region = member_region(f, base.region, n, offset.constant)};
	base.x = linear_add(&f->k, base.x, offset, 1);
	return base;
}

static Value place_of(Follow *f, const Ast *n)
{
	n = ast_bare(n);
	if (n->kind == CXCursor_DeclRefExpr && n->refers)
		return variable_place(f, n->refers);
	if (n->kind == CXCursor_ArraySubscriptExpr)
		return subscript_place(f, n);
	if (n->kind == CXCursor_MemberRefExpr)
		return member_place(f, n);
	if (n->kind == CXCursor_UnaryOperator && n->op.unary == CXUnaryOperator_Deref)
		return follow_expression(f, n->child);
	for (const Ast *c = n->child; c; c = c->next)
		follow_expression(f, c);
	return (Value){.kind = VALUE_OPAQUE};
}

/* A vector's lane is no memory of its own: the index must lie below the number of lanes. */
static Value lane_value(Follow *f, const Ast *n, const Ast *vector)
{
	Value index = follow_expression(f, ast_child(n, 1));
	Region *r = region_new(f, "the vector", size_of(vector->type));
	follow_expression(f, vector);
	follow_access(f, n, pointer_add(f, (Value){.kind = VALUE_POINTER, .region = r}, index, n->type, 1), size_of(n->type), "a lane");
	return value_unknown(f, n->type);
}

static bool is_lane(const Ast *n)
{
	return n->kind == CXCursor_ArraySubscriptExpr && ast_bare(ast_child(n, 0))->type.kind == CXType_Vector;
}

static Value read_place(Follow *f, const Ast *n)
{
	if (is_lane(n))
		return lane_value(f, n, ast_bare(ast_child(n, 0)));
	Value p;
	if (loaded_weights(f, n, &p))
		return p;
	p = place_of(f, n);
	if (n->type.kind == CXType_ConstantArray) /* a row: still a place */
		return p;
	if (n->type.kind == CXType_Record) {
		follow_access(f, n, p, size_of(n->type), "a read");
		return p;
	}
	return load(f, n, p, n->type);
}

/* ---- operators ---- */

static Value truth(Follow *f, const Condition *c)
{
	Value v = value_integer(linear_symbol(&f->k, 0, 1));
	Condition *copy = arena_new_one(f->arena, Condition);
	*copy = *c;
	v.when = copy;
	return v;
}

static Value decided(int yes)
{
	return value_integer(linear_constant(yes));
}

/* Decided by what is known, which may be a long way: what was asked is kept as a fact of its own. */
static Value decided_by(Follow *f, int yes, Linear holds)
{
	Value v = decided(yes);
	if (holds.n == 0)
		return v;
	Condition *c = arena_new_one(f->arena, Condition);
	c->yes[0] = c->no[0] = holds;
	c->nyes = yes;
	c->nno = !yes;
	v.when = c;
	return v;
}

/* not_negative >= 0 is the question, with the answers it may have. */
static Value ask(Follow *f, Linear not_negative)
{
	Linear otherwise = linear_add(&f->k, linear_constant(-1), not_negative, -1);
	if (linear_not_negative(&f->k, not_negative))
		return decided_by(f, 1, not_negative);
	if (linear_not_negative(&f->k, otherwise))
		return decided_by(f, 0, otherwise);
	Condition c = {.nyes = 1, .nno = 1};
	c.yes[0] = not_negative;
	c.no[0] = otherwise;
	return truth(f, &c);
}

static Value opposite(Follow *f, Value v)
{
	if (v.kind != VALUE_INTEGER)
		return value_integer(linear_symbol(&f->k, 0, 1));
	if (v.x.n == 0)
		return decided(v.x.constant == 0);
	Condition c = {0};
	if (v.when) {
		c.nyes = v.when->nno;
		c.nno = v.when->nyes;
		memcpy(c.yes, v.when->no, sizeof c.yes);
		memcpy(c.no, v.when->yes, sizeof c.no);
	}
	return truth(f, &c);
}

static Value ask_equal(Follow *f, Linear difference)
{
	Linear minus = linear_scale(&f->k, difference, -1), one = linear_constant(1);
	if (difference.n == 0)
		return decided(difference.constant == 0);
	if (linear_not_negative(&f->k, linear_add(&f->k, difference, one, -1)) || linear_not_negative(&f->k, linear_add(&f->k, minus, one, -1)))
		return decided(0);
	Condition c = {.nyes = 2, .equal = difference, .is_equal = true};
	c.yes[0] = difference;
	c.yes[1] = minus;
	if (linear_not_negative(&f->k, difference)) { /* at an end: not equal is one side */
		c.nno = 1;
		c.no[0] = linear_add(&f->k, difference, one, -1);
	} else if (linear_not_negative(&f->k, minus)) {
		c.nno = 1;
		c.no[0] = linear_add(&f->k, minus, one, -1);
	}
	return truth(f, &c);
}

static Value compare(Follow *f, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_integer(linear_symbol(&f->k, 0, 1));
	Linear up = linear_add(&f->k, b.x, a.x, -1), one = linear_constant(1); /* b - a */
	switch (op) {
	case CX_BO_LT:
		return ask(f, linear_add(&f->k, up, one, -1));
	case CX_BO_LE:
		return ask(f, up);
	case CX_BO_GT:
		return ask(f, linear_add(&f->k, linear_scale(&f->k, up, -1), one, -1));
	case CX_BO_GE:
		return ask(f, linear_scale(&f->k, up, -1));
	case CX_BO_EQ:
		return ask_equal(f, up);
	default:
		return opposite(f, ask_equal(f, up));
	}
}

static void append(Linear *to, int *n, const Linear *from, int more)
{
	for (int i = 0; i < more && *n < CONDITION_FACTS; i++)
		to[(*n)++] = from[i];
}

/* a && b, or a || b: the second is looked at where the first did not decide. */
static Value follow_logic(Follow *f, const Ast *n, bool is_and)
{
	static const Condition none = {0};
	Value a = follow_expression(f, ast_child(n, 0));
	int64_t known;
	if (a.kind == VALUE_INTEGER && linear_is_constant(&a.x, &known) && (known != 0) != is_and)
		return decided(!is_and);
	const Condition *first = a.when ? a.when : &none;
	const int mark = f->k.nfact;
	suppose_all(f, is_and ? first->yes : first->no, is_and ? first->nyes : first->nno);
	Value b = follow_expression(f, ast_child(n, 1));
	f->k.nfact = mark;
	const bool first_decided = a.kind == VALUE_INTEGER && a.x.n == 0;
	if (b.kind == VALUE_INTEGER && linear_is_constant(&b.x, &known)) {
		if ((known != 0) != is_and)
			return decided(!is_and);
		if (first_decided || !b.when)
			return first_decided ? decided(is_and) : a.kind == VALUE_INTEGER ? a : value_integer(linear_symbol(&f->k, 0, 1));
	}
	if (first_decided)
		return b;
	const Condition *second = b.when ? b.when : &none;
	Condition c = {0};
	if (is_and) {
		append(c.yes, &c.nyes, first->yes, first->nyes);
		append(c.yes, &c.nyes, second->yes, second->nyes);
	} else {
		append(c.no, &c.nno, first->no, first->nno);
		append(c.no, &c.nno, second->no, second->nno);
	}
	return truth(f, &c);
}

static int64_t power_of_two(int64_t exponent)
{
	return exponent >= 0 && exponent < 62 ? (int64_t)1 << exponent : 0;
}

static Value divide(Follow *f, Value a, Value b, CXType type, bool rest)
{
	int64_t by;
	if (!linear_is_constant(&b.x, &by) || by <= 0)
		return value_unknown(f, type);
	Linear q, r;
	linear_divide(&f->k, a.x, by, &q, &r);
	return value_integer(rest ? r : q);
}

static Value arithmetic(Follow *f, enum CX_BinaryOperatorKind op, Value a, Value b, CXType type)
{
	int64_t by;
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_unknown(f, type);
	switch (op) {
	case CX_BO_Add:
		return value_convert(f, value_integer(linear_add(&f->k, a.x, b.x, 1)), type);
	case CX_BO_Sub:
		return value_convert(f, value_integer(linear_add(&f->k, a.x, b.x, -1)), type);
	case CX_BO_Mul:
		return value_convert(f, value_integer(linear_multiply(&f->k, a.x, b.x)), type);
	case CX_BO_Div:
		return divide(f, a, b, type, false);
	case CX_BO_Rem:
		return divide(f, a, b, type, true);
	case CX_BO_Shl:
		return linear_is_constant(&b.x, &by) && power_of_two(by) ? value_convert(f, value_integer(linear_scale(&f->k, a.x, power_of_two(by))), type)
		                                                         : value_unknown(f, type);
	case CX_BO_Shr:
		if (!linear_is_constant(&b.x, &by) || !power_of_two(by) || !linear_not_negative(&f->k, a.x))
			return value_unknown(f, type);
		return divide(f, a, value_integer(linear_constant(power_of_two(by))), type, false);
	case CX_BO_And:
		if (linear_is_constant(&b.x, &by) && by >= 0)
			return value_integer(linear_symbol(&f->k, 0, by));
		return value_unknown(f, type);
	default:
		return value_unknown(f, type);
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

static Value operate(Follow *f, const Ast *n, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	const Ast *left = ast_child(n, 0), *right = ast_child(n, 1);
	if (op >= CX_BO_LT && op <= CX_BO_NE)
		return compare(f, op, a, b);
	if (is_pointer(left) && (op == CX_BO_Add || op == CX_BO_Sub))
		return is_pointer(right) ? value_unknown(f, n->type) : pointer_add(f, a, b, pointee(left->type), op == CX_BO_Add ? 1 : -1);
	if (is_pointer(right))
		return pointer_add(f, b, a, pointee(right->type), 1);
	return arithmetic(f, op, a, b, n->type);
}

/* Writes v to what n names. */
static void assign(Follow *f, const Ast *n, Value v)
{
	n = ast_bare(n);
	v = value_convert(f, v, n->type);
	if (n->kind == CXCursor_DeclRefExpr && n->refers && !is_object(n->refers))
		slot_set(f, slot_of(f, n->refers), v);
	else if (is_lane(n))
		lane_value(f, n, ast_bare(ast_child(n, 0)));
	else
		store(f, n, place_of(f, n), n->type, v);
}

static Value follow_binary(Follow *f, const Ast *n)
{
	enum CX_BinaryOperatorKind op = n->op.binary;
	if (op == CX_BO_LAnd || op == CX_BO_LOr)
		return follow_logic(f, n, op == CX_BO_LAnd);
	if (op == CX_BO_Assign) {
		Value v = follow_expression(f, ast_child(n, 1));
		assign(f, ast_child(n, 0), v);
		return v;
	}
	Value a = follow_expression(f, ast_child(n, 0)), b = follow_expression(f, ast_child(n, 1));
	return op == CX_BO_Comma ? b : operate(f, n, op, a, b);
}

static enum CX_BinaryOperatorKind plain_operator(enum CX_BinaryOperatorKind op)
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

static Value follow_compound(Follow *f, const Ast *n)
{
	const Ast *to = ast_child(n, 0);
	Value old = follow_expression(f, to), by = follow_expression(f, ast_child(n, 1));
	Value v = old.kind == VALUE_OPAQUE ? old : operate(f, n, plain_operator(n->op.binary), old, by);
	assign(f, to, v);
	return v;
}

static Value follow_step(Follow *f, const Ast *n)
{
	const bool up = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc;
	const bool before = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PostDec;
	Value old = follow_expression(f, n->child), one = value_integer(linear_constant(1)), v;
	if (is_pointer(n->child))
		v = pointer_add(f, old, one, pointee(n->child->type), up ? 1 : -1);
	else
		v = arithmetic(f, up ? CX_BO_Add : CX_BO_Sub, old, one, n->type);
	assign(f, n->child, v);
	return before ? old : v;
}

static Value follow_unary(Follow *f, const Ast *n)
{
	switch (n->op.unary) {
	case CXUnaryOperator_PostInc:
	case CXUnaryOperator_PostDec:
	case CXUnaryOperator_PreInc:
	case CXUnaryOperator_PreDec:
		return follow_step(f, n);
	case CXUnaryOperator_AddrOf:
		return place_of(f, n->child);
	case CXUnaryOperator_Deref:
		return read_place(f, n);
	default:
		break;
	}
	Value v = follow_expression(f, n->child);
	if (n->op.unary == CXUnaryOperator_LNot)
		return opposite(f, v);
	if (n->op.unary == CXUnaryOperator_Plus)
		return v;
	if (n->op.unary == CXUnaryOperator_Minus && v.kind == VALUE_INTEGER)
		return value_convert(f, value_integer(linear_scale(&f->k, v.x, -1)), n->type);
	return value_unknown(f, n->type);
}

/* c ? a : b, each arm followed where it is taken. */
static Value follow_choice(Follow *f, const Ast *n)
{
	Value c = follow_expression(f, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return follow_expression(f, ast_child(n, known ? 1 : 2));
	Scope s;
	Exit *exit[2];
	for (int arm = 0; arm < 2; arm++) {
		scope_enter(f, &s);
		if (c.when)
			suppose_all(f, arm ? c.when->no : c.when->yes, arm ? c.when->nno : c.when->nyes);
		Value v = follow_expression(f, ast_child(n, arm + 1));
		exit[arm] = scope_exit(f, &s, v);
		scope_undo(f, &s);
	}
	exit[0]->next = exit[1];
	return scope_join(f, &s, exit[0]);
}

/* ---- calls ---- */

static Value copy_bytes(Follow *f, const Ast *n, const Value *argument, bool fills)
{
	Linear size = argument[2].kind == VALUE_INTEGER ? argument[2].x : linear_constant(LINEAR_MOST - 1);
	follow_access(f, n, argument[0], size, fills ? "memset" : "memcpy to a place");
	if (!fills)
		follow_access(f, n, argument[1], size, "memcpy from a place");
	const Region *to = argument[0].region;
	if (argument[0].kind == VALUE_POINTER && to && to->variable) {
		slot_set(f, to->variable, value_unknown(f, to->type));
	} else if (argument[0].kind == VALUE_POINTER && to && to->content) {
		slot_set(f, to->content, (Value){.kind = VALUE_OPAQUE});
	}
	return argument[0];
}

static const Ast *body_of(const Ast *function)
{
	const Ast *c = function->child;
	while (c && c->kind != CXCursor_CompoundStmt)
		c = c->next;
	return c;
}

/* What a function may write to an array or a variable of its caller's. */
static void forget_content(Follow *f, const Ast *parameter, Value v)
{
	const Region *r = v.kind == VALUE_POINTER ? v.region : NULL;
	if (!r || !is_written_elsewhere(parameter->type))
		return;
	if (r->content)
		slot_set(f, r->content, (Value){.kind = VALUE_OPAQUE});
	if (r->variable)
		slot_set(f, r->variable, value_unknown(f, r->type));
}

/* A parameter that is declared as an array is held to it on both sides: what is passed has so many elements, and the
 * function sees no more. */
static Value bind_array(Follow *f, const Ast *parameter, const Ast *call, Value v)
{
	const Linear size = size_of(parameter->type);
	int64_t offset;
	if (call && v.kind == VALUE_POINTER && v.region && linear_is_constant(&v.x, &offset) && !f->quiet) {
		if (v.region == f->arena_region)
			check_place(f->rules, call, "arena", offset, size.constant);
		else if (v.region == f->weights_region)
			check_place(f->rules, call, "weights", offset, size.constant);
	}
	if (call)
		forget_content(f, parameter, v);
	if (call)
		follow_access(f, call, v, size, arena_printf(f->arena, "the array '%s' that is passed is", parameter->name));
	return (Value){.kind = VALUE_POINTER, .region = region_new(f, parameter->name, size)};
}

/* Nothing but arrays go in: what holds of one call holds of all. */
static bool takes_arrays_only(const Ast *function)
{
	int n = 0;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			if (p->type.kind != CXType_ConstantArray)
				return false;
			n++;
		}
	return n > 0;
}

static Value bind_parameter(Follow *f, const Ast *p, const Ast *call, const Value *argument, int i, int n)
{
	if (i >= n)
		return value_unknown(f, p->type);
	return p->type.kind == CXType_ConstantArray ? bind_array(f, p, call, argument[i]) : value_convert(f, argument[i], p->type);
}

Value follow_call(Follow *f, const Ast *function, const Ast *call, const Value *argument, int n)
{
	Frame frame = {.function = function, .call = call, .caller = f->frame};
	for (const Frame *c = f->frame; c; c = c->caller)
		if (c->function == function)
			return value_unknown(f, clang_getResultType(function->type)); /* recursion is E20's to find */
	int i = 0;
	scope_enter(f, &frame.leave);
	frame.leave.function = function;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			Value v = bind_parameter(f, p, call, argument, i, n);
			slot_set(f, slot_of(f, p), v);
			i++;
		}
	const bool known = takes_arrays_only(function) && f->followed[function->number];
	f->followed[function->number] |= f->quiet == 0;
	if (known) {
		scope_undo(f, &frame.leave);
		return value_unknown(f, clang_getResultType(function->type));
	}
	f->frame = &frame;
	Scope all = frame.leave;
	if (body_of(function) && follow_statement(f, body_of(function))) {
		Exit *e = scope_exit(f, &all, (Value){.kind = VALUE_NOTHING});
		e->next = frame.leave.exit;
		frame.leave.exit = e;
	}
	f->frame = frame.caller;
	return scope_join(f, &all, frame.leave.exit);
}

static const Ast *definition(const Follow *f, const Ast *call)
{
	if (call->refers && call->refers->number)
		return call->refers;
	CXCursor c = clang_getCursorDefinition(clang_getCursorReferenced(call->cursor));
	for (const Ast *n = f->rules->file->root->child; n && !clang_Cursor_isNull(c); n = n->next)
		if (n->number && clang_equalCursors(n->cursor, c))
			return n;
	return NULL;
}

static Value follow_function(Follow *f, const Ast *n)
{
	const Ast *first = n->child ? n->child->next : NULL;
	int count = 0;
	for (const Ast *c = first; c; c = c->next)
		count++;
	Value *argument = arena_new_array(f->arena, Value, count + 1);
	count = 0;
	for (const Ast *c = first; c; c = c->next)
		argument[count++] = follow_expression(f, c);
	if (count == 3 && (!strcmp(n->name, "memcpy") || !strcmp(n->name, "memset")))
		return copy_bytes(f, n, argument, n->name[3] == 's');
	const Ast *to = definition(f, n);
	if (!to)
		return value_unknown(f, n->type);
	Value v = follow_call(f, to, n, argument, count);
	return v.kind == VALUE_NOTHING ? value_unknown(f, n->type) : value_convert(f, v, n->type);
}

Value follow_expression(Follow *f, const Ast *n)
{
	int64_t known;
	f->steps--;
	switch (n->kind) {
	case CXCursor_ParenExpr:
		return follow_expression(f, n->child);
	case CXCursor_UnexposedExpr: /* what the compiler converts by itself */
		return n->child && !n->child->next ? value_convert(f, follow_expression(f, n->child), n->type) : value_unknown(f, n->type);
	case CXCursor_CStyleCastExpr: {
		const Ast *from = n->child;
		while (from && from->next)
			from = from->next;
		return from ? value_convert(f, follow_expression(f, from), n->type) : value_unknown(f, n->type);
	}
	case CXCursor_IntegerLiteral:
	case CXCursor_CharacterLiteral:
	case CXCursor_UnaryExpr: /* sizeof */
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(f, n->type);
	case CXCursor_DeclRefExpr:
		if (n->refers && n->refers->kind == CXCursor_EnumConstantDecl)
			return value_integer(linear_constant(clang_getEnumConstantDeclValue(n->refers->cursor)));
		if (n->refers && (n->refers->kind == CXCursor_VarDecl || n->refers->kind == CXCursor_ParmDecl))
			return variable_value(f, n->refers);
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(f, n->type);
	case CXCursor_ArraySubscriptExpr:
	case CXCursor_MemberRefExpr:
		return read_place(f, n);
	case CXCursor_BinaryOperator:
		return follow_binary(f, n);
	case CXCursor_CompoundAssignOperator:
		return follow_compound(f, n);
	case CXCursor_UnaryOperator:
		return follow_unary(f, n);
	case CXCursor_ConditionalOperator:
		return follow_choice(f, n);
	case CXCursor_CallExpr:
		return follow_function(f, n);
	default: /* floats, strings, vectors */
		for (const Ast *c = n->child; c; c = c->next)
			if (clang_isExpression(c->kind))
				follow_expression(f, c);
		return value_unknown(f, n->type);
	}
}
