/* test_caffe_fields.c -- no field of caffe.proto is read and forgotten: the schema is walked by its descriptors, each
 * field has one row in import/caffe/fields.def, and each row is held to its word. For that a small network with the
 * message at hand is imported with many values of the field. Used: some value makes another network or an error.
 * Without effect: none does. Refused: some value is an error that gives the row's reason, and the harmless ones change
 * nothing.
 */
#include "import/caffe/fields.h"
#include "tests/import/caffe_net.h"

typedef struct Probe {
	const char *message;
	const char *head, *tail; /* of the network, around the fields of the message */
	const char *field[5];    /* those that the message has to begin with */
} Probe;

#define INPUT "input: 'x' input_shape { dim: [1, 4, 6, 6] }\n"
#define LAYER(type, param) INPUT "layer { name: 'l' type: '" type "' bottom: 'x' top: 'y' " param " { ", " } }\n"
#define LAYER2(type, param, other)                                                                \
	INPUT "input: 'o' input_shape { dim: [" other "] }\n"                                     \
	      "layer { name: 'l' type: '" type "' bottom: 'x' bottom: 'o' top: 'y' " param " { ", \
	    " } }\n"
#define DETECTION                                                                                                    \
	"input: 'l' input: 'c' input: 'p' input_shape { dim: [1, 8] } input_shape { dim: [1, 4] } "                  \
	"input_shape { dim: [1, 2, 8] }\nlayer { name: 'l' type: 'DetectionOutput' bottom: 'l' bottom: 'c' bottom: " \
	"'p' "                                                                                                       \
	"top: 'y' detection_output_param { "
#define RULES                                                                              \
	"layer { name: 'a' type: 'ReLU' bottom: 'x' top: 'a' }\n"                          \
	"layer { name: 'b' type: 'TanH' bottom: 'x' top: 'b' include { min_level: 1 } }\n" \
	"layer { name: 'c' type: 'ELU' bottom: 'x' top: 'c' include { stage: 'q' } }\n"

