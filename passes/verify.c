/* verify.c -- the evaluator before and after each pass.
 *
 * One pseudo-random image goes through the graph as it was imported; after each pass it goes through the graph as it
 * is then. What is compared is what the user gets: the graph's outputs. Where the graph ends in detect, these are the
 * box offsets, the scores (after the softmax, wherever it is done) and the default boxes: lists of detections would
 * change places at equal scores for rounding alone, which says nothing of the pass. */
#include "passes/pass.h"

#include <math.h>
#include <string.h>

enum { MAX_SEEN = 64 };

struct VerifyState {
	Arena *arena, *scratch;
	const double **input;
	Tensor seen[MAX_SEEN];
	int nseen;
	Detect detect;
	bool is_detector;
};

typedef struct Collector {
	const Graph *g;
	Arena *arena;
	const Node *detect;
	Tensor seen[MAX_SEEN];
	int nseen;
} Collector;

static void add(Collector *c, const Type *t, const double *data)
{
	if (c->nseen == MAX_SEEN)
		bug("more than %d outputs to verify", MAX_SEEN);
	int64_t n = type_count(t);
	Tensor *to = &c->seen[c->nseen++];
	to->type = *t;
	to->data = arena_new_array(c->arena, double, n + 1);
	memcpy(to->data, data, sizeof *data * (size_t)n);
}

static void softmax_rows(double *x, int64_t n, int classes)
{
	for (int64_t i = 0; i + classes <= n; i += classes) {
		double top = x[i], sum = 0;
		for (int c = 1; c < classes; c++)
			top = fmax(top, x[i + c]);
		for (int c = 0; c < classes; c++)
			sum += x[i + c] = exp(x[i + c] - top);
		for (int c = 0; c < classes; c++)
			x[i + c] /= sum;
	}
}

/* Values that enter detect are kept when they are made: slot 0 loc, slot 1 scores. */
static void seen(void *context, const Node *n, int out, const Tensor *t)
{
	Collector *c = context;
	for (int i = 0; c->detect && i < 2; i++)
		if (c->detect->in[i] == n->out[out]) {
			c->nseen = i;
			add(c, &t->type, t->data);
			if (i == DETECT_CONF && c->detect->u.detect.softmax)
				softmax_rows(c->seen[DETECT_CONF].data, type_count(&t->type), c->detect->u.detect.classes);
		}
}

static const Node *detector(const Graph *g)
{
	const Node *n = graph_detector(g);
	return n && value_is_result(n->in[DETECT_LOC]) && value_is_result(n->in[DETECT_CONF]) ? n : NULL;
}

static void collect(const Graph *g, const double *const *input, Collector *c, Arena *scratch)
{
	Tensor *out = arena_new_array(scratch, Tensor, g->noutput + 1);
	c->g = g;
	c->detect = detector(g);
	eval_graph(g, input, out, seen, c, scratch);
	if (c->detect) {
		c->nseen = 2;
		const Value *prior = c->detect->in[DETECT_BOXES];
		if (value_is_constant(prior)) /* before fold_const it is not */
			add(c, &prior->type, blob_read_f64(prior->data, scratch));
		return;
	}
	for (int i = 0; i < g->noutput; i++)
		add(c, &out[i].type, out[i].data);
}

VerifyState *verify_begin(const Graph *g)
{
	Arena *a = arena_new();
	VerifyState *s = arena_new_one(a, VerifyState);
	s->arena = a;
	s->scratch = arena_new();
	s->input = arena_new_array(a, const double *, g->ninput + 1);
	for (int i = 0; i < g->ninput; i++)
		s->input[i] = graph_noise(g, g->input[i], 0x853c49e6748fea9bu, a);
	Collector c = {.arena = a};
	collect(g, s->input, &c, s->scratch);
	memcpy(s->seen, c.seen, sizeof s->seen);
	s->nseen = c.nseen;
	s->is_detector = c.detect != NULL;
	if (c.detect)
		s->detect = c.detect->u.detect;
	arena_reset(s->scratch);
	return s;
}

/* |difference| <= 1e-3 + 5e-6 * largest magnitude of the reference; scores, within 0..1, 1e-4. */
static bool same(const Tensor *want, const Tensor *got, bool scores, double *worst, double *bound)
{
	int64_t n = type_count(&want->type);
	if (n != type_count(&got->type))
		return false;
	double top = 0;
	for (int64_t i = 0; i < n; i++)
		if (isfinite(want->data[i]))
			top = fmax(top, fabs(want->data[i]));
	*worst = 0;
	for (int64_t i = 0; i < n; i++) {
		if (want->data[i] == got->data[i] || (isnan(want->data[i]) && isnan(got->data[i])))
			continue; /* infinities too */
		double d = fabs(want->data[i] - got->data[i]);
		*worst = d > *worst || isnan(d) != isnan(*worst) ? d : *worst;
	}
	*bound = scores ? 1e-4 : 1e-3 + 5e-6 * top;
	return *worst <= *bound;
}

bool verify_step(VerifyState *s, const Graph *g, const char *after, Diag *d)
{
	Collector c = {.arena = s->scratch};
	collect(g, s->input, &c, s->scratch);
	bool good = true;
	int n = c.nseen < s->nseen ? c.nseen : s->nseen; /* the default boxes appear with fold_const */
	for (int i = 0; i < n; i++) {
		double worst = 0, bound = 0;
		if (same(&s->seen[i], &c.seen[i], s->is_detector && i == 1, &worst, &bound))
			continue;
		good = false;
		diag_error(d, DIAG_DIFFERENCE, (Loc){0}, "after pass %s output %d differs by %g; %g is allowed", after, i, worst, bound);
	}
	if (s->is_detector && c.detect) {
		Detect was = s->detect, is = c.detect->u.detect;
		if (was.threshold < is.threshold || was.threshold > is.threshold || was.classes != is.classes || was.top_k != is.top_k ||
		    was.keep_per_class != is.keep_per_class || was.keep_top_k != is.keep_top_k || was.code != is.code) {
			good = false;
			diag_error(d, DIAG_DIFFERENCE, (Loc){0}, "pass %s changed what is detected", after);
		}
	}
	arena_reset(s->scratch);
	return good;
}

void verify_end(VerifyState *s)
{
	arena_free(s->scratch);
	arena_free(s->arena);
}
