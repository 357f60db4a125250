/* emit_source.c -- NAME.c: weights, arena, kernels, the list of calls. */
#include "codegen/emission.h"
#include "codegen/embedded.h"
#include "ir/diag.h"

#include <ctype.h>
#include <string.h>

/* The alignment is the type's: the object's size is a multiple of it. */
static void print_memory(const Emission *e, FILE *out)
{
	const ManifestObject *o = manifest_object(e->manifest, STORAGE_RAM);
	if (!o || !o->nparts)
		return;
	fputs("static struct {\n", out);
	for (int i = 0; i < o->nparts; i++)
		fprintf(out, "\t%s; /* %s */\n", o->part[i].declaration, o->part[i].use);
	fprintf(out, "}%s %s;\n\n", o->alignment > POINTER_BYTES ? arena_printf(e->arena, " %s_ALIGN", e->upper) : "", o->name);
}

void preprocess_print(const Emission *e, FILE *out)
{
	const Preprocess *p = &e->graph->preprocess;
	const EmbeddedFile *f = template_file(e, "preprocess");
	static const char *const mean[] = {"MEAN0", "MEAN1", "MEAN2"}, *const divisor[] = {"DIVISOR0", "DIVISOR1", "DIVISOR2"};
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_int(b, "CHANNELS", p->width ? p->channels : 0);
	bind_int(b, "BGR", p->bgr);
	bind_int(b, "EARLY", e->target->early);
	for (int c = 0; c < 3; c++) {
		bind_float(b, mean[c], p->mean[c]);
		bind_float(b, divisor[c], p->divisor[c]);
	}
	const int64_t elements = p->width ? (int64_t)p->channels * p->height * p->width : 0;
	const int64_t extent[] = {-1, lines_bytes(e) / 4, elements}; /* pixels are the caller's */
	const int64_t device[] = {-1, -1, elements, e->target->batch};
	bind_extents(b, "net_preprocess", e->device ? device : extent, e->device ? 4 : 3);
	fprintf(out, "%s\n", template_expand(f->name, f->text, b, e->facts));
}

static void print_cpu_check(const Emission *e, FILE *out)
{
	if (!e->target->features[0])
		return;
	const EmbeddedFile *f = template_file(e, "cpu");
	Bindings *b = bindings_new(e->arena, e->options->name);
	static const char *const known[] = {"avx2", "fma", "avx512f", "avx512vl", "avx512dq", "avx512bw"};
	static const char *const names[] = {"AVX2", "FMA", "AVX512F", "AVX512VL", "AVX512DQ", "AVX512BW"};
	for (int k = 0; k < 6; k++) {
		bool needed = false;
		for (int i = 0; e->target->features[i]; i++)
			needed = needed || !strcmp(e->target->features[i], known[k]);
		bind_int(b, names[k], needed);
	}
	fprintf(out, "%s\n", template_expand(f->name, f->text, b, e->facts));
}

/* ---- the calls ---- */

static void print_trace(const Emission *e, const Step *s, FILE *out)
{
	const char *m = e->options->name;
	const Argument *x;
	for (int k = 0; e->options->trace && s->node->op != OP_detect && (x = step_argument(s, ROLE_RESULT, k)); k++)
		fprintf(out, "\t%s_tracer.call(%s_tracer.context, %d, %d, %s);\n", m, m, s->number, k, c_argument(e, x));
}

static void print_calls(const Emission *e, FILE *out)
{
	const char *m = e->options->name;
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		if (!s->instance)
			continue;
		fprintf(out, "\t%s%s_%s(", s->node->op == OP_detect && s->kind == STEP_KERNEL ? "return " : "", m, s->instance->function);
		for (int k = 0; k < s->nargument; k++)
			fprintf(out, "%s%s", k ? ", " : "", c_argument(e, &s->argument[k]));
		if (s->kind == STEP_HALO) {
			fputs(");\n", out);
			continue;
		}
		fprintf(out, "); /* %d %s */\n", s->number + 1, c_comment(e->arena, s->node->name));
		print_trace(e, s, out);
	}
}

/* A call gets a pointer into an object: to the caller's tensor `index`, where it is one. */
static bool is_passed(const Emission *e, Object object, int index)
{
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		for (int k = 0; s->instance && k < s->nargument; k++)
			if (s->argument[k].object == object && s->argument[k].index == index)
				return true;
	}
	return false;
}

static void print_infer(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	const char *m = e->options->name;
	if (e->options->trace)
		fprintf(out,
		        "extern struct %s_tracing {\n\tvoid (*call)(void *context, int node, int output, const void *data);\n\tvoid "
		        "*context;\n} %s_tracer;\n"
		        "struct %s_tracing %s_tracer;\n\n",
		        m, m, m, m);
	fprintf(out, "/* The network. Every pointer is to the first element in memory, halo included. */\nstatic int %s_infer(", m);
	for (int i = 0; i < g->ninput; i++)
		fprintf(out, "const %s *in%d, ", c_type(g->input[i]->type.dtype), i);
	fputs("float *arena", out);
	if (e->detector)
		fprintf(out, ", %s_detection *out, int max", m);
	else
		for (int i = 0; i < g->noutput; i++)
			fprintf(out, ", %s *out%d", c_type(g->output[i]->type.dtype), i);
	fputs(")\n{\n", out);
	if (!is_passed(e, OBJECT_ARENA, 0))
		fputs("\t(void)arena;\n", out);
	for (int i = 0; i < g->ninput; i++)
		if (!is_passed(e, OBJECT_INPUT, i))
			fprintf(out, "\t(void)in%d;\n", i);
	for (int i = 0; !e->detector && i < g->noutput; i++)
		if (!type_count(&g->output[i]->type))
			fprintf(out, "\t(void)out%d;\n", i);
	print_calls(e, out);
	if (!e->detector)
		fprintf(out, "\treturn %s_OK;\n", e->upper);
	fputs("}\n\n", out);
}

/* GNU C compiles vectors of any width for any CPU, in place of missing instructions by slow ones, without a word. */
static void print_flags_check(const Emission *e, FILE *out)
{
	const char *const *features = e->target->features, *macros = "";
	if (!features[0])
		return;
	for (int i = 0; features[i]; i++) {
		char *upper = arena_strdup(e->arena, features[i]);
		for (char *p = upper; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		macros = arena_printf(e->arena, "%s%sdefined(__%s__)", macros, i ? " && " : "", upper);
	}
	fprintf(out, "#if defined(__GNUC__) && !(%s)\n#error compile %s.c with %s\n#endif\n\n", macros, e->file, flags_text(e));
}

void source_print(const Emission *e, FILE *out)
{
	const char *u = e->upper;
	print_flags_check(e, out);
	fprintf(out, "#include \"%s.h\"\n\n#include <string.h>\n\n", e->file);
	fprintf(out,
	        "#if defined(__GNUC__)\n#define %s_ALIGN __attribute__((aligned(%d)))\n#define %s_NOINLINE __attribute__((noinline))\n"
	        "#else\n#define %s_ALIGN\n#define %s_NOINLINE\n#endif\n\n",
	        u, e->target->alignment, u, u, u);
	byte_order_print(e, out);
	weights_print(e, out);
	print_memory(e, out);
	instances_print(e, out);
	if (e->detector && e->graph->preprocess.width)
		preprocess_print(e, out);
	print_infer(e, out);
	print_cpu_check(e, out);
	labels_print(e, out);
	weights_entry_print(e, out);
	entry_print(e, out);
	strings_print(e, out);
}
