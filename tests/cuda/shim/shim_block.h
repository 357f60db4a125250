/* shim_block.h -- runs the threads of a block. Part of cuda_runtime.h.
 *
 * Threads are started one after another on one stack: a kernel that never waits is a loop of calls. A thread that waits keeps
 * its stack, and the next one starts on another. Who goes on is the next thread in order that can: of the same warp first. A
 * thread that completes a barrier or an exchange goes on itself, ahead of those that waited for it, which finds barriers that
 * lack; so does DSSDC_SHIM_ORDER (an odd number: threads run from last to first).
 *
 * An exchange of a warp is computed by the last lane that arrives, for all of them. */
#ifndef SHIM_BLOCK_H
#define SHIM_BLOCK_H

#include "shim_fiber.h"
#include "shim_types.h"
#include "shim_watch.h"

#include <dlfcn.h>

namespace shim
{

enum : unsigned { LANES = 32, MOST_THREADS = 1024, MOST_WARPS = MOST_THREADS / LANES };

/* What a thread can wait for. */
enum Wait : unsigned char { SYNCWARP, SHUFFLE, BALLOT, BARRIER, BARRIER_OR, BARRIER_AND, BARRIER_COUNT };

inline const char *wait_name(Wait w)
{
	static const char *const name[] = {"__syncwarp",        "a shuffle",          "a vote", "__syncthreads", "__syncthreads_or",
	                                   "__syncthreads_and", "__syncthreads_count"};
	return name[w];
}

struct Warp;

struct Thread {
	Context context; /* while it waits */
	uint3 index;
	unsigned lane;
	Warp *warp;
};

struct Warp {
	unsigned all;   /* lanes that there are */
	unsigned alive; /* not returned yet */
	unsigned started;
	unsigned ready;   /* can go on, or start */
	unsigned waiting; /* for the warp */
	unsigned barred;  /* wait for the block */
	unsigned mask[LANES];
	Wait wait[LANES];
	unsigned char source[LANES];
	uint64_t value[LANES], result[LANES];
	Thread thread[LANES];
};

struct Machine {
	Thread *now; /* null outside of kernels */
	uint3 block, grid, threads;
	unsigned nwarp, nthread, backwards;
	void (*body)(void *);
	void *arguments;
	const void *kernel;
	unsigned alive, arrived, voted, outcome; /* at the block's barrier */
	Wait barrier;
	Stack *entered; /* the stack that runs for the first time */
	Context host;
	Warp warp[MOST_WARPS];
	Stacks stacks;
};

inline thread_local Machine machine;

/* ---- faults of kernels ---- */

inline void print_kernel()
{
	Dl_info info;
	char command[4352];
	fprintf(stderr, "cuda shim: kernel %p", machine.kernel);
	if (dladdr(machine.kernel, &info) && info.dli_fname) {
		bool moved = ((const unsigned char *)info.dli_fbase)[16] == 3; /* ELF: e_type is ET_DYN */
		size_t at = (size_t)machine.kernel - (moved ? (size_t)info.dli_fbase : 0);
		snprintf(command, sizeof command, "addr2line -fC -e '%s' 0x%zx 2>/dev/null | head -1 | tr -d '\\n' >&2",
		         strchr(info.dli_fname, '/') ? info.dli_fname : "/proc/self/exe", at);
		fprintf(stderr, " ");
		if (system(command))
			fprintf(stderr, "?");
	}
	fprintf(stderr, ", block (%u, %u, %u)\n", machine.block.x, machine.block.y, machine.block.z);
}

inline void print_thread(const Thread *t)
{
	fprintf(stderr, "cuda shim: thread (%u, %u, %u)", t->index.x, t->index.y, t->index.z);
}

/* Lanes that wait for the same as this one. */
inline unsigned companions(const Warp *w, unsigned lane)
{
	unsigned found = 0;
	for (unsigned left = w->waiting; left; left &= left - 1) {
		unsigned other = (unsigned)__builtin_ctz(left);
		if (w->mask[other] == w->mask[lane] && w->wait[other] == w->wait[lane])
			found |= 1u << other;
	}
	return found;
}

/* Each warp's first waiting lane of each kind. */
[[noreturn]] inline void deadlock()
{
	print_kernel();
	for (unsigned i = 0; i < machine.nwarp; i++) {
		const Warp *w = &machine.warp[i];
		for (unsigned waiting = w->waiting; waiting;) {
			unsigned lane = (unsigned)__builtin_ctz(waiting), same = companions(w, lane);
			print_thread(&w->thread[lane]);
			fprintf(stderr, " waits in %s for the lanes %08x of its warp; missing are %08x\n", wait_name(w->wait[lane]),
			        w->mask[lane], w->mask[lane] & w->alive & ~same);
			waiting &= ~same;
		}
		if (w->barred) {
			print_thread(&w->thread[__builtin_ctz(w->barred)]);
			fprintf(stderr, " waits in %s (lanes %08x of its warp)\n", wait_name(w->wait[__builtin_ctz(w->barred)]), w->barred);
		}
	}
	fail("no thread of the block can go on: a deadlock");
}

/* What a sanitizer's report lacks. */
inline void print_running()
{
	if (!machine.now)
		return;
	print_kernel();
	print_thread(machine.now);
	fprintf(stderr, " left its object, or the object's alignment\n");
}

[[noreturn]] inline void thread_fail(const char *what)
{
	print_kernel();
	print_thread(machine.now);
	fprintf(stderr, " %s\n", what);
	abort();
}

/* ---- who is next ---- */

inline unsigned pick_lane(unsigned ready, unsigned lane)
{
	if (__builtin_expect(machine.backwards, 0)) {
		unsigned below = ready & ((1u << lane) - 1);
		return 31 - (unsigned)__builtin_clz(below ? below : ready);
	}
	unsigned above = ready & (~1u << lane);
	return (unsigned)__builtin_ctz(above ? above : ready);
}

/* The next thread that can go on; null when all have returned. */
inline Thread *pick(const Thread *after)
{
	Warp *w = after->warp;
	if (__builtin_expect(w->ready != 0, 1))
		return &w->thread[pick_lane(w->ready, after->lane)];
	unsigned n = machine.nwarp, i = (unsigned)(w - machine.warp), step = machine.backwards ? n - 1 : 1;
	for (unsigned k = 1; k < n; k++) {
		i = (i + step) % n;
		w = &machine.warp[i];
		if (w->ready)
			return &w->thread[machine.backwards ? 31 - (unsigned)__builtin_clz(w->ready) : (unsigned)__builtin_ctz(w->ready)];
	}
	if (machine.alive)
		deadlock();
	return nullptr;
}

inline void stack_main();

inline Stack *stack_take()
{
	Stacks *all = &machine.stacks;
	Stack *s = all->waiting;
	if (s)
		all->waiting = s->next;
	else
		s = machine.entered = stack_new(all, stack_main);
	return s;
}

inline bool thread_start(Thread *t)
{
	unsigned bit = 1u << t->lane;
	bool first = !(t->warp->started & bit);
	t->warp->started |= bit;
	t->warp->ready &= ~bit;
	machine.now = t;
	return first;
}

/* The running thread waits; returns when it is ready and its turn has come. */
__attribute__((noinline)) inline void suspend()
{
	Thread *t = machine.now, *next = pick(t);
	go(&t->context, thread_start(next) ? &stack_take()->context : &next->context);
}

/* ---- the block's barrier ---- */

inline void barrier_release()
{
	machine.outcome = machine.barrier == BARRIER_AND  ? machine.voted == machine.arrived
	                  : machine.barrier == BARRIER_OR ? machine.voted != 0
	                                                  : machine.voted;
	for (unsigned i = 0; i < machine.nwarp; i++) {
		machine.warp[i].ready |= machine.warp[i].barred;
		machine.warp[i].barred = 0;
	}
	machine.arrived = machine.voted = 0;
}

inline int barrier(Wait kind, int vote)
{
	Thread *t = machine.now;
	if (!t)
		fail("a barrier outside of a kernel");
	if (machine.arrived && machine.barrier != kind)
		thread_fail("comes to a barrier of another kind than the one that threads wait at");
	machine.barrier = kind;
	machine.voted += vote != 0;
	t->warp->wait[t->lane] = kind;
	if (++machine.arrived == machine.alive) {
		barrier_release();
	} else {
		t->warp->barred |= 1u << t->lane;
		suspend();
	}
	return (int)machine.outcome;
}

/* ---- exchanges of a warp ---- */

inline void exchange_complete(Warp *w, unsigned lanes, Wait kind)
{
	if (kind == SHUFFLE) {
		for (unsigned left = lanes; left; left &= left - 1) {
			unsigned lane = (unsigned)__builtin_ctz(left), source = w->source[lane];
			if (!(lanes >> source & 1)) {
				machine.now = &w->thread[lane];
				thread_fail("shuffles from a lane that does not take part");
			}
			w->result[lane] = w->value[source];
		}
	} else if (kind == BALLOT) {
		uint64_t ballot = 0;
		for (unsigned left = lanes; left; left &= left - 1)
			ballot |= (uint64_t)(w->value[__builtin_ctz(left)] != 0) << __builtin_ctz(left);
		for (unsigned left = lanes; left; left &= left - 1)
			w->result[__builtin_ctz(left)] = ballot;
	}
	w->waiting &= ~lanes;
	w->ready |= lanes;
}

/* When every lane of the mask is there, for the same, or has returned. */
inline bool exchange_try(Warp *w, unsigned mask, Wait kind)
{
	unsigned lanes = mask & w->alive;
	if ((w->waiting & lanes) != lanes)
		return false;
	for (unsigned left = lanes; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		if (w->mask[lane] != mask || w->wait[lane] != kind)
			return false;
	}
	exchange_complete(w, lanes, kind);
	return true;
}

inline uint64_t exchange(Wait kind, unsigned mask, uint64_t value, unsigned source)
{
	Thread *t = machine.now;
	if (__builtin_expect(!t, 0))
		fail("an exchange outside of a kernel");
	Warp *w = t->warp;
	unsigned bit = 1u << t->lane;
	if (__builtin_expect(!(mask & bit), 0))
		thread_fail("takes part in an exchange whose mask lacks it");
	w->value[t->lane] = value;
	w->source[t->lane] = (unsigned char)source;
	w->mask[t->lane] = mask;
	w->wait[t->lane] = kind;
	w->waiting |= bit;
	if (exchange_try(w, mask, kind))
		w->ready &= ~bit;
	else
		suspend();
	return w->result[t->lane];
}

/* ---- threads ---- */

inline void thread_end(Thread *t)
{
	Warp *w = t->warp;
	w->alive &= ~(1u << t->lane);
	machine.alive--;
	if (machine.arrived && machine.arrived == machine.alive)
		barrier_release();
	for (unsigned left = w->waiting; left; left &= w->waiting & (left - 1)) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		exchange_try(w, w->mask[lane], w->wait[lane]);
	}
}

