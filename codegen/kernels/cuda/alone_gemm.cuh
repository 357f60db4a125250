/* alone_gemm.cuh -- a convolution for conv_gemm.cu compiled alone; every number and word may be given by -D. */
#ifndef CODEGEN_KERNELS_CUDA_ALONE_GEMM_CUH
#define CODEGEN_KERNELS_CUDA_ALONE_GEMM_CUH

#include "codegen/kernels/cuda/gemm.cu"

#ifndef FACTORS
#define FACTORS net_f32_factors
#define IN_A_CHUNK 4
#endif
#ifndef IN_A_CHUNK
#define IN_A_CHUNK 8
#endif

/* the convolution */
#ifndef DECONV
#define DECONV 0
#endif
#ifndef IMAGES
#define IMAGES 1
#endif
#ifndef XC
#define XC 256
#endif
#ifndef XH
#define XH 20
#define XW 20
#endif
#ifndef KH
#define KH 3
#define KW 3
#endif
#ifndef SH
#define SH 1
#define SW 1
#endif
#ifndef DH
#define DH 1
#define DW 1
#endif
#ifndef PT
#define PT (KH / 2)
#define PL (KW / 2)
#endif
#ifndef YH
#define YH 20
#define YW 20
#endif
#ifndef PADDED
#define PADDED (PT > 0)
#endif
#if DECONV
#define ROWS (YH / SH)
#define COLS (YW / SW)
#define PHASES (SH * SW)
#else
#define ROWS YH
#define COLS YW
#define PHASES 1
#endif
#define PIXELS (IMAGES * ROWS * COLS)
#define XCHUNKS ((XC + IN_A_CHUNK - 1) / IN_A_CHUNK)
#define XSTEP XCHUNKS
#define XROW (XW * XSTEP)
#define XFIRST 0

/* its results */
#ifndef NOUT
#define NOUT 1
#endif
#ifndef C0
#define C0 256
#endif
#ifndef C1
#define C1 256
#endif
#ifndef YB0
#define YB0 ((C0 + 7) / 8 * 8)
#endif
#ifndef YB1
#define YB1 ((C1 + 7) / 8 * 8)
#endif
#ifndef SCALAR
#define SCALAR 0
#endif
#ifndef BORDER
#define BORDER 0
#endif
#define FIRST1 ((C0 + 7) / 8 * 8)
#define N (FIRST1 + (NOUT == 2) * ((C1 + 7) / 8 * 8))
#ifndef YT0
#define YT0 XT
#endif
#ifndef YT1
#define YT1 XT
#endif
#ifndef ELT0
#define ELT0 0
#endif
#ifndef ELT1
#define ELT1 0
#endif
#ifndef ACT0ON
#define ACT0ON 0
#endif
#ifndef ACT1ON
#define ACT1ON 0
#endif
#define ET0 XT
#define ET1 XT
#define EB0 YB0
#define EB1 YB1
#define EROW0 (YW * EB0)
#define EROW1 (YW * EB1)
#define EAT0 0
#define EAT1 0
#define OP0 +
#define OP1 *
#define ACT0(x, a, b) net_relu(x, a, b)
#define ACT1(x, a, b) net_relu(x, a, b)
#define ALPHA0 0.0f
#define BETA0 0.0f
#define ALPHA1 0.0f
#define BETA1 0.0f

/* how it is cut up */
#ifndef BM
#define BM 64
#define BN 64
#define CHUNKS 8
#define STAGES 4
#define WM 32
#define WN 32
#define WK 1
#endif
#ifndef BLOCKS
#define BLOCKS 1
#endif
#ifndef SPLITS
#define SPLITS 1
#endif
#ifndef N_FIRST
#define N_FIRST 1
#endif
#define THREADS (BM / WM * (BN / WN) * WK * 32)
#define SHARED (STAGES * (BM + BN) * CHUNKS * 16)
#define TILES_M ((PIXELS + BM - 1) / BM)
#define TILES_N ((N + BN - 1) / BN)
#define DEPTH (((KH + SH * DECONV - DECONV) / (DECONV ? SH : 1) * ((KW + SW * DECONV - DECONV) / (DECONV ? SW : 1)) * XCHUNKS + CHUNKS - 1) / CHUNKS)

#endif
