/* utf8.h -- text that is valid UTF-8 whatever a model calls its layers. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "ir/arena.h"

const char *utf8_valid(const char *s, Arena *a); /* bytes that are none become U+FFFD; lives in a */

#endif
