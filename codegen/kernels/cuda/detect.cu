/* detect.cu -- op detect: default boxes, predictions and scores to the detections of each image, as c/detect.c.
 *
 * KERNEL_scores: a thread for each box makes its scores. For each list a bit says whether the box enters it; where it
 * does, its score is kept. A list is a class, or the one list of AGNOSTIC.
 * KERNEL_lists: a block for each list makes keys (net_key) of its boxes, sorts the TOP_K best, decodes and thins them by
 * overlap. 32 candidates at a time meet the kept ones and each other, all warps sharing the pairs; then each warp goes
 * through the bits. The last block of an image to be done, which a ticket tells, takes the KEEP_TOP_K best of all lists.
 *
 * Keys are distinct, so what comes out does not depend on the order in which threads and blocks put things together.
 * Keys are sorted in shared memory if SHARED_KEYS are enough, else in scratch.
 *
 * NaN scores never pass, and a box that is not finite is none.
 *
 * parts: queue at image call key before index best expf overlap is_box decode clip
 * ints: those of c/detect.c; GROUPS of 32 boxes; KEPT of a list, at most (both at least 1); THREADS SCORE_THREADS of a
 * block; STAGED (0, 1: rows of scores are brought to shared memory), STRIDE between them; SHARED_KEYS; TOP_ROOM KEEP_ROOM
 * (at most so many keys are sorted instead of selected), TOP_LARGE KEEP_LARGE (0, 1: SHARED_KEYS may be too few);
 * SHARED_KEPT (0, 1) ADAPTIVE (0, 1: ETA < 1); places in scratch, bytes: BOXES_AT KEYS_AT LARGE_AT BEST_AT SCORES_AT
 * PASSES_AT RANKS_AT; TICKETS = 2 for each image: blocks done, keys
 * floats: as in c/detect.c
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#include "codegen/kernels/cuda/call.cu"
#ifndef BOXES
#define BOXES 17080
#define CLASSES 21
#define BACKGROUND 0
#define TOP_K 400
#define KEEP_TOP_K 200
#define SOFTMAX 1
#define PER_CLASS 0
#define AGNOSTIC 0
#define LISTS 21
#define CODE 2
#define VARIANCE_ENCODED 0
#define Y_FIRST 0
#define THRESHOLD 0.01f
#define CUT -4.60617f
#define NMS 0.45f
#define ETA 1.0f
#define GROUPS 534
#define KEPT 200
#define THREADS 512
#define SCORE_THREADS 128
#define STAGED 1
#define STRIDE 21
#define SHARED_KEYS 3072
#define TOP_ROOM 512
#define KEEP_ROOM 512
#define TOP_LARGE 0
#define KEEP_LARGE 0
#define SHARED_KEPT 1
#define ADAPTIVE 0
#define BOXES_AT 0
#define KEYS_AT 67200
#define LARGE_AT 100800
#define BEST_AT 100800
#define SCORES_AT 100800
#define PASSES_AT 1535520
#define RANKS_AT 1580384
#endif
#endif

/* 32 candidates among those that are decoded, and what is known of them. */
typedef struct {
	float4 candidate[THREADS];
	uint32_t covers[32]; /* by each, the later ones that it suppresses */
	uint32_t dead[2];    /* suppressed by kept ones; for rounds in turn */
#if ADAPTIVE
	float overlap[32][33];
	uint32_t worst[2][32]; /* bits of the largest overlap with a kept one */
#endif
} KERNEL_round;

typedef struct {
	uint64_t key[SHARED_KEYS];
	union {
		net_sorting sorting;
		KERNEL_round round;
	} u;
#if SHARED_KEPT
	float4 kept[KEPT];
#endif
	uint32_t count, at;
} KERNEL_block;

/* ---- scores ---- */

