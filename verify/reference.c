/* reference.c -- finds and reads the .npy file of a result. */
#include "verify/reference.h"
#include "base/files.h"
#include "import/formats/npy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REFERENCE_LIMIT = 1 << 30 };

static const char *file_of(const char *folder, const char *name, Arena *a)
{
	char *file = arena_strdup(a, name);
	for (char *s = file; *s; s++)
		if (*s == '/' || *s == '\\' || (unsigned char)*s < ' ')
			*s = '_';
	return arena_printf(a, "%s/%s.npy", folder, file);
}

double *reference_read(const char *folder, Graph *g, const Value *v, Arena *a, Diag *d)
{
	size_t size;
	const char *file = v->name ? file_of(folder, v->name, g->arena) : NULL;
	if (!file || access(file, F_OK))
		return NULL;
	const char *data = file_text(file, REFERENCE_LIMIT, &size, a, d);
	const Blob *b = data ? npy_read(g, data, size, file, d) : NULL;
	if (b && blob_count(b) == type_count(&v->type))
		return blob_read_f64(b, a);
	if (b)
		diag_error(d, DIAG_REJECT, (Loc){.file = file, .offset = -1}, "%lld numbers; '%s' has %lld", (long long)blob_count(b),
		           diag_quote(a, v->name), (long long)type_count(&v->type));
	return NULL;
}

int reference_count(const char *folder, Diag *d)
{
	DIR *dir = opendir(folder);
	int n = 0;
	if (!dir) {
		diag_error(d, DIAG_IO, (Loc){.file = folder, .offset = -1}, "cannot read the folder: %s", strerror(errno));
		return -1;
	}
	errno = 0;
	for (const struct dirent *e; (e = readdir(dir)); errno = 0) {
		size_t length = strlen(e->d_name);
		n += length > 4 && !strcmp(e->d_name + length - 4, ".npy");
	}
	if (errno) {
		diag_error(d, file_error_class(errno), (Loc){.file = folder, .offset = -1}, "cannot read the folder: %s", strerror(errno));
		n = -1;
	}
	closedir(dir);
	return n;
}
