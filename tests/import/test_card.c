/* test_card.c -- cards: rows J1 to J18 of robustness.md as files in bad/ with their messages, class names, weights
 * that do not fit, options, and every switch of a card. */
#include "tests/import/goldens.h"

#include "import/import.h"

#include <sys/stat.h>

static const ImportOptions plain = {.threshold = -1, .nms = -1};

static void import(const char *file, Diag *d)
{
	graph_free(import_card(file, &plain, d));
}

static int import_status(const char *file)
{
	Diag d = {0};
	import(file, &d);
	return diag_exit_code(&d);
}

static void test_bad_files(void **state)
{
	(void)state;
	assert_true(check_goldens("tests/import/bad", "json", import) >= 60);
}

/* ---- cards made here ---- */

typedef struct Folder {
	char path[300], card[320], other[320];
	char *good; /* tests/import/good.json */
} Folder;

static int make_folder(void **state)
{
	Folder *f = calloc(1, sizeof *f);
	temporary_folder(f->path);
	sprintf(f->card, "%s/card.json", f->path);
	sprintf(f->other, "%s/other", f->path);
	f->good = read_file("tests/import/good.json", NULL);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	Folder *f = *state;
	remove(f->card);
	remove(f->other);
	rmdir(f->path);
	free(f->good);
	free(f);
	return 0;
}

/* The good card with one part of its text replaced. */
static void write_card(const Folder *f, const char *from, const char *to)
{
	const char *at = strstr(f->good, from);
	assert_non_null(at);
	FILE *out = fopen(f->card, "w");
	assert_non_null(out);
	fprintf(out, "%.*s%s%s", (int)(at - f->good), f->good, to, at + strlen(from));
	assert_int_equal(fclose(out), 0);
}

static Graph *import_good(const char *card, const ImportOptions *o)
{
	Messages m;
	messages_open(&m);
	Graph *g = import_card(card, o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	messages_free(&m);
	graph_check(g);
	return g;
}

static Node *node_named(const Graph *g, const char *name)
{
	for (int i = 0; i < g->nnode; i++)
		if (!strcmp(g->node[i]->name, name))
			return g->node[i];
	return NULL;
}

/* One number for all channels, with and without brackets. */
static void test_numbers_alone(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
	    {"\"mean\": \"x\", \"divisor\": 127.5", "/input/mean: a number or a list is needed, not a string"},
	    {"\"mean\": 1e7, \"divisor\": 127.5", "/input/mean: a number from -1e+06 to 1e+06 is needed"},
	    {"\"mean\": 127.5, \"divisor\": 0", "/input/divisor: a number above 0 and at most 1e+06 is needed"},
	    {"\"mean\": 127.5, \"divisor\": null", "/input/divisor: a number or a list is needed, not null"},
	};
	Folder *f = *state;
	static const char lists[] = "\"mean\": [127.5], \"divisor\": [127.5]";
	write_card(f, lists, "\"mean\": 127, \"divisor\": 0.5");
	Graph *g = import_good(f->card, &plain);
	for (int i = 0; i < 3; i++) {
		assert_true(g->preprocess.mean[i] == 127);
		assert_true(g->preprocess.divisor[i] == 0.5);
	}
	graph_free(g);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		Messages m;
		write_card(f, lists, wrong[i].text);
		messages_open(&m);
		graph_free(import_card(f->card, &plain, &m.diag));
		const char *text = messages_text(&m);
		if (!strstr(text, wrong[i].message))
			fail_msg("%s: %s", wrong[i].text, text);
		messages_free(&m);
	}
}

/* J3 for a whole import. */
static void test_cut_at_every_byte(void **state)
{
	Folder *f = *state;
	size_t size = strlen(f->good) - 1;
	for (size_t n = 0; n < size; n++) {
		write_file(f->card, f->good, n);
		assert_int_equal(import_status(f->card), DIAG_REJECT);
	}
}