#if SOFTMAX
/* Whether a class beside the background can pass; then the largest logit and the sum of the exponentials. */
static __device__ inline bool KERNEL_softmax(const float *row, float *largest, float *total)
{
	const float base = row[BACKGROUND < 0 ? 0 : BACKGROUND];
	float top = row[0], sum = 0.0f;
	int above = 0;

	for (int c = 0; c < CLASSES; c++) {
		above += !(row[c] - base <= CUT); /* differences: CUT would be lost in a sum with a large logit */
		top = row[c] > top ? row[c] : top;
	}
	if (above < 2 && BACKGROUND >= 0)
		return false;
	for (int c = 0; c < CLASSES; c++)
		sum += net_expf(row[c] - top);
	*largest = top;
	*total = sum;
	return true;
}

#endif
/* Of a group of 32 boxes, one for each lane, those that enter a list. passes, scores: of the image. */
static __device__ inline void KERNEL_note(bool enters, float score, int list, int group, uint32_t *passes, float *scores)
{
	const uint32_t lane = threadIdx.x % 32, lanes = __ballot_sync(0xffffffffu, enters);

	if (lane == 0)
		passes[(size_t)list * GROUPS + (size_t)group] = lanes;
	if (enters)
		scores[(size_t)list * BOXES + 32 * (size_t)group + lane] = score;
}

/* Such a group into all lists. row: the lane's. */
static __device__ inline void KERNEL_enter(const float *row, bool wanted, int group, uint32_t *passes, float *scores)
{
#if SOFTMAX
	float top = 0.0f, sum = 1.0f;

	wanted = wanted && KERNEL_softmax(row, &top, &sum);
#endif
#if AGNOSTIC
	float strongest = -3e38f;

#endif
	if (!__any_sync(0xffffffffu, wanted)) {
		for (int c = (int)threadIdx.x % 32; c < LISTS; c += 32)
			passes[(size_t)c * GROUPS + (size_t)group] = 0;
		return;
	}
	for (int c = 0; c < CLASSES; c++) {
#if SOFTMAX
		const float p = wanted && row[c] - top > CUT ? net_expf(row[c] - top) / sum : -3e38f;
#else
		const float p = wanted ? row[c] : -3e38f;
#endif
#if AGNOSTIC
		if (c != BACKGROUND && p > strongest)
			strongest = p;
#else
		KERNEL_note(wanted && c != BACKGROUND && p > THRESHOLD, p, c, group, passes, scores);
#endif
	}
#if AGNOSTIC
	KERNEL_note(wanted && strongest > THRESHOLD, strongest, 0, group, passes, scores);
#endif
}

static __global__ void __launch_bounds__(SCORE_THREADS) KERNEL_scores(const float *__restrict__ score, unsigned char *scratch)
{
	const int thread = (int)threadIdx.x, first = SCORE_THREADS * (int)blockIdx.x, image = (int)blockIdx.y;
	const int box = first + thread, group = box / 32;
	const float *const from = net_at_image(score, image);
	unsigned char *const memory = net_at_image(scratch, image);
#if STAGED
	__shared__ float rows[SCORE_THREADS * STRIDE];
	const float *const row = rows + thread * STRIDE;
	const size_t begin = (size_t)first * CLASSES, last = (size_t)BOXES * CLASSES - 1;

	for (int k = 0; k < CLASSES && BOXES > 0; k++) { /* all are under way at once */
		const int i = SCORE_THREADS * k + thread;
		const size_t at = begin + (size_t)i;

		rows[i / CLASSES * STRIDE + i % CLASSES] = from[at < last ? at : last];
	}
	__syncthreads();
#else
	const float *const row = from + (size_t)(box < BOXES ? box : BOXES - 1) * CLASSES;

#endif
	if (group < GROUPS)
		KERNEL_enter(row, box < BOXES, group, net_at<uint32_t>(memory, PASSES_AT), net_at<float>(memory, SCORES_AT));
}

/* ---- lists ---- */

/* The boxes that enter a list: a bit and, where it is set, a score for each. */
typedef struct {
	const uint32_t *passes;
	const float *scores;
} KERNEL_entered;

static __device__ inline uint64_t net_source(const KERNEL_entered &entered, int i)
{
	return entered.passes[i / 32] >> i % 32 & 1 ? net_key(entered.scores[i], (uint32_t)i) : net_no_key;
}

