/* layers.h -- which layer types there are, and what becomes of them. */
#ifndef IMPORT_CAFFE_LAYERS_H
#define IMPORT_CAFFE_LAYERS_H

#include "import/caffe/caffe.h"

typedef enum Fate {
	BUILT,
	INPUT,    /* declares inputs */
	DATA,     /* reads training data: left out */
	LOSS,     /* trains or measures: left out */
	SILENCED, /* its bottoms are no results */
	REFUSED,  /* runs code */
} Fate;

typedef struct LayerRow {
	const char *type;
	int v1; /* Caffe__V1LayerParameter__LayerType; 0: there is none */
	Fate fate;
	int in_min, in_max, out_max; /* -1: any number */
	bool in_place;               /* the result may have the name of the input */
	BuildLayer *build;
} LayerRow;

const LayerRow *layer_row(const char *type); /* or null */
const LayerRow *layer_row_v1(int v1);
const char *layer_type_at(const void *table, int i); /* for name_hint() */

#endif
