/* graph.c -- making and editing graphs. Every function leaves uses, ids and order true. */
#include "ir/ir.h"

#include <string.h>
#include <unistd.h>

/* Files that graphs keep open: a list in the arena, closed with it. */
typedef struct OwnedFd OwnedFd;
struct OwnedFd {
	int fd;
	OwnedFd *next;
};

typedef struct OwningGraph { /* what graph_new really makes */
	Graph graph;
	OwnedFd *fds;
} OwningGraph;

Graph *graph_new(const char *name)
{
	Arena *a = arena_new();
	Graph *g = &arena_new_one(a, OwningGraph)->graph;
	g->arena = a;
	g->name = arena_strdup(a, name);
	g->next_id = 1;
	return g;
}

void graph_own_fd(Graph *g, int fd)
{
	OwnedFd *o = arena_new_one(g->arena, OwnedFd);
	*o = (OwnedFd){fd, ((OwningGraph *)g)->fds};
	((OwningGraph *)g)->fds = o;
}

void graph_free(Graph *g)
{
	if (!g)
		return;
	for (OwnedFd *o = ((OwningGraph *)g)->fds; o; o = o->next)
		close(o->fd);
	arena_free(g->arena);
}

/* Room for one more element in an array of pointers. */
static void *room_for_one(Arena *a, void *array, int count, int *capacity)
{
	if (count < *capacity)
		return array;
	int old = *capacity;
	*capacity = old ? 2 * old : 4;
	return arena_grow(a, array, sizeof(void *) * (size_t)old, sizeof(void *) * (size_t)*capacity);
}

static Value *value_new(Graph *g, ValueKind kind, const char *name)
{
	Value *v = arena_new_one(g->arena, Value);
	v->kind = kind;
	v->id = g->next_id++;
	v->name = name ? arena_strdup(g->arena, name) : NULL;
	v->type.layout.block = 1;
	v->offset = -1;
	g->value = room_for_one(g->arena, g->value, g->nvalue, &g->value_capacity);
	g->value[g->nvalue++] = v;
	return v;
}

/* Inputs and outputs are few: these arrays grow by one. */
static Value **append(Arena *a, Value **array, int *count, Value *v)
{
	array = arena_grow(a, array, sizeof *array * (size_t)*count, sizeof *array * (size_t)(*count + 1));
	array[(*count)++] = v;
	return array;
}

Value *graph_input(Graph *g, const char *name, Type t)
{
	Value *v = value_new(g, VALUE_INPUT, name);
	v->type = t;
	g->input = append(g->arena, g->input, &g->ninput, v);
	return v;
}

Value *graph_constant(Graph *g, const char *name, Blob *b)
{
	Value *v = value_new(g, VALUE_CONSTANT, name);
	v->type = type_make(b->dtype, b->rank, b->dim);
	v->data = b;
	return v;
}

Value *graph_constant_f32(Graph *g, const char *name, int rank, const int64_t *dim, const float *data)
{
	Type t = type_make(DT_F32, rank, dim);
	return graph_constant(g, name, blob_bytes(g, &t, data));
}

void graph_output(Graph *g, Value *v)
{
	v->noutput++;
	g->output = append(g->arena, g->output, &g->noutput, v);
}

/* ---- uses ---- */

static void add_use(Graph *g, Value *v, Node *n)
{
	if (!v)
		return;
	v->use = room_for_one(g->arena, v->use, v->nuse, &v->use_capacity);
	v->use[v->nuse++] = n;
}

static void drop_use(Value *v, const Node *n)
{
	if (!v)
		return;
	for (int i = 0; i < v->nuse; i++)
		if (v->use[i] == n) {
			memmove(v->use + i, v->use + i + 1, sizeof *v->use * (size_t)(v->nuse - i - 1));
			v->nuse--;
			return;
		}
	bug("value %%%d does not know its use by '%s'", v->id, n->name);
}

void node_set_input(Graph *g, Node *n, int i, Value *v)
{
	if (i == n->nin) {
		n->in = append(g->arena, n->in, &n->nin, NULL);
	} else {
		drop_use(n->in[i], n);
	}
	n->in[i] = v;
	add_use(g, v, n);
}

void value_replace(Graph *g, Value *from, Value *to)
{
	while (from->nuse) {
		Node *n = from->use[0];
		for (int i = 0; i < n->nin; i++)
			if (n->in[i] == from)
				node_set_input(g, n, i, to);
	}
	for (int i = 0; i < g->noutput; i++)
		if (g->output[i] == from) {
			g->output[i] = to;
			from->noutput--;
			to->noutput++;
		}
	if (from->name)
		to->name = from->name;
}

Node *graph_detector(const Graph *g)
{
	Node *n = g->ninput == 1 && g->noutput == 1 ? g->output[0]->def : NULL;
	return n && n->op == OP_detect ? n : NULL;
}

/* ---- nodes ---- */

static void set_standard_attributes(Node *n)
{
	const OpInfo *info = &op_info[n->op];
	for (int f = 0; f < info->nfield; f++) {
		const Field *field = &info->field[f];
		char *p = (char *)&n->u + field->offset;
		for (int i = 0; i < field->count; i++) {
			switch (field->kind) {
			case FIELD_INT:
			case FIELD_FUNC:
			case FIELD_CODE:
			case FIELD_DTYPE:
				((int *)p)[i] = (int)field->standard;
				break;
			case FIELD_I64:
				((int64_t *)p)[i] = (int64_t)field->standard;
				break;
			case FIELD_BOOL:
				((bool *)p)[i] = field->standard != 0;
				break;
			case FIELD_DOUBLE:
				((double *)p)[i] = field->standard;
				break;
			}
		}
	}
}

