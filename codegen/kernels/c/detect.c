/* detect.c -- op detect: default boxes, predictions and scores to detections.
 *
 * One pass over the boxes fills, for each class, a heap of its TOP_K best boxes. Each class is then sorted and
 * thinned by overlap; what stays enters one more heap, of the best KEEP_TOP_K of all. Only boxes that get that far
 * are decoded. Entries are (score, rank), better is a higher score or, at the same score, a lower rank: the default
 * box within a class, class * TOP_K + place in the end. So equal scores leave in the order class, default box.
 *
 * AGNOSTIC: one list in place of those of the classes (LISTS is 1, else CLASSES); a box enters it with its best class.
 *
 * With logits a row is skipped without any exp() when no class can pass: a class passes only if its logit, less the
 * largest one, is above log(THRESHOLD), hence above CUT when the background's is taken away. Differences are compared, as CUT would be
 * lost in a sum with a large logit; a difference that is NaN (of two infinities) counts as above. NaN scores never pass, and a
 * box that is not finite is none.
 *
 * parts: index to_int expf heap_push heap_pop overlap is_box decode
 * ints: BOXES CLASSES (with background) BACKGROUND (-1: none) TOP_K KEEP_TOP_K (both at least 1) KEEP_PER_CLASS (0: any
 * number) SOFTMAX (0, 1: scores are logits) PER_CLASS (0, 1) AGNOSTIC (0, 1) LISTS CODE (BoxCode of ir/ir.h) VARIANCE_ENCODED (0, 1)
 * ADAPTIVE (0, 1: ETA < 1, by which NMS is multiplied after each box that stays, down to 0.5),
 * Y_FIRST (0, 1: loc and prior are y, x, y, x)
 * floats: THRESHOLD, NMS, ETA, CUT = log(THRESHOLD) - 0.001, or -3e38f where THRESHOLD <= 0
 * scratch: floats, 2 * LISTS * TOP_K + LISTS + 4 * TOP_K + 2 * KEEP_TOP_K. It holds ranks as floats:
 * BOXES and LISTS * TOP_K must be below 2^22.
 */
#ifndef DSSDC
#ifndef NET_FUNCTIONS
#include "codegen/kernels/c/functions.c"
#endif
#ifndef NET_DETECTION
#define NET_DETECTION
typedef struct {
	float x0, y0, x1, y1;
	float score;
	int32_t label;
} net_detection;
#endif
#ifndef KERNEL
#define KERNEL net_detect_kernel
#define BOXES 8732
#define CLASSES 21
#define BACKGROUND 0
#define TOP_K 400
#define KEEP_PER_CLASS 0
#define KEEP_TOP_K 200
#define SOFTMAX 1
#define PER_CLASS 0
#define AGNOSTIC 0
#define LISTS CLASSES
#define CODE 2
#define VARIANCE_ENCODED 0
#define Y_FIRST 0
#define ADAPTIVE 0
#define THRESHOLD 0.01f
#define CUT -4.60617f
#define NMS 0.45f
#define ETA 1.0f
#endif
#endif

/* loc [BOXES][4], or [BOXES][CLASSES][4] with PER_CLASS; score [BOXES][CLASSES], prior [2][BOXES][4]: corners, variances.
 * Returns how many detections were written, at most max, boxes as fractions of the image, unclipped. */
