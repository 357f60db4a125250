/* json_scan.h -- strict check of JSON bytes; json.h reads what it lists.
 *
 * Common parsers take duplicate keys, `01`, raw control bytes and text after the end, and keep no positions. This scanner
 * accepts exactly RFC 8259 in UTF-8, less what no reader of ours could hold: nesting over 64, numbers that are not
 * finite doubles or longer than 60 bytes, U+0000, and two members of the same name (compared after escapes).
 * The scanner keeps an explicit stack, so deep input costs nothing, and its time is linear but for sorting the names of an
 * object. The scanner records the byte offsets of each value, so that a message can name line, column and JSON pointer.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "ir/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH = 64, JSON_NUMBER = 60 /* bytes of a number */ };

typedef enum JsonKind { JSON_NULL, JSON_BOOL, JSON_DIGITS, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct JsonValue {
	uint32_t begin, end; /* bytes of the text */
	uint32_t name;       /* opening quote of its name; 0: an element, or the outermost value */
	int32_t parent;      /* index of its container; -1: outermost */
	int32_t next;        /* index of the first value after it and all it contains */
	uint8_t kind, depth;
} JsonValue;

typedef struct JsonKey { /* a name, for sorting: a hash of its bytes, and where it is */
	uint64_t hash;
	uint32_t at;
	uint32_t of; /* whatever the owner wants to find again */
} JsonKey;

typedef struct JsonText {
	const char *file; /* for messages */
	const char *text;
	size_t size;      /* < 2^31 */
	bool binary;      /* messages give offsets, not lines */
	int64_t base;     /* offset of the text in the file */
	int keep_depth;   /* values nested deeper are checked but not recorded; the outermost has depth 0 */
	JsonValue *value; /* in order of the text; value[0] is the outermost */
	size_t nvalue;
	size_t value_capacity, key_capacity, spare_capacity;
	JsonKey *key, *spare; /* the names of the objects that are open; room for sorting */
} JsonText;

/* False after an error was reported. May be called again with other text; the buffers are used again. */
bool json_scan(JsonText *t, Diag *d);
void json_scan_free(JsonText *t);

Loc json_loc(const JsonText *t, size_t at);
/* "/priors/3/min"; control bytes escaped by diag_quote; the outermost value is "/" */
const char *json_pointer(const JsonText *t, size_t value, Arena *a);
/* The string whose opening quote is at `at`, without escapes. */
char *json_string(const JsonText *t, size_t at, Arena *a);
bool json_equal(const JsonText *t, size_t at, const char *s);
/* A whole number written as one: no fraction, no exponent, not -0, in the range of int64_t. */
bool json_whole(const JsonText *t, size_t value, int64_t *number);

/* Names are sorted by hash, then by their bytes: whatever hashes collide, the time is that of sorting. */
JsonKey json_key_make(const JsonText *t, size_t at);
void json_sort(const JsonText *t, JsonKey *key, JsonKey *spare, size_t n);                      /* spare: room for n more */
const JsonKey *json_find(const JsonText *t, const JsonKey *sorted, size_t n, const char *name); /* or null */

#endif
