/* program.c -- makes the list of steps of an emitted program. */
#include "codegen/emission.h"
#include "codegen/device_memory.h"
#include "codegen/device_queues.h"
#include "codegen/instances.h"
#include "ir/diag.h"

enum { MAX_HELPERS = 6 }; /* steps beside those of nodes: copies are counted apart */

typedef struct Maker {
	Emission *e;
	Step *step;
	int n;
	DeviceQueues queues;
} Maker;

/* 4-byte numbers of two rows and of the columns' places, as the resize wants them. */
int64_t lines_bytes(const Emission *e)
{
	return e->detector && e->graph->preprocess.width ? 40 * (int64_t)e->graph->preprocess.width : 0;
}

/* ---- arguments ---- */

/* Where v is among n inputs or outputs of the graph; -1: nowhere. */
static int index_in(Value *const *list, int n, const Value *v)
{
	for (int i = 0; i < n; i++)
		if (list[i] == v)
			return i;
	return -1;
}

/* Where a value is: in the arena, or in the caller's tensor that it is a part of. On devices the arena has room for the
 * tensors of a network too, which are copied. False when it is in none of them. */
static bool value_argument(const Emission *e, const Value *v, Role role, Argument *x)
{
	const Value *root = value_root(v);
	const int64_t size = dtype_size(v->type.dtype);
	const Graph *g = e->graph;
	const int input = index_in(g->input, g->ninput, root), output = index_in(g->output, g->noutput, root);
	*x = (Argument){.object = OBJECT_ARENA, .role = role, .offset = value_root_offset(v) * size, .dtype = v->type.dtype, .value = v};
	x->bytes = type_storage(&v->type) * size;
	if (!e->device && (input >= 0 || output >= 0)) {
		x->object = input >= 0 ? OBJECT_INPUT : OBJECT_OUTPUT;
		x->index = input >= 0 ? input : output;
		return true;
	}
	const bool returned = output >= 0 && !e->detector;
	x->offset += returned ? device_output(e, output) : root->offset;
	return !value_is_constant(root) && (returned || root->offset >= 0);
}

/* One of the node's constants that has a place of its own among the weights. */
static Argument constant_argument(const Node *n, int i)
{
	const DType t = kernel_constant_dtype(n, i);
	const int64_t count = n->in[i]->data ? blob_count(n->in[i]->data) : type_count(&n->in[i]->type);
	return (Argument){.object = OBJECT_WEIGHTS,
	                  .role = ROLE_WEIGHTS,
	                  .offset = n->weights_offset + kernel_constant_place(n, i),
	                  .bytes = count * dtype_size(t),
	                  .dtype = t};
}

static Argument needed_value(const Emission *e, const Value *v, Role role)
{
	Argument x;
	if (!value_argument(e, v, role, &x))
		bug("value %%%d has no place in memory", v->id);
	return x;
}

/* In the order in which kernels take them: operands and constants, joined weights, results, scratch. */
static int kernel_arguments(const Emission *e, const Node *n, Argument *x)
{
	const bool joined = n->kernel->constants == CONSTANTS_JOINED, detect = n->op == OP_detect;
	int count = 0;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]))
			x[count++] = needed_value(e, n->in[i], ROLE_OPERAND);
		else if (n->in[i] && !joined)
			x[count++] = constant_argument(n, i);
	if (n->weights_size && joined)
		x[count++] =
		    (Argument){.object = OBJECT_WEIGHTS, .role = ROLE_WEIGHTS, .offset = n->weights_offset, .bytes = n->weights_size};
	for (int k = 0; k < n->nout && !detect; k++)
		x[count++] = needed_value(e, n->out[k], ROLE_RESULT);
	if (n->scratch_size || (detect && !e->device))
		x[count++] =
		    (Argument){.object = OBJECT_ARENA, .role = ROLE_SCRATCH, .offset = n->scratch_offset, .bytes = n->scratch_size};
	if (detect)
		x[count++] = (Argument){.object = e->device ? OBJECT_CALLS : OBJECT_FOUND, .role = ROLE_RESULT};
	return count;
}

/* ---- steps ---- */

static Step *add(Maker *m, StepKind kind, const Node *n, int number)
{
	Step *s = &m->step[m->n++];
	*s = (Step){.kind = kind, .node = n, .number = number, .mark = -1};
	return s;
}

/* Events that a queue waits for before step `number` (nnode: the end of the run). */
static void add_waits(Maker *m, Step *s, int number)
{
	int before[MAX_QUEUES];
	if (!m->e->device)
		return;
	const int n = order_waits(m->queues.order, number, before);
	int *event = arena_new_array(m->e->arena, int, n + 1);
	for (int k = 0; k < n; k++)
		event[k] = m->queues.event[before[k] + 1];
	s->await = event;
	s->nawait = n;
}