static int KERNEL(const float *loc, const float *score, const float *prior, float *scratch, net_detection *out, int max)
{
	static const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
	float *const heap = scratch;
	float *const heap_box = heap + LISTS * TOP_K;
	float *const count = heap_box + LISTS * TOP_K;
	float *const kept = count + LISTS;
	float *const best = kept + 4 * TOP_K;
	float *const best_at = best + KEEP_TOP_K;
	const int32_t limit = max < KEEP_TOP_K ? max : KEEP_TOP_K;
	int32_t nbest = 0;

	if (limit < 1)
		return 0;
	for (int32_t c = 0; c < LISTS; c++)
		count[c] = 0.0f;
	for (int32_t i = 0; i < BOXES; i++) {
		const float *const row = score + i * CLASSES;
#if SOFTMAX
		const float base = row[BACKGROUND < 0 ? 0 : BACKGROUND];
		float top = row[0], sum = 0.0f;
		int32_t above = 0;
		for (int32_t c = 0; c < CLASSES; c++)
			above += !(row[c] - base <= CUT);
		if (above < 2 && BACKGROUND >= 0)
			continue; /* at most the background itself */
		for (int32_t c = 1; c < CLASSES; c++)
			top = row[c] > top ? row[c] : top;
		for (int32_t c = 0; c < CLASSES; c++)
			sum += net_expf(row[c] - top);
#endif
#if AGNOSTIC
		float strongest = -3e38f;
#endif
		for (int32_t c = 0; c < CLASSES; c++) {
#if SOFTMAX
			const float p = row[c] - top > CUT ? net_expf(row[c] - top) / sum : -3e38f;
#else
			const float p = row[c];
#endif
#if AGNOSTIC
			if (c != BACKGROUND && p > strongest)
				strongest = p;
#else
			if (c != BACKGROUND && p > THRESHOLD)
				count[c] = (float)net_heap_push(heap + c * TOP_K, heap_box + c * TOP_K,
				                                net_to_int(count[c]), TOP_K, p, (float)i);
#endif
		}
#if AGNOSTIC
		if (strongest > THRESHOLD)
			count[0] = (float)net_heap_push(heap, heap_box, net_to_int(count[0]), TOP_K, strongest, (float)i);
#endif
	}

	for (int32_t c = 0; c < LISTS; c++) {
		float *const rank = heap_box + c * TOP_K;
		const int32_t n = net_to_int(count[c]);
		int32_t nkept = 0;
#if ADAPTIVE
		float nms = NMS;
#endif
		for (int32_t left = TOP_K; left > 1; left--)
			if (left <= n)
				net_heap_pop(heap + c * TOP_K, rank, left);
		for (int32_t k = 0; k < TOP_K; k++) {
#if KEEP_PER_CLASS
			if (nkept >= KEEP_PER_CLASS)
				break;
#endif
			if (k >= n || (nbest >= limit && !(heap[c * TOP_K + k] > best[0])))
				break; /* nothing that follows can enter */
			const int32_t i = net_index(net_to_int(rank[k]), BOXES);
			float *const b = kept + 4 * net_index(nkept, TOP_K);
			int keep;
#if PER_CLASS
			const float *const own = loc + 4 * (i * CLASSES + c);
#else
			const float *const own = loc + 4 * i;
#endif
			net_decode(CODE, prior + 4 * i, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + i), own, b);
			keep = net_is_box(b);
			for (int32_t j = 0; j < TOP_K; j++) {
				if (j >= nkept || !keep)
					break;
#if ADAPTIVE
				keep = net_overlap(kept + 4 * j, b) <= nms;
#else
				keep = net_overlap(kept + 4 * j, b) <= NMS;
#endif
			}
			if (!keep)
				continue;
			nkept++;
			nbest = net_heap_push(best, best_at, nbest, limit, heap[c * TOP_K + k], (float)(c * TOP_K + k));
#if ADAPTIVE
			if (nms > 0.5f)
				nms = nms * ETA;
#endif
		}
	}

	for (int32_t left = KEEP_TOP_K; left > 1; left--)
		if (left <= nbest)
			net_heap_pop(best, best_at, left);
	for (int32_t k = 0; k < KEEP_TOP_K; k++) {
		if (k >= nbest || k >= limit)
			break;
		const int32_t at = net_index(net_to_int(best_at[k]), LISTS * TOP_K);
		const int32_t i = net_index(net_to_int(heap_box[at]), BOXES);
#if PER_CLASS
		const float *const own = loc + 4 * (i * CLASSES + at / TOP_K);
#else
		const float *const own = loc + 4 * i;
#endif
		net_decode(CODE, prior + 4 * i, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + i), own, kept);
#if Y_FIRST
		out[k].x0 = kept[1];
		out[k].y0 = kept[0];
		out[k].x1 = kept[3];
		out[k].y1 = kept[2];
#else
		out[k].x0 = kept[0];
		out[k].y0 = kept[1];
		out[k].x1 = kept[2];
		out[k].y1 = kept[3];
#endif
		out[k].score = best[k];
#if AGNOSTIC
		const float *const row = score + i * CLASSES;
		float top = -3e38f;
		int32_t label = 0;
		for (int32_t c = 0; c < CLASSES; c++)
			if (c != BACKGROUND && row[c] > top) {
				top = row[c];
				label = c;
			}
		out[k].label = label;
#else
		out[k].label = at / TOP_K;
#endif
	}
	return nbest;
}
