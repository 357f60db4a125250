/* kernels_cudnn.c -- row of the convolutions that cuDNN does: one group, one result, all channels of a pixel in one block. */
#include "codegen/kernels_cuda.h"
#include "codegen/kernels_map.h"
#include "codegen/rows.h"

#include <string.h>

/* Activations that leave 0 as it is, so that fill channels stay zero, and that cuDNN has. */
static bool has_activation(const Epilogue *e)
{
	return e->act == FN_NONE || e->act == FN_relu || e->act == FN_relu6 || e->act == FN_leaky;
}

bool conv_cudnn_accepts(const Target *t, const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const Epilogue *e = &c->epi[0];
	const Value *other = node_epilogue_operand(n, 0), *x = n->in[CONV_X], *y = n->out[0];
	return t->library && n->nout == 1 && c->group == 1 && conv_has_constants(n) && is_cuda_pixels(t, x) && is_cuda_pixels(t, y) &&
	       x->type.dtype == y->type.dtype && has_activation(e) &&
	       (e->elt == FN_NONE || ((e->elt == FN_add || e->elt == FN_mul) && other && is_cuda_pixels(t, other)));
}

static const char *library_word(DType t)
{
	return t == DT_F16 ? "CUDNN_DATA_HALF" : t == DT_BF16 ? "CUDNN_DATA_BFLOAT16" : "CUDNN_DATA_FLOAT";
}

/* As pass narrow left it; without a bias there are zeros. */
static DType bias_type(const Node *n)
{
	return node_bias(n) ? node_bias(n)->type.dtype : n->in[CONV_X]->type.dtype;
}

static void bind_side(Bindings *b, const Target *t, const char *p, const Value *v)
{
	Arena *a = bindings_arena(b);
	bind_int(b, arena_printf(a, "%sB", p), v->type.layout.block);
	bind_word(b, arena_printf(a, "%sT", p), cuda_type(v->type.dtype));
	bind_word(b, arena_printf(a, "%sD", p), library_word(v->type.dtype));
	if (!strcmp(p, "E"))
		return;
	bind_int(b, arena_printf(a, "%sC", p), target_channels(t, v));
	bind_int(b, arena_printf(a, "%sH", p), v->type.dim[2]);
	bind_int(b, arena_printf(a, "%sW", p), v->type.dim[3]);
}

void conv_cudnn_bind(const Target *t, const Node *n, Bindings *b)
{
	const Conv *c = &n->u.conv2d;
	const Epilogue *e = &c->epi[0];
	const int64_t *y = n->out[0]->type.dim;
	bind_side(b, t, "X", n->in[CONV_X]);
	bind_side(b, t, "Y", n->out[0]);
	if (node_epilogue_operand(n, 0))
		bind_side(b, t, "E", node_epilogue_operand(n, 0));
	bind_word(b, "BT", cuda_type(bias_type(n)));
	bind_word(b, "BD", library_word(bias_type(n)));
	bind_cuda_window(b, n);
	bind_int(b, "PB", c->pad[2]);
	bind_int(b, "PR", c->pad[3]);
	bind_int(b, "SUM", e->elt == FN_add);
	bind_int(b, "PRODUCT", e->elt == FN_mul);
	bind_int(b, "EXACT", n->in[CONV_X]->type.dtype == DT_F32 && !t->chosen.short_products);
	bind_int(b, "BLOCKS", (y[2] * y[3] * target_channels(t, n->out[0]) + 255) / 256);
	bind_float(b, "SLOPE", e->act == FN_leaky ? e->alpha : 0);
	bind_float(b, "UPPER", e->act == FN_relu6 ? 6 : 0);
	bind_epilogue(b, n, 0, "", 1);
}

int64_t conv_cudnn_size(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim, channels = target_channels(t, n->out[0]);
	return channels *
	       (dtype_size(bias_type(n)) + w[2] * w[3] * target_channels(t, n->in[CONV_X]) * dtype_size(n->in[CONV_X]->type.dtype));
}

/* Biases, then [YC][KH][KW][XC] in the type of the map; what fills is zero. */
void conv_cudnn_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	const int64_t *dim = n->in[CONV_WEIGHT]->type.dim, taps = dim[2] * dim[3], in = target_channels(t, n->in[CONV_X]),
	              to = target_channels(t, n->out[0]);
	const DType type = n->in[CONV_X]->type.dtype, of_bias = bias_type(n);
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	memset(out, 0, (size_t)conv_cudnn_size(t, n));
	for (int64_t o = 0; bias && o < dim[0]; o++)
		number_store(of_bias, (double)bias[o], (char *)out + o * dtype_size(of_bias));
	char *at = (char *)out + to * dtype_size(of_bias);
	for (int64_t o = 0; o < dim[0]; o++)
		for (int64_t c = 0; c < dim[1]; c++)
			for (int64_t k = 0; k < taps; k++)
				number_store(type, (double)w[(o * dim[1] + c) * taps + k],
				             at + ((o * taps + k) * in + c) * dtype_size(type));
}
