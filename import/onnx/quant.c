/* quant.c -- quantised operators, as what they mean: integers less a zero point, times a scale. A
 * convolution of integers is computed in f32, exact as long as its sums stay below 2^24. */
#include "import/onnx/window.h"

#include <string.h>

/* One number, or one for each index of the axis, as it stretches over rank axes. */
static Value *along(Call *c, Value *v, int axis, const Type *t)
{
	int64_t n = type_count(&v->type), dim[MAX_RANK];
	if (n == 1 && v->type.rank <= 1)
		return build_reshape(c, v, 0, NULL);
	if (v->type.rank != 1 || axis >= t->rank || n != t->dim[axis]) {
		call_reject(c, "a scale or zero point of %lld numbers; the axis has %lld", (long long)n, (long long)t->dim[axis]);
		return NULL;
	}
	for (int i = 0; i < t->rank - axis; i++)
		dim[i] = i ? 1 : n;
	return build_reshape(c, v, t->rank - axis, dim);
}

/* saturate(round(x) + zero) */
static Value *quantised(Call *c, Value *x, Value *zero, DType to)
{
	Value *y = build_cast(c, build_map(c, FN_round, x), DT_I32);
	if (zero)
		y = build_map2(c, FN_add, y, build_cast(c, zero, DT_I32));
	return build_saturate(c, y, to);
}

static bool is_byte(Call *c, DType t)
{
	if (t == DT_I8 || t == DT_U8)
		return true;
	call_unsupported(c, "%s of %s; int8 and uint8 are read", c->row->name, dtype_name(t));
	return false;
}

static void quantize_linear(Call *c)
{
	Value *x = build_cast(c, c->in[0], DT_F32), *zero = call_given(c, 2) ? c->in[2] : NULL;
	int64_t axis = c->opset < 13 ? 1 : call_int(c, "axis", 1);
	bool scalar = type_count(&c->in[1]->type) == 1;
	int at = scalar ? 0 : call_axis(c, "axis", axis, c->in[0]->type.rank);
	DType to = zero ? zero->type.dtype : DT_U8;
	if (c->failed || !is_byte(c, to))
		return;
	Value *scale = along(c, c->in[1], at, &c->in[0]->type);
	zero = zero ? along(c, zero, at, &c->in[0]->type) : NULL;
	c->out[0] = quantised(c, build_map2(c, FN_div, x, scale), zero, to);
}

static void dequantize_linear(Call *c)
{
	Value *x = c->in[0];
	int64_t axis = c->opset < 13 ? 1 : call_int(c, "axis", 1);
	bool scalar = type_count(&c->in[1]->type) == 1;
	int at = scalar ? 0 : call_axis(c, "axis", axis, x->type.rank);
	if (c->failed || (x->type.dtype != DT_I32 && !is_byte(c, x->type.dtype)))
		return;
	Value *y = build_cast(c, x, DT_F32), *scale = along(c, c->in[1], at, &x->type);
	if (call_given(c, 2))
		y = build_map2(c, FN_sub, y, build_cast(c, along(c, c->in[2], at, &x->type), DT_F32));
	c->out[0] = build_map2(c, FN_mul, y, scale);
}

/* Range of x widened to hold 0, in 255 steps. */
static void dynamic_quantize(Call *c)
{
	int axes[MAX_RANK], rank = c->in[0]->type.rank;
	Value *x = c->in[0];
	for (int i = 0; i < rank; i++)
		axes[i] = i;
	Value *high = build_map(c, FN_relu, build_reduce(c, x, FN_max, FN_NONE, FN_NONE, false, rank, axes, false));
	Value *low = build_map_scalar(c, FN_min, build_reduce(c, x, FN_min, FN_NONE, FN_NONE, false, rank, axes, false), 0);
	Value *scale = build_divisor(c, build_map_scalar(c, FN_div, build_map2(c, FN_sub, high, low), 255));
	Value *zero = build_map_with(c, FN_clip, build_map2(c, FN_div, build_map(c, FN_neg, low), scale), 0, 255);
	zero = build_saturate(c, build_cast(c, build_map(c, FN_round, zero), DT_I32), DT_U8);
	c->out[0] = quantised(c, build_map2(c, FN_div, x, scale), zero, DT_U8);
	if (c->nout > 1)
		c->out[1] = scale;
	if (c->nout > 2)
		c->out[2] = zero;
}

/* ---- products ---- */

static Value *less_zero(Call *c, Value *x, int zero, int axis)
{
	Value *y = build_cast(c, x, DT_F32);
	if (!call_given(c, zero))
		return y;
	return build_map2(c, FN_sub, y, build_cast(c, along(c, c->in[zero], axis, &x->type), DT_F32));
}