/* J8, J15: a card is at most a megabyte. */
static void test_large(void **state)
{
	Folder *f = *state;
	size_t size = 10000000;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, '9', size);
	write_file(f->card, text, size);
	assert_frugal(import_status, f->card, size, DIAG_LIMIT);
	memset(text, ' ', 1 << 20);
	memcpy(text, f->good, strlen(f->good));
	write_file(f->card, text, 1 << 20);
	assert_frugal(import_status, f->card, 1 << 20, DIAG_OK);
	memset(text, '[', 100000);
	write_file(f->card, text, 100000);
	assert_frugal(import_status, f->card, 100000, DIAG_LIMIT);
	free(text);
}

static void test_special_files(void **state)
{
	Folder *f = *state;
	assert_int_equal(mkfifo(f->card, 0600), 0);
	assert_frugal(import_status, f->card, 0, DIAG_REJECT);
	assert_frugal(import_status, f->path, 0, DIAG_REJECT);
	remove(f->card);
	assert_frugal(import_status, f->card, 0, DIAG_IO);
	/* A link beside the card is not followed, wherever it points. */
	write_card(f, "\"classes\": 3,", "\"labels\": \"other\",");
	assert_int_equal(symlink("/etc/hostname", f->other), 0);
	assert_frugal(import_status, f->card, 0, DIAG_REJECT);
	remove(f->other);
	write_card(f, "\"classes\": 3,", "\"labels\": \"other/hostname\",");
	assert_int_equal(symlink("/etc", f->other), 0);
	assert_int_not_equal(import_status(f->card), DIAG_OK);
}

/* J17, J18: whatever a class is called, it arrives as it is; equal names stay two classes. */
static void test_labels(void **state)
{
	Folder *f = *state;
	static const char *const name[] = {"x\"; system(\"id\"); //",
	                                   "*/ int main(){",
	                                   "#include \"/etc/passwd\"",
	                                   "?\?/",
	                                   "int",
	                                   "__attribute__",
	                                   "\xe2\x80\xaeoverride",
	                                   "same",
	                                   "same",
	                                   "%s%n"};
	enum { NAMES = sizeof name / sizeof *name };
	FILE *out = fopen(f->other, "w");
	for (int i = 0; i < NAMES; i++)
		fprintf(out, "%s%s", name[i], i % 2 ? "\r\n" : "\n");
	fclose(out);
	write_card(f, "\"classes\": 3,", "\"labels\": \"other\",");
	Graph *g = import_good(f->card, &plain);
	assert_int_equal(g->nlabel, NAMES + 1);
	assert_string_equal(g->label[0], "background");
	for (int i = 0; i < NAMES; i++)
		assert_string_equal(g->label[i + 1], name[i]);
	assert_int_equal(node_named(g, "detection_out")->u.detect.classes, NAMES + 1);
	graph_free(g);

	ImportOptions o = plain;
	o.labels = "models/voc.labels"; /* in place of the card's */
	g = import_good(f->card, &o);
	assert_int_equal(g->nlabel, 21);
	assert_string_equal(g->label[20], "tvmonitor");
	graph_free(g);
	o.labels = NULL;
	o.classes = 5; /* the card's names no longer fit */
	g = import_good(f->card, &o);
	assert_int_equal(g->nlabel, 0);
	assert_int_equal(node_named(g, "conf3")->out[0]->type.dim[1], 8 / 8 * 5 * 2);
	graph_free(g);
	o.labels = "models/voc.labels";
	Messages m;
	messages_open(&m);
	assert_null(import_card(f->card, &o, &m.diag));
	assert_message(&m, "error: 5 classes (with background), but 'models/voc.labels' names 21 [rejected]");
	messages_free(&m);
}

