/* prototxt.c -- one token of look-ahead, one function a rule; the depth of messages is counted.
 *
 * A message without descriptor is read for its syntax only: unknown fields and those of type Ignored.
 */
#include "import/formats/prototxt_places.h"
#include "ir/text.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	NUMBER_LIMIT = 200,
	NAME_LIMIT = 255,
	UNKNOWN_LIMIT = 1000 /* more are not listed */,
	ERROR_LIMIT = 1000,
	SPARE_MEMORY = 32 << 20 /* messages may take this and the size of the text */
};

typedef enum TokenKind { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_MARK } TokenKind;

typedef struct Token {
	TokenKind kind;
	const char *at;
	size_t size;
	int line, col;
} Token;

typedef struct Reader {
	const Prototxt *t;
	const char *next, *end, *line_start;
	int line;
	Token token;          /* the one in hand */
	size_t taken, budget; /* bytes of messages */
	int nunknown;
	const ProtobufCMessage *named; /* the innermost one around that has a field `name`, or null */
	Arena *a, *scratch;            /* scratch: for the text of a message, emptied before the next one */
	Diag *d;
} Reader;

/* ---- tokens ---- */

static Loc loc_of(const Reader *r, const Token *t)
{
	return (Loc){.file = r->t->file, .line = t->line, .col = t->col};
}

#define FAIL_AT(r, loc, ...) (diag_error((r)->d, DIAG_REJECT, (loc), __VA_ARGS__), false)
#define FAIL(r, ...) FAIL_AT(r, loc_of((r), &(r)->token), __VA_ARGS__)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_space(Reader *r)
{
	for (; r->next < r->end; r->next++) {
		if (*r->next == '\n') {
			r->line++;
			r->line_start = r->next + 1;
		} else if (*r->next == '#') {
			const char *stop = memchr(r->next, '\n', (size_t)(r->end - r->next));
			r->next = (stop ? stop : r->end) - 1;
		} else if (*r->next != ' ' && (*r->next < '\t' || *r->next > '\r')) {
			return;
		}
	}
}

/* "1.5e-3", "0x1F", "2f": whatever may belong to a number; value_* look closer. */
static const char *number_end(const char *p, const char *end)
{
	bool hex = end - p > 1 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	while (p < end && (is_digit(*p) || is_letter(*p) || *p == '.')) {
		bool exponent = !hex && (*p == 'e' || *p == 'E');
		p++;
		if (exponent && p < end && (*p == '+' || *p == '-'))
			p++;
	}
	return p;
}

/* After the closing quote, or null. */
static const char *string_end(const char *p, const char *end)
{
	char quote = *p++;
	while (p < end && *p != quote && *p != '\n')
		p += *p == '\\' && end - p > 1 && p[1] != '\n' ? 2 : 1;
	return p < end && *p == quote ? p + 1 : NULL;
}

static bool bad_byte(Reader *r)
{
	unsigned char c = (unsigned char)*r->next;
	if (c > ' ' && c < 0x7f)
		return FAIL(r, "unexpected '%c'", c);
	return FAIL(r, "byte 0x%02x: this is no text (weights, .caffemodel, are given with --weights)", c);
}

/* Reads the next token into r->token. False after an error. */
static bool advance(Reader *r)
{
	Token *t = &r->token;
	skip_space(r);
	const char *p = r->next, *stop = p + 1;
	*t = (Token){.at = p, .line = r->line, .col = (int)(p - r->line_start) + 1};
	if (p == r->end)
		return true;
	if (is_letter(*p)) {
		t->kind = TOKEN_WORD;
		while (stop < r->end && (is_letter(*stop) || is_digit(*stop)))
			stop++;
	} else if (is_digit(*p) || (*p == '.' && stop < r->end && is_digit(*stop))) {
		t->kind = TOKEN_NUMBER;
		stop = number_end(p, r->end);
	} else if (*p == '"' || *p == '\'') {
		t->kind = TOKEN_STRING;
		if (!(stop = string_end(p, r->end)))
			return FAIL(r, "a string without its end on this line");
	} else if (*p && strchr("{}<>[]:;,-", *p)) {
		t->kind = TOKEN_MARK;
	} else {
		return bad_byte(r);
	}
	t->size = (size_t)(stop - p);
	r->next = stop;
	return true;
}

static bool is_mark(const Reader *r, char c)
{
	return r->token.kind == TOKEN_MARK && *r->token.at == c;
}

