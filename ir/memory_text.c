/* memory_text.c -- a buffer that fopencookie() writes to: the write function is where memory can be missing, and it does not
 * return then. */
#define _GNU_SOURCE /* fopencookie */
#include "ir/memory_text.h"
#include "ir/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096 };

static void reserve(MemoryText *m, size_t more)
{
	if (more < m->room - m->size)
		return;
	if (more > SIZE_MAX / 4 || m->room > SIZE_MAX / 4)
		stop_out_of_memory();
	size_t room = m->room ? 2 * m->room : FIRST_ROOM;
	while (room - m->size <= more)
		room *= 2;
	char *text = realloc(m->text, room);
	if (!text)
		stop_out_of_memory();
	m->text = text;
	m->room = room;
}

static ssize_t append(void *context, const char *bytes, size_t n)
{
	MemoryText *m = context;
	reserve(m, n);
	memcpy(m->text + m->size, bytes, n);
	m->size += n;
	return (ssize_t)n;
}

FILE *memory_text_open(MemoryText *m)
{
	*m = (MemoryText){.file = NULL};
	m->file = fopencookie(m, "w", (cookie_io_functions_t){.write = append});
	if (!m->file)
		stop_out_of_memory();
	return m->file;
}

size_t memory_text_size(MemoryText *m)
{
	if (fflush(m->file))
		stop_out_of_memory();
	return m->size;
}

char *memory_text_close(MemoryText *m)
{
	const int failed = ferror(m->file);
	if (fclose(m->file) || failed)
		stop_out_of_memory();
	m->file = NULL;
	reserve(m, 1);
	m->text[m->size] = 0;
	return m->text;
}
