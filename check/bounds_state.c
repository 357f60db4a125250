/* bounds_state.c -- slots and scopes.
 *
 * A slot is set in place, and its previous value is pushed on a stack: undoing a scope pops the stack, and an exit state is read off it. */
#include "check/bounds_state.h"

#include <string.h>

/* ---- slots ---- */

static void *grow(State *s, void *p, size_t size, int more)
{
	return arena_grow(s->arena, p, size * (size_t)s->slot_capacity, size * (size_t)more);
}

int slot_new(State *s, Value v)
{
	if (s->nslot >= s->slot_capacity) {
		int more = s->slot_capacity ? 2 * s->slot_capacity : 1024;
		s->value = grow(s, s->value, sizeof *s->value, more);
		s->owner = grow(s, s->owner, sizeof *s->owner, more);
		s->type = grow(s, s->type, sizeof *s->type, more);
		s->shared = grow(s, s->shared, sizeof *s->shared, more);
		s->is_content = grow(s, s->is_content, sizeof *s->is_content, more);
		s->is_shared = grow(s, s->is_shared, sizeof *s->is_shared, more);
		s->slot_capacity = more;
	}
	s->value[s->nslot] = v;
	return s->nslot++;
}

void slot_share(State *s, int slot)
{
	if (!s->is_shared[slot])
		s->shared[s->nshared++] = slot;
	s->is_shared[slot] = true;
}

void slot_end_shared(State *s, const Ast *function, int mark)
{
	int kept = mark;
	for (int i = mark; i < s->nshared; i++) {
		s->is_shared[s->shared[i]] = s->owner[s->shared[i]] != function;
		if (s->is_shared[s->shared[i]])
			s->shared[kept++] = s->shared[i];
	}
	s->nshared = kept;
}

int slot_content(State *s, bool constant)
{
	int slot = slot_new(s, (Value){.kind = VALUE_NOTHING});
	s->is_content[slot] = true;
	s->owner[slot] = s->frame ? s->frame->function : NULL;
	if (!constant)
		slot_share(s, slot);
	return slot;
}

int slot_of(State *s, const Ast *variable)
{
	Ast *v = (Ast *)variable; /* the slot belongs to this rule */
	if (v->slot == 0)
		v->slot = slot_new(s, (Value){.kind = VALUE_NOTHING});
	s->owner[v->slot] = v->kind == CXCursor_ParmDecl ? v->parent : v->function;
	s->type[v->slot] = v->type;
	return v->slot;
}

void slot_set(State *s, int slot, Value v)
{
	if (v.kind == VALUE_OPAQUE && s->value[slot].kind == VALUE_OPAQUE)
		return;
	if (s->nundo == s->undo_capacity) {
		int more = s->undo_capacity ? 2 * s->undo_capacity : 1024;
		s->undo = arena_grow(s->arena, s->undo, sizeof *s->undo * (size_t)s->undo_capacity, sizeof *s->undo * (size_t)more);
		s->undo_capacity = more;
	}
	s->undo[s->nundo++] = (Change){slot, s->value[slot]};
	s->value[slot] = v;
}

/* ---- scopes ---- */

void scope_enter(State *s, Scope *scope)
{
	*scope = (Scope){.change = s->nundo, .fact = s->k.nfact};
}

void scope_undo(State *s, const Scope *scope)
{
	while (s->nundo > scope->change) {
		Change c = s->undo[--s->nundo];
		s->value[c.slot] = c.value;
	}
	s->k.nfact = scope->fact;
}

ExitState *scope_exit(State *s, const Scope *scope, Value value)
{
	ExitState *e = arena_new_one(s->arena, ExitState);
	int most = s->nundo - scope->change;
	*e = (ExitState){.value = value, .nfact = s->k.nfact - scope->fact};
	e->change = arena_new_array(s->arena, Change, most + 1);
	for (int i = scope->change; i < s->nundo; i++) {
		const int slot = s->undo[i].slot;
		int known = 0;
		if (scope->function && s->owner[slot] == scope->function)
			continue;
		while (known < e->nchange && e->change[known].slot != slot)
			known++;
		if (known == e->nchange)
			e->change[e->nchange++] = (Change){slot, s->value[slot]};
	}
	e->fact = arena_new_array(s->arena, Linear, e->nfact + 1);
	if (e->nfact)
		memcpy(e->fact, s->k.fact + scope->fact, sizeof *e->fact * (size_t)e->nfact);
	return e;
}

void scope_leave(State *s, Scope *scope, Value value)
{
	ExitState *e = scope_exit(s, scope, value);
	e->next = scope->exit;
	scope->exit = e;
}

void state_assume(State *s, const Linear *fact, int n)
{
	for (int i = 0; i < n; i++)
		linear_assume(&s->k, fact[i]);
}

void loop_open(State *s, Loop *loop)
{
	*loop = (Loop){.most = -1};
	scope_enter(s, &loop->leave);
}
