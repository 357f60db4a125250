/* safetensors.c -- 8 bytes of length, a JSON header, the data.
 *
 * The header is scanned as a whole for its grammar and for duplicate names, and only its members are recorded; then
 * each of them is looked at alone, so memory stays near the header's size however many tensors it lists.
 */
#include "import/formats/safetensors.h"
#include "import/file_kind.h"
#include "base/files.h"
#include "base/json.h"

#include <string.h>

#define FILE_LIMIT ((int64_t)1 << 40)

enum {
	PREFIX = 8,
	HEADER_LIMIT = 100000000,
	TENSOR_LIMIT = 1000000,
	METADATA_LIMIT = 1000000,
	NAME_LIMIT = 255,
	SHOWN_ERRORS = 20,
	SHOWN_UNUSED = 20
};

typedef struct ElementType { /* what the format knows; ours: what a weight may be */
	const char *name;
	int bits;
	DType ours;
} ElementType;

static const ElementType element_type[] = {
    {"F32", 32, DT_F32},     {"F16", 16, DT_F16},     {"BF16", 16, DT_BF16},   {"I8", 8, DT_I8},        {"BOOL", 8, DT_NONE},
    {"U8", 8, DT_NONE},      {"I16", 16, DT_NONE},    {"U16", 16, DT_NONE},    {"I32", 32, DT_NONE},    {"U32", 32, DT_NONE},
    {"I64", 64, DT_NONE},    {"U64", 64, DT_NONE},    {"F64", 64, DT_NONE},    {"C64", 64, DT_NONE},    {"F8_E4M3", 8, DT_NONE},
    {"F8_E5M2", 8, DT_NONE}, {"F8_E8M0", 8, DT_NONE}, {"F6_E2M3", 6, DT_NONE}, {"F6_E3M2", 6, DT_NONE}, {"F4", 4, DT_NONE},
};

typedef struct Entry { /* a tensor: where the header speaks of it, where its bytes are */
	uint32_t name, begin_text, end_text;
	bool used;
	int64_t begin, end; /* bytes of the data */
} Entry;

typedef struct Shape { /* what an entry says, read again when it is needed */
	const ElementType *type;
	int rank;
	int64_t dim[MAX_RANK], begin, end;
} Shape;

struct Safetensors {
	Graph *graph;
	const char *file;
	int fd;
	JsonText header; /* text only */
	int64_t data;    /* offset of the data in the file */
	Entry *entry;    /* in the order of their bytes */
	JsonKey *index;  /* by name; of: an index of entry */
	int nentry;
	JsonText text; /* of one entry; its buffers are used again */
	const char *origin;
	Diag *d;
};

/* ---- one entry ---- */

#define FAIL(s, loc, ...) (diag_error((s)->d, DIAG_REJECT, (loc), __VA_ARGS__), false)

/* Values of an entry are indices of t->value: the first inside one is the next index, its sibling begins where it ends. */

static bool read_type(Safetensors *s, size_t value, Shape *shape)
{
	const JsonText *t = &s->text;
	const JsonValue *v = &t->value[value];
	if (v->kind != JSON_STRING)
		return FAIL(s, json_loc(t, v->begin), "dtype must be a string, not %s", json_kind_name(v->kind));
	for (size_t i = 0; i < sizeof element_type / sizeof *element_type && !shape->type; i++)
		if (json_equal(t, v->begin, element_type[i].name))
			shape->type = &element_type[i];
	if (shape->type)
		return true;
	Arena *a = arena_new();
	diag_error(s->d, DIAG_REJECT, json_loc(t, v->begin), "unknown dtype '%s'", diag_quote(a, json_string(t, v->begin, a)));
	arena_free(a);
	return false;
}

static bool read_shape(Safetensors *s, size_t value, Shape *shape)
{
	const JsonText *t = &s->text;
	const JsonValue *v = &t->value[value];
	if (v->kind != JSON_ARRAY)
		return FAIL(s, json_loc(t, v->begin), "shape must be a list, not %s", json_kind_name(v->kind));
	int rank = 0;
	for (size_t e = value + 1; e < (size_t)v->next; e = (size_t)t->value[e].next, rank++) {
		int64_t dim;
		if (!json_whole(t, e, &dim) || dim < 0)
			return FAIL(s, json_loc(t, t->value[e].begin), "a dimension must be a whole number from 0 to 2^63 - 1");
		if (rank < MAX_RANK)
			shape->dim[rank] = dim;
	}
	if (rank > MAX_RANK) {
		diag_error(s->d, DIAG_LIMIT, json_loc(t, v->begin), "%d dimensions; the limit is %d", rank, MAX_RANK);
		return false;
	}
	shape->rank = rank;
	return true;
}

