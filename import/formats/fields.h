/* fields.h -- JSON objects into structs, by tables: every field is known, typed and ranged, and all faults are listed.
 */
#ifndef IMPORT_FORMATS_FIELDS_H
#define IMPORT_FORMATS_FIELDS_H

#include "base/json.h"

enum { MAX_INTS = 8, MAX_REALS = 16, MAX_TEXTS = 256 };

typedef struct Ints {
	int n, v[MAX_INTS];
	Loc loc;
} Ints;

typedef struct Doubles {
	int n;
	double v[MAX_REALS];
	Loc loc;
} Doubles;

typedef struct Texts {
	int n;
	const char *v[MAX_TEXTS];
	Loc loc;
} Texts;

typedef enum FieldForm {
	FORM_INT,     /* int */
	FORM_REAL,    /* double */
	FORM_BOOL,    /* bool */
	FORM_CHOICE,  /* int: index of a word */
	FORM_TEXT,    /* const char * */
	FORM_PATH,    /* const char *: a file beneath the folder */
	FORM_OBJECT,  /* members of the struct around it */
	FORM_OBJECTS, /* an array of structs */
	FORM_INTS,    /* Ints */
	FORM_REALS,   /* Doubles */
	FORM_TEXTS,   /* Texts */
} FieldForm;

typedef struct FieldRow {
	const char *name;
	FieldForm form;
	bool required;
	size_t offset;
	double low, high;            /* of numbers; of the length of lists and texts */
	const char *const *choice;   /* CHOICE: names, ended by null */
	const struct FieldRow *part; /* OBJECT, OBJECTS: fields, ended by a row without a name */
	size_t part_size;            /* OBJECTS: of an element */
	size_t count_offset;         /* OBJECTS: of their number */
	size_t loc_offset;           /* of a Loc to set, or 0 */
	bool above;                  /* REAL, REALS: low itself is excluded */
	bool alone;                  /* REALS: a number without brackets is a list of one */
} FieldRow;

typedef struct FieldReader {
	Arena *a; /* texts are copied into it */
	Diag *d;
} FieldReader;

/* The members of j into the struct at `to`. What is wrong was reported when it returns. */
void fields_read(FieldReader *r, Json j, const FieldRow *table, void *to);

#endif
