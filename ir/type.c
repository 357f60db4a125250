/* type.c -- element types, shapes and memory layouts. */
#include "ir/ir.h"

#include <string.h>

static const struct {
	const char *name;
	int size;
	bool is_float, is_unsigned;
} dtypes[DT_COUNT] = {
    [DT_NONE] = {"none", 0, false, false}, [DT_F32] = {"f32", 4, true, false},   [DT_F16] = {"f16", 2, true, false},
    [DT_BF16] = {"bf16", 2, true, false},  [DT_I8] = {"i8", 1, false, false},    [DT_U8] = {"u8", 1, false, true},
    [DT_I32] = {"i32", 4, false, false},   [DT_I64] = {"i64", 8, false, false},  [DT_F64] = {"f64", 8, true, false},
    [DT_I16] = {"i16", 2, false, false},   [DT_U16] = {"u16", 2, false, true},   [DT_U32] = {"u32", 4, false, true},
    [DT_U64] = {"u64", 8, false, true},    [DT_BOOL] = {"bool", 1, false, true},
};

const char *dtype_name(DType t)
{
	return dtypes[t].name;
}

DType dtype_from_name(const char *s)
{
	for (int t = DT_F32; t < DT_COUNT; t++)
		if (!strcmp(dtypes[t].name, s))
			return (DType)t;
	return DT_NONE;
}

int dtype_size(DType t)
{
	return dtypes[t].size;
}

bool dtype_is_float(DType t)
{
	return dtypes[t].is_float;
}

bool dtype_in(DType t, DTypeSet set)
{
	return set >> t & 1;
}

bool dtype_is_unsigned(DType t)
{
	return dtypes[t].is_unsigned;
}

Type type_make(DType t, int rank, const int64_t *dim)
{
	Type type = {.dtype = t, .rank = rank, .layout = {.block = 1}};
	for (int i = 0; i < rank; i++)
		type.dim[i] = dim[i];
	return type;
}

bool extents_fit(int rank, const int64_t *dim)
{
	int64_t product = 1;
	for (int i = 0; i < rank; i++) {
		if (dim[i] < 0 || dim[i] > INT32_MAX)
			return false;
		if (dim[i] && (product *= dim[i]) > INT32_MAX)
			return false;
	}
	return true;
}

int64_t type_count(const Type *t)
{
	int64_t n = 1;
	for (int i = 0; i < t->rank; i++)
		n *= t->dim[i];
	return n;
}

static int64_t channel_blocks(const Type *t)
{
	return (t->dim[1] + t->layout.block - 1) / t->layout.block;
}

int64_t type_storage(const Type *t)
{
	if (t->rank != 4)
		return type_count(t);
	return t->dim[0] * channel_blocks(t) * t->layout.block * layout_rows(t) * layout_cols(t);
}

int64_t type_index(const Type *t, const int64_t *at)
{
	int64_t index = 0;
	if (t->rank != 4) {
		for (int i = 0; i < t->rank; i++)
			index = index * t->dim[i] + at[i];
		return index;
	}
	const Layout *l = &t->layout;
	index = at[0] * channel_blocks(t) + at[1] / l->block;
	index = index * layout_rows(t) + at[2] + l->halo[0];
	index = index * layout_cols(t) + at[3] + l->halo[1];
	return index * l->block + at[1] % l->block;
}

bool type_is_dense(const Type *t)
{
	if (t->rank != 4)
		return true;
	const Layout *l = &t->layout;
	if (layout_has_halo(l))
		return false;
	/* one pixel, or one channel: every blocking is the plain order */
	return l->block == 1 || (t->dim[1] % l->block == 0 && t->dim[2] * t->dim[3] == 1);
}

bool type_same_shape(const Type *a, const Type *b)
{
	return a->dtype == b->dtype && a->rank == b->rank && !memcmp(a->dim, b->dim, sizeof a->dim[0] * (size_t)a->rank);
}

bool type_equal(const Type *a, const Type *b)
{
	return type_same_shape(a, b) && !memcmp(&a->layout, &b->layout, sizeof a->layout);
}
