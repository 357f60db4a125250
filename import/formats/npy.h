/* npy.h -- arrays as NumPy saves them. */
#ifndef IMPORT_FORMATS_NPY_H
#define IMPORT_FORMATS_NPY_H

#include "ir/ir.h"

/* The whole content of a .npy file; its numbers stay where data is. Null after an error was reported. */
Blob *npy_read(Graph *g, const char *data, size_t size, const char *file, Diag *d);

#endif
