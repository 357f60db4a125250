/* parse.c -- a graph from its text form (see ir/print.c).
 *
 * Lines are read one by one in order; a line that breaks a rule is reported, skipped, and its results are marked, so
 * that lines which read them do not complain again. Types are not believed: infer_node() says what a result is, and a
 * text that says otherwise is wrong. So a graph that comes out of here keeps every rule of graph_check(), whatever
 * the bytes were. Lines that start with # are comments.
 */
#include "ir/parse.h"
#include "ir/target.h"

#include <stdlib.h>
#include <string.h>

/* ---- values by id ---- */

static size_t home_of(const Parser *p, int id)
{
	uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
	return (size_t)(h ^ h >> 29) & (p->capacity - 1);
}

Entry *parse_entry(const Parser *p, int id)
{
	size_t i = home_of(p, id);
	while (p->entry[i].id && p->entry[i].id != id)
		i = (i + 1) & (p->capacity - 1);
	return &p->entry[i];
}

static void grow_entries(Parser *p)
{
	Entry *old = p->entry;
	size_t count = p->capacity;
	p->capacity = count ? 2 * count : 64;
	p->entry = arena_new_array(p->scratch, Entry, p->capacity);
	for (size_t i = 0; i < count; i++)
		if (old[i].id)
			*parse_entry(p, old[i].id) = old[i];
}

/* v is null while the line that makes it is being read, and for good if that line had an error. */
static void define(Parser *p, int id, Value *v)
{
	if (2 * (p->defined + 1) > p->capacity)
		grow_entries(p);
	Entry *e = parse_entry(p, id);
	p->defined += e->id == 0;
	*e = (Entry){id, p->x.line, v};
	if (v)
		v->id = id;
}

bool parse_id(Parser *p, int *id)
{
	int64_t v;
	if (!lex_want(&p->x, '%') || !lex_int(&p->x, 1, LARGEST_ID, &v, "a value's number"))
		return false;
	*id = (int)v;
	return true;
}

/* A number that no line has used yet. From here on the line's results are known, if broken. */
static bool parse_new_id(Parser *p, int *id)
{
	Loc loc = lex_loc(&p->x);
	if (!parse_id(p, id))
		return false;
	if (p->capacity && parse_entry(p, *id)->id) {
		diag_error(p->x.d, DIAG_REJECT, loc, "value %%%d is defined twice", *id);
		return false;
	}
	define(p, *id, NULL);
	return true;
}

bool parse_known_id(Parser *p, Value **v)
{
	Loc loc = lex_loc(&p->x);
	int id;
	if (!parse_id(p, &id))
		return false;
	const Entry *e = p->capacity ? parse_entry(p, id) : NULL;
	if (!e || !e->id || (!e->value && e->line == p->x.line)) {
		diag_error(p->x.d, DIAG_REJECT, loc, "value %%%d is not defined above", id);
		return false;
	}
	*v = e->value;
	return *v != NULL; /* the error of its line was reported there */
}

/* ---- small things ---- */

static bool parse_optional_name(Parser *p, const char **name)
{
	*name = NULL;
	return !lex_is(&p->x, '"') || lex_string(&p->x, name);
}

bool parse_ints(Parser *p, int *out, int count, int least, int most, const char *what)
{
	for (int i = 0; i < count; i++) {
		int64_t v;
		if ((i && !lex_want(&p->x, ',')) || !lex_int(&p->x, least, most, &v, what))
			return false;
		out[i] = (int)v;
	}
	return true;
}

bool parse_doubles(Parser *p, double *out, int count)
{
	for (int i = 0; i < count; i++)
		if ((i && !lex_want(&p->x, ',')) || !lex_double(&p->x, &out[i]))
			return false;
	return true;
}

/* "word=" */
bool parse_key(Parser *p, const char *key)
{
	char word[WORD_TEXT], wanted[WORD_TEXT + 4];
	snprintf(wanted, sizeof wanted, "'%s='", key);
	Lexer before = p->x;
	if (lex_is(&p->x, *key) && lex_word(&p->x, word, wanted) && !strcmp(word, key) && lex_try(&p->x, '='))
		return true;
	p->x = before;
	return lex_fail(&p->x, wanted);
}

/* ---- types ---- */

static const char *dtype_at(const void *table, int i)
{
	(void)table;
	return DT_F32 + i < DT_COUNT ? dtype_name((DType)(DT_F32 + i)) : NULL;
}

static bool parse_layout(Parser *p, Layout *l)
{
	enum { LARGEST = 1 << 20 };
	if (!lex_try(&p->x, '{'))
		return true;
	if (lex_is(&p->x, 'c')) {
		p->x.at++;
		if (!parse_ints(p, &l->block, 1, 1, LARGEST, "the channel block"))
			return false;
	}
	if (lex_is(&p->x, 'h') && (!parse_key(p, "halo") || !parse_ints(p, l->halo, 4, 0, LARGEST, "a halo")))
		return false;
	return lex_want(&p->x, '}');
}

