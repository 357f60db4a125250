/* pool_any.cu -- op pool2d on maps in any layout. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW, DH DW (dilation),
 * PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the window with its padding), COUNT BLOCKS; words:
 * XT YT.
 *
 * parts: queue image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x, YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	const XT *const from = net_at_image(x, image) + (c / XB * XROWS * XCOLS * XB + c % XB);
#if AVERAGE
	float result = 0.0f;
	int count = 0;
#else
	float result = -3.402823466e38f;
#endif

	for (int ky = 0; ky < KH; ky++)
		for (int kx = 0; kx < KW; kx++) {
			const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;
			const bool inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

#if AVERAGE && COUNT_PADDING
			count += iy < XH + PB && ix < XW + PR;
#elif AVERAGE
			count += inside;
#endif
			if (inside && c < YC) {
				const float v = net_float(from[((iy + XTOP) * XCOLS + ix + XLEFT) * XB]);
#if AVERAGE
				result += v;
#else
				result = v > result ? v : result;
#endif
			}
		}
#if AVERAGE
	result = count > 0 ? result / (float)count : 0.0f;
#endif
	net_put(at, c < YC ? result : 0.0f);
}

static void KERNEL(net_queue *q, const XT *x, YT *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