/* What a stack does for ever: run threads from their start, and wait for more when there are none. */
inline void stack_main()
{
	Stack *const self = machine.entered;
	for (;;) {
		Thread *t = machine.now, *next;
		machine.body(machine.arguments);
		t = machine.now;
		thread_end(t);
		next = pick(t);
		if (next && thread_start(next))
			continue;
		stack_check(self);
		self->next = machine.stacks.waiting;
		machine.stacks.waiting = self;
		go(&self->context, next ? &next->context : &machine.host);
	}
}

inline void block_run()
{
	for (unsigned i = 0; i < machine.nwarp; i++) {
		Warp *w = &machine.warp[i];
		w->alive = w->ready = w->all;
		w->started = w->waiting = w->barred = 0;
	}
	machine.alive = machine.nthread;
	machine.arrived = machine.voted = 0;
	Warp *last = &machine.warp[machine.nwarp - 1];
	thread_start(machine.backwards ? &last->thread[31 - __builtin_clz(last->all)] : &machine.warp[0].thread[0]);
	go(&machine.host, &stack_take()->context);
	machine.now = nullptr;
}

/* ---- grids ---- */

inline uint64_t order_number()
{
	const char *s = getenv("DSSDC_SHIM_ORDER");
	return s ? strtoull(s, nullptr, 10) : 0;
}

