/* emit_head.c -- the comment at the head of the source: what it was made from, what it takes and needs, a table of nodes. */
#include "codegen/emission.h"

#include <ctype.h>
#include <string.h>

/* "32x161x161", without the leading 1 of a batch of one */
static const char *shape_text(Arena *a, const Type *t)
{
	const char *s = "";
	for (int i = t->rank > 1 && t->dim[0] == 1; i < t->rank; i++)
		s = arena_printf(a, "%s%s%lld", s, *s ? "x" : "", (long long)t->dim[i]);
	return *s ? s : "1";
}

/* Of the first result; a result that is returned is the caller's, to which it is copied from a device. */
static const char *offset_text(const Emission *e, const Step *s)
{
	const Argument *x = step_argument(s, ROLE_RESULT, 0);
	if (!x || x->object != OBJECT_ARENA || value_root(x->value)->offset < 0)
		return "caller's";
	return arena_printf(e->arena, "%lld", (long long)x->offset);
}

static void print_table(const Emission *e, FILE *out)
{
	fprintf(out, " *\n * %4s  %-28s %-20s %-16s %10s %12s\n", "node", "layer", "kernel", "result", "MMAC", "arena offset");
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		if (s->kind != STEP_KERNEL && s->kind != STEP_IN_PLACE)
			continue;
		fprintf(out, " * %4d  %-28.60s %-20s %-16s %10.3f %12s\n", s->number + 1, c_comment(e->arena, s->node->name),
		        s->instance ? s->instance->function : "in place", shape_text(e->arena, &s->node->out[0]->type),
		        1e-6 * (double)node_macs(s->node), offset_text(e, s));
	}
}

/* Files that a build needs beside the source. */
static void print_files(const Emission *e, FILE *out)
{
	const char *n = e->file;
	fprintf(out, " * needs    %s.h", n);
	if (e->weights_apart && e->options->weights == WEIGHTS_INCBIN)
		fprintf(out,
		        ", and %s.weights through -I. A makefile must name it as a dependency: -MD does not list what\n"
		        " *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link\n"
		        " *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file",
		        n);
	else if (e->weights_apart && e->options->weights == WEIGHTS_OBJECT)
		fprintf(out, ", and linked beside: the object that `cc -I. -c %s_weights.S` makes of %s.weights", n, n);
	else if (e->graph->weights_size && e->options->weights == WEIGHTS_ARRAY)
		fprintf(out, ", and linked beside: the object of %s_weights.c", n);
	else if (e->weights_apart)
		fprintf(out, "; at run time the bytes of %s.weights, given to %s_load()", n, e->options->name);
	fputc('\n', out);
}

/* Words of a line that goes on below its first word. */
typedef struct Line {
	FILE *out;
	int column;
} Line;

static void line_add(Line *l, const char *text)
{
	enum { FROM = 12, WIDTH = 120 };
	const int n = (int)strlen(text);
	if (l->column > FROM && l->column + 1 + n > WIDTH) {
		fprintf(l->out, "\n *%*s", FROM - 3, "");
		l->column = FROM - 1;
	}
	fprintf(l->out, " %s", text);
	l->column += 1 + n;
}

static Line line_begin(FILE *out, const char *word)
{
	return (Line){out, fprintf(out, " * %-8s", word)};
}

static void print_numbers(const Emission *e, FILE *out)
{
	const Manifest *m = e->manifest;
	const char *contraction = *m->contraction ? m->contraction : "as the compiler does by itself";
	fprintf(out, " * numbers  %s, sums f32; a * b + c rounded once: %s; %d layer%s by Winograd's transforms\n", e->target->chosen.name,
	        contraction, m->winograd, m->winograd == 1 ? "" : "s");
}

static void print_storage(const Emission *e, Storage s, FILE *out)
{
	static const struct {
		const char *word, *whose;
	} words[STORAGE_COUNT] = {
	    [STORAGE_RAM] = {"ram", ""},
	    [STORAGE_RAM_CALLER] = {"ram", ", the caller's"},
	    [STORAGE_FLASH] = {"flash", ""},
	    [STORAGE_FLASH_CALLER] = {"flash", ", the caller's"},
	    [STORAGE_DEVICE] = {"device", ""},
	    [STORAGE_DEVICE_CALLER] = {"device", ", the caller's"},
	    [STORAGE_OPENED] = {"opened", " at most"},
	};
	const Manifest *m = e->manifest;
	if (!manifest_object(m, s))
		return;
	Line l = line_begin(out, words[s].word);
	line_add(&l, arena_printf(e->arena, "%lld bytes%s:", (long long)manifest_bytes(m, s), words[s].whose));
	const char *separator = "";
	for (int i = 0; i < m->nobject; i++) {
		const ManifestObject *o = &m->object[i];
		if (o->storage != s)
			continue;
		line_add(&l, arena_printf(e->arena, "%s%s %lld", separator, o->name, (long long)o->size));
		for (int k = 0; k < o->nparts; k++)
			line_add(&l, arena_printf(e->arena, "%s%s %lld%s", k ? "" : "(", o->part[k].name, (long long)o->part[k].size,
			                          k + 1 < o->nparts ? "," : ")"));
		separator = "+ ";
	}
	fputc('\n', out);
}

static void print_names(FILE *out, const char *word, const char *const *name, int n)
{
	Line l = line_begin(out, word);
	for (int i = 0; i < n; i++)
		line_add(&l, name[i]);
	fputc('\n', out);
}

const char *flags_text(const Emission *e)
{
	const char *text = "";
	for (int i = 0; e->target->cflags[i]; i++)
		text = arena_printf(e->arena, "%s%s%s", text, i ? " " : "", e->target->cflags[i]);
	return text;
}

/* The names in the source are not those that the file's own name gives: for whoever reads the file, and for dssdc check. */
static bool names_differ(const Emission *e)
{
	const char *n = e->options->name;
	bool differ = strcmp(n, e->file) || strlen(n) != strlen(e->upper);
	for (int i = 0; !differ && n[i]; i++)
		differ = toupper((unsigned char)n[i]) != e->upper[i];
	return differ;
}

void head_print(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	fprintf(out, "/* %s%s -- made by %s; do not edit. The generated code is yours.\n *\n", e->file, e->target->suffix,
	        e->options->tool);
	fprintf(out, " * model    %s, hash %016llx\n", c_comment(e->arena, g->name), (unsigned long long)e->model_hash);
	if (names_differ(e))
		fprintf(out, " * names    %s_, %s_\n", e->options->name, e->upper);
	fprintf(out, " * options  %s\n", c_comment(e->arena, e->options->settings));
	fprintf(out, " * profile  %s\n", e->target->profile);
	if (e->target->cflags[0])
		fprintf(out, " * flags    %s\n", flags_text(e));
	fprintf(out, " * weights  %lld bytes, hash %016llx\n", (long long)g->weights_size, (unsigned long long)e->weights_hash);
	fprintf(out, " * arena    %lld bytes; the largest set of live buffers is %lld\n", (long long)g->arena_size,
	        (long long)g->arena_bound);
	fprintf(out, " * macs     %lld\n", (long long)e->manifest->macs);
	print_numbers(e, out);
	for (int s = 0; s < STORAGE_COUNT; s++)
		print_storage(e, (Storage)s, out);
	print_names(out, "defines", e->manifest->defined, e->manifest->ndefined);
	print_names(out, "uses", e->manifest->needed, e->manifest->nneeded);
	print_files(e, out);
	print_table(e, out);
	fputs(" */\n", out);
}