static void insert_at(Graph *g, Node *n, int at)
{
	g->node = room_for_one(g->arena, g->node, g->nnode, &g->node_capacity);
	memmove(g->node + at + 1, g->node + at, sizeof *g->node * (size_t)(g->nnode - at));
	g->node[at] = n;
	g->nnode++;
}

int node_index(const Graph *g, const Node *n)
{
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i] == n)
			return i;
	bug("node '%s' is not in the graph", n->name);
}

Node *graph_node_before(Graph *g, Node *at, Op op, const char *name, int nin, Value *const *in, int nout)
{
	Node *n = arena_new_one(g->arena, Node);
	n->op = op;
	n->name = arena_strdup(g->arena, name);
	n->loc.layer = n->name;
	set_standard_attributes(n);
	n->in = arena_new_array(g->arena, Value *, nin + 1);
	n->nin = nin;
	for (int i = 0; i < nin; i++) {
		n->in[i] = in[i];
		add_use(g, in[i], n);
	}
	n->nout = nout;
	for (int i = 0; i < nout; i++) {
		n->out[i] = value_new(g, VALUE_RESULT, NULL);
		n->out[i]->def = n;
	}
	insert_at(g, n, at ? node_index(g, at) : g->nnode);
	return n;
}

Node *graph_node(Graph *g, Op op, const char *name, int nin, Value *const *in, int nout)
{
	return graph_node_before(g, NULL, op, name, nin, in, nout);
}

void node_remove(Graph *g, Node *n)
{
	for (int i = 0; i < n->nout; i++)
		if (n->out[i]->nuse || n->out[i]->noutput)
			bug("removed node '%s' is still used", n->name);
	for (int i = 0; i < n->nin; i++)
		drop_use(n->in[i], n);
	int at = node_index(g, n);
	memmove(g->node + at, g->node + at + 1, sizeof *g->node * (size_t)(g->nnode - at - 1));
	g->nnode--;
	for (int i = 0; i < n->nout; i++)
		n->out[i]->def = NULL;
}

void node_move_before(Graph *g, Node *n, Node *at)
{
	int from = node_index(g, n);
	memmove(g->node + from, g->node + from + 1, sizeof *g->node * (size_t)(g->nnode - from - 1));
	g->nnode--;
	insert_at(g, n, node_index(g, at));
}

/* A result without a node was left by node_remove(). */
static bool value_is_needed(const Value *v)
{
	return value_is_constant(v) ? v->nuse || v->noutput : value_is_input(v) || v->def;
}

static bool node_is_needed(const Node *n)
{
	for (int i = 0; i < n->nout; i++)
		if (n->out[i]->nuse || n->out[i]->noutput)
			return true;
	return false;
}

void graph_sweep(Graph *g)
{
	for (int i = g->nnode - 1; i >= 0; i--)
		if (!node_is_needed(g->node[i]))
			node_remove(g, g->node[i]);
	int kept = 0;
	for (int i = 0; i < g->nvalue; i++) {
		if (value_is_needed(g->value[i]))
			g->value[kept++] = g->value[i];
	}
	g->nvalue = kept;
}

/* ---- copies ---- */

static Value *copy_value(Graph *to, const Value *v)
{
	Value *c = arena_new_one(to->arena, Value);
	*c = *v;
	c->name = v->name ? arena_strdup(to->arena, v->name) : NULL;
	c->use = NULL;
	c->nuse = c->use_capacity = c->noutput = 0;
	c->def = NULL;
	return c;
}

static Node *copy_node(Graph *to, const Node *n, Value *const *map)
{
	Node *c = arena_new_one(to->arena, Node);
	*c = *n;
	c->name = arena_strdup(to->arena, n->name);
	c->in = NULL;
	c->nin = 0;
	for (int i = 0; i < n->nin; i++)
		node_set_input(to, c, i, n->in[i] ? map[n->in[i]->id] : NULL);
	for (int i = 0; i < n->nout; i++) {
		c->out[i] = map[n->out[i]->id];
		c->out[i]->def = c;
	}
	return c;
}

Graph *graph_copy(const Graph *g)
{
	Graph *to = graph_new(g->name);
	Arena *a = to->arena;
	Value **map = arena_new_array(a, Value *, g->next_id);
	for (int i = 0; i < g->nvalue; i++) {
		Value *c = map[g->value[i]->id] = copy_value(to, g->value[i]);
		to->value = room_for_one(a, to->value, to->nvalue, &to->value_capacity);
		to->value[to->nvalue++] = c;
	}
	for (int i = 0; i < to->nvalue; i++)
		if (to->value[i]->base)
			to->value[i]->base = map[to->value[i]->base->id];
	to->next_id = g->next_id;
	for (int i = 0; i < g->ninput; i++)
		to->input = append(a, to->input, &to->ninput, map[g->input[i]->id]);
	for (int i = 0; i < g->nnode; i++)
		insert_at(to, copy_node(to, g->node[i], map), to->nnode);
	for (int i = 0; i < g->noutput; i++)
		graph_output(to, map[g->output[i]->id]);
	to->preprocess = g->preprocess;
	to->nlabel = g->nlabel;
	to->label = arena_new_array(a, const char *, g->nlabel + 1);
	for (int i = 0; i < g->nlabel; i++)
		to->label[i] = arena_strdup(a, g->label[i]);
	to->weights_size = g->weights_size;
	to->arena_size = g->arena_size;
	to->arena_bound = g->arena_bound;
	return to;
}
