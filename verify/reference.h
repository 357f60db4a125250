/* reference.h -- what another system computed: a folder with NAME.npy for each result that is known, NAME being the
 * result's name in the model (slashes and other bytes that file names cannot have are underscores). */
#ifndef VERIFY_REFERENCE_H
#define VERIFY_REFERENCE_H

#include "ir/ir.h"

/* The numbers for v, count of them, in logical order; null when there is no such file. A file that is there and does not
 * fit is an error (and null). */
double *reference_read(const char *folder, Graph *g, const Value *v, Arena *a, Diag *d);

/* Files NAME.npy in the folder; -1 after an error. */
int reference_count(const char *folder, Diag *d);

#endif
