/* bounds_loops.c -- a loop, once for all its rounds.
 *
 * The counter is its start plus step * round, round a symbol. A variable that the body writes is first anything; one look
 * at the body then tells how a round changes it:
 *	by a constant d             it is what it was + d * round
 *	to something new each time  it lies within the bounds of that, or is what it was
 *	by something between l, h   it is what it was, + a symbol between l * round and h * round
 *	to what it was, or something  bounds are guessed from one look and tried in the next
 * and a second look, with that, finds what there is to find. Where the change is not constant, few rounds are followed one
 * by one; otherwise the last round is followed apart: there a block of channels may be cut short.
 */
#include "check/bounds.h"

#include <string.h>

enum { FEW = 8, WRITTEN = 64, LOOKS = 6, GUESSES = 12 };

typedef struct Written { /* a variable that the body writes, and how */
	int slot;
	Value before, probe; /* before the loop; what stood for anything */
	enum { BY_CONSTANT, ANEW, BETWEEN, ANYHOW } how;
	int64_t low, high; /* of the change, or of the new value */
} Written;

typedef struct For {
	const Ast *body;
	const Ast *counter;
	Linear start, rounds; /* rounds: may be below 0, then there are none */
	Linear way;           /* from the start to the bound: what rounds do not reach */
	int64_t first;        /* round; > 0: those before were followed apart */
	int64_t step;
	Written written[WRITTEN];
	int nwritten;
	bool may_peel;
	bool breaks; /* some round may leave before the head does */
	const Ast *condition;
	bool early;  /* the condition says more than how far the counter goes: it may end any round */
} For;

/* ---- the head ---- */

static bool is_counter(const Ast *n, const Ast *counter)
{
	n = ast_bare(n);
	return n->kind == CXCursor_DeclRefExpr && n->refers == counter;
}

static bool step_of(const Ast *n, const Ast *counter, int64_t *step)
{
	n = ast_bare(n);
	if (!n->child || !is_counter(n->child, counter))
		return false;
	if (n->kind == CXCursor_UnaryOperator) {
		*step = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc ? 1 : -1;
		return n->op.unary <= CXUnaryOperator_PreDec;
	}
	if (n->kind != CXCursor_CompoundAssignOperator || !ast_constant(ast_child(n, 1), step))
		return false;
	if (n->op.binary == CX_BO_SubAssign)
		*step = -*step;
	return (n->op.binary == CX_BO_AddAssign || n->op.binary == CX_BO_SubAssign) && *step != 0;
}

/* How often counter op bound holds from start on, when that is a sum. */
static bool rounds_of(Follow *f, For *l, const Ast *condition)
{
	Value bound = follow_expression(f, ast_child(condition, 1));
	enum CX_BinaryOperatorKind op = condition->op.binary;
	if (bound.kind != VALUE_INTEGER || (l->step > 0) != (op == CX_BO_LT || op == CX_BO_LE))
		return false;
	Linear way = linear_add(&f->k, bound.x, l->start, -1);
	if (l->step < 0)
		way = linear_scale(&f->k, way, -1);
	const int64_t step = l->step > 0 ? l->step : -l->step;
	l->way = linear_add(&f->k, way, linear_constant(op == CX_BO_LE || op == CX_BO_GE), 1);
	way = linear_add(&f->k, l->way, linear_constant(step - 1), 1);
	if (step == 1)
		l->rounds = way;
	else
		linear_divide(&f->k, way, step, &l->rounds, NULL);
	return true;
}

static bool compares(const Ast *n, const Ast *counter)
{
	return n->kind == CXCursor_BinaryOperator && n->op.binary >= CX_BO_LT && n->op.binary <= CX_BO_GE && is_counter(ast_child(n, 0), counter);
}

/* The comparison with the counter, which comes first; conditions behind it only end the loop earlier. */
static const Ast *comparison(const Ast *n, const Ast *counter)
{
	int64_t known;
	n = ast_bare(n);
	while (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_LAnd)
		n = ast_bare(ast_child(n, ast_constant(ast_child(n, 0), &known) && known)); /* a template's argument says nothing */
	return compares(n, counter) ? n : NULL;
}

