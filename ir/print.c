/* print.c -- a graph as text. What is written here ir/parse.c reads back; a dump of what was read is the same dump.
 *
 *     %4 = conv2d "conv1" %1 %2 %3 stride=2,2 act=relu6 : f32[1,32,161,161]{c16} ; kernel=conv_tile at=65536
 *
 * One line a value or node: results, op, layer name, inputs, attributes that are not standard, types; after the
 * semicolon what late passes found. Constants are a hash unless their content is asked for.
 */
#include "ir/target.h"
#include "ir/text.h"

#include <inttypes.h>
#include <string.h>

static void print_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p >= 0x7f)
			fprintf(f, "\\x%02x", *p);
		else
			fputc(*p, f);
	}
	fputc('"', f);
}

static void print_double(FILE *f, double v)
{
	char text[NUMBER_TEXT];
	fputs(number_format(v, false, text), f);
}

static void print_type(FILE *f, const Type *t)
{
	char text[TYPE_TEXT];
	fputs(type_format(t, text), f);
}

static void print_doubles(FILE *f, const char *name, const double *v, int count)
{
	fprintf(f, " %s=", name);
	for (int i = 0; i < count; i++) {
		if (i)
			fputc(',', f);
		print_double(f, v[i]);
	}
}

/* ---- attributes ---- */

static double field_value(const Field *f, const char *p, int i)
{
	switch (f->kind) {
	case FIELD_I64:
		return (double)((const int64_t *)p)[i];
	case FIELD_BOOL:
		return ((const bool *)p)[i];
	case FIELD_DOUBLE:
		return ((const double *)p)[i];
	case FIELD_INT:
	case FIELD_FUNC:
	case FIELD_CODE:
	case FIELD_DTYPE:
		break;
	}
	return ((const int *)p)[i];
}

static void print_field_value(FILE *out, const Field *f, const char *p, int i)
{
	static const char *const code_name[] = {
	    [BOX_CORNER] = "corner", [BOX_CENTER_SIZE] = "center_size", [BOX_CORNER_SIZE] = "corner_size"};
	switch (f->kind) {
	case FIELD_INT:
		fprintf(out, "%d", ((const int *)p)[i]);
		break;
	case FIELD_I64:
		fprintf(out, "%" PRId64, ((const int64_t *)p)[i]);
		break;
	case FIELD_BOOL:
		fputs(((const bool *)p)[i] ? "1" : "0", out);
		break;
	case FIELD_DOUBLE:
		print_double(out, ((const double *)p)[i]);
		break;
	case FIELD_FUNC:
		fputs(func_name((Func)((const int *)p)[i]), out);
		break;
	case FIELD_DTYPE:
		fputs(dtype_name((DType)((const int *)p)[i]), out);
		break;
	case FIELD_CODE:
		fputs(code_name[((const int *)p)[i]], out);
		break;
	}
}

void print_attributes(FILE *out, const Node *n)
{
	const OpInfo *info = &op_info[n->op];
	const char *base = (const char *)&n->u;
	for (int k = 0; k < info->nfield; k++) {
		const Field *f = &info->field[k];
		const char *p = base + f->offset;
		int count = f->count_offset ? *(const int *)(base + f->count_offset - 1) : f->count;
		bool shown = f->count_offset && count > 0;
		for (int i = 0; i < count; i++) {
			double v = field_value(f, p, i);
			shown = shown || !(v == f->standard);
		}
		if (!shown)
			continue;
		fprintf(out, " %s=", f->name);
		for (int i = 0; i < count; i++) {
			if (i)
				fputc(',', out);
			print_field_value(out, f, p, i);
		}
	}
}

/* ---- facts of late passes ---- */

/* The first fact of a line is preceded by a semicolon. */
static FILE *fact(FILE *out, bool *any)
{
	fputs(*any ? " " : " ; ", out);
	*any = true;
	return out;
}

static void print_placement(FILE *out, const Value *v, int k, bool *any)
{
	const char *suffix = k ? "1" : "";
	if (v->offset >= 0)
		fprintf(fact(out, any), "at%s=%" PRId64, suffix, v->offset);
	if (!v->base)
		return;
	fprintf(fact(out, any), "base%s=%%%d", suffix, v->base->id);
	if (v->base_axis >= 0 || v->base_at)
		fprintf(out, "@%d:%" PRId64, v->base_axis, v->base_at);
}

void print_plan(FILE *out, const Kernel *k, const int plan[MAX_PLAN])
{
	for (int i = 0; k->choice[i]; i++)
		fprintf(out, "%s%s:%d", i ? "," : "", k->choice[i], plan[i]);
}

