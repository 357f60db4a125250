/* tables.c -- the kernel tables, expanded from kernels.def and kernels_cuda.def. A row's template has the row's name unless
 * the row has FACT(source, ...). */
#include "codegen/tables.h"
#include "codegen/rows.h"

#pragma GCC diagnostic ignored "-Woverride-init"

#define ACCEPTS(function) .accepts = function,
#define PAYS(function) .pays = function,
#define CHOICE(...) .choice = {__VA_ARGS__},
#define CHOOSE(function) .choose = function,
#define REFUSE(function) .refuse = function,
#define BIND(function) .bind = function,
#define SCRATCH(function) .scratch = function,
#define PACKED_SIZE(function) .packed_size = function,
#define PACK(function) .pack = function,
#define HALO(function) .halo = function,
#define FACT(member, value) .member = value,
#define ROW(row, operation, is_tuned, words) {.name = #row, .source = #row, .op = OP_##operation, .tuned = is_tuned, words},

const Kernel kernel_table[] = {
#include "codegen/kernels.def"
    {.name = NULL},
};

const Kernel kernel_table_cuda[] = {
#include "codegen/kernels_cuda.def"
    {.name = NULL},
};
