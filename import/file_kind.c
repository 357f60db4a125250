/* file_kind.c -- words that no other format begins with, what an archive has inside, the field numbers of a protocol buffer, and the
 * first field of one that is written as text. */
#include "import/file_kind.h"
#include "base/files.h"

#include <ctype.h>
#include <string.h>

static const FileKind unknown = {NULL, NULL};

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
    {0, "\x89HDF\r\n\x1a\n", 8, "an HDF5 file, as Keras writes it",
     "load it with Keras, model.export(\"saved\"), then " EXPORT_TF "--opset 17 --saved-model saved --output model.onnx"},
    {0, "\x80\x02", 2, "a Python pickle, as torch.save() writes it", "load it in PyTorch, then " EXPORT_TORCH},
    {0, "\x80\x04", 2, "a Python pickle", "load it in Python, then " EXPORT_TORCH},
    {0, "\x1f\x8b", 2, "compressed by gzip", "uncompress it with gunzip"},
    {0, "BZh", 3, "compressed by bzip2", "uncompress it with bunzip2"},
    {0,
     "\xfd"
     "7zXZ",
     6, "compressed by xz", "uncompress it with unxz"},
    {0, "\x28\xb5\x2f\xfd", 4, "compressed by zstd", "uncompress it with unzstd"},
    {0, "\xff\xd8\xff", 3, "a JPEG picture", "a model comes first; the compiled program takes photographs"},
    {0, "\x89PNG\r\n\x1a\n", 8, "a PNG picture", "a model comes first; the compiled program takes photographs"},
    {0,
     "\x7f"
     "ELF",
     4, "a program or library", "a model is what dssdc reads"},
    {0, "\x93NUMPY", 6, "a NumPy array", "the model that reads it is wanted here; an input's constant goes to --bind=INPUT=FILE"},
    {0, "GGUF", 4, "a GGUF file", "dssdc reads cards, Caffe networks and ONNX models"},
    {0, "NCNN", 4, "weights of ncnn", "dssdc reads cards, Caffe networks and ONNX models"},
    {0, "7767517\n", 8, "a network of ncnn", "dssdc reads cards, Caffe networks and ONNX models: export from where the model was trained"},
    {0, "<?xml", 5, "XML, as OpenVINO's networks are",
     "dssdc reads cards, Caffe networks and ONNX models: export from where the model was trained"},
    {0, "[net]", 5, "a network of Darknet", "convert it to ONNX where it was trained"},
    {0, "\xef\xbb\xbf", 3, "a text that begins with a byte order mark", "write it as plain UTF-8"},
    {0, "\xff\xfe", 2, "a text in UTF-16", "write it as plain UTF-8"},
    {0, "\xfe\xff", 2, "a text in UTF-16", "write it as plain UTF-8"},
    {0, "!<arch>\n", 8, "a library", "a model is what dssdc reads"},
    {0, "<!DOCTYPE html", 14, "an HTML page, as a failed download leaves one", "load the file again"},
    {0, "<html", 5, "an HTML page, as a failed download leaves one", "load the file again"},
    {0, "version https://git-lfs", 23, "a pointer of Git LFS, not the file itself", "fetch it with git lfs pull"},
};

static bool has(const FileHead *h, const char *bytes, size_t n)
{
	for (size_t i = 0; i + n <= h->n; i++)
		if (!memcmp(h->p + i, bytes, n))
			return true;
	return false;
}

/* A ZIP archive of PyTorch has NAME/data.pkl, of Keras config.json and model.weights.h5, of NumPy .npy. */
static FileKind zip_kind(const FileHead *h, const char *path)
{
	if (h->n < 4 || memcmp(h->p, "PK\3\4", 4))
		return unknown;
	if (has(h, "data.pkl", 8) || has(h, "constants.pkl", 13) || has(h, ".data/serialization_id", 22) || file_has_ending(path, ".pt") ||
	    file_has_ending(path, ".pth"))
		return (FileKind){"a file of PyTorch (a ZIP archive)", EXPORT_TORCH};
	if (has(h, "model.weights.h5", 16) || has(h, "config.json", 11))
		return (FileKind){"a model of Keras 3 (a ZIP archive)", "load it with Keras, model.export(\"saved\"), then " EXPORT_TF
		                                                        "--opset 17 --saved-model saved --output model.onnx"};
	return (FileKind){"a ZIP archive", "unpack it and give the model inside"};
}

static FileKind safetensors_kind(const FileHead *h)
{
	uint64_t header = 0;
	if (h->n < 10 || h->p[8] != '{')
		return unknown;
	for (int i = 7; i >= 0; i--)
		header = header << 8 | h->p[i];
	if (header < 2 || header > 100000000)
		return unknown;
	return (FileKind){"weights (safetensors)",
	                  "give the model that they belong to, a card or .ir text, and this file with --weights=FILE"};
}

/* ---- protocol buffers ---- */

static bool varint(const FileHead *h, size_t *at, uint64_t *out)
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

typedef struct Fields {      /* of the outermost message, as far as they were looked at */
	uint64_t seen;       /* a bit for each number below 64 */
	bool layer;          /* 100, of Caffe */
	bool odd;            /* wire types or numbers that neither has */
	unsigned char inner; /* first byte of field 1 */
} Fields;

