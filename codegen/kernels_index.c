/* kernels_index.c -- rows of the plain kernels that fetch and place elements by indices, and of nms. */
#include "codegen/rows.h"

#include <float.h>

void take_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const DType type = n->in[INDEXED_X]->type.dtype;
	Arena *a = bindings_arena(b);
	const int64_t count = n->in[INDEXED_INDICES]->type.dim[0], *index = blob_read_i64(n->in[INDEXED_INDICES]->data, a);
	bool filled = false;
	for (int64_t i = 0; i < count; i++)
		filled = filled || index[i] < 0;
	bind_axis(b, &n->in[INDEXED_X]->type, n->u.take.axis);
	bind_int(b, "COUNT", count);
	bind_int(b, "FILLED", filled);
	bind_type(b, "T", type);
	if (filled)
		bind_number(b, "VALUE", type, n->u.take.value);
}

void gather_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_axis(b, &n->in[INDEXED_X]->type, n->u.gather.axis);
	bind_int(b, "COUNT", type_count(&n->in[INDEXED_INDICES]->type));
	bind_type(b, "T", n->in[INDEXED_X]->type.dtype);
	bind_type(b, "TZ", n->in[INDEXED_INDICES]->type.dtype);
}

/* The loops over the indices, with the steps of x but on the axis. */
static void bind_element_loops(const Node *n, int axis, Bindings *b)
{
	const Type *x = &n->in[INDEXED_X]->type;
	Loops l = loops_over(&n->in[INDEXED_INDICES]->type);
	for (int i = 0; i < l.rank; i++)
		l.step[0][i] = i == axis ? 0 : type_step(x, i);
	loops_simplify(&l, 1);
	bind_loops(b, "ii", "N", &l, 1, (const char *const[]){"A"});
	bind_int(b, "LENGTH", x->dim[axis]);
	bind_int(b, "STEP", type_step(x, axis));
	bind_type(b, "T", x->dtype);
	bind_type(b, "TZ", n->in[INDEXED_INDICES]->type.dtype);
}

void gather_elements_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_element_loops(n, n->u.gather_elements.axis, b);
}

/* What joins an update with what is there. */
static void bind_join(const Node *n, Func fn, Bindings *b)
{
	DType type = n->in[INDEXED_X]->type.dtype;
	Class c = class_of(type);
	bind_int(b, "JOIN", fn != FN_NONE);
	if (fn == FN_NONE)
		return;
	bind_load(b, NULL, "LOADX", type);
	bind_store(b, "STORE", c, type);
	bind_class_function(b, "FN", fn, c);
}

void scatter_elements_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_element_loops(n, n->u.scatter_elements.axis, b);
	bind_int(b, "COUNT", type_count(&n->in[INDEXED_X]->type));
	bind_join(n, n->u.scatter_elements.fn, b);
}

/* Vectors of indices after `batch` common axes. */
static void bind_vectors(const Node *n, int batch, Bindings *b)
{
	const Type *x = &n->in[INDEXED_X]->type, *index = &n->in[INDEXED_INDICES]->type;
	const int length = (int)index->dim[index->rank - 1];
	int64_t inner = 1, count = type_outer(index, index->rank - 1), batches = type_outer(index, batch);
	for (int i = 0; i < length; i++)
		bind_int(b, arena_printf(bindings_arena(b), "SIZE_%d", i), x->dim[batch + i]);
	for (int i = batch + length; i < x->rank; i++)
		inner *= x->dim[i];
	bind_repeat(b, "ii", length);
	bind_int(b, "LENGTH", length);
	bind_int(b, "COUNT", count);
	bind_int(b, "PER_BATCH", batches && count ? count / batches : 1);
	bind_int(b, "INNER", inner);
	bind_type(b, "T", x->dtype);
	bind_type(b, "TZ", index->dtype);
}

void gather_nd_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_vectors(n, n->u.gather_nd.batch_dims, b);
}

void scatter_nd_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_vectors(n, 0, b);
	bind_int(b, "TOTAL", type_count(&n->in[INDEXED_X]->type));
	bind_join(n, n->u.scatter_nd.fn, b);
}

bool nms_accepts(const Target *t, const Node *n)
{
	(void)t;
	for (int i = 0; i < 2; i++)
		if (!is_f32(n->in[i]) && !value_is_constant(n->in[i]))
			return false;
	return true;
}

static double to_float_range(double v)
{
	return v > FLT_MAX ? FLT_MAX : v < -FLT_MAX ? -FLT_MAX : v;
}

void nms_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Nms *m = &n->u.nms;
	const int64_t *scores = n->in[NMS_SCORES]->type.dim;
	bind_int(b, "BATCHES", scores[0]);
	bind_int(b, "CLASSES", scores[1]);
	bind_int(b, "BOXES", scores[2]);
	bind_int(b, "MOST", m->max_per_class < scores[2] ? m->max_per_class : scores[2]);
	bind_int(b, "ROWS", m->rows);
	bind_int(b, "CENTER", m->center_point_box);
	bind_float(b, "IOU", to_float_range(m->iou));
	bind_float(b, "THRESHOLD", to_float_range(m->threshold));
}
