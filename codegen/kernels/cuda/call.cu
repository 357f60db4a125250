/* call.cu -- parts that the first and the last kernel of a run share: what is asked of it.
 *
 * The first kernel gets the calls by value, which is how they enter a CUDA graph that stays as it is, and keeps them in
 * device memory, where the last one finds them.
 */
#ifndef DSSDC
#ifndef NET_MAX_DETECTIONS
#define NET_MAX_DETECTIONS 200
#endif
#ifndef NET_DETECTION
#define NET_DETECTION
typedef struct {
	float x0, y0, x1, y1;
	float score;
	int32_t label;
} net_detection;

typedef struct {
	int32_t count;
	net_detection detection[NET_MAX_DETECTIONS];
} net_result;
#endif
#endif

/* part: call needs: */
/* What is asked for one image. All zero: nothing, an image that a batch lacks. */
typedef struct {
	const uint8_t *pixels;                 /* of the device; null: the input tensor is there already */
	net_result *out;                       /* memory that the device can write; null: no results wanted */
	int32_t width, height, stride, format; /* of the image; stride in bytes, format as net_format */
	int32_t max;                           /* detections wanted */
	int32_t clip;                          /* 1: boxes in pixels, clipped to the image; 0: as fractions of it */
	int32_t pairs;                         /* 1: pixels are the samples that net_gather() took from the image */
} net_call;

/* Kernel parameters have 4 KB. */
typedef struct {
	net_call image[NET_BATCH];
} net_calls;

static_assert(sizeof(net_calls) <= 4096 - 2 * sizeof(void *), "a kernel takes the calls by value, and two pointers");

/* part: key needs: */
/* A detection's place in the order of detections as one number: falling score, then rising rank, below 2^22. Less is
 * better; no key is net_no_key, and no two detections of a list have the same. A score of -0 counts as 0. */
static const uint64_t net_no_key = ~(uint64_t)0;

static __device__ inline uint64_t net_key(float score, uint32_t rank)
{
	const uint32_t bits = __float_as_uint(score + 0.0f);

	return (uint64_t)(bits >> 31 ? bits : ~bits & 0x7fffffffu) << 22 | rank;
}

static __device__ inline float net_key_score(uint64_t key)
{
	const uint32_t falling = (uint32_t)(key >> 22);

	return __uint_as_float(falling >> 31 ? falling : ~falling & 0x7fffffffu);
}

static __device__ inline uint32_t net_key_rank(uint64_t key)
{
	return (uint32_t)key & 0x3fffffu;
}

/* part: before needs: */
/* The sum of x over the lanes before this one. */
static __device__ inline uint32_t net_before(uint32_t x)
{
	const uint32_t lane = threadIdx.x % 32;
	uint32_t sum = x;

	for (uint32_t step = 1; step < 32; step *= 2) {
		const uint32_t other = __shfl_up_sync(0xffffffffu, sum, step);

		sum += lane >= step ? other : 0;
	}
	return sum - x;
}

/* part: best needs: key before index */
/* The best keys of many, by all threads of a block: net_cut() says how far the best ones reach, net_take() collects
 * those, net_sort() sorts them. A source has net_source(source, i), the key number i, or net_no_key where there is none. */
typedef struct {
	const uint64_t *key;
} net_keys;

static __device__ inline uint64_t net_source(const net_keys &keys, int i)
{
	return keys.key[i];
}

typedef struct {
	uint32_t bin[2048];
	uint32_t warp[32];
	uint32_t chosen, before, taken;
} net_sorting;

/* Which bin holds the key number want, from 1, and how many are in the bins before it. */
template <int THREADS> static __device__ void net_choose_bin(net_sorting *s, uint32_t want)
{
	const int thread = (int)threadIdx.x, each = 2048 / THREADS;
	uint32_t sum = 0, before;

	for (int i = 0; i < each; i++)
		sum += s->bin[each * thread + i];
	before = net_before(sum);
	if (thread % 32 == 31)
		s->warp[thread / 32] = before + sum;
	__syncthreads();
	for (int i = 0; i < thread / 32; i++)
		before += s->warp[i];
	for (int i = 0; i < each; i++) {
		const uint32_t in = s->bin[each * thread + i];

		if (before < want && want <= before + in) {
			s->chosen = (uint32_t)(each * thread + i);
			s->before = before;
		}
		before += in;
	}
	__syncthreads();
}