/* How many boxes enter the list. If they are few enough their keys are in s->key, in any order. */
static __device__ inline int KERNEL_collect(KERNEL_block *s, const KERNEL_entered &entered)
{
	const int thread = (int)threadIdx.x;
	int n;

	if (thread == 0)
		s->count = 0;
	__syncthreads();
	for (int first = 0; first < GROUPS; first += THREADS) {
		const int group = first + thread;
		uint32_t bits = group < GROUPS ? entered.passes[group] : 0, at = net_before((uint32_t)__popc(bits)), end = 0;

		if (thread % 32 == 31 && at + (uint32_t)__popc(bits))
			end = atomicAdd(&s->count, at + (uint32_t)__popc(bits));
		at += __shfl_sync(0xffffffffu, end, 31);
		for (int k = 0; k < 32 && bits && at < SHARED_KEYS; k++) {
			s->key[at++] = (uint64_t)(32 * group + __ffs((int)bits) - 1);
			bits &= bits - 1;
		}
	}
	__syncthreads();
	n = net_index((int)s->count, BOXES + 1);
	for (int i = thread; i < n && n <= SHARED_KEYS; i += THREADS) {
		const int box = net_index((int)s->key[i], BOXES);

		s->key[i] = net_key(entered.scores[box], (uint32_t)box);
	}
	return n;
}

/* The best of n keys in sorted, sorted: s->key or, for many, other memory. Returns how many. */
static __device__ inline int KERNEL_best(KERNEL_block *s, uint64_t *sorted, int n, const KERNEL_entered &entered)
{
	const uint64_t high = net_key(THRESHOLD, 0x3fffffu), one = net_key(1.0f, 0), low = one < high ? one : high;
	const uint32_t room = TOP_LARGE ? TOP_K : TOP_ROOM;
	net_sorting *const sorting = &s->u.sorting;

	if (n > SHARED_KEYS) {
		const uint64_t last =
			n > (int)room ? net_cut<THREADS>(entered, BOXES, TOP_K, room, low, high, sorting) : net_no_key - 1;

		n = net_take<THREADS>(entered, BOXES, last, room, sorted, sorting);
	} else if (n > TOP_ROOM) {
		const net_keys keys = {sorted};

		__syncthreads();
		const uint64_t last = net_cut<THREADS>(keys, n, TOP_K, TOP_ROOM, low, high, sorting);

		n = net_take<THREADS>(keys, n, last, TOP_ROOM, sorted, sorting);
	}
	net_sort<THREADS>(sorted, n);
	return n < TOP_K ? n : TOP_K + 0;
}

static __device__ inline float4 KERNEL_box(const float *loc, const float *prior, int box, int list)
{
	const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
#if PER_CLASS
	const float *const own = loc + 4 * ((size_t)box * CLASSES + (size_t)list);
#else
	const float *const own = loc + 4 * box;
#endif
	float b[4];

	(void)list;
	net_decode(CODE, prior + 4 * box, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + box), own, b);
	return make_float4(b[0], b[1], b[2], b[3]);
}

static __device__ inline bool KERNEL_is_box(float4 a)
{
	const float b[4] = {a.x, a.y, a.z, a.w};

	return net_is_box(b);
}

static __device__ inline float KERNEL_overlap(float4 a, float4 b)
{
	const float first[4] = {a.x, a.y, a.z, a.w}, second[4] = {b.x, b.y, b.z, b.w};

	return net_overlap(first, second);
}

#if ADAPTIVE
static __device__ inline float KERNEL_measure(float4 a, float4 b)
{
	const float overlap = KERNEL_overlap(a, b);

	return overlap <= 3e38f ? overlap : __uint_as_float(0x7f800000u);
}

/* The overlaps of this round's candidates, one for each lane, with the kept boxes and with each other. */
static __device__ inline void KERNEL_compare(KERNEL_round *r, const float4 *candidate, const float4 *kept, int nkept, int turn)
{
	const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32;
	const float4 own = candidate[lane];
	float worst = KERNEL_is_box(own) ? 0.0f : __uint_as_float(0x7f800000u);

	for (int k = warp; k < nkept; k += THREADS / 32)
		worst = fmaxf(worst, KERNEL_measure(kept[k], own));
	if (worst > 0.0f)
		atomicMax(&r->worst[turn][lane], __float_as_uint(worst));
	for (int k = warp; k < 32; k += THREADS / 32)
		r->overlap[k][lane] = KERNEL_measure(candidate[k], own);
}

