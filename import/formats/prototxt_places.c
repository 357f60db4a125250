/* prototxt_places.c -- where a message or its field is, by what the reader noted after the message. */
#include "import/formats/prototxt_places.h"

/* Of the field's first occurrence, or null. */
static const Place *field_place(const void *message, const char *name)
{
	const ProtobufCMessageDescriptor *type = ((const ProtobufCMessage *)message)->descriptor;
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(type, name);
	if (!f)
		bug("no field '%s' in %s", name, type->name);
	const Place *at = places(message) ? &places(message)->field[f - type->fields] : NULL;
	return at && at->line ? at : NULL;
}

Loc prototxt_loc(const void *message, const char *field)
{
	const Places *p = places(message);
	const Place *at = field ? field_place(message, field) : NULL;
	if (!p)
		return (Loc){0};
	at = at ? at : &p->self;
	return (Loc){.file = p->file, .line = at->line, .col = at->col};
}

bool prototxt_has(const void *message, const char *field)
{
	return field_place(message, field);
}
