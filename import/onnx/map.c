/* map.c -- operators that work element by element. */
#include "import/onnx/parts.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Functions of floats are computed in f32 where the element type is smaller; others as they are. */
static void unary(Call *c)
{
	c->out[0] = build_map(c, (Func)c->row->code, c->in[0]);
}

static const struct {
	Func fn;
	const char *alpha, *beta; /* attributes, or null */
	double standard_alpha, standard_beta;
} with_parameters[] = {
    {FN_leaky, "alpha", NULL, 0.01f, 0},   {FN_elu, "alpha", NULL, 1, 0},
    {FN_celu, "alpha", NULL, 1, 0},        {FN_selu, "alpha", "gamma", 1.67326319217681884765625, 1.05070102214813232421875},
    {FN_thresholded, "alpha", NULL, 1, 0}, {FN_shrink, "lambd", "bias", 0.5, 0},
};

static void unary_with(Call *c)
{
	double alpha = 0, beta = 0;
	for (size_t i = 0; i < sizeof with_parameters / sizeof *with_parameters; i++)
		if (with_parameters[i].fn == (Func)c->row->code) {
			alpha = call_float(c, with_parameters[i].alpha, with_parameters[i].standard_alpha);
			beta = with_parameters[i].beta ? call_float(c, with_parameters[i].beta, with_parameters[i].standard_beta) : 0;
		}
	if ((Func)c->row->code == FN_celu && alpha == 0) {
		call_reject(c, "alpha is 0");
		return;
	}
	Value *x = c->in[0];
	bool whole = !dtype_is_float(x->type.dtype);
	c->out[0] = build_cast(c, build_map_with(c, (Func)c->row->code, whole ? build_cast(c, x, DT_F32) : x, alpha, beta), x->type.dtype);
}

/* Operands of one type. */
static bool same_types(Call *c)
{
	for (int i = 1; i < c->nin; i++)
		if (c->in[i]->type.dtype != c->in[0]->type.dtype) {
			call_reject(c, "%s of %s and %s; the types must be the same", c->row->name, dtype_name(c->in[0]->type.dtype),
			            dtype_name(c->in[i]->type.dtype));
			return false;
		}
	return true;
}

/* The second operand. In opset 6 it has the shape of the first, or, with broadcast=1, its extents are those of the
 * first from `axis` on; later ones line up at the end by themselves. */
static Value *second(Call *c)
{
	const Type *t = &c->in[0]->type, *u = &c->in[1]->type;
	if (c->opset >= 7)
		return c->in[1];
	bool stretches = call_flag(c, "broadcast", false);
	int64_t axis = call_int(c, "axis", t->rank - u->rank), dim[MAX_RANK];
	if (!stretches && (t->rank != u->rank || (t->rank && memcmp(t->dim, u->dim, sizeof *t->dim * (size_t)t->rank))))
		call_reject(c, "the shapes differ, and broadcast is not 1");
	else if (axis < 0 || axis > t->rank - u->rank)
		call_reject(c, "axis is %lld for operands of rank %d and %d", (long long)axis, t->rank, u->rank);
	if (c->failed)
		return NULL;
	int rank = t->rank - (int)axis;
	for (int i = 0; i < rank; i++)
		dim[i] = i < u->rank ? u->dim[i] : 1;
	return build_reshape(c, c->in[1], rank, dim);
}

static void binary(Call *c)
{
	if (same_types(c))
		c->out[0] = build_map2(c, (Func)c->row->code, c->in[0], second(c));
}

static void logical(Call *c)
{
	for (int i = 0; i < c->nin; i++)
		if (c->in[i]->type.dtype != DT_BOOL)
			call_reject(c, "%s of %s; it takes bool", c->row->name, dtype_name(c->in[i]->type.dtype));
	c->out[0] = c->nin == 1 ? build_map(c, (Func)c->row->code, c->in[0]) : build_map2(c, (Func)c->row->code, c->in[0], second(c));
}

/* Min, Max, Sum, Mean of any number. */
static void variadic(Call *c)
{
	if (!same_types(c))
		return;
	Value *x = c->in[0];
	for (int i = 1; i < c->nin; i++)
		x = build_map2(c, (Func)c->row->code, x, c->in[i]);
	c->out[0] = x;
}

