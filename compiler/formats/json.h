/* json.h -- JSON that was checked: cJSON's tree beside the places the scanner recorded.
 *
 * Both list the same values in the same order, so a Json is a pair of cursors that move in step. Whole numbers are
 * read from the text, where 1, 1.0 and 1e0 can be told apart and nothing is rounded.
 */
#ifndef COMPILER_FORMATS_JSON_H
#define COMPILER_FORMATS_JSON_H

#include "compiler/formats/json_scan.h"

#include <cjson/cJSON.h>

typedef struct JsonDoc {
	JsonText text;
	cJSON *root;
} JsonDoc;

typedef struct Json {
	const JsonDoc *doc;
	const cJSON *item; /* null: there is none */
	int at;            /* index in doc->text.value */
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
const char *json_kind_name(JsonKind k); /* "a number", "an object" */
bool json_integer(Json j, int64_t *value); /* json_whole() of it */

#endif