static __device__ inline int net_bit_length(uint64_t x)
{
	const uint32_t high = (uint32_t)(x >> 32);

	return high ? 64 - __clz((int)high) : 32 - __clz((int)(uint32_t)x);
}

/* A key such that at least want and at most room keys are at most it; there are at least want >= 1. Each round cuts a
 * range of keys in 2048 bins and goes on with one of them: after the first, which may be the one below low, at most 6 of
 * them come down to a key a bin, and keys are distinct. low and high: where most keys are; none is beyond high. */
template <int THREADS, typename Source>
static __device__ uint64_t net_cut(const Source source, int count, uint32_t want, uint32_t room, uint64_t low, uint64_t high,
                                   net_sorting *s)
{
	uint64_t least = 0; /* keys from here to low are in the first bin */
	uint32_t below = 0; /* keys less than least */

#pragma unroll 1
	for (int round = 0; round < 8; round++) {
		const int length = net_bit_length(high - low), shift = length > 11 ? length - 11 : 0;
		uint64_t last;
		int chosen;

		for (int i = (int)threadIdx.x; i < 2048; i += THREADS)
			s->bin[i] = 0;
		__syncthreads();
		for (int i = (int)threadIdx.x; i < count; i += THREADS) {
			const uint64_t key = net_source(source, i);

			if (key >= least && key <= high)
				atomicAdd(&s->bin[key < low ? 0 : net_index((int)((key - low) >> shift), 2048)], 1u);
		}
		__syncthreads();
		net_choose_bin<THREADS>(s, want - below);
		chosen = net_index((int)s->chosen, 2048);
		last = low + (((uint64_t)chosen + 1) << shift) - 1;
		high = last < high ? last : high;
		below += s->before;
		low = chosen ? low + ((uint64_t)chosen << shift) : least;
		least = low;
		if (below + s->bin[chosen] <= room)
			break;
		__syncthreads();
	}
	return high;
}

/* Puts the keys up to last together, in any order; returns how many. There are at most room. to may be where the source
 * reads, if the source reads place i for i. */
template <int THREADS, typename Source>
static __device__ int net_take(const Source source, int count, uint64_t last, uint32_t room, uint64_t *to, net_sorting *s)
{
	const uint32_t lane = threadIdx.x % 32;
	uint32_t taken;

	__syncthreads();
	if (threadIdx.x == 0)
		s->taken = 0;
	for (int first = 0; first < count; first += THREADS) {
		const int i = first + (int)threadIdx.x;
		const uint64_t key = i < count ? net_source(source, i) : net_no_key;
		const uint32_t lanes = __ballot_sync(0xffffffffu, key <= last);
		uint32_t at = 0;

		__syncthreads(); /* this round is read, and no later one is written to */
		if (lane == 0 && lanes)
			at = atomicAdd(&s->taken, (uint32_t)__popc(lanes));
		at = __shfl_sync(0xffffffffu, at, 0) + (uint32_t)__popc(lanes & ((1u << lane) - 1));
		if (key <= last && at < room)
			to[at] = key;
	}
	__syncthreads();
	taken = s->taken;
	return (int)(taken < room ? taken : room);
}

/* Sorts n keys in place, rising: bitonic, each merge beginning with mirrored partners, so that the lesser key always
 * goes to the lesser place and n may be any number. Partners at most 32 apart belong to one warp. */
template <int THREADS> static __device__ void net_sort(uint64_t *keys, int n)
{
	int before = 64;

	for (int size = 2; size < 2 * n; size *= 2)
		for (int step = size / 2; step > 0; step /= 2) {
			if (step > 32 || before > 32)
				__syncthreads();
			else
				__syncwarp();
			before = step;
			for (int pair = (int)threadIdx.x; pair < (n + 1) / 2 + step; pair += THREADS) {
				const int i = 2 * pair - (pair & (step - 1)), j = 2 * step == size ? i ^ (size - 1) : i + step;

				if (i < n && j < n && keys[j] < keys[i]) {
					const uint64_t lesser = keys[j];

					keys[j] = keys[i];
					keys[i] = lesser;
				}
			}
		}
	__syncthreads();
}
