/* caffe_net.h -- small networks of Caffe written in a test: imported from a folder of the test's, evaluated, compared
 * with numbers; or refused with a message. */
#ifndef TESTS_IMPORT_CAFFE_NET_H
#define TESTS_IMPORT_CAFFE_NET_H

#include "tests/import/proto.h"
#include "tests/import/tools.h"

#include "import/import.h"

static const ImportOptions caffe_plain = {.threshold = -1, .nms = -1};

typedef struct CaffeNet {
	const char *text;
	Proto weights; /* NetParameter; of size 0: none */
	ImportOptions o;
} CaffeNet;

/* A network whose images x are [1, dims]; the layers read x. */
#define NET_OF(dims, layers) "input: 'x' input_shape { dim: [1, " dims "] }\n" layers

/* Layer `name` of the file of weights, with blobs of one axis; pairs of count and numbers up to count 0. */
static inline void net_weights(CaffeNet *n, const char *name, int blobs, const int *count, const float *const *value)
{
	Proto layer = {0};
	proto_string(&layer, 1, name);
	for (int i = 0; i < blobs; i++) {
		Proto blob = {0}, shape = {0};
		proto_int(&shape, 1, count[i]);
		proto_message(&blob, 7, &shape);
		proto_bytes(&blob, 5, value[i], sizeof(float) * (size_t)count[i]);
		proto_message(&layer, 7, &blob);
	}
	proto_message(&n->weights, 100, &layer);
}

static inline Graph *net_import(CaffeNet *n, Messages *m)
{
	char folder[300], net[320], weights[320];
	temporary_folder(folder);
	sprintf(net, "%s/net.prototxt", folder);
	sprintf(weights, "%s/net.caffemodel", folder);
	write_file(net, n->text, strlen(n->text));
	if (n->weights.size)
		write_file(weights, n->weights.data, n->weights.size);
	ImportOptions o = n->o.threshold == 0 ? caffe_plain : n->o;
	Graph *g = import_caffe(net, &o, &m->diag);
	if (g)
		graph_check(g);
	remove(net);
	remove(weights);
	rmdir(folder);
	proto_free(&n->weights);
	return g;
}

static inline void net_refused(CaffeNet n, int status, const char *message)
{
	Messages m;
	messages_open(&m);
	if (net_import(&n, &m))
		fail_msg("accepted: %s", n.text);
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), status);
	messages_free(&m);
}

static inline Graph *net_good(CaffeNet n)
{
	Messages m;
	messages_open(&m);
	Graph *g = net_import(&n, &m);
	if (!g)
		fail_msg("%s\n%s", n.text, messages_text(&m));
	messages_free(&m);
	return g;
}

/* The results one after another are the numbers, to 1e-6 of the larger of 1 and the number. */
static inline void net_expect(CaffeNet n, const double *const *in, int noutput, int count, const double *want)
{
	Graph *g = net_good(n);
	Arena *a = arena_new();
	Tensor *out = arena_new_array(a, Tensor, g->noutput + 1);
	assert_int_equal(g->noutput, noutput);
	eval_graph(g, in, out, NULL, NULL, a);
	int at = 0;
	for (int i = 0; i < g->noutput; i++)
		for (int64_t k = 0; k < type_count(&out[i].type); k++, at++)
			if (at < count && !(fabs(out[i].data[k] - want[at]) <= 1e-6 * fmax(1, fabs(want[at]))))
				fail_msg("%s\nnumber %d is %.9g, not %.9g", n.text, at, out[i].data[k], want[at]);
	assert_int_equal(at, count);
	arena_free(a);
	graph_free(g);
}

#define NUMBERS(...)                                                              \
	(int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), (const double[]) \
	{                                                                         \
		__VA_ARGS__                                                       \
	}
#define INPUTS(...)             \
	(const double *const[]) \
	{                       \
		__VA_ARGS__     \
	}

#endif
