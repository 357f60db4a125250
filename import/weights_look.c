/* weights_look.c -- every constant is read once, tensor by tensor. An infinite constant may be meant (a mask before a softmax), so
 * infinities count only where they are multiplied as weights. */
#include "import/weights_look.h"

#include <inttypes.h>
#include <math.h>

typedef struct Counts {
	int64_t nan, infinite, negative;
} Counts;

static bool is_weight(const Value *v)
{
	static const Op weighted[] = {OP_conv2d, OP_deconv2d, OP_matmul, OP_batchnorm, OP_scale, OP_l2norm};
	for (int i = 0; i < v->nuse; i++)
		for (size_t k = 0; k < sizeof weighted / sizeof *weighted; k++)
			if (v->use[i] && v->use[i]->op == weighted[k])
				return true;
	return false;
}

static bool is_variance(const Value *v)
{
	for (int i = 0; i < v->nuse; i++)
		if (v->use[i] && v->use[i]->op == OP_batchnorm && v->use[i]->in[BATCHNORM_VARIANCE] == v)
			return true;
	return false;
}

static Counts count(const Value *v, Arena *scratch)
{
	Counts c = {0};
	const double *x = blob_read_f64(v->data, scratch);
	const int64_t n = blob_count(v->data);
	for (int64_t i = 0; i < n; i++) {
		c.nan += isnan(x[i]);
		c.infinite += isinf(x[i]);
		c.negative += x[i] < 0;
	}
	if (!is_weight(v))
		c.infinite = 0;
	if (!is_variance(v))
		c.negative = 0;
	return c;
}

/* "3 NaN, 1 infinite, 2 negative variances"; null: there is nothing to say. */
static const char *text_of(const Counts *c, Arena *a)
{
	const struct {
		int64_t n;
		const char *what;
	} part[] = {
	    {c->nan, "NaN"}, {c->infinite, "infinite"}, {c->negative, c->negative == 1 ? "negative variance" : "negative variances"}};
	const char *text = NULL;
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (part[i].n)
			text = arena_printf(a, "%s%s%" PRId64 " %s", text ? text : "", text ? ", " : "", part[i].n, part[i].what);
	return text;
}

static const char *name_of(const Value *v, Arena *a)
{
	if (v->name && *v->name)
		return diag_quote(a, v->name);
	for (int i = 0; i < v->nuse; i++)
		if (v->use[i])
			return arena_printf(a, "a constant of %s", diag_quote(a, v->use[i]->name));
	return arena_printf(a, "constant %d", v->id);
}

void weights_look(const Graph *g, const char *file, bool strict, Diag *d)
{
	const Loc loc = {.file = file, .offset = -1};
	Arena *scratch = arena_new();
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!value_is_constant(v) || v->data->kind == BLOB_ELIDED || v->data->kind == BLOB_RANDOM ||
		    !dtype_is_float(v->data->dtype))
			continue;
		const Counts c = count(v, scratch);
		const char *text = text_of(&c, scratch);
		if (text && strict)
			diag_error(d, DIAG_REJECT, loc, "tensor '%s': %s of %" PRId64 " numbers (--strict-weights)", name_of(v, scratch),
			           text, blob_count(v->data));
		else if (text)
			diag_warning(d, loc, "tensor '%s': %s of %" PRId64 " numbers; --strict-weights refuses them", name_of(v, scratch),
			             text, blob_count(v->data));
		arena_reset(scratch);
	}
	arena_free(scratch);
}
