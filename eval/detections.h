/* detections.h -- what a compiled program found in the photographs of a data set: its --json lines, from a run or a file. */
#ifndef EVAL_DETECTIONS_H
#define EVAL_DETECTIONS_H

#include "eval/dataset.h"

#include <stdio.h>

typedef struct Detection {
	int photo, class; /* indices in the data set */
	double score;
	Rect box;
} Detection;

typedef struct Detections {
	Detection *item; /* in the order in which the program printed them */
	int n, capacity;
	bool *seen;           /* by photograph: the program said something about it */
	const char **foreign; /* labels that the data set does not have */
	int nforeign;
	bool *known; /* by class: the program found one at least once */
} Detections;

typedef struct DetectionOptions {
	FILE *copy;     /* gets every line; or null */
	FILE *progress; /* "12/955" on one line; or null */
} DetectionOptions;

/* Runs `program --json --threshold 0` over all photographs. Null after errors were reported. A photograph that it cannot
 * read is an error. */
Detections *detections_run(const char *program, const Dataset *s, const DetectionOptions *o, Arena *a, Diag *d);
Detections *detections_read(const char *path, const Dataset *s, Arena *a, Diag *d);

#endif
