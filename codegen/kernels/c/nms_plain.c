/* nms_plain.c -- op nms: per batch and class, scores in falling order, ties by index; those that overlap no box that is kept
 * already become rows.
 *
 * ints: BATCHES CLASSES BOXES, MOST (boxes of a class), ROWS, CENTER (0, 1: x, y, width, height); words: IOU, THRESHOLD.
 *
 * parts: index overlap corners type_i64
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *z, net_i64 *y)
{
	int row = 0;

	for (int i = 0; i < 3 * ROWS; i++)
		y[i] = -1;
	for (int line = 0; line < BATCHES * CLASSES; line++) {
		const float *const score = z + line * BOXES;
		const float *const boxes = x + line / CLASSES * (BOXES * 4);
		const int first = row;
		float last = 0.0f;
		int before = -1;

		for (int tries = 0; tries < BOXES; tries++) {
			float box[4], kept[4];
			int best = -1, free = 1;
			for (int k = 0; k < BOXES; k++) {
				const int after = before < 0 || score[k] < last || (!(score[k] > last) && k > before);
				if (after && score[k] > THRESHOLD && (best < 0 || score[k] > score[best]))
					best = k;
			}
			if (best < 0 || row >= ROWS || row - first >= MOST)
				break;
			before = net_index(best, BOXES);
			last = score[before];
			net_corners(CENTER, boxes + 4 * before, box);
			for (int k = 0; k < ROWS; k++) {
				if (k < first || k >= row)
					continue;
				net_corners(CENTER, boxes + 4 * net_index((int32_t)y[3 * k + 2], BOXES), kept);
				if (net_overlap(box, kept) > IOU)
					free = 0;
			}
			if (!free)
				continue;
			y[3 * row] = line / CLASSES;
			y[3 * row + 1] = line % CLASSES;
			y[3 * row + 2] = before;
			row++;
		}
	}
}