static Fields fields_of(const FileHead *h)
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
static bool is_onnx(const FileHead *h, const Fields *f)
{
	const uint64_t known = FIELD(1) | FIELD(2) | FIELD(3) | FIELD(4) | FIELD(5) | FIELD(6) | FIELD(7) | FIELD(8) | FIELD(14) |
	                       FIELD(20) | FIELD(25) | FIELD(26);
	return !f->odd && !f->layer && !f->inner && !(f->seen & ~known) && (f->seen & (FIELD(7) | FIELD(8))) && h->n > 2;
}

static FileKind protobuf_kind(const FileHead *h, const Fields *f, const char *path)
{
	const bool named_pb = file_has_ending(path, ".pb");
	if (f->odd && !named_pb)
		return unknown;
	if (f->layer || (f->inner >= ' ' && f->inner < 127 && (f->seen & FIELD(2)) && f->inner != '\n'))
		return (FileKind){"weights of a Caffe network (a .caffemodel)",
		                  "give the network's .prototxt as the model and this file with --weights=FILE"};
	if (f->inner == '\n')
		return (FileKind){"a frozen graph of TensorFlow",
		                  EXPORT_TF "--opset 17 --graphdef graph.pb --inputs ... --outputs ... --output model.onnx"};
	if (h->n > 3 && h->p[0] == 8 && h->p[1] == 1 && h->p[2] == 0x12 && !(f->seen & FIELD(7)))
		return (FileKind){"a SavedModel of TensorFlow", EXPORT_TF "--opset 17 --saved-model FOLDER --output model.onnx"};
	return named_pb
	           ? (FileKind){"a protocol buffer that is no ONNX model", EXPORT_TF "--opset 17 --saved-model FOLDER --output model.onnx"}
	           : unknown;
}

/* ---- protocol buffers as text ---- */

size_t file_first_word(const FileHead *h)
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

/* The first field of the outermost message. */
static FileKind text_kind(const FileHead *h)
{
	static const struct {
		const char *field, *what, *way;
	} rows[] = {
#define ONNX_TEXT                        \
	"an ONNX model written as text", \
	    "write it in binary form: python -c \"import onnx; onnx.save(onnx.load('model.txt', format='textproto'), 'model.onnx')\""
	    {"ir_version", ONNX_TEXT},
	    {"producer_name", ONNX_TEXT},
	    {"opset_import", ONNX_TEXT},
	    {"model_version", ONNX_TEXT},
#define PIPELINE                                                \
	"a configuration of TensorFlow's Object Detection API", \
	    "give the trained model: " EXPORT_TF "--opset 17 --saved-model saved_model --output model.onnx"
	    {"model", PIPELINE},
	    {"train_config", PIPELINE},
	    {"eval_config", PIPELINE},
	    {"item", "a label map of TensorFlow", "its names go to --labels=FILE, one a line, background first"},
	    {"node", "a graph of TensorFlow written as text",
	     EXPORT_TF "--opset 17 --graphdef graph.pb --inputs ... --outputs ... --output model.onnx"},
	    {"net", "a solver of Caffe", "give the network that it names"},
	    {"train_net", "a solver of Caffe", "give the network for testing"},
	    {"base_lr", "a solver of Caffe", "give the network that it names"},
	};
	const size_t at = file_first_word(h);
	size_t n = 0;
	while (at + n < h->n && (isalnum(h->p[at + n]) || h->p[at + n] == '_'))
		n++;
	size_t next = at + n;
	while (next < h->n && isspace(h->p[next]))
		next++;
	if (next >= h->n || !strchr(":{<", h->p[next]))
		return unknown;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strlen(rows[i].field) == n && !memcmp(h->p + at, rows[i].field, n))
			return (FileKind){rows[i].what, rows[i].way};
	return unknown;
}

/* ---- all ---- */

FileKind file_kind_by_words(const FileHead *h, const char *path)
{
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (h->n >= foreign[i].at + foreign[i].n && !memcmp(h->p + foreign[i].at, foreign[i].bytes, foreign[i].n))
			return (FileKind){foreign[i].what, foreign[i].way};
	FileKind kind = zip_kind(h, path);
	kind = kind.what ? kind : safetensors_kind(h);
	return kind.what ? kind : text_kind(h);
}

FileKind file_kind(const FileHead *h, const char *path)
{
	const Fields f = fields_of(h);
	const FileKind kind = file_kind_by_words(h, path);
	return kind.what ? kind : protobuf_kind(h, &f, path);
}

bool file_kind_is_onnx(const FileHead *h)
{
	const Fields f = fields_of(h);
	return is_onnx(h, &f);
}

bool file_kind_read(int fd, int64_t size, FileHead *h, Arena *a)
{
	enum { LOOK = 1 << 16 };
	unsigned char *bytes = arena_alloc(a, LOOK);
	*h = (FileHead){.p = bytes, .n = size < LOOK ? (size_t)size : LOOK, .size = size};
	return file_read(fd, bytes, h->n, 0);
}
