/* wire.c -- a stack of open messages; every field is read where it ends up. */
#include "import/formats/wire.h"

#include <inttypes.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, GROUP = 3, GROUP_END = 4, FIXED32 = 5 };

typedef struct Frame { /* a message that is not at its end yet */
	const ProtobufCMessageDescriptor *type;
	size_t end;
	char *to; /* its struct; null when only checking */
} Frame;

typedef struct Walk {
	const Wire *w;
	Diag *d;
	size_t at;
	Arena *arena; /* null: only checking */
	char *room;   /* what is left of a block of the arena: structs are closer than the arena would lay them */
	size_t left, used, limit;
	int depth;
	Frame frame[WIRE_DEPTH + 1];
} Walk;

static Loc loc_at(const Walk *k, size_t at)
{
	return (Loc){.file = k->w->file, .offset = k->w->base + (int64_t)at};
}

#define FAIL_AS(k, class, at_, ...) (diag_error((k)->d, (class), loc_at((k), (at_)), __VA_ARGS__), false)
#define FAIL(k, at_, ...) FAIL_AS(k, DIAG_REJECT, at_, __VA_ARGS__)

/* ---- memory ---- */

/* Zeroed, aligned to 8; null after the limit was reported. */
static void *take(Walk *k, size_t size)
{
	enum { BLOCK = 64 << 10 };
	size = (size + 7) & ~(size_t)7;
	if (size > k->limit - k->used) {
		diag_error(k->d, DIAG_LIMIT, loc_at(k, k->at),
		           "more than %zu bytes of structs; the limit is 32 MiB plus the size of the file", k->limit);
		return NULL;
	}
	k->used += size;
	if (size >= BLOCK)
		return arena_alloc(k->arena, size);
	if (size > k->left) {
		k->room = arena_alloc(k->arena, BLOCK);
		k->left = BLOCK;
	}
	char *p = k->room;
	k->room += size;
	k->left -= size;
	return p;
}

static size_t element_size(ProtobufCType t)
{
	switch (t) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default: /* enum and bool are ints */
		return 4;
	}
}

/* Elements that the array of a repeated field has room for when it holds n. */
static size_t capacity(size_t n)
{
	size_t c = n ? 1 : 0;
	while (c < n)
		c *= 2;
	return c;
}

/* Where the next `more` elements of a repeated field go, now counted as its elements. */
static char *append(Walk *k, char *message, const ProtobufCFieldDescriptor *f, size_t more)
{
	size_t *n = (size_t *)(message + f->quantifier_offset), size = element_size(f->type);
	char **array = (char **)(message + f->offset);
	if (capacity(*n + more) > capacity(*n)) {
		char *grown = take(k, capacity(*n + more) * size);
		if (!grown)
			return NULL;
		if (*n)
			memcpy(grown, *array, *n * size);
		*array = grown;
	}
	*n += more;
	return *array + (*n - more) * size;
}

/* Where one element of the field goes; null after an error. */
static char *place(Walk *k, const ProtobufCFieldDescriptor *f)
{
	char *message = k->frame[k->depth - 1].to;
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return append(k, message, f, 1);
	bool pointer = f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE;
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL && !pointer)
		*(protobuf_c_boolean *)(message + f->quantifier_offset) = 1;
	return message + f->offset;
}

/* ---- numbers ---- */

static bool read_varint(Walk *k, size_t end, const char *what, uint64_t *out)
{
	const uint8_t *p = k->w->data;
	uint64_t x = 0;
	for (int i = 0; i < 10; i++) {
		if (k->at + (size_t)i >= end)
			return FAIL(k, k->at, "the message ends inside %s", what);
		uint8_t b = p[k->at + (size_t)i];
		if (i == 9 && b > 1)
			break;
		x |= (uint64_t)(b & 0x7f) << (7 * i);
		if (b < 0x80) {
			k->at += (size_t)i + 1;
			*out = x;
			return true;
		}
	}
	return FAIL(k, k->at, "%s of more than 64 bits", what);
}

static int wire_type_of(ProtobufCType t)
{
	switch (t) {
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return FIXED32;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return FIXED64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return BYTES;
	default:
		return VARINT;
	}
}

