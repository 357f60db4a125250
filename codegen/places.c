/* places.c -- buffers that the arguments of calls point to, for the manifest. */
#include "codegen/emission.h"

/* The word of the manifest for a buffer that a step's argument is; null: the manifest has it from another step, or it is the caller's. */
static const char *use_of(const Step *s, const Argument *x)
{
	const bool input = s->kind == STEP_PREPROCESS || s->kind == STEP_COPY_IN;
	if (s->kind == STEP_HALO || s->kind == STEP_COPY_OUT || x->role == ROLE_OPERAND)
		return NULL;
	if (x->object == OBJECT_WEIGHTS)
		return "weights";
	if (x->object == OBJECT_CALLS)
		return x->bytes ? "calls" : NULL;
	if (x->object != OBJECT_ARENA || (x->role == ROLE_SCRATCH && !x->bytes))
		return NULL;
	return x->role == ROLE_RESULT ? (input ? "input" : "result") : input ? "lines" : "scratch";
}

static const char *layer_of(const Step *s, const Argument *x)
{
	const char *name = s->node ? s->node->name : x->value ? x->value->name : NULL;
	return name ? name : "";
}

/* For each step its results, then scratch, then weights. */
Places places_of(const Emission *e)
{
	static const Role order[] = {ROLE_RESULT, ROLE_SCRATCH, ROLE_WEIGHTS};
	const Program *p = &e->program;
	Places all = {NULL, 0};
	int most = 0;
	for (int i = 0; i < p->nstep; i++)
		most += p->step[i].nargument;
	all.place = arena_new_array(e->arena, BufferPlace, most + 1);
	for (int i = 0; i < p->nstep; i++)
		for (int r = 0; r < 3; r++)
			for (int k = 0; k < p->step[i].nargument; k++) {
				const Argument *x = &p->step[i].argument[k];
				const char *use = x->role == order[r] ? use_of(&p->step[i], x) : NULL;
				const char *object = x->object == OBJECT_WEIGHTS ? "weights" : "arena";
				if (use)
					all.place[all.n++] = (BufferPlace){layer_of(&p->step[i], x), object, use, x->offset, x->bytes};
			}
	return all;
}