/* What the token in hand looks like to the user. */
static const char *shown(const Reader *r)
{
	if (r->token.kind == TOKEN_END)
		return "the end of the file";
	arena_reset(r->scratch);
	const char *text = arena_strndup(r->scratch, r->token.at, r->token.size > 100 ? 100 : r->token.size);
	return arena_printf(r->scratch, "'%s'", diag_quote(r->scratch, text));
}

/* ---- memory ---- */

static void *take(Reader *r, size_t size)
{
	r->taken += (size + 63) / 64 * 64;
	if (r->taken <= r->budget)
		return arena_alloc(r->a, size);
	diag_error(r->d, DIAG_LIMIT, loc_of(r, &r->token), "the messages of this text need more than %zu bytes", r->budget);
	return NULL;
}

static ProtobufCMessage *message_new(Reader *r, const ProtobufCMessageDescriptor *type, const Token *at)
{
	size_t offset = places_offset(type);
	char *m = take(r, offset + sizeof(Places) + sizeof(Place) * type->n_fields);
	if (!m)
		return NULL;
	type->message_init((ProtobufCMessage *)(void *)m);
	Places *p = (void *)(m + offset);
	p->file = r->t->file;
	p->self = (Place){at->line, at->col};
	((ProtobufCMessage *)(void *)m)->unknown_fields = (void *)p;
	return (ProtobufCMessage *)(void *)m;
}

/* ---- values ---- */

typedef union Content {
	int32_t i32;
	uint32_t u32;
	int64_t i64;
	uint64_t u64;
	float f32;
	double f64;
	protobuf_c_boolean b;
	char *string;
	ProtobufCBinaryData bytes;
	ProtobufCMessage *message;
} Content;

typedef struct TypeRow { /* what fields of a type hold */
	size_t size;
	bool is_signed;
	double least, most; /* of integers */
	const char *name;
} TypeRow;

static const TypeRow *type_row(ProtobufCType t)
{
	static const TypeRow i32 = {4, true, -2147483648.0, 2147483647.0, "a whole number of 32 bits"},
	                     u32 = {4, false, 0, 4294967295.0, "a whole number from 0 to 4294967295"},
	                     i64 = {8, true, -0x1p63, 0x1p63, "a whole number of 64 bits"},
	                     u64 = {8, false, 0, 0x1p64, "a whole number from 0 to 2^64 - 1"}, f32 = {.size = 4, .name = "a number"},
	                     f64 = {.size = 8, .name = "a number"}, boolean = {.size = sizeof(protobuf_c_boolean), .name = "true or false"},
	                     enumeration = {.size = 4, .name = "a word"}, text = {.size = sizeof(char *), .name = "a string"},
	                     bytes = {.size = sizeof(ProtobufCBinaryData), .name = "a string"},
	                     message = {.size = sizeof(void *), .name = "a message in braces"};
	static const TypeRow *const rows[] = {
	    [PROTOBUF_C_TYPE_INT32] = &i32,    [PROTOBUF_C_TYPE_SINT32] = &i32,       [PROTOBUF_C_TYPE_SFIXED32] = &i32,
	    [PROTOBUF_C_TYPE_INT64] = &i64,    [PROTOBUF_C_TYPE_SINT64] = &i64,       [PROTOBUF_C_TYPE_SFIXED64] = &i64,
	    [PROTOBUF_C_TYPE_UINT32] = &u32,   [PROTOBUF_C_TYPE_FIXED32] = &u32,      [PROTOBUF_C_TYPE_UINT64] = &u64,
	    [PROTOBUF_C_TYPE_FIXED64] = &u64,  [PROTOBUF_C_TYPE_FLOAT] = &f32,        [PROTOBUF_C_TYPE_DOUBLE] = &f64,
	    [PROTOBUF_C_TYPE_BOOL] = &boolean, [PROTOBUF_C_TYPE_ENUM] = &enumeration, [PROTOBUF_C_TYPE_STRING] = &text,
	    [PROTOBUF_C_TYPE_BYTES] = &bytes,  [PROTOBUF_C_TYPE_MESSAGE] = &message,
	};
	return rows[t];
}

static bool word_is(const Token *t, const char *word)
{
	return t->size == strlen(word) && !memcmp(t->at, word, t->size);
}

/* The digits of a number token, NUL after them. Null when there are too many to mean anything. */
static const char *digits(const Token *t, char *copy)
{
	if (t->kind != TOKEN_NUMBER || t->size > NUMBER_LIMIT)
		return NULL;
	memcpy(copy, t->at, t->size);
	copy[t->size] = 0;
	return copy;
}

