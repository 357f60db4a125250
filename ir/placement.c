/* placement.c -- values that live inside other values. */
#include "ir/ir.h"

const Value *value_root(const Value *v)
{
	while (v->base)
		v = v->base;
	return v;
}

/* Elements between neighbours on an axis of the base. Along channels of a blocked value only whole blocks count, unless
 * all channels are one block. */
static int64_t base_step(const Type *t, int axis)
{
	int64_t at[MAX_RANK] = {0};
	if (t->rank == 4 && axis == 1 && t->layout.block > 1 && t->layout.block >= t->dim[1])
		return 1;
	if (t->rank == 4 && axis == 1 && t->layout.block > 1) {
		int64_t next[MAX_RANK] = {0, t->layout.block, 0, 0};
		return (type_index(t, next) - type_index(t, at)) / t->layout.block;
	}
	int64_t next[MAX_RANK] = {0};
	next[axis] = 1;
	return type_index(t, next) - type_index(t, at);
}

int64_t value_root_offset(const Value *v)
{
	int64_t offset = 0;
	for (; v->base; v = v->base)
		if (v->base_axis >= 0)
			offset += v->base_at * base_step(&v->base->type, v->base_axis);
	return offset;
}
