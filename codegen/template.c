/* template.c -- the template engine. One pass over the lines; each line that is kept goes through the word
 * replacement; the numbers that occur are collected for the enum at the head of the function. */
#include "codegen/template.h"
#include "codegen/codegen.h"
#include "codegen/condition.h"
#include "ir/diag.h"
#include "ir/memory_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum BindKind { BIND_INT, BIND_WORD, BIND_REPEAT, BIND_SEGMENT } BindKind;

typedef struct Binding {
	BindKind kind;
	const char *name, *word;
	int64_t number;
} Binding;

enum { MAX_BINDINGS = 512, MAX_PARTS = 32, MAX_KERNELS = 32 };

struct Bindings {
	Arena *arena;
	const char *lower, *upper; /* the model's name */
	Binding bound[MAX_BINDINGS];
	int n;
	const char *part[MAX_PARTS];
	int nparts;
	const char *function; /* whose pointers become arrays; null: none */
	const int64_t *extent;
	int nextent;
};

Bindings *bindings_new(Arena *a, const char *model_name)
{
	Bindings *b = arena_new_one(a, Bindings);
	b->arena = a;
	b->lower = model_name;
	b->upper = capitals_of(model_name, a);
	return b;
}

static void bind(Bindings *b, Binding binding)
{
	if (b->n == MAX_BINDINGS)
		bug("more than %d bindings", MAX_BINDINGS);
	for (int i = 0; i < b->n; i++)
		if (!strcmp(b->bound[i].name, binding.name))
			bug("'%s' is bound twice", binding.name);
	b->bound[b->n++] = binding;
}

void bind_int(Bindings *b, const char *name, int64_t value)
{
	bind(b, (Binding){.kind = BIND_INT, .name = name, .number = value});
}

void bind_word(Bindings *b, const char *name, const char *word)
{
	bind(b, (Binding){.kind = BIND_WORD, .name = name, .word = arena_strdup(b->arena, word)});
}

void bind_float(Bindings *b, const char *name, double value)
{
	bind_word(b, name, float_literal(b->arena, (float)value));
}

void bind_repeat(Bindings *b, const char *index, int count)
{
	bind(b, (Binding){.kind = BIND_REPEAT, .name = index, .number = count});
}

void bind_segment(Bindings *b, const char *name, int64_t value)
{
	bind(b, (Binding){.kind = BIND_SEGMENT, .name = name, .number = value});
}

void bind_extents(Bindings *b, const char *function, const int64_t *extent, int n)
{
	b->function = function;
	b->extent = extent;
	b->nextent = n;
}

void bindings_add_part(Bindings *b, const char *part)
{
	for (int i = 0; i < b->nparts; i++)
		if (!strcmp(b->part[i], part))
			return;
	if (b->nparts == MAX_PARTS)
		bug("more than %d parts", MAX_PARTS);
	b->part[b->nparts++] = arena_strdup(b->arena, part);
}

int bindings_part_count(const Bindings *b)
{
	return b->nparts;
}

const char *bindings_part(const Bindings *b, int i)
{
	return b->part[i];
}

Arena *bindings_arena(const Bindings *b)
{
	return b->arena;
}

const char *bindings_key(const Bindings *b, Arena *a)
{
	char *key = arena_strdup(a, "");
	for (int i = 0; i < b->n; i++)
		key = arena_printf(a, "%s%s=%s,%lld;", key, b->bound[i].name, b->bound[i].word ? b->bound[i].word : "",
		                   (long long)b->bound[i].number);
	for (int i = 0; i < b->nextent; i++)
		key = arena_printf(a, "%s|%lld", key, (long long)b->extent[i]);
	return key;
}

static const Binding *find(const Bindings *b, const char *word, size_t n)
{
	for (int i = 0; i < b->n; i++)
		if (!strncmp(b->bound[i].name, word, n) && !b->bound[i].name[n])
			return &b->bound[i];
	return NULL;
}

int64_t bindings_int(const Bindings *b, const char *name)
{
	const Binding *found = find(b, name, strlen(name));
	if (!found || found->kind != BIND_INT)
		bug("'%s' is not a bound number", name);
	return found->number;
}