/* An integer literal of C without a suffix. */
static bool magnitude(const Token *t, uint64_t *v)
{
	char copy[NUMBER_LIMIT + 1], *stop;
	const char *s = digits(t, copy);
	if (!s)
		return false;
	errno = 0;
	*v = strtoull(s, &stop, 0);
	return !*stop && stop > s && errno == 0;
}

static bool value_integer(const Token *t, bool negative, const TypeRow *row, Content *v)
{
	uint64_t m;
	if (!magnitude(t, &m) || (negative && !row->is_signed))
		return false;
	uint64_t most = row->size == 4 ? (uint64_t)row->most : row->is_signed ? (uint64_t)INT64_MAX : UINT64_MAX;
	if (m > most + (negative ? 1 : 0))
		return false;
	if (row->size == 4)
		v->u32 = (uint32_t)(negative ? 0 - m : m);
	else
		v->u64 = negative ? 0 - m : m;
	return true;
}

/* A decimal number that stays finite in the type, or inf and nan by their names. */
static bool value_float(const Token *t, bool negative, bool single, double *out)
{
	char copy[NUMBER_LIMIT + 1], *stop;
	if (t->kind == TOKEN_WORD) {
		bool infinite = word_is(t, "inf") || word_is(t, "infinity");
		*out = infinite ? negative ? -HUGE_VAL : HUGE_VAL : (double)NAN;
		return infinite || word_is(t, "nan");
	}
	const char *s = digits(t, copy);
	if (!s || (s[0] == '0' && (is_digit(s[1]) || s[1] == 'x' || s[1] == 'X')))
		return false;
	double x = strtod(s, &stop);
	if (*stop == 'f' || *stop == 'F')
		stop++;
	*out = negative ? -x : x;
	return !*stop && (single ? isfinite((float)x) : isfinite(x));
}

static bool value_bool(const Token *t, Content *v)
{
	static const char *const word[2][4] = {{"false", "False", "f", "0"}, {"true", "True", "t", "1"}};
	for (int i = 0; i < 8; i++)
		if (word_is(t, word[i / 4][i % 4])) {
			v->b = i / 4;
			return true;
		}
	return false;
}

static bool value_enum(const Token *t, bool negative, const ProtobufCEnumDescriptor *e, Content *v)
{
	char copy[NUMBER_LIMIT + 1];
	uint64_t m;
	const ProtobufCEnumValue *found = NULL;
	if (t->kind == TOKEN_WORD && !negative && t->size < sizeof copy) {
		memcpy(copy, t->at, t->size);
		copy[t->size] = 0;
		found = protobuf_c_enum_descriptor_get_value_by_name(e, copy);
	} else if (magnitude(t, &m) && m <= INT32_MAX) {
		found = protobuf_c_enum_descriptor_get_value(e, negative ? -(int)m : (int)m);
	}
	if (found)
		v->i32 = found->value;
	return found;
}

/* ---- strings ---- */

/* One escape after a backslash; -1: there is no such one. */
static int escape(const char **at, const char *end)
{
	static const char plain[] = "abfnrtv\\'\"?", meant[] = "\a\b\f\n\r\t\v\\'\"?";
	const char *p = *at, *found = strchr(plain, *p);
	int v = 0, count = 0;
	if (*p && found) {
		++*at;
		return (unsigned char)meant[found - plain];
	}
	if (*p == 'x' || *p == 'X') {
		for (p++; count < 2 && p < end && ((*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'f')); p++, count++)
			v = v * 16 + (is_digit(*p) ? *p - '0' : (*p | 32) - 'a' + 10);
	} else {
		for (; count < 3 && p < end && *p >= '0' && *p <= '7'; p++, count++)
			v = v * 8 + *p - '0';
	}
	*at = p;
	return count && v < 256 ? v : -1;
}

/* The token in hand and those that follow it, as one string. */
static bool read_string(Reader *r, ProtobufCBinaryData *out)
{
	char *text = NULL;
	size_t used = 0, room = 0;
	while (r->token.kind == TOKEN_STRING) {
		const char *p = r->token.at + 1, *end = r->token.at + r->token.size - 1;
		if (!text || used + (size_t)(end - p) >= room) {
			room = 2 * used + (size_t)(end - p) + 1;
			char *grown = take(r, room);
			if (!grown)
				return false;
			if (used)
				memcpy(grown, text, used);
			text = grown;
		}
		while (p < end) {
			const char *from = p;
			int c = (unsigned char)*p++;
			if (c == '\\' && (c = escape(&p, end)) < 0) {
				Loc loc = loc_of(r, &r->token);
				loc.col += (int)(from - r->token.at);
				return FAIL_AT(r, loc, "an escape that the format does not have");
			}
			text[used++] = (char)c;
		}
		if (!advance(r))
			return false;
	}
	*out = (ProtobufCBinaryData){used, (uint8_t *)text};
	return true;
}