static bool read_offsets(Safetensors *s, size_t value, Shape *shape)
{
	const JsonText *t = &s->text;
	const JsonValue *v = &t->value[value];
	const Loc loc = json_loc(t, v->begin);
	if (v->kind != JSON_ARRAY || (size_t)v->next == value + 1 || t->value[value + 1].next != v->next - 1 ||
	    t->value[v->next - 1].next != v->next)
		return FAIL(s, loc, "data_offsets must be a list of two numbers");
	if (!json_whole(t, value + 1, &shape->begin) || !json_whole(t, value + 2, &shape->end) || shape->begin < 0 ||
	    shape->end < shape->begin)
		return FAIL(s, loc, "data_offsets must be whole numbers, 0 <= begin <= end < 2^63");
	return true;
}

/* shape x element size = bytes, without a product that wraps. */
static bool check_size(Safetensors *s, Loc loc, const Shape *shape)
{
	int64_t bits = shape->type->bits;
	for (int i = 0; i < shape->rank; i++)
		if (__builtin_mul_overflow(bits, shape->dim[i], &bits))
			return FAIL(s, loc, "the shape has more elements than 2^63 bits hold");
	if (bits % 8)
		return FAIL(s, loc, "misaligned: %s elements that do not fill whole bytes", shape->type->name);
	if (bits / 8 != shape->end - shape->begin)
		return FAIL(s, loc, "dtype and shape need %lld bytes, data_offsets give %lld", (long long)(bits / 8),
		            (long long)(shape->end - shape->begin));
	return true;
}

static bool read_fields(Safetensors *s, Shape *shape)
{
	static const char *const name[] = {"dtype", "shape", "data_offsets"};
	static bool (*const read[])(Safetensors *, size_t, Shape *) = {read_type, read_shape, read_offsets};
	const JsonText *t = &s->text;
	const Loc loc = json_loc(t, t->value[0].begin);
	if (t->value[0].kind != JSON_OBJECT)
		return FAIL(s, loc, "a tensor must be an object, not %s", json_kind_name(t->value[0].kind));
	size_t found[3] = {0};
	for (size_t m = 1; m < t->nvalue; m = (size_t)t->value[m].next) {
		int i = 0;
		while (i < 3 && !json_equal(t, t->value[m].name, name[i]))
			i++;
		if (i < 3) {
			found[i] = m;
			continue;
		}
		Arena *a = arena_new();
		diag_error(s->d, DIAG_REJECT, json_loc(t, t->value[m].name), "unknown field '%s' of a tensor",
		           diag_quote(a, json_string(t, t->value[m].name, a)));
		arena_free(a);
		return false;
	}
	for (int i = 0; i < 3; i++) {
		if (!found[i])
			return FAIL(s, loc, "field '%s' is missing", name[i]);
		if (!read[i](s, found[i], shape))
			return false;
	}
	return check_size(s, loc, shape);
}

static bool read_entry(Safetensors *s, const Entry *e, Shape *shape)
{
	memset(shape, 0, sizeof *shape);
	JsonText *t = &s->text;
	t->file = s->file;
	t->binary = true;
	t->base = s->header.base + e->begin_text;
	t->text = s->header.text + e->begin_text;
	t->size = e->end_text - e->begin_text;
	t->keep_depth = JSON_DEPTH;
	return json_scan(t, s->d) && read_fields(s, shape);
}

/* ---- the header ---- */

static bool check_metadata(Safetensors *s, const JsonValue *v)
{
	JsonText t = {.file = s->file,
	              .binary = true,
	              .base = s->header.base + v->begin,
	              .keep_depth = 1,
	              .text = s->header.text + v->begin,
	              .size = v->end - v->begin};
	if (v->kind != JSON_OBJECT)
		return FAIL(s, json_loc(&t, 0), "__metadata__ must be an object of strings");
	bool good = json_scan(&t, s->d);
	if (good && t.nvalue > METADATA_LIMIT) {
		diag_error(s->d, DIAG_LIMIT, json_loc(&t, 0), "more than %d entries of __metadata__", METADATA_LIMIT);
		good = false;
	}
	for (size_t i = 1; good && i < t.nvalue; i++)
		if (t.value[i].kind == JSON_STRING && json_equal(&t, t.value[i].name, ORIGIN_KEY))
			s->origin = json_string(&t, t.value[i].begin, s->graph->arena);
		else if (t.value[i].kind != JSON_STRING)
			good = FAIL(s, json_loc(&t, t.value[i].begin), "a value in __metadata__ must be a string, not %s",
			            json_kind_name(t.value[i].kind));
	json_scan_free(&t);
	return good;
}

