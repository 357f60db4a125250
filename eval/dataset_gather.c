/* dataset_gather.c -- photographs and objects in whatever order a form has them, then a data set. */
#include "eval/dataset_forms.h"

#include <stdlib.h>
#include <string.h>

int gather_photo(Gathered *g, Photo p, Arena *a)
{
	if (g->nphoto == g->photo_capacity) {
		int capacity = g->photo_capacity ? 2 * g->photo_capacity : 256;
		g->photo = arena_grow(a, g->photo, sizeof p * (size_t)g->nphoto, sizeof p * (size_t)capacity);
		g->photo_capacity = capacity;
	}
	g->photo[g->nphoto] = p;
	return g->nphoto++;
}

void gather_object(Gathered *g, Found f, Arena *a)
{
	if (g->n == g->capacity) {
		int capacity = g->capacity ? 2 * g->capacity : 1024;
		g->item = arena_grow(a, g->item, sizeof f * (size_t)g->n, sizeof f * (size_t)capacity);
		g->capacity = capacity;
	}
	g->item[g->n++] = f;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **class_names(const Gathered *g, int *n, Arena *a)
{
	const char **name = arena_new_array(a, const char *, g->n + 1);
	for (int i = 0; i < g->n; i++)
		name[i] = g->item[i].class;
	qsort(name, (size_t)g->n, sizeof *name, compare_names);
	*n = 0;
	for (int i = 0; i < g->n; i++)
		if (!*n || strcmp(name[*n - 1], name[i]))
			name[(*n)++] = name[i];
	return name;
}

static int class_index(const Dataset *s, const char *name)
{
	for (int i = 0; i < s->nclass; i++)
		if (!strcmp(s->class[i], name))
			return i;
	bug("class '%s' was not gathered", name);
}

Dataset *dataset_finish(Gathered *g, const char **classes, int nclass, Arena *a)
{
	Dataset *s = arena_new_one(a, Dataset);
	*s = (Dataset){.photo = g->photo, .nphoto = g->nphoto, .class = classes, .nclass = nclass};
	if (!classes)
		s->class = class_names(g, &s->nclass, a);
	for (int i = 0; i < g->n; i++)
		g->photo[g->item[i].photo].nobject++;
	for (int i = 0; i < g->nphoto; i++) {
		g->photo[i].object = arena_new_array(a, Object, g->photo[i].nobject + 1);
		g->photo[i].nobject = 0;
	}
	for (int i = 0; i < g->n; i++) {
		Found *f = &g->item[i];
		Photo *p = &g->photo[f->photo];
		if (f->class)
			f->object.class = class_index(s, f->class);
		p->object[p->nobject++] = f->object;
	}
	return s;
}