/* Elements in memory, halo and padding included, are at most 2^31 - 1, as extents and their product are. */
static bool storage_fits(const Type *t)
{
	int64_t stored[MAX_RANK];
	for (int i = 0; i < t->rank; i++) {
		int64_t extent = t->dim[i];
		if (t->rank == 4 && i == 1)
			extent = (extent + t->layout.block - 1) / t->layout.block * t->layout.block;
		if (t->rank == 4 && i >= 2)
			extent += (int64_t)t->layout.halo[i - 2] + t->layout.halo[i];
		stored[i] = extent;
	}
	return extents_fit(t->rank, stored);
}

static bool parse_type(Parser *p, Type *t)
{
	char word[WORD_TEXT];
	Loc loc = lex_loc(&p->x);
	*t = (Type){.layout = {.block = 1}};
	if (!lex_word(&p->x, word, "a type"))
		return false;
	t->dtype = dtype_from_name(word);
	if (t->dtype == DT_NONE) {
		diag_error(p->x.d, DIAG_REJECT, loc, "unknown element type '%s'%s", word, name_hint(p->scratch, word, dtype_at, NULL));
		return false;
	}
	if (!lex_want(&p->x, '['))
		return false;
	while (!lex_is(&p->x, ']')) {
		if (t->rank == MAX_RANK)
			return lex_fail(&p->x, "']' after 8 extents");
		if ((t->rank && !lex_want(&p->x, ',')) || !lex_int(&p->x, 0, INT32_MAX, &t->dim[t->rank], "an extent"))
			return false;
		t->rank++;
	}
	if (!lex_want(&p->x, ']') || (t->rank == 4 && !parse_layout(p, &t->layout)))
		return false;
	if (!storage_fits(t)) {
		diag_error(p->x.d, DIAG_LIMIT, loc, "the value has more than 2147483647 elements");
		return false;
	}
	return true;
}

/* ---- lines ---- */

static bool parse_graph_line(Parser *p)
{
	return lex_string(&p->x, &p->g->name);
}

static bool parse_labels(Parser *p)
{
	int capacity = 0;
	Graph *g = p->g;
	while (!lex_at_end(&p->x)) {
		if (g->nlabel == capacity) {
			capacity = capacity ? 2 * capacity : 32;
			g->label =
			    arena_grow(g->arena, g->label, sizeof *g->label * (size_t)g->nlabel, sizeof *g->label * (size_t)capacity);
		}
		if (!lex_string(&p->x, &g->label[g->nlabel]))
			return false;
		g->nlabel++;
	}
	return g->nlabel > 0 || lex_fail(&p->x, "a name in quotes");
}

static bool parse_input(Parser *p)
{
	enum { MOST = 1024 };
	int id;
	const char *name;
	Type t;
	if (!parse_new_id(p, &id) || !parse_optional_name(p, &name) || !lex_want(&p->x, ':') || !parse_type(p, &t))
		return false;
	if (p->g->ninput == MOST)
		return lex_fail(&p->x, "at most 1024 inputs");
	Value *v = graph_input(p->g, name, t);
	define(p, id, v);
	return parse_facts(p, NULL, &v, 1);
}

static bool parse_constant(Parser *p)
{
	int id;
	const char *name;
	Type t;
	if (!parse_new_id(p, &id) || !parse_optional_name(p, &name) || !lex_want(&p->x, ':'))
		return false;
	Loc loc = lex_loc(&p->x);
	if (!parse_type(p, &t))
		return false;
	if (t.layout.block != 1 || layout_rows(&t) * layout_cols(&t) != t.dim[2] * t.dim[3]) {
		diag_error(p->x.d, DIAG_REJECT, loc, "a constant has the plain layout");
		return false;
	}
	Blob *b = parse_blob(p, &t);
	if (!b)
		return false;
	Value *v = graph_constant(p->g, name, b);
	define(p, id, v);
	return parse_facts(p, NULL, &v, 1);
}

static bool parse_output(Parser *p)
{
	enum { MOST = 1024 };
	Value *v;
	do {
		if (!parse_known_id(p, &v))
			return false;
		if (p->g->noutput == MOST)
			return lex_fail(&p->x, "at most 1024 outputs");
		graph_output(p->g, v);
	} while (!lex_at_end(&p->x));
	return true;
}

static bool parse_plan(Parser *p)
{
	Graph *g = p->g;
	return parse_key(p, "weights") && lex_int(&p->x, 0, LARGEST_OFFSET, &g->weights_size, "a size") && parse_key(p, "arena") &&
	       lex_int(&p->x, 0, LARGEST_OFFSET, &g->arena_size, "a size") && parse_key(p, "bound") &&
	       lex_int(&p->x, 0, LARGEST_OFFSET, &g->arena_bound, "a size");
}