static void test_options(void **state)
{
	Folder *f = *state;
	write_card(f, "\"width_divisor\": 8,", "");
	ImportOptions o = {.width_divisor = 4, .threshold = 0.5, .nms = 0, .top_k = 7, .keep_top_k = 3, .classes = 2};
	Graph *g = import_good(f->card, &o);
	const Detect *d = &node_named(g, "detection_out")->u.detect;
	assert_true(d->threshold == 0.5 && d->nms == 0);
	assert_int_equal(d->top_k, 7);
	assert_int_equal(d->keep_top_k, 3);
	assert_int_equal(d->classes, 2);
	assert_int_equal(d->background, 0);
	assert_int_equal(node_named(g, "conv_last")->out[0]->type.dim[1], 320);
	assert_int_equal(node_named(g, "block1.expand")->out[0]->type.dim[1], 24);
	assert_string_equal(g->name, "card");
	graph_free(g);
	g = import_good(f->card, &plain);
	d = &node_named(g, "detection_out")->u.detect;
	assert_true(d->threshold == 0.01 && d->nms == 0.45);
	assert_int_equal(d->top_k, 400);
	assert_int_equal(d->keep_top_k, 200);
	graph_free(g);
}

/* Places of messages about layers, and of nodes: the part of the card that asks for them. */
static void test_places(void **state)
{
	(void)state;
	Graph *g = import_good("models/dssd321_mobilenet.json", &plain);
	assert_string_equal(node_named(g, "dm5.deconv")->loc.file, "models/dssd321_mobilenet.json");
	assert_int_equal(node_named(g, "dm5.deconv")->loc.line, 17);
	assert_string_equal(node_named(g, "dm5.deconv")->loc.layer, "dm5.deconv");
	assert_int_equal(node_named(g, "prior6")->loc.line, 23);
	graph_free(g);
}

/* ---- weights ---- */

static void test_trained_weights(void **state)
{
	(void)state;
	Messages m;
	messages_open(&m);
	Graph *g = import_card("models/dssd321_mobilenet.json", &plain, &m.diag);
	assert_non_null(g);
	assert_string_equal(messages_text(&m), ""); /* nothing missing, nothing unused */
	int files = 0;
	for (int i = 0; i < g->nvalue; i++)
		files += g->value[i]->data && g->value[i]->data->kind == BLOB_FILE;
	assert_int_equal(files, 398);
	assert_int_equal(node_named(g, "conv1")->in[1]->type.dtype, DT_F16);
	graph_free(g);
	messages_free(&m);
}

/* Every tensor that is missing, misshapen or unused is named in one run. */
static void test_wrong_weights(void **state)
{
	Folder *f = *state;
	static const char header[] = "{\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[8,3,3,3],\"data_offsets\":[0,864]},"
	                             "\"conv1.bias\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[864,900]},"
	                             "\"conf3.bias\":{\"dtype\":\"F64\",\"shape\":[6],\"data_offsets\":[900,948]}}";
	static const char data[948];
	uint64_t n = sizeof header - 1;
	FILE *out = fopen(f->other, "wb");
	fwrite(&n, 8, 1, out);
	fwrite(header, 1, n, out);
	fwrite(data, 1, sizeof data, out);
	fclose(out);
	write_file(f->card, f->good, strlen(f->good));
	ImportOptions o = plain;
	o.weights = f->other;
	Messages m;
	messages_open(&m);
	assert_null(import_card(f->card, &o, &m.diag));
	assert_message(&m, "tensor 'conv1.bias' has shape [9]; the network needs [8] [rejected]");
	assert_message(&m, "tensor 'conf3.bias' has elements of type F64");
	assert_message(&m, "no tensor 'block0.depthwise.weight' [rejected]");
	assert_message(&m, "no tensor 'loc6.bias' [rejected]");
	assert_int_equal(diag_errors(&m.diag), 2 * 58 - 1);
	assert_int_equal(diag_exit_code(&m.diag), DIAG_REJECT);
	messages_free(&m);
}

