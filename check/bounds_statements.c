/* bounds_statements.c -- the paths through a function, and the roots: what others may call. */
#include "check/bounds.h"

#include <string.h>

enum { STEPS = 400000000 };

/* `if (...) break;` at the top of a loop's body, with no `continue` before it: at its round the loop ends, whatever else
 * happens. */
static bool is_guard(const State *s, const Ast *n, const Ast *then)
{
	const Loop *l = s->frame->loop;
	while (then->kind == CXCursor_CompoundStmt && then->child && !then->child->next)
		then = then->child;
	return l && !l->again.exit && then->kind == CXCursor_BreakStmt && (n->parent == l->body || n == l->body);
}

/* The round from which the condition holds, when it holds from a constant round on; else -1. */
static int64_t guarded_iteration(const State *s, const Value *c)
{
	const Loop *l = s->frame->loop;
	if (!c->when || l->iteration.n != 1 || l->iteration.constant != 0)
		return -1;
	const int symbol = l->iteration.term[0].symbol;
	const Linear *x = c->when->is_equal ? &c->when->equal : &c->when->yes[0];
	if ((c->when->nyes != 1 && !c->when->is_equal) || x->n != 1 || x->term[0].symbol != symbol)
		return -1;
	const int64_t by = x->term[0].by, at = -x->constant;
	if (c->when->is_equal) /* by * round == at */
		return at % by == 0 && at / by >= 0 ? at / by : -1;
	return by > 0 ? at > 0 ? (at + by - 1) / by : 0 : -1;
}

/* The guard of a loop: the path behind it is before that round, the way out is at it. */
static bool walk_guard(State *s, const Value *c, int64_t iteration)
{
	Loop *l = s->frame->loop;
	const int symbol = l->iteration.term[0].symbol;
	ExitState *e = scope_exit(s, &l->leave, (Value){.kind = VALUE_NOTHING});
	for (int i = 0; i < e->nchange; i++) { /* what is written there, with the number in place of the symbol */
		Linear *x = &e->change[i].value.x;
		for (int t = 0; t < x->n; t++)
			if (x->term[t].symbol == symbol) {
				Linear step = linear_scale(&s->k, l->iteration, x->term[t].by);
				*x = linear_add(&s->k, linear_add(&s->k, *x, step, -1), linear_constant(iteration), step.term[0].by);
				break;
			}
	}
	e->nfact = 0;
	l->most = l->most < 0 || iteration < l->most ? iteration : l->most;
	e->next = l->leave.exit;
	l->leave.exit = e;
	linear_assume(&s->k, linear_add(&s->k, linear_constant(iteration - 1), l->iteration, -1));
	state_assume(s, c->when->no, c->when->nno);
	return true;
}

