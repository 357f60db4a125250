/* verify.h -- internal header of dssdc verify.
 *
 * The emitted program runs in a process of its own, a copy of ours, so that a crash of it is a finding like any other: who
 * waits for it knows from struct Apart what was running.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "verify/harness.h"

typedef void Tracer(void *context, int node, int output, const void *data);

typedef struct Tracing { /* NAME_tracer of a program that was emitted to be traced */
	Tracer *call;
	void *context;
} Tracing;

typedef struct VerifyRequest {
	const char *model;                       /* the user's name for it, for messages */
	const char *input;                       /* a file with the first input; null: the reference's, or noise */
	const char *reference;                   /* what another system computed (verify/reference.h); null: none */
	double tolerance;                        /* absolute, in addition to what an element's type allows */
	bool tolerance_given;                    /* the user chose it: it holds for the reference too */
	bool made_up_weights, fragment, verbose; /* fragment: --detect named one */
} VerifyRequest;

typedef struct Tally { /* what was compared */
	int nbad, nlayer;
	int npicture, nfound; /* pictures that NAME_detect() was given, and detections in them */
	int nrow, ninverted;  /* detections of NAME_run(), and those whose corners are exchanged */
	double worst;         /* largest difference as a share of what is allowed */
	const char *worst_layer;
} Tally;

typedef struct Apart {          /* shared by both processes */
	bool running;           /* emitted code runs; not in the tracer that it calls */
	bool done;              /* all was said */
	char what[120];         /* which function, of what */
	const Node *last;       /* the last one that was made; null: none */
	int count[6], nwarning; /* of Diag */
	Tally tally;            /* of the child's Verifier, when it is done */
} Apart;

typedef struct Verifier {
	const Graph *g;
	VerifyRequest ask;
	Diag *d;
	const struct Target *target;
	double **emitted; /* by value id: what the program made, logical order */
	Tally tally;
	Apart *apart;
} Verifier;

/* NAME_detect() of made-up pictures against NAME_run() of what the preprocessing is stated to make of them; each input is
 * compared by the first layers' results too, so a picture without objects also tells. trace: what fills v->emitted. */
void verify_pixels(Verifier *v, void *library, Tracer *trace);

/* Counts rows that NAME_run() returned. */
void verify_count_rows(Verifier *v, const Detection *row, int n);
/* A warning where boxes have their corners exchanged, a note where pixels led to no detections at all. */
void verify_rows_look(const Verifier *v);

/* Loads the program from a shared object, runs it, and judges what it made. */
void verify_run(Verifier *v, const char *file, Arena *a);
/* Each layer of v->emitted against the evaluator, given what the program gave the layer. */
void verify_judge(Verifier *v, const Detection *found, int nfound);
/* The results that the reference has, by their names. The first layer that is reported is the first wrong one: those after it inherit. */
void verify_judge_references(Verifier *v);

/* run(v, file, a) in a process of its own. What it reports and counts is ours then; a crash is a finding. */
void verify_apart(Verifier *v, void (*run)(Verifier *v, const char *file, Arena *a), const char *file, Arena *a);

#endif
