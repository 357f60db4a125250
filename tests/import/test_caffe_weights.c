/* test_caffe_weights.c -- Caffe's weights: rows M1 to M10 of robustness.md, written here. */
#include "tests/import/caffe_folder.h"
#include "tests/import/proto.h"

#include <caffe.pb-c.h>
#include <math.h>

enum { NO_SHAPE = 1, LEGACY = 2, DOUBLES = 4, SINGLES = 8, RAW_HALVES = 16, RAW_FLOATS = 32, RAW_DOUBLES = 64 }; /* ways to write a blob */

/* As NVIDIA's Caffe writes numbers. */
static void put_raw(Proto *blob, unsigned how, const float *f, const double *d, int count)
{
	uint16_t *h = calloc((size_t)count + 1, sizeof *h);
	assert_non_null(h);
	for (int i = 0; i < count; i++)
		h[i] = f16_from_double(d[i]);
	const size_t size = how & RAW_HALVES ? 2 : how & RAW_FLOATS ? 4 : 8;
	const void *data = how & RAW_HALVES ? (const void *)h : how & RAW_FLOATS ? (const void *)f : (const void *)d;
	proto_int(blob, 10, how & RAW_HALVES ? 2 : how & RAW_FLOATS ? 1 : 0);
	proto_bytes(blob, 12, data, size * (size_t)count);
	free(h);
}

/* A blob of the numbers from, from + 1, ... */
static void put_blob(Proto *layer, uint32_t field, unsigned how, int rank, const int64_t *dim, int count, float from)
{
	Proto blob = {0}, shape = {0};
	for (int i = 0; i < rank; i++)
		if (how & LEGACY)
			proto_int(&blob, (uint32_t)(1 + i), dim[i]);
		else
			proto_int(&shape, 1, dim[i]);
	if (!(how & (NO_SHAPE | LEGACY)))
		proto_message(&blob, 7, &shape);
	proto_free(&shape);
	float *f = calloc((size_t)count + 1, sizeof *f);
	double *d = calloc((size_t)count + 1, sizeof *d);
	for (int i = 0; i < count; i++)
		d[i] = (double)(f[i] = from + (float)i);
	if (how & DOUBLES)
		proto_bytes(&blob, 8, d, sizeof *d * (size_t)count);
	else if (how & SINGLES)
		for (int i = 0; i < count; i++)
			proto_float(&blob, 5, f[i]);
	else if (how & (RAW_HALVES | RAW_FLOATS | RAW_DOUBLES))
		put_raw(&blob, how, f, d, count);
	else
		proto_bytes(&blob, 5, f, sizeof *f * (size_t)count);
	free(f);
	free(d);
	proto_message(layer, field, &blob);
}

#define DIMS(...)                                                                    \
	(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]) \
	{                                                                            \
		__VA_ARGS__                                                          \
	}

/* The weights of small_net; each part may be replaced. */
typedef struct Parts {
	Proto c, b, p, n;
} Parts;

static void good_parts(Parts *w)
{
	*w = (Parts){0};
	proto_string(&w->c, 1, "c");
	proto_string(&w->c, 2, "Convolution");
	put_blob(&w->c, 7, 0, DIMS(2, 3, 1, 1), 6, 1);
	put_blob(&w->c, 7, 0, DIMS(2), 2, 7);
	proto_string(&w->b, 1, "b");
	put_blob(&w->b, 7, 0, DIMS(2), 2, 10);
	put_blob(&w->b, 7, 0, DIMS(2), 2, 20);
	put_blob(&w->b, 7, 0, DIMS(1), 1, 4);
	proto_string(&w->p, 1, "p");
	put_blob(&w->p, 7, LEGACY, DIMS(1, 1, 5, 8), 40, 0); /* M9 */
	proto_string(&w->n, 1, "n");
	put_blob(&w->n, 7, DOUBLES, DIMS(2), 2, 30);
}

static void write_parts(const Folder *f, Parts *w)
{
	Proto net = {0};
	Proto *part[] = {&w->c, &w->b, &w->p, &w->n};
	proto_string(&net, 1, "net");
	for (int i = 0; i < 4; i++)
		if (part[i]->size)
			proto_message(&net, 100, part[i]);
	write_file(f->weights, net.data, net.size);
	proto_free(&net);
}

