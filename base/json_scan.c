/* json_scan.c -- a state for each place where something may be, and a stack of open containers. */
#include "base/json_scan.h"
#include "ir/cleanup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum State { WANT_VALUE, WANT_ELEMENT_OR_END, WANT_NAME_OR_END, WANT_NAME, WANT_COLON, AFTER_VALUE } State;

typedef struct Open { /* a container that is not closed yet */
	bool object;
	int32_t value;    /* its index, or -1 when not recorded */
	size_t first_key; /* of its names */
} Open;

typedef struct Scan {
	JsonText *t;
	Diag *d;
	size_t at;
	State state;
	uint32_t name; /* of the member whose value comes next */
	int depth;     /* open containers */
	size_t nkey;
	bool duplicate;
	Open open[JSON_DEPTH];
} Scan;

#define FAIL(s, at_, ...) (diag_error((s)->d, DIAG_REJECT, json_loc((s)->t, (at_)), __VA_ARGS__), false)

/* realloc, not an arena: the arrays grow to many megabytes and an arena would keep every former size. */
static void *reserve(void *p, size_t *capacity, size_t need, size_t element)
{
	if (need <= *capacity)
		return p;
	*capacity = need < 64 ? 64 : need + need / 2;
	p = realloc(p, *capacity * element);
	if (!p)
		stop_out_of_memory();
	return p;
}

void json_scan_free(JsonText *t)
{
	free(t->value);
	free(t->key);
	free(t->spare);
	t->value = NULL;
	t->key = t->spare = NULL;
	t->nvalue = t->value_capacity = t->key_capacity = t->spare_capacity = 0;
}

/* ---- strings ---- */

static int hex_digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at s, or -1. */
static int hex4(const char *s, size_t left)
{
	int v = 0;
	for (size_t i = 0; i < 4; i++) {
		int h = i < left ? hex_digit(s[i]) : -1;
		if (h < 0)
			return -1;
		v = v * 16 + h;
	}
	return v;
}

/* Length of the UTF-8 sequence at s; 0 when it is none: overlong, surrogate, over U+10FFFF, cut. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n > 1 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	              (s[0] == 0xf4 && s[1] > 0x8f)))
		return 0;
	return n;
}

/* Reads decoded bytes of a checked string one after another. */
typedef struct Cursor {
	const char *p;
	unsigned char pending[4];
	int npending, next;
} Cursor;

static Cursor cursor_make(const JsonText *t, size_t quote)
{
	return (Cursor){.p = t->text + quote + 1};
}

static void cursor_escape(Cursor *c)
{
	static const char letter[] = "\"\\/bfnrt", value[] = "\"\\/\b\f\n\r\t";
	int e = c->p[1];
	c->p += 2;
	c->next = 0;
	if (e != 'u') {
		c->pending[0] = (unsigned char)value[strchr(letter, e) - letter];
		c->npending = 1;
		return;
	}
	unsigned u = (unsigned)hex4(c->p, 4);
	c->p += 4;
	if (u >= 0xd800 && u < 0xdc00) {
		u = 0x10000 + ((u - 0xd800) << 10) + ((unsigned)hex4(c->p + 2, 4) - 0xdc00);
		c->p += 6;
	}
	int n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (int i = n - 1; i > 0; i--, u >>= 6)
		c->pending[i] = (unsigned char)(0x80 | (u & 0x3f));
	c->pending[0] = (unsigned char)(lead[n] | u);
	c->npending = n;
}

/* The next byte, or -1 at the closing quote. */
static int cursor_next(Cursor *c)
{
	if (c->next < c->npending)
		return c->pending[c->next++];
	if (*c->p == '"')
		return -1;
	if (*c->p != '\\')
		return (unsigned char)*c->p++;
	cursor_escape(c);
	return c->pending[c->next++];
}

