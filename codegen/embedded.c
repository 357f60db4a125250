/* embedded.c -- looking up an embedded file. */
#include "codegen/embedded.h"

#include <string.h>

const EmbeddedFile *embedded_find(const char *name)
{
	for (const EmbeddedFile *f = embedded_files; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
