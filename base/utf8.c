/* utf8.c -- names from models, fit for JSON and HTML. */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 sequence at s, or 0 when it is none: overlong forms and surrogates too. */
static size_t sequence_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80                   ? 1
	           : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
	           : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
	           : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
	                                         : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	bool bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	           (s[0] == 0xf4 && s[1] > 0x8f);
	return bad ? 0 : n;
}

const char *utf8_valid(const char *s, Arena *a)
{
	char *text = arena_alloc(a, 3 * strlen(s) + 1), *o = text;
	while (*s) {
		size_t n = sequence_length((const unsigned char *)s);
		memcpy(o, n ? s : "\xef\xbf\xbd", n ? n : 3);
		o += n ? n : 3;
		s += n ? n : 1;
	}
	return text;
}
