/* test_model_options.c -- every option of a model with every kind of model: either the option is refused for the kind, by name, or it has
 * an effect. An option that is passed over silently fails here. */
#include "tests/import/onnx_text.h"
#include "tests/shell.h"

#include "base/files.h"
#include "compiler/model.h"
#include "compiler/model_options.h"
#include "compiler/option_table.h"
#include "ir/memory_text.h"

/* A detector whose constants are elsewhere. */
static const char ir[] = "dssdc.ir 1\n"
                         "graph \"detector\"\n"
                         "preprocess width=8 height=8 channels=3 order=bgr mean=104,117,123 divisor=1,1,1\n"
                         "labels \"background\" \"cat\" \"dog\"\n"
                         "input %1 \"data\" : f32[1,3,8,8]\n"
                         "const %2 \"loc.weight\" : f32[8,3,3,3] #0123456789abcdef\n"
                         "const %3 \"conf.weight\" : f32[6,3,3,3] #0123456789abcdef\n"
                         "%4 = pool2d \"pool\" %1 kernel=2,2 stride=2,2\n"
                         "%5 = conv2d \"loc\" %4 %2 pad=1,1,1,1\n"
                         "%6 = permute \"loc.permute\" %5 order=0,2,3,1\n"
                         "%7 = reshape \"loc.flatten\" %6 dim=1,-1\n"
                         "%8 = conv2d \"conf\" %4 %3 pad=1,1,1,1\n"
                         "%9 = permute \"conf.permute\" %8 order=0,2,3,1\n"
                         "%10 = reshape \"conf.flatten\" %9 dim=1,-1\n"
                         "%11 = prior \"prior\" %4 min=3 max=5 image=8,8 step=2,2 start=1,1 variance=0.1,0.1,0.2,0.2\n"
                         "%12 = detect \"detect\" %7 %10 %11 classes=3 code=center_size threshold=0.3 nms=0.45 top_k=8 keep_top_k=5\n"
                         "output %12\n";

static const char all_numbers[] = "dssdc.ir 1\ngraph \"n\"\ninput %1 \"x\" : f32[1,1,2,2]\nconst %2 \"w\" : f32[1,1,1,1] = 2\n"
                                  "%3 = conv2d \"c\" %1 %2\noutput %3\n";

static const struct {
	ModelKind kind;
	const char *file;
} models[] = {
    {MODEL_CARD, SOURCE_DIR "/tests/import/good.json"},
    {MODEL_IR, "net.ir"},
    {MODEL_CAFFE, SOURCE_DIR "/tests/import/caffe/ssd.prototxt"},
    {MODEL_ONNX, "net.onnx"},
};
enum { NMODEL = sizeof models / sizeof *models };

/* A value of each option that changes something, or is refused, wherever the option is looked at. */
static const struct {
	OptionRow row;
	const char *value;
} values[] = {
    {ROW_labels, "missing.labels"},
    {ROW_weights, "missing.safetensors"},
    {ROW_random_weights, "7"},
    {ROW_strict_weights, NULL}, /* of values without a value the effect is not looked at: it needs strange weights, or unknown fields */
    {ROW_width_divisor, "4"},
    {ROW_threshold, "0.625"},
    {ROW_nms, "0.625"},
    {ROW_top_k, "3"},
    {ROW_keep_top_k, "2"},
    {ROW_classes, "7"},
    {ROW_mean, "1,2,3"},
    {ROW_divisor, "4"},
    {ROW_channel_order, "grey"},
    {ROW_detect, "missing.detect.json"},
    {ROW_box_order, "zy"},
    {ROW_prior_offset, "metres"},
    {ROW_prior_sizes, "large"},
    {ROW_skip_unknown, NULL},
    {ROW_outputs, "no such layer"},
    {ROW_bind, "nothing=missing.npy"},
    {ROW_dims, "nothing=3"},
};
enum { NVALUE = sizeof values / sizeof *values };

static int begin(void **state)
{
	if (work_begin(state))
		return 1;
	write_text("net.ir", ir);
	write_text("all.ir", all_numbers);
	OnnxText m = onnx_text("x:f[1,3,8,8] w:f[2,3,1,1]=0.5 | y@Conv x,w -> y | y");
	Proto p = onnx_text_bytes(&m);
	write_bytes("net.onnx", p.data, p.size);
	proto_free(&p);
	return 0;
}

