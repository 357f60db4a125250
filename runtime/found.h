/* found.h -- one detection, as the executable passes it around. */
#ifndef RUNTIME_FOUND_H
#define RUNTIME_FOUND_H

typedef struct Found {
	double x0, y0, x1, y1; /* pixels of the photograph */
	double score;
	int label;        /* class number */
	const char *name; /* of the class; never null */
} Found;

#endif
