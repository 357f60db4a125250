/* permute_any.cu -- op permute of a plain value: the result in order, the input by steps.
 *
 * ints: N_ii (loops) S_ii (elements from step to step) A_ii (steps of the input), COUNT BLOCKS.
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
	net_at_image(y, image)[i] = net_at_image(x, image)[
		i / S_ii % N_ii * A_ii + /* for ii */
		0];
}

static void KERNEL(net_queue *q, const float *x, float *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
