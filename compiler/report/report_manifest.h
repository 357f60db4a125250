/* report_manifest.h -- NAME.manifest.json: what an emitted program takes and needs, for tools. README.md has its keys. */
#ifndef COMPILER_REPORT_REPORT_MANIFEST_H
#define COMPILER_REPORT_REPORT_MANIFEST_H

#include "codegen/manifest.h"
#include "compiler/stack.h"

enum { MANIFEST_VERSION = 1 }; /* changes when a key goes or means something else; more keys may come */

void report_manifest(const Manifest *m, FILE *out);

/* The same file with what its object's functions take of the stack. False after an error. */
bool report_manifest_add_stack(const char *path, const StackUse *s, Arena *a, Diag *d);

#endif
