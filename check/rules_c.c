/* rules_c.c -- the rules E00 to E20 and E25, each a function that checks one node. */
#include "check/calls.h"
#include "check/cuda_facts.h"
#include "check/findings.h"
#include "check/names.h"
#include "check/rules.h"

#include <string.h>

enum { LARGE_LOCAL = 256 };

static bool is_vector_profile(const Rules *r)
{
	return r->result->profile == PROFILE_VECTOR;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool in_helper(const Rules *r, const Ast *n, const char *const *prefixes)
{
	const char *name = n->function ? name_plain(r, n->function->name) : "";
	for (; *prefixes; prefixes++)
		if (starts(name, *prefixes))
			return true;
	return false;
}

/* The compiler itself checks E00 and C0; dssdc compile checks E25, because it has the model. */
void check_elsewhere(Rules *r, const Ast *n)
{
	(void)r;
	(void)n;
}

void check_calls(Rules *r, const Ast *n)
{
	const Ast *to[CALLS_MOST];
	if (n->kind != CXCursor_CallExpr || calls_of(r, n, to))
		return;
	if (r->language == IN_CUDA && cuda_may_call(n))
		return;
	if (!strcmp(n->name, "memcpy") || !strcmp(n->name, "memset"))
		return;
	static const char *const helpers[] = {"cpu", NULL};
	if (is_vector_profile(r) && (starts(n->name, "__builtin_") || (starts(n->name, "__get_cpuid") && in_helper(r, n, helpers))))
		return;
	finding_at(r, n, "calls %s, which is not of this file", *n->name ? n->name : "something without a name");
}

void check_constant_indices(Rules *r, const Ast *n)
{
	int64_t index;
	if (n->kind != CXCursor_ArraySubscriptExpr || !ast_child(n, 1) || !ast_constant(ast_child(n, 1), &index))
		return;
	const Ast *array = ast_bare(ast_child(n, 0));
	long long size = clang_getArraySize(array->type);
	if (size >= 0 && (index < 0 || index >= size))
		finding_at(r, n, "index %lld of an array of %lld", (long long)index, size);
}

void check_variable_arrays(Rules *r, const Ast *n)
{
	if ((n->kind == CXCursor_VarDecl || n->kind == CXCursor_ParmDecl) && n->type.kind == CXType_VariableArray)
		finding_at(r, n, "'%s' has a variable length", n->name);
}

/* ---- loops ---- */

/* The parts of a `for` that has all of them. */
typedef struct ForParts {
	const Ast *counter; /* its declaration */
	const Ast *condition, *step, *body;
} ForParts;

static const Ast *referred(const Ast *n)
{
	n = ast_bare(n);
	return n->kind == CXCursor_DeclRefExpr ? n->refers : NULL;
}

static bool loop_parts(const Ast *n, ForParts *l)
{
	const Ast *init = ast_child(n, 0), *condition = ast_child(n, 1), *step = ast_child(n, 2), *body = ast_child(n, 3);
	if (!init || !condition || !step || !body || init->kind != CXCursor_DeclStmt || !init->child || init->child->next)
		return false;
	*l = (ForParts){init->child, condition, step, body};
	return true;
}

/* counter < bound, possibly with more conditions after &&: those only end the loop earlier. */
static const Ast *find_bound(const Ast *condition, const Ast *counter)
{
	condition = ast_bare(condition);
	if (condition->kind != CXCursor_BinaryOperator)
		return NULL;
	enum CX_BinaryOperatorKind op = condition->op.binary;
	if (op == CX_BO_LAnd) {
		const Ast *bound = find_bound(ast_child(condition, 0), counter);
		return bound ? bound : find_bound(ast_child(condition, 1), counter);
	}
	bool compares = op == CX_BO_LT || op == CX_BO_LE || op == CX_BO_GT || op == CX_BO_GE;
	return compares && referred(ast_child(condition, 0)) == counter ? ast_child(condition, 1) : NULL;
}

static bool writes_to(const Ast *n, const Ast *variable)
{
	if (n->kind == CXCursor_UnaryOperator && (n->op.unary <= CXUnaryOperator_PreDec || n->op.unary == CXUnaryOperator_AddrOf))
		return referred(ast_child(n, 0)) == variable;
	bool assigns = n->kind == CXCursor_CompoundAssignOperator || (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_Assign);
	return assigns && referred(ast_child(n, 0)) == variable;
}

static bool is_written(const Ast *within, const Ast *variable)
{
	for (const Ast *n = within; n; n = ast_next(n, within))
		if (writes_to(n, variable))
			return true;
	return false;
}

/* Constant, or an expression of variables that the loop does not write. */
static bool is_fixed(const Ast *expression, const Ast *body)
{
	int64_t value;
	if (ast_constant(expression, &value))
		return true;
	for (const Ast *n = expression; n; n = ast_next(n, expression)) {
		if (n->kind == CXCursor_CallExpr || n->kind == CXCursor_ArraySubscriptExpr || n->kind == CXCursor_MemberRefExpr)
			return false;
		if (n->kind == CXCursor_DeclRefExpr &&
		    (!n->refers || (n->refers->kind != CXCursor_EnumConstantDecl && is_written(body, n->refers))))
			return false;
	}
	return true;
}

/* A constant that is not 0, or a template's number. */
static bool is_distance(const Ast *n)
{
	int64_t value;
	const Ast *to = referred(n);
	return ast_constant(n, &value) ? value != 0 : to && to->kind == CXCursor_NonTypeTemplateParameter;
}

static bool is_simple_step(const Ast *step, const Ast *counter)
{
	step = ast_bare(step);
	if (step->kind == CXCursor_UnaryOperator)
		return step->op.unary <= CXUnaryOperator_PreDec && referred(ast_child(step, 0)) == counter;
	return step->kind == CXCursor_CompoundAssignOperator &&
	       (step->op.binary == CX_BO_AddAssign || step->op.binary == CX_BO_SubAssign) && referred(ast_child(step, 0)) == counter &&
	       is_distance(ast_child(step, 1));
}

/* counter *= 2 from 1 or more up to a bound, counter /= 2 down to more than 0; CUDA's loops over powers of two. */
static bool is_factor_step(const ForParts *l)
{
	int64_t factor, first;
	const Ast *step = ast_bare(l->step);
	if (step->kind != CXCursor_CompoundAssignOperator || referred(ast_child(step, 0)) != l->counter ||
	    !ast_constant(ast_child(step, 1), &factor) || factor < 2)
		return false;
	if (step->op.binary == CX_BO_MulAssign)
		return l->counter->init && ast_constant(l->counter->init, &first) && first > 0 && find_bound(l->condition, l->counter);
	const Ast *condition = ast_bare(l->condition);
	return step->op.binary == CX_BO_DivAssign && condition->kind == CXCursor_BinaryOperator && condition->op.binary == CX_BO_GT &&
	       referred(ast_child(condition, 0)) == l->counter && ast_constant(ast_child(condition, 1), &first) && first >= 0;
}

void check_loops(Rules *r, const Ast *n)
{
	ForParts l;
	if (n->kind == CXCursor_WhileStmt || n->kind == CXCursor_DoStmt) {
		finding_at(r, n, "a `%s` loop", n->kind == CXCursor_DoStmt ? "do" : "while");
		return;
	}
	if (n->kind != CXCursor_ForStmt)
		return;
	if (!loop_parts(n, &l) || !ast_is_integer(l.counter->type)) {
		finding_at(r, n, "the loop has no counter that it declares itself, no condition or no step");
		return;
	}
	const Ast *bound = find_bound(l.condition, l.counter);
	int64_t value;
	if (r->language == IN_C && bound && is_fixed(bound, l.body) && !ast_constant(bound, &value))
		finding_at(r, l.condition, "the bound of '%s' is not constant", l.counter->name);
	else if (!bound || !is_fixed(bound, l.body))
		finding_at(r, l.condition, "the bound of '%s' may change while the loop runs, or there is none", l.counter->name);
	if (!is_simple_step(l.step, l.counter) && !(r->language == IN_CUDA && is_factor_step(&l)))
		finding_at(r, l.step, "the step of '%s' is not constant", l.counter->name);
}

void check_counters(Rules *r, const Ast *n)
{
	ForParts l;
	if (n->kind != CXCursor_ForStmt || !loop_parts(n, &l))
		return;
	for (const Ast *m = l.body; m; m = ast_next(m, l.body))
		if (writes_to(m, l.counter))
			finding_at(r, m, "the loop's counter '%s' is written in its body", l.counter->name);
}

/* ---- control ---- */

static bool points_to_function(CXType t)
{
	while (t.kind == CXType_ConstantArray || t.kind == CXType_IncompleteArray)
		t = clang_getArrayElementType(t);
	if (t.kind != CXType_Pointer)
		return false;
	t = clang_getCanonicalType(clang_getPointeeType(t));
	return t.kind == CXType_FunctionProto || t.kind == CXType_FunctionNoProto;
}

void check_function_pointers(Rules *r, const Ast *n)
{
	bool declares =
	    n->kind == CXCursor_VarDecl || n->kind == CXCursor_ParmDecl || n->kind == CXCursor_FieldDecl || n->kind == CXCursor_TypedefDecl;
	if (declares && points_to_function(n->type))
		finding_at(r, n, "'%s' points to a function", n->name);
}

void check_gotos(Rules *r, const Ast *n)
{
	if (n->kind == CXCursor_GotoStmt || n->kind == CXCursor_IndirectGotoStmt || n->kind == CXCursor_LabelStmt)
		finding_at(r, n, "%s", n->kind == CXCursor_LabelStmt ? "a label" : "a goto");
}

void check_recursion(Rules *r, const Ast *n)
{
	if (n->number && r->reaches[(n->number - 1) * r->file->nfunction + n->number - 1])
		finding_at(r, n, "%s can call itself", n->name);
}

/* ---- types ---- */

static bool is_void(CXType t)
{
	return clang_getCanonicalType(t).kind == CXType_Void;
}

void check_pointer_casts(Rules *r, const Ast *n)
{
	static const char *const place[] = {"at", "const_at", "load", NULL}, *const vectors[] = {"load", "store", NULL};
	if (n->kind != CXCursor_CStyleCastExpr || n->type.kind != CXType_Pointer)
		return;
	if (in_helper(r, n, place) || (is_vector_profile(r) && in_helper(r, n, vectors)))
		return;
	const Ast *from = n->child;
	while (from && from->next)
		from = from->next; /* the last child is the operand, after references to types */
	CXType source = from ? ast_bare(from)->type : n->type;
	if (source.kind == CXType_Pointer || source.kind == CXType_ConstantArray) {
		CXType a = clang_getPointeeType(n->type),
		       b = source.kind == CXType_Pointer ? clang_getPointeeType(source) : clang_getArrayElementType(source);
		a = clang_getUnqualifiedType(clang_getCanonicalType(a));
		b = clang_getUnqualifiedType(clang_getCanonicalType(b));
		if (clang_equalTypes(a, b) || (is_void(a) && !is_void(b)))
			return;
	}
	finding_at(r, n, "a cast to a pointer of another type");
}

void check_float_to_int(Rules *r, const Ast *n)
{
	static const char *const helpers[] = {"to_int", "to_i", "to_u", NULL};
	bool converts = n->kind == CXCursor_CStyleCastExpr || n->kind == CXCursor_UnexposedExpr;
	if (!converts || !ast_is_integer(n->type) || in_helper(r, n, helpers) ||
	    (r->language == IN_CUDA && !cuda_runs_on_host(n->function)))
		return;
	const Ast *from = n->child;
	while (from && from->next)
		from = from->next;
	if (from && ast_is_float(from->type))
		finding_at(r, n, "a float becomes an integer");
}

static bool is_local(const Ast *n)
{
	return n->kind == CXCursor_VarDecl && n->function && clang_Cursor_getStorageClass(n->cursor) != CX_SC_Static;
}

void check_large_locals(Rules *r, const Ast *n)
{
	if (!is_local(n))
		return;
	long long size = clang_Type_getSizeOf(n->type);
	/* a register tile of the vector profile: as many vectors as there are registers */
	long long most = is_vector_profile(r) ? 32 * 64 : LARGE_LOCAL;
	if (size > most)
		finding_at(r, n, "'%s' takes %lld bytes of the stack; %lld are allowed", n->name, size, most);
}

/* A header declares the object before its definition: it is part of the interface. */
static bool is_announced(const Ast *n)
{
	CXCursor first = clang_getCanonicalCursor(n->cursor);
	return !clang_Location_isFromMainFile(clang_getCursorLocation(first));
}

void check_linkage(Rules *r, const Ast *n)
{
	if (r->language == IN_CUDA && n->kind == CXCursor_VarDecl && is_announced(n))
		return;
	if (n->kind == CXCursor_VarDecl && !n->function && !ast_is_const(n->type) &&
	    clang_getCursorLinkage(n->cursor) == CXLinkage_External)
		finding_at(r, n, "'%s' can be changed from outside", n->name);
}

void check_prefixes(Rules *r, const Ast *n)
{
	if (ast_is_external(n) && name_plain(r, n->name) == n->name)
		finding_at(r, n, "'%s' does not begin with '%s_'", n->name, r->prefix);
}

void check_variadics(Rules *r, const Ast *n)
{
	if (n->kind == CXCursor_FunctionDecl && clang_isFunctionTypeVariadic(n->type))
		finding_at(r, n, "'%s' takes any number of arguments", n->name);
}

/* libclang has no kind of cursor for assembly outside of functions: its first token tells. */
static bool is_file_assembly(const Ast *n)
{
	if (n->kind != CXCursor_UnexposedDecl)
		return false;
	CXTranslationUnit unit = clang_Cursor_getTranslationUnit(n->cursor);
	CXToken *token = clang_getToken(unit, clang_getCursorLocation(n->cursor));
	if (!token)
		return false;
	CXString word = clang_getTokenSpelling(unit, *token);
	const char *s = clang_getCString(word);
	bool found = s && (!strcmp(s, "__asm__") || !strcmp(s, "asm") || !strcmp(s, "__asm"));
	clang_disposeString(word);
	clang_disposeTokens(unit, token, 1);
	return found;
}

void check_assembly(Rules *r, const Ast *n)
{
	static const char *const helpers[] = {"cpu", NULL};
	if (is_file_assembly(n) && ++r->nassembly > 1)
		finding_at(r, n, "more than one block of assembly");
	if (n->kind != CXCursor_GCCAsmStmt && n->kind != CXCursor_MSAsmStmt)
		return;
	const bool allowed = r->language == IN_CUDA ? !cuda_runs_on_host(n->function) : is_vector_profile(r) && in_helper(r, n, helpers);
	if (!allowed)
		finding_at(r, n, "assembly");
}

void check_unions(Rules *r, const Ast *n)
{
	if (n->kind == CXCursor_UnionDecl)
		finding_at(r, n, "a union");
}

/* ---- operators ---- */

void check_float_equality(Rules *r, const Ast *n)
{
	bool compares = n->kind == CXCursor_BinaryOperator && (n->op.binary == CX_BO_EQ || n->op.binary == CX_BO_NE);
	if (compares && (ast_is_float(ast_child(n, 0)->type) || ast_is_float(ast_child(n, 1)->type)))
		finding_at(r, n, "floats are compared for equality");
}

void check_commas(Rules *r, const Ast *n)
{
	if (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_Comma)
		finding_at(r, n, "a comma operator");
}

void check_divisions(Rules *r, const Ast *n)
{
	static const char *const guarded[] = {"i_div", "i_mod", "i_fmod", "u_div", "u_mod", "u_fmod", NULL}; /* these test the divisor */
	int64_t value;
	const bool is_operator = n->kind == CXCursor_BinaryOperator || n->kind == CXCursor_CompoundAssignOperator;
	if (!is_operator || !ast_is_integer(n->type) || in_helper(r, n, guarded))
		return;
	enum CX_BinaryOperatorKind op = n->op.binary;
	if (op != CX_BO_Div && op != CX_BO_Rem && op != CX_BO_DivAssign && op != CX_BO_RemAssign)
		return;
	if (!ast_constant(ast_child(n, 1), &value) || value == 0)
		finding_at(r, n, "an integer is divided by what is not constant");
}

void check_statement_expressions(Rules *r, const Ast *n)
{
	if (n->kind == CXCursor_StmtExpr)
		finding_at(r, n, "a statement inside an expression");
}
