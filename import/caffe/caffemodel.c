/* caffemodel.c -- the outermost message through a window of the file, each layer through wire_check, then a walk over
 * bytes that are known to be good.
 */
#include "import/caffe/caffemodel.h"
#include "import/file_kind.h"
#include "base/files.h"
#include "import/formats/wire.h"

#include <caffe.pb-c.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_LIMIT = INT32_MAX,
	LAYER_LIMIT = 200000,
	AXIS_LIMIT = 32, /* Caffe's */
	BLOB_LIMIT = 64,
	SHOWN_UNUSED = 20,
	WINDOW = 64 << 10,
	LONGEST_TAG = 20, /* tag and length: two varints */
};

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 }; /* wire types */
enum { NET_NAME = 1, NET_V1_LAYERS = 2, NET_LAYER = 100 };
enum { RAW_DOUBLE = 0, RAW_FLOAT = 1, RAW_HALF = 2 }; /* types of NVIDIA's raw_data */
enum { BLOB_NUM = 1, BLOB_WIDTH = 4, BLOB_DATA = 5, BLOB_SHAPE = 7, BLOB_DOUBLE = 8, BLOB_RAW_TYPE = 10, BLOB_RAW = 12 };

typedef struct Numbers { /* of one blob; 64 bytes, as much as the arena rounds to: a file may have a million of them */
	int rank, raw;   /* raw: type of raw_data */
	int64_t *dim;
	int64_t at, size;              /* its message: bytes of the file */
	int64_t nfloat, ndouble, nraw; /* written as data, double_data, raw_data */
	int64_t data;                  /* data: offset in the file of floats that are stored contiguously, else -1 */
} Numbers;

struct CaffemodelLayer {
	const char *name;
	int64_t at; /* its message in the file */
	int nblob;
	bool used;
	Numbers *blob;
};

struct Caffemodel {
	Graph *graph;
	const char *file;
	int fd;
	int64_t size;
	CaffemodelLayer *layer; /* sorted by name, then by place */
	int nlayer, capacity;
	Diag *d;
	Arena *scratch; /* bytes of the layer at hand */
};

static Loc loc_at(const Caffemodel *m, int64_t at)
{
	return (Loc){.file = m->file, .offset = at};
}

#define FAIL_AS(m, class, at, ...) (diag_error((m)->d, (class), loc_at((m), (at)), __VA_ARGS__), false)
#define FAIL(m, at, ...) FAIL_AS(m, DIAG_REJECT, at, __VA_ARGS__)

/* ---- bytes that were checked ---- */

typedef struct Part {
	uint32_t number;
	int wire;
	uint64_t value;      /* VARINT */
	const uint8_t *data; /* the others */
	size_t size;
} Part;

static const uint8_t *take_varint(const uint8_t *p, uint64_t *v)
{
	*v = 0;
	for (int shift = 0;; shift += 7, p++) {
		*v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p < 0x80)
			return p + 1;
	}
}

static const uint8_t *take_field(const uint8_t *p, Part *f)
{
	uint64_t v;
	p = take_varint(p, &v);
	*f = (Part){.number = (uint32_t)(v >> 3), .wire = (int)(v & 7)};
	if (f->wire == VARINT)
		return take_varint(p, &f->value);
	if (f->wire == BYTES)
		p = take_varint(p, &v);
	f->size = f->wire == FIXED32 ? 4 : f->wire == FIXED64 ? 8 : (size_t)v;
	f->data = p;
	return p + f->size;
}

/* ---- one blob ---- */

typedef struct BlobText { /* what a BlobProto says */
	int64_t dim[AXIS_LIMIT], legacy[4];
	int rank;
	bool has_shape, has_legacy, has_raw, has_raw_type;
	int64_t raw_type, raw_size;
} BlobText;

