/* parse_data.c -- attributes and contents of constants in the text form. */
#include "ir/parse.h"

#include <string.h>

/* ---- attributes ---- */

static const char *field_at(const void *table, int i)
{
	const OpInfo *info = table;
	return i < info->nfield ? info->field[i].name : NULL;
}

static const char *func_at(const void *table, int i)
{
	(void)table;
	return i < FN_COUNT ? func_name((Func)i) : NULL;
}

static const char *dtype_at(const void *table, int i)
{
	(void)table;
	return i < DT_COUNT ? dtype_name((DType)i) : NULL;
}

static const char *const code_names[] = {"corner", "center_size", "corner_size", NULL}; /* from BOX_CORNER on */

static const char *code_at(const void *table, int i)
{
	(void)table;
	return code_names[i];
}

/* A word out of a list; its index. */
static bool parse_choice(Parser *p, const char *what, NameAt name_at, int *out)
{
	char word[WORD_TEXT];
	const char *name;
	Loc loc = lex_loc(&p->x);
	if (!lex_word(&p->x, word, what))
		return false;
	for (int i = 0; (name = name_at(NULL, i)); i++)
		if (!strcmp(name, word)) {
			*out = i;
			return true;
		}
	diag_error(p->x.d, DIAG_REJECT, loc, "unknown %s '%s'%s", what, word, name_hint(p->scratch, word, name_at, NULL));
	return false;
}

static bool parse_field_value(Parser *p, const Field *f, char *at, int i)
{
	int64_t v = 0;
	int choice = 0;
	switch (f->kind) {
	case FIELD_INT:
		if (!lex_int(&p->x, INT32_MIN, INT32_MAX, &v, f->name))
			return false;
		((int *)at)[i] = (int)v;
		return true;
	case FIELD_I64:
		return lex_int(&p->x, INT64_MIN, INT64_MAX, &((int64_t *)at)[i], f->name);
	case FIELD_BOOL:
		if (!lex_int(&p->x, 0, 1, &v, f->name))
			return false;
		((bool *)at)[i] = v != 0;
		return true;
	case FIELD_DOUBLE:
		return lex_double(&p->x, &((double *)at)[i]);
	case FIELD_FUNC:
		if (!parse_choice(p, "function", func_at, &choice))
			return false;
		((Func *)at)[i] = (Func)choice;
		return true;
	case FIELD_DTYPE:
		if (!parse_choice(p, "element type", dtype_at, &choice))
			return false;
		((DType *)at)[i] = (DType)choice;
		return true;
	case FIELD_CODE:
		if (!parse_choice(p, "box code", code_at, &choice))
			return false;
		((BoxCode *)at)[i] = (BoxCode)(BOX_CORNER + choice);
		return true;
	}
	return false;
}

static bool parse_field(Parser *p, const Field *f, char *base)
{
	int count = 0;
	do {
		if (count == f->count) {
			char wanted[64];
			snprintf(wanted, sizeof wanted, "%s%d value%s", f->count_offset ? "at most " : "", f->count,
			         f->count == 1 ? "" : "s");
			return lex_fail(&p->x, wanted);
		}
		if (!parse_field_value(p, f, base + f->offset, count))
			return false;
		count++;
	} while (lex_try(&p->x, ','));
	if (f->count_offset) {
		*(int *)(base + f->count_offset - 1) = count;
		return true;
	}
	return count == f->count || lex_fail(&p->x, "',' and more values");
}

bool parse_attributes(Parser *p, Node *n)
{
	const OpInfo *info = &op_info[n->op];
	uint64_t seen = 0;
	while (!lex_is(&p->x, ':') && !lex_is(&p->x, ';') && !lex_at_end(&p->x)) {
		char word[WORD_TEXT];
		Loc loc = lex_loc(&p->x);
		if (!lex_word(&p->x, word, "an input, an attribute or ':'"))
			return false;
		int i = 0;
		while (i < info->nfield && strcmp(info->field[i].name, word))
			i++;
		if (i == info->nfield) {
			diag_error(p->x.d, DIAG_REJECT, loc, "%s has no attribute '%s'%s", info->name, word,
			           name_hint(p->scratch, word, field_at, info));
			return false;
		}
		if (seen >> i & 1) {
			diag_error(p->x.d, DIAG_REJECT, loc, "attribute '%s' is given twice", word);
			return false;
		}
		seen |= (uint64_t)1 << i;
		if (!lex_want(&p->x, '=') || !parse_field(p, &info->field[i], (char *)&n->u))
			return false;
	}
	return true;
}

/* ---- constants ---- */

/* Two's complement of any width: the low bytes. */
static void store_int(DType t, int64_t v, char *out)
{
	memcpy(out, &v, (size_t)dtype_size(t));
}

static const struct {
	int64_t least, most;
} int_range[DT_COUNT] = {
    [DT_I8] = {INT8_MIN, INT8_MAX},
    [DT_U8] = {0, UINT8_MAX},
    [DT_I32] = {INT32_MIN, INT32_MAX},
    [DT_I64] = {INT64_MIN, INT64_MAX},
    [DT_I16] = {INT16_MIN, INT16_MAX},
    [DT_U16] = {0, UINT16_MAX},
    [DT_U32] = {0, UINT32_MAX},
    [DT_U64] = {INT64_MIN, INT64_MAX}, /* its bits */
    [DT_BOOL] = {0, 1},
};

static bool parse_element(Parser *p, DType t, char *out)
{
	int64_t i;
	double v;
	if (dtype_is_float(t)) {
		if (!lex_double(&p->x, &v))
			return false;
		number_store(t, v, out);
		return true;
	}
	if (!lex_int(&p->x, int_range[t].least, int_range[t].most, &i, "an element"))
		return false;
	store_int(t, i, out);
	return true;
}

static Blob *parse_content(Parser *p, const Type *t)
{
	int64_t count = type_count(t), size = dtype_size(t->dtype);
	if (count > p->x.end - p->x.at) { /* a number takes a byte at least; so memory stays in proportion to the text */
		lex_fail(&p->x, "as many numbers as the type has elements");
		return NULL;
	}
	Arena *a = arena_new();
	char *bytes = arena_alloc(a, (size_t)(count * size));
	Blob *b = NULL;
	int64_t i = 0;
	while (i < count && parse_element(p, t->dtype, bytes + i * size))
		i++;
	if (i == count)
		b = blob_bytes(p->g, t, bytes);
	arena_free(a);
	return b;
}

Blob *parse_blob(Parser *p, const Type *t)
{
	uint64_t hash;
	if (lex_try(&p->x, '='))
		return parse_content(p, t);
	if (!lex_try(&p->x, '#')) {
		lex_fail(&p->x, "'=' and numbers, or '#' and a hash");
		return NULL;
	}
	if (!lex_hash(&p->x, &hash))
		return NULL;
	Blob *b = arena_new_one(p->g->arena, Blob);
	*b = (Blob){.kind = BLOB_ELIDED, .dtype = t->dtype, .rank = t->rank, .hash = hash, .fd = -1};
	memcpy(b->dim, t->dim, sizeof b->dim);
	return b;
}
