/* constant.c -- operators whose result is known as soon as their parameters are. */
#include "import/onnx/parts.h"

#include <math.h>
#include <string.h>

static void constant_list(Call *c, DType t, const void *data, int n, bool scalar)
{
	int64_t dim = n;
	Type type = type_make(t, scalar ? 0 : 1, &dim);
	if (!c->failed)
		c->out[0] = graph_constant(c->g, NULL, blob_bytes(c->g, &type, data));
}

static void constant(Call *c)
{
	const Onnx__AttributeProto *p = c->proto->n_attribute == 1 ? c->proto->attribute[0] : NULL;
	int n;
	if (!p) {
		call_reject(c, "Constant has %zu attributes; it needs one", c->proto->n_attribute);
	} else if (!strcmp(p->name, "value")) {
		const Onnx__TensorProto *t = call_tensor(c, "value");
		Blob *b = t ? onnx_tensor(c->g, t, c->onnx->file, c->loc.layer, &c->onnx->external, c->d) : NULL;
		c->failed = c->failed || !b;
		c->out[0] = b ? graph_constant(c->g, NULL, b) : NULL;
	} else if (!strcmp(p->name, "value_float")) {
		float x = (float)call_float(c, "value_float", 0);
		constant_list(c, DT_F32, &x, 1, true);
	} else if (!strcmp(p->name, "value_int")) {
		int64_t x = call_int(c, "value_int", 0);
		constant_list(c, DT_I64, &x, 1, true);
	} else if (!strcmp(p->name, "value_floats")) {
		const float *x = call_floats(c, "value_floats", &n);
		constant_list(c, DT_F32, x, n, false);
	} else if (!strcmp(p->name, "value_ints")) {
		const int64_t *x = call_ints(c, "value_ints", &n);
		constant_list(c, DT_I64, x, n, false);
	} else {
		call_unsupported(c, "a Constant given by %s", diag_quote(c->scratch, p->name));
	}
}

/* Extents from an input; false after an error. */
static bool known_extents(Call *c, int k, int *rank, int64_t *dim)
{
	const int64_t *p = call_known_ints(c, k, "the shape", rank);
	if (!p)
		return false;
	if (*rank > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "a shape of rank %d; the limit is %d", *rank, MAX_RANK);
		return false;
	}
	for (int i = 0; i < *rank; i++) {
		dim[i] = p[i];
		if (p[i] < 0) {
			call_reject(c, "the extent %lld in the shape", (long long)p[i]);
			return false;
		}
	}
	return true;
}

static void constant_of_shape(Call *c)
{
	int rank;
	int64_t dim[MAX_RANK] = {0};
	const Onnx__TensorProto *t = call_tensor(c, "value");
	Blob *b = t ? onnx_tensor(c->g, t, c->onnx->file, c->loc.layer, &c->onnx->external, c->d) : NULL;
	c->failed = c->failed || (t && !b);
	if (c->failed || !known_extents(c, 0, &rank, dim))
		return;
	if (b && blob_count(b) != 1) {
		call_reject(c, "value has %lld elements; it must be one", (long long)blob_count(b));
		return;
	}
	double x = b ? blob_read_f64(b, c->scratch)[0] : 0;
	c->out[0] = build_fill(c, b ? b->dtype : DT_F32, rank, dim, x);
}

static void range(Call *c)
{
	int n[3];
	double v[3];
	static const char *const what[] = {"start", "limit", "delta"};
	for (int i = 0; i < 3; i++) {
		const double *p = call_known_floats(c, i, what[i], &n[i]);
		if (p && n[i] != 1)
			call_reject(c, "%s has %d elements", what[i], n[i]);
		v[i] = p && n[i] == 1 ? p[0] : 1;
		if (c->in[i]->type.dtype != c->in[0]->type.dtype)
			call_reject(c, "start, limit and delta have different types");
	}
	double count = ceil((v[1] - v[0]) / v[2]);
	if (c->failed)
		return;
	if (v[2] == 0 || isnan(count)) {
		call_reject(c, "a delta of %g", v[2]);
		return;
	}
	if (count > 1 << 20) {
		call_error(c, DIAG_LIMIT, "a range of %.0f numbers; the limit is 1048576", count);
		return;
	}
	int64_t size = count > 0 ? (int64_t)count : 0;
	double *x = arena_new_array(c->scratch, double, size + 1);
	for (int64_t i = 0; i < size; i++)
		x[i] = v[0] + (double)i * v[2];
	c->out[0] = build_constant(c, c->in[0]->type.dtype, 1, &size, x);
}

static bool is_small(Call *c, int64_t rows, int64_t columns)
{
	if (dims_count(2, (int64_t[]){rows, columns}) <= 1 << 22)
		return true;
	call_error(c, DIAG_LIMIT, "a matrix of %lld * %lld is made; the limit is 4194304 elements", (long long)rows, (long long)columns);
	return false;
}

