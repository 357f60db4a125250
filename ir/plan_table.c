/* plan_table.c -- reading, writing and searching rows of kernels and plans. */
#include "ir/plan_table.h"
#include "ir/memory_text.h"
#include "ir/text.h"

#include <stdlib.h>
#include <string.h>

static const char first_line[] = "dssdc plans 1";

struct PlanTable {
	PlanRow *row; /* by rising key, each once */
	int n;
};

/* ---- keys ---- */

static void print_shape(FILE *out, const Value *v)
{
	char text[TYPE_TEXT];
	Type plain = v ? v->type : (Type){0};
	plain.layout = (Layout){.block = 1};
	fprintf(out, " %s", v ? type_format(&plain, text) : "-");
}

static void print_key(FILE *out, const Node *n, const Target *t)
{
	const TextLocale locale = text_locale_begin();
	fputs(op_info[n->op].name, out);
	for (int i = 0; i < n->nin; i++)
		print_shape(out, n->in[i]);
	fputs(" ->", out);
	for (int i = 0; i < n->nout; i++)
		print_shape(out, n->out[i]);
	print_attributes(out, n);
	fprintf(out, " target=%s", t->name);
	if (t->chosen.short_products)
		fprintf(out, " precision=%s", t->chosen.name);
	if (t->batch > 1)
		fprintf(out, " batch=%d", t->batch);
	text_locale_end(locale);
}

static char *key_of(const Node *n, const Target *t, Arena *a)
{
	MemoryText m;
	print_key(memory_text_open(&m), n, t);
	char *text = memory_text_close(&m), *key = arena_strdup(a, text);
	free(text);
	return key;
}

typedef struct Line {
	const char *key;
	const Node *node;
} Line;

static int by_text(const void *a, const void *b)
{
	const Line *x = a, *y = b;
	const int order = strcmp(x->key, y->key);
	return order ? order : strcmp(x->node->kernel->name, y->node->kernel->name);
}

static bool same_choice(const Node *a, const Node *b)
{
	return a->kernel == b->kernel && !memcmp(a->plan, b->plan, sizeof a->plan);
}

/* Lines of one key. Nodes that differ in layouts only may have different plans: then no row can say it. */
static void print_rows(FILE *out, const Line *line, int count)
{
	bool same = true;
	for (int i = 1; i < count; i++)
		same = same && same_choice(line[0].node, line[i].node);
	for (int i = 0; i < count; i++) {
		const Node *n = line[i].node;
		if (!n->kernel->choice[0] || (i && same_choice(n, line[i - 1].node)))
			continue;
		fprintf(out, "%s%s : %s ", same ? "" : "# not everywhere: ", line[i].key, n->kernel->name);
		print_plan(out, n->kernel, n->plan);
		fputc('\n', out);
	}
}

void plan_table_print(FILE *out, const Graph *g, const Target *t)
{
	Arena *a = arena_new();
	Line *line = arena_new_array(a, Line, g->nnode + 1);
	int count = 0;
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->kernel)
			line[count++] = (Line){key_of(g->node[i], t, a), g->node[i]};
	qsort(line, (size_t)count, sizeof *line, by_text);
	fprintf(out, "%s\n", first_line);
	for (int i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && !strcmp(line[i].key, line[next].key);)
			next++;
		print_rows(out, &line[i], next - i);
	}
	arena_free(a);
}

/* ---- reading ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Words of [p, end) with one blank between them. */
static char *normal_form(const char *p, const char *end, Arena *a)
{
	char *key = arena_strndup(a, p, (size_t)(end - p)), *to = key;
	for (const char *s = key; *s; s++)
		if (!is_blank(*s))
			*to++ = *s;
		else if (to > key && to[-1] != ' ')
			*to++ = ' ';
	to -= to > key && to[-1] == ' ';
	*to = 0;
	return key;
}

/* The line up to the last colon with blanks around it; plans have colons without. */
static const char *end_of_key(const char *p, const char *end)
{
	for (const char *s = end - 1; s > p; s--)
		if (*s == ':' && is_blank(s[-1]) && s + 1 < end && is_blank(s[1]))
			return s;
	return NULL;
}

static bool read_row(Lexer *x, PlanRow *row, KernelByName find_kernel)
{
	char word[WORD_TEXT];
	const char *end = memchr(x->at, '\n', (size_t)(x->end - x->at)), *colon = end_of_key(x->at, end ? end : x->end);
	row->loc = lex_loc(x);
	if (!colon)
		return lex_fail(x, "a node's key, ' : ', a kernel and its plan");
	row->key = normal_form(x->at, colon, x->a);
	x->at = colon + 1;
	if (!lex_word(x, word, "a kernel's name"))
		return false;
	row->kernel = find_kernel(word);
	if (!row->kernel) {
		diag_error(x->d, DIAG_REJECT, row->loc, "no kernel is called '%s': the row was written by another version of dssdc", word);
		return false;
	}
	return (!row->kernel->choice[0] || lex_plan(x, row->kernel, row->plan)) && lex_want_end(x);
}

static int by_key(const void *a, const void *b)
{
	const PlanRow *x = a, *y = b;
	const int order = strcmp(x->key, y->key);
	return order ? order : (x->loc.line > y->loc.line) - (x->loc.line < y->loc.line);
}

/* Sorts; of rows with one key the last stays. */
static void close_table(PlanTable *t)
{
	int n = 0;
	if (t->n)
		qsort(t->row, (size_t)t->n, sizeof *t->row, by_key);
	for (int i = 0; i < t->n; i++)
		if (i + 1 == t->n || strcmp(t->row[i].key, t->row[i + 1].key))
			t->row[n++] = t->row[i];
	t->n = n;
}

PlanTable *plan_table_read(const char *file, const char *text, size_t size, KernelByName find_kernel, Arena *a, Diag *d)
{
	const int before = diag_errors(d);
	const size_t length = sizeof first_line - 1;
	Lexer x = {.file = file, .at = text, .end = text + size, .line_start = text, .line = 1, .d = d, .a = a};
	PlanTable *t = arena_new_one(a, PlanTable);
	int room = 0;
	if (size < length || memcmp(text, first_line, length) || (size > length && text[length] != '\n' && text[length] != '\r')) {
		diag_error(d, DIAG_REJECT, lex_loc(&x), "this is no plans file, or one of another version: the first line must be '%s'",
		           first_line);
		return NULL;
	}
	for (lex_next_line(&x); x.at < x.end; lex_next_line(&x)) {
		if (lex_at_end(&x) || lex_is(&x, '#'))
			continue;
		if (t->n == room) {
			room = room ? 2 * room : 64;
			t->row = arena_grow(a, t->row, sizeof *t->row * (size_t)t->n, sizeof *t->row * (size_t)room);
		}
		t->n += read_row(&x, &t->row[t->n], find_kernel);
	}
	close_table(t);
	return diag_errors(d) == before ? t : NULL;
}

/* ---- searching ---- */

static int compare_key(const void *key, const void *row)
{
	return strcmp(key, ((const PlanRow *)row)->key);
}

const PlanRow *plan_table_find(const PlanTable *table, const Node *n, const Target *t)
{
	if (!table || !table->n)
		return NULL;
	Arena *a = arena_new();
	const PlanRow *row = bsearch(key_of(n, t, a), table->row, (size_t)table->n, sizeof *table->row, compare_key);
	arena_free(a);
	return row;
}
