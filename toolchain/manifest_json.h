/* manifest_json.h -- NAME.manifest.json: what an emitted program takes and needs, for tools. README.md has its keys. */
#ifndef TOOLCHAIN_MANIFEST_JSON_H
#define TOOLCHAIN_MANIFEST_JSON_H

#include "codegen/manifest.h"
#include "toolchain/stack.h"

enum { MANIFEST_VERSION = 1 }; /* changes when a key goes or means something else; more keys may come */

void manifest_json(const Manifest *m, FILE *out);

/* The same file with what its object's functions take of the stack. False after an error. */
bool manifest_json_add_stack(const char *path, const StackUse *s, Arena *a, Diag *d);

#endif
