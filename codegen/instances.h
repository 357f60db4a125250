/* instances.h -- the static functions of an emitted source: nodes with equal templates and bindings share one. */
#ifndef CODEGEN_INSTANCES_H
#define CODEGEN_INSTANCES_H

#include "codegen/program.h"

typedef struct Emission Emission; /* codegen/emission.h */

/* The instance of e->program that has these bindings and arguments of these sizes; a new one where there is none. */
const Instance *instance_find(Emission *e, const Kernel *k, Bindings *b, const Argument *x, int n);
/* The function that zeroes around a map. */
const Instance *instance_of_halo(Emission *e, const Argument *map);

#endif
