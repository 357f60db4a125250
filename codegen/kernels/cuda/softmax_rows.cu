/* softmax_rows.cu -- op softmax along one axis of a plain value: a thread for each row. The largest is subtracted first, so
 * that exp stays finite.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it) BLOCKS.
 *
 * parts: queue image expf
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const float *__restrict__ x, float *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= OUTER * INNER)
		return;
	const int at = i / INNER * (LENGTH * INNER) + i % INNER;
	const float *const from = net_at_image(x, image) + at;
	float *const to = net_at_image(y, image) + at;
	float top = from[0], sum = 0.0f;
	for (int c = 1; c < LENGTH; c++)
		top = from[c * INNER] > top ? from[c * INNER] : top;
	for (int c = 0; c < LENGTH; c++) {
		const float p = net_expf(from[c * INNER] - top);

		to[c * INNER] = p;
		sum += p;
	}
	for (int c = 0; c < LENGTH; c++)
		to[c * INNER] = to[c * INNER] / sum;
}

static void KERNEL(net_queue *q, const float *x, float *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
