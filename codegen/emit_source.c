/* emit_source.c -- NAME.c: head comment with the table of nodes, weights, arena, kernels, the list of calls. */
#include "codegen/emit.h"
#include "codegen/embedded.h"
#include "ir/diag.h"

#include <string.h>

/* "32x161x161", without the leading 1 of a batch of one */
static const char *shape_text(Arena *a, const Type *t)
{
	const char *s = "";
	for (int i = t->rank > 1 && t->dim[0] == 1; i < t->rank; i++)
		s = arena_printf(a, "%s%s%lld", s, *s ? "x" : "", (long long)t->dim[i]);
	return *s ? s : "1";
}

static void print_table(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	fprintf(out, " *\n * %4s  %-28s %-20s %-16s %10s %12s\n", "node", "layer", "kernel", "result", "MMAC", "arena offset");
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		const Value *root = value_root(n->out[0]);
		const char *offset = root->offset < 0
					 ? "caller's"
					 : arena_printf(e->arena, "%lld", (long long)(root->offset + dtype_size(root->type.dtype) * value_root_offset(n->out[0])));
		fprintf(out, " * %4d  %-28.60s %-20s %-16s %10.3f %12s\n", i + 1, c_comment(e->arena, n->name),
			e->of_node[i] ? e->of_node[i]->function : "in place", shape_text(e->arena, &n->out[0]->type),
			1e-6 * (double)node_macs(n), offset);
	}
}

/* What else a build needs. */
static void print_files(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	fprintf(out, " * needs    %s.h", n);
	if (e->weights_apart && e->options->weights == WEIGHTS_INCBIN)
		fprintf(out,
		        ", and %s.weights through -I. A makefile must name it as a dependency: -MD does not list what\n"
		        " *          the assembler reads, -Wa,--MD,FILE does",
		        n);
	else if (e->weights_apart && e->options->weights == WEIGHTS_OBJECT)
		fprintf(out, ", and linked beside: the object that `cc -I. -c %s_weights.S` makes of %s.weights", n, n);
	else if (e->graph->weights_size && e->options->weights == WEIGHTS_ARRAY)
		fprintf(out, ", and linked beside: the object of %s_weights.c", n);
	else if (e->weights_apart)
		fprintf(out, "; at run time the bytes of %s.weights, given to %s_load()", n, n);
	fputc('\n', out);
}

void head_print(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	fprintf(out, "/* %s%s -- made by %s; do not edit. The generated code is yours.\n *\n", e->options->name, e->target->suffix, e->options->tool);
	fprintf(out, " * model    %s, hash %016llx\n", c_comment(e->arena, g->name), (unsigned long long)e->model_hash);
	fprintf(out, " * options  %s\n", c_comment(e->arena, e->options->settings));
	fprintf(out, " * profile  %s\n", e->target->profile);
	fprintf(out, " * weights  %lld bytes, hash %016llx\n", (long long)g->weights_size, (unsigned long long)e->weights_hash);
	fprintf(out, " * arena    %lld bytes; the largest set of live buffers is %lld\n", (long long)g->arena_size,
		(long long)g->arena_bound);
	print_files(e, out);
	print_table(e, out);
	fputs(" */\n", out);
}

static void print_memory(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	if (e->options->caller_arena)
		return;
	if (e->graph->arena_size)
		fprintf(out, "static float %s_arena[%s_ARENA_SIZE / 4] %s_ALIGN;\n", n, u, u);
	else
		fprintf(out, "static float *const %s_arena = 0;\n", n);
	if (e->detector && e->graph->preprocess.width)
		fprintf(out, "static int32_t %s_lines[10 * %s_INPUT_WIDTH]; /* of the resize */\n", n, u);
	fputc('\n', out);
}

void preprocess_print(const Emission *e, FILE *out)
{
	const Preprocess *p = &e->graph->preprocess;
	const EmbeddedFile *f = template_file(e, "preprocess");
	static const char *const mean[] = {"MEAN0", "MEAN1", "MEAN2"}, *const divisor[] = {"DIVISOR0", "DIVISOR1", "DIVISOR2"};
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_int(b, "CHANNELS", p->width ? p->channels : 0);
	bind_int(b, "BGR", p->bgr);
	for (int c = 0; c < 3; c++) {
		bind_float(b, mean[c], p->mean[c]);
		bind_float(b, divisor[c], p->divisor[c]);
	}
	fprintf(out, "%s\n", template_expand(f->name, f->text, b));
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
	fprintf(out, "%s\n", template_expand(f->name, f->text, b));
}

