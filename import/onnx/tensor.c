/* tensor.c -- TensorProto to constants: what is stored in the model, in a file beside it, or given by the
 * user. Large ones stay in their files. */
#include "base/files.h"
#include "import/onnx/parts.h"
#include "import/formats/npy.h"
#include "import/formats/wire.h"

#include <string.h>

enum { IN_FILE = 4096 }; /* bytes of raw_data from which they are left in the file */

/* The field of a TensorProto that holds the numbers of a type, beside raw_data. */
typedef enum Store { STORE_NONE, STORE_FLOAT, STORE_INT32, STORE_INT64, STORE_DOUBLE, STORE_UINT64 } Store;

static const struct {
	const char *name;
	DType ours;
	Store store;
} types[] = {
    {"undefined", DT_NONE, STORE_NONE},      {"float", DT_F32, STORE_FLOAT},
    {"uint8", DT_U8, STORE_INT32},           {"int8", DT_I8, STORE_INT32},
    {"uint16", DT_U16, STORE_INT32},         {"int16", DT_I16, STORE_INT32},
    {"int32", DT_I32, STORE_INT32},          {"int64", DT_I64, STORE_INT64},
    {"string", DT_NONE, STORE_NONE},         {"bool", DT_BOOL, STORE_INT32},
    {"float16", DT_F16, STORE_INT32},        {"double", DT_F64, STORE_DOUBLE},
    {"uint32", DT_U32, STORE_UINT64},        {"uint64", DT_U64, STORE_UINT64},
    {"complex64", DT_NONE, STORE_NONE},      {"complex128", DT_NONE, STORE_NONE},
    {"bfloat16", DT_BF16, STORE_INT32},      {"float8e4m3fn", DT_NONE, STORE_NONE},
    {"float8e4m3fnuz", DT_NONE, STORE_NONE}, {"float8e5m2", DT_NONE, STORE_NONE},
    {"float8e5m2fnuz", DT_NONE, STORE_NONE}, {"uint4", DT_NONE, STORE_NONE},
    {"int4", DT_NONE, STORE_NONE},
};
enum { NTYPES = sizeof types / sizeof *types };

DType onnx_dtype(int64_t data_type)
{
	return data_type > 0 && data_type < NTYPES ? types[data_type].ours : DT_NONE;
}

const char *onnx_dtype_name(int64_t data_type)
{
	return data_type > 0 && data_type < NTYPES ? types[data_type].name : "unknown";
}

typedef struct Reading {
	Graph *g;
	const Onnx__TensorProto *t;
	const char *file;
	Loc loc;
	Type type;
	int64_t bytes; /* that the numbers take */
	OnnxFile *external;
	Diag *d;
} Reading;

#define FAIL_AS(r, class, ...) (diag_error((r)->d, (class), (r)->loc, __VA_ARGS__), false)
#define FAIL(r, ...) FAIL_AS(r, DIAG_REJECT, __VA_ARGS__)
#define NONE(r, ...) (diag_error((r)->d, DIAG_REJECT, (r)->loc, __VA_ARGS__), (Blob *)NULL)

static bool read_type(Reading *r)
{
	const Onnx__TensorProto *t = r->t;
	if (!t->has_data_type || !t->data_type)
		return FAIL(r, "the tensor has no data_type");
	DType ours = onnx_dtype(t->data_type);
	if (ours == DT_NONE)
		return FAIL_AS(r, DIAG_UNSUPPORTED, "elements of type %s (data_type %d)", onnx_dtype_name(t->data_type), t->data_type);
	if (t->segment)
		return FAIL_AS(r, DIAG_UNSUPPORTED, "a tensor in segments");
	if (t->n_dims > MAX_RANK)
		return FAIL_AS(r, DIAG_LIMIT, "a tensor of rank %zu; the limit is %d", t->n_dims, MAX_RANK);
	int64_t dim[MAX_RANK] = {0};
	for (size_t i = 0; i < t->n_dims; i++) {
		dim[i] = t->dims[i];
		if (dim[i] < 0)
			return FAIL(r, "dimension %zu is %lld", i, (long long)dim[i]);
	}
	if (!extents_fit((int)t->n_dims, dim))
		return FAIL_AS(r, DIAG_LIMIT, "more than 2147483647 elements");
	r->type = type_make(ours, (int)t->n_dims, dim);
	r->bytes = type_count(&r->type) * dtype_size(ours);
	return true;
}

/* ---- in the model ---- */

/* Smallest and largest int32_data of a type of 16 bits or less; floats of 16 bits are bit patterns. */
static bool is_in_range(DType t, int32_t x)
{
	switch (t) {
	case DT_I8:
		return x >= INT8_MIN && x <= INT8_MAX;
	case DT_U8:
		return x >= 0 && x <= UINT8_MAX;
	case DT_I16:
		return x >= INT16_MIN && x <= INT16_MAX;
	case DT_BOOL:
		return x == 0 || x == 1;
	case DT_U16:
	case DT_F16:
	case DT_BF16:
		return x >= 0 && x <= UINT16_MAX;
	default:
		return true;
	}
}