static bool check_name(Safetensors *s, uint32_t name, uint32_t value)
{
	if (value - name <= NAME_LIMIT)
		return true;
	Arena *a = arena_new();
	size_t n = strlen(json_string(&s->header, name, a));
	arena_free(a);
	if (n <= NAME_LIMIT)
		return true;
	diag_error(s->d, DIAG_LIMIT, json_loc(&s->header, name), "a name of %zu bytes; the limit is %d", n, NAME_LIMIT);
	return false;
}

/* Each member of the header becomes an entry. Goes on after errors, up to a number. */
static bool read_members(Safetensors *s)
{
	const JsonText *h = &s->header;
	if (h->value[0].kind != JSON_OBJECT)
		return FAIL(s, json_loc(h, 0), "the header must be an object");
	if (h->nvalue - 1 > TENSOR_LIMIT + 1) {
		diag_error(s->d, DIAG_LIMIT, json_loc(h, 0), "%zu tensors; the limit is %d", h->nvalue - 1, TENSOR_LIMIT);
		return false;
	}
	s->entry = arena_new_array(s->graph->arena, Entry, h->nvalue);
	int errors = 0;
	for (size_t i = 1; i < h->nvalue && errors < SHOWN_ERRORS; i++) {
		const JsonValue *v = &h->value[i];
		if (json_equal(h, v->name, "__metadata__")) {
			errors += !check_metadata(s, v);
			continue;
		}
		Entry e = {.name = v->name, .begin_text = v->begin, .end_text = v->end};
		Shape shape;
		if (!check_name(s, e.name, v->begin) || !read_entry(s, &e, &shape)) {
			errors++;
			continue;
		}
		e.begin = shape.begin;
		e.end = shape.end;
		s->entry[s->nentry++] = e;
	}
	return errors == 0;
}

static int by_offset(const void *a, const void *b)
{
	const Entry *x = a, *y = b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->name < y->name ? -1 : 1;
}

static void merge_by_offset(Entry *e, Entry *spare, size_t n)
{
	Entry *from = e, *to = spare;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t low = 0; low < n; low += 2 * width) {
			size_t mid = low + width < n ? low + width : n, high = mid + width < n ? mid + width : n;
			for (size_t i = low, j = mid, o = low; o < high; o++)
				to[o] = j == high || (i < mid && by_offset(&from[i], &from[j]) < 0) ? from[i++] : from[j++];
		}
		Entry *other = from;
		from = to;
		to = other;
	}
	if (from != e)
		memcpy(e, from, n * sizeof *e);
}

/* In the order of their bytes, each tensor must begin where the one before ends, and the last end with the file. */
static bool check_tiling(Safetensors *s, int64_t size)
{
	bool sorted = true;
	for (int i = 1; i < s->nentry && sorted; i++)
		sorted = by_offset(&s->entry[i - 1], &s->entry[i]) < 0;
	if (!sorted) {
		Arena *a = arena_new();
		merge_by_offset(s->entry, arena_new_array(a, Entry, s->nentry), (size_t)s->nentry);
		arena_free(a);
	}
	int64_t at = 0;
	for (int i = 0; i < s->nentry; i++) {
		const Entry *e = &s->entry[i];
		Loc loc = json_loc(&s->header, e->begin_text);
		if (e->begin < at)
			return FAIL(s, loc, "overlaps another tensor: begins at %lld, the one before ends at %lld", (long long)e->begin,
			            (long long)at);
		if (e->begin > at)
			return FAIL(s, loc, "hole in the data: begins at %lld, the tensor before ends at %lld", (long long)e->begin,
			            (long long)at);
		at = e->end;
	}
	Loc end = {.file = s->file, .offset = s->data};
	if (at > size - s->data)
		return FAIL(s, end, "the tensors need %lld bytes, the file has %lld", (long long)at, (long long)(size - s->data));
	if (at < size - s->data) {
		end.offset += at;
		return FAIL(s, end, "%lld bytes after the last tensor", (long long)(size - s->data - at));
	}
	return true;
}