static void mean(Call *c)
{
	variadic(c);
	c->out[0] = c->nin > 1 ? build_map_with(c, FN_affine, c->out[0], 1.0 / c->nin, 0) : c->out[0];
}

/* The result has the type of the base. */
static void power(Call *c)
{
	Value *x = c->in[0], *y = second(c);
	DType t = x->type.dtype, u = c->in[1]->type.dtype;
	if (!dtype_is_float(t) && dtype_is_float(u))
		c->out[0] = build_cast(c, build_map2(c, FN_pow, build_cast(c, x, u), y), t);
	else
		c->out[0] = build_map2(c, FN_pow, x, build_cast(c, y, t));
}

static void modulo(Call *c)
{
	bool sign_of_dividend = call_flag(c, "fmod", false);
	if (!same_types(c))
		return;
	if (dtype_is_float(c->in[0]->type.dtype) && !sign_of_dividend)
		call_reject(c, "Mod of floats needs fmod=1");
	c->out[0] = build_map2(c, sign_of_dividend ? FN_fmod : FN_mod, c->in[0], c->in[1]);
}

static void bit_shift(Call *c)
{
	static const char *const directions[] = {"LEFT", "RIGHT", NULL};
	int right = call_choice(c, "direction", directions, -1);
	if (right < 0)
		call_reject(c, "BitShift needs a direction");
	if (same_types(c))
		c->out[0] = build_map2(c, right ? FN_shift_right : FN_shift_left, c->in[0], c->in[1]);
}

static void is_inf(Call *c)
{
	bool negative = call_flag(c, "detect_negative", true), positive = call_flag(c, "detect_positive", true);
	c->out[0] = build_map_with(c, FN_isinf, c->in[0], negative, positive);
}

static void hard_sigmoid(Call *c)
{
	double alpha = call_float(c, "alpha", 0.2f), beta = call_float(c, "beta", 0.5);
	c->out[0] = build_map_with(c, FN_clip, build_map_with(c, FN_affine, c->in[0], alpha, beta), 0, 1);
}

static void where(Call *c)
{
	if (c->in[0]->type.dtype != DT_BOOL)
		call_reject(c, "the condition is of type %s; it must be bool", dtype_name(c->in[0]->type.dtype));
	if (c->in[1]->type.dtype != c->in[2]->type.dtype)
		call_reject(c, "Where of %s and %s; the types must be the same", dtype_name(c->in[1]->type.dtype),
		            dtype_name(c->in[2]->type.dtype));
	c->out[0] = build_map3(c, FN_where, c->in[0], c->in[1], c->in[2]);
}

static void prelu(Call *c)
{
	if (!same_types(c))
		return;
	Value *slope = c->in[1];
	int rank = c->in[0]->type.rank;
	if (c->opset < 7 && slope->type.rank == 1 && rank > 1) { /* one number for each channel */
		int64_t dim[MAX_RANK] = {slope->type.dim[0], 1, 1, 1, 1, 1, 1, 1};
		slope = build_reshape(c, slope, rank - 1, dim);
	}
	if (c->in[1]->type.rank > rank) {
		call_reject(c, "the slope has rank %d, the input %d", c->in[1]->type.rank, c->in[0]->type.rank);
		return;
	}
	c->out[0] = build_map2(c, FN_prelu, c->in[0], slope);
	if (c->out[0] && !type_same_shape(&c->out[0]->type, &c->in[0]->type))
		call_reject(c, "the slope does not stretch to the shape of the input");
}

/* ---- limits ---- */

static bool is_known_scalar(const Call *c, int k)
{
	return call_given(c, k) && value_is_constant(c->in[k]) && c->in[k]->data->kind != BLOB_ELIDED && type_count(&c->in[k]->type) == 1;
}

