/* capitals.c -- what macros and constants of a model begin with, beside its functions' prefix.
 *
 * Capital letters of the prefix, with three exceptions, so that no header takes a word of another one. A prefix of small and capital
 * letters is kept as it is: `det` has DET_OK and `Det` has Det_OK in one source file. A prefix in capitals gets Model_ in
 * front (`DET` has Model_DET_OK). Where the capitals and a word of ours would be a macro of the C library or of POSIX (X_OK of
 * unistd.h), MODEL_ comes first. */
#include "codegen/codegen.h"

#include <ctype.h>
#include <string.h>

/* X_OK, W_OK, R_OK, F_OK (unistd.h), Z_OK (zlib.h), SCHED_BATCH, MSG_BATCH, CMSG_ALIGN, PNG_RGB and its like of libpng, JCS_RGB of libjpeg.
 */
static const char *const taken[] = {"X", "W", "R", "F", "Z", "SCHED", "MSG", "CMSG", "PNG", "JCS", NULL};

const char *capitals_of(const char *prefix, Arena *a)
{
	bool small = false, large = false;
	char *s = arena_strdup(a, prefix);
	for (char *p = s; *p; p++) {
		small |= islower((unsigned char)*p) != 0;
		large |= isupper((unsigned char)*p) != 0;
	}
	if (small && large)
		return s;
	if (large)
		return arena_printf(a, "Model_%s", s);
	for (char *p = s; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (int i = 0; taken[i]; i++)
		if (!strcmp(s, taken[i]))
			return arena_printf(a, "MODEL_%s", s);
	return s;
}