static bool read_dims(Caffemodel *m, int64_t at, const Part *f, BlobText *t)
{
	t->has_shape = true;
	for (const uint8_t *p = f->data, *end = p + f->size; p < end;) {
		Part g;
		uint64_t v;
		p = take_field(p, &g);
		if (g.number != 1)
			continue;
		const uint8_t *q = g.wire == VARINT ? NULL : g.data, *stop = q ? q + g.size : NULL;
		do {
			v = g.value;
			if (q && q == stop)
				break;
			if (q)
				q = take_varint(q, &v);
			if (t->rank == AXIS_LIMIT)
				return FAIL_AS(m, DIAG_LIMIT, at, "a blob of more than %d axes", AXIS_LIMIT);
			t->dim[t->rank++] = (int64_t)v;
		} while (q);
	}
	return true;
}

static void read_numbers(int64_t at, const Part *f, Numbers *n)
{
	if (f->number == BLOB_DOUBLE) {
		n->ndouble += (int64_t)f->size / 8;
		return;
	}
	n->data = n->nfloat || f->wire != BYTES ? -1 : at;
	n->nfloat += (int64_t)f->size / 4;
}

/* Extents without those of 1. */
static int squeeze(int rank, const int64_t *dim, int64_t *out)
{
	int n = 0;
	for (int i = 0; i < rank; i++)
		if (dim[i] != 1)
			out[n++] = dim[i];
	return n;
}

static bool same_shape(int rank, const int64_t *dim, int other_rank, const int64_t *other)
{
	int64_t a[AXIS_LIMIT], b[AXIS_LIMIT];
	int n = squeeze(rank, dim, a);
	return n == squeeze(other_rank, other, b) && !memcmp(a, b, sizeof *a * (size_t)n);
}

/* Numbers as NVIDIA's Caffe writes them: the bytes of doubles, floats or half floats. */
static bool read_raw(Caffemodel *m, const BlobText *t, Numbers *n)
{
	static const int size[] = {[RAW_DOUBLE] = 8, [RAW_FLOAT] = 4, [RAW_HALF] = 2};
	if (!t->has_raw)
		return true;
	if (!t->has_raw_type || t->raw_type < RAW_DOUBLE || t->raw_type > RAW_HALF)
		return FAIL_AS(m, DIAG_UNSUPPORTED, n->at,
		               "a blob whose raw_data has %s; raw_data_type 0, 1 or 2 is read: double, float, half float",
		               t->has_raw_type ? "another type" : "no type");
	n->raw = (int)t->raw_type;
	if (t->raw_size % size[n->raw])
		return FAIL(m, n->at, "a blob with %" PRId64 " bytes of raw_data; each number has %d", t->raw_size, size[n->raw]);
	n->nraw = t->raw_size / size[n->raw];
	n->data = -1;
	return true;
}

static bool check_blob(Caffemodel *m, const BlobText *t, const Numbers *n)
{
	if ((n->nfloat > 0) + (n->ndouble > 0) + (n->nraw > 0) > 1)
		return FAIL(m, n->at, "a blob with both %s and %s", n->nfloat ? "data" : "double_data",
		            n->nraw ? "raw_data" : "double_data");
	if (t->has_shape && t->has_legacy && !same_shape(t->rank, t->dim, 4, t->legacy))
		return FAIL(m, n->at, "a blob whose shape and num, channels, height, width disagree");
	for (int i = 0; i < n->rank; i++)
		if (n->dim[i] < 0)
			return FAIL(m, n->at, "a blob with the extent %" PRId64, n->dim[i]);
	if (!extents_fit(n->rank, n->dim))
		return FAIL_AS(m, DIAG_LIMIT, n->at, "a blob of more than 2147483647 numbers");
	int64_t count = 1;
	for (int i = 0; i < n->rank; i++)
		count *= n->dim[i];
	const int64_t there = n->nfloat + n->ndouble + n->nraw;
	if (count != there)
		return FAIL(m, n->at, "a blob whose shape has %" PRId64 " numbers and whose data has %" PRId64, count, there);
	return true;
}

