/* conv_cudnn.cu -- op conv2d, one group, on maps with all channels in one block, by cuDNN: see cudnn.cu.
 *
 * Channels are those of the blocks, so that fill channels come out as zeros: their weights and biases are zero.
 *
 * parts: queue at image number cudnn
 * ints: INSTANCE (number of this convolution among the program's kernels), XC XB XH XW (channels with fill, step from pixel
 * to pixel, rows, columns), YC YB YH YW, EB, KH KW, SH SW (stride), DH DW (dilation), PT PL PB PR (padding), SUM PRODUCT
 * (0, 1: with e), EXACT (0, 1: products of floats as they are), ACTON; BLOCKS (of KERNEL_finish); words: XT BT YT ET, XD BD YD ED (cuDNN's names of these types), SLOPE UPPER (of
 * the activation; 0: none), OP ACT ALPHA BETA. w: biases [YC] as BT, then [YC][KH][KW][XC] as XT.
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#include "codegen/kernels/cuda/cudnn.cu"
#ifndef INSTANCE
#define INSTANCE 0
#define XC 64
#define XB 64
#define XH 20
#define XW 20
#define YC 64
#define YB 64
#define YH 20
#define YW 20
#define EB 64
#define KH 3
#define KW 3
#define SH 1
#define SW 1
#define DH 1
#define DW 1
#define PT 1
#define PL 1
#define PB 1
#define PR 1
#define SUM 0
#define PRODUCT 0
#define EXACT 1
#define BLOCKS 100
#define BT float
#define BD CUDNN_DATA_FLOAT
#define XD CUDNN_DATA_FLOAT
#define YD CUDNN_DATA_FLOAT
#define ED CUDNN_DATA_FLOAT
#define SLOPE 0.0f
#define UPPER 0.0f
#define KERNEL_finish net_kernel_finish
#define KERNEL_about net_kernel_about
#endif
#endif

/* What the older interface leaves to do. */
static __global__ void __launch_bounds__(256) KERNEL_finish(const BT *__restrict__ bias,
#if ELT
                                                            const ET *__restrict__ e,
#endif
                                                            YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= YH * YW * YC)
		return;
	YT *const at = net_at_image(y, image) + i / YC * YB + i % YC;
	float r = net_float(*at) + net_float(bias[i % YC]);
#if ELT
	r = r OP net_float(net_at_image(e, image)[i / YC * EB + i % YC]);
#endif
#if ACTON
	r = ACT(r, ALPHA, BETA);
#endif
	net_put(at, r);
}

static net_convolution KERNEL_about(void)
{
	const int64_t xi = NET_IMAGE_STRIDE / (int64_t)sizeof(XT), yi = NET_IMAGE_STRIDE / (int64_t)sizeof(YT);
	net_convolution c = {};

	c.x = {XD, {NET_BATCH, XC, XH, XW}, {NET_BATCH > 1 ? xi : XH * XW * XB, 1, XW * XB, XB}};
	c.w = {XD, {YC, XC, KH, KW}, {KH * KW * XC, 1, KW * XC, XC}};
	c.bias = {BD, {1, YC, 1, 1}, {YC, 1, YC, YC}};
	c.y = {YD, {NET_BATCH, YC, YH, YW}, {NET_BATCH > 1 ? yi : YH * YW * YB, 1, YW * YB, YB}};
#if ELT
	const int64_t ei = NET_IMAGE_STRIDE / (int64_t)sizeof(ET);

	c.e = {ED, {NET_BATCH, YC, YH, YW}, {NET_BATCH > 1 ? ei : YH * YW * EB, 1, YW * EB, EB}};
#endif
	c.before[0] = PT;
	c.before[1] = PL;
	c.after[0] = PB;
	c.after[1] = PR;
	c.stride[0] = SH;
	c.stride[1] = SW;
	c.dilation[0] = DH;
	c.dilation[1] = DW;
	c.exact = EXACT;
	c.sum = SUM;
	c.product = PRODUCT;
	c.activation = ACTON;
	c.slope = SLOPE;
	c.upper = UPPER;
	return c;
}

static void KERNEL(net_queue *q, const XT *x,
#if ELT
                   const ET *e,
#endif
                   const unsigned char *w, YT *y)
{
	const net_convolution c = KERNEL_about();
	net_operands o = {};

	o.x = x;
	o.bias = w;
	o.w = w + sizeof(BT) * YC;
	o.y = y;
#if ELT
	o.e = e;
#endif
	if (net_convolve(q, INSTANCE, &c, &o))
		return;
#if ELT
	net_launch(q, KERNEL_finish, dim3(BLOCKS, 1, NET_BATCH), 256, 0, net_at<const BT>(w, 0), e, y);
#else
	net_launch(q, KERNEL_finish, dim3(BLOCKS, 1, NET_BATCH), 256, 0, net_at<const BT>(w, 0), y);
#endif
}
