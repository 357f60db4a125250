/* parts.c -- the files of a language's parts once, and vector.c once for each width, cut at their "part:" lines.
 *
 * The text of a part runs from its line to the next such line; it is a template of its own, expanded when it is printed. "needs:" names
 * others, earlier in the same file or in functions.c, that are wanted with it.
 */
#include "codegen/parts.h"
#include "codegen/embedded.h"
#include "ir/diag.h"

#include <ctype.h>
#include <string.h>

typedef struct Part {
	const char *name, *needs, *text; /* needs: words up to the end of the comment */
	size_t text_size;
	const char *file;
	const Bindings *bindings; /* null: the text is printed as it is */
	bool wanted;
} Part;

enum { MAX_PARTS = 512, MAX_WIDTHS = 8 };

struct Parts {
	Arena *arena;
	const char *model_name;
	bool early; /* of the target */
	Part part[MAX_PARTS];
	int n;
	int width[MAX_WIDTHS], nwidths; /* vector widths whose parts are there */
};

static const char *const part_mark = "/* part: ";

/* n characters of a template, names as they are expanded. */
static const char *filled(const Parts *p, const char *file, const char *text, size_t n, const Bindings *b)
{
	const char *line = template_expand(file, arena_strndup(p->arena, text, n), b, NULL);
	return arena_strndup(p->arena, line, strcspn(line, "\n"));
}

static void cut(Parts *p, const char *file, const char *text, const Bindings *b)
{
	for (const char *at = strstr(text, part_mark); at;) {
		if (p->n == MAX_PARTS)
			bug("more than %d parts", MAX_PARTS);
		Part *part = &p->part[p->n++];
		const char *name = at + strlen(part_mark), *needs = strstr(name, " needs:"), *line_end = strstr(name, "*/\n");
		if (!needs || !line_end || needs > line_end)
			bug("a part has no needs");
		part->file = file;
		part->bindings = b;
		part->name = filled(p, file, name, (size_t)(needs - name), b);
		needs += strlen(" needs:");
		part->needs = filled(p, file, needs, (size_t)(line_end - needs), b);
		part->text = line_end + strlen("*/\n");
		at = strstr(part->text, part_mark);
		part->text_size = at ? (size_t)(at - part->text) : strlen(part->text);
	}
}

/* on_device: functions of C become functions of the device. */
static void cut_file(Parts *p, const char *file, int width, bool on_device)
{
	const EmbeddedFile *f = embedded_find(file);
	if (!f)
		bug("template '%s' is missing", file);
	Bindings *b = bindings_new(p->arena, p->model_name);
	bind_int(b, "EARLY", p->early);
	if (on_device)
		bind_word(b, "inline", "__device__ inline");
	if (width) {
		bind_segment(b, "N", width);
		bind_word(b, "VEC", width == 1 ? "float" : arena_printf(p->arena, "net_vec_%d", width));
		bind_int(b, "VL", width);
	}
	cut(p, file, f->text, b);
}

static const struct PartFile {
	const char *language, *name;
	bool on_device;
} part_files[] = {
    {"c", "c/functions.c", false},        {"c", "c/functions_double.c", false}, {"c", "c/functions_integer.c", false},
    {"c", "c/functions_math.c", false},   {"cuda", "c/functions.c", true},      {"cuda", "c/functions_math.c", true},
    {"cuda", "cuda/functions.cu", false}, {"cuda", "cuda/gemm.cu", false},      {"cuda", "cuda/call.cu", false},
    {"cuda", "cuda/cudnn.cu", false},
};

Parts *parts_new(Arena *a, const char *model_name, const Target *t)
{
	Parts *p = arena_new_one(a, Parts);
	p->arena = a;
	p->model_name = model_name;
	p->early = t->early;
	for (size_t i = 0; i < sizeof part_files / sizeof *part_files; i++)
		if (!strcmp(part_files[i].language, t->language))
			cut_file(p, arena_printf(a, "codegen/kernels/%s", part_files[i].name), 0, part_files[i].on_device);
	return p;
}

static Part *find(Parts *p, const char *name, size_t n)
{
	for (int i = 0; i < p->n; i++)
		if (strlen(p->part[i].name) == n && !strncmp(p->part[i].name, name, n))
			return &p->part[i];
	return NULL;
}

/* Width of a name that ends in _NUMBER, or 0. */
static int width_of(const char *name)
{
	const char *last = strrchr(name, '_');
	if (!last || !isdigit((unsigned char)last[1]))
		return 0;
	int width = 0;
	for (last++; isdigit((unsigned char)*last); last++)
		width = 10 * width + (*last - '0');
	return width;
}

static void load_width(Parts *p, int width)
{
	for (int i = 0; i < p->nwidths; i++)
		if (p->width[i] == width)
			return;
	if (p->nwidths == MAX_WIDTHS)
		bug("too many vector widths");
	p->width[p->nwidths++] = width;
	cut_file(p, "codegen/kernels/c/vector.c", width, false);
}

/* The scalar function on each lane. */
static Part *lane_by_lane(Parts *p, const char *name, int width)
{
	const char *scalar = arena_strndup(p->arena, name, (size_t)(strrchr(name, '_') - name));
	if (!find(p, scalar, strlen(scalar)) || p->n == MAX_PARTS)
		bug("no part '%s'", name);
	Part *part = &p->part[p->n++];
	const char *m = p->model_name;
	part->name = arena_strdup(p->arena, name);
	part->needs = arena_printf(p->arena, "vec_%d %s", width, scalar);
	part->text = arena_printf(p->arena,
	                          "static inline %s_vec_%d %s_%s(%s_vec_%d x, float alpha, float beta)\n{\n"
	                          "\tfor (int i = 0; i < %d; i++)\n\t\tx[i] = %s_%s(x[i], alpha, beta);\n\treturn x;\n}\n\n",
	                          m, width, m, name, m, width, width, m, scalar);
	part->text_size = strlen(part->text);
	return part;
}

void parts_want(Parts *p, const char *name)
{
	int width = width_of(name);
	if (width)
		load_width(p, width);
	Part *part = find(p, name, strlen(name));
	if (!part)
		part = lane_by_lane(p, name, width);
	if (part->wanted)
		return;
	part->wanted = true;
	for (const char *s = part->needs; *s;) {
		while (*s == ' ')
			s++;
		size_t n = strcspn(s, " ");
		if (n)
			parts_want(p, arena_strndup(p->arena, s, n));
		s += n;
	}
}

void parts_print(Parts *p, FILE *out, TextFacts *facts)
{
	for (int i = 0; i < p->n; i++) {
		const Part *part = &p->part[i];
		if (!part->wanted)
			continue;
		const char *text = arena_strndup(p->arena, part->text, part->text_size);
		fputs(part->bindings ? template_expand(part->file, text, part->bindings, facts) : text, out);
	}
}
