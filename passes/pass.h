/* pass.h -- what a pass is and how a pipeline of passes runs. A pipeline is data: passes/pipeline.def. */
#ifndef PASSES_PASS_H
#define PASSES_PASS_H

#include "ir/ir.h"
#include "ir/target.h"

/* Inputs that the network will meet, for passes that measure: sample[i][k] is input k of the graph, in logical order. */
typedef struct Samples {
	const double *const *const *sample;
	int n;
} Samples;

typedef struct PassContext {
	const Target *target;
	const Samples *samples;        /* null: noise will do */
	const struct PlanTable *plans; /* kernels and plans that the user gave; null: none */
	Arena *scratch;                /* emptied after each pass */
	Diag *diag;                    /* for input errors that only a pass can see */
	bool optimize;                 /* false at -O0 */
} PassContext;

typedef void PassFunction(PassContext *c, Graph *g);

typedef struct Pass {
	const char *name;
	PassFunction *run;
	bool optional; /* may be disabled; does not run at -O0 */
	const char *doc;
} Pass;

/* Passes by name, in the order in which they run; MAX_PASSES (passes/figures.h) at most. pipelines.c has the tables. */
typedef struct Pipeline {
	const char *name;
	const Pass *pass;
	int length;
} Pipeline;

extern const Pipeline pipeline_inference;                   /* passes/pipeline.def */
const Pass *pass_find(const Pipeline *p, const char *name); /* null when there is none */

#define PASS(name, optional, doc) PassFunction pass_##name;
#include "passes/pipeline.def"

/* Options of the runner around the passes. Lists are null-terminated or null. */
typedef struct PipelineOptions {
	bool optimize;
	const char *const *disable;
	const char *const *print_before, *const *print_after; /* pass names */
	bool print_after_all;
	/* Keeps the graph as it is after a pass: number 1 is "import", 2 the first pass. Null: don't. */
	void (*dump)(const void *context, const Graph *g, int number, const char *pass, Diag *d);
	const void *dump_context;
	const char *stop_after; /* pass name */
	bool time_passes;
	bool verify_each;              /* the evaluator before and after each pass */
	const Samples *samples;        /* or null */
	const struct PlanTable *plans; /* or null */
	struct PassHistory *history;   /* passes/figures.h: gets the graph's figures after each pass; or null */
	FILE *out;                     /* where printed IR and times go */
} PipelineOptions;

/* Runs the passes of p on g. True when all of them (or those up to stop_after) ran without input errors and verify_each found nothing. */
bool pipeline_run(const Pipeline *p, Graph *g, const Target *t, const PipelineOptions *o, Diag *d);

/* verify.c: differences between two graphs on the same pseudo-random input, reported as DIAG_DIFFERENCE. Value names
 * are not compared, only outputs. False when they differ beyond rounding. */
typedef struct VerifyState VerifyState;
VerifyState *verify_begin(const Graph *g);
bool verify_step(VerifyState *s, const Graph *g, const char *after, Diag *d);
void verify_end(VerifyState *s);

/* choose_layout.c: the target has a tuned kernel for the node when its maps are blocked; asked before any layout was
 * chosen, by passes that prepare for it. What has a channel block already, or is returned, keeps its layout. */
bool layout_serves(const PassContext *c, const Node *n);

/* select_kernels.c: the node needs no code: what it makes is where it should be, or is nothing. */
bool node_is_elided(const Node *n);

/* elide_reshape.c: the node is a permute of NCHW to NHWC. */
bool permute_is_to_nhwc(const Node *n);

/* plan_check.c: independent re-check of plan_memory's result, from the order of nodes alone: no two values that live at the same time share
 * a byte. Ends in bug() when they do. */
void plan_check(const Graph *g);

#endif