/* The counter holds what it is when the head ends the loop: it does not wrap on the way. */
static bool counter_holds(Follow *f, const For *l)
{
	Linear end = linear_add(&f->k, l->start, linear_scale(&f->k, l->rounds, l->step), 1);
	Value v = value_convert(f, value_integer(end), l->counter->type);
	return linear_equal(&v.x, &end);
}

static bool head_of(Follow *f, const Ast *n, For *l)
{
	const Ast *init = ast_child(n, 0), *condition = ast_child(n, 1), *step = ast_child(n, 2), *body = ast_child(n, 3);
	if (!init || !condition || !step || !body || init->kind != CXCursor_DeclStmt || !init->child || !init->child->init)
		return false;
	*l = (For){.body = body, .counter = init->child, .condition = condition, .may_peel = true};
	Value start = value_convert(f, follow_expression(f, l->counter->init), l->counter->type);
	const Ast *compare = comparison(condition, l->counter);
	if (start.kind != VALUE_INTEGER || !compare || !step_of(step, l->counter, &l->step))
		return false;
	l->start = start.x;
	l->early = compare != ast_bare(condition);
	return rounds_of(f, l, compare) && counter_holds(f, l);
}

/* ---- what the body writes ---- */

static void add_written(Follow *f, For *l, int slot)
{
	for (int i = 0; i < l->nwritten; i++)
		if (l->written[i].slot == slot)
			return;
	if (l->nwritten == WRITTEN) {
		follow_find(f, l->body, "more than %d variables change in this loop: they are not followed", WRITTEN);
		return;
	}
	l->written[l->nwritten++] = (Written){.slot = slot, .before = f->value[slot]};
}

static bool stands_within(const Ast *n, const Ast *within)
{
	while (n && n != within)
		n = n->parent;
	return n == within;
}

/* The variable that is written, when it is one from outside; *memory: something is written through a pointer. */
static const Ast *target(const Ast *n, const Ast *body, bool *memory)
{
	n = ast_bare(n);
	if (n->kind != CXCursor_DeclRefExpr) {
		*memory = true;
		return NULL;
	}
	return n->refers && n->refers->kind != CXCursor_EnumConstantDecl && !stands_within(n->refers, body) ? n->refers : NULL;
}

/* Of a call that is being followed, or of the file. */
static bool is_alive(const Follow *f, int slot)
{
	const Frame *c = f->frame;
	while (c && f->owner[slot] && c->function != f->owner[slot])
		c = c->caller;
	return c;
}

static bool in_assembly(const Ast *n, const Ast *within)
{
	while (n && n != within && n->kind != CXCursor_AsmStmt)
		n = n->parent;
	return n && n->kind == CXCursor_AsmStmt;
}

static void find_written(Follow *f, For *l)
{
	bool memory = false;
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		const Ast *v = NULL;
		if (n->kind == CXCursor_CompoundAssignOperator || (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_Assign))
			v = target(n->child, l->body, &memory);
		else if (n->kind == CXCursor_UnaryOperator && (n->op.unary <= CXUnaryOperator_PreDec || n->op.unary == CXUnaryOperator_AddrOf))
			v = target(n->child, l->body, &memory);
		else if (n->kind == CXCursor_CallExpr || n->kind == CXCursor_AsmStmt)
			memory = true;
		else if (n->kind == CXCursor_DeclRefExpr && in_assembly(n, l->body))
			v = target(n, l->body, &memory);
		if (v && (ast_is_integer(v->type) || v->type.kind == CXType_Pointer))
			add_written(f, l, slot_of(f, v));
	}
	for (int i = 0; i < f->nshared && memory; i++) {
		const int slot = f->shared[i];
		const ValueKind kind = f->value[slot].kind;
		const bool named = f->type[slot].kind != CXType_Invalid; /* then nothing yet is something after */
		if (is_alive(f, slot) && (kind == VALUE_INTEGER || kind == VALUE_POINTER || (kind == VALUE_NOTHING && (named || f->is_content[slot]))))
			add_written(f, l, slot);
	}
}

/* ---- a round ---- */

static bool is_exact(const For *l)
{
	return l->rounds.n == 0;
}

