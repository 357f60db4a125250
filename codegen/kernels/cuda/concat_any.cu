/* concat_any.cu -- op concat: of maps along the channels (MAPS), in any layouts, or of plain values, of which each is a run of
 * LENGTH_i elements at AT_i in every STEP of the result.
 *
 * ints: MAPS (0, 1), STEP, AT_0.. LENGTH_0.. (channels or elements), COUNT BLOCKS; of the result YC YH YW YROWS YCOLS YTOP YLEFT YB
 * YCB YL (see bind_cuda_map()); of the inputs XB_0.. XROWS_0.. XCOLS_0.. XTOP_0.. XLEFT_0.. MOVES_0.. (1; 0: of a constant, which is
 * the same for every image); repeated: ii (inputs); words: YT, XT_0..
 *
 * parts: queue image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(
	const XT_ii *__restrict__ x_ii, /* for ii */
	YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
#if MAPS
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float v = 0.0f;

	if (c >= AT_ii && c < AT_ii + LENGTH_ii) v = net_float(net_at_image(x_ii, image * MOVES_ii)[(((c - AT_ii) / XB_ii * XROWS_ii + oy + XTOP_ii) * XCOLS_ii + ox + XLEFT_ii) * XB_ii + (c - AT_ii) % XB_ii]); /* for ii */
#else
	YT *const at = net_at_image(y, image) + i;
	const int c = i % STEP;
	float v = 0.0f;

	if (c >= AT_ii && c < AT_ii + LENGTH_ii) v = net_float(net_at_image(x_ii, image * MOVES_ii)[i / STEP * LENGTH_ii + c - AT_ii]); /* for ii */
#endif
	net_put(at, v);
}

static void KERNEL(net_queue *q,
	const XT_ii *x_ii, /* for ii */
	YT *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0,
		x_ii, /* for ii */
		y);
}
