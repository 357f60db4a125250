/* card.c -- reading a card by tables, so that every field is known, typed and ranged, and all faults are listed. */
#include "import/cards/card.h"
#include "base/files.h"
#include "import/formats/fields.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define AT(m) offsetof(Card, m)
#define LOC(m) .loc_offset = offsetof(Card, m)
#define RANGE(l, h) .low = (l), .high = (h)
#define ROW(n, k, r, o, ...) {.name = (n), .form = FORM_##k, .required = (r), .offset = (o), __VA_ARGS__}

static const char *const families[] = {"ssd", "dssd", NULL};
static const char *const backbones[] = {"resnet50", "resnet101", "vgg16", "mobilenet_v2", NULL};
static const char *const channels[] = {"rgb", "bgr", NULL};
static const char *const orders[] = {"xy", "yx", NULL};
static const char *const modules[] = {"a", "b", "c", "d", NULL};
static const char *const combines[] = {"product", "sum", NULL};
static const char *const upsamples[] = {"deconvolution", "bilinear", NULL};

static const FieldRow input_fields[] = {
    ROW("size", INT, true, AT(input.size), RANGE(16, 4096)),
    ROW("channels", CHOICE, true, AT(input.bgr), .choice = channels),
    ROW("mean", REALS, true, AT(input.mean), RANGE(-1e6, 1e6), .alone = true),
    ROW("divisor", REALS, false, AT(input.divisor), RANGE(0, 1e6), .above = true, .alone = true),
    {.name = NULL},
};
static const FieldRow extra_fields[] = {
    ROW("inner", INT, false, offsetof(Extra, inner), RANGE(1, 65536)), ROW("outer", INT, false, offsetof(Extra, outer), RANGE(1, 65536)),
    ROW("kernel", INT, false, offsetof(Extra, kernel), RANGE(1, 31)),  ROW("stride", INT, false, offsetof(Extra, stride), RANGE(1, 31)),
    ROW("pad", INT, false, offsetof(Extra, pad), RANGE(0, 31)),        {.name = NULL},
};
static const FieldRow prediction_fields[] = {
    ROW("module", CHOICE, true, AT(prediction.module), .choice = modules),
    ROW("inner", INTS, false, AT(prediction.inner), RANGE(1, 65536)),
    ROW("outer", INTS, false, AT(prediction.outer), RANGE(1, 65536)),
    ROW("middle_kernel", INT, false, AT(prediction.middle_kernel), RANGE(1, 3)),
    {.name = NULL},
};
static const FieldRow decoder_fields[] = {
    ROW("combine", CHOICE, true, AT(decoder.combine), .choice = combines),
    ROW("upsample", CHOICE, false, AT(decoder.upsample), .choice = upsamples),
    ROW("width", INT, false, AT(decoder.width), RANGE(1, 65536)),
    ROW("kernels", INTS, false, AT(decoder.kernels), RANGE(1, 31)),
    ROW("strides", INTS, false, AT(decoder.strides), RANGE(1, 31)),
    ROW("pads", INTS, false, AT(decoder.pads), RANGE(0, 31)),
    {.name = NULL},
};
static const FieldRow heads_fields[] = {
    ROW("kernels", INTS, true, AT(heads.kernels), RANGE(1, 31)),
    ROW("inter", INT, false, AT(heads.inter), RANGE(0, 65536)),
    {.name = NULL},
};
static const FieldRow boxes_fields[] = {
    ROW("ratios", REALS, false, AT(boxes.ratios), RANGE(0, 1000), .above = true),
    ROW("variances", REALS, false, AT(boxes.variances), RANGE(0, 1000), .above = true),
    ROW("order", CHOICE, false, AT(boxes.y_first), .choice = orders),
    ROW("truncate_sizes", BOOL, false, AT(boxes.truncate_sizes), RANGE(0, 1)),
    ROW("clip", BOOL, false, AT(boxes.clip), RANGE(0, 1)),
    {.name = NULL},
};
static const FieldRow level_fields[] = {
    ROW("min", REAL, true, offsetof(Level, min), RANGE(0, 1e6), .above = true),
    ROW("max", REAL, false, offsetof(Level, max), RANGE(0, 1e6), .above = true),
    ROW("step", REAL, true, offsetof(Level, step), RANGE(0, 1e6), .above = true),
    ROW("start", REAL, false, offsetof(Level, start), RANGE(-1e6, 1e6)),
    ROW("offset", REAL, false, offsetof(Level, offset), RANGE(-1e6, 1e6)),
    ROW("ratios", REALS, false, offsetof(Level, ratios), RANGE(0, 1000), .above = true),
    {.name = NULL},
};
static const FieldRow detect_fields[] = {
    ROW("threshold", REAL, false, AT(detect.threshold), RANGE(0, 1)),
    ROW("nms", REAL, false, AT(detect.nms), RANGE(0, 1)),
    ROW("top_k", INT, false, AT(detect.top_k), RANGE(1, 1000000)),
    ROW("keep_top_k", INT, false, AT(detect.keep_top_k), RANGE(1, 1000000)),
    {.name = NULL},
};
static const FieldRow card_fields[] = {
    ROW("version", INT, true, AT(version), RANGE(0, 1e9)),
    ROW("family", CHOICE, true, AT(family), .choice = families),
    ROW("note", TEXT, false, AT(note), RANGE(0, 4000)),
    ROW("input", OBJECT, true, 0, .part = input_fields, LOC(input.loc)),
    ROW("classes", INT, false, AT(classes), RANGE(2, 10000), LOC(classes_loc)),
    ROW("labels", PATH, false, AT(labels), RANGE(1, 255), LOC(labels_loc)),
    ROW("weights", PATH, false, AT(weights), RANGE(1, 255), LOC(weights_loc)),
    ROW("backbone", CHOICE, true, AT(backbone), .choice = backbones),
    ROW("width_divisor", INT, false, AT(width_divisor), RANGE(1, 64)),
    ROW("bn_eps", REAL, false, AT(bn_eps), RANGE(0, 1), .above = true),
    ROW("extras", OBJECTS, false, AT(extra), RANGE(0, MAX_LEVELS), .part = extra_fields, .part_size = sizeof(Extra),
        .count_offset = AT(nextra), .loc_offset = offsetof(Extra, loc)),
    ROW("prediction", OBJECT, false, 0, .part = prediction_fields, LOC(prediction.loc)),
    ROW("decoder", OBJECT, false, 0, .part = decoder_fields, LOC(decoder.loc)),
    ROW("heads", OBJECT, true, 0, .part = heads_fields, LOC(heads.loc)),
    ROW("boxes", OBJECT, false, 0, .part = boxes_fields, LOC(boxes.loc)),
    ROW("priors", OBJECTS, true, AT(level), RANGE(1, MAX_LEVELS), .part = level_fields, .part_size = sizeof(Level),
        .count_offset = AT(nlevel), .loc_offset = offsetof(Level, loc)),
    ROW("detect", OBJECT, false, 0, .part = detect_fields, LOC(detect.loc)),
    {.name = NULL},
};