/* min(max(x, low), high); with both known, one function that fuses with what is before. */
static void clip(Call *c)
{
	Value *x = c->in[0];
	for (int k = 1; k < c->nin; k++)
		if (c->in[k] && (c->in[k]->type.dtype != x->type.dtype || type_count(&c->in[k]->type) != 1)) {
			call_reject(c, "the limits of Clip must be scalars of the type of its input");
			return;
		}
	double limit[2] = {-FLT_MAX, FLT_MAX};
	bool known = dtype_is_float(x->type.dtype) && x->type.dtype != DT_F64;
	for (int k = 1; k < 3; k++) {
		const double *p;
		int n;
		if (is_known_scalar(c, k) && (p = call_known_floats(c, k, "a limit", &n)))
			limit[k - 1] = p[0];
		else if (call_given(c, k))
			known = false;
	}
	if (known && limit[0] <= limit[1]) {
		bool six = limit[0] == 0 && limit[1] == 6, relu = limit[0] == 0 && limit[1] == FLT_MAX && !call_given(c, 2);
		c->out[0] = build_map_with(c,
		                           six    ? FN_relu6
		                           : relu ? FN_relu
		                                  : FN_clip,
		                           x, six || relu ? 0 : limit[0], six || relu ? 0 : limit[1]);
		return;
	}
	int64_t one = 1;
	for (int k = 1; k < 3; k++)
		if (call_given(c, k))
			x = build_map2(c, k == 1 ? FN_max : FN_min, x, x && x->type.rank ? c->in[k] : build_reshape(c, c->in[k], 0, &one));
	c->out[0] = x == c->in[0] ? build_map(c, FN_identity, x) : x;
}

static void clip_6(Call *c)
{
	double low = call_float(c, "min", -FLT_MAX), high = call_float(c, "max", FLT_MAX);
	bool six = low == 0 && high == 6;
	c->out[0] = build_map_with(c, six ? FN_relu6 : FN_clip, c->in[0], six ? 0 : low, six ? 0 : high);
}

/* ---- types ---- */

static void cast(Call *c)
{
	int64_t to = call_int(c, "to", 0);
	DType t = onnx_dtype(to);
	if (to == 0 || (t == DT_NONE && !strcmp(onnx_dtype_name(to), "unknown")))
		call_reject(c, "there is no element type %lld to cast to", (long long)to);
	else if (t == DT_NONE)
		call_unsupported(c, "a cast to %s", onnx_dtype_name(to));
	else
		c->out[0] = build_cast(c, c->in[0], t);
}

static void cast_like(Call *c)
{
	c->out[0] = build_cast(c, c->in[0], c->in[1]->type.dtype);
}

static void identity(Call *c)
{
	c->out[0] = c->in[0];
}

/* As in a trained network: nothing is dropped, and the mask says so. */
static void dropout(Call *c)
{
	call_ignore(c, "seed");
	call_ignore(c, "ratio");
	if (c->opset < 7 && !call_flag(c, "is_test", false)) {
		call_unsupported(c, "Dropout in training mode: it is random");
		return;
	}
	if (call_given(c, 2)) {
		int n;
		const int64_t *training = call_known_ints(c, 2, "training_mode", &n), *p = training;
		double ratio = 0.5;
		const double *r = call_given(c, 1) ? call_known_floats(c, 1, "ratio", &n) : &ratio;
		if (p && r && n == 1 && p[0] && r[0] != 0)
			call_unsupported(c, "Dropout in training mode: it is random");
	}
	c->out[0] = c->in[0];
	if (c->nout > 1)
		c->out[1] = build_fill(c, DT_BOOL, c->in[0]->type.rank, c->in[0]->type.dim, 1);
}