inline void threads_make(dim3 threads)
{
	machine.threads = {threads.x, threads.y, threads.z};
	machine.nthread = threads.x * threads.y * threads.z;
	machine.nwarp = (machine.nthread + LANES - 1) / LANES;
	for (unsigned i = 0; i < machine.nthread; i++) {
		Thread *t = &machine.warp[i / LANES].thread[i % LANES];
		t->index = {i % threads.x, i / threads.x % threads.y, i / threads.x / threads.y};
		t->lane = i % LANES;
		t->warp = &machine.warp[i / LANES];
	}
	for (unsigned i = 0; i < machine.nwarp; i++) {
		unsigned n = machine.nthread - i * LANES;
		machine.warp[i].all = n >= LANES ? ~0u : (1u << n) - 1;
	}
}

/* Block i of n in the order of run: multiples of a number that has no factor in common with n. */
struct Order {
	uint64_t n, step, first;
};

inline Order order_make(uint64_t n)
{
	uint64_t number = order_number(), step = 1;
	if (number && n > 1) {
		step = (number * 0x9e3779b97f4a7c15u >> 20) % n;
		for (;; step = (step + 1) % n) {
			uint64_t a = step, b = n;
			while (a) {
				uint64_t rest = b % a;
				b = a;
				a = rest;
			}
			if (b == 1)
				break;
		}
	}
	machine.backwards = number & 1;
	return {n, step, number ? number * 0xbf58476d1ce4e5b9u % n : 0};
}

/* body(arguments) is one thread of the kernel; shared: bytes of dynamic shared memory, full of 0xFF. What lies behind them must
 * stay so. */
inline void grid_run(const void *kernel, dim3 grid, dim3 threads, size_t shared, unsigned char *memory, void (*body)(void *),
                     void *arguments)
{
	const uint64_t n = (uint64_t)grid.x * grid.y * grid.z;
	const Order order = order_make(n);
	machine.kernel = kernel;
	machine.body = body;
	machine.arguments = arguments;
	machine.grid = {grid.x, grid.y, grid.z};
	threads_make(threads);
	memset(memory + shared, 0xff, SHIM_SHARED_GUARD);
	watch_reports(print_running);
	hide(memory + shared, SHIM_SHARED_SIZE + SHIM_SHARED_GUARD - shared);
	for (uint64_t k = 0, i = order.first; k < n; k++, i = (i + order.step) % n) {
		machine.block = {(unsigned)(i % grid.x), (unsigned)(i / grid.x % grid.y), (unsigned)(i / grid.x / grid.y)};
		memset(memory, 0xff, shared);
		block_run();
		if (IS_WATCHED)
			continue;
		if (memory[shared] != 0xff || memcmp(memory + shared, memory + shared + 1, SHIM_SHARED_GUARD - 1)) {
			print_kernel();
			fail("writes behind its dynamic shared memory");
		}
	}
	show(memory + shared, SHIM_SHARED_SIZE + SHIM_SHARED_GUARD - shared);
}

} // namespace shim

#endif
