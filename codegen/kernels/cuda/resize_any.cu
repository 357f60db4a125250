/* resize_any.cu -- op resize, bilinear or nearest, on maps in any layout. Positions are exact: whole numbers over a common
 * denominator.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), NEAREST (0, 1), UNIT_Y UNIT_X
 * (denominator), STEP_Y STEP_X (from output to output), FIRST_Y FIRST_X (of output 0), COUNT BLOCKS; words: XT YT.
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
	const int py = oy * STEP_Y + FIRST_Y > 0 ? oy * STEP_Y + FIRST_Y : 0, px = ox * STEP_X + FIRST_X > 0 ? ox * STEP_X + FIRST_X : 0;
	const int iy = py / UNIT_Y < XH - 1 ? py / UNIT_Y : XH - 1, ix = px / UNIT_X < XW - 1 ? px / UNIT_X : XW - 1;
	const int jy = iy < XH - 1 ? iy + 1 : iy, jx = ix < XW - 1 ? ix + 1 : ix;
	const float fy = (float)(py - iy * UNIT_Y) / (float)UNIT_Y, fx = (float)(px - ix * UNIT_X) / (float)UNIT_X;

	if (c >= YC) {
		net_put(at, 0.0f);
		return;
	}
#if NEAREST
	net_put(at, net_float(from[(((fy < 0.5f ? iy : jy) + XTOP) * XCOLS + (fx < 0.5f ? ix : jx) + XLEFT) * XB]));
#else
	const float a = net_float(from[((iy + XTOP) * XCOLS + ix + XLEFT) * XB]), b = net_float(from[((iy + XTOP) * XCOLS + jx + XLEFT) * XB]);
	const float d = net_float(from[((jy + XTOP) * XCOLS + ix + XLEFT) * XB]), e = net_float(from[((jy + XTOP) * XCOLS + jx + XLEFT) * XB]);
	const float top = a + fx * (b - a), low = d + fx * (e - d);

	net_put(at, top + fy * (low - top));
#endif
}

static void KERNEL(net_queue *q, const XT *x, YT *y)
{
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
}
