/* verify_judge.c -- each result of the emitted program against the evaluator's, and against what another system computed.
 *
 * Each layer is judged on its own: the evaluator gets what the emitted program gave the layer, and both results must
 * agree. So the first bad layer is the guilty one, not one that inherited somebody else's error. */
#include "verify/reference.h"
#include "verify/verify.h"
#include "ir/cleanup.h"
#include "ir/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t ulp_distance(double want, double got)
{
	float a = (float)want, b = (float)got;
	int32_t i, k;
	memcpy(&i, &a, sizeof i);
	memcpy(&k, &b, sizeof k);
	int64_t x = i < 0 ? INT32_MIN - (int64_t)i : i, y = k < 0 ? INT32_MIN - (int64_t)k : k;
	return x > y ? x - y : y - x;
}

typedef struct Difference { /* of two tensors */
	double top;         /* largest magnitude that is wanted */
	double worst;       /* largest difference; infinite where one of two is no number */
	double relative;    /* largest difference as a share of the wanted number */
	int64_t ulp;
} Difference;

static Difference difference(const double *want, const double *got, int64_t count)
{
	Difference x = {0};
	for (int64_t i = 0; i < count; i++) {
		double d = fabs(want[i] - got[i]), size = fabs(want[i]);
		if ((isnan(want[i]) && isnan(got[i])) || want[i] == got[i])
			d = 0;
		x.top = isfinite(size) ? fmax(x.top, size) : x.top;
		if (!(d <= x.worst))
			x.worst = isnan(d) ? INFINITY : d;
		if (size > 0 && d / size > x.relative)
			x.relative = d / size;
		int64_t u = d > 0 ? ulp_distance(want[i], got[i]) : 0;
		x.ulp = u > x.ulp ? u : x.ulp;
	}
	return x;
}

/* Counts a layer, prints it when all are shown, reports it when it is beyond what is allowed. */
static void judge(Verifier *v, const Node *n, const char *against, int k, const Difference *x, double allowed)
{
	bool good = x->worst <= allowed;
	v->tally.nlayer++;
	if (x->worst / allowed > v->tally.worst) {
		v->tally.worst = x->worst / allowed;
		v->tally.worst_layer = n->name;
	}
	if (v->ask.verbose)
		printf("%4d %-28s %-16s max abs %.3e of %.3e, allowed %.3e, relative %.1e, %lld ulp%s\n", node_index(v->g, n) + 1, n->name,
		       n->kernel ? n->kernel->name : "in place", x->worst, x->top, allowed, x->relative, (long long)x->ulp,
		       good ? "" : "  DIFFERS");
	if (good)
		return;
	v->tally.nbad++;
	diag_error(v->d, DIAG_DIFFERENCE, n->loc,
	           "kernel %s, output %d: differs from %s by %g (allowed %g, largest value %g; relative %.1e, %lld ulp)",
	           n->kernel ? n->kernel->name : "none", k, against, x->worst, allowed, x->top, x->relative, (long long)x->ulp);
}

static void gather_inputs(const Verifier *v, const Node *n, Tensor *in, Arena *a)
{
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i])
			continue;
		in[i].type = n->in[i]->type;
		in[i].data = n->in[i]->data ? blob_read_f64(n->in[i]->data, a) : v->emitted[n->in[i]->id];
	}
}

/* Results without code of their own (reshapes, concatenations in place) follow from those that the program made. */
static void keep_elided(Verifier *v, const Node *n, const Tensor *out)
{
	for (int k = 0; k < n->nout; k++) {
		size_t size = sizeof *out->data * (size_t)type_count(&out[k].type);
		double *copy = malloc(size + 1);
		if (!copy)
			stop_out_of_memory();
		v->emitted[n->out[k]->id] = memcpy(copy, out[k].data, size);
	}
}

/* The score below which rounding decides what is returned: the threshold; where the list is full, the last score as well, because
 * of several boxes that have it only some find room. */
static double clear_score(const Node *n, const Tensor *want)
{
	const int rows = (int)want->type.dim[0];
	const double *last = want->data + 6 * (rows - 1), threshold = n->u.detect.threshold + 1e-4;
	return last[0] >= 0 ? fmax(threshold, last[1] + 1e-6) : threshold;
}

/* Rows of the evaluator's detect on the program's own scores, against what the program returned. Equal scores may
 * change places by rounding, so each row looks for a match. */
