/* cuda_facts.h -- where functions of CUDA source run, what the runtime declares, what happens to the result of a call. */
#ifndef CHECK_CUDA_FACTS_H
#define CHECK_CUDA_FACTS_H

#include "check/ast.h"

#define CUDA_FOLDER "/dssdc-cuda" /* a path that does not exist: of the headers that the checker carries */

bool cuda_runs_on_host(const Ast *function); /* __host__ __device__ too; null, outside of all functions: true */
bool cuda_runs_on_device(const Ast *function);
bool cuda_declares(CXCursor c);             /* c is declared by the runtime: in a header that the checker carries */
bool cuda_may_call(const Ast *call);        /* a function that is not of the file */
bool cuda_is_statement(const Ast *n);       /* the expression is a whole statement */
const Ast *cuda_void_cast(const Ast *call); /* the cast to void that is applied to the result, or null */
bool cuda_is_dropped(const Ast *call);      /* the result is not used; a cast to void is no use */

#endif
