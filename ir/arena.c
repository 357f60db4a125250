/* arena.c -- a chain of blocks, each twice the size of the one before up to a bound. */
#include "ir/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FIRST_BLOCK = 64 << 10, LARGEST_BLOCK = 8 << 20 };

typedef struct Block Block;
struct Block {
	Block *next;
	size_t size, used; /* bytes after the header */
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
	Block *b = aligned_alloc(ALIGN, ALIGN + size);
	if (!b)
		out_of_memory();
	*b = (Block){.size = size};
	return b;
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
		free(a->head);
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
			b->used = rounded;
			b->next = a->head->next;
			a->head->next = b;
			return memset(block_bytes(b), 0, rounded);
		}
		b->next = a->head;
		a->head = b;
		if (a->next_size < LARGEST_BLOCK)
			a->next_size *= 2;
	}
	void *p = block_bytes(a->head) + a->head->used;
	a->head->used += rounded;
	return memset(p, 0, rounded);
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
