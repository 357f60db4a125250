/* dataset.h -- photographs and the objects that people marked in them.
 *
 * Three forms are read, told apart by what the path is:
 *     a folder      PASCAL VOC: Annotations/ (XML), JPEGImages/, ImageSets/Main/SPLIT.txt; or a folder of XML files
 *     NAME.json     COCO: images, annotations, categories
 *     other files   a table: FILE <tab> CLASS XMIN YMIN XMAX YMAX;CLASS ... a line; columns between the first and the last may
 *                   hold anything, and one of them may be the split; # starts a comment
 * Boxes of VOC and of tables count pixels from 1 and include the last one, as the devkit does: xmin..xmax covers
 * the distance from xmin - 1 to xmax.
 */
#ifndef EVAL_DATASET_H
#define EVAL_DATASET_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Rect { /* pixels of the photograph */
	double x, y, w, h;
} Rect;

typedef struct Object {
	int class; /* index in Dataset.class */
	Rect box;
	double area;  /* pixels; COCO: of the outline */
	bool ignored; /* VOC: difficult; COCO: iscrowd. Finding it is no merit and no fault */
} Object;

typedef struct Photo {
	const char *path;  /* to read it */
	int64_t id;        /* COCO's; else the position */
	int width, height; /* pixels; 0: not told */
	Object *object;
	int nobject;
} Photo;

typedef struct Dataset {
	Photo *photo;
	int nphoto;
	const char **class;
	int nclass;
	bool coco;
} Dataset;

typedef struct DatasetOptions {
	const char *photos; /* folder of the photographs; null: where the form has them */
	const char *split;  /* only this part; null: all */
} DatasetOptions;

/* Null after errors were reported. Everything lives in a. */
Dataset *dataset_read(const char *path, const DatasetOptions *o, Arena *a, Diag *d);

double rect_overlap(const Rect *a, const Rect *b, bool of_a); /* shared area / joint area, or / area of a */

#endif
