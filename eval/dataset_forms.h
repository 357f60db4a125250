/* dataset_forms.h -- a reader for each form of a data set, and what they share. */
#ifndef EVAL_DATASET_FORMS_H
#define EVAL_DATASET_FORMS_H

#include "eval/dataset.h"

Dataset *dataset_read_table(const char *path, const DatasetOptions *o, Arena *a, Diag *d);
Dataset *dataset_read_voc(const char *path, const DatasetOptions *o, Arena *a, Diag *d);
Dataset *dataset_read_coco(const char *path, const DatasetOptions *o, Arena *a, Diag *d);

/* Objects as they are found, with the class by name; dataset_finish() sorts them by photograph and numbers the classes. */
typedef struct Found {
	int photo;
	const char *class;
	Object object;
} Found;

typedef struct Gathered {
	Found *item;
	int n, capacity;
	Photo *photo;
	int nphoto, photo_capacity;
} Gathered;

int gather_photo(Gathered *g, Photo p, Arena *a); /* its index */
void gather_object(Gathered *g, Found f, Arena *a);
/* classes: null, then the names that occur, in alphabetical order */
Dataset *dataset_finish(Gathered *g, const char **classes, int nclass, Arena *a);

#endif
