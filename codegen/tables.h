/* tables.h -- the kernel table: every row of codegen/kernels.def, in order of preference. */
#ifndef CODEGEN_TABLES_H
#define CODEGEN_TABLES_H

#include "ir/target.h"

extern const Kernel kernel_table[]; /* a row without a name ends it */

#endif
