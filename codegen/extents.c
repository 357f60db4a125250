/* extents.c -- each kernel's head says how much memory its pointers lead to: `const float x[1024]` in place of `const float *x`.
 * To the compiler it is the same; a reader and dssdc check hold the function and its calls to it. */
#include "codegen/emit.h"
#include "codegen/kernel.h"
#include "ir/diag.h"

#include <string.h>

static int64_t constant_extent(const Node *n, int i)
{
	return n->in[i]->data ? blob_count(n->in[i]->data) : type_count(&n->in[i]->type);
}

/* As print_arguments() lists them. */
int extents_of(const Emission *e, const Node *n, const int64_t **extent)
{
	int64_t *x = arena_new_array(e->arena, int64_t, n->nin + n->nout + 2);
	const bool joined = n->kernel->constants == CONSTANTS_JOINED;
	int count = 0;
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i] || (value_is_constant(n->in[i]) && joined))
			continue;
		x[count++] = value_is_constant(n->in[i]) ? constant_extent(n, i) : type_storage(&n->in[i]->type);
	}
	if (n->weights_size && joined)
		x[count++] = n->weights_size / 4;
	for (int k = 0; k < n->nout && n->op != OP_detect; k++)
		x[count++] = type_storage(&n->out[k]->type);
	if (n->scratch_size)
		x[count++] = n->scratch_size / 4;
	*extent = x;
	return count;
}

/* ---- where they are ---- */

static void add_place(Manifest *m, const Node *n, const char *object, const char *use, int64_t offset, int64_t size)
{
	m->place[m->nplace++] = (ManifestPlace){n->name ? n->name : "", object, use, offset, size};
}

static void add_results(Manifest *m, const Node *n)
{
	for (int k = 0; k < n->nout; k++) {
		const Value *v = n->out[k], *root = value_root((Value *)v);
		const int64_t size = dtype_size(v->type.dtype);
		if (root->offset >= 0 && !root->is_input && !value_is_constant(root))
			add_place(m, n, "arena", "result", root->offset + value_root_offset(v) * dtype_size(root->type.dtype), type_storage(&v->type) * size);
	}
}

static void add_weights(Manifest *m, const Node *n)
{
	if (n->weights_size && n->kernel->constants == CONSTANTS_JOINED)
		add_place(m, n, "weights", "weights", n->weights_offset, n->weights_size);
	for (int i = 0; i < n->nin && n->kernel->constants != CONSTANTS_JOINED; i++)
		if (n->in[i] && value_is_constant(n->in[i]))
			add_place(m, n, "weights", "weights", n->weights_offset + kernel_constant_place(n, i),
			          constant_extent(n, i) * dtype_size(kernel_constant_dtype(n, i)));
}

void places_collect(const Emission *e, Manifest *m)
{
	int most = 0;
	for (int i = 0; i < e->graph->nnode; i++)
		most += e->graph->node[i]->nin + e->graph->node[i]->nout + 2;
	const int64_t lines = e->device ? 0 : lines_bytes(e); /* 0: no pixels */
	m->place = arena_new_array(e->arena, ManifestPlace, most + e->graph->ninput + 2);
	for (int i = 0; i < e->graph->ninput && lines; i++) {
		const Value *v = e->graph->input[i];
		m->place[m->nplace++] = (ManifestPlace){v->name ? v->name : "", "arena", "input", v->offset, type_storage(&v->type) * dtype_size(v->type.dtype)};
	}
	if (lines && e->options->caller_arena) /* behind all else */
		m->place[m->nplace++] = (ManifestPlace){"", "arena", "lines", e->graph->arena_size, lines};
	for (int i = 0; i < e->graph->nnode && !e->device; i++) {
		const Node *n = e->graph->node[i];
		add_results(m, n);
		if (n->scratch_size)
			add_place(m, n, "arena", "scratch", n->scratch_offset, n->scratch_size);
		if (e->of_node[i])
			add_weights(m, n);
	}
}

/* ---- the function's head ---- */

/* From the bracket that opens the parameters to the one that closes them. */
static const char *parameters_end(const char *s)
{
	while (*s && *s != ')')
		s++;
	return s;
}

const char *extents_declare(const Emission *e, const char *function, const int64_t *extent, int nextent, const char *text)
{
	const char *name = arena_printf(e->arena, " %s_%s(", e->options->name, function), *at = strstr(text, name);
	if (!at)
		bug("a template defines no%s", name);
	const char *begin = at + strlen(name), *end = parameters_end(begin), *done = begin;
	const char *head = arena_strndup(e->arena, text, (size_t)(begin - text));
	int k = 0;
	for (const char *s = begin; s < end && k < nextent; s++) {
		if (*s != '*' || extent[k++] <= 0)
			continue;
		const size_t length = strcspn(s + 1, ",)\n");
		head = arena_printf(e->arena, "%s%.*s%.*s[%lld]", head, (int)(s - done), done, (int)length, s + 1, (long long)extent[k - 1]);
		done = s + 1 + length;
	}
	if (k != nextent)
		bug("%s) has %d pointers, its calls pass %d", name, k, nextent);
	return arena_printf(e->arena, "%s%s", head, done);
}
