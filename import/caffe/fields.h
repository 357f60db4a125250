/* fields.h -- what becomes of each field of caffe.proto: the table fields.def, and the walk that refuses by it. */
#ifndef IMPORT_CAFFE_FIELDS_H
#define IMPORT_CAFFE_FIELDS_H

#include "import/caffe/caffe.h"

typedef enum FieldFate { FIELD_USED, FIELD_REFUSED, FIELD_NO_EFFECT } FieldFate;

typedef struct FieldRow {
	const char *message, *fields; /* names with a space between them */
	FieldFate fate;
	const char *harmless; /* of a refused field: values that are accepted, with a space between them */
	const char *reason;   /* of a used one: the layer types, or the files, that use it */
} FieldRow;

int caffe_field_rows(void);
const FieldRow *caffe_field_row(int i);
/* `word` is among the words of the list. */
bool caffe_word_in(const char *list, const char *word);

/* Errors for the refused fields of a layer, warnings for messages that its type does not read. type: as in layers.c. */
bool caffe_check_fields(Caffe *c, const Layer *l, const char *type);

#endif
