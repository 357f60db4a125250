/* main.c -- prints what watch.c found; the only file here that needs an operating system. */
#include "detect.h"

#include <stdio.h>

int watch(detect_detection *found, int max);

int main(void)
{
	static detect_detection found[DETECT_MAX_DETECTIONS];
	const int n = watch(found, DETECT_MAX_DETECTIONS);

	if (n < 0) {
		fprintf(stderr, "watch: %s\n", detect_strerror(n));
		return 1;
	}
	for (int i = 0; i < n && found[i].score > 0.3f; i++) /* the best come first */
		printf("%-12s %.3f  %.1f %.1f %.1f %.1f\n", detect_labels[found[i].label], (double)found[i].score, (double)found[i].x0,
		       (double)found[i].y0, (double)found[i].x1, (double)found[i].y1);
	return 0;
}
