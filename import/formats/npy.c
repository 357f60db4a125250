/* npy.c -- the format: "\x93NUMPY", version, length of a header, the header (a Python literal of three entries padded
 * with blanks), the numbers. Accepted are the spellings that NumPy itself writes, little-endian and in C order. */
#include "import/formats/npy.h"

#include <string.h>

static const struct {
	const char *descr;
	DType type;
} descrs[] = {
    {"<f4", DT_F32}, {"<f8", DT_F64}, {"<f2", DT_F16}, {"|i1", DT_I8},  {"|u1", DT_U8},  {"|b1", DT_BOOL},
    {"<i2", DT_I16}, {"<u2", DT_U16}, {"<i4", DT_I32}, {"<u4", DT_U32}, {"<i8", DT_I64}, {"<u8", DT_U64},
};
enum { NDESCRS = sizeof descrs / sizeof *descrs };

typedef struct Npy {
	const char *p, *end; /* what is left of the header */
} Npy;

static void skip_blanks(Npy *n)
{
	while (n->p < n->end && (*n->p == ' ' || *n->p == '\n'))
		n->p++;
}

static bool take(Npy *n, const char *word)
{
	size_t size = strlen(word);
	skip_blanks(n);
	if ((size_t)(n->end - n->p) < size || memcmp(n->p, word, size))
		return false;
	n->p += size;
	return true;
}

/* (), (3,), (3, 4) */
static bool take_shape(Npy *n, Type *t)
{
	if (!take(n, "("))
		return false;
	for (t->rank = 0; !take(n, ")");) {
		if (t->rank == MAX_RANK || n->p == n->end || *n->p < '0' || *n->p > '9')
			return false;
		int64_t x = 0;
		for (; n->p < n->end && *n->p >= '0' && *n->p <= '9'; n->p++)
			if ((x = x * 10 + (*n->p - '0')) > INT32_MAX)
				return false;
		t->dim[t->rank++] = x;
		if (!take(n, ",") && t->rank == 1)
			return false;
		skip_blanks(n);
	}
	return true;
}

static bool take_header(Npy *n, Type *t)
{
	int i = 0;
	if (!take(n, "{") || !take(n, "'descr':") || !take(n, "'"))
		return false;
	while (i < NDESCRS && !take(n, descrs[i].descr))
		i++;
	if (i == NDESCRS || !take(n, "'") || !take(n, ",") || !take(n, "'fortran_order':") || !take(n, "False") || !take(n, ",") ||
	    !take(n, "'shape':"))
		return false;
	t->dtype = descrs[i].type;
	if (!take_shape(n, t))
		return false;
	take(n, ",");
	return take(n, "}");
}

Blob *npy_read(Graph *g, const char *data, size_t size, const char *file, Diag *d)
{
	const Loc loc = {.file = file, .offset = 0};
	const unsigned char *p = (const unsigned char *)data;
	size_t start = size >= 12 && p[6] == 1 ? 10 : 12, length = 0;
	if (size >= 12)
		length = start == 10 ? p[8] | (size_t)p[9] << 8 : p[8] | (size_t)p[9] << 8 | (size_t)p[10] << 16 | (size_t)p[11] << 24;
	if (size < 12 || p[6] < 1 || p[6] > 3 || length > size - start) {
		diag_error(d, DIAG_REJECT, loc, "not a NumPy file of version 1, 2 or 3");
		return NULL;
	}
	Npy n = {data + start, data + start + length};
	Type t = {0};
	if (!take_header(&n, &t)) {
		diag_error(d, DIAG_UNSUPPORTED, loc,
		           "a NumPy header that is not {'descr': little-endian numbers, 'fortran_order': False, "
		           "'shape': up to %d extents}",
		           MAX_RANK);
		return NULL;
	}
	size_t left = size - start - length;
	if (!extents_fit(t.rank, t.dim) || (size_t)(type_count(&t) * dtype_size(t.dtype)) != left) {
		diag_error(d, DIAG_REJECT, loc, "%zu bytes of numbers; the shape asks for another count", left);
		return NULL;
	}
	t = type_make(t.dtype, t.rank, t.dim);
	return blob_bytes(g, &t, data + start + length);
}