static const Probe probes[] = {
    {"BlobShape", "input: 'x' input_shape { ", " } layer { name: 'l' type: 'ReLU' bottom: 'x' top: 'y' }", {"dim: 3"}},
    {"NetParameter", "", "", {"input: 'x'", "input_dim: [1, 4, 6, 6]", "layer { name: 'l' type: 'ReLU' bottom: 'x' top: 'y' }"}},
    {"NetState", INPUT "state { ", " }\n" RULES, {NULL}},
    {"NetStateRule",
     INPUT "state { level: 1 stage: 'q' } layer { name: 'a' type: 'ReLU' bottom: 'x' top: 'a' } "
           "layer { name: 'l' type: 'TanH' bottom: 'x' top: 'b' include { ",
     " } }\n",
     {NULL}},
    {"LayerParameter",
     INPUT "layer { ",
     " }\nlayer { name: 'r' type: 'TanH' bottom: 'y' top: 'z' }\n",
     {"name: 'l'", "type: 'ReLU'", "bottom: 'x'", "top: 'y'"}},
    {"V1LayerParameter",
     INPUT "layers { ",
     " }\nlayers { name: 'r' type: TANH bottom: 'y' top: 'z' }\n",
     {"name: 'l'", "type: RELU", "bottom: 'x'", "top: 'y'"}},
    {"EngineOnly", LAYER("Sigmoid", "sigmoid_param"), {NULL}},
    {"ArgMaxParameter", LAYER("ArgMax", "argmax_param"), {NULL}},
    {"BatchNormParameter", LAYER("BatchNorm", "batch_norm_param"), {NULL}},
    {"BiasParameter", LAYER("Bias", "bias_param"), {NULL}},
    {"BNParameter", LAYER("BN", "bn_param"), {NULL}},
    {"ClipParameter", LAYER("Clip", "clip_param"), {"min: -3", "max: 9"}},
    {"ConcatParameter", LAYER2("Concat", "concat_param", "1, 4, 6, 6"), {NULL}},
    {"ConvolutionParameter", LAYER("Convolution", "convolution_param"), {"num_output: 4", "kernel_size: 3"}},
    {"CropParameter", LAYER2("Crop", "crop_param", "1, 2, 3, 3"), {"axis: 1"}},
    {"DetectionOutputParameter", DETECTION, " } }\n", {"num_classes: 2"}},
    {"NonMaximumSuppressionParameter", DETECTION "num_classes: 2 nms_param { ", " } } }\n", {NULL}},
    {"DropoutParameter", LAYER("Dropout", "dropout_param"), {"scale_train: false"}},
    {"EltwiseParameter", LAYER2("Eltwise", "eltwise_param", "1, 4, 6, 6"), {NULL}},
    {"ELUParameter", LAYER("ELU", "elu_param"), {NULL}},
    {"ExpParameter", LAYER("Exp", "exp_param"), {NULL}},
    {"FlattenParameter", LAYER("Flatten", "flatten_param"), {NULL}},
    {"InnerProductParameter", LAYER("InnerProduct", "inner_product_param"), {"num_output: 4"}},
    {"InputParameter",
     "layer { name: 'i' type: 'Input' top: 'x' input_param { ",
     " } }\nlayer { name: 'l' type: 'ReLU' bottom: 'x' top: 'y' }\n",
     {"shape { dim: 3 }"}},
    {"InterpParameter", LAYER("Interp", "interp_param"), {"height: 3", "width: 3"}},
    {"LogParameter", LAYER("Log", "log_param"), {NULL}},
    {"LRNParameter", LAYER("LRN", "lrn_param"), {NULL}},
    {"MVNParameter", LAYER("MVN", "mvn_param"), {NULL}},
    {"NormalizeParameter", LAYER("Normalize", "norm_param"), {"channel_shared: false"}},
    {"PermuteParameter", LAYER("Permute", "permute_param"), {NULL}},
    {"PoolingParameter", LAYER("Pooling", "pooling_param"), {"kernel_size: 3", "stride: 2"}},
    {"PowerParameter", LAYER("Power", "power_param"), {NULL}},
    {"PReLUParameter", LAYER("PReLU", "prelu_param"), {NULL}},
    {"PriorBoxParameter", LAYER2("PriorBox", "prior_box_param", "1, 3, 36, 48"), {"min_size: 4", "aspect_ratio: 3"}},
    {"ReductionParameter", LAYER("Reduction", "reduction_param"), {"axis: 1"}},
    {"ReLUParameter", LAYER("ReLU", "relu_param"), {NULL}},
    {"ReshapeParameter", LAYER("Reshape", "reshape_param"), {"shape { dim: [1, 4, 36] }"}},
    {"ScaleParameter", LAYER("Scale", "scale_param"), {NULL}},
    {"ShuffleChannelParameter", LAYER("ShuffleChannel", "shuffle_channel_param"), {NULL}},
    {"SliceParameter", INPUT "layer { name: 'l' type: 'Slice' bottom: 'x' top: 'y' top: 'z' slice_param { ", " } }\n", {NULL}},
    {"SoftmaxParameter", LAYER("Softmax", "softmax_param"), {NULL}},
    {"SwishParameter", LAYER("Swish", "swish_param"), {NULL}},
    {"ThresholdParameter", LAYER("Threshold", "threshold_param"), {NULL}},
    {"TileParameter", LAYER("Tile", "tile_param"), {"tiles: 3"}},
    {"UpsampleParameter", LAYER("Upsample", "upsample_param"), {NULL}},
};

/* Messages of the file of weights, which has no text: test_caffe.c. Ignored has no fields. */
static const char binary[] = "BlobProto LayerWeights V1LayerWeights V0LayerWeights";

/* ---- the schema ---- */

typedef void Visit(const ProtobufCMessageDescriptor *m, const ProtobufCFieldDescriptor *f);

typedef struct Seen {
	const ProtobufCMessageDescriptor *message[100];
	int n, fields;
} Seen;