/* base: offset in the file of the bytes that f points into. */
static bool read_blob(Caffemodel *m, const uint8_t *bytes, int64_t base, const Part *f, Numbers *n)
{
	BlobText t = {0};
	*n = (Numbers){.at = base + (f->data - bytes), .size = (int64_t)f->size, .data = -1};
	for (const uint8_t *p = f->data, *end = p + f->size; p < end;) {
		Part g;
		p = take_field(p, &g);
		bool good = true;
		if (g.number >= BLOB_NUM && g.number <= BLOB_WIDTH) {
			t.legacy[g.number - BLOB_NUM] = (int32_t)g.value;
			t.has_legacy = true;
		} else if (g.number == BLOB_SHAPE) {
			good = read_dims(m, n->at, &g, &t);
		} else if (g.number == BLOB_DATA || g.number == BLOB_DOUBLE) {
			read_numbers(base + (g.data - bytes), &g, n);
		} else if (g.number == BLOB_RAW_TYPE) {
			t.has_raw_type = true;
			t.raw_type = (int32_t)g.value;
		} else if (g.number == BLOB_RAW) {
			t.has_raw = true;
			t.raw_size = (int64_t)g.size; /* of one written twice the last counts, as in any message */
		}
		if (!good)
			return false;
	}
	n->rank = t.has_shape ? t.rank : t.has_legacy ? 4 : 0;
	n->dim = arena_new_array(m->graph->arena, int64_t, n->rank + 1);
	memcpy(n->dim, t.has_shape ? t.dim : t.legacy, sizeof *n->dim * (size_t)n->rank);
	return read_raw(m, &t, n) && check_blob(m, &t, n);
}

/* ---- one layer ---- */

typedef struct LayerForm { /* of a version of the format */
	const ProtobufCMessageDescriptor *type;
	uint32_t name, blobs;
} LayerForm;

static bool add_layer(Caffemodel *m, const CaffemodelLayer *l)
{
	if (m->nlayer == LAYER_LIMIT)
		return FAIL_AS(m, DIAG_LIMIT, l->at, "more than %d layers", LAYER_LIMIT);
	if (m->nlayer == m->capacity) {
		int more = m->capacity ? 2 * m->capacity : 64;
		m->layer = arena_grow(m->graph->arena, m->layer, sizeof *l * (size_t)m->capacity, sizeof *l * (size_t)more);
		m->capacity = more;
	}
	m->layer[m->nlayer++] = *l;
	return true;
}

/* bytes: of a checked layer at `base` of the file. */
static bool read_layer(Caffemodel *m, const LayerForm *form, const uint8_t *bytes, size_t size, int64_t base)
{
	CaffemodelLayer l = {.at = base};
	Numbers blob[BLOB_LIMIT];
	Part f, name = {0};
	for (const uint8_t *p = bytes, *end = p + size; p < end;) {
		p = take_field(p, &f);
		if (form->name == 4 && f.number == 1) /* V1 only */
			return FAIL_AS(m, DIAG_UNSUPPORTED, base,
			               "a layer in Caffe's oldest form (V0); upgrade_net_proto_binary "
			               "of Caffe makes a file that can be read");
		if (f.number == form->name)
			name = f;
		if (f.number != form->blobs)
			continue;
		if (l.nblob == BLOB_LIMIT)
			return FAIL_AS(m, DIAG_LIMIT, base, "a layer of more than %d blobs", BLOB_LIMIT);
		if (!read_blob(m, bytes, base, &f, &blob[l.nblob++]))
			return false;
	}
	if (!l.nblob)
		return true;
	l.name = name.data ? arena_strndup(m->graph->arena, (const char *)name.data, name.size) : "";
	l.blob = arena_new_array(m->graph->arena, Numbers, l.nblob);
	memcpy(l.blob, blob, sizeof *blob * (size_t)l.nblob);
	return add_layer(m, &l);
}