int64_t bindings_int_or(const Bindings *b, const char *name, int64_t otherwise)
{
	const Binding *found = find(b, name, strlen(name));
	return found && found->kind == BIND_INT ? found->number : otherwise;
}

const char *float_literal(Arena *a, float x)
{
	if (!isfinite(x))
		bug("an emitted literal is not finite");
	char text[64];
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)x);
		for (char *p = text; *p; p++)
			if (*p == ',')
				*p = '.'; /* the program runs in the C locale; a library user's may differ */
		if (strtof(text, NULL) == x || digits == 9)
			break;
	}
	const char *point = strpbrk(text, ".e") ? "" : ".0";
	return arena_printf(a, "%s%sf", text, point);
}

/* ---- expansion ---- */

typedef struct Expansion {
	const char *name;
	TextFacts *facts; /* or null */
	const Bindings *b;
	FILE *out;
	bool comment; /* between the marks of a comment, which may run over lines */
	bool inside;  /* in the body of a kernel, where the enum is seen; elsewhere numbers are written out */
	enum { BEFORE_HEAD, IN_NAME, IN_HEAD, AFTER_HEAD } head; /* of the function of bind_extents(); IN_NAME: up to its bracket */
	int npointer;                                            /* in that head so far */
	int64_t extent;                                          /* of the parameter whose name comes next; 0: none */
	bool used[MAX_BINDINGS];                                 /* in that body */
	const char *numbers[MAX_KERNELS];                        /* the enum of each kernel so far */
	int nkernels;
	int line;
	/* #if nesting: taken = this branch is kept; done = some branch of this #if was kept; outside = passed through */
	struct {
		bool taken, done, resolved;
	} level[16];
	int depth;
} Expansion;

static bool is_word(int c)
{
	return isalnum(c) || c == '_';
}

typedef struct Index { /* a running repeat index */
	const Binding *what;
	int64_t value;
} Index;

/* The number that a part of a word stands for, or -1. */
static int64_t segment_number(const Expansion *x, const char *s, size_t n, const Index *index, int nindex)
{
	for (int k = 0; k < nindex; k++)
		if (strlen(index[k].what->name) == n && !strncmp(s, index[k].what->name, n))
			return index[k].value;
	const Binding *found = find(x->b, s, n);
	return found && found->kind == BIND_SEGMENT ? found->number : -1;
}

static void put_name(Expansion *x, const char *word)
{
	const Binding *kernel = strncmp(word, "KERNEL_", 7) ? NULL : find(x->b, word, 6);
	if (kernel && kernel->kind == BIND_WORD) {
		put_name(x, kernel->word);
		fputs(word + 6, x->out);
	} else if (!strncmp(word, "net_", 4))
		fprintf(x->out, "%s_%s", x->b->lower, word + 4);
	else if (!strncmp(word, "NET_", 4))
		fprintf(x->out, "%s_%s", x->b->upper, word + 4);
	else
		fputs(word, x->out);
}

/* One word: numbered parts (_i), then a binding, then the model prefix, then as it is. */
static void put_word(Expansion *x, const char *word, size_t n, const Index *index, int nindex)
{
	char buffer[256];
	size_t used = 0;
	if (n > sizeof buffer / 2)
		bug("%s:%d: a word is too long", x->name, x->line);
	for (size_t i = 0; i <= n;) { /* the parts between underscores */
		size_t end = i;
		while (end < n && word[end] != '_')
			end++;
		int64_t number = segment_number(x, word + i, end - i, index, nindex);
		if (number >= 0) {
			used += (size_t)sprintf(buffer + used, "%lld", (long long)number);
		} else {
			memcpy(buffer + used, word + i, end - i);
			used += end - i;
		}
		if (end < n)
			buffer[used++] = '_';
		i = end + 1;
	}
	buffer[used] = 0;
	const Binding *found = x->comment ? NULL : find(x->b, buffer, used); /* comments speak of names, not of values */
	if (found && found->kind == BIND_INT) {
		if (!x->inside) {
			fprintf(x->out, "%lld", (long long)found->number);
			return;
		}
		x->used[found - x->b->bound] = true;
	}
	put_name(x, found && found->kind == BIND_WORD ? found->word : buffer);
}

