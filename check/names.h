/* names.h -- the model's name, which every external name of emitted source begins with. */
#ifndef CHECK_NAMES_H
#define CHECK_NAMES_H

#include "check/context.h"

const char *name_stem(const char *path, Arena *a); /* "net" for "out/net.c" */
const char *name_capitals(const char *name, Arena *a);
void names_read(Rules *r, const char *text); /* sets prefix and upper if the head of the source gives them */

const char *name_plain(const Rules *r, const char *name); /* without the prefix: "load_8" for "d_load_8" in d.c; else name itself */
bool name_is(const Rules *r, const char *name, const char *plain); /* "net_launch" is "launch" in net.cu */
bool name_in_list(const char *name, const char *const *list);      /* null-terminated */

#endif
