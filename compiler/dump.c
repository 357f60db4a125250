/* dump.c -- a set of one file for each pass: dumps are there to look at when a later pass fails. */
#include "compiler/dump.h"
#include "base/files.h"
#include "base/output_set.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool dump_folder_make(const char *dir, Diag *d)
{
	if (!mkdir(dir, 0777) || errno == EEXIST)
		return true;
	diag_error(d, file_error_class(errno), (Loc){.file = dir, .offset = -1}, "cannot make the folder for dumps: %s", strerror(errno));
	return false;
}

void dump_graph(const void *dir, const Graph *g, int number, const char *pass, Diag *d)
{
	Arena *a = arena_new();
	OutputSet *s = output_set_new(a, d);
	FILE *f = output_set_open(s, arena_printf(a, "%s/%03d-%s.ir", (const char *)dir, number, pass));
	if (f) {
		graph_print(g, f, (PrintOptions){0});
		output_set_commit(s);
	} else {
		output_set_drop(s);
	}
	arena_free(a);
}
