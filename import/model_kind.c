/* model_kind.c -- the first bytes of the file are looked at: what no model of ours begins with (file_kind.h), then the grammar of JSON and
 * of .prototxt, then the field numbers of an ONNX model. */
#include "import/model_kind.h"
#include "import/file_kind.h"
#include "base/files.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- texts ---- */

static bool begins(const FileHead *h, size_t at, const char *word)
{
	const size_t n = strlen(word);
	return h->n - at >= n && !memcmp(h->p + at, word, n);
}

/* A field's name, then ':' or '{': name: "SSD", layer {, input_shape {. */
static bool is_prototxt(const FileHead *h, size_t at)
{
	size_t i = at;
	while (i < h->n && (isalnum(h->p[i]) || h->p[i] == '_'))
		i++;
	if (i == at || isdigit(h->p[at]))
		return false;
	while (i < h->n && isspace(h->p[i]))
		i++;
	return i < h->n && (h->p[i] == ':' || h->p[i] == '{' || h->p[i] == '<');
}

/* ---- names ---- */

static bool named(const char *path, const char *ending)
{
	const size_t n = strlen(path), m = strlen(ending);
	return n >= m && !strcasecmp(path + n - m, ending);
}

static ModelKind by_name(const char *path)
{
	static const struct {
		const char *ending;
		ModelKind kind;
	} rows[] = {{".ir", MODEL_IR},       {".prototxt", MODEL_CAFFE}, {".prototxt.txt", MODEL_CAFFE},
	            {".pbtxt", MODEL_CAFFE}, {".onnx", MODEL_ONNX},      {".json", MODEL_CARD}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (named(path, rows[i].ending))
			return rows[i].kind;
	return MODEL_NONE;
}

/* ---- both ---- */

static ModelKind reject(const char *path, FileKind kind, Diag *d)
{
	diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1}, "%s, no model that dssdc reads: %s", kind.what, kind.way);
	return MODEL_NONE;
}

static ModelKind by_text(const FileHead *h)
{
	const size_t at = file_first_word(h);
	if (begins(h, at, "dssdc.ir"))
		return MODEL_IR;
	if (begins(h, at, "{"))
		return MODEL_CARD;
	return is_prototxt(h, at) ? MODEL_CAFFE : MODEL_NONE;
}

static ModelKind decide(const FileHead *h, const char *path, Diag *d)
{
	const ModelKind name = by_name(path), text = by_text(h);
	const FileKind words = file_kind_by_words(h, path);
	if (words.what && (text == MODEL_NONE || text == MODEL_CAFFE) && !file_kind_is_onnx(h))
		return reject(path, words, d);
	if (text != MODEL_NONE && name != MODEL_ONNX)
		return text;
	if (file_kind_is_onnx(h))
		return MODEL_ONNX;
	const FileKind kind = file_kind(h, path);
	if (name != MODEL_ONNX && name != MODEL_IR && kind.what)
		return reject(path, kind, d);
	if (name != MODEL_NONE)
		return name; /* its reader says what is wrong */
	diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1},
	           "%s: a model is a card (.json), a Caffe network (.prototxt), an ONNX model (.onnx) or IR text (.ir)",
	           h->size ? "neither its content nor its name tells what it is" : "the file is empty");
	return MODEL_NONE;
}

ModelKind model_kind(const char *path, Arena *a, Diag *d)
{
	int64_t size;
	const bool standard = !strcmp(path, "-");
	if (standard && !file_rewindable_input(a, d))
		return MODEL_NONE;
	if (!standard && !access(arena_printf(a, "%s/saved_model.pb", path), F_OK)) {
		diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1},
		           "a SavedModel of TensorFlow, no model that dssdc reads: convert it: python -m tf2onnx.convert "
		           "--opset 17 --saved-model FOLDER --output model.onnx");
		return MODEL_NONE;
	}
	const int fd = file_open(path, true, &size, d);
	if (fd < 0)
		return MODEL_NONE;
	FileHead h;
	const bool read = file_kind_read(fd, size, &h, a);
	close(fd);
	if (read)
		return decide(&h, standard ? "<stdin>" : path, d);
	diag_error(d, DIAG_IO, (Loc){.file = path, .offset = -1}, "changed or unreadable while being read");
	return MODEL_NONE;
}

const char *model_kind_name(ModelKind kind)
{
	static const char *const names[] = {
	    [MODEL_CARD] = "a card", [MODEL_IR] = "IR text", [MODEL_CAFFE] = "a Caffe network", [MODEL_ONNX] = "an ONNX model"};
	return kind == MODEL_NONE ? NULL : names[kind];
}

ModelKind model_kind_of_program(const char *path, Arena *a)
{
	Diag silent = {.out = NULL};
	char first[2] = "";
	int64_t size;
	const int fd = strcmp(path, "-") ? file_open(path, true, &size, &silent) : -1;
	if (fd < 0)
		return MODEL_NONE;
	const bool script = size >= 2 && file_read(fd, first, 2, 0) && !memcmp(first, "#!", 2);
	close(fd);
	return script ? MODEL_NONE : model_kind(path, a, &silent);
}