static void judge_detections(Verifier *v, const Node *n, const Tensor *want, const Detection *got, int ngot)
{
	int rows = (int)want->type.dim[0], nwant = 0, unmatched = 0;
	const double clear = clear_score(n, want);
	for (int r = 0; r < rows && want->data[6 * r] >= 0; r++) {
		const double *w = want->data + 6 * r;
		bool found = w[1] < clear;
		nwant++;
		for (int i = 0; i < ngot && !found; i++) {
			double size = fmax(1, fmax(fabs(w[4] - w[2]), fabs(w[5] - w[3])));
			found = got[i].label == (int)w[0] && fabs(got[i].score - w[1]) < 1e-4 && fabs(got[i].x0 - w[2]) < 1e-4 * size &&
			        fabs(got[i].y0 - w[3]) < 1e-4 * size && fabs(got[i].x1 - w[4]) < 1e-4 * size &&
			        fabs(got[i].y1 - w[5]) < 1e-4 * size;
		}
		unmatched += !found;
	}
	v->tally.nlayer++;
	if (v->ask.verbose)
		printf("%4d %-28s %-16s %d detections, evaluator %d\n", node_index(v->g, n) + 1, n->name, n->kernel->name, ngot, nwant);
	if (!unmatched)
		return;
	v->tally.nbad++;
	diag_error(v->d, DIAG_DIFFERENCE, n->loc, "%d of %d detections match none of the %d that the program returned", unmatched, nwant,
	           ngot);
}

/* Magnitudes, for the copy of a node that adds up sizes. */
static void make_sizes(Tensor *t, Arena *a)
{
	if (!t->data)
		return;
	const int64_t n = type_count(&t->type);
	double *size = arena_new_array(a, double, n + 1);
	for (int64_t i = 0; i < n; i++)
		size[i] = fabs(t->data[i]);
	t->data = size;
}

/* Where factors are rounded to 10 bits of fraction each product is off by 2^-10 of its size at most: the largest sum of
 * sizes of output k tells what that may come to, however much of it cancels. */
static double short_products(const Verifier *v, const Node *n, const Tensor *in, int k, Arena *a)
{
	Tensor *size = arena_new_array(a, Tensor, n->nin + 1), out[MAX_OUT] = {0};
	Node copy = *n;
	double most = 0;
	if (!v->target->chosen.short_products || (n->op != OP_conv2d && n->op != OP_deconv2d))
		return 0;
	for (int i = 0; i < n->nin; i++) {
		size[i] = in[i];
		make_sizes(&size[i], a);
	}
	for (int i = 0; i < n->nout; i++)
		node_epilogue_edit(&copy)[i].act = FN_NONE;
	eval_node(&copy, size, out, a);
	for (int64_t i = 0; i < type_count(&out[k].type); i++)
		most = fmax(most, out[k].data[i]);
	return most / 1024;
}

/* Integers exactly; f16 and bf16 may round the other way. */
static double allowed(const Verifier *v, DType t, double top)
{
	double unit = t == DT_F16 ? 1e-3 : t == DT_BF16 ? 1e-2 : 5e-6;
	return dtype_is_float(t) ? v->ask.tolerance + unit * top : 0.5;
}

void verify_judge(Verifier *v, const Detection *found, int nfound)
{
	Arena *a = arena_new();
	for (int i = 0; i < v->g->nnode; i++) {
		const Node *n = v->g->node[i];
		Tensor *in = arena_new_array(a, Tensor, n->nin + 1), out[MAX_OUT] = {0};
		gather_inputs(v, n, in, a);
		eval_node(n, in, out, a);
		if (n->op == OP_detect)
			judge_detections(v, n, &out[0], found, nfound);
		else if (!n->kernel)
			keep_elided(v, n, out);
		for (int k = 0; n->kernel && n->op != OP_detect && k < n->nout; k++) {
			const Difference x = difference(out[k].data, v->emitted[n->out[k]->id], type_count(&out[k].type));
			judge(v, n, "the evaluator", k, &x, allowed(v, out[k].type.dtype, x.top) + short_products(v, n, in, k, a));
		}
		arena_reset(a);
	}
	arena_free(a);
}

/* What the program made against what another system made, by the names of the results. The first layer that is reported
 * is the first wrong one: those after it inherit. */
void verify_judge_references(Verifier *v)
{
	const double tolerance = v->ask.tolerance_given ? v->ask.tolerance : 1e-4;
	Arena *a = arena_new();
	int found = 0, files = reference_count(v->ask.reference, v->d);
	for (int i = 0; files >= 0 && i < v->g->nnode; i++) {
		const Node *n = v->g->node[i];
		for (int k = 0; n->op != OP_detect && k < n->nout; k++) {
			const double *want = reference_read(v->ask.reference, (Graph *)v->g, n->out[k], a, v->d);
			if (!want)
				continue;
			const Difference x = difference(want, v->emitted[n->out[k]->id], type_count(&n->out[k]->type));
			judge(v, n, "the reference", k, &x, tolerance * fmax(1, x.top));
			found++;
		}
		arena_reset(a);
	}
	arena_free(a);
	if (found && found < files)
		diag_note(v->d, (Loc){.file = v->ask.reference, .offset = -1},
		          "%d of its %d .npy files are named like no result of the emitted program; --verbose lists the results",
		          files - found, files);
	if (files >= 0 && !found)
		diag_error(v->d, DIAG_REJECT, (Loc){.file = v->ask.reference, .offset = -1},
		           "none of its %d .npy files is named like a result of the emitted program", files);
}
