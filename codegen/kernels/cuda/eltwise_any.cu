/* eltwise_any.cu -- op eltwise: act(fn(c0 * a, c1 * b)) of one or two floats; of maps in any layout (ALIKE), or broadcast in
 * plain order.
 *
 * ints: ALIKE BINARY ACTON (0, 1), COUNT BLOCKS; ALIKE: of the maps p = X, Z, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see
 * bind_cuda_map()); else N_ii (loops over the result) S_ii (elements from step to step) A_ii B_ii (steps of the operands, 0
 * where they stretch) MOVES0 MOVES1 (1; 0: of a constant, which is the same for every image); words: XT ZT YT, FN FNALPHA FNBETA
 * COEFF0 COEFF1, ACT ALPHA BETA.
 *
 * parts: queue image number
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x,
#if BINARY
                                                            const ZT *__restrict__ z,
#endif
                                                            YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
#if ALIKE
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	YT *const at = net_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	const float a = c >= YC ? 0.0f : net_float(net_at_image(x, image)[((c / XB * XROWS + oy + XTOP) * XCOLS + ox + XLEFT) * XB + c % XB]);
#if BINARY
	const float b = c >= YC ? 0.0f : net_float(net_at_image(z, image)[((c / ZB * ZROWS + oy + ZTOP) * ZCOLS + ox + ZLEFT) * ZB + c % ZB]);
#endif
#else
	YT *const at = net_at_image(y, image) + i;
	const float a = net_float(net_at_image(x, image * MOVES0)[
		i / S_ii % N_ii * A_ii + /* for ii */
		0]);
#if BINARY
	const float b = net_float(net_at_image(z, image * MOVES1)[
		i / S_ii % N_ii * B_ii + /* for ii */
		0]);
#endif
#endif
#if BINARY
	float r = FN(COEFF0 * a, COEFF1 * b);
#else
	float r = FN(COEFF0 * a, FNALPHA, FNBETA);
#endif
#if ACTON
	r = ACT(r, ALPHA, BETA);
#endif
#if ALIKE
	r = c < YC ? r : 0.0f;
#endif
	net_put(at, r);
}

static void KERNEL(net_queue *q, const XT *x,
#if BINARY
                   const ZT *z,
#endif
                   YT *y)
{
#if BINARY
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, z, y);
#else
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, y);
#endif
}
