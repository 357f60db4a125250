/* precision.h -- average precision, as PASCAL VOC's devkit and COCO's evaluation define it. */
#ifndef EVAL_PRECISION_H
#define EVAL_PRECISION_H

#include "eval/detections.h"

/* Precision over recall of one class, by falling score. */
typedef struct Curve {
	int nobject;    /* that count: ignored ones do not */
	int ndetection; /* that count */
	double ap;      /* -1: no object */
	double *recall, *precision;
	int n; /* points */
} Curve;

/* Everingham et al., IJCV 2010: a detection takes the object that it overlaps most; more than `overlap` makes it
 * right, a second one on the same object is wrong, one on an ignored object is not counted. eleven_points: the mean of
 * the best precision at recall >= 0, 0.1, ..., 1 (VOC2007), else the area below the monotone curve (from VOC2010 on).
 * curve: one for each class. */
void precision_voc(const Dataset *s, const Detections *f, double overlap, bool eleven_points, Curve *curve, Arena *a);

enum { COCO_NUMBERS = 12, COCO_OVERLAPS = 10, COCO_RECALLS = 101 };

typedef struct CocoResult {
	/* In the order in which COCO prints them: AP, AP50, AP75, AP small, medium, large; AR with 1, 10, 100 detections, AR
	 * small, medium, large. -1: no object of that kind. */
	double number[COCO_NUMBERS];
	double *class_ap; /* by class, over all overlaps; -1: no object */
	double *class_ap50;
	int *nobject; /* by class */
	Curve *curve; /* by class: 101 points at overlap 0.5 */
} CocoResult;

extern const char *const coco_name[COCO_NUMBERS]; /* "AP", "AP50", ... */

/* Lin et al., ECCV 2014, and the evaluation that COCO publishes: overlaps 0.5 to 0.95, 101 recalls, area ranges, at most
 * 100 detections of a class in a photograph, crowds matched any number of times and never counted. */
CocoResult *precision_coco(const Dataset *s, const Detections *f, Arena *a);

#endif