/* ---- the calls ---- */

static void print_arguments(const Emission *e, const Node *n, FILE *out)
{
	const char *separator = "";
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i] || (value_is_constant(n->in[i]) && n->kernel->constants == CONSTANTS_JOINED))
			continue;
		fprintf(out, "%s%s", separator,
		        value_is_constant(n->in[i]) ? constant_pointer(e, n, i) : value_pointer(e, n->in[i]));
		separator = ", ";
	}
	if (n->weights_size && n->kernel->constants == CONSTANTS_JOINED) {
		fprintf(out, "%s%s_weights", separator, e->options->name);
		if (n->weights_offset)
			fprintf(out, " + %lld", (long long)(n->weights_offset / 4));
		separator = ", ";
	}
	if (n->op == OP_detect) {
		fprintf(out, "%sarena + %lld, out, max", separator, (long long)(n->scratch_offset / 4));
		return;
	}
	for (int k = 0; k < n->nout; k++) {
		fprintf(out, "%s%s", separator, value_pointer(e, n->out[k]));
		separator = ", ";
	}
	if (n->scratch_size)
		fprintf(out, "%sarena + %lld", separator, (long long)(n->scratch_offset / 4));
}

static void print_calls(const Emission *e, FILE *out)
{
	const char *m = e->options->name;
	for (int i = 0; i < e->graph->nnode; i++) {
		const Node *n = e->graph->node[i];
		if (!e->of_node[i])
			continue;
		for (int k = 0; k < n->nout; k++)
			if (e->halo_of[n->out[k]->id])
				fprintf(out, "\t%s_%s(%s);\n", m, e->halo_of[n->out[k]->id]->function, value_pointer(e, n->out[k]));
		fprintf(out, "\t%s%s_%s(", n->op == OP_detect ? "return " : "", m, e->of_node[i]->function);
		print_arguments(e, n, out);
		fprintf(out, "); /* %d %s */\n", i + 1, c_comment(e->arena, n->name));
		if (e->options->trace && n->op != OP_detect)
			for (int k = 0; k < n->nout; k++)
				fprintf(out, "\t%s_tracer(%d, %d, %s);\n", m, i, k, value_pointer(e, n->out[k]));
	}
}

/* Some code reads it. */
static bool is_read(const Emission *e, const Value *v)
{
	for (int i = 0; i < v->nuse; i++)
		if (e->of_node[node_index(e->graph, v->use[i])])
			return true;
	return false;
}

/* Somebody reads or writes there; the input's place alone is no use. */
static bool uses_arena(const Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		bool uses = g->node[i]->scratch_size || g->node[i]->op == OP_detect;
		for (int k = 0; g->node[i]->kernel && k < g->node[i]->nout; k++)
			uses = uses || value_root(g->node[i]->out[k])->offset >= 0;
		if (uses)
			return true;
	}
	return false;
}

static void print_infer(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	const char *m = e->options->name;
	if (e->options->trace)
		fprintf(out, "extern void (*%s_tracer)(int node, int output, const void *data);\n"
			     "void (*%s_tracer)(int node, int output, const void *data);\n\n",
			m, m);
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
	if (!uses_arena(g))
		fputs("\t(void)arena;\n", out);
	for (int i = 0; i < g->ninput; i++)
		if (!is_read(e, g->input[i]))
			fprintf(out, "\t(void)in%d;\n", i);
	for (int i = 0; !e->detector && i < g->noutput; i++)
		if (!type_count(&g->output[i]->type))
			fprintf(out, "\t(void)out%d;\n", i);
	print_calls(e, out);
	if (!e->detector)
		fprintf(out, "\treturn %s_OK;\n", e->upper);
	fputs("}\n\n", out);
}

void source_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	head_print(e, out);
	fprintf(out, "#include \"%s.h\"\n\n#include <string.h>\n\n", n);
	fprintf(out,
	        "#if defined(__GNUC__)\n#define %s_ALIGN __attribute__((aligned(%d)))\n#define %s_NOINLINE __attribute__((noinline))\n"
	        "#else\n#define %s_ALIGN\n#define %s_NOINLINE\n#endif\n\n",
	        u, e->target->alignment, u, u, u);
	weights_print(e, out);
	print_memory(e, out);
	instances_print(e, out);
	if (e->detector && e->graph->preprocess.width)
		preprocess_print(e, out);
	print_infer(e, out);
	print_cpu_check(e, out);
	entry_print(e, out);
}
