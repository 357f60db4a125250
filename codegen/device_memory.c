/* device_memory.c -- where everything is in the memory of a device: an arena for each image, then what all share. */
#include "codegen/emission.h"
#include "codegen/device_memory.h"

static int64_t rounded(const Emission *e, int64_t size)
{
	const int64_t alignment = e->target->alignment;
	return (size + alignment - 1) / alignment * alignment;
}

static int64_t output_bytes(const Emission *e, int i)
{
	const Type *t = &e->graph->output[i]->type;
	return rounded(e, type_storage(t) * dtype_size(t->dtype) + 1);
}

int64_t device_output(const Emission *e, int i)
{
	int64_t at = rounded(e, e->graph->arena_size);
	for (int k = 0; k < i; k++)
		at += output_bytes(e, k);
	return at;
}

static int most_tickets(const Emission *e)
{
	int most = 0;
	for (int i = 0; i < e->program.ninstance; i++) {
		const int n = (int)bindings_int_or(e->program.instance[i].bindings, "TICKETS", 0);
		most = n > most ? n : most;
	}
	return most;
}

static int64_t stride(const Emission *e)
{
	return e->detector ? rounded(e, e->graph->arena_size) : device_output(e, e->graph->noutput);
}

int64_t device_calls(const Emission *e)
{
	return e->target->batch * stride(e);
}

int64_t device_calls_bytes(const Emission *e)
{
	enum { CALL_BYTES = 128 }; /* entry.cu asserts that they are enough */
	return e->detector ? rounded(e, e->target->batch * CALL_BYTES) : 0;
}

DeviceMemory device_memory(const Emission *e)
{
	enum { DETECTION_BYTES = 24 }; /* entry.cu asserts that they are enough */
	const Graph *g = e->graph;
	const int64_t batch = e->target->batch;
	DeviceMemory m = {.stride = stride(e), .calls = device_calls(e)};
	m.results = m.calls + device_calls_bytes(e);
	m.tickets = m.results;
	if (e->detector)
		m.tickets += rounded(e, batch * (8 + DETECTION_BYTES * (int64_t)g->output[0]->def->u.detect.keep_top_k));
	m.ntickets = most_tickets(e);
	m.pixels = m.tickets + rounded(e, 4 * (int64_t)m.ntickets * e->program.nqueue);
	/* two rows by two columns of four bytes for each pixel of the input: what the resize reads of any photograph */
	m.pixels_size = rounded(e, 16 * (int64_t)g->preprocess.width * g->preprocess.height);
	m.size = m.pixels + batch * m.pixels_size;
	return m;
}

int device_context_bytes(const Emission *e)
{
	enum { OWN = 80, POINTER = 8 };
	return OWN + POINTER * (e->program.nqueue - 1 + e->program.nevent);
}

int device_plans(const Emission *e)
{
	return e->program.ninstance; /* the number of an instance is that of its plan */
}