/* ---- nodes ---- */

/* %4 "name", %5 "name" = */
static bool parse_results(Parser *p, int *id, const char **name, int *count)
{
	*count = 0;
	do {
		if (*count == MAX_OUT)
			return lex_fail(&p->x, "'=' after two results");
		if (!parse_new_id(p, &id[*count]) || !parse_optional_name(p, &name[*count]))
			return false;
		++*count;
	} while (lex_try(&p->x, ','));
	return lex_want(&p->x, '=');
}

static const char *op_at(const void *table, int i)
{
	(void)table;
	return i < OP_COUNT ? op_info[i].name : NULL;
}

static bool parse_op(Parser *p, Op *op)
{
	char word[WORD_TEXT];
	Loc loc = lex_loc(&p->x);
	if (!lex_word(&p->x, word, "an op"))
		return false;
	*op = op_from_name(word);
	if (*op == OP_COUNT)
		diag_error(p->x.d, DIAG_REJECT, loc, "unknown op '%s'%s", word, name_hint(p->scratch, word, op_at, NULL));
	return *op != OP_COUNT;
}

/* %1 - %2, into p->in */
static bool parse_inputs(Parser *p, int *count)
{
	enum { MOST = 4096 };
	for (*count = 0; lex_is(&p->x, '%') || lex_is(&p->x, '-'); ++*count) {
		if (*count == MOST)
			return lex_fail(&p->x, "at most 4096 inputs");
		if (*count == p->in_capacity) {
			int old = p->in_capacity;
			p->in_capacity = old ? 2 * old : 16;
			p->in = arena_grow(p->scratch, p->in, sizeof *p->in * (size_t)old, sizeof *p->in * (size_t)p->in_capacity);
		}
		p->in[*count] = NULL;
		if (!lex_try(&p->x, '-') && !parse_known_id(p, &p->in[*count]))
			return false;
	}
	return true;
}

static bool check_counts(Parser *p, Loc loc, Op op, int nin, int nout)
{
	const OpInfo *info = &op_info[op];
	char most[24] = "any number";
	if (info->nin_max >= 0)
		snprintf(most, sizeof most, "%d", info->nin_max);
	if (nin < info->nin_min || (info->nin_max >= 0 && nin > info->nin_max)) {
		diag_error(p->x.d, DIAG_REJECT, loc, "%d inputs; %s takes %d to %s", nin, info->name, info->nin_min, most);
		return false;
	}
	if (nout > info->nout_max) {
		diag_error(p->x.d, DIAG_REJECT, loc, "%d results; %s has %d", nout, info->name, info->nout_max);
		return false;
	}
	return true;
}

/* Types may be left out when there is one result. The text's type is kept in the value for infer_node(), which takes
 * layouts and channel shares from it. */
static bool parse_result_types(Parser *p, Node *n, Type *said, Loc *loc)
{
	bool given = lex_try(&p->x, ':');
	if (!given && n->nout > 1)
		return lex_fail(&p->x, "':' and the types of the results");
	for (int k = 0; given && k < n->nout; k++) {
		if (k && !lex_want(&p->x, ','))
			return false;
		loc[k] = lex_loc(&p->x);
		if (!parse_type(p, &said[k]))
			return false;
		n->out[k]->type = said[k];
	}
	return true;
}

static bool check_result_types(Parser *p, const Node *n, const Type *said, const Loc *loc)
{
	char found[TYPE_TEXT], wanted[TYPE_TEXT];
	for (int k = 0; k < n->nout; k++)
		if (said[k].dtype != DT_NONE && !type_equal(&said[k], &n->out[k]->type)) {
			diag_error(p->x.d, DIAG_REJECT, loc[k], "the type is %s, but the result is %s", type_format(&said[k], found),
			           type_format(&n->out[k]->type, wanted));
			return false;
		}
	return true;
}

static bool parse_node(Parser *p)
{
	int id[MAX_OUT], nout, nin;
	const char *name[MAX_OUT], *layer;
	Op op;
	Loc loc = lex_loc(&p->x), type_loc[MAX_OUT];
	if (!parse_results(p, id, name, &nout) || !parse_op(p, &op) || !lex_string(&p->x, &layer) || !parse_inputs(p, &nin) ||
	    !check_counts(p, loc, op, nin, nout))
		return false;
	Node *n = graph_node(p->g, op, layer, nin, p->in, nout);
	Type said[MAX_OUT] = {{0}};
	n->loc = loc;
	n->loc.layer = diag_quote(p->g->arena, layer);
	if (!parse_attributes(p, n) || !parse_result_types(p, n, said, type_loc) || !parse_facts(p, n, n->out, nout) ||
	    !infer_node(n, p->x.d) || !check_result_types(p, n, said, type_loc))
		return false;
	for (int k = 0; k < nout; k++) {
		n->out[k]->name = name[k];
		define(p, id[k], n->out[k]);
	}
	return true;
}

