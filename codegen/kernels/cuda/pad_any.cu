/* pad_any.cu -- op pad of a plain value: a border of one value. ints: XH XW, YH YW, PT PL (rows above, columns left), COUNT
 * BLOCKS; words: BORDER.
 *
 * parts: queue image
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const float *__restrict__ x, float *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int iy = i / YW % YH - PT, ix = i % YW - PL;
	const bool inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

	net_at_image(y, image)[i] = inside ? net_at_image(x, image)[(i / (YH * YW) * XH + iy) * XW + ix] : BORDER;
}

static void KERNEL(net_queue *q, const float *x, float *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
