/* proto.h -- writes protocol buffers for the tests, good and bad ones. Messages are built inside out: a message is a
 * Proto of its own and is then put as a field into the one around it. */
#ifndef TESTS_IMPORT_PROTO_H
#define TESTS_IMPORT_PROTO_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct Proto {
	uint8_t *data;
	size_t size, room;
} Proto;

static inline void proto_raw(Proto *p, const void *data, size_t size)
{
	if (p->size + size > p->room) {
		p->room = (p->size + size) * 2 + 64;
		p->data = realloc(p->data, p->room);
		if (!p->data)
			abort();
	}
	if (size)
		memcpy(p->data + p->size, data, size);
	p->size += size;
}

static inline void proto_varint(Proto *p, uint64_t x)
{
	uint8_t byte;
	do {
		byte = (uint8_t)((x & 0x7f) | (x > 0x7f ? 0x80 : 0));
		proto_raw(p, &byte, 1);
	} while (x >>= 7);
}

static inline void proto_tag(Proto *p, uint32_t field, int wire)
{
	proto_varint(p, (uint64_t)field << 3 | (unsigned)wire);
}

static inline void proto_int(Proto *p, uint32_t field, int64_t x)
{
	proto_tag(p, field, 0);
	proto_varint(p, (uint64_t)x);
}

static inline void proto_bytes(Proto *p, uint32_t field, const void *data, size_t size)
{
	proto_tag(p, field, 2);
	proto_varint(p, size);
	proto_raw(p, data, size);
}

static inline void proto_string(Proto *p, uint32_t field, const char *s)
{
	proto_bytes(p, field, s, strlen(s));
}

static inline void proto_float(Proto *p, uint32_t field, float x)
{
	proto_tag(p, field, 5);
	proto_raw(p, &x, 4);
}

/* inner as a field; inner is emptied */
static inline void proto_message(Proto *p, uint32_t field, Proto *inner)
{
	proto_bytes(p, field, inner->data, inner->size);
	free(inner->data);
	*inner = (Proto){0};
}

static inline void proto_free(Proto *p)
{
	free(p->data);
	*p = (Proto){0};
}

#endif
