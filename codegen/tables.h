/* tables.h -- the kernel tables, one for each language: every row of its .def, in order of preference. */
#ifndef CODEGEN_TABLES_H
#define CODEGEN_TABLES_H

#include "ir/target.h"

/* A row without a name ends each. */
extern const Kernel kernel_table[];      /* codegen/kernels.def */
extern const Kernel kernel_table_cuda[]; /* codegen/kernels_cuda.def */

#endif