/* Convolution of in[0] and in[weight], whole numbers in f32. */
static Value *whole_conv(Call *c, int weight, int x_zero, int w_zero)
{
	Window w;
	Value *x = c->in[0], *k = c->in[weight];
	int64_t group = call_int(c, "group", 1);
	if (!is_byte(c, x->type.dtype) || !is_byte(c, k->type.dtype) || !window_read(c, x->type.rank, k->type.dim + 2, &w))
		return NULL;
	if (x->type.rank != 4 || k->type.rank != 4) {
		call_unsupported(c, "%s of rank %d and %d; 4 is read", c->row->name, x->type.rank, k->type.rank);
		return NULL;
	}
	if (dims_count(3, k->type.dim + 1) * 255 * 255 >= 1 << 24) {
		call_unsupported(c, "sums of %lld products; the limit is 258", (long long)dims_count(3, k->type.dim + 1));
		return NULL;
	}
	window_pad_same(&w, x->type.dim + 2);
	Value *in[] = {less_zero(c, x, x_zero, 0), less_zero(c, k, w_zero, 0)};
	Node *n = in[CONV_X] && in[CONV_WEIGHT] && group > 0 && group < 1 << 20 ? build_begin(c, OP_conv2d, 2, in, 1) : NULL;
	if (!n) {
		if (!c->failed)
			call_reject(c, "group is %lld", (long long)group);
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		n->u.conv2d.stride[i] = w.stride[i];
		n->u.conv2d.dilation[i] = w.dilation[i];
		n->u.conv2d.pad[i] = w.before[i];
		n->u.conv2d.pad[i + 2] = w.behind[i];
	}
	n->u.conv2d.group = (int)group;
	return build_end(c, n);
}

static void conv_integer(Call *c)
{
	c->out[0] = build_cast(c, whole_conv(c, 1, 2, 3), DT_I32);
}

/* x, its scale and zero; w, its scale and zero; y's scale and zero; bias in steps of x's scale times w's */
static void qlinear_conv(Call *c)
{
	Value *y = whole_conv(c, 3, 2, 5);
	if (!y || !is_byte(c, c->in[7]->type.dtype))
		return;
	if (call_given(c, 8))
		y = build_map2(c, FN_add, y, build_cast(c, along(c, c->in[8], 1, &y->type), DT_F32));
	Value *scale = build_map2(c, FN_div, build_map2(c, FN_mul, along(c, c->in[1], 1, &c->in[0]->type), c->in[4]), c->in[6]);
	scale = scale ? along(c, scale, 1, &y->type) : NULL;
	c->out[0] = quantised(c, build_map2(c, FN_mul, y, scale), along(c, c->in[7], 1, &y->type), c->in[7]->type.dtype);
}

static Value *less_zero_int(Call *c, int x, int zero)
{
	Value *z = c->in[zero];
	if (type_count(&z->type) != 1) {
		call_unsupported(c, "a zero point for each row or column");
		return NULL;
	}
	return build_map2(c, FN_sub, build_cast(c, c->in[x], DT_I32), build_cast(c, build_reshape(c, z, 0, NULL), DT_I32));
}

static void qlinear_matmul(Call *c)
{
	if (!is_byte(c, c->in[0]->type.dtype) || !is_byte(c, c->in[3]->type.dtype) || !is_byte(c, c->in[7]->type.dtype))
		return;
	for (int i = 1; i < 8; i++)
		if (i != 3 && type_count(&c->in[i]->type) != 1) {
			call_unsupported(c, "scales and zero points for each row or column");
			return;
		}
	Value *y = build_cast(c, build_matmul(c, less_zero_int(c, 0, 2), less_zero_int(c, 3, 5)), DT_F32);
	Value *scale = build_map2(c, FN_div, build_map2(c, FN_mul, c->in[1], c->in[4]), c->in[6]);
	y = build_map2(c, FN_mul, y, scale ? build_reshape(c, scale, 0, NULL) : NULL);
	c->out[0] = quantised(c, y, build_reshape(c, c->in[7], 0, NULL), c->in[7]->type.dtype);
}

const OnnxRow onnx_quant_rows[] = {
    {"QuantizeLinear", 10, 0, 2, 3, 1, quantize_linear, 0},
    {"DequantizeLinear", 10, 0, 2, 3, 1, dequantize_linear, 0},
    {"DynamicQuantizeLinear", 11, 0, 1, 1, 3, dynamic_quantize, 0},
    {"ConvInteger", 10, 0, 2, 4, 1, conv_integer, 0},
    {"QLinearConv", 10, 0, 8, 9, 1, qlinear_conv, 0},
    {"QLinearMatMul", 10, 0, 8, 8, 1, qlinear_matmul, 0},
    {0},
};
