/* math.c -- layers that are a function of each element, and Eltwise. */
#include "import/caffe/caffe.h"

#include <math.h>

static bool function(Caffe *c, Layer *l, Func f, double alpha, double beta)
{
	l->out[0] = layer_function(c, l, NULL, f, alpha, beta, l->in[0], NULL);
	return l->out[0];
}

bool caffe_relu(Caffe *c, Layer *l)
{
	PARAM(l, relu_param, Caffe__ReLUParameter, CAFFE__RE_LUPARAMETER__INIT);
	return function(c, l, p->negative_slope == 0 ? FN_relu : FN_leaky, caffe_number(p->negative_slope), 0);
}

bool caffe_relu6(Caffe *c, Layer *l)
{
	return function(c, l, FN_relu6, 0, 0);
}

bool caffe_clip(Caffe *c, Layer *l)
{
	const Caffe__ClipParameter *p = l->p->clip_param;
	if (!p || !p->has_min || !p->has_max || !(p->min <= p->max))
		return LAYER_FAIL(c, l, p, NULL, "clip_param with min and max, min <= max, is needed");
	if (p->min == 0 && p->max == 6)
		return caffe_relu6(c, l);
	return function(c, l, FN_clip, caffe_number(p->min), caffe_number(p->max));
}

/* Nothing to do after training, unless the training did not scale what it kept. */
bool caffe_dropout(Caffe *c, Layer *l)
{
	PARAM(l, dropout_param, Caffe__DropoutParameter, CAFFE__DROPOUT_PARAMETER__INIT);
	double ratio = caffe_number(p->dropout_ratio);
	if (!(ratio >= 0 && ratio < 1))
		return LAYER_FAIL(c, l, dropout_param_given, "dropout_ratio", "dropout_ratio is %g; 0 or more and below 1 is accepted",
		                  ratio);
	if (p->scale_train)
		return caffe_same(c, l);
	return function(c, l, FN_affine, 1 - ratio, 0);
}

bool caffe_elu(Caffe *c, Layer *l)
{
	PARAM(l, elu_param, Caffe__ELUParameter, CAFFE__ELUPARAMETER__INIT);
	return function(c, l, FN_elu, caffe_number(p->alpha), 0);
}

bool caffe_sigmoid(Caffe *c, Layer *l)
{
	return function(c, l, FN_sigmoid, 0, 0);
}

bool caffe_tanh(Caffe *c, Layer *l)
{
	return function(c, l, FN_tanh, 0, 0);
}

bool caffe_abs(Caffe *c, Layer *l)
{
	return function(c, l, FN_abs, 0, 0);
}

/* x * sigmoid(beta * x) */
bool caffe_swish(Caffe *c, Layer *l)
{
	PARAM(l, swish_param, Caffe__SwishParameter, CAFFE__SWISH_PARAMETER__INIT);
	if (p->beta == 1)
		return function(c, l, FN_swish, 0, 0);
	Value *y = layer_function(c, l, "slope", FN_affine, caffe_number(p->beta), 0, l->in[0], NULL);
	y = y ? layer_function(c, l, "sigmoid", FN_sigmoid, 0, 0, y, NULL) : NULL;
	l->out[0] = y ? layer_function(c, l, NULL, FN_mul, 0, 0, l->in[0], y) : NULL;
	return l->out[0];
}

/* scale * x + shift, or x itself */
static Value *inner(Caffe *c, Layer *l, double scale, double shift)
{
	return scale == 1 && shift == 0 ? l->in[0] : layer_function(c, l, "inner", FN_affine, scale, shift, l->in[0], NULL);
}

/* The natural logarithm of a base; -1 stands for e. */
static bool log_of_base(Caffe *c, Layer *l, const void *param, double base, double *out)
{
	*out = base == -1 ? 1 : log(base);
	return (isfinite(*out) && *out != 0) ||
	       LAYER_FAIL(c, l, param, "base_", "base is %g; a number above 0 that is not 1 is needed", base);
}

/* base ^ (scale * x + shift) = e ^ (log base * scale * x + log base * shift) */
bool caffe_exp(Caffe *c, Layer *l)
{
	PARAM(l, exp_param, Caffe__ExpParameter, CAFFE__EXP_PARAMETER__INIT);
	double base;
	if (!log_of_base(c, l, exp_param_given, caffe_number(p->base_), &base))
		return false;
	Value *x = inner(c, l, base * caffe_number(p->scale), base * caffe_number(p->shift));
	l->out[0] = x ? layer_function(c, l, NULL, FN_exp, 0, 0, x, NULL) : NULL;
	return l->out[0];
}