static void add_call(TextFacts *f, const char *word, size_t n)
{
	for (int i = 0; i < f->ncall; i++)
		if (strlen(f->call[i]) == n && !strncmp(f->call[i], word, n))
			return;
	if (f->ncall == MAX_TEXT_CALLS)
		bug("more than %d names are called", MAX_TEXT_CALLS);
	f->call[f->ncall++] = arena_strndup(f->arena, word, n);
}

/* A line of code that begins a constant table: its extents are written in it. */
static void add_table(TextFacts *f, const char *line, size_t n)
{
	static const char begin[] = "static const ";
	const char *end = line + n;
	while (line < end && *line == '\t')
		line++;
	if ((size_t)(end - line) < sizeof begin || strncmp(line, begin, sizeof begin - 1) != 0)
		return;
	const char *type = line + sizeof begin - 1, *equals = memchr(type, '=', (size_t)(end - type));
	const char *bracket = equals ? memchr(type, '[', (size_t)(equals - type)) : NULL, *name = bracket;
	if (!bracket)
		return;
	while (is_word((unsigned char)name[-1]))
		name--;
	TextTable t = {arena_strndup(f->arena, type, (size_t)(name - type)), arena_strndup(f->arena, name, (size_t)(bracket - name)), 1};
	for (const char *p = bracket; p < equals; p++)
		if (*p == '[')
			t.count *= strtoll(p + 1, NULL, 10);
	if (f->ntable == MAX_TEXT_TABLES)
		bug("more than %d constant tables", MAX_TEXT_TABLES);
	f->table[f->ntable++] = t;
}

/* The array's size, after the parameter's name. */
static void put_extent(Expansion *x)
{
	if (x->extent)
		fprintf(x->out, "[%lld]", (long long)x->extent);
	x->extent = 0;
}

/* A character that is no part of a word, in the head of the function of bind_extents(). True when it is left out. */
static bool head_character(Expansion *x, char c)
{
	if (x->head == IN_NAME && c == '(')
		x->head = IN_HEAD;
	if (x->head != IN_HEAD)
		return false;
	if (c == '*' && x->npointer < x->b->nextent && x->b->extent[x->npointer++] > 0) {
		x->extent = x->b->extent[x->npointer - 1];
		return true;
	}
	if (c == ',' || c == ')')
		put_extent(x);
	if (c == ')')
		x->head = AFTER_HEAD;
	return false;
}

static void put_text(Expansion *x, const char *s, size_t n, const Index *index, int nindex)
{
	for (size_t i = 0; i < n;) {
		if (i + 1 < n && ((s[i] == '/' && s[i + 1] == '*') || (s[i] == '*' && s[i + 1] == '/')))
			x->comment = s[i] == '/';
		if (isdigit((unsigned char)s[i])) { /* a number with its suffix is no word */
			while (i < n && (is_word((unsigned char)s[i]) || s[i] == '.'))
				fputc(s[i++], x->out);
		} else if (is_word((unsigned char)s[i])) {
			size_t end = i;
			while (end < n && is_word((unsigned char)s[end]))
				end++;
			if (end < n && s[end] == '(' && x->facts && !x->comment)
				add_call(x->facts, s + i, end - i);
			put_word(x, s + i, end - i, index, nindex);
			i = end;
		} else {
			if (!head_character(x, s[i]))
				fputc(s[i], x->out);
			i++;
		}
	}
	put_extent(x);
}

/* Length of the line without its repeat marker; fills index[]. Marker: a last comment "for i" or "for i, j". */
static size_t repeat_marker(const Expansion *x, const char *line, size_t n, Index *index, int *nindex)
{
	*nindex = 0;
	if (n < 10 || strncmp(line + n - 2, "*/", 2))
		return n;
	size_t open = n - 2;
	while (open >= 2 && strncmp(line + open - 2, "/*", 2))
		open--;
	if (open < 2 || strncmp(line + open, " for ", 5))
		return n;
	const char *p = line + open + 5, *end = line + n - 2;
	while (p < end) {
		while (p < end && (*p == ' ' || *p == ','))
			p++;
		const char *word = p;
		while (p < end && is_word((unsigned char)*p))
			p++;
		if (p == word)
			break;
		const Binding *found = find(x->b, word, (size_t)(p - word));
		if (!found || found->kind != BIND_REPEAT || *nindex == 2)
			return *nindex = 0, n; /* an ordinary comment that begins with "for" */
		index[(*nindex)++] = (Index){found, 0};
	}
	n = open - 2;
	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	return n;
}

