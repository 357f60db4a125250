/* verify.h -- the parts of dssdc verify among themselves.
 *
 * The emitted program runs in a process of its own, a copy of ours, so that a crash of it is a finding like any other: who
 * waits for it knows from struct Apart what was running.
 */
#ifndef COMPILER_VERIFY_H
#define COMPILER_VERIFY_H

#include "compiler/options.h"
#include "ir/ir.h"

typedef void Tracer(int node, int output, const void *data);

typedef struct Detection { /* as in the emitted header */
	float x0, y0, x1, y1, score;
	int32_t label;
} Detection;

typedef struct Apart { /* shared by both processes */
	bool running;      /* emitted code runs; not in the tracer that it calls */
	bool done;         /* all was said */
	char what[120];    /* which function, of what */
	const Node *last;  /* the last one that was made; null: none */
	int count[6], nwarning; /* of Diag */
	int nbad, nlayer, npicture, nfound, nrow, ninverted;
	double worst;
	const char *worst_layer;
} Apart;

typedef struct Verifier {
	const Graph *g;
	const Options *o;
	Diag *d;
	const struct Target *target;
	double **emitted;  /* by value id: what the program made, logical order */
	int nbad, nlayer;
	int npicture, nfound; /* pictures that NAME_detect() was given, and what was found in them */
	int nrow, ninverted;  /* detections of NAME_run(), and those whose corners are exchanged */
	double worst;      /* largest difference as a share of what is allowed */
	const char *worst_layer;
	Apart *apart;
} Verifier;

/* NAME_detect() of made-up pictures against NAME_run() of what the preprocessing is stated to make of them; each input is
 * compared by the first layers' results too, so a picture without objects also tells. trace: what fills v->emitted. */
void verify_pixels(Verifier *v, void *library, Tracer *trace);

/* Counts rows that NAME_run() returned. */
void verify_count_rows(Verifier *v, const Detection *row, int n);
/* A warning where boxes have their corners exchanged, a note where pixels led to no detections at all. */
void verify_rows_look(const Verifier *v);

/* run(v, file, a) in a process of its own. What it reports and counts is ours then; a crash is a finding. */
void verify_apart(Verifier *v, void (*run)(Verifier *v, const char *file, Arena *a), const char *file, Arena *a);

#endif
