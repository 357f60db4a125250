/* parse_facts.c -- what late passes found out, after the semicolon of a line: kernel, plan, places. */
#include "ir/parse.h"
#include "ir/target.h"

#include <string.h>

static bool parse_range(Parser *p, int64_t *offset, int64_t *size)
{
	if (!lex_int(&p->x, 0, LARGEST_OFFSET, offset, "an offset") || !lex_want(&p->x, '+'))
		return false;
	return lex_int(&p->x, 1, LARGEST_OFFSET, size, "a size");
}

static bool parse_kernel(Parser *p, Node *n)
{
	char word[WORD_TEXT];
	Loc loc = lex_loc(&p->x);
	if (!lex_word(&p->x, word, "a kernel's name"))
		return false;
	n->kernel = p->kernel_by_name ? p->kernel_by_name(word) : NULL;
	if (!n->kernel)
		diag_error(p->x.d, DIAG_UNSUPPORTED, loc, "unknown kernel '%s'", word);
	return n->kernel != NULL;
}

static bool parse_queue(Parser *p, Node *n)
{
	int64_t queue;
	if (!lex_int(&p->x, 0, MAX_QUEUES - 1, &queue, "a queue"))
		return false;
	n->queue = (int)queue;
	return true;
}

/* base=%9@1:0; resolved when all values are known: a base comes after the values inside it */
static bool parse_base(Parser *p, Value *v)
{
	Pending b = {.value = v, .loc = lex_loc(&p->x), .axis = -1};
	int64_t axis;
	if (!parse_id(p, &b.base))
		return false;
	if (lex_try(&p->x, '@')) {
		if (!lex_int(&p->x, -1, MAX_RANK - 1, &axis, "an axis") || !lex_want(&p->x, ':') ||
		    !lex_int(&p->x, 0, INT32_MAX, &b.at, "an index"))
			return false;
		b.axis = (int)axis;
	}
	if (p->npending == p->pending_capacity) {
		int old = p->pending_capacity;
		p->pending_capacity = old ? 2 * old : 16;
		p->pending = arena_grow(p->scratch, p->pending, sizeof b * (size_t)old, sizeof b * (size_t)p->pending_capacity);
	}
	p->pending[p->npending++] = b;
	return true;
}

/* One fact. n is null for inputs and constants. Each may come once: bit i of seen. */
static bool parse_fact(Parser *p, Node *n, Value *const *v, int nv, unsigned *seen)
{
	static const char *const name[] = {"at", "base", "at1", "base1", "kernel", "weights", "scratch", "queue", "plan"};
	enum { COUNT = sizeof name / sizeof *name };
	char word[WORD_TEXT];
	Loc loc = lex_loc(&p->x);
	if (!lex_word(&p->x, word, "a fact"))
		return false;
	int i = 0;
	while (i < COUNT && strcmp(name[i], word))
		i++;
	if (i == COUNT || (i >= 4 && !n) || (i < 4 && i / 2 >= nv) || (*seen >> i & 1)) {
		diag_error(p->x.d, DIAG_REJECT, loc, "%s '%s'", i < COUNT && (*seen >> i & 1) ? "repeated fact" : "unknown fact", word);
		return false;
	}
	*seen |= 1u << i;
	if (!lex_want(&p->x, '='))
		return false;
	if (i == 4)
		return parse_kernel(p, n);
	if (i == 5)
		return parse_range(p, &n->weights_offset, &n->weights_size);
	if (i == 6)
		return parse_range(p, &n->scratch_offset, &n->scratch_size);
	if (i == 7)
		return parse_queue(p, n);
	if (i == 8)
		return n->kernel ? lex_plan(&p->x, n->kernel, n->plan) : lex_fail(&p->x, "kernel= before plan=");
	if (i % 2)
		return parse_base(p, v[i / 2]);
	return lex_int(&p->x, 0, LARGEST_OFFSET, &v[i / 2]->offset, "an offset");
}

bool parse_facts(Parser *p, Node *n, Value *const *v, int nv)
{
	unsigned seen = 0;
	if (!lex_try(&p->x, ';'))
		return lex_want_end(&p->x);
	do
		if (!parse_fact(p, n, v, nv, &seen))
			return false;
	while (!lex_at_end(&p->x));
	return true;
}

/* Elements from the first to the last. Where all channels are one block, those that fill it up belong to a neighbour. */
static int64_t span(const Type *t)
{
	const bool one_block = t->rank == 4 && t->layout.block > t->dim[1];
	return type_storage(t) - (one_block ? t->layout.block - t->dim[1] : 0);
}

/* A chain of bases this long is no plan of ours; a circle is longer. */
static bool check_base(Parser *p, const Pending *b)
{
	enum { LONGEST = 64 };
	int length = 0;
	for (const Value *v = b->value; v->base; v = v->base)
		if (++length > LONGEST) {
			diag_error(p->x.d, DIAG_REJECT, b->loc, "the bases go in a circle, or more than %d deep", LONGEST);
			return false;
		}
	const Type *t = &b->value->type, *root = &value_root(b->value)->type;
	bool fits = b->axis < b->value->base->type.rank;
	if (fits && b->axis >= 0)
		fits = b->axis < t->rank && b->at + t->dim[b->axis] <= b->value->base->type.dim[b->axis];
	if (!fits || value_root_offset(b->value) + span(t) > type_storage(root)) {
		diag_error(p->x.d, DIAG_REJECT, b->loc, "value %%%d does not lie inside %%%d", b->value->id, b->base);
		return false;
	}
	return true;
}

void parse_resolve_bases(Parser *p)
{
	for (int i = 0; i < p->npending; i++) {
		Pending *b = &p->pending[i];
		Value *base = parse_entry(p, b->base)->value;
		if (!value_is_result(base) || !value_is_result(b->value) || b->value->noutput || base == b->value) {
			diag_error(p->x.d, DIAG_REJECT, b->loc,
			           "value %%%d cannot lie inside %%%d: both must be results, the first not returned", b->value->id,
			           b->base);
			b->value = NULL;
			continue;
		}
		b->value->base = base;
		b->value->base_axis = b->axis;
		b->value->base_at = b->at;
	}
	for (int i = 0; i < p->npending; i++)
		if (p->pending[i].value && !check_base(p, &p->pending[i]))
			return;
}