char *json_string(const JsonText *t, size_t at, Arena *a)
{
	size_t n = 0;
	for (Cursor c = cursor_make(t, at); cursor_next(&c) >= 0;)
		n++;
	char *s = arena_alloc(a, n + 1), *p = s;
	Cursor c = cursor_make(t, at);
	for (int b; (b = cursor_next(&c)) >= 0;)
		*p++ = (char)b;
	return s;
}

/* Order of a string in the text and a C string, by bytes. */
static int compare(const JsonText *t, size_t at, const char *s)
{
	Cursor c = cursor_make(t, at);
	for (;; s++) {
		int b = cursor_next(&c), want = *s ? (unsigned char)*s : -1;
		if (b != want || b < 0)
			return b - want;
	}
}

bool json_equal(const JsonText *t, size_t at, const char *s)
{
	return compare(t, at, s) == 0;
}

static uint64_t hash_byte(uint64_t h, int b)
{
	return (h ^ (uint64_t)b) * 0x9e3779b97f4a7c15u;
}

JsonKey json_key_make(const JsonText *t, size_t at)
{
	JsonKey k = {.at = (uint32_t)at};
	Cursor c = cursor_make(t, at);
	for (int b; (b = cursor_next(&c)) >= 0;)
		k.hash = hash_byte(k.hash, b + 1);
	return k;
}

const JsonKey *json_find(const JsonText *t, const JsonKey *sorted, size_t n, const char *name)
{
	uint64_t hash = 0;
	for (const char *p = name; *p; p++)
		hash = hash_byte(hash, (unsigned char)*p + 1);
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const JsonKey *k = &sorted[mid];
		int order = k->hash != hash ? (k->hash < hash ? -1 : 1) : compare(t, k->at, name);
		if (order == 0)
			return k;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int key_compare(const JsonText *t, JsonKey a, JsonKey b)
{
	if (a.hash != b.hash)
		return a.hash < b.hash ? -1 : 1;
	Cursor x = cursor_make(t, a.at), y = cursor_make(t, b.at);
	for (;;) {
		int p = cursor_next(&x), q = cursor_next(&y);
		if (p != q || p < 0)
			return p - q;
	}
}

/* Merge sort from the bottom: no recursion, no bad case, equal names stay in the order of the text. */
void json_sort(const JsonText *t, JsonKey *key, JsonKey *spare, size_t n)
{
	JsonKey *from = key, *to = spare;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t low = 0; low < n; low += 2 * width) {
			size_t mid = low + width < n ? low + width : n, high = mid + width < n ? mid + width : n;
			size_t i = low, j = mid, o = low;
			while (i < mid && j < high)
				to[o++] = key_compare(t, from[i], from[j]) <= 0 ? from[i++] : from[j++];
			while (i < mid)
				to[o++] = from[i++];
			while (j < high)
				to[o++] = from[j++];
		}
		JsonKey *other = from;
		from = to;
		to = other;
	}
	if (from != key)
		memcpy(key, from, n * sizeof *key);
}

static bool check_escape(Scan *s, size_t quote, size_t *at)
{
	const char *text = s->t->text;
	size_t i = *at + 1, size = s->t->size;
	if (i >= size)
		return FAIL(s, quote, "the text ends inside a string");
	if (text[i] != 'u') {
		if (!text[i] || !strchr("\"\\/bfnrt", text[i]))
			return FAIL(s, *at, "unknown escape in a string");
		*at = i + 1;
		return true;
	}
	int u = hex4(text + i + 1, size - i - 1);
	if (u < 0)
		return FAIL(s, *at, "\\u needs four hexadecimal digits");
	if (u == 0)
		return FAIL(s, *at, "U+0000 in a string");
	*at = i + 5;
	if (u >= 0xdc00 && u < 0xe000)
		return FAIL(s, i - 1, "lone surrogate \\u%04x", (unsigned)u);
	if (u < 0xd800 || u >= 0xe000)
		return true;
	int low = size - *at >= 2 && text[*at] == '\\' && text[*at + 1] == 'u' ? hex4(text + *at + 2, size - *at - 2) : -1;
	if (low < 0xdc00 || low >= 0xe000)
		return FAIL(s, i - 1, "lone surrogate \\u%04x", (unsigned)u);
	*at += 6;
	return true;
}