/* ---- what one field alone cannot tell ---- */

int card_backbone_levels(const Card *c)
{
	return c->backbone == BACKBONE_MOBILENET_V2 ? 3 : 2;
}

static void check_length(FieldReader *r, const char *path, const Ints *l, int levels)
{
	if (l->n != 1 && l->n != levels)
		diag_error(r->d, DIAG_REJECT, l->loc, "%s: %d entries; 1 or %d are needed", path, l->n, levels);
}

static void check_triple(FieldReader *r, const char *path, const Doubles *l, int most)
{
	if (l->n != 1 && l->n != most)
		diag_error(r->d, DIAG_REJECT, l->loc, "%s: %d entries; 1 or %d are needed", path, l->n, most);
}

static void check_level(FieldReader *r, const Level *l, int i)
{
	if (!isnan(l->max) && l->max < l->min)
		diag_error(r->d, DIAG_REJECT, l->loc, "/priors/%d: max is less than min", i);
	if (isnan(l->start) == isnan(l->offset))
		diag_error(r->d, DIAG_REJECT, l->loc, "/priors/%d: either 'start' (pixels) or 'offset' (cells) is needed", i);
}

static void check_decoder(FieldReader *r, const Card *c, int levels)
{
	bool bilinear = c->decoder.upsample == UPSAMPLE_BILINEAR;
	if (levels < 2)
		diag_error(r->d, DIAG_REJECT, c->decoder.loc, "/decoder: a decoder needs two levels or more");
	if (!bilinear && !c->decoder.kernels.n)
		diag_error(r->d, DIAG_REJECT, c->decoder.loc, "/decoder: field 'kernels' is missing");
	else if (!bilinear)
		check_length(r, "/decoder/kernels", &c->decoder.kernels, levels - 1);
	check_length(r, "/decoder/strides", &c->decoder.strides, levels - 1);
	check_length(r, "/decoder/pads", &c->decoder.pads, levels - 1);
}

