/* matmul_any.cu -- op matmul: act(x z + bias) for each batch, of plain values: a thread for each element of the result.
 *
 * ints: N_ii (loops over the result) S_ii (elements from step to step) A_ii B_ii (steps of x and z, 0 where they stay), K, STEP (of
 * z along K), COLUMNS, MOVES0 MOVES1 MOVES2 (of x, z, bias: 1; 0: a constant, the same for every image), BIAS ACTON (0, 1), COUNT
 * BLOCKS; words: ACT ALPHA BETA.
 *
 * parts: queue image
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const float *__restrict__ x, const float *__restrict__ z,
#if BIAS
                                                            const float *__restrict__ bias,
#endif
                                                            float *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const float *const a = net_at_image(x, image * MOVES0) + (
		i / S_ii % N_ii * A_ii + /* for ii */
		0);
	const float *const b = net_at_image(z, image * MOVES1) + (
		i / S_ii % N_ii * B_ii + /* for ii */
		0);
#if BIAS
	float sum = net_at_image(bias, image * MOVES2)[i % COLUMNS];
#else
	float sum = 0.0f;
#endif

	for (int k = 0; k < K; k++)
		sum += a[k] * b[k * STEP];
#if ACTON
	sum = ACT(sum, ALPHA, BETA);
#endif
	net_at_image(y, image)[i] = sum;
}

static void KERNEL(net_queue *q, const float *x, const float *z,
#if BIAS
                   const float *bias,
#endif
                   float *y)
{
#if BIAS
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, z, bias, y);
#else
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, z, y);
#endif
}
