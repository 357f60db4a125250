/* cuda_runtime_api.h -- what a C++ program asks of the runtime; see cuda_runtime.h. */
#include "cuda_runtime.h"