static void print_node_facts(FILE *out, const Node *n, PrintOptions o)
{
	bool any = false;
	if (n->kernel)
		fprintf(fact(out, &any), "kernel=%s", n->kernel->name);
	if (n->kernel && n->kernel->choice[0] && !o.no_plans) {
		fputs("plan=", fact(out, &any));
		print_plan(out, n->kernel, n->plan);
	}
	if (n->queue)
		fprintf(fact(out, &any), "queue=%d", n->queue);
	if (n->weights_size)
		fprintf(fact(out, &any), "weights=%" PRId64 "+%" PRId64, n->weights_offset, n->weights_size);
	if (n->scratch_size)
		fprintf(fact(out, &any), "scratch=%" PRId64 "+%" PRId64, n->scratch_offset, n->scratch_size);
	for (int k = 0; k < n->nout; k++)
		print_placement(out, n->out[k], k, &any);
}

/* ---- lines ---- */

static void print_value_head(FILE *out, const char *word, const Value *v)
{
	fprintf(out, "%s %%%d", word, v->id);
	if (v->name) {
		fputc(' ', out);
		print_string(out, v->name);
	}
	fputs(" : ", out);
	print_type(out, &v->type);
}

static void print_content(FILE *out, const Blob *b, Arena *scratch)
{
	int64_t count = blob_count(b);
	char text[NUMBER_TEXT];
	fputs(" =", out);
	if (dtype_is_float(b->dtype)) {
		const double *x = blob_read_f64(b, scratch);
		for (int64_t i = 0; i < count; i++)
			fprintf(out, " %s", number_format(x[i], b->dtype != DT_F64, text));
	} else {
		const int64_t *x = blob_read_i64(b, scratch);
		for (int64_t i = 0; i < count; i++)
			fprintf(out, " %" PRId64, x[i]);
	}
}

static void print_constant(FILE *out, const Value *v, PrintOptions o, Arena *scratch)
{
	bool any = false;
	print_value_head(out, "const", v);
	const bool whole = o.constants || (o.small && !dtype_in(v->data->dtype, DTYPES_TO_FLOAT32));
	if (whole && v->data->kind != BLOB_ELIDED)
		print_content(out, v->data, scratch);
	else
		fprintf(out, " #%016" PRIx64, blob_hash(v->data, scratch));
	print_placement(out, v, 0, &any);
	fputc('\n', out);
}

static void print_node(FILE *out, const Node *n, PrintOptions o)
{
	for (int k = 0; k < n->nout; k++) {
		fprintf(out, "%s%%%d", k ? ", " : "", n->out[k]->id);
		if (n->out[k]->name) {
			fputc(' ', out);
			print_string(out, n->out[k]->name);
		}
	}
	fprintf(out, " = %s ", op_info[n->op].name);
	print_string(out, n->name);
	for (int i = 0; i < n->nin; i++) {
		if (n->in[i])
			fprintf(out, " %%%d", n->in[i]->id);
		else
			fputs(" -", out);
	}
	print_attributes(out, n);
	for (int k = 0; k < n->nout; k++) {
		fputs(k ? ", " : " : ", out);
		print_type(out, &n->out[k]->type);
	}
	print_node_facts(out, n, o);
	fputc('\n', out);
}

static void print_preprocess(FILE *out, const Preprocess *p)
{
	if (!p->width)
		return;
	fprintf(out, "preprocess width=%d height=%d channels=%d order=%s", p->width, p->height, p->channels, p->bgr ? "bgr" : "rgb");
	print_doubles(out, "mean", p->mean, 3);
	print_doubles(out, "divisor", p->divisor, 3);
	fputc('\n', out);
}

static void print_labels(FILE *out, const Graph *g)
{
	if (!g->nlabel)
		return;
	fputs("labels", out);
	for (int i = 0; i < g->nlabel; i++) {
		fputc(' ', out);
		print_string(out, g->label[i]);
	}
	fputc('\n', out);
}

static void print_outputs(FILE *out, const Graph *g)
{
	fputs("output", out);
	for (int i = 0; i < g->noutput; i++)
		fprintf(out, " %%%d", g->output[i]->id);
	fputc('\n', out);
	if (g->weights_size || g->arena_size || g->arena_bound)
		fprintf(out, "plan weights=%" PRId64 " arena=%" PRId64 " bound=%" PRId64 "\n", g->weights_size, g->arena_size,
		        g->arena_bound);
}

void graph_print(const Graph *g, FILE *out, PrintOptions o)
{
	TextLocale locale = text_locale_begin();
	Arena *scratch = arena_new();
	fputs("dssdc.ir 1\ngraph ", out);
	print_string(out, g->name);
	fputc('\n', out);
	print_preprocess(out, &g->preprocess);
	print_labels(out, g);
	for (int i = 0; i < g->ninput; i++) {
		bool any = false;
		print_value_head(out, "input", g->input[i]);
		print_placement(out, g->input[i], 0, &any);
		fputc('\n', out);
	}
	for (int i = 0; i < g->nvalue; i++)
		if (value_is_constant(g->value[i])) {
			print_constant(out, g->value[i], o, scratch);
			arena_reset(scratch);
		}
	for (int i = 0; i < g->nnode; i++)
		print_node(out, g->node[i], o);
	print_outputs(out, g);
	arena_free(scratch);
	text_locale_end(locale);
}