static bool load_layer(Caffemodel *m, const LayerForm *form, int64_t at, int64_t size)
{
	arena_reset(m->scratch);
	uint8_t *bytes = arena_alloc(m->scratch, (size_t)size + 1);
	if (!file_read(m->fd, bytes, (size_t)size, at))
		return FAIL_AS(m, DIAG_IO, at, "changed or unreadable while being read");
	const Wire w = {.data = bytes, .size = (size_t)size, .file = m->file, .base = at, .any_text = true};
	return wire_check(&w, form->type, m->d) && read_layer(m, form, bytes, (size_t)size, at);
}

/* ---- the file ---- */

typedef struct Window { /* the bytes of the file around `at` */
	uint8_t *byte;
	int64_t from, size;
} Window;

/* At least LONGEST_TAG bytes from `at` on, or all that there are. */
static const uint8_t *look(Caffemodel *m, Window *w, int64_t at, int64_t *left)
{
	int64_t wanted = m->size - at < LONGEST_TAG ? m->size - at : LONGEST_TAG;
	if (at < w->from || at + wanted > w->from + w->size) {
		w->from = at;
		w->size = m->size - at < WINDOW ? m->size - at : WINDOW;
		if (!file_read(m->fd, w->byte, (size_t)w->size, at))
			w->size = 0;
	}
	*left = w->from + w->size - at;
	return w->byte + (at - w->from);
}

/* Length of a varint of at most 64 bits, or 0. */
static int varint_size(const uint8_t *p, int64_t left)
{
	for (int i = 0; i < 10 && i < left; i++)
		if (p[i] < 0x80)
			return i == 9 && p[i] > 1 ? 0 : i + 1;
	return 0;
}

typedef struct Record { /* a field of the outermost message */
	uint64_t number;
	int wire;
	int64_t at, size; /* its content */
} Record;

static bool read_record(Caffemodel *m, Window *w, int64_t at, Record *r)
{
	int64_t left;
	uint64_t v;
	const uint8_t *p = look(m, w, at, &left);
	if (left <= 0)
		return FAIL_AS(m, DIAG_IO, at, "changed or unreadable while being read");
	int n = varint_size(p, left), k;
	if (!n)
		return FAIL(m, at, "a field's tag of more than 64 bits, or cut off");
	take_varint(p, &v);
	*r = (Record){.number = v >> 3, .wire = (int)(v & 7), .at = at + n};
	if (!r->number || v >> 32)
		return FAIL(m, at, "field number %" PRIu64 "; the numbers are 1 to 2^29 - 1", r->number);
	bool layer = r->number == NET_LAYER || r->number == NET_V1_LAYERS;
	if (r->wire == 3 || r->wire == 4 || r->wire > FIXED32)
		return FAIL(m, at, "field %" PRIu64 " has wire type %d (%s)", r->number, r->wire,
		            r->wire > FIXED32 ? "there is none" : "groups are not read");
	if ((layer || r->number == NET_NAME) && r->wire != BYTES)
		return FAIL(m, at, "field %" PRIu64 " of NetParameter has wire type %d; it must be length-delimited", r->number, r->wire);
	if (r->wire == FIXED32 || r->wire == FIXED64) {
		r->size = r->wire == FIXED32 ? 4 : 8;
	} else {
		k = varint_size(p + n, left - n);
		if (!k)
			return FAIL(m, r->at, "a number of more than 64 bits, or cut off");
		take_varint(p + n, &v);
		r->at += k;
		if (r->wire == BYTES && v > (uint64_t)(m->size - r->at))
			return FAIL(m, r->at - k, "a length of %" PRIu64 " bytes; %" PRId64 " are left", v, m->size - r->at);
		r->size = r->wire == BYTES ? (int64_t)v : 0;
	}
	if (r->size > m->size - r->at)
		return FAIL(m, r->at, "the file ends inside a number");
	return true;
}

static bool read_net(Caffemodel *m, Window *w)
{
	static const LayerForm v2 = {&caffe__layer_weights__descriptor, 1, 7}, v1 = {&caffe__v1_layer_weights__descriptor, 4, 6};
	int64_t first[2] = {-1, -1};
	for (int64_t at = 0; at < m->size;) {
		Record r;
		if (!read_record(m, w, at, &r))
			return false;
		int old = r.number == NET_V1_LAYERS;
		if (old || r.number == NET_LAYER) {
			first[old] = at;
			if (first[!old] >= 0)
				return FAIL(m, at, "both new and old layers (fields 100 and 2)");
			if (!load_layer(m, old ? &v1 : &v2, r.at, r.size))
				return false;
		}
		at = r.at + r.size;
	}
	return true;
}

