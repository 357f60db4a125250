/* names.c -- a hash table of names. */
#include "import/caffe/names.h"

#include <string.h>

static Named *name_slot(const Names *t, const char *name)
{
	size_t i = hash_bytes(1, name, strlen(name)) & (t->room - 1);
	while (t->slot[i].name && strcmp(t->slot[i].name, name))
		i = (i + 1) & (t->room - 1);
	return &t->slot[i];
}

Named *name_find(const Names *t, const char *name)
{
	Named *s = t->room ? name_slot(t, name) : NULL;
	return s && s->name ? s : NULL;
}

Named *name_add(Names *t, Arena *a, const char *name)
{
	if (2 * t->n >= t->room) {
		Names bigger = {.room = t->room ? 4 * t->room : 256, .n = t->n};
		bigger.slot = arena_new_array(a, Named, bigger.room);
		for (size_t i = 0; i < t->room; i++)
			if (t->slot[i].name)
				*name_slot(&bigger, t->slot[i].name) = t->slot[i];
		*t = bigger;
	}
	Named *s = name_slot(t, name);
	t->n += !s->name;
	s->name = name;
	return s;
}