static Graph *import_parts(const Folder *f, Parts *w)
{
	Messages m;
	write_parts(f, w);
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	messages_free(&m);
	return g;
}

static void refuse_parts(const Folder *f, Parts *w, int status, const char *message)
{
	Messages m;
	write_parts(f, w);
	messages_open(&m);
	assert_null(import_caffe(f->net, &plain, &m.diag));
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), status);
	messages_free(&m);
}

/* The constant has the numbers from, from + 1, ... */
static void assert_constant(const Graph *g, const char *name, int count, float from)
{
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!v->data || strcmp(v->name, name))
			continue;
		Arena *a = arena_new();
		assert_int_equal(blob_count(v->data), count);
		const float *x = blob_read_f32(v->data, a);
		for (int k = 0; k < count; k++)
			assert_true(x[k] == from + (float)k);
		arena_free(a);
		return;
	}
	fail_msg("no constant %s", name);
}

static void test_weights(void **state)
{
	const Folder *f = *state;
	Parts w;
	good_parts(&w);
	Graph *g = import_parts(f, &w);
	assert_constant(g, "c.weight", 6, 1);
	assert_constant(g, "c.bias", 2, 7);
	assert_constant(g, "p.weight", 40, 0);
	assert_constant(g, "n.scale", 2, 30);
	for (int i = 0; i < g->nvalue; i++) /* the statistics are divided by the factor */
		if (g->value[i]->data && !strcmp(g->value[i]->name, "b.var")) {
			Arena *a = arena_new();
			const float *var = blob_read_f32(g->value[i]->data, a);
			assert_true(var[0] == 5 && var[1] == 5.25f);
			arena_free(a);
		}
	graph_free(g);
	good_parts(&w); /* T14: a factor of 0 */
	proto_free(&w.b);
	proto_string(&w.b, 1, "b");
	put_blob(&w.b, 7, 0, DIMS(2), 2, 10);
	put_blob(&w.b, 7, 0, DIMS(2), 2, 20);
	put_blob(&w.b, 7, 0, DIMS(1), 1, 0);
	g = import_parts(f, &w);
	for (int i = 0; i < g->nvalue; i++)
		if (g->value[i]->data && !strcmp(g->value[i]->name, "b.mean")) {
			Arena *a = arena_new();
			const float *mean = blob_read_f32(g->value[i]->data, a);
			assert_true(mean[0] == 0 && mean[1] == 0);
			arena_free(a);
		}
	graph_free(g);
	good_parts(&w); /* numbers one by one, and in two pieces: one after the other */
	proto_free(&w.c);
	proto_string(&w.c, 1, "c");
	put_blob(&w.c, 7, SINGLES, DIMS(2, 3), 6, 1);
	Proto two = {0}, shape = {0};
	float x[2] = {7, 8};
	proto_int(&shape, 1, 2);
	proto_bytes(&two, 5, x, 4);
	proto_message(&two, 7, &shape);
	proto_bytes(&two, 5, x + 1, 4);
	proto_message(&w.c, 7, &two);
	g = import_parts(f, &w);
	assert_constant(g, "c.weight", 6, 1);
	assert_constant(g, "c.bias", 2, 7);
	graph_free(g);
}

#define REPLACE(part, name, ...)                \
	do {                                    \
		good_parts(&w);                 \
		proto_free(&w.part);            \
		proto_string(&w.part, 1, name); \
		__VA_ARGS__;                    \
	} while (0)

