/* json.c -- cJSON after the scanner. */
#include "compiler/formats/json.h"
#include "ir/cleanup.h"

#include <string.h>

bool json_open(JsonDoc *doc, Diag *d)
{
	doc->root = NULL;
	doc->text.keep_depth = JSON_DEPTH;
	if (!json_scan(&doc->text, d))
		return false;
	doc->root = cJSON_ParseWithLength(doc->text.text, doc->text.size);
	if (!doc->root) /* the text is good: only memory can be missing */
		stop_out_of_memory();
	return true;
}

void json_close(JsonDoc *doc)
{
	cJSON_Delete(doc->root);
	doc->root = NULL;
	json_scan_free(&doc->text);
}

Json json_root(const JsonDoc *doc)
{
	return (Json){doc, doc->root, 0};
}

Json json_child(Json j)
{
	return (Json){j.doc, j.item ? j.item->child : NULL, j.at + 1};
}

Json json_next(Json j)
{
	return (Json){j.doc, j.item->next, j.doc->text.value[j.at].next};
}

Json json_member(Json j, const char *name)
{
	for (Json m = json_child(j); m.item; m = json_next(m))
		if (m.item->string && !strcmp(m.item->string, name))
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
