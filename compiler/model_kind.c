/* model_kind.c -- the first bytes of the file are looked at: words that no other format begins with, then the grammar of JSON and of
 * .prototxt, then the field numbers of a protocol buffer. */
#include "compiler/model_kind.h"
#include "compiler/files.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LOOK = 1 << 16 };

typedef struct Head { /* of the file */
	const unsigned char *p;
	size_t n;
	int64_t size; /* of all */
} Head;

/* ---- other systems ---- */

#define EXPORT_TORCH "export the model: torch.onnx.export(model, (example,), \"model.onnx\", opset_version=17, dynamo=False)"
#define EXPORT_TF "convert it: python -m tf2onnx.convert "

/* at: where in the file the bytes are. */
static const struct {
	size_t at;
	const char *bytes;
	size_t n;
	const char *what, *way;
} foreign[] = {
    {4, "TFL3", 4, "a model of TensorFlow Lite", EXPORT_TF "--opset 17 --tflite model.tflite --output model.onnx"},
    {0, "\x89HDF\r\n\x1a\n", 8, "an HDF5 file, as Keras writes it", "load it with Keras, model.export(\"saved\"), then " EXPORT_TF "--opset 17 --saved-model saved --output model.onnx"},
    {0, "\x80\x02", 2, "a Python pickle, as torch.save() writes it", "load it in PyTorch, then " EXPORT_TORCH},
    {0, "\x80\x04", 2, "a Python pickle", "load it in Python, then " EXPORT_TORCH},
    {0, "\x1f\x8b", 2, "compressed by gzip", "uncompress it with gunzip"},
    {0, "BZh", 3, "compressed by bzip2", "uncompress it with bunzip2"},
    {0, "\xfd""7zXZ", 6, "compressed by xz", "uncompress it with unxz"},
    {0, "\x28\xb5\x2f\xfd", 4, "compressed by zstd", "uncompress it with unzstd"},
    {0, "\xff\xd8\xff", 3, "a JPEG picture", "a model comes first; the compiled program takes photographs"},
    {0, "\x89PNG\r\n\x1a\n", 8, "a PNG picture", "a model comes first; the compiled program takes photographs"},
    {0, "\x7f""ELF", 4, "a program or library", "a model is what dssdc reads"},
    {0, "\x93NUMPY", 6, "a NumPy array", "the model that reads it is wanted here; an input's constant goes to --bind=INPUT=FILE"},
    {0, "GGUF", 4, "a GGUF file", "dssdc reads cards, Caffe networks and ONNX models"},
    {0, "NCNN", 4, "weights of ncnn", "dssdc reads cards, Caffe networks and ONNX models"},
    {0, "7767517\n", 8, "a network of ncnn", "dssdc reads cards, Caffe networks and ONNX models: export from where the model was trained"},
    {0, "<?xml", 5, "XML, as OpenVINO's networks are", "dssdc reads cards, Caffe networks and ONNX models: export from where the model was trained"},
    {0, "[net]", 5, "a network of Darknet", "convert it to ONNX where it was trained"},
    {0, "\xef\xbb\xbf", 3, "a text that begins with a byte order mark", "write it as plain UTF-8"},
    {0, "\xff\xfe", 2, "a text in UTF-16", "write it as plain UTF-8"},
    {0, "\xfe\xff", 2, "a text in UTF-16", "write it as plain UTF-8"},
    {0, "!<arch>\n", 8, "a library", "a model is what dssdc reads"},
    {0, "version https://git-lfs", 23, "a pointer of Git LFS, not the file itself", "fetch it with git lfs pull"},
};

static bool has(const Head *h, const char *bytes, size_t n)
{
	for (size_t i = 0; i + n <= h->n; i++)
		if (!memcmp(h->p + i, bytes, n))
			return true;
	return false;
}

static bool reject(const char *path, const char *what, const char *way, Diag *d)
{
	diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1}, "%s, no model that dssdc reads: %s", what, way);
	return true;
}

