/* test_kinds.c -- what a file is, by its content: models under any name, and files of other systems, which are called by their names with
 * the way in. */
#include "tests/shell.h"

static int begin(void **state)
{
	if (work_begin(state))
		return -1;
	must("cp '" SOURCE_DIR "/tests/import/good.json' '" SOURCE_DIR "/tests/import/caffe/small.prototxt' .");
	return 0;
}

/* A model is known by its content; files of other systems by their first bytes. */
static void models_are_known_by_content(void **state)
{
	(void)state;
	static const char *const copies[] = {"deploy.prototxt.txt", "DEPLOY.PROTOTXT", "network", "network.txt", "network.json"};
	for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
		must("cp small.prototxt %s && " DSSDC " inspect %s --random-weights=1", copies[i], copies[i]);
	must("cp '" SOURCE_DIR "/tests/cuda/tiny.ir' plain.text && " DSSDC " inspect plain.text");
	static const struct {
		const char *bytes, *message; /* bytes: for printf(1) */
	} rows[] = {
	    {"PK\\003\\004..........m/data.pkl",
	     "a file of PyTorch (a ZIP archive), no model that dssdc reads: export the model: torch.onnx.export("},
	    {"\\200\\002}q.", "a Python pickle, as torch.save() writes it"},
	    {"PK\\003\\004..........config.json", "a model of Keras 3"},
	    {"PK\\003\\004..........other", "a ZIP archive"},
	    {"\\034\\000\\000\\000TFL3abc", "a model of TensorFlow Lite, no model that dssdc reads: convert it: python -m tf2onnx.convert"},
	    {"\\211HDF\\r\\n\\032\\nabc", "an HDF5 file, as Keras writes it"},
	    {"\\002\\000\\000\\000\\000\\000\\000\\000{}", "weights (safetensors)"},
	    {"\\010\\001\\022\\006\\012\\004abcd", "a SavedModel of TensorFlow"},
	    {"\\012\\010\\012\\001x\\022\\003Abc", "a frozen graph of TensorFlow"},
	    {"\\037\\213abc", "compressed by gzip, no model that dssdc reads: uncompress it with gunzip"},
	    {"\\377\\330\\377abc", "a JPEG picture"},
	    {"\\177ELFabc", "a program or library"},
	    {"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"},
	    {"\\377\\376d\\000", "a text in UTF-16"},
	    {"hello, world", "neither its content nor its name tells what it is: a model is a card (.json), "},
	    {"", "the file is empty: a model is a card (.json), "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int k = 0; k < 2; k++) {
			assert_int_equal(
			    sh("printf '%s' >strange.%s; " DSSDC " inspect strange.%s", rows[i].bytes, k ? "bin" : "pb", k ? "bin" : "pb"),
			    2);
			if (k)
				assert_has(err, rows[i].message);
			assert_int_equal(sh("printf '%s' | " DSSDC " inspect -", rows[i].bytes), 2);
			assert_has(err, rows[i].message);
		}
	}
}

/* Whatever their names are, and as weights too. */
static void strange_files_are_named(void **state)
{
	(void)state;
	static const char *const endings[] = {"onnx", "json", "prototxt", "ir", "pbtxt", "txt"};
	static const struct {
		const char *bytes, *what;
	} rows[] = {
	    {"version https://git-lfs.github.com/spec/v1\\noid sha256:0\\n", "a pointer of Git LFS, not the file itself"},
	    {"\\034\\000\\000\\000TFL3abc", "a model of TensorFlow Lite"},
	    {"\\211HDF\\r\\n\\032\\nabc", "an HDF5 file"},
	    {"<!DOCTYPE html><html></html>", "an HTML page"},
	    {"\\377\\330\\377abcdefgh", "a JPEG picture"},
	};
	static const struct {
		const char *text, *what;
	} texts[] = {
	    {"ir_version: 8\\ngraph { name: \"g\" }\\n", "an ONNX model written as text"},
	    {"# names\\nitem {\\n  id: 1\\n}\\n", "a label map of TensorFlow"},
	    {"model {\\n ssd { num_classes: 90 }\\n}\\n", "a configuration of TensorFlow's Object Detection API"},
	    {"node { name: \"x\" }\\n", "a graph of TensorFlow written as text"},
	    {"net: \"train.prototxt\"\\n", "a solver of Caffe"},
	};
	for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			assert_int_equal(sh("printf '%s' >odd.%s; " DSSDC " inspect odd.%s", rows[i].bytes, endings[k], endings[k]), 2);
			assert_has(err, rows[i].what);
		}
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
			assert_int_equal(sh("printf '%s' >odd.%s; " DSSDC " inspect odd.%s", texts[i].text, endings[k], endings[k]), 2);
			assert_has(err, texts[i].what);
		}
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		must("printf '%s' >odd.weights", rows[i].bytes);
		assert_int_equal(sh(DSSDC " inspect good.json --weights=odd.weights"), 2);
		assert_has(err, rows[i].what);
		assert_int_equal(sh(DSSDC " inspect small.prototxt --weights=odd.weights"), 2);
		assert_has(err, rows[i].what);
	}
	must("mkdir saved && touch saved/saved_model.pb");
	assert_int_equal(sh(DSSDC " inspect saved"), 2);
	assert_has(err, "a SavedModel of TensorFlow");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(models_are_known_by_content),
	    cmocka_unit_test(strange_files_are_named),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