/* Printable from its first byte on: somebody gave the description of the network. */
static bool is_text(Caffemodel *m, Window *w)
{
	int64_t left, n = 0;
	const uint8_t *p = look(m, w, 0, &left);
	while (n < left && n < 256 && ((p[n] >= ' ' && p[n] < 0x7f) || p[n] == '\n' || p[n] == '\r' || p[n] == '\t'))
		n++;
	return n > 0 && (n == left || n == 256);
}

/* Of a file that is something else; in safetensors are the weights of the .ir that dssdc import wrote, or of a card. */
static FileKind kind_of(Caffemodel *m, Window *w)
{
	int64_t left;
	const uint8_t *p = look(m, w, 0, &left);
	const FileHead h = {.p = p, .n = (size_t)left, .size = m->size};
	FileKind kind = file_kind_by_words(&h, m->file);
	if (kind.what && h.n > 8 && p[8] == '{')
		kind.way = "it belongs to a card or to the .ir that dssdc import wrote beside it; give that as the model";
	return kind;
}

static int by_name(const void *a, const void *b)
{
	const CaffemodelLayer *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

Caffemodel *caffemodel_open(Graph *g, int fd, int64_t size, const char *file, Diag *d)
{
	Caffemodel *m = arena_new_one(g->arena, Caffemodel);
	graph_own_fd(g, fd);
	*m = (Caffemodel){.graph = g, .file = arena_strdup(g->arena, file), .fd = fd, .size = size, .d = d};
	if (size > FILE_LIMIT) {
		diag_error(d, DIAG_LIMIT, loc_at(m, -1), "%" PRId64 " bytes; the limit is 2^31 - 1", size);
		return NULL;
	}
	Arena *a = arena_new();
	m->scratch = arena_new();
	Window w = {.byte = arena_alloc(a, WINDOW)};
	FileKind kind = {0};
	bool good = false;
	if (size == 0)
		diag_error(d, DIAG_REJECT, loc_at(m, 0), "an empty file");
	else if ((kind = kind_of(m, &w)).what)
		diag_error(d, DIAG_REJECT, loc_at(m, 0), "%s, no .caffemodel: %s", kind.what, kind.way);
	else if (is_text(m, &w))
		diag_error(d, DIAG_REJECT, loc_at(m, 0), "a text; weights are a binary .caffemodel, and a .prototxt is the MODEL");
	else
		good = read_net(m, &w);
	arena_free(m->scratch);
	arena_free(a);
	m->scratch = NULL;
	if (m->nlayer)
		qsort(m->layer, (size_t)m->nlayer, sizeof *m->layer, by_name);
	return good ? m : NULL;
}

/* ---- use ---- */

const CaffemodelLayer *caffemodel_find(Caffemodel *m, const char *name)
{
	int low = 0, high = m->nlayer;
	while (low < high) { /* the first that is not less */
		int middle = low + (high - low) / 2;
		if (strcmp(m->layer[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->nlayer || strcmp(m->layer[low].name, name))
		return NULL;
	m->layer[low].used = true;
	return &m->layer[low];
}

int caffemodel_blob_count(const CaffemodelLayer *l)
{
	return l->nblob;
}

Loc caffemodel_loc(const Caffemodel *m, const CaffemodelLayer *l)
{
	Loc loc = loc_at(m, l->at);
	loc.layer = diag_quote(m->graph->arena, l->name);
	return loc;
}

static const char *shape_text(Arena *a, int rank, const int64_t *dim)
{
	const char *text = "";
	for (int i = 0; i < rank; i++)
		text = arena_printf(a, "%s%s%" PRId64, text, i ? ", " : "", dim[i]);
	return arena_printf(a, "[%s]", text);
}

/* The number in raw bytes of a type. */
static float raw_number(const uint8_t *p, int type)
{
	double d;
	float f;
	uint16_t h;
	switch (type) {
	case RAW_DOUBLE:
		memcpy(&d, p, sizeof d);
		return (float)d;
	case RAW_FLOAT:
		memcpy(&f, p, sizeof f);
		return f;
	default:
		memcpy(&h, p, sizeof h);
		return f16_to_float(h);
	}
}

/* `to`, or after the numbers of the field. */
static float *gather_field(const Numbers *n, const Part *f, float *first, float *to)
{
	static const size_t size[] = {[RAW_DOUBLE] = 8, [RAW_FLOAT] = 4, [RAW_HALF] = 2};
	const int type = f->number == BLOB_DATA ? RAW_FLOAT : f->number == BLOB_DOUBLE ? RAW_DOUBLE : n->raw;
	if (f->number == BLOB_RAW)
		to = first;
	if (f->number == BLOB_DATA || f->number == BLOB_DOUBLE || (f->number == BLOB_RAW && n->nraw))
		for (size_t i = 0; i < f->size / size[type]; i++)
			*to++ = raw_number(f->data + i * size[type], type);
	return to;
}

/* Numbers that are spread over several pieces of the file, or are not 32-bit floats: they are copied into memory. */
static Blob *gathered(Caffemodel *m, const Numbers *n, const Type *t, Diag *d)
{
	Arena *a = arena_new();
	uint8_t *bytes = arena_alloc(a, (size_t)n->size + 1);
	const int64_t most = n->nraw ? n->size / 2 : n->nfloat + n->ndouble;
	float *out = arena_new_array(a, float, most + 1), *to = out;
	Blob *b = NULL;
	if (!file_read(m->fd, bytes, (size_t)n->size, n->at)) {
		diag_error(d, DIAG_IO, loc_at(m, n->at), "changed or unreadable while being read");
	} else {
		for (const uint8_t *p = bytes, *end = p + n->size; p < end;) {
			Part f;
			p = take_field(p, &f);
			to = gather_field(n, &f, out, to);
		}
		b = blob_bytes(m->graph, t, out);
	}
	arena_free(a);
	return b;
}

Blob *caffemodel_blob(Caffemodel *m, const CaffemodelLayer *l, int i, int rank, const int64_t *dim, Diag *d)
{
	const Numbers *n = &l->blob[i];
	if (!same_shape(rank, dim, n->rank, n->dim)) {
		Arena *a = arena_new();
		Loc loc = loc_at(m, n->at);
		loc.layer = diag_quote(a, l->name);
		diag_error(d, DIAG_REJECT, loc, "blob %d has shape %s; the network needs %s", i, shape_text(a, n->rank, n->dim),
		           shape_text(a, rank, dim));
		arena_free(a);
		return NULL;
	}
	Type t = type_make(DT_F32, rank, dim);
	if (n->data < 0)
		return gathered(m, n, &t, d);
	Blob *b = arena_new_one(m->graph->arena, Blob);
	*b = (Blob){.kind = BLOB_FILE, .dtype = DT_F32, .rank = rank, .fd = m->fd, .file = m->file, .offset = n->data};
	memcpy(b->dim, dim, sizeof *dim * (size_t)rank);
	return b;
}

void caffemodel_warn_unused(const Caffemodel *m, Diag *d)
{
	int unused = 0;
	for (int i = 0; i < m->nlayer; i++) {
		if (m->layer[i].used || ++unused > SHOWN_UNUSED)
			continue;
		Arena *a = arena_new();
		diag_warning(d, loc_at(m, m->layer[i].at), "the weights of layer '%s' are not used by the network",
		             diag_quote(a, m->layer[i].name));
		arena_free(a);
	}
	if (unused > SHOWN_UNUSED)
		diag_warning(d, loc_at(m, -1), "the weights of %d layers are not used by the network", unused);
}
