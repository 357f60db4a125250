/* libraries.h -- reference.c, kernels of C, and device.cu, kernels of CUDA, of the current folder: compiled and loaded. */
#ifndef TESTS_CUDA_LIBRARIES_H
#define TESTS_CUDA_LIBRARIES_H

#include "tests/cuda/watch.h"
#include "tests/shell.h"

#include <dlfcn.h>

static void *load_library(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail_msg("%s", dlerror());
	return library;
}

static void load_libraries(void **c, void **cuda)
{
	must("${CC:-cc} -std=c99 -O2 -fPIC -shared -ffp-contract=off -Wall -Wextra -Werror -o reference.so reference.c");
	must("'" SOURCE_DIR "/tests/cuda/nvcc.sh' -std=c++17 -O2 -shared -Xcompiler -fPIC,-Wall,-Wextra,-Werror -o device.so device.cu");
	*c = load_library("./reference.so");
	*cuda = load_library("./device.so");
}

#endif