static void walk(const ProtobufCMessageDescriptor *m, Seen *seen, Visit *visit)
{
	for (int i = 0; i < seen->n; i++)
		if (seen->message[i] == m)
			return;
	assert_true(seen->n < 100);
	seen->message[seen->n++] = m;
	for (unsigned i = 0; i < m->n_fields; i++) {
		visit(m, &m->fields[i]);
		seen->fields++;
		if (m->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			walk(m->fields[i].descriptor, seen, visit);
	}
}

static void walk_all(Seen *seen, Visit *visit)
{
	walk(&caffe__net_parameter__descriptor, seen, visit);
	walk(&caffe__layer_weights__descriptor, seen, visit);
	walk(&caffe__v1_layer_weights__descriptor, seen, visit);
}

static const FieldRow *only_row(const char *message, const char *field)
{
	const FieldRow *found = NULL;
	for (int i = 0; i < caffe_field_rows(); i++) {
		const FieldRow *r = caffe_field_row(i);
		if (strcmp(r->message, message) || !caffe_word_in(r->fields, field))
			continue;
		if (found)
			fail_msg("%s.%s has two rows in fields.def", message, field);
		found = r;
	}
	if (!found)
		fail_msg("%s.%s has no row in import/caffe/fields.def: say what becomes of it", message, field);
	return found;
}

static void has_one_row(const ProtobufCMessageDescriptor *m, const ProtobufCFieldDescriptor *f)
{
	assert_true(*only_row(m->short_name, f->name)->reason);
}

static const ProtobufCMessageDescriptor *message_called(const Seen *seen, const char *name)
{
	for (int i = 0; i < seen->n; i++)
		if (!strcmp(seen->message[i]->short_name, name))
			return seen->message[i];
	fail_msg("fields.def has rows of %s, which the schema does not have", name);
	return NULL;
}

static void test_every_field_has_a_fate(void **state)
{
	(void)state;
	Seen seen = {0};
	walk_all(&seen, has_one_row);
	assert_true(seen.fields > 300);
	for (int i = 0; i < caffe_field_rows(); i++) { /* and the table names nothing else */
		const FieldRow *r = caffe_field_row(i);
		const ProtobufCMessageDescriptor *m = message_called(&seen, r->message);
		char word[64];
		for (const char *p = r->fields; *p; p += *p == ' ') {
			size_t n = strcspn(p, " ");
			snprintf(word, sizeof word, "%.*s", (int)n, p);
			if (!protobuf_c_message_descriptor_get_field_by_name(m, word))
				fail_msg("%s has no field %s", r->message, word);
			p += n;
		}
	}
}

/* ---- each row's word ---- */

/* What becomes of the text: the IR, or the messages. The caller frees it. */
static char *outcome(const Probe *p, const char *text)
{
	CaffeNet n = {.text = text};
	if (!strcmp(p->message, "NormalizeParameter")) { /* channel_shared says how many numbers there are */
		static const int count = 4;
		net_weights(&n, "l", 1, &count, (const float *const[]){(const float[]){1, 1, 1, 1}});
	}
	Messages m;
	messages_open(&m);
	Graph *g = net_import(&n, &m);
	char *ir = NULL, *all;
	size_t size;
	FILE *f = open_memstream(&ir, &size);
	assert_non_null(f);
	if (g)
		graph_print(g, f, (PrintOptions){0});
	/* names of temporary folders are not told apart */
	for (const char *line = messages_text(&m), *next; *line; line = next) {
		const char *stop = strchr(line, '\n'), *at = strstr(line, ": ");
		next = stop ? stop + 1 : line + strlen(line);
		fprintf(f, "%.*s", (int)(next - (at && at < next ? at : line)), at && at < next ? at : line);
	}
	fclose(f);
	all = ir;
	graph_free(g);
	messages_free(&m);
	return all;
}

/* The fields to begin with, but for `field`, then `more`. */
static char *with(const Probe *p, const char *field, const char *more)
{
	static char text[4096];
	const size_t n = strlen(field);
	int at = snprintf(text, sizeof text, "%s", p->head);
	for (int i = 0; i < 5 && p->field[i]; i++) {
		const char *f = p->field[i];
		bool same = n && !strncmp(f, field, n) && (f[n] == ':' || f[n] == ' ');
		at += snprintf(text + at, sizeof text - (size_t)at, "%s ", same ? "" : f);
	}
	at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", more, p->tail);
	assert_true(at < (int)sizeof text);
	return text;
}

/* The i-th value to try; null behind the last. */
static const char *candidate(const ProtobufCFieldDescriptor *f, int i)
{
	static const char *const numbers[] = {"0", "1", "2", "3", "7", "0.25", "-1", NULL}, *const flags[] = {"true", "false", NULL},
	                         *const strings[] = {"'q'", "'x'", NULL},
	                         *const any[] = {"{ type: 'xavier' value: 3 }", "CAFFE", "MKL2017", "'MKLDNN:CPU'", "3", NULL};
	const ProtobufCEnumDescriptor *e = f->descriptor;
	switch (f->type) {
	case PROTOBUF_C_TYPE_ENUM:
		return (unsigned)i < e->n_values ? e->values[i].name : NULL;
	case PROTOBUF_C_TYPE_BOOL:
		return flags[i];
	case PROTOBUF_C_TYPE_STRING:
		return strings[i];
	case PROTOBUF_C_TYPE_MESSAGE:
		return any[i];
	case PROTOBUF_C_TYPE_FLOAT:
		return numbers[i];
	case PROTOBUF_C_TYPE_UINT32:
		return i < 5 ? numbers[i] : NULL;
	default:
		return i < 5 ? numbers[i] : i == 5 ? "-1" : NULL;
	}
}

static bool is_harmless(const FieldRow *r, const char *value)
{
	return r->fate == FIELD_REFUSED && caffe_word_in(r->harmless, value);
}

/* Not to write a field and to write what it is then are the same. */
static void default_is_harmless(const FieldRow *r, const ProtobufCFieldDescriptor *f)
{
	char word[32];
	if (r->fate != FIELD_REFUSED || !f->default_value)
		return;
	if (f->type == PROTOBUF_C_TYPE_BOOL)
		strcpy(word, *(const protobuf_c_boolean *)f->default_value ? "true" : "false");
	else if (f->type == PROTOBUF_C_TYPE_INT32)
		snprintf(word, sizeof word, "%d", (int)*(const int32_t *)f->default_value);
	else
		fail_msg("%s is refused and has a default of a type that this test does not know", f->name);
	if (!caffe_word_in(r->harmless, word))
		fail_msg("%s of %s is refused with %s, its default", f->name, r->message, word);
}

static void keeps_its_word(const Probe *p, const ProtobufCFieldDescriptor *f, const FieldRow *r)
{
	char *plain = outcome(p, with(p, "", ""));
	int other = 0;
	const char *value;
	default_is_harmless(r, f);
	if (strstr(plain, "error:"))
		fail_msg("the network of %s: %s", p->message, plain);
	for (int i = 0; (value = candidate(f, i)); i++) {
		char more[200];
		snprintf(more, sizeof more, "%s: %s", f->name, value);
		char *text = with(p, f->name, more), *got = outcome(p, text);
		const bool same = !strcmp(got, plain);
		if (strstr(got, "given twice") || strstr(got, "unknown field") || strstr(got, " needs a"))
			fail_msg("%s\n%s", text, got);
		if (r->fate == FIELD_NO_EFFECT && !same)
			fail_msg("%s\nis without effect by fields.def, but\n%s became\n%s", text, plain, got);
		if (is_harmless(r, value) && !same)
			fail_msg("%s\nis harmless by fields.def, but\n%s became\n%s", text, plain, got);
		if (r->fate == FIELD_REFUSED && !is_harmless(r, value) && !strstr(got, r->reason))
			fail_msg("%s\nis refused by fields.def, but gives\n%s", text, got);
		other += !same;
		free(got);
	}
	free(plain);
	if (r->fate != FIELD_NO_EFFECT && !other)
		fail_msg("%s.%s decides something by fields.def, but no value of it changes the network of this test", p->message, f->name);
}

static void row_is_true(const ProtobufCMessageDescriptor *m, const ProtobufCFieldDescriptor *f)
{
	const FieldRow *r = only_row(m->short_name, f->name);
	if (caffe_word_in(binary, m->short_name))
		return;
	if (f->type == PROTOBUF_C_TYPE_MESSAGE && f->descriptor != &caffe__ignored__descriptor)
		return; /* decides what its own fields decide */
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
		if (!strcmp(probes[i].message, m->short_name)) {
			keeps_its_word(&probes[i], f, r);
			return;
		}
	fail_msg("no network in this test has a %s", m->short_name);
}

static void test_every_row_is_true(void **state)
{
	(void)state;
	Seen seen = {0};
	walk_all(&seen, row_is_true);
}

/* ---- messages of other layers, and fields of nobody ---- */

static void test_messages_of_other_layers(void **state)
{
	(void)state;
	Messages m;
	CaffeNet n = {.text = INPUT "layer { name: 'l' type: 'ReLU' bottom: 'x' top: 'y'\n  pooling_param { pool: AVE } }"};
	messages_open(&m);
	graph_free(net_import(&n, &m));
	assert_message(&m, "net.prototxt:3:3: warning: layer 'l': pooling_param decides nothing in a layer of type ReLU; it is for "
	                   "Pooling");
	assert_int_equal(diag_errors(&m.diag), 0);
	messages_free(&m);
	messages_open(&m);
	n = (CaffeNet){.text = INPUT "layers { name: 'l' type: RELU bottom: 'x' top: 'y' pooling_param { pool: AVE } }"};
	graph_free(net_import(&n, &m));
	assert_message(&m, "warning: layer 'l': pooling_param decides nothing in a layer of type ReLU");
	messages_free(&m);
	net_refused((CaffeNet){.text = INPUT "layers { name: 'l' type: CONVOLUTION bottom: 'x' top: 'y'\n"
	                                     "convolution_param { num_output: 1 kernel_size: 1 axis: 2 relu: true } }"},
	            DIAG_UNSUPPORTED, "net.prototxt:3:50: error: layer 'l': axis is 2: the channels are axis 1; accepted: 1 -3");
}

static void test_unknown_fields(void **state)
{
	(void)state;
	ImportOptions o = caffe_plain;
	o.skip_unknown = true;
#define SKIP(param)                                                                                                \
	INPUT "layer { name: 'l' type: 'PriorBox' bottom: 'x' bottom: 'x' top: 'y'\n prior_box_param { min_size: " \
	      "4 " param " } }"
	net_refused((CaffeNet){.text = SKIP("sizes: 3"), .o = o}, DIAG_UNSUPPORTED,
	            "net.prototxt:3:32: error: layer 'l': unknown field 'sizes' of PriorBoxParameter; it may decide "
	            "the result, so it "
	            "is never skipped: take it out if it does not");
	net_refused((CaffeNet){.text = SKIP("offset_x: 3"), .o = o}, DIAG_UNSUPPORTED,
	            "unknown field 'offset_x' of PriorBoxParameter; did you mean 'offset");
	net_refused((CaffeNet){.text = SKIP("additional_y_offset: true"), .o = o}, DIAG_UNSUPPORTED,
	            "additional_y_offset is true: a fork's second box below each one");
	net_refused((CaffeNet){.text = DETECTION "num_classes: 2 nms_param { soft: true } } }", .o = o}, DIAG_UNSUPPORTED,
	            "layer 'l': unknown field 'soft' of NonMaximumSuppressionParameter; it has nms_threshold, top_k, "
	            "eta; it may "
	            "decide the result");
	net_refused((CaffeNet){.text = INPUT "layer { name: 'l' type: 'ReLU' bottom: 'x' top: 'y' relu_param { bend: 3 } }"},
	            DIAG_UNSUPPORTED,
	            "layer 'l': unknown field 'bend' of ReLUParameter; it has negative_slope, engine; --skip-unknown-fields "
	            "passes "
	            "over it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_field_has_a_fate),
	    cmocka_unit_test(test_every_row_is_true),
	    cmocka_unit_test(test_messages_of_other_layers),
	    cmocka_unit_test(test_unknown_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
