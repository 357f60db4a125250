/* json.h -- the values of a JSON text that the scanner has checked, as a tree: a Json is one of them, or none.
 *
 * Nothing is copied before it is asked for. Whole numbers are read from the text, where 1, 1.0 and 1e0 can be told apart and
 * nothing is rounded.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/json_scan.h"

typedef struct JsonDoc {
	JsonText text;
} JsonDoc;

typedef struct Json {
	const JsonDoc *doc;
	const JsonValue *item; /* null: there is none */
	int at;                /* index in doc->text.value */
} Json;

/* text, size, file, binary and base of doc->text are set; the rest zero, or left from an earlier call. False after
 * errors were reported. */
bool json_open(JsonDoc *doc, Diag *d);
void json_close(JsonDoc *doc);

Json json_root(const JsonDoc *doc);
Json json_child(Json j); /* first element or member */
Json json_next(Json j);
Json json_member(Json j, const char *name);
int json_count(Json j); /* elements or members */
JsonKind json_kind(Json j);
Loc json_at(Json j);      /* where the value is */
Loc json_name_at(Json j); /* where its name is, or the value */
const char *json_path(Json j, Arena *a);
const char *json_kind_name(JsonKind k);     /* "a number", "an object" */
bool json_integer(Json j, int64_t *value);  /* json_whole() of it */
const char *json_as_text(Json j, Arena *a); /* of a string, without escapes */
double json_as_number(Json j);              /* of JSON_DIGITS: the nearest double */
bool json_is_true(Json j);
bool json_is(Json j, const char *s);       /* it is this string */
bool json_named(Json j, const char *name); /* it is the member of this name */

#endif
