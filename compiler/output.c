/* output.c -- a temporary name beside the final one, then a rename. */
#include "compiler/output.h"
#include "compiler/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool refuse(const char *path, const char *why, Diag *d)
{
	diag_error(d, DIAG_IO, (Loc){.file = path, .offset = -1}, "cannot write: %s", why);
	return false;
}

bool output_open(Output *o, const char *path, const char *const *keep, Arena *a, Diag *d)
{
	*o = (Output){.path = path, .file = stdout};
	if (!path || !strcmp(path, "-"))
		return true;
	if (keep && file_is_one_of(path, keep))
		return refuse(path, "this is a file that the model is read from", d);
	o->temporary = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
	o->file = fopen(o->temporary, "w");
	return o->file || refuse(path, strerror(errno), d);
}

bool output_close(Output *o, bool good, Diag *d)
{
	if (!o->temporary)
		return good; /* main() looks at standard output */
	bool written = !ferror(o->file);
	written = !fclose(o->file) && written;
	if (good && written && !rename(o->temporary, o->path))
		return true;
	if (good)
		refuse(o->path, strerror(errno), d);
	unlink(o->temporary);
	return false;
}
