/* results.h -- which blobs a network returns. */
#ifndef IMPORT_CAFFE_RESULTS_H
#define IMPORT_CAFFE_RESULTS_H

#include "import/caffe/caffe.h"

/* The graph's outputs: detections, or the blobs that no layer reads. file: of the network, for messages. */
void caffe_choose_outputs(Caffe *c, const Names *blobs, const char *file);

#endif
