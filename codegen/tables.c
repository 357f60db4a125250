/* tables.c -- the kernel table, expanded from kernels.def. A row's template has the row's name unless it says .source. */
#include "codegen/tables.h"
#include "codegen/rows.h"

#pragma GCC diagnostic ignored "-Woverride-init"

const Kernel kernel_table[] = {
#define ROW(row, operation, is_tuned, ...) {.name = #row, .source = #row, .op = OP_##operation, .tuned = is_tuned, __VA_ARGS__},
#include "codegen/kernels.def"
    {.name = NULL},
};