static void check_card(FieldReader *r, const Card *c)
{
	int levels = card_backbone_levels(c) + c->nextra;
	if (c->nlevel != levels)
		diag_error(r->d, DIAG_REJECT, c->level[0].loc, "/priors: %d entries, but backbone and extras have %d levels", c->nlevel,
		           levels);
	if ((c->family == FAMILY_DSSD) != (c->decoder.loc.line != 0))
		diag_error(r->d, DIAG_REJECT, c->decoder.loc.line ? c->decoder.loc : c->loc,
		           c->decoder.loc.line ? "/decoder: family 'ssd' has no decoder" : "family 'dssd' needs a 'decoder'");
	if (c->decoder.loc.line)
		check_decoder(r, c, levels);
	if (c->prediction.inner.n)
		check_length(r, "/prediction/inner", &c->prediction.inner, levels);
	if (c->prediction.outer.n)
		check_length(r, "/prediction/outer", &c->prediction.outer, levels);
	if (!c->prediction.inner.n != !c->prediction.outer.n)
		diag_error(r->d, DIAG_REJECT, c->prediction.loc, "/prediction: 'inner' and 'outer' are given together");
	if (c->prediction.middle_kernel == 2)
		diag_error(r->d, DIAG_REJECT, c->prediction.loc, "/prediction/middle_kernel: 1 or 3 is needed");
	check_length(r, "/heads/kernels", &c->heads.kernels, levels);
	for (int i = 0; i < c->heads.kernels.n; i++)
		if (c->heads.kernels.v[i] % 2 == 0)
			diag_error(r->d, DIAG_REJECT, c->heads.kernels.loc, "/heads/kernels/%d: an odd number is needed", i);
	check_triple(r, "/input/mean", &c->input.mean, 3);
	check_triple(r, "/input/divisor", &c->input.divisor, 3);
	check_triple(r, "/boxes/variances", &c->boxes.variances, 4);
	for (int i = 0; i < c->nlevel; i++)
		check_level(r, &c->level[i], i);
	if (!c->classes && !c->labels)
		diag_error(r->d, DIAG_REJECT, c->loc, "field 'classes' or 'labels' is missing");
}

/* The released code's values, where a card says nothing. */
static void set_defaults(Card *c)
{
	c->width_divisor = 1;
	c->bn_eps = 1e-3;
	c->input.divisor = (Doubles){.n = 1, .v = {1}};
	c->prediction.middle_kernel = 3;
	c->decoder.width = 512;
	c->decoder.strides = (Ints){.n = 1, .v = {2}};
	c->decoder.pads = (Ints){.n = 1, .v = {0}};
	c->boxes.truncate_sizes = true;
	c->boxes.variances = (Doubles){.n = 4, .v = {0.1, 0.1, 0.2, 0.2}};
	c->detect.threshold = 0.01;
	c->detect.nms = 0.45;
	c->detect.top_k = 400;
	c->detect.keep_top_k = 200;
	for (int i = 0; i < MAX_LEVELS; i++) {
		c->extra[i].pad = -1;
		c->level[i].max = c->level[i].start = c->level[i].offset = NAN;
	}
}

/* A fragment is JSON too, and is beside the cards: of all of its fields that a card does not have, one message says as much. */
static bool is_fragment(FieldReader *r, Json root)
{
	if (json_kind(root) != JSON_OBJECT || !json_member(root, "decode").item || json_member(root, "backbone").item)
		return false;
	diag_error(r->d, DIAG_REJECT, json_at(root),
	           "this is a fragment, no card: it says how boxes come out of another network, and is given with --detect beside that "
	           "network's file");
	return true;
}

/* A card of another version may have other fields: nothing else is said about it. */
static bool check_version(FieldReader *r, Json root)
{
	int64_t v;
	Json j = json_kind(root) == JSON_OBJECT ? json_member(root, "version") : (Json){0};
	if (!j.item || !json_integer(j, &v) || v == CARD_VERSION)
		return true;
	diag_error(r->d, DIAG_UNSUPPORTED, json_at(j), "%s: cards of version %lld; this program reads version %d", json_path(j, r->a),
	           (long long)v, CARD_VERSION);
	return false;
}

Card *card_read(const char *path, Arena *a, Diag *d)
{
	FieldReader r = {a, d};
	int before = diag_errors(d);
	JsonDoc doc = {.text = {.file = arena_strdup(a, strcmp(path, "-") ? path : "<stdin>")}};
	Card *c = arena_new_one(a, Card);
	set_defaults(c);
	doc.text.text = file_text(path, CARD_TEXT_LIMIT, &doc.text.size, a, d);
	if (doc.text.text && json_open(&doc, d)) {
		c->loc = json_at(json_root(&doc));
		if (!is_fragment(&r, json_root(&doc)) && check_version(&r, json_root(&doc)))
			fields_read(&r, json_root(&doc), card_fields, c);
		if (diag_errors(d) == before)
			check_card(&r, c);
	}
	json_close(&doc);
	return diag_errors(d) == before ? c : NULL;
}
