/* kernels_cuda.h -- what the rows of CUDA kernels share. */
#ifndef CODEGEN_KERNELS_CUDA_H
#define CODEGEN_KERNELS_CUDA_H

#include "codegen/kernel.h"

bool is_cuda_float(const Value *v); /* f32, f16 or bf16 */
bool is_cuda_map(const Value *v);   /* of one image, rank 4, of those types, in any layout */

/* The same with all channels of a pixel in one block of whole vectors, and no halo. */
bool is_cuda_pixels(const Target *t, const Value *v);

const char *cuda_type(DType t); /* of an element; emit_text.c, beside c_type() */
void bind_cuda_type(Bindings *b, const char *word, DType t);

/* A map for a kernel with a thread for each element, in the order of memory: what bind_map() binds, word <p>T (element
 * type), <p>L: channels of a block that are written or read, with those that fill up to a multiple of the vector. */
void bind_cuda_map(Bindings *b, const Target *t, const char *p, const Value *v);

/* COUNT: elements of a map with fill, BLOCKS: of 256 threads that cover them. */
void bind_cuda_threads(Bindings *b, int64_t count);
int64_t cuda_map_count(const Target *t, const Value *v);

/* Map operand and activation of result k: bind_epilogue(), and the operand as map E<s>. */
void bind_cuda_epilogue(Bindings *b, const Target *t, const Node *n, int k, const char *s);
bool cuda_serves_epilogue(const Node *n, int k);

/* Of a convolution or transposed one: KH KW, SH SW (stride), DH DW (dilation), PT PL (padding above and left). */
void bind_cuda_window(Bindings *b, const Node *n);

#endif