/* log(scale * x + shift) to the base */
bool caffe_log(Caffe *c, Layer *l)
{
	PARAM(l, log_param, Caffe__LogParameter, CAFFE__LOG_PARAMETER__INIT);
	double base;
	if (!log_of_base(c, l, log_param_given, caffe_number(p->base_), &base))
		return false;
	Value *x = inner(c, l, caffe_number(p->scale), caffe_number(p->shift));
	if (x && base != 1)
		x = layer_function(c, l, "log", FN_log, 0, 0, x, NULL);
	if (x)
		x = layer_function(c, l, NULL, base == 1 ? FN_log : FN_affine, base == 1 ? 0 : 1 / base, 0, x, NULL);
	l->out[0] = x;
	return x;
}

bool caffe_bnll(Caffe *c, Layer *l)
{
	return function(c, l, FN_softplus, 0, 0);
}

/* A tensor of one element that broadcasts over x. */
static Value *one_number(Caffe *c, const Layer *l, const char *suffix, const Value *x, double number)
{
	int64_t dim[MAX_RANK];
	for (int i = 0; i < x->type.rank; i++)
		dim[i] = 1;
	const float value = (float)number;
	const char *name = arena_printf(c->graph->arena, "%s.%s", l->name, suffix);
	return graph_constant_f32(c->graph, name, x->type.rank, dim, &value);
}

static Value *raised(Caffe *c, Layer *l, Value *x, double power)
{
	return layer_function(c, l, NULL, FN_pow, 0, 0, x, one_number(c, l, "power", x, power));
}

/* 1 above the threshold, else 0 */
bool caffe_threshold(Caffe *c, Layer *l)
{
	PARAM(l, threshold_param, Caffe__ThresholdParameter, CAFFE__THRESHOLD_PARAMETER__INIT);
	Value *limit = one_number(c, l, "threshold", l->in[0], caffe_number(p->threshold));
	Value *above = layer_function(c, l, "above", FN_greater, 0, 0, l->in[0], limit);
	Node *n = above ? layer_node(c, l, NULL, OP_eltwise, 1, &above) : NULL;
	if (!n)
		return false;
	n->u.eltwise.fn = FN_identity;
	n->u.eltwise.to = DT_F32;
	return layer_end(c, l, n);
}

/* (shift + scale * x) ^ power */
bool caffe_power(Caffe *c, Layer *l)
{
	PARAM(l, power_param, Caffe__PowerParameter, CAFFE__POWER_PARAMETER__INIT);
	if (p->power == 1)
		return function(c, l, FN_affine, caffe_number(p->scale), caffe_number(p->shift));
	if (p->power == 0)
		return function(c, l, FN_affine, 0, 1);
	Value *x = inner(c, l, caffe_number(p->scale), caffe_number(p->shift));
	if (!x)
		return false;
	if (p->power == 2)
		l->out[0] = layer_function(c, l, NULL, FN_mul, 0, 0, x, x);
	else if (p->power == 0.5f)
		l->out[0] = layer_function(c, l, NULL, FN_sqrt, 0, 0, x, NULL);
	else
		l->out[0] = raised(c, l, x, caffe_number(p->power));
	return l->out[0];
}

/* ---- Eltwise ---- */

static bool same_shapes(Caffe *c, const Layer *l)
{
	for (int i = 1; i < l->nin; i++)
		if (!type_same_shape(&l->in[0]->type, &l->in[i]->type)) {
			diag_error(c->d, DIAG_REJECT, l->loc, "bottom %d has another shape than bottom 0", i);
			return false;
		}
	return true;
}

bool caffe_eltwise(Caffe *c, Layer *l)
{
	static const Func fn[] = {
	    [CAFFE__ELTWISE_PARAMETER__ELTWISE_OP__PROD] = FN_mul,
	    [CAFFE__ELTWISE_PARAMETER__ELTWISE_OP__SUM] = FN_add,
	    [CAFFE__ELTWISE_PARAMETER__ELTWISE_OP__MAX] = FN_max,
	};
	PARAM(l, eltwise_param, Caffe__EltwiseParameter, CAFFE__ELTWISE_PARAMETER__INIT);
	if (p->n_coeff && p->n_coeff != (size_t)l->nin)
		return LAYER_FAIL(c, l, p, "coeff", "%zu coefficients for %d inputs", p->n_coeff, l->nin);
	if (p->n_coeff && fn[p->operation] != FN_add)
		return LAYER_FAIL(c, l, p, "coeff", "only SUM takes coefficients");
	if (!same_shapes(c, l))
		return false;
	Value *y = l->in[0];
	for (int i = 1; i < l->nin && y; i++) {
		const char *suffix = i + 1 < l->nin ? arena_printf(c->a, "%d", i) : NULL;
		Node *n = layer_node(c, l, suffix, OP_eltwise, 2, (Value *[]){y, l->in[i]});
		n->u.eltwise.fn = fn[p->operation];
		if (p->n_coeff) {
			n->u.eltwise.coeff[0] = i == 1 ? caffe_number(p->coeff[0]) : 1;
			n->u.eltwise.coeff[1] = caffe_number(p->coeff[i]);
		}
		y = layer_finish(c, n);
	}
	l->out[0] = y;
	return y;
}