/* Follows the body with round in [0, rounds). The ways to its end, joined, are the state that is left; false: none. */
static bool follow_body(Follow *f, For *l, Loop *loop, Linear round)
{
	loop->body = l->body;
	loop->round = round;
	loop->outer = f->frame->loop;
	scope_enter(f, &loop->again);
	Linear passed = linear_add(&f->k, round, linear_constant(l->first), 1);
	slot_set(f, slot_of(f, l->counter), value_integer(linear_add(&f->k, l->start, linear_scale(&f->k, passed, l->step), 1)));
	if (!is_exact(l)) /* the head's condition, where a quotient stands for it */
		linear_suppose(&f->k, linear_add(&f->k, linear_add(&f->k, l->way, passed, l->step > 0 ? -l->step : l->step), linear_constant(1), -1));
	f->frame->loop = loop;
	if (l->early) {
		const Value c = follow_expression(f, l->condition);
		if (c.when)
			suppose_all(f, c.when->yes, c.when->nyes);
	}
	if (follow_statement(f, l->body)) {
		Exit *e = scope_exit(f, &loop->again, (Value){.kind = VALUE_NOTHING});
		e->next = loop->again.exit;
		loop->again.exit = e;
	}
	f->frame->loop = loop->outer;
	scope_join(f, &loop->again, loop->again.exit);
	return loop->again.exit != NULL;
}

static void loop_begin(Follow *f, Loop *loop)
{
	*loop = (Loop){.most = -1};
	scope_enter(f, &loop->leave);
}

static int64_t most_rounds(const Follow *f, const For *l)
{
	return linear_high(&f->k, l->rounds);
}

/* A symbol for any round that is run. */
static Linear any_round(Follow *f, const For *l)
{
	const int64_t most = most_rounds(f, l);
	Linear round = linear_symbol(&f->k, 0, most >= LINEAR_MOST ? LINEAR_MOST : most - 1);
	if (!is_exact(l) && round.n) {
		Linear below = linear_add(&f->k, linear_add(&f->k, l->rounds, linear_constant(1), -1), round, -1);
		linear_define(&f->k, round, below);
	}
	return round;
}

/* ---- the first look ---- */

/* Anything of its kind stands for the variable. */
static void probe(Follow *f, Written *w)
{
	w->before = f->value[w->slot];
	w->probe = w->before;
	w->probe.when = NULL;
	if (w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER)
		w->probe.x = linear_symbol(&f->k, -LINEAR_MOST, LINEAR_MOST);
	slot_set(f, w->slot, w->probe);
}

static void classify(Follow *f, Written *w)
{
	const Value *after = &f->value[w->slot];
	w->how = ANYHOW;
	if (after->kind != w->before.kind || after->region != w->before.region)
		return;
	if (after->kind != VALUE_INTEGER && after->kind != VALUE_POINTER)
		return;
	Linear change = linear_add(&f->k, after->x, w->probe.x, -1);
	const int symbol = w->probe.x.term[0].symbol;
	if (linear_is_constant(&change, &w->low)) {
		w->how = BY_CONSTANT;
		w->high = w->low;
		return;
	}
	bool again = false, change_again = false;
	for (int i = 0; i < after->x.n; i++)
		again |= after->x.term[i].symbol == symbol;
	for (int i = 0; i < change.n; i++)
		change_again |= change.term[i].symbol == symbol;
	if (!again) {
		w->low = linear_low(&f->k, after->x);
		w->high = linear_high(&f->k, after->x);
		w->how = w->low > -LINEAR_MOST && w->high < LINEAR_MOST ? ANEW : ANYHOW;
	} else if (!change_again) {
		w->low = linear_low(&f->k, change);
		w->high = linear_high(&f->k, change);
		w->how = w->low > -LINEAR_MOST && w->high < LINEAR_MOST ? BETWEEN : ANYHOW;
	}
}

static bool same_value(const Follow *f, const Value *a, const Value *b)
{
	return a->kind == b->kind && a->region == b->region && linear_low(&f->k, a->x) == linear_low(&f->k, b->x) &&
	       linear_high(&f->k, a->x) == linear_high(&f->k, b->x);
}

/* How the body changes what it writes. Leaves the state as it was, but for elements of arrays: they only gain, and looks
 * go on until nothing is gained. */
