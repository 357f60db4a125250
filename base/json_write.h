/* json_write.h -- JSON onto a stream, as cJSON would print it, without a tree: nothing is allocated, so nothing can be
 * missing from the text but what the stream itself refuses.
 *
 * In an object each value has a key; elements of a list and the outermost value have null. Strings are UTF-8 (see
 * utf8_valid). A number that is no number is null.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stdio.h>

typedef struct JsonWriter {
	FILE *out;
	bool compact; /* on one line, without blanks */
	int depth;    /* of open objects and lists */
	bool begun;   /* the innermost one has a value already */
} JsonWriter;

void json_object(JsonWriter *w, const char *key);
void json_object_end(JsonWriter *w);
void json_list(JsonWriter *w, const char *key);
void json_list_end(JsonWriter *w);
void json_text(JsonWriter *w, const char *key, const char *value);
void json_number(JsonWriter *w, const char *key, double value);
void json_bool(JsonWriter *w, const char *key, bool value);
void json_null(JsonWriter *w, const char *key);

void json_quoted(FILE *out, const char *s); /* one string with its quotes */

#endif
