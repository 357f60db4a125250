/* conv_any.cu -- op conv2d, as its definition says: any window, stride, dilation, group; maps in any layout. One result, or
 * two that share out the channels. The slow, obviously right one: a thread for each element.
 *
 * ints: of the maps p = X, Y, Z (second result), E, E1 (operands): pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see
 * bind_cuda_map()), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), CIG COG (channels of a group, in and out), NOUT (1,
 * 2), FIRST (elements of the first result), COUNT BLOCKS, BIAS ELT ACTON ELT1 ACT1ON (0, 1); words: XT YT ZT ET E1T, OP ACT ALPHA
 * BETA, OP1 ACT1 ALPHA1 BETA1. w: [channels of both results][CIG][KH][KW].
 *
 * parts: queue image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

/* Channel co of the result at a pixel. */
static __device__ inline float KERNEL_sum(const XT *__restrict__ x, const float *__restrict__ w,
#if BIAS
                                          const float *__restrict__ bias,
#endif
                                          int co, int oy, int ox)
{
#if BIAS
	float sum = bias[co];
#else
	float sum = 0.0f;
#endif

	for (int ci = 0; ci < CIG; ci++) {
		const int c = co / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

				if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
					sum += net_float(x[((c / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + c % XB]) *
					       w[((co * CIG + ci) * KH + ky) * KW + kx];
			}
	}
	return sum;
}

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x, const float *__restrict__ w,
#if BIAS
                                                            const float *__restrict__ bias,
#endif
#if ELT
                                                            const ET *__restrict__ e,
#endif
#if ELT1
                                                            const E1T *__restrict__ e1,
#endif
#if NOUT > 1
                                                            ZT *__restrict__ z,
#endif
                                                            YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
#if NOUT > 1
	if (i >= FIRST) {
		const int k = i - FIRST, c = k / (ZL * ZH * ZW) * ZB + k % ZL, oy = k / (ZL * ZW) % ZH, ox = k / ZL % ZW;
		ZT *const to = net_at_image(z, image) + (((c / ZB * ZROWS + oy + ZTOP) * ZCOLS + ox + ZLEFT) * ZB + c % ZB);
		float sum = 0.0f;

		if (c < ZC) {
#if BIAS
			sum = KERNEL_sum(net_at_image(x, image), w, bias, YC + c, oy, ox);
#else
			sum = KERNEL_sum(net_at_image(x, image), w, YC + c, oy, ox);
#endif
#if ELT1
			sum = sum OP1 net_float(net_at_image(e1, image)[((c / E1B * E1ROWS + oy + E1TOP) * E1COLS + ox + E1LEFT) * E1B + c % E1B]);
#endif
#if ACT1ON
			sum = ACT1(sum, ALPHA1, BETA1);
#endif
		}
		net_put(to, sum);
		return;
	}
#endif
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float sum = 0.0f;

	if (c < YC) {
#if BIAS
		sum = KERNEL_sum(net_at_image(x, image), w, bias, c, oy, ox);
#else
		sum = KERNEL_sum(net_at_image(x, image), w, c, oy, ox);
#endif
#if ELT
		sum = sum OP net_float(net_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
#endif
#if ACTON
		sum = ACT(sum, ALPHA, BETA);
#endif
	}
	net_put(at, sum);
}

static void KERNEL(net_queue *q, const XT *x, const float *w,
#if BIAS
                   const float *bias,
#endif
#if ELT
                   const ET *e,
#endif
#if ELT1
                   const E1T *e1,
#endif
                   YT *y
#if NOUT > 1
                   , ZT *z
#endif
                   )
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, w,
#if BIAS
	           bias,
#endif
#if ELT
	           e,
#endif
#if ELT1
	           e1,
#endif
#if NOUT > 1
	           z,
#endif
	           y);
}
