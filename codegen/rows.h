/* rows.h -- declares every function that kernels.def and kernels_cuda.def name, so a row is the one place that lists them. A kernel's
 * functions are in codegen/kernels_<family>.c. */
#ifndef CODEGEN_ROWS_H
#define CODEGEN_ROWS_H

#include "codegen/kernel.h"

typedef bool Accepts(const Target *t, const Node *n);
typedef bool Pays(const Target *t, const Node *n);
typedef void Choose(const Target *t, const Node *n, int plan[MAX_PLAN]);
typedef const char *Refuse(const Target *t, const Node *n, const int plan[MAX_PLAN]);
typedef void Bind(const Target *t, const Node *n, Bindings *b);
typedef int64_t Size(const Target *t, const Node *n);
typedef void Pack(const Target *t, const Node *n, void *out, Arena *scratch);
typedef void Halo(const Target *t, const Node *n, int i, int halo[4]);

#define ACCEPTS(function) Accepts function;
#define PAYS(function) Pays function;
#define CHOOSE(function) Choose function;
#define REFUSE(function) Refuse function;
#define BIND(function) Bind function;
#define SCRATCH(function) Size function;
#define PACKED_SIZE(function) Size function;
#define PACK(function) Pack function;
#define HALO(function) Halo function;
#define CHOICE(...)
#define FACT(member, value)
#define ROW(row, op, tuned, words) words
#include "codegen/kernels.def"
#include "codegen/kernels_cuda.def"
#undef ACCEPTS
#undef PAYS
#undef CHOICE
#undef CHOOSE
#undef REFUSE
#undef BIND
#undef SCRATCH
#undef PACKED_SIZE
#undef PACK
#undef HALO
#undef FACT
#undef ROW

#endif