/* A varint in the form of its field. Negative 32-bit numbers are written with 64 bits, or, by some, with 32. */
static bool convert(Walk *k, const ProtobufCFieldDescriptor *f, size_t at, uint64_t x, uint64_t *out)
{
	bool signed32 = f->type == PROTOBUF_C_TYPE_INT32 || f->type == PROTOBUF_C_TYPE_ENUM;
	bool narrow = signed32 || f->type == PROTOBUF_C_TYPE_UINT32 || f->type == PROTOBUF_C_TYPE_SINT32;
	if (narrow && x > UINT32_MAX && !(signed32 && (int64_t)x < 0 && (int64_t)x >= INT32_MIN))
		return FAIL(k, at, "field %s holds %" PRIu64 ", which does not fit its 32 bits", f->name, x);
	if (f->type == PROTOBUF_C_TYPE_SINT32 || f->type == PROTOBUF_C_TYPE_SINT64)
		x = (x >> 1) ^ (0 - (x & 1));
	*out = f->type == PROTOBUF_C_TYPE_BOOL ? x != 0 : x;
	return true;
}

/* size is 4 or 8; the machine is little-endian, as the format is. */
static void store(char *to, size_t size, uint64_t x)
{
	uint32_t half = (uint32_t)x;
	if (size == 8)
		memcpy(to, &x, 8);
	else
		memcpy(to, &half, 4);
}

static bool read_number(Walk *k, const ProtobufCFieldDescriptor *f, size_t end, char *to)
{
	size_t at = k->at;
	uint64_t x = 0;
	int wire = wire_type_of(f->type);
	if (wire == VARINT) {
		if (!read_varint(k, end, "a number", &x) || !convert(k, f, at, x, &x))
			return false;
	} else {
		size_t size = wire == FIXED32 ? 4 : 8;
		if (end - k->at < size)
			return FAIL(k, at, "the message ends inside a number of field %s", f->name);
		memcpy(&x, k->w->data + k->at, size);
		k->at += size;
	}
	if (to)
		store(to, element_size(f->type), x);
	return true;
}

static size_t count_varints(const uint8_t *p, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < size; i++)
		n += p[i] < 0x80;
	return n;
}

static bool read_packed(Walk *k, const ProtobufCFieldDescriptor *f, size_t end)
{
	int wire = wire_type_of(f->type);
	size_t length = end - k->at, size = element_size(f->type), width = wire == FIXED32 ? 4 : 8;
	if (wire != VARINT && length % width)
		return FAIL(k, k->at, "packed field %s has %zu bytes, which is no multiple of %zu", f->name, length, width);
	size_t n = wire == VARINT ? count_varints(k->w->data + k->at, length) : length / width;
	char *to = NULL;
	if (k->arena && n && !(to = append(k, k->frame[k->depth - 1].to, f, n)))
		return false;
	if (wire != VARINT) {
		if (to)
			memcpy(to, k->w->data + k->at, length);
		k->at = end;
		return true;
	}
	for (size_t i = 0; k->at < end; i++)
		if (!read_number(k, f, end, to ? to + i * size : NULL))
			return false;
	return true;
}

/* ---- strings, messages ---- */

/* Length of the UTF-8 sequence at s, or 0. */
static size_t utf8_length(const uint8_t *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
	bool outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
	return n > 1 && (overlong || outside) ? 0 : n;
}

static bool read_string(Walk *k, const ProtobufCFieldDescriptor *f, size_t end)
{
	const uint8_t *p = k->w->data;
	for (size_t i = k->at, n; i < end; i += n) {
		n = k->w->any_text ? 1 : utf8_length(p + i, end - i);
		if (!p[i])
			return FAIL(k, i, "a NUL inside string %s", f->name);
		if (!n)
			return FAIL(k, i, "string %s is not UTF-8: byte 0x%02x", f->name, p[i]);
	}
	if (k->arena) {
		char **to = (char **)place(k, f), *s = to ? take(k, end - k->at + 1) : NULL;
		if (!s)
			return false;
		memcpy(s, p + k->at, end - k->at);
		*to = s;
	}
	k->at = end;
	return true;
}

static bool open_message(Walk *k, const ProtobufCFieldDescriptor *f, size_t end)
{
	const ProtobufCMessageDescriptor *type = f->descriptor;
	if (k->depth > WIRE_DEPTH)
		return FAIL_AS(k, DIAG_LIMIT, k->at, "messages nested deeper than %d", WIRE_DEPTH);
	char *message = NULL;
	if (k->arena) {
		char **to = (char **)place(k, f);
		if (!to)
			return false;
		if (!*to) {
			if (!(message = take(k, type->sizeof_message)))
				return false;
			type->message_init((ProtobufCMessage *)message);
			((ProtobufCMessage *)message)->n_unknown_fields = (unsigned)k->at;
			*to = message;
		}
		message = *to;
	}
	k->frame[k->depth++] = (Frame){type, end, message};
	return true;
}