/* The string that opens at s->at; moves past it. */
static bool check_string(Scan *s)
{
	const unsigned char *text = (const unsigned char *)s->t->text;
	size_t quote = s->at, i = quote + 1, size = s->t->size;
	while (i < size && text[i] != '"') {
		if (text[i] == '\\') {
			if (!check_escape(s, quote, &i))
				return false;
			continue;
		}
		if (text[i] < 0x20)
			return FAIL(s, i, "control byte 0x%02x in a string", text[i]);
		size_t n = utf8_length(text + i, size - i);
		if (n == 0)
			return FAIL(s, i, "not UTF-8: byte 0x%02x", text[i]);
		i += n;
	}
	if (i >= size)
		return FAIL(s, quote, "the text ends inside a string");
	s->at = i + 1;
	return true;
}

/* ---- numbers and words ---- */

static size_t skip_digits(const JsonText *t, size_t i)
{
	while (i < t->size && t->text[i] >= '0' && t->text[i] <= '9')
		i++;
	return i;
}

static bool check_number(Scan *s)
{
	const JsonText *t = s->t;
	size_t begin = s->at, i = begin + (t->text[begin] == '-'), digits = i;
	i = skip_digits(t, i);
	bool good = i > digits && (t->text[digits] != '0' || i == digits + 1);
	if (good && i < t->size && t->text[i] == '.') {
		digits = i + 1;
		i = skip_digits(t, digits);
		good = i > digits;
	}
	bool exponent = i < t->size && (t->text[i] == 'e' || t->text[i] == 'E');
	if (good && exponent) {
		i++;
		if (i < t->size && (t->text[i] == '+' || t->text[i] == '-'))
			i++;
		digits = i;
		i = skip_digits(t, digits);
		good = i > digits;
	}
	if (!good)
		return FAIL(s, begin, "not a JSON number");
	if (i - begin > JSON_NUMBER) {
		diag_error(s->d, DIAG_LIMIT, json_loc(t, begin), "a number of %zu characters; the limit is %d", i - begin, JSON_NUMBER);
		return false;
	}
	s->at = i;
	if (!exponent)
		return true; /* so few digits stay below the largest double */
	char copy[JSON_NUMBER + 1];
	memcpy(copy, t->text + begin, i - begin);
	copy[i - begin] = 0;
	return isfinite(strtod(copy, NULL)) || FAIL(s, begin, "number out of range: %s", copy);
}

static bool check_word(Scan *s)
{
	static const char *const word[] = {"true", "false", "null"};
	for (int i = 0; i < 3; i++) {
		size_t n = strlen(word[i]);
		if (s->t->size - s->at >= n && !memcmp(s->t->text + s->at, word[i], n)) {
			s->at += n;
			return true;
		}
	}
	unsigned char c = (unsigned char)s->t->text[s->at];
	if (c >= 0x20 && c < 0x7f)
		return FAIL(s, s->at, "a value cannot begin with '%c'", c);
	return FAIL(s, s->at, "a value cannot begin with byte 0x%02x", c);
}

/* ---- structure ---- */

static int32_t add_value(Scan *s, JsonKind kind, size_t begin)
{
	JsonText *t = s->t;
	if (s->depth > t->keep_depth)
		return -1;
	t->value = reserve(t->value, &t->value_capacity, t->nvalue + 1, sizeof *t->value);
	int32_t index = (int32_t)t->nvalue++;
	t->value[index] = (JsonValue){.begin = (uint32_t)begin,
	                              .name = s->name,
	                              .parent = s->depth ? s->open[s->depth - 1].value : -1,
	                              .kind = (uint8_t)kind,
	                              .depth = (uint8_t)s->depth};
	return index;
}