static void index_names(Safetensors *s)
{
	size_t n = (size_t)s->nentry;
	s->index = arena_new_array(s->graph->arena, JsonKey, n + 1);
	for (size_t i = 0; i < n; i++) {
		s->index[i] = json_key_make(&s->header, s->entry[i].name);
		s->index[i].of = (uint32_t)i;
	}
	Arena *a = arena_new();
	json_sort(&s->header, s->index, arena_new_array(a, JsonKey, n + 1), n);
	arena_free(a);
}

/* A length that no header has: another file, whose kind is named when it is known. */
static bool refuse_length(Safetensors *s, uint64_t n, int64_t size)
{
	FileHead h;
	Arena *a = arena_new();
	const Loc start = {.file = s->file};
	const FileKind kind = file_kind_read(s->fd, size, &h, a) ? file_kind_by_words(&h, s->file) : (FileKind){0};
	if (kind.what)
		diag_error(s->d, DIAG_REJECT, start, "%s, no safetensors: %s", kind.what, kind.way);
	else
		diag_error(s->d, DIAG_LIMIT, start, "header too large: %llu bytes; the limit is %d", (unsigned long long)n, HEADER_LIMIT);
	arena_free(a);
	return false;
}

/* The bytes of the header, checked for its length and padding, in s->header. */
static bool read_header(Safetensors *s, int64_t size)
{
	unsigned char prefix[PREFIX];
	Loc start = {.file = s->file};
	if (size < PREFIX)
		return FAIL(s, start, "header too small: %lld bytes in all, the length alone has 8", (long long)size);
	if (!file_read(s->fd, prefix, PREFIX, 0)) {
		diag_error(s->d, DIAG_IO, start, "unreadable");
		return false;
	}
	uint64_t n = 0;
	for (int i = PREFIX - 1; i >= 0; i--)
		n = n << 8 | prefix[i];
	if (n > HEADER_LIMIT)
		return refuse_length(s, n, size);
	if ((int64_t)n > size - PREFIX)
		return FAIL(s, start, "header of %llu bytes in a file of %lld", (unsigned long long)n, (long long)size);
	char *text = arena_alloc(s->graph->arena, n + 1);
	if (!file_read(s->fd, text, n, PREFIX)) {
		diag_error(s->d, DIAG_IO, start, "changed or unreadable while being read");
		return false;
	}
	s->data = PREFIX + (int64_t)n;
	start.offset = PREFIX;
	if (n == 0 || text[0] != '{')
		return FAIL(s, start, "the header must begin with '{'");
	while (n > 0 && text[n - 1] == ' ')
		n--;
	s->header = (JsonText){.file = s->file, .binary = true, .base = PREFIX, .keep_depth = 1, .text = text, .size = n};
	start.offset = PREFIX + (int64_t)n - 1;
	if (strchr("\t\r\n", text[n - 1]))
		return FAIL(s, start, "the header may be padded with spaces only, not byte 0x%02x", text[n - 1]);
	return true;
}

Safetensors *safetensors_open(Graph *g, int fd, int64_t size, const char *file, Diag *d)
{
	Safetensors *s = arena_new_one(g->arena, Safetensors);
	graph_own_fd(g, fd);
	s->graph = g;
	s->fd = fd;
	s->file = arena_strdup(g->arena, file);
	s->d = d;
	if (size > FILE_LIMIT) {
		diag_error(d, DIAG_LIMIT, (Loc){.file = file}, "%lld bytes; the limit is 2^40", (long long)size);
		return NULL;
	}
	bool good = read_header(s, size) && json_scan(&s->header, d) && read_members(s) && check_tiling(s, size);
	json_scan_free(&s->header);
	json_scan_free(&s->text);
	if (!good)
		return NULL;
	index_names(s);
	return s;
}

/* ---- use ---- */

const char *safetensors_origin(const Safetensors *s)
{
	return s->origin;
}

static Entry *find(const Safetensors *s, const char *name)
{
	const JsonKey *k = json_find(&s->header, s->index, (size_t)s->nentry, name);
	return k ? &s->entry[k->of] : NULL;
}

