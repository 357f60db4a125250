/* emit.h -- what the parts of the emitter share. */
#ifndef CODEGEN_EMIT_H
#define CODEGEN_EMIT_H

#include "codegen/device_queues.h"
#include "codegen/manifest.h"
#include "codegen/template.h"

typedef struct Instance { /* one static function of the emitted source */
	const Kernel *kernel;
	const char *key;      /* template and bindings: equal instances are printed once */
	const char *function; /* "ssd_conv_tile_3" without the model's prefix: "conv_tile_3" */
	Bindings *bindings;
	const int64_t *extent; /* elements that each of its pointers leads to, in order */
	int nextent;
} Instance;

typedef struct Emission {
	const Graph *graph;
	const Target *target;
	const EmitOptions *options;
	Arena *arena;
	Diag *diag;
	const char *upper;   /* capitals_of(options->name) */
	const char *file;    /* stem of the files, as comments and #include may have it */
	Instance *instance;
	int ninstance;
	Instance **of_node;  /* by index in graph->node; null: no code */
	Instance **halo_of;  /* by value id: the instance that zeroes the halo; null: none */
	bool device;         /* it runs on a GPU: the target's language is no C */
	bool detector;       /* the graph ends in one detect */
	bool library;        /* it calls the vendor's */
	DeviceQueues queues; /* of a device */
	bool weights_apart;  /* there is a NAME.weights */
	uint64_t weights_hash, model_hash;
	Manifest *manifest;
	const char *body; /* the source without its head */
} Emission;

void weights_mark(const Emission *e, unsigned char mark[WEIGHTS_MARK]);
void mark_print(const Emission *e, FILE *out); /* as numbers and commas, for an initialiser */
void byte_order_print(const Emission *e, FILE *out); /* #error for machines that would read NAME.weights wrongly */
void fit_print(const Emission *e, FILE *out);  /* NAME_weights_fit() */
bool weights_are_linked(const Emission *e);    /* there are some, and no call hands them over */

const struct EmbeddedFile *template_file(const Emission *e, const char *source); /* of the target's language; never null */
void instances_collect(Emission *e);
void instances_print(const Emission *e, FILE *out); /* parts, then the functions */

/* Elements that the pointers of a node's call lead to, in the order of the call; how many pointers. Lives in e->arena. */
int extents_of(const Emission *e, const Node *n, const int64_t **extent);
int64_t constant_extent(const Node *n, int i); /* of one of its inputs */
Places places_of(const Emission *e); /* what stands at the other end, for the manifest; lives in e->arena */
/* The function's text with its pointers declared as arrays of so many elements, those of none or below 0 left as they are: what it may
 * touch stands in its head. function: its name without the model's. */
const char *extents_declare(const Emission *e, const char *function, const int64_t *extent, int nextent, const char *text);

const char *flags_text(const Emission *e);         /* what the C compiler must be given: "-mavx2 -mfma", or "" */
void header_print(const Emission *e, FILE *out);
void head_print(const Emission *e, FILE *out);     /* the comment at the head of the source */
void source_print(const Emission *e, FILE *out);   /* what follows it */
void source_print_cuda(const Emission *e, FILE *out);
void weights_print(const Emission *e, FILE *out);  /* their declaration in NAME.c */
void incbin_print(const Emission *e, FILE *out);   /* the assembler's words that pull NAME.weights in */
void assembly_print(const Emission *e, FILE *out); /* NAME_weights.S */
void array_print(const Emission *e, FILE *out);    /* NAME_weights.c */
void entry_print(const Emission *e, FILE *out); /* the functions that the header declares */
/* Of those, what is the same in every language. */
void labels_print(const Emission *e, FILE *out);
void load_print(const Emission *e, FILE *out);
void strings_print(const Emission *e, FILE *out);
void preprocess_print(const Emission *e, FILE *out);

char *source_text(const Graph *g, const Target *t, const EmitOptions *o); /* without its head; the caller frees it */

/* What functions return, from 0 downwards: NAME_OK, NAME_EINVAL... */
typedef struct ErrorCode {
	const char *name, *text;
} ErrorCode;
extern const ErrorCode error_codes[];
extern const int error_code_count;
const char *error_text(const Emission *e, int i); /* what NAME_strerror() says of code -i */
const char *label_text(const Emission *e, int i); /* of class i, any bytes */

int64_t lines_bytes(const Emission *e); /* of the resize: columns' places, two rows of sums; 0 without pixels */
Manifest *manifest_collect(const Emission *e); /* after instances_collect() */
void manifest_read(const Emission *e, Manifest *m, const char *text); /* what only the text of the source tells */

/* Every byte of the weights, in order, in pieces; hash may be null. False when sink says no. */
typedef bool WeightsSink(void *context, const void *bytes, size_t size);
bool weights_stream(const Emission *e, WeightsSink *sink, void *context, uint64_t *hash);

/* s for a C comment or string literal: printable ASCII, nothing that ends either or is a trigraph */
const char *c_comment(Arena *a, const char *s);
const char *c_string(Arena *a, const char *s);

/* A pointer to a value's first element in memory, as an expression of the emitted code. */
const char *value_pointer(const Emission *e, const Value *v);

bool value_is_cast(const Emission *e, const Value *v); /* that expression goes through NAME_at */
const char *weights_pointer(const Emission *e); /* of all constants */
const char *constant_pointer(const Emission *e, const Node *n, int i);
const char *c_type(DType t); /* of an element, for the caller */

int value_output_index(const Graph *g, const Value *v); /* -1: not an output */

#endif