/* Which of this round's n candidates stay: bits. */
static __device__ inline uint32_t KERNEL_choose(KERNEL_round *r, int n, int nkept, int turn, float *nms)
{
	const int lane = (int)threadIdx.x % 32;
	float worst = __uint_as_float(r->worst[turn][lane]);
	uint32_t stay = 0;

	for (int k = 0; k < 32; k++) {
		const float of_k = __shfl_sync(0xffffffffu, worst, k);

		if (k >= n || nkept == KEPT || !(of_k <= *nms))
			continue;
		stay |= 1u << k;
		nkept++;
		worst = fmaxf(worst, lane > k ? r->overlap[k][lane] : 0.0f);
		if (*nms > 0.5f)
			*nms = *nms * ETA;
	}
	if (threadIdx.x < 32)
		r->worst[1 - turn][lane] = 0;
	return stay;
}

#else
/* Which of this round's candidates, one for each lane, the kept boxes suppress, and which each other. */
static __device__ inline void KERNEL_compare(KERNEL_round *r, const float4 *candidate, const float4 *kept, int nkept, int turn)
{
	const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32;
	const float4 own = candidate[lane];
	bool dies = !KERNEL_is_box(own);
	uint32_t lanes;

	for (int k = warp; k < nkept; k += THREADS / 32)
		dies = dies || !(KERNEL_overlap(kept[k], own) <= NMS);
	lanes = __ballot_sync(0xffffffffu, dies);
	if (lane == 0 && lanes)
		atomicOr(&r->dead[turn], lanes);
	for (int k = warp; k < 32; k += THREADS / 32) {
		lanes = __ballot_sync(0xffffffffu, lane > k && !(KERNEL_overlap(candidate[k], own) <= NMS));
		if (lane == 0)
			r->covers[k] = lanes;
	}
}

/* Which of this round's n candidates stay: bits. */
static __device__ inline uint32_t KERNEL_choose(KERNEL_round *r, int n, int nkept, int turn)
{
	uint32_t stay = ~r->dead[turn] & 0xffffffffu >> (32 - n);

	for (int k = 0; k < 32; k++)
		if (stay >> k & 1)
			stay &= ~r->covers[k];
	for (int k = 0; k < 32 && nkept + __popc(stay) > KEPT; k++)
		stay &= ~(0x80000000u >> __clz((int)stay));
	if (threadIdx.x == 0)
		r->dead[1 - turn] = 0;
	return stay;
}

#endif
/* Of n sorted keys those whose boxes stay, in place: rank is then the place in boxes, of which the list begins at
 * list * KEPT. Returns how many. ranks: their default boxes. */
static __device__ inline int KERNEL_thin(KERNEL_block *s, uint64_t *sorted, int n, int list, const float *loc,
                                         const float *prior, float4 *boxes, uint32_t *ranks)
{
	const int thread = (int)threadIdx.x, lane = thread % 32, most = n < KEPT ? n : KEPT + 0;
	KERNEL_round *const r = &s->u.round;
#if SHARED_KEPT
	float4 *const kept = s->kept;
#else
	float4 *const kept = boxes;
#endif
#if ADAPTIVE
	float nms = NMS;
#endif
	int nkept = 0;

	for (int first = 0; first < n && nkept < KEPT; first += 32) {
		const int turn = first / 32 % 2, place = first % THREADS;
		const int left = n - first < 32 ? n - first : 32;
		uint32_t stay;

		if (place == 0) {
			const uint64_t key = sorted[first + thread < n ? first + thread : first];

			r->candidate[thread] = KERNEL_box(loc, prior, net_index((int)net_key_rank(key), BOXES), list);
			if (thread < 2)
				r->dead[thread] = 0;
#if ADAPTIVE
			if (thread < 64)
				r->worst[thread / 32][lane] = 0;
#endif
			__syncthreads();
		}
		KERNEL_compare(r, r->candidate + place, kept, nkept, turn);
		__syncthreads();
#if ADAPTIVE
		stay = KERNEL_choose(r, left, nkept, turn, &nms);
#else
		stay = KERNEL_choose(r, left, nkept, turn);
#endif
		if (thread < 32) {
			const int to = net_index(nkept + __popc(stay & ((1u << lane) - 1)), most);
			const uint64_t key = sorted[lane < left ? first + lane : first];
			const float4 box = r->candidate[place + lane];

			__syncwarp(); /* places up to these are written to */
			if (stay >> lane & 1) {
				boxes[to] = box;
#if SHARED_KEPT
				kept[to] = box;
#endif
				ranks[to] = net_key_rank(key);
				sorted[to] = key - net_key_rank(key) + (uint32_t)(list * KEPT + to);
			}
		}
		nkept += __popc(stay);
		__syncthreads();
	}
	return net_index(nkept, most + 1);
}