/* A ZIP archive of PyTorch has NAME/data.pkl, of Keras config.json and model.weights.h5, of NumPy .npy. */
static bool reject_zip(const Head *h, const char *path, Diag *d)
{
	if (h->n < 4 || memcmp(h->p, "PK\3\4", 4))
		return false;
	if (has(h, "data.pkl", 8) || has(h, "constants.pkl", 13) || has(h, ".data/serialization_id", 22) || file_has_ending(path, ".pt") || file_has_ending(path, ".pth"))
		return reject(path, "a file of PyTorch (a ZIP archive)", EXPORT_TORCH, d);
	if (has(h, "model.weights.h5", 16) || has(h, "config.json", 11))
		return reject(path, "a model of Keras 3 (a ZIP archive)",
		              "load it with Keras, model.export(\"saved\"), then " EXPORT_TF "--opset 17 --saved-model saved --output model.onnx", d);
	return reject(path, "a ZIP archive", "unpack it and give the model inside", d);
}

static bool reject_safetensors(const Head *h, const char *path, Diag *d)
{
	uint64_t header = 0;
	if (h->n < 10 || h->p[8] != '{')
		return false;
	for (int i = 7; i >= 0; i--)
		header = header << 8 | h->p[i];
	if (header < 2 || header > 100000000)
		return false;
	return reject(path, "weights (safetensors)", "give the model that they belong to, a card or .ir text, and this file with --weights=FILE", d);
}

/* ---- texts ---- */

/* Past blanks and comments: '#' of .prototxt and of ours, ';' of ours. */
static size_t first_word(const Head *h)
{
	size_t i = 0;
	for (;;) {
		while (i < h->n && isspace(h->p[i]))
			i++;
		if (i >= h->n || (h->p[i] != '#' && h->p[i] != ';'))
			return i;
		while (i < h->n && h->p[i] != '\n')
			i++;
	}
}

static bool begins(const Head *h, size_t at, const char *word)
{
	const size_t n = strlen(word);
	return h->n - at >= n && !memcmp(h->p + at, word, n);
}

/* A field's name, then ':' or '{': name: "SSD", layer {, input_shape {. */
static bool is_prototxt(const Head *h, size_t at)
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

/* ---- protocol buffers ---- */

static bool varint(const Head *h, size_t *at, uint64_t *out)
{
	*out = 0;
	for (int shift = 0; shift < 64 && *at < h->n; shift += 7) {
		const unsigned char b = h->p[(*at)++];
		*out |= (uint64_t)(b & 127) << shift;
		if (b < 128)
			return true;
	}
	return false;
}

typedef struct Fields { /* of the outermost message, as far as they were looked at */
	uint64_t seen; /* a bit for each number below 64 */
	bool layer;    /* 100, of Caffe */
	bool odd;      /* wire types or numbers that neither has */
	unsigned char inner; /* first byte of field 1 */
} Fields;

static Fields fields_of(const Head *h)
{
	Fields f = {0};
	size_t at = 0;
	while (at < h->n && !f.odd) {
		uint64_t key, value = 0;
		if (!varint(h, &at, &key))
			break;
		const unsigned type = key & 7;
		const uint64_t number = key >> 3;
		f.odd = !number || (type != 0 && type != 2 && type != 5 && type != 1) || (number > 63 && number != 100);
		if (f.odd || (type != 5 && type != 1 && !varint(h, &at, &value)))
			break;
		if (number == 1 && type == 2 && at < h->n && !f.inner)
			f.inner = h->p[at];
		f.layer |= number == 100;
		f.seen |= number < 64 ? (uint64_t)1 << number : 0;
		const uint64_t skip = type == 2 ? value : type == 5 ? 4 : type == 1 ? 8 : 0;
		if (skip > (uint64_t)h->size - at) {
			f.odd = true;
			break;
		}
		if (skip > h->n - at)
			break;
		at += (size_t)skip;
	}
	return f;
}

#define FIELD(n) ((uint64_t)1 << (n))

/* ModelProto of ONNX: 1 version (a number), 2 producer, 7 graph, 8 opset imports. */
static bool is_onnx(const Head *h, const Fields *f)
{
	const uint64_t known = FIELD(1) | FIELD(2) | FIELD(3) | FIELD(4) | FIELD(5) | FIELD(6) | FIELD(7) | FIELD(8) | FIELD(14) | FIELD(20) | FIELD(25) | FIELD(26);
	return !f->odd && !f->layer && !f->inner && !(f->seen & ~known) && (f->seen & (FIELD(7) | FIELD(8))) && h->n > 2;
}

