/* copy_any.cu -- op reshape that was not elided: the same elements elsewhere. ints: COUNT BLOCKS.
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
	net_at_image(y, image)[i] = net_at_image(x, image)[i];
}

static void KERNEL(net_queue *q, const float *x, float *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