static bool walk_if(State *s, const Ast *n)
{
	const Ast *then = ast_child(n, 1), *otherwise = ast_child(n, 2);
	Value c = walk_expression(s, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return known ? walk_statement(s, then) : !otherwise || walk_statement(s, otherwise);
	if (!otherwise && is_guard(s, n, then) && guarded_iteration(s, &c) >= 0)
		return walk_guard(s, &c, guarded_iteration(s, &c));
	Scope scope;
	ExitState *exit[2] = {NULL, NULL};
	for (int arm = 0; arm < 2; arm++) {
		const Ast *body = arm ? otherwise : then;
		scope_enter(s, &scope);
		if (c.when)
			state_assume(s, arm ? c.when->no : c.when->yes, arm ? c.when->nno : c.when->nyes);
		if (!body || walk_statement(s, body))
			exit[arm] = scope_exit(s, &scope, (Value){.kind = VALUE_NOTHING});
		scope_undo(s, &scope);
	}
	if (exit[0])
		exit[0]->next = exit[1];
	join_states(s, &scope, exit[0] ? exit[0] : exit[1]);
	return exit[0] || exit[1];
}

static bool leave(State *s, Scope *scope, Value v)
{
	ExitState *e = scope_exit(s, scope, v);
	e->next = scope->exit;
	scope->exit = e;
	return false;
}

/* Whatever variable it names may be anything then. */
static void walk_assembly(State *s, const Ast *n)
{
	for (const Ast *c = n; c; c = ast_next(c, n)) {
		const Ast *v = c->kind == CXCursor_DeclRefExpr ? c->refers : NULL;
		if (!v || (v->kind != CXCursor_VarDecl && v->kind != CXCursor_ParmDecl))
			continue;
		Value place = walk_variable(s, v);
		if (ast_is_integer(v->type) || v->type.kind == CXType_Pointer)
			slot_set(s, slot_of(s, v), value_unknown(s, v->type));
		else if (place.kind == VALUE_POINTER && place.region)
			region_forget(s, place.region);
	}
}

bool walk_statement(State *s, const Ast *n)
{
	if (s->steps-- < 0)
		return false;
	switch (n->kind) {
	case CXCursor_UnexposedStmt: /* a loop with its pragma */
	case CXCursor_CompoundStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (!walk_statement(s, c))
				return false;
		return true;
	case CXCursor_DeclStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (c->kind == CXCursor_VarDecl)
				walk_declaration(s, c);
		return true;
	case CXCursor_IfStmt:
		return walk_if(s, n);
	case CXCursor_ForStmt:
		return walk_for(s, n);
	case CXCursor_ReturnStmt:
		return leave(s, &s->frame->leave, n->child ? record_returned(s, walk_expression(s, n->child)) : (Value){.kind = VALUE_NOTHING});
	case CXCursor_BreakStmt:
		return s->frame->loop ? leave(s, &s->frame->loop->leave, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_ContinueStmt:
		return s->frame->loop ? leave(s, &s->frame->loop->again, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_NullStmt:
		return true;
	case CXCursor_AsmStmt:
		walk_assembly(s, n);
		return true;
	case CXCursor_WhileStmt: /* E04 and E07 refuse them */
	case CXCursor_DoStmt:
	case CXCursor_SwitchStmt:
	case CXCursor_GotoStmt:
	case CXCursor_LabelStmt:
		bounds_find(s, n, "places behind this statement are not followed");
		return false;
	default:
		if (clang_isExpression(n->kind))
			walk_expression(s, n);
		return true;
	}
}

/* ---- roots ---- */

/* Elements of in0, out1, input: as the macro NAME_INPUT_0_SIZE, NAME_OUTPUT_1_SIZE or NAME_INPUT_SIZE says; else -1. */
static int64_t macro_elements(const State *s, const char *parameter)
{
	int64_t n;
	const char *kind = !strncmp(parameter, "out", 3) ? "OUTPUT" : "INPUT";
	const char *digits = parameter + strcspn(parameter, "0123456789");
	const char *name = arena_printf(s->arena, "%s_%s%s%s_SIZE", s->rules->upper, kind, *digits ? "_" : "", digits);
	return ast_macro(s->rules->file, name, &n) ? n : -1;
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
static Region *contract_argument(State *s, const Ast *function, const Ast *p)
{
	const CXType element = clang_getCanonicalType(clang_getPointeeType(p->type));
	const long long size = clang_Type_getSizeOf(element);
	const Ast *max = parameter(function, "max"), *bytes = parameter(function, "size"), *count = parameter(function, "n");
	int64_t n;
	if (!strcmp(p->name, "pixels"))
		return contract_pixels(s);
	if (!strcmp(p->name, "out") && max && ast_is_integer(max->type))
		return region_new(s, p->name, linear_scale(&s->k, s->value[slot_of(s, max)].x, size > 0 ? size : 1));
	if (!strcmp(p->name, "images") || !strcmp(p->name, "counts") || (!strcmp(p->name, "out") && count)) /* n of them */
		return count && ast_is_integer(count->type) ? region_new(s, p->name, linear_scale(&s->k, s->value[slot_of(s, count)].x, size > 0 ? size : 1)) : NULL;
	if (!strcmp(p->name, "weights") && bytes && ast_is_integer(bytes->type))
		return region_new(s, p->name, s->value[slot_of(s, bytes)].x);
	if (!strcmp(p->name, "arena") && ast_macro(s->rules->file, arena_printf(s->arena, "%s_ARENA_SIZE", s->rules->upper), &n))
		return s->arena_region = region_new(s, p->name, linear_constant(n));
	n = macro_elements(s, p->name);
	if (n < 0)
		return contract_object(s, p->name, p->type);
	return region_new(s, p->name, linear_constant(n * (size > 0 ? size : 1)));
}

static void prove_entry_point(Rules *r, const Ast *function, bool *launched)
{
	State s = {.rules = r, .arena = arena_new(), .launched = launched, .steps = STEPS};
	s.k.arena = s.arena;
	s.visited = arena_new_array(s.arena, int, r->file->nfunction + 1);
	slot_new(&s, (Value){.kind = VALUE_NOTHING}); /* slot 0 is none */
	for (size_t i = 0; i < r->file->table_size; i++) /* instances of templates among them */
		if (r->file->table[i])
			r->file->table[i]->slot = 0;
	int n = 0;
	for (const Ast *p = function->child; p; p = p->next)
		n++;
	Value *argument = arena_new_array(s.arena, Value, n + 1);
	for (int pass = 0; pass < 2; pass++) { /* numbers first: sizes of pointers hang on them */
		n = 0;
		for (const Ast *p = function->child; p; p = p->next) {
			if (p->kind != CXCursor_ParmDecl)
				continue;
			if (pass == 0)
				slot_set(&s, slot_of(&s, p), argument[n] = value_unknown(&s, p->type));
			else if (p->type.kind == CXType_Pointer)
				argument[n] = (Value){.kind = VALUE_POINTER, .region = contract_argument(&s, function, p)};
			n++;
		}
	}
	walk_function(&s, function, NULL, argument, n);
	if (s.steps < 0)
		finding_at(r, function, "%s is too large to be followed", function->name);
	arena_free(s.arena);
}

/* Kernels that are launched, but not where they were followed. */
static void find_not_launched(Rules *r, const bool *launched)
{
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root)) {
		const Ast *k = n->kind == CXCursor_DeclRefExpr ? n->refers : NULL;
		if (k && k->kind == CXCursor_FunctionDecl && k->number && !launched[k->number] && ast_has(k, CXCursor_CUDAGlobalAttr))
			finding_at(r, n, "%s is not launched by %s_launch(): the places in it are not followed", k->name, r->prefix);
	}
}

void check_bounds(Rules *r)
{
	if (r->file->nerror) /* what it meant to say is not known */
		return;
	bool *launched = arena_new_array(r->arena, bool, r->file->nfunction + 1);
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root))
		if (r->language == IN_CUDA ? is_cuda_entry_point(r, n) : n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External)
			prove_entry_point(r, n, launched);
	if (r->language == IN_CUDA && r->is_device)
		find_not_launched(r, launched);
}
