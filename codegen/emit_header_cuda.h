/* emit_header_cuda.h -- what NAME.h has in addition for a CUDA program. */
#ifndef CODEGEN_EMIT_HEADER_CUDA_H
#define CODEGEN_EMIT_HEADER_CUDA_H

#include <stdint.h>
#include <stdio.h>

typedef struct Emission Emission; /* codegen/emission.h */

/* context: the parameter that every call takes first, or "". */
void header_print_device_head(const Emission *e, FILE *out);
void header_print_context(const Emission *e, FILE *out);
void header_print_device(const Emission *e, const char *context, FILE *out);

#endif
