/* naming.h -- the names of a result: its file, the files beside it, the prefix of its symbols. All of them are decided here, from -o,
 * --name and the model's name, and names that would break somebody's build do not leave.
 *
 *   -o d/x-y.c               x-y.c, x-y.h, x-y.weights, x-y.manifest.json; prefix x_y_
 *   -o d/x.c --name=net      the same files as without --name; prefix net_
 *   -o libdet.a              libdet.a, det.h; prefix det_
 *   -o libdet.a --name=net   libdet.a, net.h; prefix net_
 *   -o d/ [--name=net]       everything is called as the model, or as --name says
 *   -o x (an executable)     nothing is seen of the prefix
 */
#ifndef COMPILER_NAMING_H
#define COMPILER_NAMING_H

#include "compiler/options.h"
#include "ir/target.h"

typedef enum ProductKind { KIND_SOURCE, KIND_EXECUTABLE, KIND_OBJECT, KIND_LIBRARY, KIND_SHARED } ProductKind;

typedef struct Naming {
	const char *dir;    /* folder of the result */
	const char *file;   /* path of the result: of the source, or of what is made of it */
	const char *stem;   /* of NAME.c, NAME.h, ... while they are made, and where they are delivered */
	const char *prefix; /* a C identifier */
} Naming;

/* suffix: of a source in the target's language (".c"); other kinds know theirs. False after errors were reported. */
bool naming_decide(const Options *o, ProductKind kind, const char *suffix, Naming *n, Arena *a, Diag *d);

/* The value of --emit that a file's ending asks for ("c", "obj", ...), or null. */
const char *naming_kind_of(const char *file);

#endif
