/* dataset_coco.c -- COCO: one JSON file with images, annotations (box as x, y, width, height) and categories. */
#include "eval/dataset_forms.h"
#include "base/files.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

enum { COCO_LIMIT = 1 << 30 };

typedef struct Id { /* a number of the file's and our index */
	int64_t id;
	int index;
} Id;

typedef struct Ids {
	Id *item;
	int n;
} Ids;

typedef struct Coco {
	Gathered gathered;
	Ids photos, classes;
	const char **class;
	const char *folder;
	Arena *a;
	Diag *d;
} Coco;

static int compare_ids(const void *a, const void *b)
{
	const Id *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static void sort_ids(Ids *ids, Loc loc, const char *what, Diag *d)
{
	qsort(ids->item, (size_t)ids->n, sizeof *ids->item, compare_ids);
	for (int i = 1; i < ids->n; i++)
		if (ids->item[i].id == ids->item[i - 1].id)
			diag_error(d, DIAG_REJECT, loc, "two %s have the id %lld", what, (long long)ids->item[i].id);
}

static int find_id(const Ids *ids, int64_t id)
{
	const Id key = {id, 0};
	const Id *found = bsearch(&key, ids->item, (size_t)ids->n, sizeof key, compare_ids);
	return found ? found->index : -1;
}

static bool want(Coco *c, Json object, const char *name, JsonKind kind, Json *out)
{
	*out = json_member(object, name);
	if (out->item && json_kind(*out) == kind)
		return true;
	Loc loc = json_at(out->item ? *out : object);
	diag_error(c->d, DIAG_REJECT, loc, "%s must be %s", arena_printf(c->a, "%s/%s", json_path(object, c->a), name),
	           json_kind_name(kind));
	return false;
}

static bool want_integer(Coco *c, Json object, const char *name, int64_t *out)
{
	Json j;
	if (!want(c, object, name, JSON_DIGITS, &j))
		return false;
	if (json_integer(j, out))
		return true;
	diag_error(c->d, DIAG_REJECT, json_at(j), "%s must be a whole number", json_path(j, c->a));
	return false;
}

static void read_category(Coco *c, Json j)
{
	int64_t id;
	Json name;
	if (!want_integer(c, j, "id", &id) || !want(c, j, "name", JSON_STRING, &name))
		return;
	c->classes.item[c->classes.n] = (Id){id, c->classes.n};
	c->class[c->classes.n++] = json_as_text(name, c->a);
}

static void read_image(Coco *c, Json j)
{
	int64_t id, width = 0, height = 0;
	Json name;
	if (!want_integer(c, j, "id", &id) || !want(c, j, "file_name", JSON_STRING, &name))
		return;
	if (json_member(j, "width").item && json_member(j, "height").item &&
	    (!want_integer(c, j, "width", &width) || !want_integer(c, j, "height", &height)))
		return;
	const char *file = json_as_text(name, c->a);
	if (!file_is_beneath(file)) {
		diag_error(c->d, DIAG_REJECT, json_at(name), "%s is no path below the folder of the photographs", json_path(name, c->a));
		return;
	}
	const char *path = arena_printf(c->a, "%s/%s", c->folder, file);
	Photo p = {.path = path, .id = id, .width = (int)width, .height = (int)height};
	c->photos.item[c->photos.n++] = (Id){id, gather_photo(&c->gathered, p, c->a)};
}

static bool read_box(Coco *c, Json annotation, Rect *box)
{
	Json j;
	double *out[] = {&box->x, &box->y, &box->w, &box->h};
	int n = 0;
	if (!want(c, annotation, "bbox", JSON_ARRAY, &j))
		return false;
	for (Json k = json_child(j); k.item; k = json_next(k), n++)
		if (n < 4 && json_kind(k) == JSON_DIGITS)
			*out[n] = json_as_number(k);
		else
			n = 4;
	if (n == 4 && box->w >= 0 && box->h >= 0)
		return true;
	diag_error(c->d, DIAG_REJECT, json_at(j), "%s must be [x, y, width, height]", json_path(j, c->a));
	return false;
}

static void read_annotation(Coco *c, Json j)
{
	int64_t image, category;
	Object o = {0};
	if (!want_integer(c, j, "image_id", &image) || !want_integer(c, j, "category_id", &category) || !read_box(c, j, &o.box))
		return;
	int photo = find_id(&c->photos, image), class = find_id(&c->classes, category);
	if (photo < 0 || class < 0) {
		diag_error(c->d, DIAG_REJECT, json_at(j), "%s: no %s has the id %lld", json_path(j, c->a), photo < 0 ? "image" : "category",
		           (long long)(photo < 0 ? image : category));
		return;
	}
	Json area = json_member(j, "area"), crowd = json_member(j, "iscrowd");
	o.area = area.item && json_kind(area) == JSON_DIGITS ? json_as_number(area) : o.box.w * o.box.h;
	o.ignored = crowd.item && (json_is_true(crowd) || (json_kind(crowd) == JSON_DIGITS && json_as_number(crowd) != 0));
	o.class = class;
	gather_object(&c->gathered, (Found){photo, NULL, o}, c->a);
}

static void read_all(Coco *c, Json root, const char *name, void (*read)(Coco *, Json))
{
	Json j;
	if (want(c, root, name, JSON_ARRAY, &j))
		for (Json k = json_child(j); k.item; k = json_next(k))
			read(c, k);
}

static int photos_by_id(const void *a, const void *b)
{
	const Photo *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static Dataset *read_document(Coco *c, Json root)
{
	int before = diag_errors(c->d);
	c->classes.item = arena_new_array(c->a, Id, json_count(json_member(root, "categories")) + 1);
	c->class = arena_new_array(c->a, const char *, json_count(json_member(root, "categories")) + 1);
	c->photos.item = arena_new_array(c->a, Id, json_count(json_member(root, "images")) + 1);
	read_all(c, root, "categories", read_category);
	sort_ids(&c->classes, json_at(root), "categories", c->d);
	read_all(c, root, "images", read_image);
	sort_ids(&c->photos, json_at(root), "images", c->d);
	if (diag_errors(c->d) == before)
		read_all(c, root, "annotations", read_annotation);
	if (diag_errors(c->d) != before)
		return NULL;
	Dataset *s = dataset_finish(&c->gathered, c->class, c->classes.n, c->a);
	qsort(s->photo, (size_t)s->nphoto, sizeof *s->photo, photos_by_id);
	s->coco = true;
	return s;
}

Dataset *dataset_read_coco(const char *path, const DatasetOptions *o, Arena *a, Diag *d)
{
	JsonDoc doc = {.text = {.file = path, .keep_depth = JSON_DEPTH}};
	Coco c = {.folder = o->photos ? o->photos : file_beside(a, path, "."), .a = a, .d = d};
	Dataset *s = NULL;
	if (o->split)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--split: a COCO file is one split");
	else if ((doc.text.text = file_text(path, COCO_LIMIT, &doc.text.size, a, d)) && json_open(&doc, d))
		s = read_document(&c, json_root(&doc));
	json_close(&doc);
	return s;
}