/* ---- fields ---- */

static bool read_message(Reader *r, ProtobufCMessage *m, char close, int depth);

/* A message in braces or angle brackets. type: null for one that is only skipped. */
static bool read_nested(Reader *r, const ProtobufCMessageDescriptor *type, ProtobufCMessage **out, int depth)
{
	Token open = r->token;
	char close = is_mark(r, '{') ? '}' : '>';
	if (depth >= PROTOTXT_DEPTH) {
		diag_error(r->d, DIAG_LIMIT, loc_of(r, &open), "messages nested deeper than %d", PROTOTXT_DEPTH);
		return false;
	}
	const ProtobufCMessage *around = r->named;
	*out = type ? message_new(r, type, &open) : NULL;
	if (type && protobuf_c_message_descriptor_get_field_by_name(type, "name"))
		r->named = *out;
	if ((type && !*out) || !advance(r) || !read_message(r, *out, close, depth + 1))
		return false;
	r->named = around;
	if (r->token.kind == TOKEN_END)
		return FAIL_AT(r, loc_of(r, &open), "'%c' without its '%c'", *open.at, close);
	return advance(r);
}

/* A value nobody wants. */
static bool skip_value(Reader *r, int depth)
{
	ProtobufCMessage *none;
	ProtobufCBinaryData text;
	if (is_mark(r, '{') || is_mark(r, '<'))
		return read_nested(r, NULL, &none, depth);
	if (r->token.kind == TOKEN_STRING)
		return read_string(r, &text);
	if (is_mark(r, '-') && !advance(r))
		return false;
	if (r->token.kind != TOKEN_WORD && r->token.kind != TOKEN_NUMBER)
		return FAIL(r, "a value is needed, not %s", shown(r));
	return advance(r);
}

static const char *enum_words(Arena *a, const ProtobufCEnumDescriptor *e)
{
	const char *all = "";
	for (unsigned i = 0; i < e->n_values; i++)
		all = arena_printf(a, "%s%s%s", all, i ? ", " : "", e->values[i].name);
	return all;
}

/* A value of one token. A wrong one is reported and the reading goes on; false when it cannot. */
static bool read_scalar(Reader *r, const ProtobufCFieldDescriptor *f, Content *v, bool *good)
{
	const TypeRow *row = type_row(f->type);
	double x;
	Token first = r->token;
	bool negative = is_mark(r, '-');
	if (negative && !advance(r))
		return false;
	const Token *t = &r->token;
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_NUMBER)
		return FAIL(r, "field '%s' needs %s, not %s", f->name, row->name, shown(r));
	if (f->type == PROTOBUF_C_TYPE_ENUM) {
		*good = value_enum(t, negative, f->descriptor, v);
	} else if (f->type == PROTOBUF_C_TYPE_BOOL) {
		*good = !negative && value_bool(t, v);
	} else if (f->type == PROTOBUF_C_TYPE_FLOAT) {
		*good = value_float(t, negative, true, &x);
		v->f32 = *good ? (float)x : 0;
	} else if (f->type == PROTOBUF_C_TYPE_DOUBLE) {
		*good = value_float(t, negative, false, &v->f64);
	} else {
		*good = row->most > 0 && value_integer(t, negative, row, v);
	}
	if (!*good) {
		const bool is_enum = f->type == PROTOBUF_C_TYPE_ENUM;
		const char *word = shown(r), *needed = is_enum ? enum_words(r->scratch, f->descriptor) : row->name;
		diag_error(r->d, DIAG_REJECT, loc_of(r, &first), "field '%s' needs %s, not %s%s", f->name, needed, negative ? "'-" : "",
		           word + negative);
	}
	return advance(r);
}

static bool is_ignored(const ProtobufCFieldDescriptor *f)
{
	return f->type == PROTOBUF_C_TYPE_MESSAGE && !strcmp(((const ProtobufCMessageDescriptor *)f->descriptor)->short_name, "Ignored");
}

