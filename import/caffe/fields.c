/* fields.c -- a walk over the messages of a layer by their descriptors: a field that would change the result and is not
 * read is an error, so that it is not passed over in silence.
 *
 * Relies on prototxt.h for which fields the text has and where.
 */
#include "import/caffe/fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Words of forks for the library that computes, and for the precision it computes in. */
#define ENGINE_NET "engine default_forward_type default_backward_type default_forward_math default_backward_math"
#define ENGINE_LAYER "engine forward_type backward_type forward_math backward_math"
#define ENGINE_CONVOLUTION "cudnn_convolution_algo_seeker conv_algos_override cudnn_math_override"

static const FieldRow rows[] = {
#define USED(m, f, by) {#m, f, FIELD_USED, NULL, by},
#define REFUSED(m, f, harmless, why) {#m, f, FIELD_REFUSED, harmless, why},
#define NO_EFFECT(m, f, why) {#m, f, FIELD_NO_EFFECT, NULL, why},
#include "import/caffe/fields.def"
};

enum { NROWS = sizeof rows / sizeof *rows };

int caffe_field_rows(void)
{
	return NROWS;
}

const FieldRow *caffe_field_row(int i)
{
	return &rows[i];
}

bool caffe_word_in(const char *list, const char *word)
{
	const size_t n = strlen(word);
	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

static const FieldRow *find_row(const char *message, const char *field)
{
	for (int i = 0; i < NROWS; i++)
		if (!strcmp(rows[i].message, message) && caffe_word_in(rows[i].fields, field))
			return &rows[i];
	bug("no fate of field %s of %s in fields.def", field, message);
}

/* The value of a field, spelled as in the column `harmless` of fields.def; only the types that refused fields have are known. */
static const char *value_text(Arena *a, const ProtobufCFieldDescriptor *f, const void *value)
{
	const int32_t *number = value;
	const protobuf_c_boolean *flag = value;
	switch (f->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return *flag ? "true" : "false";
	case PROTOBUF_C_TYPE_INT32:
		return arena_printf(a, "%" PRId32, *number);
	case PROTOBUF_C_TYPE_ENUM:
		return protobuf_c_enum_descriptor_get_value(f->descriptor, *number)->name;
	default:
		return "given";
	}
}

static bool check_field(Caffe *c, const Layer *l, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const FieldRow *row = find_row(m->descriptor->short_name, f->name);
	if (row->fate != FIELD_REFUSED)
		return true;
	const char *value = value_text(c->a, f, (const char *)m + f->offset);
	if (caffe_word_in(row->harmless, value))
		return true;
	return LAYER_UNSUPPORTED(c, l, m, f->name, "%s is %s: %s%s%s", f->name, value, row->reason, *row->harmless ? "; accepted: " : "",
	                         row->harmless);
}

static bool check_message(Caffe *c, const Layer *l, const ProtobufCMessage *m, const char *type);

static bool check_nested(Caffe *c, const Layer *l, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const char *at = (const char *)m + f->offset;
	ProtobufCMessage *const *one = (const void *)at, *const *const *list = (const void *)at;
	bool good = true;
	if (f->label != PROTOBUF_C_LABEL_REPEATED)
		return !*one || check_message(c, l, *one, NULL);
	const size_t *n = (const void *)((const char *)m + f->quantifier_offset);
	for (size_t i = 0; i < *n; i++)
		good = check_message(c, l, (*list)[i], NULL) && good;
	return good;
}

/* type: of the layer whose outermost message it is, or null. */
static bool check_message(Caffe *c, const Layer *l, const ProtobufCMessage *m, const char *type)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;
	bool good = true;
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		if (!prototxt_has(m, f->name))
			continue;
		const char *by = find_row(d->short_name, f->name)->reason, *suffix = strstr(f->name, "_param");
		const bool nested = f->type == PROTOBUF_C_TYPE_MESSAGE;
		if (type && nested && suffix && find_row(d->short_name, f->name)->fate == FIELD_USED && !caffe_word_in(by, type))
			diag_warning(c->d, layer_loc(l, m, f->name), "%s decides nothing in a layer of type %s; it is for %s", f->name,
			             type, by);
		else
			good = check_field(c, l, m, f) && (!nested || check_nested(c, l, m, f)) && good;
	}
	return good;
}

bool caffe_check_fields(Caffe *c, const Layer *l, const char *type)
{
	return check_message(c, l, l->text, type);
}
