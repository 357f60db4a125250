/* detect_fragment.c -- the file of --detect. */
#include "compiler/detect_fragment.h"
bool detect_fragment_apply(Graph *g, const char *path, Diag *d)
{
	(void)g;
	diag_error(d, DIAG_UNSUPPORTED, (Loc){.file = path, .offset = -1}, "--detect is not read yet");
	return false;
}