const OnnxRow onnx_map_rows[] = {
    {"Relu", 6, 0, 1, 1, 1, unary, FN_relu},
    {"Sigmoid", 6, 0, 1, 1, 1, unary, FN_sigmoid},
    {"Tanh", 6, 0, 1, 1, 1, unary, FN_tanh},
    {"Exp", 6, 0, 1, 1, 1, unary, FN_exp},
    {"Log", 6, 0, 1, 1, 1, unary, FN_log},
    {"Sqrt", 6, 0, 1, 1, 1, unary, FN_sqrt},
    {"Abs", 6, 0, 1, 1, 1, unary, FN_abs},
    {"Neg", 6, 0, 1, 1, 1, unary, FN_neg},
    {"Floor", 6, 0, 1, 1, 1, unary, FN_floor},
    {"Ceil", 6, 0, 1, 1, 1, unary, FN_ceil},
    {"Round", 11, 0, 1, 1, 1, unary, FN_round},
    {"Sign", 9, 0, 1, 1, 1, unary, FN_sign},
    {"Reciprocal", 6, 0, 1, 1, 1, unary, FN_reciprocal},
    {"Sin", 7, 0, 1, 1, 1, unary, FN_sin},
    {"Cos", 7, 0, 1, 1, 1, unary, FN_cos},
    {"Tan", 7, 0, 1, 1, 1, unary, FN_tan},
    {"Asin", 7, 0, 1, 1, 1, unary, FN_asin},
    {"Acos", 7, 0, 1, 1, 1, unary, FN_acos},
    {"Atan", 7, 0, 1, 1, 1, unary, FN_atan},
    {"Sinh", 9, 0, 1, 1, 1, unary, FN_sinh},
    {"Cosh", 9, 0, 1, 1, 1, unary, FN_cosh},
    {"Asinh", 9, 0, 1, 1, 1, unary, FN_asinh},
    {"Acosh", 9, 0, 1, 1, 1, unary, FN_acosh},
    {"Atanh", 9, 0, 1, 1, 1, unary, FN_atanh},
    {"Erf", 9, 0, 1, 1, 1, unary, FN_erf},
    {"Softplus", 1, 0, 1, 1, 1, unary, FN_softplus},
    {"Softsign", 1, 0, 1, 1, 1, unary, FN_softsign},
    {"HardSwish", 14, 0, 1, 1, 1, unary, FN_hswish},
    {"IsNaN", 9, 0, 1, 1, 1, unary, FN_isnan},
    {"IsInf", 10, 0, 1, 1, 1, is_inf, 0},
    {"LeakyRelu", 6, 0, 1, 1, 1, unary_with, FN_leaky},
    {"Elu", 6, 0, 1, 1, 1, unary_with, FN_elu},
    {"Celu", 12, 0, 1, 1, 1, unary_with, FN_celu},
    {"Selu", 6, 0, 1, 1, 1, unary_with, FN_selu},
    {"ThresholdedRelu", 10, 0, 1, 1, 1, unary_with, FN_thresholded},
    {"Shrink", 9, 0, 1, 1, 1, unary_with, FN_shrink},
    {"HardSigmoid", 6, 0, 1, 1, 1, hard_sigmoid, 0},
    {"Add", 6, 0, 2, 2, 1, binary, FN_add},
    {"Sub", 6, 0, 2, 2, 1, binary, FN_sub},
    {"Mul", 6, 0, 2, 2, 1, binary, FN_mul},
    {"Div", 6, 0, 2, 2, 1, binary, FN_div},
    {"Equal", 6, 0, 2, 2, 1, binary, FN_equal},
    {"Less", 6, 0, 2, 2, 1, binary, FN_less},
    {"LessOrEqual", 12, 0, 2, 2, 1, binary, FN_less_equal},
    {"Greater", 6, 0, 2, 2, 1, binary, FN_greater},
    {"GreaterOrEqual", 12, 0, 2, 2, 1, binary, FN_greater_equal},
    {"And", 6, 0, 2, 2, 1, logical, FN_and},
    {"Or", 6, 0, 2, 2, 1, logical, FN_or},
    {"Xor", 6, 0, 2, 2, 1, logical, FN_xor},
    {"Not", 1, 0, 1, 1, 1, logical, FN_not},
    {"BitShift", 11, 0, 2, 2, 1, bit_shift, 0},
    {"Pow", 6, 0, 2, 2, 1, power, 0},
    {"Mod", 10, 0, 2, 2, 1, modulo, 0},
    {"Max", 6, 0, 1, -1, 1, variadic, FN_max},
    {"Min", 6, 0, 1, -1, 1, variadic, FN_min},
    {"Sum", 6, 0, 1, -1, 1, variadic, FN_add},
    {"Mean", 6, 0, 1, -1, 1, mean, FN_add},
    {"Where", 9, 0, 3, 3, 1, where, 0},
    {"PRelu", 6, 0, 2, 2, 1, prelu, 0},
    {"Clip", 6, 10, 1, 1, 1, clip_6, 0},
    {"Clip", 11, 0, 1, 3, 1, clip, 0},
    {"Cast", 6, 0, 1, 1, 1, cast, 0},
    {"CastLike", 15, 0, 2, 2, 1, cast_like, 0},
    {"Identity", 1, 0, 1, 1, 1, identity, 0},
    {"Dropout", 6, 11, 1, 1, 2, dropout, 0},
    {"Dropout", 12, 0, 1, 3, 2, dropout, 0},
    {0},
};
