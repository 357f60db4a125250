/* extents.c -- each kernel's head says how much memory its pointers lead to: `const float x[1024]` in place of `const float *x`.
 * To the compiler it is the same; a reader and dssdc check hold the function and its calls to it. */
#include "codegen/emit.h"
#include "codegen/kernel.h"
#include "ir/diag.h"

#include <string.h>

int64_t constant_extent(const Node *n, int i)
{
	return n->in[i]->data ? blob_count(n->in[i]->data) : type_count(&n->in[i]->type);
}

/* As print_arguments() lists them. On devices a queue comes first, and joined weights and scratch are bytes. */
int extents_of(const Emission *e, const Node *n, const int64_t **extent)
{
	int64_t *x = arena_new_array(e->arena, int64_t, n->nin + n->nout + 3);
	const bool joined = n->kernel->constants == CONSTANTS_JOINED;
	const int64_t unit = e->device ? 1 : 4;
	int count = 0;
	if (e->device)
		x[count++] = 0;
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i] || (value_is_constant(n->in[i]) && joined))
			continue;
		x[count++] = value_is_constant(n->in[i]) ? constant_extent(n, i) : type_storage(&n->in[i]->type);
	}
	if (n->weights_size && joined)
		x[count++] = n->weights_size / unit;
	for (int k = 0; k < n->nout && n->op != OP_detect; k++)
		x[count++] = type_storage(&n->out[k]->type);
	if (n->scratch_size)
		x[count++] = n->scratch_size / unit;
	*extent = x;
	return count;
}

/* ---- the function's head ---- */

/* From the bracket that opens the parameters to the one that closes them. */
static const char *parameters_end(const char *s)
{
	while (*s && *s != ')')
		s++;
	return s;
}

const char *extents_declare(const Emission *e, const char *function, const int64_t *extent, int nextent, const char *text)
{
	const char *name = arena_printf(e->arena, " %s_%s(", e->options->name, function), *at = strstr(text, name);
	if (!at)
		bug("a template defines no%s", name);
	const char *begin = at + strlen(name), *end = parameters_end(begin), *done = begin;
	const char *head = arena_strndup(e->arena, text, (size_t)(begin - text));
	int k = 0;
	for (const char *s = begin; s < end && k < nextent; s++) {
		if (*s != '*' || extent[k++] <= 0)
			continue;
		const size_t length = strcspn(s + 1, ",)\n");
		head = arena_printf(e->arena, "%s%.*s%.*s[%lld]", head, (int)(s - done), done, (int)length, s + 1, (long long)extent[k - 1]);
		done = s + 1 + length;
	}
	if (k != nextent)
		bug("%s) has %d pointers, its calls pass %d", name, k, nextent);
	return arena_printf(e->arena, "%s%s", head, done);
}
