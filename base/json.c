/* json.c -- a tree over the scanner's list: a container's first element follows it, and each value knows the one after it. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

bool json_open(JsonDoc *doc, Diag *d)
{
	doc->text.keep_depth = JSON_DEPTH;
	return json_scan(&doc->text, d);
}

void json_close(JsonDoc *doc)
{
	json_scan_free(&doc->text);
}

/* Value `at`, when there is one whose container is `parent`. */
static Json value_in(const JsonDoc *doc, int at, int parent)
{
	const bool there = at >= 0 && (size_t)at < doc->text.nvalue && doc->text.value[at].parent == parent;
	return (Json){doc, there ? &doc->text.value[at] : NULL, at};
}

Json json_root(const JsonDoc *doc)
{
	return value_in(doc, 0, -1);
}

Json json_child(Json j)
{
	return j.item ? value_in(j.doc, j.at + 1, j.at) : (Json){.doc = j.doc};
}

Json json_next(Json j)
{
	return value_in(j.doc, j.item->next, j.item->parent);
}

Json json_member(Json j, const char *name)
{
	for (Json m = json_child(j); m.item; m = json_next(m))
		if (json_named(m, name))
			return m;
	return (Json){.doc = j.doc};
}

int json_count(Json j)
{
	int n = 0;
	for (Json m = json_child(j); m.item; m = json_next(m))
		n++;
	return n;
}

JsonKind json_kind(Json j)
{
	return j.doc->text.value[j.at].kind;
}

Loc json_at(Json j)
{
	return json_loc(&j.doc->text, j.doc->text.value[j.at].begin);
}

Loc json_name_at(Json j)
{
	const JsonValue *v = &j.doc->text.value[j.at];
	return json_loc(&j.doc->text, v->name ? v->name : v->begin);
}

const char *json_path(Json j, Arena *a)
{
	return json_pointer(&j.doc->text, (size_t)j.at, a);
}

const char *json_kind_name(JsonKind k)
{
	static const char *const name[] = {"null", "a boolean", "a number", "a string", "a list", "an object"};
	return name[k];
}

bool json_integer(Json j, int64_t *value)
{
	return json_whole(&j.doc->text, (size_t)j.at, value);
}

const char *json_as_text(Json j, Arena *a)
{
	return json_string(&j.doc->text, j.item->begin, a);
}

double json_as_number(Json j)
{
	char digits[JSON_NUMBER + 1] = "";
	memcpy(digits, j.doc->text.text + j.item->begin, j.item->end - j.item->begin); /* the scanner holds the length */
	return strtod(digits, NULL);
}

bool json_is_true(Json j)
{
	return j.item->kind == JSON_BOOL && j.doc->text.text[j.item->begin] == 't';
}

bool json_is(Json j, const char *s)
{
	return j.item->kind == JSON_STRING && json_equal(&j.doc->text, j.item->begin, s);
}

bool json_named(Json j, const char *name)
{
	return j.item->name && json_equal(&j.doc->text, j.item->name, name);
}
