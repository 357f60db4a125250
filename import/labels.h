/* labels.h -- class names, one a line. */
#ifndef IMPORT_LABELS_H
#define IMPORT_LABELS_H

#include "ir/ir.h"

enum { LABELS_LIMIT = 4 << 20 }; /* bytes of such a file */

/* The names of a text into the graph; file names it in messages and lives as long as the graph. The background comes
 * first: where the text leaves it out it is put there. */
void labels_read(Graph *g, const char *file, const char *text, size_t size, Diag *d);

#endif