static bool reject_protobuf(const Head *h, const Fields *f, const char *path, Diag *d)
{
	const bool named_pb = file_has_ending(path, ".pb");
	if (f->odd && !named_pb)
		return false;
	if (f->layer || (f->inner >= ' ' && f->inner < 127 && (f->seen & FIELD(2)) && f->inner != '\n'))
		return reject(path, "weights of a Caffe network (a .caffemodel)", "give the network's .prototxt as the model and this file with --weights=FILE", d);
	if (f->inner == '\n')
		return reject(path, "a frozen graph of TensorFlow", EXPORT_TF "--opset 17 --graphdef graph.pb --inputs ... --outputs ... --output model.onnx", d);
	if (h->n > 3 && h->p[0] == 8 && h->p[1] == 1 && h->p[2] == 0x12 && !(f->seen & FIELD(7)))
		return reject(path, "a SavedModel of TensorFlow", EXPORT_TF "--opset 17 --saved-model FOLDER --output model.onnx", d);
	return named_pb && reject(path, "a protocol buffer that is no ONNX model", EXPORT_TF "--opset 17 --saved-model FOLDER --output model.onnx", d);
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
	} rows[] = {{".ir", MODEL_IR},           {".prototxt", MODEL_CAFFE},    {".prototxt.txt", MODEL_CAFFE}, {".pbtxt", MODEL_CAFFE},
	            {".onnx", MODEL_ONNX},       {".json", MODEL_CARD}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (named(path, rows[i].ending))
			return rows[i].kind;
	return MODEL_NONE;
}

/* ---- both ---- */

static bool reject_foreign(const Head *h, const Fields *f, const char *path, Diag *d)
{
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (h->n >= foreign[i].at + foreign[i].n && !memcmp(h->p + foreign[i].at, foreign[i].bytes, foreign[i].n))
			return reject(path, foreign[i].what, foreign[i].way, d);
	return reject_zip(h, path, d) || reject_safetensors(h, path, d) || reject_protobuf(h, f, path, d);
}

static ModelKind by_text(const Head *h)
{
	const size_t at = first_word(h);
	if (begins(h, at, "dssdc.ir"))
		return MODEL_IR;
	if (begins(h, at, "{"))
		return MODEL_CARD;
	return is_prototxt(h, at) ? MODEL_CAFFE : MODEL_NONE;
}

static ModelKind decide(const Head *h, const char *path, Diag *d)
{
	const ModelKind name = by_name(path), text = by_text(h);
	const Fields f = fields_of(h);
	if (text != MODEL_NONE && name != MODEL_ONNX)
		return text;
	if (is_onnx(h, &f))
		return MODEL_ONNX;
	if (name != MODEL_ONNX && name != MODEL_IR && reject_foreign(h, &f, path, d))
		return MODEL_NONE;
	if (name != MODEL_NONE)
		return name; /* its reader says what is wrong */
	diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1}, "%s: a model is a card (.json), a Caffe network (.prototxt), an ONNX model (.onnx) or IR text (.ir)",
	           h->size ? "neither its content nor its name tells what it is" : "the file is empty");
	return MODEL_NONE;
}

ModelKind model_kind(const char *path, Arena *a, Diag *d)
{
	int64_t size;
	const bool standard = !strcmp(path, "-");
	if (standard && !file_rewindable_input(a, d))
		return MODEL_NONE;
	const int fd = file_open(path, true, &size, d);
	if (fd < 0)
		return MODEL_NONE;
	Head h = {.n = size < LOOK ? (size_t)size : LOOK, .size = size};
	unsigned char *bytes = arena_alloc(a, LOOK);
	h.p = bytes;
	const bool read = file_read(fd, bytes, h.n, 0);
	close(fd);
	if (read)
		return decide(&h, standard ? "<stdin>" : path, d);
	diag_error(d, DIAG_IO, (Loc){.file = path, .offset = -1}, "changed or unreadable while being read");
	return MODEL_NONE;
}

const char *model_kind_name(ModelKind kind)
{
	static const char *const names[] = {[MODEL_CARD] = "a card", [MODEL_IR] = "IR text", [MODEL_CAFFE] = "a Caffe network", [MODEL_ONNX] = "an ONNX model"};
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