static void end_value(Scan *s, int32_t index)
{
	s->state = AFTER_VALUE;
	s->name = 0;
	if (index < 0)
		return;
	s->t->value[index].end = (uint32_t)s->at;
	s->t->value[index].next = (int32_t)s->t->nvalue;
}

static bool open_container(Scan *s, bool object)
{
	if (s->depth == JSON_DEPTH) {
		diag_error(s->d, DIAG_LIMIT, json_loc(s->t, s->at), "nested deeper than %d", JSON_DEPTH);
		return false;
	}
	int32_t index = add_value(s, object ? JSON_OBJECT : JSON_ARRAY, s->at);
	s->open[s->depth++] = (Open){.object = object, .value = index, .first_key = s->nkey};
	s->state = object ? WANT_NAME_OR_END : WANT_ELEMENT_OR_END;
	s->name = 0;
	s->at++;
	return true;
}

/* The names of the object that closes are the last ones: those of the objects inside it are gone. */
static void check_names(Scan *s, size_t first)
{
	JsonText *t = s->t;
	size_t n = s->nkey - first;
	s->nkey = first;
	if (n < 2)
		return;
	JsonKey *key = t->key + first;
	t->spare = reserve(t->spare, &t->spare_capacity, n, sizeof *t->spare);
	json_sort(t, key, t->spare, n);
	const JsonKey *earliest = NULL; /* one message for an object, the same on every run */
	for (size_t i = 1; i < n; i++)
		if (!key_compare(t, key[i - 1], key[i]) && (!earliest || key[i].at < earliest->at))
			earliest = &key[i];
	if (!earliest)
		return;
	Arena *a = arena_new();
	diag_error(s->d, DIAG_REJECT, json_loc(t, earliest->at), "duplicate name '%s'", diag_quote(a, json_string(t, earliest->at, a)));
	arena_free(a);
	s->duplicate = true;
}

static bool close_container(Scan *s)
{
	Open o = s->open[--s->depth];
	if (o.object)
		check_names(s, o.first_key);
	s->at++;
	end_value(s, o.value);
	return true;
}

static bool scan_value(Scan *s)
{
	char c = s->t->text[s->at];
	if (c == '{' || c == '[')
		return open_container(s, c == '{');
	if (s->depth == 0 && !s->t->nvalue && (unsigned char)c == 0xef)
		return FAIL(s, s->at, "a byte order mark; JSON has none");
	size_t begin = s->at;
	bool digits = c == '-' || (c >= '0' && c <= '9');
	JsonKind kind = c == '"' ? JSON_STRING : digits ? JSON_DIGITS : c == 'n' ? JSON_NULL : JSON_BOOL;
	int32_t index = add_value(s, kind, begin);
	if (!(c == '"' ? check_string(s) : digits ? check_number(s) : check_word(s)))
		return false;
	end_value(s, index);
	return true;
}

static bool scan_name(Scan *s)
{
	JsonText *t = s->t;
	if (t->text[s->at] != '"')
		return FAIL(s, s->at, "a name in double quotes is needed here");
	s->name = (uint32_t)s->at;
	if (!check_string(s))
		return false;
	t->key = reserve(t->key, &t->key_capacity, s->nkey + 1, sizeof *t->key);
	t->key[s->nkey++] = json_key_make(t, s->name);
	s->state = WANT_COLON;
	return true;
}

static bool scan_after_value(Scan *s)
{
	char c = s->t->text[s->at];
	if (s->depth == 0)
		return FAIL(s, s->at, "bytes after the end of the value");
	bool object = s->open[s->depth - 1].object;
	if (c == (object ? '}' : ']'))
		return close_container(s);
	if (c != ',')
		return FAIL(s, s->at, "',' or '%c' is needed here", object ? '}' : ']');
	s->at++;
	s->state = object ? WANT_NAME : WANT_VALUE;
	return true;
}