static void first_look(Follow *f, For *l)
{
	bool settled = false, content[WRITTEN];
	for (int i = 0; i < l->nwritten; i++)
		content[i] = f->is_content[l->written[i].slot];
	f->quiet++;
	for (int look = 0; !settled; look++) {
		Scope all;
		Loop loop;
		Value gained[WRITTEN];
		scope_enter(f, &all);
		loop_begin(f, &loop);
		for (int i = 0; i < l->nwritten; i++) {
			if (!content[i])
				probe(f, &l->written[i]);
			else if (look == LOOKS)
				slot_set(f, l->written[i].slot, (Value){.kind = VALUE_OPAQUE});
		}
		const bool goes_on = follow_body(f, l, &loop, any_round(f, l));
		settled = true;
		for (int i = 0; i < l->nwritten; i++) {
			Written *w = &l->written[i];
			if (!content[i] && goes_on)
				classify(f, w);
			else if (!content[i])
				w->how = ANYHOW;
			gained[i] = f->value[w->slot];
		}
		scope_undo(f, &all);
		for (int i = 0; i < l->nwritten; i++)
			if (content[i] && !same_value(f, &gained[i], &f->value[l->written[i].slot])) {
				slot_set(f, l->written[i].slot, look >= LOOKS ? (Value){.kind = VALUE_OPAQUE} : gained[i]);
				settled = look > LOOKS;
			}
		if (!goes_on)
			settled = true;
	}
	f->quiet--;
	for (int i = l->nwritten - 1; i >= 0; i--)
		if (content[i])
			l->written[i] = l->written[--l->nwritten];
}

/* ---- the second look ---- */

/* The variable after `round` rounds, at most `most` of them. */
static Value value_after(Follow *f, const Written *w, Linear round, int64_t most)
{
	Value v = w->before;
	v.when = NULL;
	if (v.kind != VALUE_INTEGER && v.kind != VALUE_POINTER)
		return v.kind == VALUE_NOTHING ? (Value){.kind = VALUE_OPAQUE} : v;
	if (w->how == BY_CONSTANT) {
		v.x = linear_add(&f->k, v.x, round, w->low);
	} else if (w->how == ANEW) {
		const int64_t low = linear_low(&f->k, v.x), high = linear_high(&f->k, v.x);
		v.x = linear_symbol(&f->k, low < w->low ? low : w->low, high > w->high ? high : w->high);
	} else if (w->how == BETWEEN) {
		const int64_t low = linear_product(w->low, most), high = linear_product(w->high, most);
		Linear moved = linear_symbol(&f->k, low < 0 ? low : 0, high > 0 ? high : 0);
		linear_define(&f->k, moved, linear_add(&f->k, linear_scale(&f->k, round, w->high), moved, -1));
		linear_define(&f->k, moved, linear_add(&f->k, moved, round, -w->low));
		v.x = linear_add(&f->k, v.x, moved, 1);
	} else {
		v = v.kind == VALUE_INTEGER ? value_unknown(f, f->type[w->slot]) : v;
		v.region = NULL;
		v.x = v.kind == VALUE_INTEGER ? v.x : linear_symbol(&f->k, -LINEAR_MOST, LINEAR_MOST);
	}
	return v;
}

static bool is_uneven(const For *l)
{
	for (int i = 0; i < l->nwritten; i++)
		if ((l->written[i].how == ANYHOW || l->written[i].how == BETWEEN) &&
		    (l->written[i].before.kind == VALUE_INTEGER || l->written[i].before.kind == VALUE_POINTER))
			return true;
	return false;
}

static bool is_uneven_pointer(const For *l)
{
	for (int i = 0; i < l->nwritten; i++)
		if (l->written[i].before.kind == VALUE_POINTER && (l->written[i].how == ANYHOW || l->written[i].how == BETWEEN))
			return true;
	return false;
}

static bool wants_guess(const Written *w)
{
	return (w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER) && w->how == ANYHOW;
}