static void put_line(Expansion *x, const char *line, size_t n)
{
	Index index[2];
	int nindex;
	n = repeat_marker(x, line, n, index, &nindex);
	int64_t rows = nindex > 0 ? index[0].what->number : 1, columns = nindex > 1 ? index[1].what->number : 1;
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = 0; j < columns; j++) {
			index[0].value = i;
			index[1].value = j;
			put_text(x, line, n, index, nindex);
			fputc('\n', x->out);
		}
}

static int64_t bound_number(void *context, const char *word, size_t n)
{
	const Expansion *x = context;
	const Binding *found = find(x->b, word, n);
	if (!found || found->kind == BIND_WORD)
		bug("%s:%d: '%.*s' in a condition is not a bound number", x->name, x->line, (int)n, word);
	return found->number;
}

/* Conditions are resolved when every name in them is bound; otherwise the C compiler sees them. */
static bool is_resolvable(const Expansion *x, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		if (!is_word((unsigned char)s[i])) {
			i++;
			continue;
		}
		size_t end = i;
		while (end < n && is_word((unsigned char)s[end]))
			end++;
		if (!isdigit((unsigned char)s[i])) {
			const Binding *found = find(x->b, s + i, end - i);
			if (!found || found->kind == BIND_WORD)
				return false;
		}
		i = end;
	}
	return true;
}

static bool is_kept(const Expansion *x)
{
	for (int i = 0; i < x->depth; i++)
		if (!x->level[i].taken)
			return false;
	return true;
}

static bool starts(const char *line, size_t n, const char *word)
{
	size_t w = strlen(word);
	return n >= w && !strncmp(line, word, w) && (n == w || !is_word((unsigned char)line[w]));
}

static void open_condition(Expansion *x, const char *line, size_t n)
{
	if (x->depth == 16)
		bug("%s:%d: conditions are nested too deep", x->name, x->line);
	bool resolved = true, taken = false;
	if (starts(line, n, "#ifndef DSSDC")) {
		taken = false;
	} else if (starts(line, n, "#if") && is_resolvable(x, line + 3, n - 3)) {
		taken = is_kept(x) && condition_value(line + 3, n - 3, bound_number, x) != 0;
	} else {
		resolved = false;
		taken = true;
		if (is_kept(x))
			put_line(x, line, n);
	}
	x->level[x->depth].resolved = resolved;
	x->level[x->depth].taken = x->level[x->depth].done = taken;
	x->depth++;
}

/* True when the line is a preprocessor condition, which is then dealt with. */
static bool condition_line(Expansion *x, const char *line, size_t n)
{
	if (starts(line, n, "#if") || starts(line, n, "#ifdef") || starts(line, n, "#ifndef")) {
		open_condition(x, line, n);
		return true;
	}
	if (!starts(line, n, "#elif") && !starts(line, n, "#else") && !starts(line, n, "#endif"))
		return false;
	if (!x->depth)
		bug("%s:%d: condition without #if", x->name, x->line);
	int top = x->depth - 1;
	if (!x->level[top].resolved) {
		if (is_kept(x))
			put_line(x, line, n);
		if (starts(line, n, "#endif"))
			x->depth--;
		return true;
	}
	if (starts(line, n, "#endif")) {
		x->depth--;
		return true;
	}
	bool done = x->level[top].done;
	x->level[top].taken = true;
	bool value = starts(line, n, "#else") || (is_kept(x) && condition_value(line + 5, n - 5, bound_number, x) != 0);
	x->level[top].taken = !done && value;
	x->level[top].done = done || value;
	return true;
}

/* True for the first line of a definition of KERNEL or KERNEL_more. */
static bool names_kernel(const char *line, size_t n)
{
	const char *at = strstr(line, " KERNEL(");
	if (!at || (size_t)(at - line) >= n)
		at = strstr(line, " KERNEL_");
	return !strncmp(line, "static ", 7) && at && (size_t)(at - line) < n;
}

