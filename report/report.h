/* report.h -- a model for people and tools to look at. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "ir/ir.h"
#include "ir/target.h"
#include "passes/figures.h"

typedef struct LayerCount {
	const Node *node;
	int64_t parameters, macs;
} LayerCount;

/* A model counted twice: as it is after fold_norm (parameters and MACs of the network as its authors count them), and
 * as it is emitted (memory). */
typedef struct ModelReport {
	const char *tool; /* "dssdc 0.1.0" */
	const Graph *folded, *emitted;
	const Target *target;
	PassHistory history; /* of the passes that made emitted */
	Arena *arena;        /* of the layers, and of names made fit to print */
	LayerCount *layer;   /* of folded, in order */
	int nlayer;
	int64_t parameters, macs, boxes;
	int64_t weights_bytes, arena_bytes, arena_lower_bound_bytes;
	int64_t kernels, chain; /* nodes with a kernel; of those, how many must run one after another */
} ModelReport;

/* g: as it was imported; r owns it from now on. Counts it after fold_norm; the passes that make it what is emitted run afterwards and
 * write r->history, then report_count() counts it again. False after an error; report_free() in both cases. */
bool report_make(ModelReport *r, Graph *g, const Target *t, const char *tool, Arena *a, Diag *d);
void report_count(ModelReport *r);
void report_free(ModelReport *r);

/* s as valid UTF-8: names in IR text may be any bytes. */
const char *report_name(const ModelReport *r, const char *s);

/* The extents of a type with `times` between them, without a first one that is 1, the batch; of all results of a node, with commas. */
const char *report_shape(const Type *t, const char *times, Arena *a);
const char *report_shapes(const Node *n, const char *times, Arena *a);

/* Multiply-accumulates of the emitted graph: merges may add some, where zeros are multiplied too, or take some away. */
int64_t report_emitted_macs(const ModelReport *r);

void report_text(const ModelReport *r, FILE *out);
void report_json(const ModelReport *r, FILE *out);
void report_dot(const ModelReport *r, FILE *out);
void report_html(const ModelReport *r, FILE *out);

/* The value of --emit that a report's ending asks for, or null. */
const char *report_kind_of(const char *file);
/* False after an error: no kind of report is what the ending says. */
bool report_ending_fits(const char *file, Diag *d);

#endif
