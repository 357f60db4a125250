/* output_place.h -- where a path that somebody wants written leads, and what is there. */
#ifndef BASE_OUTPUT_PLACE_H
#define BASE_OUTPUT_PLACE_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct Place {
	const char *path;       /* as the user gave it: for messages */
	const char *target;     /* after all symbolic links */
	const char *dir, *name; /* its folder and its name there */
	dev_t dev;              /* of the folder */
	ino_t ino;
	bool exists;
	bool special; /* a device or FIFO, or a name that the system gives to something open (/dev/stdout): written in place */
	mode_t mode;  /* of what exists */
} Place;

/* Everything lives in a. False after an error was reported: a folder, links in a ring, a file that this run has read. */
bool place_find(Place *p, const char *path, Arena *a, Diag *d);
bool place_is_free(const Place *p, Diag *d); /* this run has not read it since; else an error is reported */
bool place_is_same(const Place *p, const Place *q);
bool place_refuse(const char *path, const char *why, DiagClass c, Diag *d); /* reports; false */

#endif
