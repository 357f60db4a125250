/* blob.c -- constants as recipes: reading them, hashing them.
 *
 * A recipe is read into the arena of whoever asks and forgotten there, so weights pass through memory one layer at a
 * time. The hash of a recipe is made of the hashes of its parts: equal hashes mean equal content, but the same
 * content made in two ways has two hashes.
 */
#include "ir/ir.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

int64_t blob_count(const Blob *b)
{
	int64_t n = 1;
	for (int i = 0; i < b->rank; i++)
		n *= b->dim[i];
	return n;
}

static Blob *blob_new(Graph *g, BlobKind kind, DType dtype, int rank, const int64_t *dim)
{
	Blob *b = arena_new_one(g->arena, Blob);
	b->kind = kind;
	b->dtype = dtype;
	b->rank = rank;
	b->fd = -1;
	memcpy(b->dim, dim, sizeof *dim * (size_t)rank);
	return b;
}

Blob *blob_bytes(Graph *g, const Type *t, const void *data)
{
	Blob *b = blob_new(g, BLOB_BYTES, t->dtype, t->rank, t->dim);
	size_t size = (size_t)(blob_count(b) * dtype_size(t->dtype));
	b->data = size ? memcpy(arena_alloc(g->arena, size), data, size) : arena_alloc(g->arena, 1);
	return b;
}

Blob *blob_from_f64(Graph *g, const Type *t, const double *data)
{
	Blob *b = blob_new(g, BLOB_BYTES, t->dtype, t->rank, t->dim);
	int64_t n = blob_count(b);
	char *bytes = arena_alloc(g->arena, (size_t)(n * dtype_size(t->dtype)) + 1);
	for (int64_t i = 0; i < n; i++)
		number_store(t->dtype, data[i], bytes + i * dtype_size(t->dtype));
	b->data = bytes;
	return b;
}

Blob *blob_scaled(Graph *g, Blob *part, int axis, const float *factor)
{
	Blob *b = blob_new(g, BLOB_SCALED, DT_F32, part->rank, part->dim);
	b->part = arena_new_one(g->arena, Blob *);
	b->part[0] = part;
	b->npart = 1;
	b->axis = axis;
	float *copy = arena_new_array(g->arena, float, part->dim[axis]);
	memcpy(copy, factor, sizeof *factor * (size_t)part->dim[axis]);
	b->factor = copy;
	return b;
}

Blob *blob_concat(Graph *g, Blob **part, int npart, int axis)
{
	Blob *b = blob_new(g, BLOB_CONCAT, DT_F32, part[0]->rank, part[0]->dim);
	b->part = arena_new_array(g->arena, Blob *, npart);
	memcpy(b->part, part, sizeof *part * (size_t)npart);
	b->npart = npart;
	b->axis = axis;
	b->dim[axis] = 0;
	for (int i = 0; i < npart; i++)
		b->dim[axis] += part[i]->dim[axis];
	return b;
}

Blob *blob_rounded(Graph *g, Blob *part, DType t)
{
	Blob *b = blob_new(g, BLOB_ROUNDED, t, part->rank, part->dim);
	b->part = arena_new_one(g->arena, Blob *);
	b->part[0] = part;
	b->npart = 1;
	return b;
}

/* ---- reading ---- */