static Blob *keep(const Reading *r, const void *data)
{
	Blob *b = arena_new_one(r->g->arena, Blob);
	*b = (Blob){.kind = BLOB_BYTES, .dtype = r->type.dtype, .rank = r->type.rank, .fd = -1, .data = data};
	memcpy(b->dim, r->type.dim, sizeof b->dim);
	return b;
}

static Blob *keep_in_file(const Reading *r, int fd, int64_t offset, const char *file)
{
	Blob *b = keep(r, NULL);
	b->kind = BLOB_FILE;
	b->fd = fd;
	b->offset = offset;
	b->file = file;
	return b;
}

/* Numbers stored wider than they are. */
static Blob *narrowed(Reading *r, int64_t n)
{
	int size = dtype_size(r->type.dtype);
	char *out = arena_alloc(r->g->arena, (size_t)r->bytes + 1);
	for (int64_t i = 0; i < n; i++) {
		int64_t x = r->t->n_int32_data ? r->t->int32_data[i] : (int64_t)r->t->uint64_data[i];
		if (r->t->n_int32_data ? !is_in_range(r->type.dtype, (int32_t)x) : (uint64_t)x > UINT32_MAX)
			return NONE(r, "element %lld is %lld, which is no %s", (long long)i, (long long)x,
			            onnx_dtype_name(r->t->data_type));
		memcpy(out + i * size, &x, (size_t)size); /* little-endian: the low bytes */
	}
	return keep(r, out);
}

static Blob *read_stored(Reading *r)
{
	const Onnx__TensorProto *t = r->t;
	const struct {
		const char *name;
		size_t n;
		const void *data;
		int size;
	} stores[] = {
	    [STORE_FLOAT] = {"float_data", t->n_float_data, t->float_data, 4},
	    [STORE_INT32] = {"int32_data", t->n_int32_data, t->int32_data, 4},
	    [STORE_INT64] = {"int64_data", t->n_int64_data, t->int64_data, 8},
	    [STORE_DOUBLE] = {"double_data", t->n_double_data, t->double_data, 8},
	    [STORE_UINT64] = {"uint64_data", t->n_uint64_data, t->uint64_data, 8},
	};
	Store own = types[t->data_type].store;
	int64_t count = type_count(&r->type);
	for (Store s = STORE_FLOAT; s <= STORE_UINT64; s++)
		if (stores[s].n && s != own)
			return NONE(r, "%s of a tensor of type %s; it must be in %s or raw_data", stores[s].name, types[t->data_type].name,
			            stores[own].name);
	if (t->n_string_data)
		return NONE(r, "string_data of a tensor of type %s", types[t->data_type].name);
	if ((int64_t)stores[own].n != count)
		return NONE(r, "%s has %zu numbers; the dimensions ask for %lld", stores[own].name, stores[own].n, (long long)count);
	return stores[own].size == dtype_size(r->type.dtype) || !count ? keep(r, stores[own].data ? stores[own].data : "")
	                                                               : narrowed(r, count);
}

static bool bools_are_good(Reading *r, const uint8_t *p)
{
	for (int64_t i = 0; r->type.dtype == DT_BOOL && i < r->bytes; i++)
		if (p[i] > 1)
			return FAIL(r, "element %lld of a bool tensor is %d", (long long)i, p[i]);
	return true;
}

static Blob *read_raw(Reading *r)
{
	const Onnx__TensorProto *t = r->t;
	if (t->n_float_data || t->n_int32_data || t->n_int64_data || t->n_double_data || t->n_uint64_data || t->n_string_data)
		return NONE(r, "the tensor has raw_data and numbers in another field too");
	if ((int64_t)t->raw_data.len != r->bytes)
		return NONE(r, "raw_data has %zu bytes; the dimensions ask for %lld of type %s: %lld bytes", t->raw_data.len,
		            (long long)type_count(&r->type), onnx_dtype_name(t->data_type), (long long)r->bytes);
	if (!bools_are_good(r, t->raw_data.data))
		return NULL;
	const bool stays = !r->external->model;
	int size = dtype_size(r->type.dtype);
	if (stays && (uintptr_t)t->raw_data.data % (unsigned)size == 0)
		return keep(r, t->raw_data.data);
	if (!stays && r->bytes >= IN_FILE)
		return keep_in_file(r, r->external->model, t->raw_data.data - r->external->data, r->file);
	char *aligned = arena_alloc(r->g->arena, (size_t)r->bytes + 1);
	memcpy(aligned, t->raw_data.data, (size_t)r->bytes);
	return keep(r, aligned);
}

/* ---- in a file beside the model ---- */