/* ---- results ---- */

static __device__ inline int KERNEL_label(const float *score, int rank, const uint32_t *ranks)
{
#if AGNOSTIC
	const float *const row = score + (size_t)net_index((int)ranks[rank], BOXES) * CLASSES;
	float top = -3e38f;
	int label = 0;

	for (int c = 0; c < CLASSES; c++)
		if (c != BACKGROUND && row[c] > top) {
			top = row[c];
			label = c;
		}
	return label;
#else
	(void)score;
	(void)ranks;
	return rank / KEPT;
#endif
}

static __device__ inline void KERNEL_write(net_detection *to, uint64_t key, int label, float4 box, const net_call *call)
{
	const float width = (float)call->width, height = (float)call->height;

#if Y_FIRST
	box = make_float4(box.y, box.x, box.w, box.z);
#endif
	to->x0 = call->clip ? net_clip(box.x * width, 0.0f, width) : box.x;
	to->y0 = call->clip ? net_clip(box.y * height, 0.0f, height) : box.y;
	to->x1 = call->clip ? net_clip(box.z * width, 0.0f, width) : box.z;
	to->y1 = call->clip ? net_clip(box.w * height, 0.0f, height) : box.w;
	to->score = net_key_score(key);
	to->label = label;
}

/* The best of the n keys of all lists, by one block for each image; at best, which has room keys. */
static __device__ inline void KERNEL_merge(KERNEL_block *s, uint64_t *best, uint32_t room, int n, const float *score,
                                           unsigned char *memory, const net_call *call)
{
	const uint64_t high = net_key(THRESHOLD, 0x3fffffu), one = net_key(1.0f, 0), low = one < high ? one : high;
	const net_keys keys = {net_at<uint64_t>(memory, KEYS_AT)};
	const float4 *const boxes = net_at<float4>(memory, BOXES_AT);
	const uint32_t *const ranks = net_at<uint32_t>(memory, RANKS_AT);
	net_result *const out = call->out;
	const int max = call->max, want = !out || max < 0 ? 0 : max < KEEP_TOP_K ? max : KEEP_TOP_K + 0;
	uint64_t last = net_no_key - 1;

	if (want < 1)
		n = 0;
	if (n > (int)room)
		last = net_cut<THREADS>(keys, n, (uint32_t)want, room, low, high, &s->u.sorting);
	n = net_take<THREADS>(keys, n, last, room, best, &s->u.sorting);
	net_sort<THREADS>(best, n);
	n = n < want ? n : want;
	if (out && threadIdx.x == 0)
		out->count = n;
	for (int k = (int)threadIdx.x; k < n; k += THREADS) {
		const int rank = net_index((int)net_key_rank(best[k]), LISTS * KEPT);

		KERNEL_write(&out->detection[k], best[k], KERNEL_label(score, rank, ranks), boxes[rank], call);
	}
}

/* Puts the kept keys of this block's list with those of the others. True in the last block, *total then being how many
 * there are. */
