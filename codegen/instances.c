/* instances.c -- which functions the source needs. Nodes with equal templates and bindings share one. */
#include "codegen/emission.h"
#include "codegen/embedded.h"
#include "codegen/instances.h"
#include "codegen/kernel.h"
#include "codegen/parts.h"
#include "ir/diag.h"

#include <string.h>

/* Elements that the pointers of a call lead to. Bytes that are cut up by the kernel are floats in C; on devices a queue comes first. */
static const int64_t *extents_of(const Emission *e, const Argument *x, int n, int *count)
{
	int64_t *extent = arena_new_array(e->arena, int64_t, n + 1);
	*count = 0;
	if (e->device)
		extent[(*count)++] = 0;
	for (int i = 0; i < n && x[i].object != OBJECT_CALLS && x[i].object != OBJECT_FOUND; i++) /* these come last */
		extent[(*count)++] = x[i].bytes / (x[i].dtype != DT_NONE ? dtype_size(x[i].dtype) : e->device ? 1 : 4);
	return extent;
}

const Instance *instance_find(Emission *e, const Kernel *k, Bindings *b, const Argument *x, int n)
{
	Program *p = &e->program;
	int nextent, same = 0;
	const int64_t *extent = extents_of(e, x, n, &nextent);
	bind_extents(b, "KERNEL", extent, nextent);
	const char *key = arena_printf(e->arena, "%s|%s", k->name, bindings_key(b, e->arena));
	for (int i = 0; i < p->ninstance; i++) {
		if (!strcmp(p->instance[i].key, key))
			return &p->instance[i];
		same += p->instance[i].kernel == k;
	}
	const char *function = arena_printf(e->arena, "%s_%d", k->name, same + 1);
	p->instance[p->ninstance] = (Instance){k, key, function, b};
	return &p->instance[p->ninstance++];
}

static const Kernel halo_kernel = {.name = "halo", .source = "halo"};

const Instance *instance_of_halo(Emission *e, const Argument *map)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	const int *h = map->value->type.layout.halo;
	bind_map(b, "Y", map->value);
	bind_int(b, "BOTTOM", h[2]);
	bind_int(b, "RIGHT", h[3]);
	return instance_find(e, &halo_kernel, b, map, 1);
}

const EmbeddedFile *template_file(const Emission *e, const char *source)
{
	const char *name = arena_printf(e->arena, "codegen/kernels/%s/%s%s", e->target->language, source, e->target->suffix);
	const EmbeddedFile *f = embedded_find(name);
	if (!f)
		bug("template '%s' is missing", name);
	return f;
}

/* The template without the comment at its head, which is printed where a reader meets it first. */
static const char *without_head(const char *text)
{
	const char *end = strstr(text, "*/\n");
	return end ? end + strlen("*/\n") : text;
}

void helper_print(const Emission *e, const char *source, const Bindings *b, FILE *out)
{
	const char *name = arena_printf(e->arena, "codegen/kernels/c/%s.c", source);
	const EmbeddedFile *f = embedded_find(name);
	if (!f)
		bug("template '%s' is missing", name);
	fputs(template_expand(name, without_head(f->text), b, e->facts), out);
}

/* Names listed after "parts:" in the template's head comment, up to the end of that line. */
static void want_parts(Parts *p, const char *text, Arena *a)
{
	const char *list = strstr(text, "\n * parts:"), *end = strstr(text, "*/");
	if (!list || list > end)
		return;
	for (const char *s = list + strlen("\n * parts:"); *s != '\n';) {
		size_t n = strcspn(s, " \n");
		if (n)
			parts_want(p, arena_strndup(a, s, n));
		s += n;
		while (*s == ' ')
			s++;
	}
}

static void print_instance(const Emission *e, const Instance *it, FILE *out, bool first)
{
	const EmbeddedFile *f = template_file(e, it->kernel->source);
	bind_int(it->bindings, "INSTANCE", it - e->program.instance);
	bind_int(it->bindings, "EARLY", e->target->early);
	bind_word(it->bindings, "KERNEL", arena_printf(e->arena, "net_%s", it->function));
	const char *text = template_expand(f->name, first ? f->text : without_head(f->text), it->bindings, e->facts);
	while (*text == '\n')
		text++;
	fprintf(out, "%s\n", text);
}

/* Helpers of C that the arguments of calls need which are no float *. */
static void want_pointers(const Emission *e, Parts *p)
{
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		for (int k = 0; s->instance && k < s->nargument; k++) {
			const Argument *x = &s->argument[k];
			if (x->dtype == DT_NONE || x->dtype == DT_F32)
				continue;
			if (x->object == OBJECT_WEIGHTS)
				parts_want(p, "const_at");
			else if (x->object == OBJECT_ARENA)
				parts_want(p, "at");
		}
	}
}

/* Parts that the entry functions need. */
static void want_entry(const Emission *e, Parts *p)
{
	const bool pixels = e->detector && e->graph->preprocess.width;
	if (pixels || (e->detector && e->device))
		want_parts(p, template_file(e, "preprocess")->text, e->arena);
	if (e->target->early)
		parts_want(p, "early");
	if (e->library)
		parts_want(p, "cudnn");
	if (e->device) {
		want_parts(p, template_file(e, "entry")->text, e->arena);
		if (e->program.nqueue > 1)
			parts_want(p, "queues");
		return;
	}
	if (pixels)
		parts_want(p, "clip"); /* of boxes to the image */
	want_pointers(e, p);
}

void instances_print(const Emission *e, FILE *out)
{
	Parts *p = parts_new(e->arena, e->options->name, e->target);
	for (int i = 0; i < e->program.ninstance; i++) {
		const Instance *it = &e->program.instance[i];
		want_parts(p, template_file(e, it->kernel->source)->text, e->arena);
		for (int k = 0; k < bindings_part_count(it->bindings); k++)
			parts_want(p, bindings_part(it->bindings, k));
	}
	want_entry(e, p);
	parts_print(p, out, e->facts);
	for (int i = 0; i < e->program.ninstance; i++) {
		bool first = true;
		for (int k = 0; k < i; k++)
			first = first && strcmp(e->program.instance[k].kernel->source, e->program.instance[i].kernel->source);
		print_instance(e, &e->program.instance[i], out, first);
	}
}