typedef struct External {
	const char *location;
	int64_t offset, length; /* length -1: not stated */
} External;

/* Digits only, below 2^62. */
static bool read_decimal(const char *s, int64_t *out)
{
	*out = 0;
	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9' || *out > ((int64_t)1 << 62) / 10 - 1)
			return false;
		*out = *out * 10 + (*p - '0');
	}
	return *s != 0;
}

static bool read_entries(Reading *r, External *e, Arena *a)
{
	static const char *const keys[] = {"location", "offset", "length", "checksum"};
	unsigned seen = 0;
	*e = (External){.length = -1};
	for (size_t i = 0; i < r->t->n_external_data; i++) {
		const Onnx__StringStringEntryProto *p = r->t->external_data[i];
		const char *key = p->key ? p->key : "", *value = p->value ? p->value : "";
		unsigned k = 0;
		while (k < 4 && strcmp(key, keys[k]))
			k++;
		if (k == 4)
			return FAIL(r, "external data: unknown key '%s'", diag_quote(a, key));
		if (seen >> k & 1)
			return FAIL(r, "external data: key '%s' twice", key);
		seen |= 1u << k;
		if (k == 0)
			e->location = value;
		else if ((k == 1 && !read_decimal(value, &e->offset)) || (k == 2 && !read_decimal(value, &e->length)))
			return FAIL(r, "external data: %s '%s' is no number of bytes", key, diag_quote(a, value));
	}
	if (!e->location)
		return FAIL(r, "external data without a location");
	if (!file_is_beneath(e->location) || strchr(e->location, '%'))
		return FAIL(r, "external data: location '%s' is no plain relative path below the folder of the model",
		            diag_quote(a, e->location));
	return true;
}

static int open_external(Reading *r, const char *location, int64_t *size)
{
	OnnxFile *last = r->external;
	if (!last->location || strcmp(last->location, location)) {
		int fd = file_open_sealed(r->file, location, size, r->loc, r->d);
		if (fd < 0)
			return -1;
		graph_own_fd(r->g, fd);
		last->location = location;
		last->fd = fd;
		last->size = *size;
	}
	*size = last->size;
	return last->fd;
}

static Blob *read_external(Reading *r)
{
	Arena *a = arena_new();
	External e;
	Blob *b = NULL;
	int64_t size = 0;
	bool inside = r->t->has_raw_data || r->t->n_float_data || r->t->n_int32_data || r->t->n_int64_data || r->t->n_double_data ||
	              r->t->n_uint64_data;
	if (inside)
		diag_error(r->d, DIAG_REJECT, r->loc, "the tensor has its numbers in the model and in a file");
	int fd = !inside && read_entries(r, &e, a) ? open_external(r, e.location, &size) : -1;
	if (fd >= 0) {
		if (e.offset > size || r->bytes > size - e.offset)
			diag_error(r->d, DIAG_REJECT, r->loc, "external data: %lld bytes at offset %lld of '%s', which has %lld",
			           (long long)r->bytes, (long long)e.offset, diag_quote(a, e.location), (long long)size);
		else if (e.length >= 0 && e.length != r->bytes)
			diag_error(r->d, DIAG_REJECT, r->loc, "external data: length %lld; the dimensions ask for %lld bytes",
			           (long long)e.length, (long long)r->bytes);
		else
			b = keep_in_file(r, fd, e.offset, file_beside(r->g->arena, r->file, e.location));
	}
	arena_free(a);
	return b;
}

Blob *onnx_tensor(Graph *g, const Onnx__TensorProto *t, const char *file, const char *layer, OnnxFile *external, Diag *d)
{
	Reading r = {.g = g, .t = t, .file = file, .d = d, .external = external};
	r.loc = (Loc){.file = file, .offset = wire_offset(&t->base), .layer = layer};
	if (!read_type(&r))
		return NULL;
	if (t->has_data_location && t->data_location == 1)
		return read_external(&r);
	if (t->n_external_data || (t->has_data_location && t->data_location))
		return NONE(&r, "data_location %d; it must be 0, or 1 with external data", t->data_location);
	return t->has_raw_data ? read_raw(&r) : read_stored(&r);
}

/* ---- given by the user ---- */

Blob *onnx_tensor_file(Graph *g, const char *path, Diag *d)
{
	size_t size;
	const char *file = arena_strdup(g->arena, path);
	char *data = file_text(path, INT32_MAX, &size, g->arena, d);
	if (!data)
		return NULL;
	if (size >= 6 && !memcmp(data, "\x93NUMPY", 6))
		return npy_read(g, data, size, file, d);
	const Wire w = {.data = (const uint8_t *)data, .size = size, .file = file};
	const Onnx__TensorProto *t = wire_unpack(&w, &onnx__tensor_proto__descriptor, g->arena, d);
	return t ? onnx_tensor(g, t, file, NULL, &(OnnxFile){0}, d) : NULL;
}
