/* text.c -- numbers, types and the line reader of the text form.
 *
 * The reader looks at bytes between two pointers and never past the end; text need not end in NUL. Everything that a
 * message quotes is escaped.
 */
#include "ir/text.h"
#include "ir/target.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TextLocale text_locale_begin(void)
{
	TextLocale l = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
	if (l.c)
		l.before = uselocale(l.c);
	return l;
}

void text_locale_end(TextLocale l)
{
	if (!l.c)
		return;
	uselocale(l.before);
	freelocale(l.c);
}

const char *type_format(const Type *t, char out[TYPE_TEXT])
{
	char *o = out;
	const Layout *l = &t->layout;
	bool halo = layout_has_halo(l);
	o += sprintf(o, "%s[", dtype_name(t->dtype));
	for (int i = 0; i < t->rank; i++)
		o += sprintf(o, "%s%lld", i ? "," : "", (long long)t->dim[i]);
	o += sprintf(o, "]");
	if (l->block > 1 || halo)
		o += sprintf(o, "{");
	if (l->block > 1)
		o += sprintf(o, "c%d%s", l->block, halo ? " " : "");
	if (halo)
		o += sprintf(o, "halo=%d,%d,%d,%d", l->halo[0], l->halo[1], l->halo[2], l->halo[3]);
	if (l->block > 1 || halo)
		sprintf(o, "}");
	return out;
}

const char *number_format(double v, bool single, char out[NUMBER_TEXT])
{
	if (isnan(v))
		return strcpy(out, "nan");
	if (isinf(v))
		return strcpy(out, v < 0 ? "-inf" : "inf");
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		snprintf(out, NUMBER_TEXT, "%.*g", digits, v);
		double back = strtod(out, NULL);
		if (single ? (float)back == (float)v : back == v)
			break;
	}
	return out;
}

/* ---- the reader ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static void skip_blanks(Lexer *x)
{
	while (x->at < x->end && is_blank(*x->at))
		x->at++;
}

static Loc loc_at(const Lexer *x, const char *at)
{
	return (Loc){.file = x->file, .line = x->line, .col = (int)(at - x->line_start) + 1};
}

Loc lex_loc(Lexer *x)
{
	skip_blanks(x);
	return loc_at(x, x->at);
}

static bool ends_token(char c)
{
	return is_blank(c) || c == '\n' || c == ',' || c == '=' || c == ':' || c == ';' || c == '[' || c == ']' || c == '{' || c == '}' ||
	       c == '%' || c == '"';
}

bool lex_fail(Lexer *x, const char *wanted)
{
	Loc loc = lex_loc(x);
	if (x->at == x->end || *x->at == '\n') {
		diag_error(x->d, DIAG_REJECT, loc, "expected %s, found the end of the line", wanted);
		return false;
	}
	const char *end = x->at + 1;
	while (end < x->end && end - x->at < 40 && !ends_token(*end))
		end++;
	const char *found = diag_quote(x->a, arena_strndup(x->a, x->at, (size_t)(end - x->at)));
	diag_error(x->d, DIAG_REJECT, loc, "expected %s, found '%s'", wanted, found);
	return false;
}

bool lex_at_end(Lexer *x)
{
	skip_blanks(x);
	return x->at == x->end || *x->at == '\n';
}

bool lex_want_end(Lexer *x)
{
	return lex_at_end(x) || lex_fail(x, "the end of the line");
}

void lex_next_line(Lexer *x)
{
	const char *newline = x->at < x->end ? memchr(x->at, '\n', (size_t)(x->end - x->at)) : NULL;
	x->at = newline ? newline + 1 : x->end;
	x->line_start = x->at;
	x->line++;
}

bool lex_is(Lexer *x, char c)
{
	skip_blanks(x);
	return x->at < x->end && *x->at == c;
}

bool lex_try(Lexer *x, char c)
{
	if (!lex_is(x, c))
		return false;
	x->at++;
	return true;
}

bool lex_want(Lexer *x, char c)
{
	char wanted[] = {'\'', c, '\'', 0};
	return lex_try(x, c) || lex_fail(x, wanted);
}

/* One byte of a string, escapes resolved; -1 after an error. */
static int string_byte(Lexer *x)
{
	char c = *x->at++;
	if (c != '\\')
		return (unsigned char)c;
	if (x->at < x->end && (*x->at == '"' || *x->at == '\\'))
		return *x->at++;
	if (x->end - x->at >= 3 && *x->at == 'x') {
		int high = hex_digit(x->at[1]), low = hex_digit(x->at[2]);
		if (high >= 0 && low >= 0 && high + low > 0) {
			x->at += 3;
			return high * 16 + low;
		}
	}
	lex_fail(x, "an escape: quote, backslash, or x and two hexadecimal digits but 00");
	return -1;
}

bool lex_string(Lexer *x, const char **out)
{
	enum { LONGEST = 4096 };
	if (!lex_try(x, '"'))
		return lex_fail(x, "a name in quotes");
	char buffer[LONGEST];
	Loc loc = loc_at(x, x->at - 1);
	size_t n = 0;
	while (x->at < x->end && *x->at != '"' && *x->at != '\n') {
		if (*x->at == 0)
			return lex_fail(x, "no zero byte in a name");
		int c = string_byte(x);
		if (c < 0)
			return false;
		if (n == LONGEST) {
			diag_error(x->d, DIAG_LIMIT, loc, "a name has more than %d bytes", LONGEST);
			return false;
		}
		buffer[n++] = (char)c;
	}
	if (!lex_try(x, '"'))
		return lex_fail(x, "a closing quote");
	*out = arena_strndup(x->a, buffer, n);
	return true;
}

