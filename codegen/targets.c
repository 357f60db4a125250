/* targets.c -- the targets: data that passes read. */
#include "codegen/codegen.h"
#include "codegen/tables.h"

#include <string.h>

static const char *const none[] = {NULL};
#define F32 {"f32", "32-bit floats throughout", DT_F32, DT_NONE, false}
static const Precision f32_only[] = {F32, {.name = NULL}};
static const Precision gpu_precisions[] = {
    F32,
    {"tf32", "32-bit floats; factors of products are rounded to 10 bits of fraction", DT_F32, DT_NONE, true},
    {"f16", "maps and weights of 16 bits, 10 of them fraction, up to 65504", DT_F16, DT_NONE, false},
    {"bf16", "maps and weights of 16 bits, 7 of them fraction, with the range of f32", DT_BF16, DT_NONE, false},
    {"mixed", "each map bf16 or f16, whichever rounds less on samples (--calibrate)", DT_BF16, DT_F16, false},
    {.name = NULL},
};
static const char *const avx512_features[] = {"avx512f", "avx512vl", "avx512dq", "avx512bw", "avx2", "fma", NULL};
static const char *const avx512_flags[] = {
    "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mavx2", "-mfma", "-mprefer-vector-width=512", "-ffp-contract=fast", NULL};
static const char *const avx2_features[] = {"avx2", "fma", NULL};
static const char *const avx2_flags[] = {"-mavx2", "-mfma", "-ffp-contract=fast", NULL};

static const Target c99 = {
    .name = "c99",
    .doc = "portable C99, scalar; compiles everywhere",
    .profile = "c99",
    .language = "c",
    .suffix = ".c",
    .merge_deconv_pays = true,
    .vector = 1,
    .registers = 16,
    .alignment = 64,
    .cache_bytes = 256 << 10,
    .kernel = kernel_table,
    .precision = f32_only,
    .chosen = F32,
    .most_images = 1,
    .batch = 1,
    .cores = 1,
    .cflags = none,
    .features = none,
};

static const Target vector4 = {
    .name = "vector4",
    .doc = "GNU C vectors of 4 floats: SSE2, NEON and others",
    .profile = "native",
    .language = "c",
    .suffix = ".c",
    .vector = 4,
    .registers = 16,
    .alignment = 64,
    .concat_k_pays = true,
    .cache_bytes = 256 << 10,
    .kernel = kernel_table,
    .precision = f32_only,
    .chosen = F32,
    .most_images = 1,
    .batch = 1,
    .cores = 1,
    .cflags = none,
    .features = none,
};

static const Target avx2 = {
    .name = "avx2",
    .doc = "GNU C vectors of 8 floats: x86-64 with AVX2 and FMA",
    .profile = "native",
    .language = "c",
    .suffix = ".c",
    .vector = 8,
    .registers = 16,
    .alignment = 64,
    .cache_bytes = 512 << 10,
    .kernel = kernel_table,
    .precision = f32_only,
    .chosen = F32,
    .most_images = 1,
    .batch = 1,
    .cores = 1,
    .cflags = avx2_flags,
    .features = avx2_features,
};

static const Target avx512 = {
    .name = "avx512",
    .doc = "GNU C vectors of 16 floats: x86-64 with AVX-512",
    .profile = "native",
    .language = "c",
    .suffix = ".c",
    .vector = 16,
    .registers = 32,
    .alignment = 64,
    .concat_k_pays = true,
    .cache_bytes = 1 << 20,
    .kernel = kernel_table,
    .precision = f32_only,
    .chosen = F32,
    .most_images = 1,
    .batch = 1,
    .cores = 1,
    .cflags = avx512_flags,
    .features = avx512_features,
};

/* Members that the targets for GPUs share. */
#define GPU                                                                                                                      \
	.profile = "cuda", .language = "cuda", .suffix = ".cu", .vector = 8, .channels_last = true, .alignment = 256,            \
	.merge_deconv_pays = true, .concat_k_pays = true, .cache_bytes = 40 << 20, .cores = 132, .queues = 4, .kernel_ns = 3000, \
	.macs_per_ns = 100000, .bytes_per_ns = 2000, .kernel = kernel_table_cuda, .precision = gpu_precisions, .chosen = F32,    \
	.most_images = 64, .batch = 1, .cflags = none, .features = none

static const Target cuda_standalone = {
    .name = "cuda-standalone",
    .doc = "CUDA for NVIDIA GPUs from sm_75 on, our own kernels: needs the CUDA runtime, no other library",
    GPU,
};

static const Target cuda = {
    .name = "cuda",
    .doc = "the same, convolutions by cuDNN 9 where it serves them",
    .library = true,
    .narrow_biases = true, /* cuDNN has more kernels for them */
    GPU,
};

const Target *const targets[] = {&c99, &vector4, &avx2, &avx512, &cuda_standalone, &cuda, NULL};

static const Target *native(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512bw"))
		return &avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return &avx2;
#endif
	return &vector4;
}

const Target *target_find(const char *name)
{
	if (!strcmp(name, "native"))
		return native();
	for (int i = 0; targets[i]; i++)
		if (!strcmp(targets[i]->name, name))
			return targets[i];
	return NULL;
}

const Kernel *kernel_by_name(const char *name)
{
	for (int i = 0; targets[i]; i++)
		for (const Kernel *k = targets[i]->kernel; k->name; k++)
			if (!strcmp(k->name, name))
				return k;
	return NULL;
}
