/* extents.c -- each kernel's head says how much memory its pointers lead to: `const float x[1024]` in place of `const float *x`.
 * To the compiler it is the same; a reader and dssdc check hold the function and its calls to it. */
#include "codegen/device_memory.h"
#include "codegen/kernel.h"
#include "ir/diag.h"

#include <string.h>

static int64_t constant_extent(const Node *n, int i)
{
	return n->in[i]->data ? blob_count(n->in[i]->data) : type_count(&n->in[i]->type);
}

/* As print_arguments() lists them. On devices a queue comes first, and joined weights and scratch are bytes. */
int extents_of(const Emission *e, const Node *n, const int64_t **extent)
{
	int64_t *x = arena_new_array(e->arena, int64_t, n->nin + n->nout + 3);
	const bool joined = n->kernel->constants == CONSTANTS_JOINED;
	const int64_t unit = e->device ? 1 : 4;
	int count = 0;
	if (e->device)
		x[count++] = 0;
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i] || (value_is_constant(n->in[i]) && joined))
			continue;
		x[count++] = value_is_constant(n->in[i]) ? constant_extent(n, i) : type_storage(&n->in[i]->type);
	}
	if (n->weights_size && joined)
		x[count++] = n->weights_size / unit;
	for (int k = 0; k < n->nout && n->op != OP_detect; k++)
		x[count++] = type_storage(&n->out[k]->type);
	if (n->scratch_size)
		x[count++] = n->scratch_size / unit;
	*extent = x;
	return count;
}

/* ---- where they are ---- */

static void add_place(Manifest *m, const Node *n, const char *object, const char *use, int64_t offset, int64_t size)
{
	m->place[m->nplace++] = (ManifestPlace){n->name ? n->name : "", object, use, offset, size};
}

static void add_value(const Emission *e, Manifest *m, const char *name, const Value *v, const char *use)
{
	const int64_t size = dtype_size(v->type.dtype), bytes = type_storage(&v->type) * size;
	const Value *root = value_root((Value *)v);
	const int64_t at = e->device ? device_place(e, v) : root->offset + value_root_offset(v) * dtype_size(root->type.dtype);
	m->place[m->nplace++] = (ManifestPlace){name ? name : "", "arena", use, at, bytes};
}

/* The caller's buffers have no place: those of C networks. */
static bool has_place(const Emission *e, const Value *v)
{
	const Value *root = value_root((Value *)v);
	if (value_is_constant(root) || (!e->device && root->is_input))
		return false;
	return root->offset >= 0 || (e->device && !e->detector && value_output_index(e->graph, root) >= 0);
}

static void add_results(const Emission *e, Manifest *m, const Node *n)
{
	for (int k = 0; k < n->nout; k++)
		if (has_place(e, n->out[k]))
			add_value(e, m, n->name, n->out[k], "result");
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

static void add_node(const Emission *e, Manifest *m, int i)
{
	const Node *n = e->graph->node[i];
	add_results(e, m, n);
	if (n->scratch_size)
		add_place(m, n, "arena", "scratch", n->scratch_offset, n->scratch_size);
	if (e->of_node[i])
		add_weights(m, n);
}

/* What stands behind the buffers, and is passed like one. */
static void add_last(const Emission *e, Manifest *m)
{
	const int64_t lines = lines_bytes(e);
	if (e->device && e->detector) {
		const DeviceMemory d = device_memory(e);
		m->place[m->nplace++] = (ManifestPlace){"", "arena", "calls", d.calls, d.results - d.calls};
	} else if (!e->device && lines && e->options->caller_arena) {
		m->place[m->nplace++] = (ManifestPlace){"", "arena", "lines", e->graph->arena_size, lines};
	}
}

void places_collect(const Emission *e, Manifest *m)
{
	int most = 0;
	for (int i = 0; i < e->graph->nnode; i++)
		most += e->graph->node[i]->nin + e->graph->node[i]->nout + 2;
	m->place = arena_new_array(e->arena, ManifestPlace, most + e->graph->ninput + 2);
	for (int i = 0; i < e->graph->ninput && (e->device || lines_bytes(e)); i++)
		add_value(e, m, e->graph->input[i]->name, e->graph->input[i], "input");
	add_last(e, m);
	for (int i = 0; i < e->graph->nnode; i++)
		add_node(e, m, i);
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
