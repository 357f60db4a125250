/* condition.h -- the value of a preprocessor condition over whole numbers. */
#ifndef CODEGEN_CONDITION_H
#define CODEGEN_CONDITION_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t NumberOf(void *context, const char *word, size_t n);

/* Operators of C with C's precedence: ! - * / % + - < > <= >= == != && || and parentheses. */
int64_t condition_value(const char *s, size_t n, NumberOf *number_of, void *context);

#endif
