/* card.h -- what a model card says.
 *
 * A card is a JSON object that names an architecture; the compiler builds the graph (net.h). Lists that have one
 * entry a prediction level run from the finest level to the coarsest; a list of one entry holds for all levels.
 * The fields and their ranges are tables in card.c; models/README.md describes them for users.
 */
#ifndef IMPORT_CARDS_CARD_H
#define IMPORT_CARDS_CARD_H

#include "import/formats/fields.h"
#include "ir/ir.h"

enum { CARD_VERSION = 1, MAX_LEVELS = MAX_INTS, CARD_TEXT_LIMIT = 1 << 20 };

typedef enum Family { FAMILY_SSD, FAMILY_DSSD } Family;
typedef enum Backbone { BACKBONE_RESNET50, BACKBONE_RESNET101, BACKBONE_VGG16, BACKBONE_MOBILENET_V2 } Backbone;
typedef enum Module { MODULE_A, MODULE_B, MODULE_C, MODULE_D } Module; /* of prediction: the paper's Figure 2 */
typedef enum Combine { COMBINE_PRODUCT, COMBINE_SUM } Combine;
typedef enum Upsample { UPSAMPLE_DECONVOLUTION, UPSAMPLE_BILINEAR } Upsample;

typedef struct Extra { /* a block after the backbone; 0 (pad: -1): the backbone's usual value */
	int inner, outer, kernel, stride, pad;
	Loc loc;
} Extra;

typedef struct Level { /* default boxes of one level; NAN: not given */
	double min, max, step, start, offset;
	Doubles ratios;
	Loc loc;
} Level;

typedef struct Card {
	Loc loc; /* the whole card */
	const char *note, *labels, *weights;
	Loc labels_loc, weights_loc, classes_loc;
	int version, family, classes, backbone, width_divisor;
	double bn_eps;
	struct {
		Loc loc;
		int size, bgr;
		Doubles mean, divisor;
	} input;
	Extra extra[MAX_LEVELS];
	int nextra;
	struct {
		Loc loc;
		int module, middle_kernel;
		Ints inner, outer; /* widths */
	} prediction;
	struct {
		Loc loc; /* line 0: there is no decoder */
		int combine, upsample, width;
		Ints kernels, strides, pads;
	} decoder;
	struct {
		Loc loc;
		Ints kernels;
		int inter; /* channels of the extra convolution before each head; 0: there is none */
	} heads;
	struct {
		Loc loc;
		Doubles ratios, variances;
		bool truncate_sizes, clip;
		int y_first; /* choice: xy, yx */
	} boxes;
	Level level[MAX_LEVELS];
	int nlevel;
	struct {
		Loc loc;
		double threshold, nms;
		int top_k, keep_top_k;
	} detect;
} Card;

/* Null after errors were reported, all of them. */
Card *card_read(const char *path, Arena *a, Diag *d);

/* Levels that the backbone itself feeds; extras add one each. */
int card_backbone_levels(const Card *c);

/* The entry of a list for a level. */
static inline int ints_at(const Ints *l, int level)
{
	return l->n == 1 ? l->v[0] : l->v[level];
}

#endif
