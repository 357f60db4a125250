/* report_utf8.h -- text that is valid UTF-8 whatever a model calls its layers. */
#ifndef COMPILER_REPORT_REPORT_UTF8_H
#define COMPILER_REPORT_REPORT_UTF8_H

#include "ir/arena.h"

const char *report_utf8(const char *s, Arena *a); /* bytes that are none become U+FFFD; lives in a */

#endif
