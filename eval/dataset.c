/* dataset.c -- which form a data set has. */
#include "eval/dataset_forms.h"
#include "base/files.h"

Dataset *dataset_read(const char *path, const DatasetOptions *o, Arena *a, Diag *d)
{
	const Loc loc = {.file = path, .offset = -1};
	Dataset *s;
	if (file_is_folder(path))
		s = dataset_read_voc(path, o, a, d);
	else if (file_has_ending(path, ".json"))
		s = dataset_read_coco(path, o, a, d);
	else
		s = dataset_read_table(path, o, a, d);
	if (s && !s->nphoto) {
		diag_error(d, DIAG_REJECT, loc, "no photograph in it%s%s%s", o->split ? " that belongs to split '" : "",
		           o->split ? diag_quote(a, o->split) : "", o->split ? "'" : "");
		return NULL;
	}
	return s;
}

double rect_overlap(const Rect *a, const Rect *b, bool of_a)
{
	double left = a->x > b->x ? a->x : b->x, top = a->y > b->y ? a->y : b->y;
	double right = a->x + a->w < b->x + b->w ? a->x + a->w : b->x + b->w;
	double bottom = a->y + a->h < b->y + b->h ? a->y + a->h : b->y + b->h;
	if (right <= left || bottom <= top)
		return 0;
	double shared = (right - left) * (bottom - top), area = a->w * a->h;
	return shared / (of_a ? area : area + b->w * b->h - shared);
}