static void test_bad_weights(void **state)
{
	const Folder *f = *state;
	Parts w;
	good_parts(&w); /* M2 */
	proto_free(&w.p);
	refuse_parts(f, &w, DIAG_REJECT, "net.prototxt:4:7: error: layer 'p': ");
	REPLACE(c, "c", put_blob(&w.c, 7, 0, DIMS(2, 3, 1, 1), 6, 1)); /* M3 */
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'c': 1 blobs; the network's Convolution needs 2 [rejected]");
	REPLACE(b, "b", put_blob(&w.b, 7, 0, DIMS(2), 2, 1); put_blob(&w.b, 7, 0, DIMS(2), 2, 1));
	refuse_parts(f, &w, DIAG_REJECT,
	             "error: layer 'b': 2 blobs; the network's BatchNorm needs 3: mean, variance, factor; 5 with "
	             "scale_bias: gamma, beta behind them [rejected]");
	REPLACE(p, "p", put_blob(&w.p, 7, 0, DIMS(5, 8), 40, 1); put_blob(&w.p, 7, 0, DIMS(5), 5, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'p': 2 blobs; the network's InnerProduct needs 1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(3), 3, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'n': blob 0 has shape [3]; the network needs [2] [rejected]");
	REPLACE(p, "p", put_blob(&w.p, 7, 0, DIMS(8, 5), 40, 1));
	refuse_parts(f, &w, DIAG_REJECT, "blob 0 has shape [8, 5]; the network needs [5, 8] [rejected]");
	Proto blob = {0}, shape = {0}; /* M4 */
	float x[2] = {1, 2};
	proto_int(&shape, 1, 2);
	proto_message(&blob, 7, &shape);
	for (uint32_t i = 1; i < 5; i++)
		proto_int(&blob, i, i == 4 ? 3 : 1);
	proto_bytes(&blob, 5, x, sizeof x);
	REPLACE(n, "n", proto_message(&w.n, 7, &blob));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape and num, channels, height, width disagree [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(2), 3, 1)); /* M5 */
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 2 numbers and whose data has 3 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, DOUBLES, DIMS(2), 1, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 2 numbers and whose data has 1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, NO_SHAPE, DIMS(2), 2, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 1 numbers and whose data has 2 [rejected]");
	double y[2] = {1, 2}; /* M6 */
	proto_int(&shape, 1, 2);
	proto_message(&blob, 7, &shape);
	proto_bytes(&blob, 5, x, sizeof x);
	proto_bytes(&blob, 8, y, sizeof y);
	REPLACE(n, "n", proto_message(&w.n, 7, &blob));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob with both data and double_data [rejected]");
	int64_t many[33]; /* M7 */
	for (int i = 0; i < 33; i++)
		many[i] = 1;
	REPLACE(n, "n", put_blob(&w.n, 7, 0, 33, many, 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 32 axes [limit]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(-1), 1, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob with the extent -1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(65536, 65536), 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 2147483647 numbers [limit]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS((int64_t)1 << 62, 4), 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 2147483647 numbers [limit]");
	REPLACE(n, "n", proto_bytes(&blob, 5, x, 5); proto_message(&w.n, 7, &blob)); /* P7 */
	refuse_parts(f, &w, DIAG_REJECT, "error: packed field data has 5 bytes, which is no multiple of 4 [rejected]");
}

static void test_raw_weights(void **state)
{
	const Folder *f = *state;
	static const unsigned how[] = {RAW_HALVES, RAW_FLOATS, RAW_DOUBLES};
	Parts w;
	for (int i = 0; i < 3; i++) {
		REPLACE(n, "n", put_blob(&w.n, 7, how[i], DIMS(2), 2, 30));
		Graph *g = import_parts(f, &w);
		assert_constant(g, "n.scale", 2, 30);
		graph_free(g);
		REPLACE(n, "n", put_blob(&w.n, 7, how[i], DIMS(2), 3, 30));
		refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 2 numbers and whose data has 3 [rejected]");
	}
	static const struct {
		int type, bytes, twice;
		bool floats;
		int status;
		const char *message;
	} bad[] = {
	    {3, 8, 0, false, DIAG_UNSUPPORTED,
	     "error: a blob whose raw_data has another type; raw_data_type 0, 1 or 2 is read: double, float, half "
	     "float"},
	    {-1, 8, 0, false, DIAG_UNSUPPORTED, "error: a blob whose raw_data has no type"},
	    {1, 7, 0, false, DIAG_REJECT, "error: a blob with 7 bytes of raw_data; each number has 4 [rejected]"},
	    {1, 8, 0, true, DIAG_REJECT, "error: a blob with both data and raw_data [rejected]"},
	    {1, 12, 8, false, DIAG_OK, NULL}, /* the last one counts */
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		static const float x[] = {1, 2, 3};
		Proto blob = {0}, shape = {0};
		proto_int(&shape, 1, 2);
		proto_message(&blob, 7, &shape);
		if (bad[i].type >= 0)
			proto_int(&blob, 10, bad[i].type);
		proto_bytes(&blob, 12, x, (size_t)bad[i].bytes);
		if (bad[i].twice)
			proto_bytes(&blob, 12, x, (size_t)bad[i].twice);
		if (bad[i].floats)
			proto_bytes(&blob, 5, x, 8);
		REPLACE(n, "n", proto_message(&w.n, 7, &blob));
		if (bad[i].message) {
			refuse_parts(f, &w, bad[i].status, bad[i].message);
			continue;
		}
		Graph *g = import_parts(f, &w);
		assert_constant(g, "n.scale", 2, 1);
		graph_free(g);
	}
}

static void test_unused_weights(void **state)
{
	const Folder *f = *state;
	Messages m;
	Parts w;
	Proto net = {0}, other = {0};
	good_parts(&w);
	proto_string(&other, 1, "o'\n");
	put_blob(&other, 7, 0, DIMS(2), 2, 1);
	proto_message(&net, 100, &other);
	proto_string(&other, 1, "no blobs");
	proto_message(&net, 100, &other);
	proto_message(&net, 100, &w.c);
	proto_message(&net, 100, &w.b);
	proto_message(&net, 100, &w.p);
	proto_message(&net, 100, &w.n);
	write_file(f->weights, net.data, net.size);
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	assert_non_null(g);
	assert_message(&m, "warning: the weights of layer 'o\\x27\\x0a' are not used by the network");
	assert_int_equal(m.diag.nwarning, 1);
	graph_free(g);
	messages_free(&m);
	proto_free(&net);
}

static void refuse_bytes(const Folder *f, const void *bytes, size_t size, int status, const char *message)
{
	Messages m;
	write_file(f->weights, bytes, size);
	messages_open(&m);
	assert_null(import_caffe(f->net, &plain, &m.diag));
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), status);
	messages_free(&m);
}

#define REFUSE(bytes, status, message) refuse_bytes(f, bytes, sizeof bytes - 1, status, message)

/* M1, M8, and what the outermost message may hold. */
static void test_bad_files_of_weights(void **state)
{
	const Folder *f = *state;
	refuse_bytes(f, small_net, strlen(small_net), DIAG_REJECT, "net.caffemodel:0: error: a text; weights are a binary .caffemodel");
	REFUSE("", DIAG_REJECT, "net.caffemodel:0: error: an empty file [rejected]");
	REFUSE("\x08\x01", DIAG_REJECT, "net.caffemodel:0: error: field 1 of NetParameter has wire type 0; it must be length-delimited");
	REFUSE("\xa2\x06\x7f", DIAG_REJECT, "net.caffemodel:2: error: a length of 127 bytes; 0 are left");
	REFUSE("\xa2\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", DIAG_REJECT,
	       "net.caffemodel:2: error: a length of 18446744073709551615 bytes");
	REFUSE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", DIAG_REJECT, "net.caffemodel:0: error: a field's tag of more than 64 bits");
	REFUSE("\x01", DIAG_REJECT, "error: field number 0; the numbers are 1 to 2^29 - 1");
	REFUSE("\x0b", DIAG_REJECT, "error: field 1 has wire type 3 (groups are not read)");
	REFUSE("\x1f", DIAG_REJECT, "error: field 3 has wire type 7 (there is none)");
	REFUSE("\x1d\1\2\3", DIAG_REJECT, "error: the file ends inside a number");
	REFUSE("\x18\x80", DIAG_REJECT, "error: a number of more than 64 bits, or cut off");
	REFUSE("\xa2\x06\x00\x12\x00", DIAG_REJECT, "error: both new and old layers (fields 100 and 2)");
	REFUSE("\x12\x06\x0a\x04\x0a\x02"
	       "ab",
	       DIAG_UNSUPPORTED, "net.caffemodel:2: error: a layer in Caffe's oldest form (V0)");
	REFUSE("\xa2\x06\x02\x0a\x05", DIAG_REJECT, "net.caffemodel:4: error: name of LayerWeights has a length of 5 bytes; 0 are left");
	REFUSE("\xa2\x06\x02\x08\x05", DIAG_REJECT, "net.caffemodel:3: error: field name of LayerWeights has wire type varint");
}

/* A V1 file: its layers are field 2, its names field 4, its blobs field 6. */
static void test_old_weights(void **state)
{
	const Folder *f = *state;
	static const char text[] = "input: 'x' input_shape { dim: [1, 3] }\n"
	                           "layers { name: 'p' type: INNER_PRODUCT bottom: 'x' top: 'p' inner_product_param { num_output: 2 } }";
	Proto net = {0}, layer = {0};
	proto_int(&layer, 5, CAFFE__V1_LAYER_PARAMETER__LAYER_TYPE__INNER_PRODUCT);
	proto_string(&layer, 4, "p");
	put_blob(&layer, 6, LEGACY, DIMS(1, 1, 2, 3), 6, 1);
	put_blob(&layer, 6, LEGACY, DIMS(1, 1, 1, 2), 2, 7);
	proto_message(&net, 2, &layer);
	write_file(f->net, text, strlen(text));
	write_file(f->weights, net.data, net.size);
	Messages m;
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	assert_constant(g, "p.weight", 6, 1);
	assert_constant(g, "p.bias", 2, 7);
	graph_free(g);
	messages_free(&m);
	proto_free(&net);
}

/* P15: no crash, whatever bit is wrong. */
static void test_weights_cut_and_changed(void **state)
{
	const Folder *f = *state;
	Parts w;
	size_t size;
	good_parts(&w);
	write_parts(f, &w);
	char *good = read_file(f->weights, &size), *bad = malloc(size);
	assert_non_null(bad);
	for (size_t n = 0; n < size; n++) {
		write_file(f->weights, good, n);
		assert_int_equal(import_status(f->net), DIAG_REJECT);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		memcpy(bad, good, size);
		bad[bit / 8] ^= (char)(1 << bit % 8);
		write_file(f->weights, bad, size);
		int status = import_status(f->net);
		assert_true(status == DIAG_OK || (status >= DIAG_REJECT && status <= DIAG_LIMIT));
	}
	free(good);
	free(bad);
}

/* M10, P12, P14; a large layer and many small ones. */
static void test_large_weights(void **state)
{
	const Folder *f = *state;
	FILE *out = fopen(f->weights, "wb");
	assert_non_null(out);
	assert_int_equal(ftruncate(fileno(out), ((off_t)1 << 31)), 0);
	fclose(out);
	assert_frugal(import_status, f->net, 0, DIAG_LIMIT);
	size_t size = 8 << 20;
	char *bytes = calloc(1, size);
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i += 2)
		memcpy(bytes + i, "\x1a\0", 2); /* an empty field 3 */
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	for (size_t i = 0; i + 6 <= size; i += 6)
		memcpy(bytes + i, "\xa2\x06\x03\x3a\x01\x7f", 6); /* a layer with a bad blob */
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	for (size_t i = 0; i + 8 <= size; i += 8)
		memcpy(bytes + i, "\xa2\x06\x05\x3a\x03\x3a\x01\x08", 8);
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	Proto net = {0}, layer = {0};
	for (int i = 0; i < 210000; i++) {
		const int64_t zero = 0;
		put_blob(&layer, 7, 0, 1, &zero, 0, 0);
		proto_message(&net, 100, &layer);
	}
	write_file(f->weights, net.data, net.size);
	assert_frugal(import_status, f->net, net.size, DIAG_LIMIT);
	proto_free(&net);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FOLDER(test_weights),
	    WITH_FOLDER(test_bad_weights),
	    WITH_FOLDER(test_raw_weights),
	    WITH_FOLDER(test_unused_weights),
	    WITH_FOLDER(test_bad_files_of_weights),
	    WITH_FOLDER(test_old_weights),
	    WITH_FOLDER(test_weights_cut_and_changed),
	    WITH_FOLDER(test_large_weights),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
