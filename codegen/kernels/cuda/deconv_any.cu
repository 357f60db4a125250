/* deconv_any.cu -- op deconv2d, gathered: each result collects the inputs that reach it. Maps in any layout.
 *
 * ints: of the maps p = X, Y, E: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW (stride), PT PL
 * (padding), CIG COG (channels of a group), BIAS ELT ACTON (0, 1), BORDER (0, or rows and columns that count as first and last:
 * bias is then [3][3][YC]), COUNT BLOCKS; words: XT YT ET, OP ACT ALPHA BETA. w: [XC][COG][KH][KW].
 *
 * parts: queue image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x, const float *__restrict__ w,
#if BIAS
                                                            const float *__restrict__ bias,
#endif
#if ELT
                                                            const ET *__restrict__ e,
#endif
                                                            YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);

	if (c >= YC) {
		net_put(at, 0.0f);
		return;
	}
#if BIAS && BORDER
	const int row = oy < BORDER ? 0 : oy < YH - BORDER ? 1 : 2, column = ox < BORDER ? 0 : ox < YW - BORDER ? 1 : 2;
	float sum = bias[(row * 3 + column) * YC + c];
#elif BIAS
	float sum = bias[c];
#else
	float sum = 0.0f;
#endif
	for (int ci = 0; ci < CIG; ci++) {
		const int k = c / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = (oy + PT - ky) / SH, ix = (ox + PL - kx) / SW;

				if (iy >= 0 && iy < XH && iy * SH == oy + PT - ky && ix >= 0 && ix < XW && ix * SW == ox + PL - kx)
					sum += net_float(net_at_image(x, image)[((k / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + k % XB]) *
					       w[((k * COG + c % COG) * KH + ky) * KW + kx];
			}
	}
#if ELT
	sum = sum OP net_float(net_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
#endif
#if ACTON
	sum = ACT(sum, ALPHA, BETA);
#endif
	net_put(at, sum);
}

static void KERNEL(net_queue *q, const XT *x, const float *w,
#if BIAS
                   const float *bias,
#endif
#if ELT
                   const ET *e,
#endif
                   YT *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, w,
#if BIAS
	           bias,
#endif
#if ELT
	           e,
#endif
	           y);
}
