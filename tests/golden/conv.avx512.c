/* conv.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash 5863692115b99c35
 * options  conv.ir --target=avx512 -O1 --arena=static --weights-form=incbin
 * profile  native
 * flags    -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma -mprefer-vector-width=512 -ffp-contract=fast
 * weights  512 bytes, hash d12936c56c8041bb
 * arena    576 bytes; the largest set of live buffers is 576
 * macs     1116
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      576 bytes: conv_memory 576 (arena 576)
 * flash    973 bytes: conv_weights 512 + conv_weights_head 16 + strings 365 + mark 16 + text 64
 * defines  conv_run conv_strerror conv_version conv_weights conv_weights_head
 * uses     memcpy memset
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a                            conv_plain_1         4x3x3                 0.001          384
 *    2  b                            conv_plain_2         4x3x3                 0.000     caller's
 */
#if defined(__GNUC__) && !(defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX2__) && defined(__FMA__))
#error compile conv.c with -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma -mprefer-vector-width=512 -ffp-contract=fast
#endif

#include "conv.h"

#include <string.h>

#if defined(__GNUC__)
#define CONV_ALIGN __attribute__((aligned(64)))
#define CONV_NOINLINE __attribute__((noinline))
#else
#define CONV_ALIGN
#define CONV_NOINLINE
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error conv.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

/* An error about .org says that conv.weights has not 576 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl conv_weights_head\n"
	".hidden conv_weights_head\n"
	".type conv_weights_head, %object\n"
	".size conv_weights_head, 16\n"
	"conv_weights_head:\n"
	".incbin \"conv.weights\", 0, 16\n"
	".balign 64\n"
	".globl conv_weights\n"
	".hidden conv_weights\n"
	".type conv_weights, %object\n"
	".size conv_weights, 512\n"
	"conv_weights:\n"
	".incbin \"conv.weights\", 64\n"
	".Lconv_weights_end:\n"
	".org conv_weights + 512\n"
	".org .Lconv_weights_end\n"
	".popsection\n");
extern const float conv_weights[CONV_WEIGHTS_SIZE / 4];
extern const unsigned char conv_weights_head[16];

static struct {
	float arena[CONV_ARENA_SIZE / 4]; /* what flows between layers */
} CONV_ALIGN conv_memory;

static inline float conv_relu(float x, float alpha, float beta)
{
	...
}

/* conv_plain.c -- op conv2d, as its definition says: any window, stride, dilation, group, plain NCHW; the result in
 * any block of channels. One result, or two that share out the channels. The slow, obviously right one.
 *
 * ints: XN XC XH XW, YC YH YW YB YCB, CO (channels of both results), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding),
 * CIG COG (channels of a group, in and out), NOUT (1, 2), BIAS ELT ACTON (0, 1); words: OP, ACT, ALPHA, BETA; of the
 * second result: ZB ZCB, ELT1 ACT1ON, OP1, ACT1, ALPHA1, BETA1. w: [CO][CIG][KH][KW].
 */

static void conv_conv_plain_1(const float x[90], const float w[108],
	const float bias[4],
	float y[36]
	)
{
	enum { XN = 1, XC = 3, XH = 5, XW = 6, YH = 3, YW = 3, YB = 1, YCB = 4, KH = 3, KW = 3,
	       SH = 2, SW = 2, DH = 1, DW = 1, PT = 1, PL = 1, CO = 4, CIG = 3, COG = 4 };
	...
}

static void conv_conv_plain_2(const float x[36], const float w[16],
	const float e[36],
	float y[36]
	)
{
	enum { XN = 1, XC = 4, XH = 3, XW = 3, YC = 4, YH = 3, YW = 3, YB = 1, YCB = 4, KH = 1,
	       KW = 1, SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CO = 4, CIG = 4, COG = 4 };
	...
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int conv_infer(const float *in0, float *arena, float *out0)
{
	conv_conv_plain_1(in0, conv_weights, conv_weights + 108, arena + 96); /* 1 a */
	conv_conv_plain_2(arena + 96, conv_weights + 112, arena + 96, out0); /* 2 b */
	return CONV_OK;
}

/* cpu.c -- does this CPU have what the program was compiled for? Asked before anything else runs.
 *
 * ints: AVX2 FMA AVX512F AVX512VL AVX512DQ AVX512BW (0, 1: needed)
 */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static int conv_cpu_serves(void)
{
	...
}
#else
static int conv_cpu_serves(void)
{
	...
}
#endif

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int conv_weights_fit(void)
{
	...
}

int conv_run(const float *in0, float *out0)
{
	if (!conv_cpu_serves())
		return CONV_ECPU;
	if (!conv_weights_fit())
		return CONV_EWEIGHTS;
	if (!in0 || !out0)
		return CONV_EINVAL;
	return conv_infer(in0, conv_memory.arena, out0);
}

const char *conv_strerror(int error)
{
	static const char *const text[] = {
		"done",
		"an argument is out of its range",
		"the CPU lacks a feature that this program was compiled for; needed: avx512f avx512vl avx512dq avx512bw avx2 fma",
		"the weights are not those of this model, or not loaded",
		"the device refused",
		"the device has too little memory",
		"there is no device, or no driver for it",
		"the program was compiled for other devices",
	};

	return error <= 0 && error >= -7 ? text[-error] : "unknown error";
}

const char *conv_version(void)
{
	return "dssdc 0.1.0";
}
