/* caffe.h -- what the parts of the Caffe importer share; internal to this folder.
 *
 * Each layer type is a row of layers.c with a function that appends nodes for one layer. Such a function reads
 * l->in, sets l->out, and is false after it reported an error; then the layers after it are passed over in silence, so
 * that one run lists all that is wrong on its own.
 */
#ifndef IMPORT_CAFFE_CAFFE_H
#define IMPORT_CAFFE_CAFFE_H

#include "import/caffe/caffemodel.h"
#include "import/caffe/names.h"
#include "import/import.h"
#include "import/formats/prototxt.h"

#include <caffe.pb-c.h>

typedef struct Caffe {
	Graph *graph;
	const ImportOptions *o;
	Caffemodel *weights; /* null: made-up or elided */
	const char *weights_file;
	Arena *a;       /* for the import only */
	Names weighted; /* layers that have taken weights */
	Diag *d;
	const struct Layer *first; /* of the network, in an array */
	bool pixel_hint;           /* it was said that offsets look like pixels */
} Caffe;

typedef struct Layer {
	const Caffe__LayerParameter *p; /* of V1 layers too */
	const void *text;               /* the message that was read: *p, or a V1LayerParameter */
	const char *name, *type;
	Loc loc;
	int nin, nout;
	Value **in, **out;
} Layer;

typedef bool BuildLayer(Caffe *c, Layer *l);

/* The place of a field of param (null: the layer has no such message), of param or of the layer. */
Loc layer_loc(const Layer *l, const void *param, const char *field);

#define LAYER_FAIL(c, l, param, field, ...) (diag_error((c)->d, DIAG_REJECT, layer_loc((l), (param), (field)), __VA_ARGS__), false)
#define LAYER_UNSUPPORTED(c, l, param, field, ...) \
	(diag_error((c)->d, DIAG_UNSUPPORTED, layer_loc((l), (param), (field)), __VA_ARGS__), false)

/* The layer's parameters, or their defaults. */
#define PARAM(l, member, type, init)                       \
	static const type member##_standard = init;        \
	const type *const member##_given = (l)->p->member; \
	const type *const p = member##_given ? member##_given : &member##_standard

/* A float of the file as the decimal number that was written: 0.1, not 0.100000001. */
double caffe_number(float x);

/* ---- nodes ---- */

/* A node called as the layer, or LAYER.suffix. */
Node *layer_node(Caffe *c, const Layer *l, const char *suffix, Op op, int nin, Value *const *in);
/* Types of its result; null after an error. */
Value *layer_finish(Caffe *c, Node *n);
/* layer_finish of a layer's only or last node: sets l->out[0]. */
bool layer_end(Caffe *c, Layer *l, Node *n);
Value *layer_reshape(Caffe *c, const Layer *l, const char *suffix, Value *x, int rank, const int64_t *dim);
Value *layer_function(Caffe *c, const Layer *l, const char *suffix, Func f, double alpha, double beta, Value *x, Value *y);

/* -1 is the last axis; most: one more than the greatest. */
bool layer_axis(Caffe *c, const Layer *l, const void *param, const char *field, int64_t axis, int rank, int *out);

/* ---- weights ---- */

/* Blobs of the layer in the file of weights; -1: there are none. */
int layer_blobs(Caffe *c, const Layer *l);
/* The layer has that many blobs, or there are no weights at all. as: what follows the number in the message. */
bool layer_want_blobs_as(Caffe *c, const Layer *l, int count, const char *as);
bool layer_want_blobs(Caffe *c, const Layer *l, int count);
/* Blob i as the constant LAYER.suffix; null after an error. */
Value *layer_weight(Caffe *c, const Layer *l, int i, const char *suffix, int rank, const int64_t *dim);
/* Numbers of blob i, or null. */
const float *layer_numbers(Caffe *c, const Layer *l, int i, int64_t count);

/* ---- rows ---- */

BuildLayer caffe_convolution, caffe_depthwise, caffe_deconvolution, caffe_inner_product, caffe_pooling;                 /* conv.c */
BuildLayer caffe_batch_norm, caffe_bn, caffe_scale, caffe_bias, caffe_normalize, caffe_lrn, caffe_prelu, caffe_softmax; /* norm.c */
BuildLayer caffe_relu, caffe_relu6, caffe_clip, caffe_dropout, caffe_elu, caffe_sigmoid, caffe_tanh, caffe_swish, caffe_abs, caffe_exp,
    caffe_log, caffe_bnll, caffe_power, caffe_threshold, caffe_eltwise; /* math.c */
BuildLayer caffe_permute, caffe_flatten, caffe_reshape, caffe_concat, caffe_slice, caffe_split, caffe_crop, caffe_same, caffe_interp,
    caffe_upsample;                                                                                  /* shape.c */
BuildLayer caffe_arg_max, caffe_axpy, caffe_mvn, caffe_reduction, caffe_shuffle_channel, caffe_tile; /* axes.c */
BuildLayer caffe_prior_box, caffe_detection_output;                                                  /* detect.c */

#endif
