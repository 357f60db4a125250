/* instances.c -- which functions the source needs. Nodes with equal templates and bindings share one. */
#include "codegen/embedded.h"
#include "codegen/emit.h"
#include "codegen/kernel.h"
#include "codegen/parts.h"
#include "ir/diag.h"

#include <string.h>

static Instance *instance_find(Emission *e, const Kernel *k, Bindings *b, const int64_t *extent, int nextent)
{
	const char *key = arena_printf(e->arena, "%s|%s", k->name, bindings_key(b, e->arena));
	for (int i = 0; i < nextent; i++)
		key = arena_printf(e->arena, "%s|%lld", key, (long long)extent[i]);
	int same = 0;
	for (int i = 0; i < e->ninstance; i++) {
		if (!strcmp(e->instance[i].key, key))
			return &e->instance[i];
		same += e->instance[i].kernel == k;
	}
	const char *function = arena_printf(e->arena, "%s_%d", k->name, same + 1);
	e->instance[e->ninstance] = (Instance){k, key, function, b, extent, nextent};
	return &e->instance[e->ninstance++];
}

static bool has_halo(const Value *v)
{
	const int *h = v->type.layout.halo;
	return v->type.rank == 4 && (h[0] || h[1] || h[2] || h[3]);
}

static const Kernel halo_kernel = {.name = "halo", .source = "halo"};

static Instance *halo_instance(Emission *e, const Value *v)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	const int *h = v->type.layout.halo;
	bind_map(b, "Y", v);
	bind_int(b, "BOTTOM", h[2]);
	bind_int(b, "RIGHT", h[3]);
	int64_t *storage = arena_new_one(e->arena, int64_t);
	*storage = type_storage(&v->type);
	return instance_find(e, &halo_kernel, b, storage, 1);
}

void instances_collect(Emission *e)
{
	const Graph *g = e->graph;
	e->instance = arena_new_array(e->arena, Instance, 2 * g->nnode + 1);
	e->of_node = arena_new_array(e->arena, Instance *, g->nnode + 1);
	e->halo_of = arena_new_array(e->arena, Instance *, g->next_id);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		if (!n->kernel)
			continue;
		Bindings *b = bindings_new(e->arena, e->options->name);
		n->kernel->bind(e->target, n, b);
		const int64_t *extent = NULL;
		const int nextent = extents_of(e, n, &extent);
		e->of_node[i] = instance_find(e, n->kernel, b, extent, nextent);
		for (int k = 0; k < n->nout; k++)
			if (has_halo(n->out[k]))
				e->halo_of[n->out[k]->id] = halo_instance(e, n->out[k]);
	}
}

const EmbeddedFile *template_file(const Emission *e, const char *source)
{
	const char *name = arena_printf(e->arena, "codegen/kernels/%s/%s%s", e->target->language, source, e->target->suffix);
	const EmbeddedFile *f = embedded_find(name);
	if (!f)
		bug("template '%s' is missing", name);
	return f;
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
	bind_int(it->bindings, "INSTANCE", it - e->instance);
	bind_int(it->bindings, "EARLY", e->target->early);
	bind_word(it->bindings, "KERNEL", arena_printf(e->arena, "net_%s", it->function));
	const char *text = template_expand(f->name, f->text, it->bindings);
	if (!first) { /* the template's head comment stands before its first instance only */
		const char *end = strstr(text, "*/\n");
		if (end)
			text = end + strlen("*/\n");
	}
	while (*text == '\n')
		text++;
	fprintf(out, "%s\n", extents_declare(e, it->function, it->extent, it->nextent, text));
}

/* What the calls use to point at other things than floats. */
static void want_pointers(const Emission *e, Parts *p)
{
	for (int i = 0; i < e->graph->nnode; i++) {
		const Node *n = e->graph->node[i];
		for (int k = 0; n->kernel && k < n->nin + n->nout; k++) {
			const Value *v = k < n->nin ? n->in[k] : n->out[k - n->nin];
			if (!v)
				continue;
			if (value_is_constant(v) && n->kernel->constants != CONSTANTS_JOINED && kernel_constant_dtype(n, k) != DT_F32)
				parts_want(p, "const_at");
			else if (!value_is_constant(v) && value_is_cast(e, v))
				parts_want(p, "at");
		}
	}
}

/* What is printed beside the kernels of nodes. */
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
		if (e->queues.n > 1)
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
	for (int i = 0; i < e->ninstance; i++) {
		const Instance *it = &e->instance[i];
		want_parts(p, template_file(e, it->kernel->source)->text, e->arena);
		for (int k = 0; k < bindings_part_count(it->bindings); k++)
			parts_want(p, bindings_part(it->bindings, k));
	}
	want_entry(e, p);
	parts_print(p, out);
	for (int i = 0; i < e->ninstance; i++) {
		bool first = true;
		for (int k = 0; k < i; k++)
			first = first && strcmp(e->instance[k].kernel->source, e->instance[i].kernel->source);
		print_instance(e, &e->instance[i], out, first);
	}
}