static bool read_value(Reader *r, const ProtobufCFieldDescriptor *f, Content *v, bool *good, int depth)
{
	ProtobufCBinaryData text;
	*good = true;
	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (!is_mark(r, '{') && !is_mark(r, '<'))
			return FAIL(r, "field '%s' needs a message in braces, not %s", f->name, shown(r));
		return read_nested(r, f->descriptor, &v->message, depth);
	}
	if (f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_BYTES)
		return read_scalar(r, f, v, good);
	Token first = r->token;
	if (first.kind != TOKEN_STRING)
		return FAIL(r, "field '%s' needs a string, not %s", f->name, shown(r));
	if (!read_string(r, &text))
		return false;
	if (f->type == PROTOBUF_C_TYPE_BYTES) {
		v->bytes = text;
		return true;
	}
	v->string = (char *)text.data;
	*good = !memchr(text.data, 0, text.len);
	if (!*good)
		diag_error(r->d, DIAG_REJECT, loc_of(r, &first), "field '%s': a string with a NUL in it", f->name);
	return true;
}

/* Sets the field, or appends to it. False when memory is short. */
static bool store(Reader *r, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const Content *v)
{
	char *base = (char *)m, *member = base + f->offset;
	size_t size = type_row(f->type)->size;
	if (f->label != PROTOBUF_C_LABEL_REPEATED) {
		memcpy(member, v, size);
		bool has_flag = f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_MESSAGE;
		if (has_flag && f->label == PROTOBUF_C_LABEL_OPTIONAL)
			*(protobuf_c_boolean *)(void *)(base + f->quantifier_offset) = true;
		return true;
	}
	size_t *n = (void *)(base + f->quantifier_offset);
	char **array = (void *)member;
	if ((*n & (*n - 1)) == 0) { /* full at each power of two */
		char *grown = take(r, (*n ? 2 * *n : 1) * size);
		if (!grown)
			return false;
		if (*n)
			memcpy(grown, *array, *n * size);
		*array = grown;
	}
	memcpy(*array + *n * size, v, size);
	++*n;
	return true;
}

/* One value of a field of m; f is null for one that is skipped. */
static bool read_element(Reader *r, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int depth)
{
	Content v;
	bool good;
	if (!f || is_ignored(f))
		return skip_value(r, depth);
	return read_value(r, f, &v, &good, depth) && (!good || store(r, m, f, &v));
}

static bool read_list(Reader *r, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int depth)
{
	Token open = r->token;
	if (f && f->label != PROTOBUF_C_LABEL_REPEATED)
		return FAIL(r, "field '%s' takes one value, not a list", f->name);
	if (!advance(r))
		return false;
	if (is_mark(r, ']'))
		return advance(r);
	for (;;) {
		if (!read_element(r, m, f, depth))
			return false;
		if (is_mark(r, ']'))
			return advance(r);
		if (r->token.kind == TOKEN_END)
			return FAIL_AT(r, loc_of(r, &open), "'[' without its ']'");
		if (!is_mark(r, ','))
			return FAIL(r, "',' or ']' is needed, not %s", shown(r));
		if (!advance(r))
			return false;
	}
}

static const char *field_name_at(const void *table, int i)
{
	const ProtobufCMessageDescriptor *type = table;
	return (unsigned)i < type->n_fields ? type->fields[i].name : NULL;
}

/* The name of the message around, as far as it was read; or null. */
static const char *name_around(const Reader *r)
{
	const ProtobufCFieldDescriptor *f = r->named ? protobuf_c_message_descriptor_get_field_by_name(r->named->descriptor, "name") : NULL;
	return f ? *(char *const *)(const void *)((const char *)r->named + f->offset) : NULL;
}

/* "; it has A, B" where that is short. */
static const char *fields_of(Arena *a, const ProtobufCMessageDescriptor *type)
{
	const char *all = type->n_fields && type->n_fields <= 14 ? "; it has " : "";
	for (unsigned i = 0; *all && i < type->n_fields; i++)
		all = arena_printf(a, "%s%s%s", all, i ? ", " : "", type->fields[i].name);
	return all;
}

static bool is_strict(const Prototxt *t, const char *message)
{
	for (const char *const *s = t->strict; s && *s; s++)
		if (!strcmp(*s, message))
			return true;
	return false;
}

