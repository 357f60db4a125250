/* places.c -- where the buffers of an emitted program are, which its calls pass: for the manifest. */
#include "codegen/device_memory.h"
#include "codegen/kernel.h"

static void add_place(Places *p, const Node *n, const char *object, const char *use, int64_t offset, int64_t size)
{
	p->place[p->n++] = (BufferPlace){n->name ? n->name : "", object, use, offset, size};
}

static void add_value(const Emission *e, Places *p, const char *name, const Value *v, const char *use)
{
	const int64_t size = dtype_size(v->type.dtype), bytes = type_storage(&v->type) * size;
	const Value *root = value_root(v);
	const int64_t at = e->device ? device_place(e, v) : root->offset + value_root_offset(v) * dtype_size(root->type.dtype);
	p->place[p->n++] = (BufferPlace){name ? name : "", "arena", use, at, bytes};
}

/* The caller's buffers have no place: those of C networks. */
static bool has_place(const Emission *e, const Value *v)
{
	const Value *root = value_root(v);
	if (value_is_constant(root) || (!e->device && value_is_input(root)))
		return false;
	return root->offset >= 0 || (e->device && !e->detector && value_output_index(e->graph, root) >= 0);
}

static void add_results(const Emission *e, Places *p, const Node *n)
{
	for (int k = 0; k < n->nout; k++)
		if (has_place(e, n->out[k]))
			add_value(e, p, n->name, n->out[k], "result");
}

static void add_weights(Places *p, const Node *n)
{
	if (n->weights_size && n->kernel->constants == CONSTANTS_JOINED)
		add_place(p, n, "weights", "weights", n->weights_offset, n->weights_size);
	for (int i = 0; i < n->nin && n->kernel->constants != CONSTANTS_JOINED; i++)
		if (n->in[i] && value_is_constant(n->in[i]))
			add_place(p, n, "weights", "weights", n->weights_offset + kernel_constant_place(n, i),
			          constant_extent(n, i) * dtype_size(kernel_constant_dtype(n, i)));
}

static void add_node(const Emission *e, Places *p, int i)
{
	const Node *n = e->graph->node[i];
	add_results(e, p, n);
	if (n->scratch_size)
		add_place(p, n, "arena", "scratch", n->scratch_offset, n->scratch_size);
	if (e->of_node[i])
		add_weights(p, n);
}

/* What stands behind the buffers, and is passed like one. */
static void add_last(const Emission *e, Places *p)
{
	const int64_t lines = lines_bytes(e);
	if (e->device && e->detector) {
		const DeviceMemory d = device_memory(e);
		p->place[p->n++] = (BufferPlace){"", "arena", "calls", d.calls, d.results - d.calls};
	} else if (!e->device && lines && e->options->caller_arena) {
		p->place[p->n++] = (BufferPlace){"", "arena", "lines", e->graph->arena_size, lines};
	}
}

Places places_of(const Emission *e)
{
	Places all = {NULL, 0}, *p = &all;
	int most = 0;
	for (int i = 0; i < e->graph->nnode; i++)
		most += e->graph->node[i]->nin + e->graph->node[i]->nout + 2;
	p->place = arena_new_array(e->arena, BufferPlace, most + e->graph->ninput + 2);
	for (int i = 0; i < e->graph->ninput && (e->device || lines_bytes(e)); i++)
		add_value(e, p, e->graph->input[i]->name, e->graph->input[i], "input");
	add_last(e, p);
	for (int i = 0; i < e->graph->nnode; i++)
		add_node(e, p, i);
	return all;
}
