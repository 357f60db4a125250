/* net.h -- building a network layer by layer; internal to the card importer.
 *
 * Each function appends nodes at the end of the graph, infers their types and returns the result, or null when the
 * input is null or an error was reported; so a builder is a straight line without tests. Layers are named as the
 * weights are (dssd.md sections 10 and 11): a layer X reads X.weight, X.bias, X.bn.mean, ... and adds the nodes X,
 * X.bn and X.relu.
 *
 * Made-up weights keep activations in range: each value carries its expected mean square (its power), and a layer's
 * weights are scaled so that its result has power 1.
 */
#ifndef IMPORT_CARDS_NET_H
#define IMPORT_CARDS_NET_H

#include "import/cards/card.h"
#include "import/formats/safetensors.h"

typedef struct Net {
	Graph *graph;
	const Card *card;
	Diag *d;
	Loc loc;           /* the place in the card that asks for the next layers */
	Safetensors *file; /* null: made-up or elided weights */
	bool random;
	uint64_t seed;
	Value *source[MAX_LEVELS]; /* feature maps of the levels, finest first */
	int label[MAX_LEVELS];     /* the numbers in the levels' names */
	int nlevel;
	double *power; /* by value id; 0: not known, taken as 1 */
	int power_capacity;
} Net;

typedef struct Spec { /* of a convolution; 0 means 1 for stride, dilation and group */
	int out, kernel, stride, pad, dilation, group;
	bool bias, bn;
	Func act;
	double gain;  /* made-up weights: deviation of the result; 0: 1 */
	double shift; /* made-up weights: mean of the result after a batch normalisation */
} Spec;

/* A channel width under the card's divisor: a multiple of 8 unless the divisor is 1. */
int net_width(const Net *n, int width);
void net_source(Net *n, int label, Value *v);
const char *net_name(const Net *n, const char *format, ...) __attribute__((format(printf, 2, 3)));

Value *net_conv(Net *n, Value *x, const char *name, Spec s);
Value *net_deconv(Net *n, Value *x, const char *name, int out, int kernel, int stride, int pad); /* with bias */
Value *net_function(Net *n, Value *x, Value *y, const char *name, Func f);                       /* y: null for a unary function */
Value *net_act(Net *n, Value *x, const char *layer, Func f);                                     /* node LAYER.relu, LAYER.relu6 */
Value *net_max_pool(Net *n, Value *x, const char *name, int kernel, int stride, int pad);
Value *net_l2norm(Net *n, Value *x, const char *name);
Value *net_resize(Net *n, Value *x, const char *name, const Value *like); /* bilinear, to like's height and width */
Value *net_permute(Net *n, Value *x, const char *name);                   /* NCHW to NHWC */
Value *net_reshape(Net *n, Value *x, const char *name, int rank, const int64_t *dim);
Value *net_concat(Net *n, Value *const *x, int count, const char *name, int axis);
Value *net_softmax(Net *n, Value *x, const char *name, int axis);
/* Head convolution: with made-up weights the background class stands out, so that few boxes are detected. */
Value *net_head(Net *n, Value *x, const char *name, int out, int kernel, int classes);
/* Made-up weights: what the pixels of a photograph are like after the card's preprocessing. */
void net_image_power(Net *n, Value *x);
/* Types, name and place of a node that was just added. */
Value *net_finish(Net *n, Node *node);

/* ResBody of the released code: branch2a, 2b, 2c, and branch1 or the identity. */
typedef struct Residual {
	int inner, outer, kernel, stride, dilation; /* kernel and stride: of branch1 and branch2a */
	int middle;                                 /* kernel of branch2b */
	bool branch1;
} Residual;
Value *net_residual(Net *n, Value *x, const char *name, Residual r);

/* Backbone and extras; they set the sources. */
void net_resnet(Net *n, Value *x);
void net_vgg(Net *n, Value *x);
void net_mobilenet(Net *n, Value *x);

/* Decoder, prediction modules, heads, default boxes, detection; sets the graph's output. */
void net_dssd(Net *n, int classes);

#endif
