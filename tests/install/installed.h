/* installed.h -- an installation in the work folder, for the tests that use one. */
#ifndef TESTS_INSTALL_INSTALLED_H
#define TESTS_INSTALL_INSTALLED_H

#include "tests/shell.h"

/* Group setup: PREFIX is what `cmake --install` makes of the build. */
#define PREFIX "prefix"

static int install_begin(void **state)
{
	return work_begin(state) || system("cmake --install '" BUILD_DIR "' --prefix \"$PWD/" PREFIX "\" >install.log");
}

#endif
