/* tables.c -- the kernel tables, expanded from kernels.def and kernels_cuda.def. A row's template has the row's name unless
 * it says .source. */
#include "codegen/tables.h"
#include "codegen/rows.h"

#pragma GCC diagnostic ignored "-Woverride-init"

#define ROW(row, operation, is_tuned, ...) {.name = #row, .source = #row, .op = OP_##operation, .tuned = is_tuned, __VA_ARGS__},

const Kernel kernel_table[] = {
#include "codegen/kernels.def"
    {.name = NULL},
};

#define ROW(row, operation, is_tuned, ...) {.name = #row, .source = #row, .op = OP_##operation, .tuned = is_tuned, __VA_ARGS__},

const Kernel kernel_table_cuda[] = {
#include "codegen/kernels_cuda.def"
    {.name = NULL},
};