/* True for the first line of a definition of the function of bind_extents(). */
static bool begins_head(const Expansion *x, const char *line, size_t n)
{
	if (x->head != BEFORE_HEAD || !x->b->function || strncmp(line, "static ", 7) != 0)
		return false;
	const size_t length = strlen(x->b->function);
	for (size_t i = 7; i + length < n; i++)
		if (line[i - 1] == ' ' && !strncmp(line + i, x->b->function, length) && line[i + length] == '(')
			return true;
	return false;
}

static const char *enum_text(const Expansion *x)
{
	const char *text = "";
	int column = 0;
	for (int i = 0; i < x->b->n; i++) {
		if (!x->used[i])
			continue;
		const char *item = arena_printf(x->b->arena, "%s = %lld", x->b->bound[i].name, (long long)x->b->bound[i].number);
		int width = (int)strlen(item) + 2;
		const char *lead = !column ? "\tenum { " : column + width > 100 ? ",\n\t       " : ", ";
		column = !column || column + width > 100 ? 16 + width : column + width;
		text = arena_printf(x->b->arena, "%s%s%s", text, lead, item);
	}
	return column ? arena_printf(x->b->arena, "%s };\n", text) : "";
}

enum { MARK = 1 }; /* a byte of the expansion where the enum of a kernel goes */

static void begin_body(Expansion *x)
{
	fputc(MARK, x->out);
	x->inside = true;
	memset(x->used, 0, sizeof x->used);
}

static void end_body(Expansion *x)
{
	if (!x->inside)
		return;
	if (x->nkernels == MAX_KERNELS)
		bug("%s: more than %d kernels in a template", x->name, MAX_KERNELS);
	x->numbers[x->nkernels++] = enum_text(x);
	x->inside = false;
}

/* The first words of a kernel for GPUs that may run before what it reads is written: it waits there, unless its body waits later. */
static void put_prologue(Expansion *x, const char *body)
{
	const Binding *early = find(x->b, "EARLY", strlen("EARLY"));
	const char *end = strstr(body, "\n}\n"), *waits = strstr(body, "net_begin(");
	if (early && early->number && !(end && waits && waits < end))
		fprintf(x->out, "\t%s_begin();\n", x->b->lower);
}

/* Writes the expansion, with marks where the enums of the numbers go. */
static const char *expand_lines(Expansion *x, const char *text)
{
	MemoryText m;
	x->out = memory_text_open(&m);
	bool in_kernel = false, is_global = false; /* before the body of KERNEL or KERNEL_more, of a function that a GPU is given */
	for (const char *line = text; *line;) {
		const char *end = strchr(line, '\n');
		size_t n = end ? (size_t)(end - line) : strlen(line);
		x->line++;
		if (!condition_line(x, line, n) && is_kept(x)) {
			if (begins_head(x, line, n))
				x->head = IN_NAME;
			if (x->facts && !x->comment)
				add_table(x->facts, line, n);
			put_line(x, line, n);
			in_kernel = in_kernel || names_kernel(line, n);
			is_global = is_global || starts(line, n, "static __global__");
			if (n == 1 && line[0] == '{') {
				if (in_kernel)
					begin_body(x);
				if (is_global)
					put_prologue(x, line + n);
				in_kernel = is_global = false;
			} else if (n == 1 && line[0] == '}') {
				end_body(x);
			}
		}
		line += n + (end != NULL);
	}
	char *buffer = memory_text_close(&m);
	if (x->depth)
		bug("%s: a condition is not closed", x->name);
	if (x->b->function && (x->head != AFTER_HEAD || x->npointer != x->b->nextent))
		bug("%s: the head of %s has %d pointers, its calls pass %d", x->name, x->b->function, x->npointer, x->b->nextent);
	char *copy = arena_strndup(x->b->arena, buffer, m.size);
	free(buffer);
	return copy;
}

const char *template_expand(const char *name, const char *text, const Bindings *b, TextFacts *facts)
{
	Expansion x = {.name = name, .b = b, .facts = facts};
	const char *rest = expand_lines(&x, text), *whole = "";
	for (int i = 0; i < x.nkernels; i++) {
		const char *mark = strchr(rest, MARK);
		whole = arena_printf(b->arena, "%s%.*s%s", whole, (int)(mark - rest), rest, x.numbers[i]);
		rest = mark + 1;
	}
	return *whole ? arena_printf(b->arena, "%s%s", whole, rest) : rest;
}
