/* affine_any.cu -- ops batchnorm and scale on the channels of a map: factor * x + shift.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT. w:
 * factor [YC], shift [YC].
 *
 * parts: queue at image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x, const float *__restrict__ w, YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);

	if (c < YC)
		net_put(at, w[c] * net_float(net_at_image(x, image)[((c / XB * XROWS + oy + XTOP) * XCOLS + ox + XLEFT) * XB + c % XB]) + w[YC + c]);
	else
		net_put(at, 0.0f);
}

static void KERNEL(net_queue *q, const XT *x, const unsigned char *w, YT *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, net_at<const float>(w, 0), y);
}
