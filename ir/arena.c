/* arena.c -- a chain of blocks, each twice the size of the one before up to a bound. Large blocks are mapped on their
 * own: they come zeroed, and go back to the system when the arena is emptied, however malloc's heap is cut up. */
#include "ir/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGN = 64, FIRST_BLOCK = 64 << 10, LARGEST_BLOCK = 8 << 20, MAPPED_FROM = 1 << 20 };

typedef struct Block Block;
struct Block {
	Block *next;
	size_t size, used; /* bytes after the header */
	int mapped;
};

struct Arena {
	Block *head; /* the block that is being filled; older ones follow */
	size_t next_size;
};

static _Noreturn void out_of_memory(void)
{
	fputs("dssdc: error: out of memory [limit]\n", stderr);
	exit(4);
}

static char *block_bytes(Block *b)
{
	return (char *)b + ALIGN;
}

static Block *block_new(size_t size)
{
	_Static_assert(sizeof(Block) <= ALIGN, "the header fits in front of the first aligned byte");
	if (size > SIZE_MAX - 2 * ALIGN)
		out_of_memory();
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	int mapped = size >= MAPPED_FROM;
	Block *b = mapped ? mmap(NULL, ALIGN + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
			  : aligned_alloc(ALIGN, ALIGN + size);
	if (!b || b == MAP_FAILED)
		out_of_memory();
#ifdef MADV_HUGEPAGE
	if (mapped)
		madvise(b, ALIGN + size, MADV_HUGEPAGE); /* a hint: fewer page faults */
#endif
	*b = (Block){.size = size, .mapped = mapped};
	return b;
}

static void block_free(Block *b)
{
	if (b->mapped)
		munmap(b, ALIGN + b->size);
	else
		free(b);
}

/* Room that nobody had before is zeroed; mapped memory is zero already. */
static void *take(Block *b, size_t size)
{
	void *p = block_bytes(b) + b->used;
	b->used += size;
	return b->mapped ? p : memset(p, 0, size);
}

Arena *arena_new(void)
{
	Arena *a = calloc(1, sizeof *a);
	if (!a)
		out_of_memory();
	a->next_size = FIRST_BLOCK;
	return a;
}

void arena_reset(Arena *a)
{
	while (a->head) {
		Block *next = a->head->next;
		block_free(a->head);
		a->head = next;
	}
	a->next_size = FIRST_BLOCK;
}

void arena_free(Arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a);
}

void *arena_alloc(Arena *a, size_t size)
{
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (rounded < size)
		out_of_memory();
	if (!a->head || a->head->size - a->head->used < rounded) {
		size_t want = a->next_size;
		Block *b = block_new(rounded > want ? rounded : want);
		if (rounded > want && a->head) { /* a block of its own; the current one stays open */
			b->next = a->head->next;
			a->head->next = b;
			return take(b, rounded);
		}
		b->next = a->head;
		a->head = b;
		if (a->next_size < LARGEST_BLOCK)
			a->next_size *= 2;
	}
	return take(a->head, rounded);
}

void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size)
{
	void *p = arena_alloc(a, new_size);
	if (old_size)
		memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}

char *arena_strndup(Arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	memcpy(p, s, n);
	return p;
}

char *arena_strdup(Arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return p;
}