bool lex_word(Lexer *x, char out[WORD_TEXT], const char *wanted)
{
	skip_blanks(x);
	size_t n = 0;
	const char *p = x->at;
	if (p == x->end || !is_letter(*p))
		return lex_fail(x, wanted);
	for (; p < x->end && (is_letter(*p) || is_digit(*p) || *p == '.' || *p == '-'); p++) {
		if (n == WORD_TEXT - 1)
			return lex_fail(x, wanted);
		out[n++] = *p;
	}
	out[n] = 0;
	x->at = p;
	return true;
}

bool lex_this(Lexer *x, const char *word)
{
	const size_t n = strlen(word);
	skip_blanks(x);
	if ((size_t)(x->end - x->at) < n || memcmp(x->at, word, n) || (x->at + n < x->end && (is_letter(x->at[n]) || is_digit(x->at[n]))))
		return lex_fail(x, arena_printf(x->a, "'%s'", word));
	x->at += n;
	return true;
}

bool lex_int(Lexer *x, int64_t least, int64_t most, int64_t *out, const char *wanted)
{
	skip_blanks(x);
	const char *p = x->at;
	bool negative = p < x->end && *p == '-';
	p += negative;
	if (p == x->end || !is_digit(*p))
		return lex_fail(x, wanted);
	uint64_t magnitude = 0, limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	bool fits = true;
	for (; p < x->end && is_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		fits = fits && magnitude <= (limit - digit) / 10;
		magnitude = fits ? magnitude * 10 + digit : magnitude;
	}
	int64_t v = negative ? -(int64_t)(magnitude - (magnitude > 0)) - (magnitude > 0) : (int64_t)magnitude;
	if (!fits || v < least || v > most) {
		diag_error(x->d, DIAG_REJECT, lex_loc(x), "%s is out of range: %lld to %lld is accepted", wanted, (long long)least,
		           (long long)most);
		return false;
	}
	x->at = p;
	*out = v;
	return true;
}

/* Only what number_format and hexadecimal floats are made of; strtod decides whether it is a number. */
static bool in_number(char c)
{
	return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '+';
}

bool lex_double(Lexer *x, double *out)
{
	enum { LONGEST = 63 };
	char text[LONGEST + 1], *end;
	skip_blanks(x);
	size_t n = 0;
	while (n < LONGEST && x->at + n < x->end && in_number(x->at[n])) {
		text[n] = x->at[n];
		n++;
	}
	text[n] = 0;
	bool literal = !strcmp(text, "inf") || !strcmp(text, "-inf") || !strcmp(text, "nan");
	const char *first = text + (*text == '-');
	if (!literal && !is_digit(*first))
		return lex_fail(x, "a number");
	double v = strtod(text, &end);
	if (*end || (x->at + n < x->end && in_number(x->at[n])) || (!literal && !isfinite(v)))
		return lex_fail(x, "a number in range");
	x->at += n;
	*out = v;
	return true;
}

bool lex_plan(Lexer *x, const Kernel *k, int plan[MAX_PLAN])
{
	if (!k->choice[0])
		return lex_fail(x, arena_printf(x->a, "no plan: kernel %s has no choices", k->name));
	for (int i = 0; k->choice[i]; i++) {
		int64_t number;
		if (i && !lex_want(x, ','))
			return false;
		if (!lex_this(x, k->choice[i]) || !lex_want(x, ':') || !lex_int(x, 0, INT32_MAX, &number, "a number"))
			return false;
		plan[i] = (int)number;
	}
	return true;
}

bool lex_hash(Lexer *x, uint64_t *out)
{
	enum { DIGITS = 16 };
	uint64_t hash = 0;
	skip_blanks(x);
	for (int i = 0; i < DIGITS; i++) {
		int digit = x->at + i < x->end ? hex_digit(x->at[i]) : -1;
		if (digit < 0)
			return lex_fail(x, "16 hexadecimal digits");
		hash = hash << 4 | (uint64_t)digit;
	}
	x->at += DIGITS;
	*out = hash;
	return true;
}

/* ---- hints ---- */

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Insertions, deletions and changes that turn a into b. */
static int edit_distance(const char *a, const char *b)
{
	int row[WORD_TEXT + 1], width = (int)strlen(b);
	if (strlen(a) >= WORD_TEXT || width >= WORD_TEXT)
		return WORD_TEXT;
	for (int j = 0; j <= width; j++)
		row[j] = j;
	for (int i = 0; a[i]; i++) {
		int corner = row[0];
		row[0] = i + 1;
		for (int j = 0; j < width; j++) {
			int change = corner + (tolower((unsigned char)a[i]) != tolower((unsigned char)b[j]));
			corner = row[j + 1];
			row[j + 1] = least(change, least(corner, row[j]) + 1);
		}
	}
	return row[width];
}

const char *name_hint(Arena *a, const char *word, NameAt name_at, const void *table)
{
	const char *best = NULL, *name;
	int distance = least(3, (int)strlen(word) / 2 + 1);
	for (int i = 0; (name = name_at(table, i)); i++) {
		int d = edit_distance(word, name);
		if (d < distance) {
			distance = d;
			best = name;
		}
	}
	return best ? arena_printf(a, "; did you mean '%s'?", best) : "";
}