/* All that `dssdc inspect MODEL OPTION` makes of the model: messages, then the graph. The caller frees. */
static char *loaded(const char *model, const char *option, int *errors)
{
	MemoryText text;
	FILE *f = memory_text_open(&text);
	Diag d = {.out = f, .show_notes = true};
	Arena *a = arena_new();
	struct FilesRead read = {.arena = a};
	d.read = &read;
	Options o;
	char *argv[] = {"dssdc", "inspect", (char *)(uintptr_t)model, (char *)(uintptr_t)option, NULL};
	Graph *g = options_read(option ? 4 : 3, argv, &o, a, &d) ? model_load(&o, a, &d) : NULL;
	if (g)
		graph_print(g, f, (PrintOptions){.constants = true});
	graph_free(g);
	*errors = diag_errors(&d);
	arena_free(a);
	return memory_text_close(&text);
}

static const OptionKinds *kinds_of(OptionRow row)
{
	const OptionKinds *found = NULL;
	for (int i = 0; i < option_kinds_length; i++)
		if (option_kinds[i].row == row) {
			assert_null(found);
			found = &option_kinds[i];
		}
	return found;
}

static void every_option_of_a_model_is_in_the_table(void **state)
{
	(void)state;
	int n = 0;
	for (int row = 0; row < ROW_COUNT; row++)
		if (!strcmp(option_info[row].group, "Model")) {
			int k = 0;
			while (k < NVALUE && (int)values[k].row != row)
				k++;
			if (!kinds_of((OptionRow)row) || k == NVALUE)
				fail_msg("%s", option_info[row].name);
			n++;
		}
	assert_int_equal(n, option_kinds_length);
	assert_int_equal(n, NVALUE);
}

static void an_option_is_refused_or_has_an_effect(void **state)
{
	(void)state;
	for (int m = 0; m < NMODEL; m++) {
		int errors;
		char *plain = loaded(models[m].file, NULL, &errors);
		assert_int_equal(errors, 0);
		for (int i = 0; i < NVALUE; i++) {
			const char *name = option_info[values[i].row].name;
			char option[128], want[192];
			snprintf(option, sizeof option, "%s%s%s", name, values[i].value ? "=" : "", values[i].value ? values[i].value : "");
			snprintf(want, sizeof want, "%s: error: %s is for ", models[m].file, name);
			char *text = loaded(models[m].file, option, &errors);
			const bool fits = kinds_of(values[i].row)->kinds & KIND_BIT(models[m].kind);
			if (!fits && (errors != 1 || strncmp(text, want, strlen(want))))
				fail_msg("%s %s:\n%s", models[m].file, option, text);
			if (fits && (strstr(text, " is for ") || (values[i].value && !strcmp(text, plain))))
				fail_msg("%s %s has no effect:\n%.2000s", models[m].file, option, text);
			free(text);
		}
		free(plain);
	}
}

static void the_messages(void **state)
{
	static const struct {
		const char *arguments, *message;
	} rows[] = {
	    {"compile net.onnx --emit=c -o x.c --weights=w.safetensors",
	     "net.onnx: error: --weights is for cards, Caffe networks and IR text; this is an ONNX model: it has its weights inside"},
	    {"verify net.onnx --random-weights=1", "net.onnx: error: --random-weights is for cards, Caffe networks and IR text"},
	    {"import net.onnx -o x.ir --random-weights=1", "this is an ONNX model"},
	    {"inspect all.ir --random-weights=1",
	     "all.ir: error: --random-weights is for IR text without the numbers of its constants; this text has them all"},
	    {"inspect all.ir --weights=w.safetensors", "all.ir: error: --weights is for IR text without"},
	    {"inspect net.ir --dim=n=3", "net.ir: error: --dim is for ONNX models; this is IR text"},
	    {"inspect net.onnx --prior-sizes=exact", "net.onnx: error: --prior-sizes is for Caffe networks; this is an ONNX model"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(sh(DSSDC " %s", rows[i].arguments), 2);
		assert_has(err, rows[i].message);
	}
	assert_false(exists("x.c") || exists("x.ir"));
	assert_int_equal(sh(DSSDC " inspect net.ir --dim=n=3 --classes=3 --skip-unknown-fields"), 2); /* all at once */
	assert_has(err, "--dim is for");
	assert_has(err, "--classes is for cards; this is IR text");
	assert_has(err, "--skip-unknown-fields is for Caffe networks; this is IR text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_option_of_a_model_is_in_the_table),
	    cmocka_unit_test(an_option_is_refused_or_has_an_effect),
	    cmocka_unit_test(the_messages),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
