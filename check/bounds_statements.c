/* bounds_statements.c -- the paths through a function, and the roots: what others may call. */
#include "check/bounds.h"

#include <string.h>

enum { STEPS = 400000000 };

/* `if (...) break;` at the top of a loop's body, with no `continue` before it: at its round the loop ends, whatever else
 * happens. */
static bool is_guard(const Follow *f, const Ast *n, const Ast *then)
{
	const Loop *l = f->frame->loop;
	while (then->kind == CXCursor_CompoundStmt && then->child && !then->child->next)
		then = then->child;
	return l && !l->again.exit && then->kind == CXCursor_BreakStmt && (n->parent == l->body || n == l->body);
}

/* The round from which the condition holds, when it holds from a constant round on; else -1. */
static int64_t guarded_round(const Follow *f, const Value *c)
{
	const Loop *l = f->frame->loop;
	if (!c->when || l->round.n != 1 || l->round.constant != 0)
		return -1;
	const int symbol = l->round.term[0].symbol;
	const Linear *x = c->when->is_equal ? &c->when->equal : &c->when->yes[0];
	if ((c->when->nyes != 1 && !c->when->is_equal) || x->n != 1 || x->term[0].symbol != symbol)
		return -1;
	const int64_t by = x->term[0].by, at = -x->constant;
	if (c->when->is_equal) /* by * round == at */
		return at % by == 0 && at / by >= 0 ? at / by : -1;
	return by > 0 ? at > 0 ? (at + by - 1) / by : 0 : -1;
}

/* The guard of a loop: the path behind it is before that round, the way out is at it. */
static bool follow_guard(Follow *f, const Value *c, int64_t round)
{
	Loop *l = f->frame->loop;
	const int symbol = l->round.term[0].symbol;
	Exit *e = scope_exit(f, &l->leave, (Value){.kind = VALUE_NOTHING});
	for (int i = 0; i < e->nchange; i++) { /* what is written there, with the number in place of the symbol */
		Linear *x = &e->change[i].value.x;
		for (int t = 0; t < x->n; t++)
			if (x->term[t].symbol == symbol) {
				Linear step = linear_scale(&f->k, l->round, x->term[t].by);
				*x = linear_add(&f->k, linear_add(&f->k, *x, step, -1), linear_constant(round), step.term[0].by);
				break;
			}
	}
	e->nfact = 0;
	l->most = l->most < 0 || round < l->most ? round : l->most;
	e->next = l->leave.exit;
	l->leave.exit = e;
	linear_suppose(&f->k, linear_add(&f->k, linear_constant(round - 1), l->round, -1));
	suppose_all(f, c->when->no, c->when->nno);
	return true;
}