/* One message, not one for each tensor of a head. */
static void test_wrong_classes(void **state)
{
	(void)state;
	ImportOptions o = plain;
	Messages m;
	o.classes = 5;
	messages_open(&m);
	assert_null(import_card("models/dssd321_mobilenet.json", &o, &m.diag));
	assert_message(&m, "5 classes (with background), but the weights' conf heads have 21: --classes=21 and labels of as many names fit "
	                   "them [rejected]");
	assert_int_equal(diag_errors(&m.diag), 1);
	messages_free(&m);
}

static void test_other_widths(void **state)
{
	Folder *f = *state;
	(void)f;
	ImportOptions o = plain;
	o.weights = "models/dssd321_mobilenet.safetensors";
	char *text = read_file("models/dssd321_mobilenet.json", NULL), *family = strstr(text, "\"dssd\"");
	char *decoder = strstr(text, "\t\"decoder\""), *end = strchr(decoder, '\n');
	memmove(decoder, end + 1, strlen(end + 1) + 1);
	memcpy(family, "\"ssd\" ", 6);
	char *labels = strstr(text, "\"labels\": \"voc.labels\""), *module = strstr(text, "\t\"prediction\"");
	memcpy(labels, "\"classes\": 21         ", 22);
	char *weights = strstr(text, "\t\"weights\"");
	end = strchr(module, '\n');
	memmove(module, end + 1, strlen(end + 1) + 1);
	end = strchr(weights, '\n');
	memmove(weights, end + 1, strlen(end + 1) + 1);
	write_file(f->card, text, strlen(text));
	free(text);
	Messages m; /* heads on the encoder's maps: only level 10 has the width that the file's heads have */
	messages_open(&m);
	assert_null(import_card(f->card, &o, &m.diag));
	assert_message(&m, "tensor 'loc3.weight' has shape [32, 128, 3, 3]; the network needs [32, 192, 3, 3]");
	assert_int_equal(diag_errors(&m.diag), 12);
	messages_free(&m);
}

/* Made-up weights: the same seed gives the same numbers, another seed others; a card without weights has none. */
static void test_random_weights(void **state)
{
	(void)state;
	ImportOptions o = plain;
	o.random = true;
	o.seed = 7;
	o.width_divisor = 8;
	Graph *a = import_good("models/dssd321_voc.json", &o), *b = import_good("models/dssd321_voc.json", &o);
	o.seed = 8;
	Graph *c = import_good("models/dssd321_voc.json", &o), *none = import_good("models/dssd321_voc.json", &plain);
	Blob *x = node_named(a, "dm5.up")->in[1]->data, *y = node_named(b, "dm5.up")->in[1]->data;
	Blob *z = node_named(c, "dm5.up")->in[1]->data;
	size_t size = (size_t)blob_count(x) * 4;
	const float *p = blob_read_f32(x, a->arena);
	assert_memory_equal(p, blob_read_f32(y, b->arena), size);
	assert_memory_not_equal(p, blob_read_f32(z, c->arena), size);
	assert_int_equal(blob_hash(x, NULL), blob_hash(y, NULL));
	assert_int_not_equal(blob_hash(x, NULL), blob_hash(z, NULL));
	const float *var = blob_read_f32(node_named(a, "dm5.up.bn")->in[2]->data, a->arena);
	for (int i = 0; i < 64; i++)
		assert_true(var[i] > 0.5f && var[i] < 2);
	assert_int_equal(node_named(none, "dm5.up")->in[1]->data->kind, BLOB_ELIDED);
	graph_free(a);
	graph_free(b);
	graph_free(c);
	graph_free(none);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files),
	    IN_FOLDER(test_numbers_alone),
	    IN_FOLDER(test_cut_at_every_byte),
	    IN_FOLDER(test_large),
	    IN_FOLDER(test_special_files),
	    IN_FOLDER(test_labels),
	    IN_FOLDER(test_options),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_trained_weights),
	    IN_FOLDER(test_wrong_weights),
	    cmocka_unit_test(test_wrong_classes),
	    IN_FOLDER(test_other_widths),
	    cmocka_unit_test(test_random_weights),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