static bool read_bytes(Walk *k, const ProtobufCFieldDescriptor *f, size_t end)
{
	if (k->arena) {
		ProtobufCBinaryData *to = (ProtobufCBinaryData *)place(k, f);
		if (!to)
			return false;
		*to = (ProtobufCBinaryData){end - k->at, (uint8_t *)k->w->data + k->at};
	}
	k->at = end;
	return true;
}

/* ---- fields ---- */

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *m, uint32_t id)
{
	unsigned low = 0, high = m->n_fields;
	while (low < high) { /* sorted by id */
		unsigned middle = low + (high - low) / 2;
		if (m->fields[middle].id == id)
			return &m->fields[middle];
		if (m->fields[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *const wire_name[] = {"varint", "64-bit", "length-delimited", "group", "end of group", "32-bit"};

static bool read_value(Walk *k, const ProtobufCFieldDescriptor *f, int wire, size_t end)
{
	const int own = wire_type_of(f->type);
	if (wire == BYTES && own != BYTES)
		return read_packed(k, f, end);
	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return open_message(k, f, end);
	if (f->type == PROTOBUF_C_TYPE_STRING)
		return read_string(k, f, end);
	if (f->type == PROTOBUF_C_TYPE_BYTES)
		return read_bytes(k, f, end);
	char *to = NULL;
	return (!k->arena || (to = place(k, f))) && read_number(k, f, end, to);
}

static bool skip_value(Walk *k, int wire, size_t end)
{
	uint64_t x;
	if (wire == VARINT)
		return read_varint(k, end, "a number", &x);
	size_t size = wire == FIXED32 ? 4 : wire == FIXED64 ? 8 : end - k->at;
	if (end - k->at < size)
		return FAIL(k, k->at, "the message ends inside a number");
	k->at += size;
	return true;
}

static bool read_field(Walk *k)
{
	const Frame *m = &k->frame[k->depth - 1];
	size_t at = k->at, end = m->end;
	uint64_t tag, length;
	if (!read_varint(k, end, "a field's tag", &tag))
		return false;
	int wire = (int)(tag & 7);
	if (tag >> 3 == 0 || tag >> 32)
		return FAIL(k, at, "field number %" PRIu64 "; the numbers are 1 to 2^29 - 1", tag >> 3);
	if (wire == GROUP || wire == GROUP_END)
		return FAIL(k, at, "field %" PRIu64 " of %s is a group (wire type %d); groups are not read", tag >> 3, m->type->short_name,
		            wire);
	if (wire > FIXED32)
		return FAIL(k, at, "field %" PRIu64 " of %s has wire type %d, which does not exist", tag >> 3, m->type->short_name, wire);
	const ProtobufCFieldDescriptor *f = find_field(m->type, (uint32_t)(tag >> 3));
	const int own = f ? wire_type_of(f->type) : wire;
	const bool packed = f && f->label == PROTOBUF_C_LABEL_REPEATED && own != BYTES && wire == BYTES;
	if (wire != own && !packed)
		return FAIL(k, at, "field %s of %s has wire type %s; it must be %s", f->name, m->type->short_name, wire_name[wire],
		            wire_name[own]);
	if (wire == BYTES) {
		size_t length_at = k->at;
		if (!read_varint(k, end, "a length", &length))
			return false;
		if (length > end - k->at)
			return FAIL(k, length_at, "%s%s%s has a length of %" PRIu64 " bytes; %zu are left", f ? f->name : "a field",
			            f ? " of " : " in ", m->type->short_name, length, end - k->at);
		end = k->at + (size_t)length;
	}
	return f ? read_value(k, f, wire, end) : skip_value(k, wire, end);
}

static void *walk(const Wire *w, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d)
{
	Walk k = {.w = w, .d = d, .arena = a, .limit = ((size_t)32 << 20) + w->size, .depth = 1};
	if (w->size >= (size_t)1 << 31) {
		diag_error(d, DIAG_LIMIT, loc_at(&k, 0), "larger than 2^31 - 1 bytes");
		return NULL;
	}
	char *message = a ? take(&k, root->sizeof_message) : NULL;
	if (message)
		root->message_init((ProtobufCMessage *)message);
	k.frame[0] = (Frame){root, w->size, message};
	while (k.depth) {
		if (k.at == k.frame[k.depth - 1].end)
			k.depth--;
		else if (!read_field(&k))
			return NULL;
	}
	return a ? (void *)message : (void *)root;
}

void *wire_unpack(const Wire *w, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d)
{
	return walk(w, root, a, d);
}

bool wire_check(const Wire *w, const ProtobufCMessageDescriptor *root, Diag *d)
{
	return walk(w, root, NULL, d) != NULL;
}
