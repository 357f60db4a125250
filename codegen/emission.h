/* emission.h -- one run of the emitter, and what its files print for each other. */
#ifndef CODEGEN_EMISSION_H
#define CODEGEN_EMISSION_H

#include "codegen/manifest.h"
#include "codegen/program.h"

typedef struct Emission Emission;
struct Emission {
	const Graph *graph;
	const Target *target;
	const EmitOptions *options;
	Arena *arena;
	Diag *diag;
	const char *upper; /* capitals_of(options->name) */
	const char *file;  /* stem of the files, as comments and #include may have it */
	bool device;       /* it runs on a GPU: the target's language is no C */
	bool detector;     /* the graph ends in one detect */
	bool library;      /* it calls the vendor's */
	Program program;
	bool weights_apart; /* there is a NAME.weights */
	uint64_t weights_hash, model_hash;
	Manifest *manifest;
	TextFacts *facts; /* of all templates that were printed */
	const char *body; /* the source without its head */
};

void weights_mark(const Emission *e, unsigned char mark[WEIGHTS_MARK]);
const char *mark_text(const Emission *e);            /* as numbers and commas, for an initialiser */
void byte_order_print(const Emission *e, FILE *out); /* #error for machines that would read NAME.weights wrongly */
bool weights_are_linked(const Emission *e);          /* there are some, and no call hands them over */

/* The template codegen/kernels/c/SOURCE.c, filled, without the comment at its head. */
void helper_print(const Emission *e, const char *source, const Bindings *b, FILE *out);
const struct EmbeddedFile *template_file(const Emission *e, const char *source); /* of the target's language; never null */
void program_make(Emission *e);                                                  /* codegen/program.h */
void instances_print(const Emission *e, FILE *out);                              /* parts, then the functions */

Places places_of(const Emission *e); /* buffers that call arguments point to, for the manifest; lives in e->arena */

const char *flags_text(const Emission *e); /* what the C compiler must be given: "-mavx2 -mfma", or "" */
void header_print(const Emission *e, FILE *out);
void head_print(const Emission *e, FILE *out);   /* the comment at the head of the source */
void source_print(const Emission *e, FILE *out); /* what follows it */
void source_print_cuda(const Emission *e, FILE *out);
void weights_print(const Emission *e, FILE *out);       /* their declaration in NAME.c */
void incbin_print(const Emission *e, FILE *out);        /* the assembler's words that pull NAME.weights in */
void assembly_print(const Emission *e, FILE *out);      /* NAME_weights.S */
void array_print(const Emission *e, FILE *out);         /* NAME_weights.c */
void entry_print(const Emission *e, FILE *out);         /* C: the functions that run the network */
void labels_print(const Emission *e, FILE *out);        /* NAME_labels, of a detector */
void weights_entry_print(const Emission *e, FILE *out); /* NAME_load(), or the look at linked weights */
void strings_print(const Emission *e, FILE *out);       /* NAME_strerror(), NAME_version() */
void preprocess_print(const Emission *e, FILE *out);

char *source_text(const Graph *g, const Target *t, const EmitOptions *o); /* without its head; the caller frees it */

/* Return values of functions, from 0 downwards: NAME_OK, NAME_EINVAL... */
typedef struct ErrorCode {
	const char *name, *text;
} ErrorCode;
extern const ErrorCode error_codes[];
extern const int error_code_count;
const char *error_text(const Emission *e, int i); /* what NAME_strerror() says of code -i */
const char *label_text(const Emission *e, int i); /* of class i, any bytes */

int64_t lines_bytes(const Emission *e);                  /* of the resize: columns' places, two rows of sums; 0 without pixels */
Manifest *manifest_collect(const Emission *e);           /* after program_make() */
void manifest_add_facts(const Emission *e, Manifest *m); /* after the source was printed */

/* Every byte of the weights, in order, in pieces; hash may be null. False when sink says no. */
typedef bool WeightsSink(void *context, const void *bytes, size_t size);
bool weights_stream(const Emission *e, WeightsSink *sink, void *context, uint64_t *hash);

/* s for a C comment or string literal: printable ASCII, nothing that ends either or is a trigraph */
const char *c_comment(Arena *a, const char *s);
const char *c_string(Arena *a, const char *s);

const char *c_argument(const Emission *e, const Argument *x);    /* an expression of the emitted C */
const char *cuda_argument(const Emission *e, const Argument *x); /* of the emitted CUDA */
const char *c_type(DType t);                                     /* of an element, for the caller */

#endif
