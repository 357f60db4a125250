/* l2norm_any.cu -- op l2norm (Caffe's Normalize): gamma[c] * x / sqrt(EPS + sum of x^2), the sum over the channels of a pixel,
 * or over the whole map. A block for each pixel, or one for the map; sums in a fixed order.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), PIXELS, ACROSS (0, 1: whole map);
 * floats: EPS; words: XT YT.
 *
 * parts: queue image number sqrtf
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(128) KERNEL_device(const XT *__restrict__ x, const float *__restrict__ gamma, YT *__restrict__ y)
{
	__shared__ float part[128];
	const int thread = (int)threadIdx.x, image = (int)blockIdx.z, first = (int)blockIdx.x;
	const XT *const from = net_at_image(x, image);
	YT *const to = net_at_image(y, image);
	const int begin = ACROSS ? 0 : first, end = ACROSS ? PIXELS : first + 1;
	float sum = 0.0f;

	for (int p = begin; p < end; p++)
		for (int c = thread; c < YC; c += 128) {
			const float v = net_float(from[((c / XB * XROWS + p / YW + XTOP) * XCOLS + p % YW + XLEFT) * XB + c % XB]);
			sum += v * v;
		}
	part[thread] = sum;
	for (int half = 64; half > 0; half /= 2) {
		__syncthreads();
		if (thread < half)
			part[thread] += part[thread + half];
	}
	__syncthreads();
	const float root = net_sqrtf(part[0] + EPS);
	for (int p = begin; p < end; p++)
		for (int c = thread; c < YCB * YL; c += 128) {
			const int at = ((c / YB * YROWS + p / YW + YTOP) * YCOLS + p % YW + YLEFT) * YB + c % YB;

			if (c < YC)
				net_put(to + at, gamma[c] * net_float(from[((c / XB * XROWS + p / YW + XTOP) * XCOLS + p % YW + XLEFT) * XB + c % XB]) / root);
			else
				net_put(to + at, 0.0f);
		}
}

static void KERNEL(net_queue *q, const XT *x, const float *gamma, YT *y)
{
	net_launch(q, KERNEL_device, dim3(ACROSS ? 1 : PIXELS, 1, NET_BATCH), 128, 0, x, gamma, y);
}
