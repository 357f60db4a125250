/* arena.h -- memory that is given back all at once.
 *
 * The compiler has two: the graph's, which lives as long as the graph, and a scratch that the pass runner empties
 * after each pass. Nothing is freed piece by piece, so nothing can be freed twice or forgotten. When the machine has
 * no more memory the program ends in stop_out_of_memory() (ir/cleanup.h); no caller tests for null.
 */
#ifndef IR_ARENA_H
#define IR_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *a);  /* gives everything back; null is allowed */
void arena_reset(Arena *a); /* empties it; some blocks stay at hand */

void *arena_alloc(Arena *a, size_t size);                                /* zeroed, aligned to 64 bytes */
void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size); /* copies; the tail is zeroed */
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_printf(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_new_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))
#define arena_new_one(a, type) arena_new_array(a, type, 1)

#endif
