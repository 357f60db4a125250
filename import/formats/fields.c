/* fields.c -- one function a form. */
#include "import/formats/fields.h"
#include "base/files.h"
#include "ir/text.h"

#include <string.h>

#define FAULT(r, j, ...) diag_error((r)->d, DIAG_REJECT, json_at(j), "%s: %s", json_path((j), (r)->a), arena_printf((r)->a, __VA_ARGS__))

/* ---- values ---- */

static bool need(FieldReader *r, Json j, JsonKind kind)
{
	if (json_kind(j) == kind)
		return true;
	FAULT(r, j, "%s is needed, not %s", json_kind_name(kind), json_kind_name(json_kind(j)));
	return false;
}

static bool read_int(FieldReader *r, Json j, const FieldRow *f, int *out)
{
	int64_t v;
	if (!need(r, j, JSON_DIGITS))
		return false;
	if (!json_integer(j, &v) || v < (int64_t)f->low || v > (int64_t)f->high) {
		FAULT(r, j, "a whole number from %.0f to %.0f is needed", f->low, f->high);
		return false;
	}
	*out = (int)v;
	return true;
}

static bool read_real(FieldReader *r, Json j, const FieldRow *f, double *out)
{
	if (!need(r, j, JSON_DIGITS))
		return false;
	double v = json_as_number(j);
	if (v < f->low || v > f->high || (f->above && v == f->low)) {
		FAULT(r, j, "a number %s %g %s %g is needed", f->above ? "above" : "from", f->low, f->above ? "and at most" : "to",
		      f->high);
		return false;
	}
	*out = v;
	return true;
}

static void read_choice(FieldReader *r, Json j, const FieldRow *f, int *out)
{
	if (!need(r, j, JSON_STRING))
		return;
	const char *all = "";
	for (int i = 0; f->choice[i]; i++) {
		if (json_is(j, f->choice[i])) {
			*out = i;
			return;
		}
		all = arena_printf(r->a, "%s%s'%s'", all, !i ? "" : f->choice[i + 1] ? ", " : " or ", f->choice[i]);
	}
	FAULT(r, j, "%s is needed, not '%s'", all, diag_quote(r->a, json_as_text(j, r->a)));
}

static void read_text(FieldReader *r, Json j, const FieldRow *f, const char **out)
{
	if (!need(r, j, JSON_STRING))
		return;
	const char *text = json_as_text(j, r->a);
	size_t n = strlen(text);
	if (n > (size_t)f->high)
		diag_error(r->d, DIAG_LIMIT, json_at(j), "%s: %zu bytes; the limit is %.0f", json_path(j, r->a), n, f->high);
	else if (f->form == FORM_PATH && !file_is_beneath(text))
		FAULT(r, j, "a file beside the card or in a folder beneath it is needed, not '%s'", diag_quote(r->a, text));
	else
		*out = text;
}

/* Elements of INTS and REALS. */
static void read_list(FieldReader *r, Json j, const FieldRow *f, void *out)
{
	Ints *ints = out;
	Doubles *reals = out;
	int most = f->form == FORM_INTS ? MAX_INTS : MAX_REALS, n = 0;
	if (f->alone && json_kind(j) == JSON_DIGITS) {
		reals->n = 1;
		reals->loc = json_at(j);
		read_real(r, j, f, &reals->v[0]);
		return;
	}
	if (f->alone && json_kind(j) != JSON_ARRAY) {
		FAULT(r, j, "%s or %s is needed, not %s", json_kind_name(JSON_DIGITS), json_kind_name(JSON_ARRAY),
		      json_kind_name(json_kind(j)));
		return;
	}
	if (!need(r, j, JSON_ARRAY))
		return;
	if (json_count(j) > most) {
		FAULT(r, j, "%d entries; at most %d are possible", json_count(j), most);
		return;
	}
	for (Json e = json_child(j); e.item; e = json_next(e), n++) {
		if (f->form == FORM_INTS)
			read_int(r, e, f, &ints->v[n]);
		else
			read_real(r, e, f, &reals->v[n]);
	}
	if (f->form == FORM_INTS) {
		ints->n = n;
		ints->loc = json_at(j);
	} else {
		reals->n = n;
		reals->loc = json_at(j);
	}
}

static void read_texts(FieldReader *r, Json j, const FieldRow *f, Texts *out)
{
	int n = 0;
	if (!need(r, j, JSON_ARRAY))
		return;
	if (json_count(j) > MAX_TEXTS) {
		FAULT(r, j, "%d entries; at most %d are possible", json_count(j), MAX_TEXTS);
		return;
	}
	for (Json e = json_child(j); e.item; e = json_next(e))
		read_text(r, e, f, &out->v[n++]);
	out->n = n;
	out->loc = json_at(j);
}

/* ---- objects ---- */

static void read_objects(FieldReader *r, Json j, const FieldRow *f, char *base)
{
	int n = json_count(j), i = 0;
	if (!need(r, j, JSON_ARRAY))
		return;
	if (n < (int)f->low || n > (int)f->high) {
		FAULT(r, j, "%d entries; %.0f to %.0f are possible", n, f->low, f->high);
		return;
	}
	for (Json e = json_child(j); e.item; e = json_next(e), i++) {
		char *element = base + f->offset + f->part_size * (size_t)i;
		*(Loc *)(void *)(element + f->loc_offset) = json_at(e);
		fields_read(r, e, f->part, element);
	}
	*(int *)(void *)(base + f->count_offset) = n;
}

static void read_field(FieldReader *r, Json j, const FieldRow *f, char *base)
{
	void *to = base + f->offset;
	if (f->loc_offset && f->form != FORM_OBJECTS)
		*(Loc *)(void *)(base + f->loc_offset) = json_at(j);
	switch (f->form) {
	case FORM_INT:
		read_int(r, j, f, to);
		break;
	case FORM_REAL:
		read_real(r, j, f, to);
		break;
	case FORM_BOOL:
		if (need(r, j, JSON_BOOL))
			*(bool *)to = json_is_true(j);
		break;
	case FORM_CHOICE:
		read_choice(r, j, f, to);
		break;
	case FORM_TEXT:
	case FORM_PATH:
		read_text(r, j, f, to);
		break;
	case FORM_OBJECT:
		fields_read(r, j, f->part, base);
		break;
	case FORM_OBJECTS:
		read_objects(r, j, f, base);
		break;
	case FORM_INTS:
	case FORM_REALS:
		read_list(r, j, f, to);
		break;
	case FORM_TEXTS:
		read_texts(r, j, f, to);
		break;
	}
}

static const char *field_name_at(const void *table, int i)
{
	return ((const FieldRow *)table)[i].name;
}

static void refuse_field(FieldReader *r, Json m, const FieldRow *table)
{
	const char *path = json_path(m, r->a), *name = strrchr(path, '/');
	diag_error(r->d, DIAG_REJECT, json_name_at(m), "%s: unknown field%s", path,
	           name_hint(r->a, name ? name + 1 : path, field_name_at, table));
}

void fields_read(FieldReader *r, Json j, const FieldRow *table, void *to)
{
	if (!need(r, j, JSON_OBJECT))
		return;
	for (Json m = json_child(j); m.item; m = json_next(m)) {
		const FieldRow *f = table;
		while (f->name && !json_named(m, f->name))
			f++;
		if (f->name)
			read_field(r, m, f, to);
		else
			refuse_field(r, m, table);
	}
	for (const FieldRow *f = table; f->name; f++)
		if (f->required && !json_member(j, f->name).item)
			FAULT(r, j, "field '%s' is missing", f->name);
}
