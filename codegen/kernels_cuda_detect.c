/* kernels_cuda_detect.c -- row of detect for CUDA. */
#include "codegen/kernels_detect.h"
#include "codegen/rows.h"

enum {
	THREADS = 512,      /* of the block of a list */
	SHARED_KEYS = 3072, /* with the rest of what such a block shares below 48 KB */
	SHARED_KEPT = 512,
	FEW = 512,             /* keys that are sorted sooner than selected from */
	ROWS_BYTES = 42 << 10, /* shared memory for rows of scores */
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t at_least_1(int64_t a)
{
	return a > 1 ? a : 1;
}

/* Boxes that a list keeps, at most. */
static int64_t kept(const Node *n)
{
	const Detect *d = &n->u.detect;
	const int64_t most = at_least_1(least(detect_top_k(n), d->keep_top_k));
	return d->keep_per_class ? least(most, d->keep_per_class) : most;
}

/* How many keys are sorted to get the best `wanted`: selection may stop at a power of two. */
static int64_t room(int64_t wanted)
{
	int64_t size = FEW;
	while (size < wanted)
		size *= 2;
	return least(size, SHARED_KEYS);
}

/* Odd, so that the rows of a warp begin in different banks. */
static int64_t row_stride(const Node *n)
{
	return n->u.detect.classes | 1;
}

/* Boxes of a block: as many rows as fit, at least a warp's. */
static int64_t score_threads(const Node *n)
{
	int64_t threads = 128;
	while (threads > 32 && 4 * threads * row_stride(n) > ROWS_BYTES)
		threads /= 2;
	return threads;
}

static int64_t groups(const Node *n)
{
	return at_least_1((detect_boxes(n) + 31) / 32);
}

enum { PLACES = 7 };
static const char *const place_names[PLACES] = {"BOXES_AT", "KEYS_AT", "LARGE_AT", "BEST_AT", "SCORES_AT", "PASSES_AT", "RANKS_AT"};

/* The parts of scratch, in bytes; returns the sum. */
static int64_t places(const Node *n, int64_t at[PLACES])
{
	const int64_t lists = detect_lists(n), k = detect_top_k(n), all_kept = lists * kept(n), wanted = n->u.detect.keep_top_k;
	const int64_t bytes[PLACES] = {
	    16 * all_kept,
	    8 * all_kept,
	    k > SHARED_KEYS ? 8 * lists * k : 0,
	    wanted > SHARED_KEYS ? 8 * least(wanted, all_kept) : 0,
	    4 * lists * detect_boxes(n),
	    4 * lists * groups(n),
	    4 * all_kept,
	};
	int64_t sum = 0;
	for (int i = 0; i < PLACES; i++) {
		at[i] = sum;
		sum += (bytes[i] + 15) / 16 * 16;
	}
	return sum;
}

void detect_cuda_bind(const Target *t, const Node *n, Bindings *b)
{
	const Detect *d = &n->u.detect;
	int64_t at[PLACES];
	detect_bind(t, n, b);
	bind_int(b, "GROUPS", groups(n));
	bind_int(b, "KEPT", kept(n));
	bind_int(b, "THREADS", THREADS);
	bind_int(b, "SCORE_THREADS", score_threads(n));
	bind_int(b, "STAGED", 4 * score_threads(n) * row_stride(n) <= ROWS_BYTES);
	bind_int(b, "STRIDE", row_stride(n));
	bind_int(b, "SHARED_KEYS", SHARED_KEYS);
	bind_int(b, "TOP_ROOM", room(detect_top_k(n)));
	bind_int(b, "KEEP_ROOM", room(d->keep_top_k));
	bind_int(b, "TOP_LARGE", detect_top_k(n) > SHARED_KEYS);
	bind_int(b, "KEEP_LARGE", d->keep_top_k > SHARED_KEYS);
	bind_int(b, "SHARED_KEPT", kept(n) <= SHARED_KEPT);
	places(n, at);
	for (int i = 0; i < PLACES; i++)
		bind_int(b, place_names[i], at[i]);
	bind_int(b, "TICKETS", 2 * t->batch);
}

int64_t detect_cuda_scratch(const Target *t, const Node *n)
{
	(void)t;
	int64_t at[PLACES];
	return places(n, at);
}
