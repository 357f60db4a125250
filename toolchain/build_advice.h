/* build_advice.h -- why a C compiler may have failed, where it can be told. */
#ifndef TOOLCHAIN_BUILD_ADVICE_H
#define TOOLCHAIN_BUILD_ADVICE_H

#include "toolchain/build.h"

/* A note when $CC makes code for another CPU than the target is for, or lacks what pictures need. Call it after $CC has
 * failed. */
void build_advice(const BuildRequest *r, Arena *a, Diag *d);

#endif