/* One more look with guessed bounds, the rest as it was found. True: all guesses hold; else they are wider. */
static bool try_guesses(Follow *f, For *l, const bool *guessed)
{
	bool hold = true;
	Loop loop;
	loop_begin(f, &loop);
	Scope all = loop.leave;
	Linear round = any_round(f, l);
	for (int i = 0; i < l->nwritten; i++)
		slot_set(f, l->written[i].slot, value_after(f, &l->written[i], round, most_rounds(f, l)));
	const bool goes_on = follow_body(f, l, &loop, round);
	for (int i = 0; i < l->nwritten && goes_on; i++) {
		Written *w = &l->written[i];
		const Value *v = &f->value[w->slot];
		if (!guessed[i])
			continue;
		int64_t low = linear_low(&f->k, v->x), high = linear_high(&f->k, v->x);
		if (v->kind != w->before.kind || v->region != w->before.region) {
			low = -LINEAR_MOST;
			high = LINEAR_MOST;
		}
		hold = hold && low >= w->low && high <= w->high;
		w->low = low < w->low ? low : w->low;
		w->high = high > w->high ? high : w->high;
	}
	scope_undo(f, &all);
	return hold;
}

static void guess(Follow *f, For *l)
{
	bool guessed[WRITTEN], any = false, hold = false;
	for (int i = 0; i < l->nwritten; i++) {
		Written *w = &l->written[i];
		guessed[i] = wants_guess(w);
		any = any || guessed[i];
		if (!guessed[i])
			continue;
		w->how = ANEW;
		w->low = linear_low(&f->k, w->before.x);
		w->high = linear_high(&f->k, w->before.x);
	}
	f->quiet++;
	for (int look = 0; any && !hold && look < GUESSES; look++)
		hold = try_guesses(f, l, guessed);
	f->quiet--;
	for (int i = 0; i < l->nwritten; i++)
		if (guessed[i] && !hold)
			l->written[i].how = ANYHOW;
}

/* Does the round that was just followed change the variable as the first look said? In that look nothing wrapped. */
static bool is_confirmed(Follow *f, const Written *w, const Value *start)
{
	const Value *end = &f->value[w->slot];
	if (w->how == ANYHOW || (start->kind != VALUE_INTEGER && start->kind != VALUE_POINTER))
		return true;
	if (end->kind != start->kind || end->region != start->region)
		return false;
	Linear change = linear_add(&f->k, end->x, w->how == ANEW ? linear_constant(0) : start->x, -1);
	if (w->low > -LINEAR_MOST && !linear_not_negative(&f->k, linear_add(&f->k, change, linear_constant(w->low), -1)))
		return false;
	return w->high >= LINEAR_MOST || linear_not_negative(&f->k, linear_add(&f->k, linear_constant(w->high), change, -1));
}

/* What was found since, in a look that went wrong, does not count. */
static void forget_findings(Follow *f, int nfinding, int ncall)
{
	f->rules->result->n = nfinding;
	for (int i = 0; i <= f->rules->file->nfunction; i++)
		if (f->followed[i] > ncall)
			f->followed[i] = 0;
}

/* One look at all rounds; variables that do not do what was thought become anything. False: there were some. */
static bool second_look(Follow *f, For *l, Loop *loop)
{
	Value start[WRITTEN];
	bool confirmed = true;
	const int nfinding = f->rules->result->n, ncall = f->ncall;
	loop_begin(f, loop);
	Scope all = loop->leave;
	Linear round = any_round(f, l);
	for (int i = 0; i < l->nwritten; i++) {
		start[i] = value_after(f, &l->written[i], round, most_rounds(f, l));
		slot_set(f, l->written[i].slot, start[i]);
	}
	const bool goes_on = follow_body(f, l, loop, round);
	for (int i = 0; i < l->nwritten && goes_on; i++)
		if (!is_confirmed(f, &l->written[i], &start[i])) {
			l->written[i].how = ANYHOW;
			confirmed = false;
		}
	scope_undo(f, &all);
	if (!confirmed)
		forget_findings(f, nfinding, ncall);
	return confirmed;
}

