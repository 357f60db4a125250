/* made_up.h -- detections for a data set: objects moved a little, some twice, some missing, boxes of nothing; scores of
 * two decimals, so that many are equal. The same for the same seed. */
#ifndef TESTS_EVAL_MADE_UP_H
#define TESTS_EVAL_MADE_UP_H

#include "eval/dataset.h"

#include <stdio.h>

static uint64_t made_up_state;

static double made_up_random(void) /* 0 to 1 */
{
	made_up_state = made_up_state * 6364136223846793005u + 1442695040888963407u;
	return (double)(made_up_state >> 40) / (1 << 24);
}

static void made_up_box(FILE *f, const Dataset *s, const char **comma, int class, double x0, double y0, double x1, double y1)
{
	int score = (int)(made_up_random() * 100);
	fprintf(f, "%s{\"class\":%d,\"label\":\"%s\",\"score\":0.%02d,\"box\":[%.2f,%.2f,%.2f,%.2f]}", *comma, class, s->class[class],
	        score, x0, y0, x1 > x0 ? x1 : x0, y1 > y0 ? y1 : y0);
	*comma = ",";
}

static void made_up_detections(const Dataset *s, const char *path, uint64_t seed)
{
	FILE *f = fopen(path, "w");
	if (!f)
		bug("cannot write %s", path);
	made_up_state = seed;
	for (int i = 0; i < s->nphoto; i++) {
		const Photo *p = &s->photo[i];
		const char *comma = "";
		fprintf(f, "{\"file\":\"%s\",\"width\":500,\"height\":500,\"detections\":[", p->path);
		for (int k = 0; k < p->nobject; k++)
			for (int copies = (int)(made_up_random() * 3); copies > 0; copies--) {
				const Rect *b = &p->object[k].box;
				double dx = (made_up_random() - 0.5) * 0.5 * b->w, dy = (made_up_random() - 0.5) * 0.5 * b->h;
				double grow = 0.8 + 0.4 * made_up_random();
				int class = made_up_random() < 0.9 ? p->object[k].class : (int)(made_up_random() * s->nclass);
				made_up_box(f, s, &comma, class, b->x + dx, b->y + dy, b->x + dx + grow * b->w, b->y + dy + grow * b->h);
			}
		for (int n = (int)(made_up_random() * 6); n > 0; n--) {
			double x = made_up_random() * 300, y = made_up_random() * 300;
			made_up_box(f, s, &comma, (int)(made_up_random() * s->nclass), x, y, x + 200 * made_up_random(),
			            y + 200 * made_up_random());
		}
		fputs("]}\n", f);
	}
	fclose(f);
}

#endif