static bool step(Scan *s)
{
	char c = s->t->text[s->at];
	switch (s->state) {
	case WANT_ELEMENT_OR_END:
		return c == ']' ? close_container(s) : scan_value(s);
	case WANT_VALUE:
		return scan_value(s);
	case WANT_NAME_OR_END:
		return c == '}' ? close_container(s) : scan_name(s);
	case WANT_NAME:
		return scan_name(s);
	case WANT_COLON:
		if (c != ':')
			return FAIL(s, s->at, "':' is needed here");
		s->at++;
		s->state = WANT_VALUE;
		return true;
	case AFTER_VALUE:
		return scan_after_value(s);
	}
	bug("state %d", s->state);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool json_scan(JsonText *t, Diag *d)
{
	Scan s = {.t = t, .d = d, .state = WANT_VALUE};
	t->nvalue = 0;
	if (t->size >= (size_t)1 << 31) {
		diag_error(d, DIAG_LIMIT, json_loc(t, 0), "larger than 2^31 - 1 bytes");
		return false;
	}
	for (;;) {
		while (s.at < t->size && is_space(t->text[s.at]))
			s.at++;
		if (s.at == t->size)
			break;
		if (!step(&s))
			return false;
	}
	if (s.state != AFTER_VALUE || s.depth) {
		if (!s.depth && s.state == WANT_VALUE)
			return FAIL(&s, s.at, "empty: a JSON value is needed");
		return FAIL(&s, s.at, "the text ends inside %s", s.open[s.depth - 1].object ? "an object" : "an array");
	}
	return !s.duplicate;
}

/* ---- values ---- */

bool json_whole(const JsonText *t, size_t value, int64_t *number)
{
	const JsonValue *v = &t->value[value];
	if (v->kind != JSON_DIGITS)
		return false;
	size_t i = v->begin;
	const bool negative = t->text[i] == '-';
	int64_t n = 0;
	for (i += negative; i < v->end; i++) {
		const int digit = t->text[i] - '0'; /* '.', 'e' and 'E' give none */
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, negative ? -digit : digit, &n))
			return false;
	}
	*number = n;
	return n != 0 || !negative;
}

/* ---- places ---- */

Loc json_loc(const JsonText *t, size_t at)
{
	if (t->binary)
		return (Loc){.file = t->file, .offset = t->base + (int64_t)at};
	int line = 1;
	size_t start = 0;
	for (const char *p = t->text, *end = t->text + (at < t->size ? at : t->size); p < end && (p = memchr(p, '\n', (size_t)(end - p)));
	     p++) {
		line++;
		start = (size_t)(p - t->text) + 1;
	}
	return (Loc){.file = t->file, .line = line, .col = (int)(at - start) + 1};
}

static int32_t element_index(const JsonText *t, size_t value)
{
	int32_t n = 0;
	for (int32_t i = t->value[value].parent + 1; i != (int32_t)value; i = t->value[i].next)
		n++;
	return n;
}

const char *json_pointer(const JsonText *t, size_t value, Arena *a)
{
	const char *path = "";
	for (int32_t i = (int32_t)value; i >= 0 && t->value[i].parent >= 0; i = t->value[i].parent) {
		const JsonValue *v = &t->value[i];
		if (!v->name) {
			path = arena_printf(a, "/%d%s", element_index(t, (size_t)i), path);
			continue;
		}
		char *name = json_string(t, v->name, a), *plain = arena_alloc(a, 2 * strlen(name) + 1), *o = plain;
		for (const char *p = name; *p; p++) { /* RFC 6901: ~0 and ~1 stand for ~ and / */
			if (*p == '~' || *p == '/') {
				*o++ = '~';
				*o++ = *p == '~' ? '0' : '1';
			} else {
				*o++ = *p;
			}
		}
		path = arena_printf(a, "/%s%s", diag_quote(a, plain), path);
	}
	return *path ? path : "/";
}
