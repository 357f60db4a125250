/* arena.c -- a chain of blocks, each twice the size of the one before up to a bound. Large blocks are mapped on their
 * own: they come zeroed, and go back to the system when the arena is emptied, however malloc's heap is cut up. A few are
 * kept for the next round: a scratch that is emptied for each layer would have the system clear a gigabyte of pages. */
#include "ir/arena.h"
#include "ir/cleanup.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGN = 64, FIRST_BLOCK = 64 << 10, LARGEST_BLOCK = 8 << 20, MAPPED_FROM = 1 << 20, SPARE_LIMIT = 48 << 20 };

typedef struct Block Block;
struct Block {
	Block *next;
	size_t size, used; /* bytes after the header */
	bool mapped;
	bool fresh; /* never used: all zero */
};

struct Arena {
	Block *head;  /* the block that is being filled; older ones follow */
	Block *spare; /* mapped blocks of earlier rounds */
	size_t spare_size;
	size_t next_size;
};

static char *block_bytes(Block *b)
{
	return (char *)b + ALIGN;
}

static Block *block_new(size_t size)
{
	_Static_assert(sizeof(Block) <= ALIGN, "the header fits in front of the first aligned byte");
	if (size > SIZE_MAX - 2 * ALIGN)
		stop_out_of_memory();
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	bool mapped = size >= MAPPED_FROM;
	Block *b = mapped ? mmap(NULL, ALIGN + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
	                  : aligned_alloc(ALIGN, ALIGN + size);
	if (!b || b == MAP_FAILED)
		stop_out_of_memory();
#ifdef MADV_HUGEPAGE
	if (mapped)
		madvise(b, ALIGN + size, MADV_HUGEPAGE); /* a hint: fewer page faults */
#endif
	*b = (Block){.size = size, .mapped = mapped, .fresh = mapped};
	return b;
}

static void block_free(Block *b)
{
	if (b->mapped)
		munmap(b, ALIGN + b->size);
	else
		free(b);
}

/* Room is handed out zeroed; a newly mapped block is zero already. */
static void *take(Block *b, size_t size)
{
	void *p = block_bytes(b) + b->used;
	b->used += size;
	return b->fresh ? p : memset(p, 0, size);
}

Arena *arena_new(void)
{
	Arena *a = calloc(1, sizeof *a);
	if (!a)
		stop_out_of_memory();
	a->next_size = FIRST_BLOCK;
	return a;
}

/* A spare block that holds size bytes and is not far too large for them, or null. */
static Block *take_spare(Arena *a, size_t size)
{
	for (Block **link = &a->spare; *link; link = &(*link)->next) {
		Block *b = *link;
		if (b->size < size || b->size / 4 > size)
			continue;
		*link = b->next;
		a->spare_size -= b->size;
		return b;
	}
	return NULL;
}

void arena_reset(Arena *a)
{
	while (a->head) {
		Block *b = a->head;
		a->head = b->next;
		if (!b->mapped || a->spare_size + b->size > SPARE_LIMIT) {
			block_free(b);
			continue;
		}
		b->used = 0;
		b->fresh = false;
		b->next = a->spare;
		a->spare = b;
		a->spare_size += b->size;
	}
	a->next_size = FIRST_BLOCK;
}

void arena_free(Arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	while (a->spare) {
		Block *next = a->spare->next;
		block_free(a->spare);
		a->spare = next;
	}
	free(a);
}

void *arena_alloc(Arena *a, size_t size)
{
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (rounded < size)
		stop_out_of_memory();
	if (!a->head || a->head->size - a->head->used < rounded) {
		size_t want = a->next_size;
		Block *b = take_spare(a, rounded > want ? rounded : want);
		if (!b)
			b = block_new(rounded > want ? rounded : want);
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
	if (n < 0)
		stop_out_of_memory();
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return p;
}
