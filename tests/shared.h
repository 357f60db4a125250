/* shared.h -- photographs and models for tests that do not travel with the tree: $DSSDC_SHARED/data, else ../shared/data. */
#ifndef TESTS_SHARED_H
#define TESTS_SHARED_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The path of a file in it, good until the next call; null, after one line said so, when it is not there. */
static inline const char *shared(const char *name)
{
	static char path[4096];
	const char *folder = getenv("DSSDC_SHARED");
	snprintf(path, sizeof path, "%s/data/%s", folder ? folder : SOURCE_DIR "/../shared", name);
	if (!access(path, R_OK))
		return path;
	printf("skipped: there is no %s\n", path);
	return NULL;
}

#endif