static const void *raw_bytes(const Blob *b, Arena *a)
{
	if (b->kind == BLOB_BYTES)
		return b->data;
	size_t size = (size_t)(blob_count(b) * dtype_size(b->dtype)), done = 0;
	char *p = arena_alloc(a, size + 1);
	while (done < size) {
		ssize_t n = pread(b->fd, p + done, size - done, (off_t)b->offset + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			diag_stop(DIAG_IO, (Loc){.file = b->file, .offset = b->offset + (int64_t)done}, "%s",
			          n ? strerror(errno) : "the file became shorter while it was read");
		done += (size_t)n;
	}
	return p;
}

static void convert_f32(const void *raw, DType dtype, int64_t n, float *out)
{
	switch (dtype) {
	case DT_F32:
		memcpy(out, raw, sizeof *out * (size_t)n);
		return;
#define CONVERT(dt, type, expression)           \
	case dt: {                              \
		const type *p = raw;            \
		for (int64_t i = 0; i < n; i++) \
			out[i] = expression;    \
		return;                         \
	}
		CONVERT(DT_F16, uint16_t, f16_to_float(p[i]))
		CONVERT(DT_BF16, uint16_t, bf16_to_float(p[i]))
		CONVERT(DT_I8, int8_t, (float)p[i])
		CONVERT(DT_U8, uint8_t, (float)p[i])
		CONVERT(DT_I32, int32_t, (float)p[i])
		CONVERT(DT_I64, int64_t, (float)p[i])
		CONVERT(DT_F64, double, (float)p[i])
		CONVERT(DT_I16, int16_t, (float)p[i])
		CONVERT(DT_U16, uint16_t, (float)p[i])
		CONVERT(DT_U32, uint32_t, (float)p[i])
		CONVERT(DT_U64, uint64_t, (float)p[i])
		CONVERT(DT_BOOL, uint8_t, p[i] ? 1.0f : 0.0f)
#undef CONVERT
	case DT_NONE:
	case DT_COUNT:
		break;
	}
	bug("constant without an element type");
}

/* splitmix64: a good mix of 64 bits, and a counter-based generator. */
static uint64_t mix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* Sum of four uniforms, scaled to deviation 1: bell-shaped, bounded by 3.5, the same on every machine. */
static void fill_random(const Blob *b, float *out)
{
	int64_t n = blob_count(b);
	for (int64_t i = 0; i < n; i++) {
		uint64_t r = mix64(b->seed + (uint64_t)i * 0x632be59bd9b4e019u);
		double sum = (double)(r & 0xffff) + (double)(r >> 16 & 0xffff) + (double)(r >> 32 & 0xffff) + (double)(r >> 48);
		out[i] = (float)(b->mean + b->deviation * (sum / 65536 - 2 + 2.0 / 65536) * 1.7320508075688772);
	}
}

static void strides(const Blob *b, int64_t *outer, int64_t *inner)
{
	*outer = *inner = 1;
	for (int i = 0; i < b->axis; i++)
		*outer *= b->dim[i];
	for (int i = b->axis + 1; i < b->rank; i++)
		*inner *= b->dim[i];
}

static void read_scaled(const Blob *b, Arena *a, float *out)
{
	const float *x = blob_read_f32(b->part[0], a);
	int64_t outer, inner;
	strides(b, &outer, &inner);
	for (int64_t o = 0; o < outer; o++)
		for (int64_t c = 0; c < b->dim[b->axis]; c++) {
			float factor = b->factor[c];
			for (int64_t i = 0; i < inner; i++)
				*out++ = *x++ * factor;
		}
}

static void read_concat(const Blob *b, Arena *a, float *out)
{
	int64_t outer, inner, at = 0;
	strides(b, &outer, &inner);
	int64_t row = b->dim[b->axis] * inner;
	for (int p = 0; p < b->npart; p++) {
		const float *x = blob_read_f32(b->part[p], a);
		int64_t n = b->part[p]->dim[b->axis] * inner;
		for (int64_t o = 0; o < outer; o++)
			memcpy(out + o * row + at, x + o * n, sizeof *out * (size_t)n);
		at += n;
	}
}

static void read_rounded(const Blob *b, Arena *a, float *out)
{
	const float *x = blob_read_f32(b->part[0], a);
	int64_t n = blob_count(b);
	for (int64_t i = 0; i < n; i++)
		out[i] = (float)number_round(b->dtype, (double)x[i]);
}

float *blob_read_f32(const Blob *b, Arena *a)
{
	int64_t n = blob_count(b);
	if (b->kind == BLOB_FILE && b->dtype == DT_F32)
		return (float *)raw_bytes(b, a);
	float *out = arena_new_array(a, float, n + 1);
	switch (b->kind) {
	case BLOB_BYTES:
	case BLOB_FILE:
		convert_f32(raw_bytes(b, a), b->dtype, n, out);
		break;
	case BLOB_SCALED:
	case BLOB_DEQUANT:
		read_scaled(b, a, out);
		break;
	case BLOB_CONCAT:
		read_concat(b, a, out);
		break;
	case BLOB_RANDOM:
		fill_random(b, out);
		break;
	case BLOB_ROUNDED:
		read_rounded(b, a, out);
		break;
	case BLOB_ELIDED:
		bug("the bytes of a constant are asked for, but only its hash is known");
	}
	return out;
}

double *blob_read_f64(const Blob *b, Arena *a)
{
	int64_t n = blob_count(b);
	double *out = arena_new_array(a, double, n + 1);
	if (b->dtype == DT_F64) {
		memcpy(out, raw_bytes(b, a), sizeof *out * (size_t)n);
	} else if (!dtype_is_float(b->dtype)) {
		const int64_t *x = blob_read_i64(b, a);
		for (int64_t i = 0; i < n; i++)
			out[i] = int_to_double(x[i], b->dtype);
	} else {
		const float *x = blob_read_f32(b, a);
		for (int64_t i = 0; i < n; i++)
			out[i] = (double)x[i];
	}
	return out;
}

int64_t *blob_read_i64(const Blob *b, Arena *a)
{
	int64_t n = blob_count(b);
	int64_t *out = arena_new_array(a, int64_t, n + 1);
	if (dtype_is_float(b->dtype)) {
		const double *p = blob_read_f64(b, a);
		for (int64_t i = 0; i < n; i++)
			out[i] = int_from_double(p[i], DT_I64);
		return out;
	}
	const char *raw = raw_bytes(b, a);
	for (int64_t i = 0; i < n; i++) { /* the low bytes; every machine that we serve is little-endian */
		memcpy(&out[i], raw + i * dtype_size(b->dtype), (size_t)dtype_size(b->dtype));
		out[i] = int_wrap(out[i], b->dtype);
	}
	return out;
}

const void *blob_read_raw(const Blob *b, Arena *a)
{
	if (b->kind == BLOB_BYTES || b->kind == BLOB_FILE)
		return raw_bytes(b, a);
	const float *x = blob_read_f32(b, a);
	if (b->kind != BLOB_ROUNDED)
		return x; /* every other recipe makes f32 */
	int64_t n = blob_count(b);
	char *out = arena_alloc(a, (size_t)(n * dtype_size(b->dtype)) + 1);
	for (int64_t i = 0; i < n; i++)
		number_store(b->dtype, (double)x[i], out + i * dtype_size(b->dtype));
	return out;
}

/* ---- hashing ---- */

/* Four lanes of multiply-and-rotate over 32 bytes a step: as fast as memory, spread well enough to tell weights
 * apart. Bytes are taken little-endian on every machine. */
uint64_t hash_bytes(uint64_t seed, const void *data, size_t size)
{
	static const uint64_t K[4] = {0x9fb21c651e98df25u, 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu, 0x8ebc6af09c88c6e3u};
	uint64_t lane[4] = {seed ^ K[0], seed ^ K[1], seed ^ K[2], seed ^ K[3]};
	const unsigned char *p = data;
	size_t left = size;
	for (; left >= 32; left -= 32, p += 32)
		for (int i = 0; i < 4; i++) {
			uint64_t x;
			memcpy(&x, p + 8 * i, 8);
			lane[i] = (lane[i] ^ x) * K[i];
			lane[i] ^= lane[i] >> 29;
		}
	unsigned char tail[32] = {0};
	if (left)
		memcpy(tail, p, left);
	uint64_t h = mix64(seed ^ size);
	for (int i = 0; i < 4; i++) {
		uint64_t x;
		memcpy(&x, tail + 8 * i, 8);
		h = mix64(h ^ mix64(lane[i] ^ x));
	}
	return h;
}

uint64_t blob_hash(Blob *b, Arena *scratch)
{
	if (b->hash)
		return b->hash;
	uint64_t h = hash_bytes((uint64_t)b->dtype * 31 + (uint64_t)b->rank, b->dim, sizeof b->dim[0] * (size_t)b->rank);
	if (b->kind == BLOB_BYTES || b->kind == BLOB_FILE) {
		Arena *own = scratch ? scratch : arena_new();
		h = hash_bytes(h, raw_bytes(b, own), (size_t)(blob_count(b) * dtype_size(b->dtype)));
		if (!scratch)
			arena_free(own);
	} else {
		h = mix64(h ^ ((uint64_t)b->kind << 32 | (uint64_t)b->axis));
		for (int i = 0; i < b->npart; i++)
			h = mix64(h ^ blob_hash(b->part[i], scratch));
		if (b->factor)
			h = hash_bytes(h, b->factor, sizeof *b->factor * (size_t)b->dim[b->axis]);
		if (b->kind == BLOB_RANDOM) {
			double random[2] = {b->mean, b->deviation};
			h = hash_bytes(h ^ mix64(b->seed), random, sizeof random);
		}
	}
	return b->hash = h ? h : 1;
}