static const char *shape_text(Arena *a, int rank, const int64_t *dim)
{
	const char *text = "";
	for (int i = 0; i < rank; i++)
		text = arena_printf(a, "%s%s%lld", text, i ? ", " : "", (long long)dim[i]);
	return arena_printf(a, "[%s]", text);
}

static Blob *file_blob(Safetensors *s, const Shape *shape)
{
	Blob *b = arena_new_one(s->graph->arena, Blob);
	*b = (Blob){.kind = BLOB_FILE,
	            .dtype = shape->type->ours,
	            .rank = shape->rank,
	            .fd = s->fd,
	            .file = s->file,
	            .offset = s->data + shape->begin};
	memcpy(b->dim, shape->dim, sizeof b->dim);
	return b;
}

/* i8 values and one factor for each index of axis. */
static Blob *dequantised(Safetensors *s, Blob *values, const char *name, int axis, Diag *d)
{
	Arena *a = arena_new();
	const char *scale_name = arena_printf(a, "%s.scale", name);
	Blob *scale = safetensors_blob(s, scale_name, 1, &values->dim[axis], -1, d), *b = NULL;
	if (scale && scale->dtype != DT_F32) {
		diag_error(d, DIAG_REJECT, (Loc){.file = s->file, .offset = -1}, "tensor '%s' must be F32", scale_name);
	} else if (scale) {
		b = arena_new_one(s->graph->arena, Blob);
		*b = *values;
		b->kind = BLOB_DEQUANT;
		b->dtype = DT_F32;
		b->fd = -1;
		b->part = arena_new_one(s->graph->arena, Blob *);
		b->part[0] = values;
		b->npart = 1;
		b->axis = axis;
		b->factor = blob_read_f32(scale, s->graph->arena);
	}
	arena_free(a);
	return b;
}

Blob *safetensors_blob(Safetensors *s, const char *name, int rank, const int64_t *dim, int scale_axis, Diag *d)
{
	Entry *e = find(s, name);
	if (!e) {
		diag_error(d, DIAG_REJECT, (Loc){.file = s->file, .offset = -1}, "no tensor '%s'", name);
		return NULL;
	}
	e->used = true;
	Shape shape;
	Loc loc = json_loc(&s->header, e->begin_text);
	Blob *b = NULL;
	Arena *a = arena_new();
	s->d = d;
	if (!read_entry(s, e, &shape))
		bug("a checked entry no longer reads");
	if (shape.rank != rank || (rank && memcmp(shape.dim, dim, sizeof *dim * (size_t)rank))) {
		diag_error(d, DIAG_REJECT, loc, "tensor '%s' has shape %s; the network needs %s", name,
		           shape_text(a, shape.rank, shape.dim), shape_text(a, rank, dim));
	} else if (shape.type->ours == DT_NONE || (shape.type->ours == DT_I8 && scale_axis < 0)) {
		diag_error(d, DIAG_UNSUPPORTED, loc, "tensor '%s' has elements of type %s; weights are F32, F16, BF16%s", name,
		           shape.type->name, scale_axis < 0 ? "" : " or I8");
	} else {
		b = file_blob(s, &shape);
		if (b->dtype == DT_I8)
			b = dequantised(s, b, name, scale_axis, d);
	}
	json_scan_free(&s->text);
	arena_free(a);
	return b;
}

int64_t safetensors_length(Safetensors *s, const char *name)
{
	const Entry *e = find(s, name);
	Shape shape = {.rank = 0};
	if (!e)
		return -1;
	if (!read_entry(s, e, &shape))
		bug("a checked entry no longer reads");
	json_scan_free(&s->text);
	return shape.rank == 1 ? shape.dim[0] : -1;
}

void safetensors_warn_unused(const Safetensors *s, Diag *d)
{
	int unused = 0;
	for (int i = 0; i < s->nentry; i++) {
		const Entry *e = &s->entry[i];
		if (e->used || ++unused > SHOWN_UNUSED)
			continue;
		Arena *a = arena_new();
		diag_warning(d, json_loc(&s->header, e->begin_text), "tensor '%s' is not used by the network",
		             diag_quote(a, json_string(&s->header, e->name, a)));
		arena_free(a);
	}
	if (unused > SHOWN_UNUSED)
		diag_warning(d, (Loc){.file = s->file, .offset = -1}, "%d tensors are not used by the network", unused);
}