/* All rounds at once, with what the first look found. True: some path goes on behind the loop. */
static bool follow_all(Follow *f, For *l)
{
	Loop loop;
	Scope all;
	const int64_t most = most_rounds(f, l);
	scope_enter(f, &all);
	while (!second_look(f, l, &loop))
		continue;
	l->breaks = loop.leave.exit != NULL;
	if (!is_exact(l) || loop.most < 0 || l->rounds.constant <= loop.most) { /* the end that the head makes */
		Linear rounds = l->rounds;
		if (l->early || !linear_not_negative(&f->k, rounds))
			rounds = linear_symbol(&f->k, 0, most > 0 ? most : 0);
		for (int i = 0; i < l->nwritten; i++)
			slot_set(f, l->written[i].slot, value_after(f, &l->written[i], rounds, most));
		Exit *e = scope_exit(f, &all, (Value){.kind = VALUE_NOTHING});
		e->next = loop.leave.exit;
		loop.leave.exit = e;
	}
	scope_join(f, &all, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* The state of now is a way out of the loop. */
static void may_leave(Follow *f, Loop *loop)
{
	Exit *e = scope_exit(f, &loop->leave, (Value){.kind = VALUE_NOTHING});
	e->next = loop->leave.exit;
	loop->leave.exit = e;
}

/* What has gathered many symbols on its way becomes one: sums have room for some, and a sum that overflows says less. */
static void gather(Follow *f, const For *l)
{
	for (int i = 0; i < l->nwritten; i++) {
		Value v = f->value[l->written[i].slot];
		if ((v.kind != VALUE_INTEGER && v.kind != VALUE_POINTER) || v.x.n <= LINEAR_TERMS / 2)
			continue;
		v.x = linear_symbol(&f->k, linear_low(&f->k, v.x), linear_high(&f->k, v.x));
		v.when = NULL;
		slot_set(f, l->written[i].slot, v);
	}
}

/* Rounds first .. last, one by one. False: no path goes on into the next. */
static bool follow_each(Follow *f, For *l, Loop *loop, int64_t first, int64_t last)
{
	for (int64_t i = first; i <= last; i++) {
		gather(f, l);
		if (l->early)
			may_leave(f, loop);
		if (!follow_body(f, l, loop, linear_constant(i)))
			return false;
	}
	return true;
}

/* Few rounds, or all but the last at once and then that one. */
static bool follow_apart(Follow *f, For *l, int64_t rounds)
{
	Loop loop;
	bool goes_on = true;
	int64_t first = 0;
	loop_begin(f, &loop);
	if (rounds > FEW) {
		For most = *l;
		most.may_peel = false;
		most.rounds = linear_constant(rounds - 1);
		first_look(f, &most);
		guess(f, &most);
		goes_on = follow_all(f, &most); /* what breaks there is joined into what goes on: more than can be, never less */
		if (most.breaks && goes_on) /* and ends the loop without the last round */
			may_leave(f, &loop);
		first = rounds - 1;
	}
	goes_on = goes_on && follow_each(f, l, &loop, first, rounds - 1);
	if (goes_on)
		may_leave(f, &loop);
	scope_join(f, &loop.leave, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* `counter < CONSTANT ? one pointer : another` in the body: the first round of the other; else 0. */
static int64_t parting(Follow *f, const For *l)
{
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		if (n->kind != CXCursor_ConditionalOperator || (n->type.kind != CXType_Pointer && n->type.kind != CXType_ConstantArray))
			continue; /* a parameter's array is one to libclang even behind a sum */
		const Ast *c = ast_bare(ast_child(n, 0));
		int64_t at;
		if (!compares(c, l->counter) || c->op.binary != CX_BO_LT)
			continue;
		Value bound = follow_expression(f, ast_child(c, 1));
		if (bound.kind == VALUE_INTEGER && linear_is_constant(&bound.x, &at) && at > l->start.constant)
			return at - l->start.constant;
	}
	return 0;
}

/* Which object a pointer points into hangs on the round: the rounds of each are followed apart. */
static bool follow_parts(Follow *f, For *l)
{
	const int64_t rounds = l->rounds.constant, at = is_exact(l) && l->start.n == 0 && l->step == 1 ? parting(f, l) : 0;
	if (at == 0 || at >= rounds)
		return follow_all(f, l);
	For before = *l;
	before.rounds = linear_constant(at);
	l->first = at;
	l->rounds = linear_constant(rounds - at);
	const bool one = follow_all(f, &before), other = follow_all(f, l);
	return one || other;
}

/* ---- counters that are multiplied or divided ---- */

enum { VALUES = 64 };

static bool holds(enum CX_BinaryOperatorKind op, int64_t a, int64_t b)
{
	return op == CX_BO_LT ? a < b : op == CX_BO_LE ? a <= b : op == CX_BO_GT ? a > b : a >= b;
}

/* The values of a counter that begins at a constant and is multiplied or divided by one, and ends at one or below one; 0: it
 * is another. */
static int values_of(Follow *f, const Ast *n, For *l, int64_t value[VALUES])
{
	const Ast *init = ast_child(n, 0), *step = ast_child(n, 2), *body = ast_child(n, 3);
	int64_t by, v, end;
	int count = 0;
	if (!body || init->kind != CXCursor_DeclStmt || !init->child || !init->child->init || step->kind != CXCursor_CompoundAssignOperator)
		return 0;
	*l = (For){.body = body, .counter = init->child, .condition = ast_child(n, 1)};
	const Ast *compare = comparison(l->condition, l->counter);
	const bool times = step->op.binary == CX_BO_MulAssign, divided = step->op.binary == CX_BO_DivAssign;
	if (!compare || !is_counter(step->child, l->counter) || (!times && !divided) || !ast_constant(ast_child(step, 1), &by) || by < 2)
		return 0;
	Value bound = follow_expression(f, ast_child(compare, 1)), start = follow_expression(f, l->counter->init);
	if (bound.kind != VALUE_INTEGER || start.kind != VALUE_INTEGER || !linear_is_constant(&start.x, &v))
		return 0;
	const bool ends_there = linear_is_constant(&bound.x, &end);
	if (!ends_there)
		end = linear_high(&f->k, bound.x);
	if (!ends_there && (!times || end >= LINEAR_MOST))
		return 0;
	l->early = !ends_there || compare != ast_bare(l->condition);
	for (; v > 0 && v < LINEAR_MOST / by && count < VALUES && holds(compare->op.binary, v, end); v = times ? v * by : v / by)
		value[count++] = v;
	return count < VALUES && !(v > 0 && holds(compare->op.binary, v, end)) ? count : 0;
}

static bool follow_values(Follow *f, For *l, const int64_t *value, int n)
{
	Loop loop;
	bool goes_on = true;
	loop_begin(f, &loop);
	for (int i = 0; i < n && goes_on; i++) {
		l->start = linear_constant(value[i]);
		if (l->early)
			may_leave(f, &loop);
		goes_on = follow_body(f, l, &loop, linear_constant(0));
	}
	if (goes_on)
		may_leave(f, &loop);
	scope_join(f, &loop.leave, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* Elements of arrays in structures are read or written: each is a variable of its own, when the index is a number. */
static bool touches_elements(const For *l)
{
	for (const Ast *n = l->body; n; n = ast_next(n, l->body))
		if (n->kind == CXCursor_ArraySubscriptExpr && ast_bare(n->child)->kind == CXCursor_MemberRefExpr && ast_is_integer(n->type))
			return true;
	return false;
}

/* A template's argument may say that there is no round. */
static bool ends_at_once(const Ast *condition)
{
	int64_t known;
	const Ast *n = condition ? ast_bare(condition) : NULL;
	while (n && n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_LAnd) {
		if (ast_constant(ast_child(n, 0), &known) && !known)
			return true;
		n = ast_bare(ast_child(n, 1));
	}
	return n && ast_constant(n, &known) && !known;
}

bool follow_for(Follow *f, const Ast *n)
{
	For l;
	int64_t value[VALUES];
	if (ends_at_once(ast_child(n, 1)))
		return true;
	const int count = values_of(f, n, &l, value);
	if (count > 0)
		return follow_values(f, &l, value, count);
	if (!head_of(f, n, &l)) {
		follow_find(f, n, "a loop whose rounds are not known is not followed");
		return false;
	}
	if (most_rounds(f, &l) <= 0)
		return true;
	const int64_t rounds = l.rounds.constant;
	find_written(f, &l);
	if (is_exact(&l) && rounds <= FEW && touches_elements(&l))
		return follow_apart(f, &l, rounds);
	if (l.nwritten == 0)
		return follow_parts(f, &l);
	first_look(f, &l);
	if (is_exact(&l) && rounds <= FEW && is_uneven(&l))
		return follow_apart(f, &l, rounds);
	if (is_exact(&l) && l.may_peel && rounds > FEW && is_uneven_pointer(&l))
		return follow_apart(f, &l, rounds);
	guess(f, &l);
	return follow_all(f, &l);
}
