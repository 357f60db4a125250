/* depthwise_vector.cu -- op conv2d with as many groups as channels, all channels of a pixel in one block: a thread sums eight
 * channels of a pixel, which are 16 or 32 bytes in memory.
 *
 * ints: of the maps p = X, Y, E: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW (stride), DH DW
 * (dilation), PT PL (padding), ELT ACTON (0, 1), COUNT (threads) BLOCKS; words: XT YT ET, OP ACT ALPHA BETA. w: floats, bias [YL],
 * then [KH][KW][YL], zeros where channels only fill up.
 *
 * parts: queue at image number eight
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

static __global__ void __launch_bounds__(256) KERNEL_device(const XT *__restrict__ x,
#if ELT
                                                            const ET *__restrict__ e,
#endif
                                                            const float *__restrict__ w, YT *__restrict__ y)
{
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i % (YL / 8) * 8, ox = i / (YL / 8) % YW, oy = i / (YL / 8 * YW);
	const XT *const from = net_at_image(x, image) + c;
	float sum[8], v[8], k[8];

	net_load_eight(w + c, sum);
	for (int ky = 0; ky < KH; ky++)
		for (int kx = 0; kx < KW; kx++) {
			const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

			if (iy < 0 || iy >= XH || ix < 0 || ix >= XW)
				continue;
			net_load_eight(from + (iy * XW + ix) * XB, v);
			net_load_eight(w + (1 + ky * KW + kx) * YL + c, k);
			for (int j = 0; j < 8; j++)
				sum[j] += v[j] * k[j];
		}
#if ELT
	net_load_eight(net_at_image(e, image) + (oy * YW + ox) * EB + c, v);
	for (int j = 0; j < 8; j++)
		sum[j] = sum[j] OP v[j];
#endif
#if ACTON
	for (int j = 0; j < 8; j++)
		sum[j] = c + j < YC ? ACT(sum[j], ALPHA, BETA) : 0.0f;
#endif
	net_store_eight(net_at_image(y, image) + (oy * YW + ox) * YB + c, sum);
}

static void KERNEL(net_queue *q, const XT *x,
#if ELT
                   const ET *e,
#endif
                   const unsigned char *w, YT *y)
{
#if ELT
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, e, net_at<const float>(w, 0), y);
#else
	net_launch(q, KERNEL_device, dim3(BLOCKS, 1, NET_BATCH), 256, 0, x, net_at<const float>(w, 0), y);
#endif
}
