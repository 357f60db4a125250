/* emit_weights.c -- the bytes of the weights, made one node at a time. */
#include "codegen/emit.h"
#include "ir/diag.h"

#include <string.h>

static void pack_plain(const Node *n, float *out, Arena *scratch)
{
	for (int i = 0; i < n->nin; i++) {
		if (!value_is_constant(n->in[i]))
			continue;
		int64_t count = type_count(&n->in[i]->type);
		memcpy(out, blob_read_f32(n->in[i]->data, scratch), sizeof *out * (size_t)count);
		out += count;
	}
}

bool weights_stream(Emission *e, WeightsSink *sink, void *context)
{
	Arena *scratch = arena_new();
	const int64_t alignment = e->target->alignment;
	uint64_t hash = 0;
	bool good = true;
	for (int i = 0; good && i < e->graph->nnode; i++) {
		const Node *n = e->graph->node[i];
		if (!n->weights_size)
			continue;
		int64_t size = (n->weights_size + alignment - 1) / alignment * alignment;
		float *bytes = arena_alloc(scratch, (size_t)size);
		if (n->kernel->pack)
			n->kernel->pack(e->target, n, bytes, scratch);
		else
			pack_plain(n, bytes, scratch);
		hash = hash_bytes(hash, bytes, (size_t)size);
		good = sink(context, bytes, (size_t)size);
		arena_reset(scratch);
	}
	arena_free(scratch);
	e->weights_hash = hash;
	return good;
}