static bool follow_if(Follow *f, const Ast *n)
{
	const Ast *then = ast_child(n, 1), *otherwise = ast_child(n, 2);
	Value c = follow_expression(f, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return known ? follow_statement(f, then) : !otherwise || follow_statement(f, otherwise);
	if (!otherwise && is_guard(f, n, then) && guarded_round(f, &c) >= 0)
		return follow_guard(f, &c, guarded_round(f, &c));
	Scope s;
	Exit *exit[2] = {NULL, NULL};
	for (int arm = 0; arm < 2; arm++) {
		const Ast *body = arm ? otherwise : then;
		scope_enter(f, &s);
		if (c.when)
			suppose_all(f, arm ? c.when->no : c.when->yes, arm ? c.when->nno : c.when->nyes);
		if (!body || follow_statement(f, body))
			exit[arm] = scope_exit(f, &s, (Value){.kind = VALUE_NOTHING});
		scope_undo(f, &s);
	}
	if (exit[0])
		exit[0]->next = exit[1];
	scope_join(f, &s, exit[0] ? exit[0] : exit[1]);
	return exit[0] || exit[1];
}

static bool leave(Follow *f, Scope *scope, Value v)
{
	Exit *e = scope_exit(f, scope, v);
	e->next = scope->exit;
	scope->exit = e;
	return false;
}

/* Whatever variable it names may be anything then. */
static void follow_assembly(Follow *f, const Ast *n)
{
	for (const Ast *c = n; c; c = ast_next(c, n)) {
		const Ast *v = c->kind == CXCursor_DeclRefExpr ? c->refers : NULL;
		if (!v || (v->kind != CXCursor_VarDecl && v->kind != CXCursor_ParmDecl))
			continue;
		Value place = follow_variable(f, v);
		if (ast_is_integer(v->type) || v->type.kind == CXType_Pointer)
			slot_set(f, slot_of(f, v), value_unknown(f, v->type));
		else if (place.kind == VALUE_POINTER && place.region)
			region_forget(f, place.region);
	}
}

bool follow_statement(Follow *f, const Ast *n)
{
	if (f->steps-- < 0)
		return false;
	switch (n->kind) {
	case CXCursor_UnexposedStmt: /* a loop with its pragma */
	case CXCursor_CompoundStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (!follow_statement(f, c))
				return false;
		return true;
	case CXCursor_DeclStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (c->kind == CXCursor_VarDecl)
				follow_initialize(f, c);
		return true;
	case CXCursor_IfStmt:
		return follow_if(f, n);
	case CXCursor_ForStmt:
		return follow_for(f, n);
	case CXCursor_ReturnStmt:
		return leave(f, &f->frame->leave, n->child ? record_returned(f, follow_expression(f, n->child)) : (Value){.kind = VALUE_NOTHING});
	case CXCursor_BreakStmt:
		return f->frame->loop ? leave(f, &f->frame->loop->leave, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_ContinueStmt:
		return f->frame->loop ? leave(f, &f->frame->loop->again, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_NullStmt:
		return true;
	case CXCursor_AsmStmt:
		follow_assembly(f, n);
		return true;
	case CXCursor_WhileStmt: /* E04 and E07 refuse them */
	case CXCursor_DoStmt:
	case CXCursor_SwitchStmt:
	case CXCursor_GotoStmt:
	case CXCursor_LabelStmt:
		follow_find(f, n, "places behind this statement are not followed");
		return false;
	default:
		if (clang_isExpression(n->kind))
			follow_expression(f, n);
		return true;
	}
}

/* ---- roots ---- */

/* Elements of in0, out1, input: as the macro NAME_INPUT_0_SIZE, NAME_OUTPUT_1_SIZE or NAME_INPUT_SIZE says; else -1. */
static int64_t macro_elements(const Follow *f, const char *parameter)
{
	int64_t n;
	const char *kind = !strncmp(parameter, "out", 3) ? "OUTPUT" : "INPUT";
	const char *digits = parameter + strcspn(parameter, "0123456789");
	const char *name = arena_printf(f->arena, "%s_%s%s%s_SIZE", f->rules->upper, kind, *digits ? "_" : "", digits);
	return ast_macro(f->rules->file, name, &n) ? n : -1;
}

static const Ast *parameter(const Ast *function, const char *name)
{
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl && !strcmp(p->name, name))
			return p;
	return NULL;
}

/* What the header promises of a pointer: pixels are the caller's, out has max elements, or n rows of them; images and counts have
 * n, weights has size bytes, the arena, inputs and outputs have the sizes of the header's macros. */
static Region *promised(Follow *f, const Ast *function, const Ast *p)
{
	const CXType element = clang_getCanonicalType(clang_getPointeeType(p->type));
	const long long size = clang_Type_getSizeOf(element);
	const Ast *max = parameter(function, "max"), *bytes = parameter(function, "size"), *count = parameter(function, "n");
	int64_t n;
	if (!strcmp(p->name, "pixels"))
		return callers_pixels(f);
	if (!strcmp(p->name, "out") && max && ast_is_integer(max->type))
		return region_new(f, p->name, linear_scale(&f->k, f->value[slot_of(f, max)].x, size > 0 ? size : 1));
	if (!strcmp(p->name, "images") || !strcmp(p->name, "counts") || (!strcmp(p->name, "out") && count)) /* n of them */
		return count && ast_is_integer(count->type) ? region_new(f, p->name, linear_scale(&f->k, f->value[slot_of(f, count)].x, size > 0 ? size : 1)) : NULL;
	if (!strcmp(p->name, "weights") && bytes && ast_is_integer(bytes->type))
		return region_new(f, p->name, f->value[slot_of(f, bytes)].x);
	if (!strcmp(p->name, "arena") && ast_macro(f->rules->file, arena_printf(f->arena, "%s_ARENA_SIZE", f->rules->upper), &n))
		return f->arena_region = region_new(f, p->name, linear_constant(n));
	n = macro_elements(f, p->name);
	if (n < 0)
		return own_object(f, p->name, p->type);
	return region_new(f, p->name, linear_constant(n * (size > 0 ? size : 1)));
}

static void follow_root(Rules *r, const Ast *function, bool *launched)
{
	Follow f = {.rules = r, .arena = arena_new(), .launched = launched, .steps = STEPS};
	f.k.arena = f.arena;
	f.followed = arena_new_array(f.arena, int, r->file->nfunction + 1);
	slot_new(&f, (Value){.kind = VALUE_NOTHING}); /* slot 0 is none */
	for (size_t i = 0; i < r->file->table_size; i++) /* instances of templates among them */
		if (r->file->table[i])
			r->file->table[i]->slot = 0;
	int n = 0;
	for (const Ast *p = function->child; p; p = p->next)
		n++;
	Value *argument = arena_new_array(f.arena, Value, n + 1);
	for (int pass = 0; pass < 2; pass++) { /* numbers first: sizes of pointers hang on them */
		n = 0;
		for (const Ast *p = function->child; p; p = p->next) {
			if (p->kind != CXCursor_ParmDecl)
				continue;
			if (pass == 0)
				slot_set(&f, slot_of(&f, p), argument[n] = value_unknown(&f, p->type));
			else if (p->type.kind == CXType_Pointer)
				argument[n] = (Value){.kind = VALUE_POINTER, .region = promised(&f, function, p)};
			n++;
		}
	}
	follow_call(&f, function, NULL, argument, n);
	if (f.steps < 0)
		rules_find(r, function, "%s is too large to be followed", function->name);
	arena_free(f.arena);
}

/* Kernels that are launched, but not where they were followed. */
static void find_not_followed(Rules *r, const bool *launched)
{
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root)) {
		const Ast *k = n->kind == CXCursor_DeclRefExpr ? n->refers : NULL;
		if (k && k->kind == CXCursor_FunctionDecl && k->number && !launched[k->number] && ast_has(k, CXCursor_CUDAGlobalAttr))
			rules_find(r, n, "%s is not launched by %s_launch(): the places in it are not followed", k->name, r->prefix);
	}
}

void check_bounds(Rules *r)
{
	if (r->file->nerror) /* what it meant to say is not known */
		return;
	bool *launched = arena_new_array(r->arena, bool, r->file->nfunction + 1);
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root))
		if (r->language == IN_CUDA ? is_cuda_root(r, n) : n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External)
			follow_root(r, n, launched);
	if (r->language == IN_CUDA && r->is_device)
		find_not_followed(r, launched);
}