static __device__ inline bool KERNEL_hand_in(KERNEL_block *s, const uint64_t *kept, int n, uint64_t *keys,
                                             unsigned int *tickets, int *total)
{
	if (threadIdx.x == 0)
		s->at = n ? atomicAdd(&tickets[1], (unsigned int)n) : 0;
	__syncthreads();
	for (uint32_t i = threadIdx.x; i < (uint32_t)n; i += THREADS)
		keys[net_index((int)(s->at + i), LISTS * KEPT)] = kept[i];
	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0) {
		s->count = atomicAdd(&tickets[0], 1u);
		if (s->count == LISTS - 1) {
			s->at = atomicAdd(&tickets[1], 0u);
			tickets[0] = 0;
			tickets[1] = 0;
			__threadfence();
		}
	}
	__syncthreads();
	*total = net_index((int)s->at, LISTS * KEPT + 1);
	return s->count == LISTS - 1;
}

/* A list that n boxes enter, whose best are sorted at `sorted`. */
static __device__ inline void KERNEL_list(KERNEL_block *s, uint64_t *sorted, int n, const KERNEL_entered &entered,
                                          const float *loc, const float *score, const float *prior,
                                          unsigned char *memory, const net_call *call, unsigned int *tickets)
{
	const int list = (int)blockIdx.x;
	float4 *const boxes = net_at<float4>(memory, BOXES_AT) + list * KEPT;
	uint32_t *const ranks = net_at<uint32_t>(memory, RANKS_AT) + list * KEPT;

	if (n > 0) {
		n = KERNEL_best(s, sorted, n, entered);
		n = KERNEL_thin(s, sorted, n, list, loc, prior, boxes, ranks);
	}
	if (!KERNEL_hand_in(s, sorted, n, net_at<uint64_t>(memory, KEYS_AT), tickets, &n))
		return;
#if KEEP_LARGE
	if (n > SHARED_KEYS) {
		KERNEL_merge(s, net_at<uint64_t>(memory, BEST_AT), KEEP_TOP_K, n, score, memory, call);
		return;
	}
#endif
	KERNEL_merge(s, s->key, KEEP_ROOM, n, score, memory, call);
}

static __global__ void __launch_bounds__(THREADS, 2) KERNEL_lists(const float *__restrict__ loc,
                                                                 const float *__restrict__ score,
                                                                 const float *__restrict__ prior, unsigned char *scratch,
                                                                 const net_call *calls, unsigned int *tickets)
{
	__shared__ KERNEL_block s;
	const int list = (int)blockIdx.x, image = (int)blockIdx.y;
	unsigned char *const memory = net_at_image(scratch, image);
	const float *const places = net_at_image(loc, image), *const rows = net_at_image(score, image);
	const KERNEL_entered entered = {net_at<uint32_t>(memory, PASSES_AT) + (size_t)list * GROUPS,
	                                net_at<float>(memory, SCORES_AT) + (size_t)list * BOXES};
	const int n = TOP_K > 0 && (AGNOSTIC || list != BACKGROUND) ? KERNEL_collect(&s, entered) : 0;

#if TOP_LARGE
	if (n > SHARED_KEYS) {
		uint64_t *const sorted = net_at<uint64_t>(memory, LARGE_AT) + (size_t)list * TOP_K;

		KERNEL_list(&s, sorted, n, entered, places, rows, prior, memory, calls + image, tickets + 2 * image);
		return;
	}
#endif
	KERNEL_list(&s, s.key, n, entered, places, rows, prior, memory, calls + image, tickets + 2 * image);
}

/* loc [BOXES][4], or [BOXES][CLASSES][4] with PER_CLASS; score [BOXES][CLASSES], prior [2][BOXES][4]: corners, variances.
 * Results: as each call wants. */
static void KERNEL(net_queue *q, const float *loc, const float *score, const float *prior, unsigned char *scratch,
                   const net_call calls[NET_BATCH])
{
	const dim3 blocks((32 * GROUPS + SCORE_THREADS - 1) / SCORE_THREADS, NET_BATCH);

	net_launch(q, KERNEL_scores, blocks, SCORE_THREADS, 0, score, scratch);
	net_launch(q, KERNEL_lists, dim3(LISTS, NET_BATCH), THREADS, 0, loc, score, prior, scratch, calls, q->tickets);
}
