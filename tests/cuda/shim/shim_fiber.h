/* shim_fiber.h -- stacks, and how to go from one to another. Part of cuda_runtime.h.
 *
 * A context is a stack pointer, below which lie the registers that a call keeps. Other CPUs than x86-64 use ucontext.h. */
#ifndef SHIM_FIBER_H
#define SHIM_FIBER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace shim
{

enum : size_t { STACK_SIZE = 64 * 1024, STACKS = 1024, CANARY = 0x5afe57ac };

#if defined(__x86_64__)
typedef void *Context;

extern "C" void shim_switch(void **from, void *to) __attribute__((visibility("hidden")));
asm(".text\n"
    ".weak shim_switch\n"
    ".hidden shim_switch\n"
    ".type shim_switch, @function\n"
    "shim_switch:\n"
    "	pushq %rbp\n"
    "	pushq %rbx\n"
    "	pushq %r12\n"
    "	pushq %r13\n"
    "	pushq %r14\n"
    "	pushq %r15\n"
    "	movq %rsp, (%rdi)\n"
    "	movq %rsi, %rsp\n"
    "	popq %r15\n"
    "	popq %r14\n"
    "	popq %r13\n"
    "	popq %r12\n"
    "	popq %rbx\n"
    "	popq %rbp\n"
    "	ret\n"
    ".size shim_switch, .-shim_switch\n");

inline void go(Context *from, Context *to)
{
	shim_switch(from, *to);
}

/* The first switch to c calls enter() on that stack. */
inline void context_make(Context *c, void (*enter)(), unsigned char *bottom, size_t size)
{
	void **top = (void **)(bottom + size);
	*--top = nullptr; /* a call leaves the stack pointer at 8 past a multiple of 16 */
	*--top = (void *)enter;
	for (int saved = 0; saved < 6; saved++)
		*--top = nullptr;
	*c = top;
}
#else
typedef ucontext_t Context;

inline void go(Context *from, Context *to)
{
	swapcontext(from, to);
}

inline void context_make(Context *c, void (*enter)(), unsigned char *bottom, size_t size)
{
	getcontext(c);
	c->uc_stack.ss_sp = bottom;
	c->uc_stack.ss_size = size;
	c->uc_link = nullptr;
	makecontext(c, enter, 0);
}
#endif

struct Stack {
	Context context; /* while it waits for threads to run */
	unsigned char *bottom;
	Stack *next; /* that waits too */
};

/* All stacks of a thread, in one piece that huge pages can hold. */
struct Stacks {
	unsigned char *memory;
	size_t made;
	Stack *waiting;
	Stack stack[STACKS];
};

[[noreturn]] inline void fail(const char *what)
{
	fprintf(stderr, "cuda shim: %s\n", what);
	abort();
}

inline Stack *stack_new(Stacks *all, void (*enter)())
{
	if (!all->memory) {
		void *memory =
		    mmap(nullptr, (STACKS + 1) * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			fail("no memory for stacks");
		all->memory = (unsigned char *)memory;
	}
	if (all->made == STACKS)
		fail("more than 1024 stacks");
	Stack *s = &all->stack[all->made];
	s->bottom = all->memory + (all->made + 1) * STACK_SIZE; /* below the first one too there is room to be overrun */
	memcpy(s->bottom, "\xac\x57\xfe\x5a", 4);
	/* stacks begin at different places of their pages, so that they do not fight for the same cache lines */
	size_t colour = all->made++ % 16 * 320;
	context_make(&s->context, enter, s->bottom, STACK_SIZE - colour);
	return s;
}

inline void stack_check(const Stack *s)
{
	uint32_t canary;
	memcpy(&canary, s->bottom, 4);
	if (canary != CANARY)
		fail("a kernel's thread overran its stack of 64 KiB");
}

} // namespace shim

#endif
