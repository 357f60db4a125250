/* layers.c -- the table of Caffe's layer types. */
#include "import/caffe/layers.h"

#include <string.h>

#define V1(t) CAFFE__V1_LAYER_PARAMETER__LAYER_TYPE__##t

static const LayerRow rows[] = {
    {"Convolution", V1(CONVOLUTION), BUILT, 1, 1, 1, false, caffe_convolution},
    {"ConvolutionDepthwise", 0, BUILT, 1, 1, 1, false, caffe_depthwise},
    {"DepthwiseConvolution", 0, BUILT, 1, 1, 1, false, caffe_depthwise},
    {"Deconvolution", V1(DECONVOLUTION), BUILT, 1, 1, 1, false, caffe_deconvolution},
    {"InnerProduct", V1(INNER_PRODUCT), BUILT, 1, 1, 1, false, caffe_inner_product},
    {"Pooling", V1(POOLING), BUILT, 1, 1, 1, false, caffe_pooling},
    {"BatchNorm", 0, BUILT, 1, 1, 1, true, caffe_batch_norm},
    {"BN", 0, BUILT, 1, 1, 1, true, caffe_bn},
    {"Scale", 0, BUILT, 1, 2, 1, true, caffe_scale},
    {"Bias", 0, BUILT, 1, 2, 1, true, caffe_bias},
    {"Normalize", 0, BUILT, 1, 1, 1, true, caffe_normalize},
    {"Softmax", V1(SOFTMAX), BUILT, 1, 1, 1, true, caffe_softmax},
    {"LRN", V1(LRN), BUILT, 1, 1, 1, true, caffe_lrn},
    {"PReLU", 0, BUILT, 1, 1, 1, true, caffe_prelu},
    {"ReLU", V1(RELU), BUILT, 1, 1, 1, true, caffe_relu},
    {"ReLU6", 0, BUILT, 1, 1, 1, true, caffe_relu6},
    {"Clip", 0, BUILT, 1, 1, 1, true, caffe_clip},
    {"ELU", 0, BUILT, 1, 1, 1, true, caffe_elu},
    {"Sigmoid", V1(SIGMOID), BUILT, 1, 1, 1, true, caffe_sigmoid},
    {"TanH", V1(TANH), BUILT, 1, 1, 1, true, caffe_tanh},
    {"Swish", 0, BUILT, 1, 1, 1, true, caffe_swish},
    {"AbsVal", V1(ABSVAL), BUILT, 1, 1, 1, true, caffe_abs},
    {"Exp", V1(EXP), BUILT, 1, 1, 1, true, caffe_exp},
    {"Log", 0, BUILT, 1, 1, 1, true, caffe_log},
    {"BNLL", V1(BNLL), BUILT, 1, 1, 1, true, caffe_bnll},
    {"Power", V1(POWER), BUILT, 1, 1, 1, true, caffe_power},
    {"Eltwise", V1(ELTWISE), BUILT, 2, -1, 1, true, caffe_eltwise},
    {"Threshold", V1(THRESHOLD), BUILT, 1, 1, 1, true, caffe_threshold},
    {"ArgMax", V1(ARGMAX), BUILT, 1, 1, 1, false, caffe_arg_max},
    {"Axpy", 0, BUILT, 3, 3, 1, false, caffe_axpy},
    {"MVN", V1(MVN), BUILT, 1, 1, 1, true, caffe_mvn},
    {"Reduction", 0, BUILT, 1, 1, 1, false, caffe_reduction},
    {"ShuffleChannel", 0, BUILT, 1, 1, 1, false, caffe_shuffle_channel},
    {"Tile", 0, BUILT, 1, 1, 1, false, caffe_tile},
    {"Concat", V1(CONCAT), BUILT, 1, -1, 1, false, caffe_concat},
    {"Slice", V1(SLICE), BUILT, 1, 1, -1, false, caffe_slice},
    {"Split", V1(SPLIT), BUILT, 1, 1, -1, false, caffe_split},
    {"Crop", 0, BUILT, 2, 2, 1, false, caffe_crop},
    {"Dropout", V1(DROPOUT), BUILT, 1, 1, 1, true, caffe_dropout},
    {"Permute", 0, BUILT, 1, 1, 1, false, caffe_permute},
    {"Flatten", V1(FLATTEN), BUILT, 1, 1, 1, false, caffe_flatten},
    {"Reshape", 0, BUILT, 1, 1, 1, false, caffe_reshape},
    {"Interp", 0, BUILT, 1, 2, 1, false, caffe_interp},
    {"Upsample", 0, BUILT, 1, 2, 1, false, caffe_upsample},
    {"PriorBox", 0, BUILT, 2, 2, 1, false, caffe_prior_box},
    {"DetectionOutput", 0, BUILT, 3, 3, 1, false, caffe_detection_output},
    {"Input", 0, INPUT, 0, 0, -1, false, NULL},
    {"Data", V1(DATA), DATA, 0, 0, -1, false, NULL},
    {"AnnotatedData", 0, DATA, 0, 0, -1, false, NULL},
    {"DummyData", V1(DUMMY_DATA), DATA, 0, 0, -1, false, NULL},
    {"HDF5Data", V1(HDF5_DATA), DATA, 0, 0, -1, false, NULL},
    {"ImageData", V1(IMAGE_DATA), DATA, 0, 0, -1, false, NULL},
    {"MemoryData", V1(MEMORY_DATA), DATA, 0, 0, -1, false, NULL},
    {"VideoData", 0, DATA, 0, 0, -1, false, NULL},
    {"WindowData", V1(WINDOW_DATA), DATA, 0, 0, -1, false, NULL},
    {"Accuracy", V1(ACCURACY), LOSS, 0, -1, -1, false, NULL},
    {"ContrastiveLoss", V1(CONTRASTIVE_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"DetectionEvaluate", 0, LOSS, 0, -1, -1, false, NULL},
    {"EuclideanLoss", V1(EUCLIDEAN_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"HDF5Output", V1(HDF5_OUTPUT), LOSS, 0, -1, -1, false, NULL},
    {"HingeLoss", V1(HINGE_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"InfogainLoss", V1(INFOGAIN_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"MultiBoxLoss", 0, LOSS, 0, -1, -1, false, NULL},
    {"MultinomialLogisticLoss", V1(MULTINOMIAL_LOGISTIC_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"SigmoidCrossEntropyLoss", V1(SIGMOID_CROSS_ENTROPY_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"SmoothL1Loss", 0, LOSS, 0, -1, -1, false, NULL},
    {"SoftmaxWithLoss", V1(SOFTMAX_LOSS), LOSS, 0, -1, -1, false, NULL},
    {"Silence", V1(SILENCE), SILENCED, 0, -1, 0, false, NULL},
    {"Python", 0, REFUSED, 0, -1, -1, false, NULL},
};

enum { NROWS = sizeof rows / sizeof *rows };

const LayerRow *layer_row(const char *type)
{
	for (int i = 0; i < NROWS; i++)
		if (!strcmp(rows[i].type, type))
			return &rows[i];
	return NULL;
}

const LayerRow *layer_row_v1(int v1)
{
	for (int i = 0; i < NROWS; i++)
		if (rows[i].v1 == v1 && v1)
			return &rows[i];
	return NULL;
}

const char *layer_type_at(const void *table, int i)
{
	(void)table;
	return i < NROWS ? rows[i].type : NULL;
}