static void eye_like(Call *c)
{
	const Type *t = &c->in[0]->type;
	int64_t k = call_int(c, "k", 0), to = call_int(c, "dtype", 0);
	DType dtype = to ? onnx_dtype(to) : t->dtype;
	if (t->rank != 2 || dtype == DT_NONE) {
		call_reject(c, "EyeLike needs an input of rank 2 and an element type");
		return;
	}
	if (!is_small(c, t->dim[0], t->dim[1]))
		return;
	double *x = arena_new_array(c->scratch, double, t->dim[0] * t->dim[1] + 1);
	for (int64_t i = 0; i < t->dim[0]; i++)
		for (int64_t j = 0; j < t->dim[1]; j++)
			x[i * t->dim[1] + j] = k < INT32_MAX && k > -INT32_MAX && j - i == k;
	c->out[0] = build_constant(c, dtype, 2, t->dim, x);
}

/* One triangle of the last two axes, zeros in the other: where(mask, x, 0). */
static void trilu(Call *c)
{
	const Type *t = &c->in[0]->type;
	bool upper = call_flag(c, "upper", true);
	int n = 0;
	const int64_t zero = 0, *k = call_given(c, 1) ? call_known_ints(c, 1, "k", &n) : &zero;
	if (!k)
		return;
	if (t->rank < 2 || (call_given(c, 1) && n != 1)) {
		call_reject(c, "Trilu needs an input of rank 2 or more and one k");
		return;
	}
	const int64_t *dim = t->dim + t->rank - 2;
	if (!is_small(c, dim[0], dim[1]))
		return;
	int64_t shift = *k > INT32_MAX ? INT32_MAX : *k < -INT32_MAX ? -INT32_MAX : *k;
	double *x = arena_new_array(c->scratch, double, dim[0] * dim[1] + 1);
	for (int64_t i = 0; i < dim[0]; i++)
		for (int64_t j = 0; j < dim[1]; j++)
			x[i * dim[1] + j] = upper ? j - i >= shift : j - i <= shift;
	c->out[0] = build_map3(c, FN_where, build_constant(c, DT_BOOL, 2, dim, x), c->in[0], build_scalar(c, t->dtype, 0));
}

static void non_zero(Call *c)
{
	int n;
	const Type *t = &c->in[0]->type;
	if (value_is_result(c->in[0])) {
		call_unsupported(
		    c, "NonZero's result has a column for each element that is not 0, which is known at run time only: use a mask, "
		       "or leave a threshold to NonMaxSuppression when exporting");
		return;
	}
	const double *x = call_known_floats(c, 0, "what NonZero is asked about", &n);
	int64_t count = 0, rank = t->rank ? t->rank : 1;
	if (!x)
		return;
	for (int i = 0; i < n; i++)
		count += x[i] != 0;
	double *at = arena_new_array(c->scratch, double, rank *count + 1);
	for (int64_t i = 0, k = 0; i < n; i++) {
		if (x[i] == 0)
			continue;
		int64_t left = i;
		for (int axis = t->rank - 1; axis >= 0; left /= t->dim[axis--])
			at[axis * count + k] = (double)(left % t->dim[axis]);
		k++;
	}
	c->out[0] = build_constant(c, DT_I64, 2, (int64_t[]){rank, count}, at);
}

/* ---- windows of signals ---- */

static const double windows[][3] = {{0.5, 0.5, 0}, {25.0 / 46, 21.0 / 46, 0}, {0.42, 0.5, 0.08}};

/* a - b cos(2 pi i / n) + c cos(4 pi i / n) */
static void window(Call *c)
{
	bool periodic = call_flag(c, "periodic", true);
	int64_t to = call_int(c, "output_datatype", 1);
	int n;
	const int64_t *p = call_known_ints(c, 0, "the size of the window", &n);
	if (!p)
		return;
	if (n != 1 || *p < 1 || *p > 1 << 20 || onnx_dtype(to) == DT_NONE) {
		call_reject(c, "a window needs one size from 1 to 1048576 and an element type");
		return;
	}
	const double *w = windows[c->row->code], pi = 3.14159265358979323846;
	double *x = arena_new_array(c->scratch, double, *p + 1), whole = (double)(periodic ? *p : *p > 1 ? *p - 1 : 1);
	for (int64_t i = 0; i < *p; i++) {
		double phase = 2 * pi * (double)i / whole;
		x[i] = w[0] - w[1] * cos(phase) + w[2] * cos(2 * phase);
	}
	c->out[0] = build_constant(c, onnx_dtype(to), 1, p, x);
}

const OnnxRow onnx_constant_rows[] = {
    {"Constant", 1, 0, 0, 0, 1, constant, 0},      {"ConstantOfShape", 9, 0, 1, 1, 1, constant_of_shape, 0},
    {"Range", 11, 0, 3, 3, 1, range, 0},           {"EyeLike", 9, 0, 1, 1, 1, eye_like, 0},
    {"Trilu", 14, 0, 1, 2, 1, trilu, 0},           {"NonZero", 9, 0, 1, 1, 1, non_zero, 0},
    {"HannWindow", 17, 0, 1, 1, 1, window, 0},     {"HammingWindow", 17, 0, 1, 1, 1, window, 1},
    {"BlackmanWindow", 17, 0, 1, 1, 1, window, 2}, {0},
};
