/* memory_text.h -- a stream whose text stays in memory, whole or not at all.
 *
 * open_memstream() loses bytes without a word when memory runs out: its stream has no error then. Here the program ends
 * as it does when an arena cannot grow. Nothing else in the compiler makes such streams; tests/structure looks.
 */
#ifndef IR_MEMORY_TEXT_H
#define IR_MEMORY_TEXT_H

#include <stddef.h>
#include <stdio.h>

typedef struct MemoryText {
	FILE *file;
	char *text; /* what was flushed so far */
	size_t size, room;
} MemoryText;

FILE *memory_text_open(MemoryText *m);  /* m stays where it is until it is closed */
size_t memory_text_size(MemoryText *m); /* bytes so far */
char *memory_text_close(MemoryText *m); /* with a NUL after m->size bytes; the caller frees it */

#endif