/* ---- the whole text ---- */

static const struct {
	const char *word;
	bool (*parse)(Parser *p);
	bool once, ends; /* ends: nothing but blanks may follow */
} lines[] = {
    {"graph", parse_graph_line, true, true}, {"preprocess", parse_preprocess, true, true}, {"labels", parse_labels, true, true},
    {"input", parse_input, false, false},    {"const", parse_constant, false, false},      {"output", parse_output, true, true},
    {"plan", parse_plan, true, true},
};

enum { LINES = sizeof lines / sizeof *lines, GRAPH_LINE = 0, OUTPUT_LINE = 5 };

static const char *line_word_at(const void *table, int i)
{
	(void)table;
	return i < LINES ? lines[i].word : NULL;
}

static bool parse_line(Parser *p)
{
	char word[WORD_TEXT];
	if (lex_at_end(&p->x) || lex_is(&p->x, '#'))
		return true;
	if (lex_is(&p->x, '%'))
		return parse_node(p);
	Loc loc = lex_loc(&p->x);
	if (!lex_word(&p->x, word, "a line's first word"))
		return false;
	int i = 0;
	while (i < LINES && strcmp(lines[i].word, word))
		i++;
	if (i == LINES || (lines[i].once && (p->seen_lines >> i & 1))) {
		diag_error(p->x.d, DIAG_REJECT, loc, "%s '%s'%s", i < LINES ? "second line" : "unknown line", word,
		           i < LINES ? "" : name_hint(p->scratch, word, line_word_at, NULL));
		return false;
	}
	p->seen_lines |= 1u << i;
	return lines[i].parse(p) && (!lines[i].ends || lex_want_end(&p->x));
}

/* "dssdc.ir 1" */
static bool parse_first_line(Parser *p)
{
	char word[WORD_TEXT];
	int64_t version;
	Lexer before = p->x;
	if (!lex_is(&p->x, 'd') || !lex_word(&p->x, word, "'dssdc.ir 1'") || strcmp(word, "dssdc.ir")) {
		p->x = before;
		return lex_fail(&p->x, "'dssdc.ir 1'");
	}
	Loc loc = lex_loc(&p->x);
	if (!lex_int(&p->x, 1, INT32_MAX, &version, "a version"))
		return false;
	if (version != 1) {
		diag_error(p->x.d, DIAG_UNSUPPORTED, loc, "version %lld of the text form; 1 is known", (long long)version);
		return false;
	}
	if (!lex_want_end(&p->x))
		return false;
	lex_next_line(&p->x);
	return true;
}

static void parse_lines(Parser *p)
{
	if (!parse_first_line(p))
		return;
	while (p->x.at < p->x.end) {
		if (!parse_line(p) && diag_errors(p->x.d) == p->errors_before)
			bug("line %d was refused without a message", p->x.line);
		lex_next_line(&p->x);
	}
	Loc whole = {.file = p->x.file, .offset = -1};
	if (!(p->seen_lines >> GRAPH_LINE & 1))
		diag_error(p->x.d, DIAG_REJECT, whole, "there is no graph line");
	if (!(p->seen_lines >> OUTPUT_LINE & 1))
		diag_error(p->x.d, DIAG_REJECT, whole, "there is no output line");
}

static int by_id(const void *a, const void *b)
{
	int x = (*(Value *const *)a)->id, y = (*(Value *const *)b)->id;
	return (x > y) - (x < y);
}

Graph *graph_parse(const char *file, const char *text, size_t size, KernelByName kernel_by_name, Diag *d)
{
	TextLocale locale = text_locale_begin();
	Graph *g = graph_new("");
	Parser p = {.g = g, .scratch = arena_new(), .kernel_by_name = kernel_by_name, .errors_before = diag_errors(d)};
	p.x = (Lexer){arena_strdup(g->arena, file), text, text + size, text, 1, d, g->arena};
	parse_lines(&p);
	if (diag_errors(d) == p.errors_before)
		parse_resolve_bases(&p);
	if (diag_errors(d) == p.errors_before && g->preprocess.width)
		parse_check_preprocess(&p);
	if (g->nvalue)
		qsort(g->value, (size_t)g->nvalue, sizeof(Value *), by_id);
	g->next_id = g->nvalue ? g->value[g->nvalue - 1]->id + 1 : 1;
	arena_free(p.scratch);
	text_locale_end(locale);
	if (diag_errors(d) == p.errors_before)
		return g;
	graph_free(g);
	return NULL;
}