static void add_kernel(Maker *m, int i)
{
	Emission *e = m->e;
	const Node *n = e->graph->node[i];
	Bindings *b = bindings_new(e->arena, e->options->name);
	n->kernel->bind(e->target, n, b);
	Argument *x = arena_new_array(e->arena, Argument, n->nin + n->nout + 4);
	const int count = kernel_arguments(e, n, x);
	const Instance *it = instance_find(e, n->kernel, b, x, count);
	for (int k = 0; k < n->nout; k++)
		if (n->out[k]->type.rank == 4 && layout_has_halo(&n->out[k]->type.layout)) {
			Step *s = add(m, STEP_HALO, n, i);
			Argument *y = arena_new_one(e->arena, Argument);
			*y = needed_value(e, n->out[k], ROLE_RESULT);
			s->instance = instance_of_halo(e, y);
			s->argument = y;
			s->nargument = 1;
		}
	Step *s = add(m, STEP_KERNEL, n, i);
	s->instance = it;
	s->argument = x;
	s->nargument = count;
	s->queue = n->queue;
	s->mark = e->device ? m->queues.event[i + 1] : -1;
	add_waits(m, s, i);
}

static void add_in_place(Maker *m, int i)
{
	const Node *n = m->e->graph->node[i];
	Step *s = add(m, STEP_IN_PLACE, n, i);
	Argument *x = arena_new_array(m->e->arena, Argument, n->nout + 1);
	for (int k = 0; k < n->nout; k++)
		s->nargument += value_argument(m->e, n->out[k], ROLE_RESULT, &x[s->nargument]);
	s->argument = x;
}

/* The input tensor is in the arena on devices and, in C, of a detector that takes pixels. */
static void add_preprocess(Maker *m)
{
	Emission *e = m->e;
	const Value *input = e->graph->input[0];
	const int64_t lines = lines_bytes(e);
	Argument *x = arena_new_array(e->arena, Argument, 2);
	Step *s = add(m, STEP_PREPROCESS, NULL, -1);
	x[0] = (Argument){.object = OBJECT_ARENA,
	                  .role = ROLE_RESULT,
	                  .offset = input->offset,
	                  .bytes = type_storage(&input->type) * dtype_size(input->type.dtype),
	                  .dtype = input->type.dtype,
	                  .value = input};
	if (e->device)
		x[1] = (Argument){.object = OBJECT_CALLS, .role = ROLE_SCRATCH, .offset = device_calls(e), .bytes = device_calls_bytes(e)};
	else if (e->options->caller_arena)
		x[1] = (Argument){.object = OBJECT_ARENA, .role = ROLE_SCRATCH, .offset = e->graph->arena_size, .bytes = lines};
	else
		x[1] = (Argument){.object = OBJECT_LINES, .role = ROLE_SCRATCH, .bytes = lines};
	s->argument = x;
	s->nargument = 2;
}

static void add_copy(Maker *m, StepKind kind, int index)
{
	const bool in = kind == STEP_COPY_IN;
	const Value *v = in ? m->e->graph->input[index] : m->e->graph->output[index];
	Argument *x = arena_new_array(m->e->arena, Argument, 2), *arena = &x[in], *caller = &x[!in];
	Step *s = add(m, kind, NULL, -1);
	*arena = needed_value(m->e, v, in ? ROLE_RESULT : ROLE_OPERAND);
	*caller = *arena;
	caller->object = in ? OBJECT_INPUT : OBJECT_OUTPUT;
	caller->role = in ? ROLE_OPERAND : ROLE_RESULT;
	caller->offset = 0;
	caller->index = index;
	s->argument = x;
	s->nargument = 2;
}

void program_make(Emission *e)
{
	const Graph *g = e->graph;
	const bool copies = e->device && !e->detector;
	Maker m = {.e = e};
	m.step = arena_new_array(e->arena, Step, (MAX_OUT + 1) * g->nnode + g->ninput + g->noutput + MAX_HELPERS);
	e->program.instance = arena_new_array(e->arena, Instance, 2 * g->nnode + 1);
	if (e->device) {
		m.queues = device_queues(g, e->arena);
		e->program.nqueue = m.queues.n;
		e->program.nevent = m.queues.nevent;
	}
	for (int i = 0; copies && i < g->ninput; i++)
		add_copy(&m, STEP_COPY_IN, i);
	if (e->detector && (e->device || g->preprocess.width))
		add_preprocess(&m);
	add(&m, STEP_BEGIN, NULL, -1)->mark = e->device ? m.queues.event[0] : -1;
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->kernel)
			add_kernel(&m, i);
		else
			add_in_place(&m, i);
	add_waits(&m, add(&m, STEP_END, NULL, g->nnode), g->nnode);
	for (int i = 0; copies && i < g->noutput; i++)
		add_copy(&m, STEP_COPY_OUT, i);
	e->program.step = m.step;
	e->program.nstep = m.n;
}

/* ---- questions ---- */

const Step *program_step(const Program *p, StepKind kind, int number)
{
	for (int i = 0; i < p->nstep; i++)
		if (p->step[i].kind == kind && (number < 0 || p->step[i].number == number))
			return &p->step[i];
	return NULL;
}

const Argument *step_argument(const Step *s, Role role, int k)
{
	for (int i = 0; i < s->nargument; i++)
		if (s->argument[i].role == role && !k--)
			return &s->argument[i];
	return NULL;
}