static void report_unknown(Reader *r, const ProtobufCMessageDescriptor *type, const char *name)
{
	Loc loc = loc_of(r, &r->token);
	const char *layer = name_around(r);
	const bool strict = is_strict(r->t, type->short_name);
	arena_reset(r->scratch);
	const char *quoted = diag_quote(r->scratch, name);
	if (++r->nunknown > UNKNOWN_LIMIT)
		return;
	if (layer && *layer)
		loc.layer = diag_quote(r->scratch, layer);
	if (r->t->skip_unknown && !strict) {
		diag_warning(r->d, loc, "unknown field '%s' of %s is skipped", quoted, type->short_name);
		return;
	}
	const char *hint = name_hint(r->scratch, name, field_name_at, type);
	const char *known = *hint ? hint : fields_of(r->scratch, type);
	diag_error(r->d, DIAG_UNSUPPORTED, loc, "unknown field '%s' of %s%s%s", quoted, type->short_name, known,
	           strict  ? "; it may decide the result, so it is never skipped: take it out if it does not"
	           : *hint ? ""
	                   : "; --skip-unknown-fields passes over it");
}

/* The descriptor of the field called by the token in hand; null after reporting that there is none. */
static const ProtobufCFieldDescriptor *find_field(Reader *r, ProtobufCMessage *m)
{
	char name[NAME_LIMIT + 2] = "";
	size_t n = r->token.size < NAME_LIMIT ? r->token.size : NAME_LIMIT;
	memcpy(name, r->token.at, n);
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
	if (!f) {
		name[n] = '_';
		f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
		name[n] = 0;
	}
	if (!f) {
		report_unknown(r, m->descriptor, name);
		return NULL;
	}
	Place *at = &places(m)->field[f - m->descriptor->fields];
	if (at->line && f->label != PROTOBUF_C_LABEL_REPEATED)
		diag_error(r->d, DIAG_REJECT, loc_of(r, &r->token), "field '%s' is given twice; first in line %d", f->name, at->line);
	else if (!at->line)
		*at = (Place){r->token.line, r->token.col};
	return f;
}

static bool read_field(Reader *r, ProtobufCMessage *m, int depth)
{
	if (r->token.kind != TOKEN_WORD)
		return FAIL(r, "the name of a field is needed, not %s", shown(r));
	const ProtobufCFieldDescriptor *f = m ? find_field(r, m) : NULL;
	if (!advance(r))
		return false;
	bool colon = is_mark(r, ':'), message;
	if (colon && !advance(r))
		return false;
	message = is_mark(r, '{') || is_mark(r, '<') || is_mark(r, '[');
	if (!colon && !message)
		return FAIL(r, "':' is needed, not %s", shown(r));
	if (!(is_mark(r, '[') ? read_list(r, m, f, depth) : read_element(r, m, f, depth)))
		return false;
	return (!is_mark(r, ',') && !is_mark(r, ';')) || advance(r);
}

/* Fields up to `close`, which stays in hand, or to the end of the text. */
static bool read_message(Reader *r, ProtobufCMessage *m, char close, int depth)
{
	while (r->token.kind != TOKEN_END && !(close && is_mark(r, close)))
		if (!read_field(r, m, depth) || diag_errors(r->d) > ERROR_LIMIT)
			return false;
	return true;
}

static bool read_root(Reader *r, ProtobufCMessage *m)
{
	const Prototxt *t = r->t;
	const Loc start = loc_of(r, &r->token);
	if (t->size > 2 && !memcmp(t->text, "\xef\xbb\xbf", 3)) /* a byte order mark */
		r->next += 3;
	r->line_start = r->next;
	if (t->size > 1 && (!memcmp(t->text, "\xff\xfe", 2) || !memcmp(t->text, "\xfe\xff", 2)))
		return FAIL_AT(r, start, "UTF-16; the text must be UTF-8 or ASCII");
	if (!advance(r))
		return false;
	if (r->token.kind == TOKEN_END)
		return FAIL(r, "the text has no field");
	return read_message(r, m, 0, 0);
}

ProtobufCMessage *prototxt_read(const Prototxt *t, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d)
{
	int before = diag_errors(d);
	Reader r = {.t = t, .next = t->text, .end = t->text + t->size, .line = 1, .a = a, .scratch = arena_new(), .d = d};
	r.budget = SPARE_MEMORY + t->size;
	r.token = (Token){.line = 1, .col = 1};
	ProtobufCMessage *m = message_new(&r, root, &r.token);
	bool good = m && read_root(&r, m);
	arena_free(r.scratch);
	return good && diag_errors(d) == before ? m : NULL;
}
