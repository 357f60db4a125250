/* import.h -- model files to graphs. */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "ir/ir.h"

typedef struct ImportOptions {
	const char *weights;   /* safetensors file, .caffemodel; null: the one that the card names, or that is beside */
	bool random;           /* made-up weights in place of a file's */
	uint64_t seed;         /* of random */
	int width_divisor;     /* channel widths divided, rounded up to multiples of 8; <= 0: as the card says */
	double threshold, nms; /* < 0: as the card says */
	int top_k, keep_top_k; /* <= 0: as the card says */
	int classes;           /* with background; <= 0: as the card says */
	const char *labels;    /* file of class names, one a line; null: as the card says */
	const char *mean, *divisor, *channel_order; /* of preprocessing, as on the command line; null: as the model says */
	const char *detect;                         /* how to make boxes of a network's results: detect_fragment.h */
	const char *box_order; /* ONNX: "xy" or "yx", of the boxes that suppression is given; "plain"; null: as their grid tells */
	const char *prior_offset, *prior_sizes; /* Caffe: "pixels" or "cells", "truncate" or "exact"; null: not said */
	bool outputs_chosen;                    /* the command line names layers to return: the tail of an ONNX model stays as it is */
	bool skip_unknown;                      /* Caffe: unknown fields are a warning */
	const char *const *bind;                /* null-terminated INPUT=FILE: graph inputs that are constants; or null */
	const char *const *dims;                /* null-terminated NAME=N: extents that an ONNX model leaves open; or null */
} ImportOptions;

/* A card of models/ to the graph it describes, all types inferred. Null after errors were reported. Without any
 * weights the constants are elided: such a graph can be looked at, not compiled. */
Graph *import_card(const char *path, const ImportOptions *o, Diag *d);

/* IR text. Its elided constants are bound by their names to tensors of o->weights, whose shape, element type and content
 * must be those that the text states, or are made up. Null after errors were reported. */
Graph *import_ir(const char *path, const char *text, size_t size, const ImportOptions *o, Diag *d);

/* A Caffe network, deploy.prototxt, and its weights. Null after errors were reported, all of them. Without any weights
 * the constants are elided. */
Graph *import_caffe(const char *path, const ImportOptions *o, Diag *d);
/* X.caffemodel for X.prototxt in the same folder, whether it is there or not. */
const char *import_caffe_weights(const char *path, Arena *a);

/* ---- what importers share: import.c ---- */

/* "models/dssd321_voc.json" names the graph dssd321_voc. */
const char *import_graph_name(Arena *a, const char *path);

/* The last step of every importer but the card's: boxes by o->detect, preprocessing and limits of detect as the command
 * line has them, made-up weights for elided constants when o->random. False after an error. */
bool import_finish(Graph *g, const ImportOptions *o, Diag *d);

/* --mean, --divisor and --channel-order into the graph's preprocessing. */
void import_preprocess(Graph *g, const ImportOptions *o, Diag *d);

/* An ONNX model. Null after errors were reported. */
Graph *import_onnx(const char *path, const ImportOptions *o, Diag *d);

/* A file of class names, one a line, into the graph. False after an error. */
bool import_labels(Graph *g, const char *path, Diag *d);

#endif
