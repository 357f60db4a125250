/* target.h -- what passes may know of a back end, and what a kernel is.
 *
 * Passes and codegen do not know each other: a pass reads the fields of a Target and calls the functions of its
 * kernel rows; codegen/targets.c fills them in. A target is data: nobody compares its name.
 */
#ifndef IR_TARGET_H
#define IR_TARGET_H

#include "ir/ir.h"

typedef struct Target Target;
typedef struct Kernel Kernel;
typedef struct Bindings Bindings; /* codegen/template.h */
struct PlanTable;                 /* ir/plan_table.h */

/* How a kernel gets the constants of its node. */
typedef enum ConstantForm {
	CONSTANTS_JOINED, /* one pointer to floats, after the other inputs: what pack makes, or one after another */
	CONSTANTS_APART,  /* each is an argument in its place among the inputs; f16 and bf16 as floats */
	CONSTANTS_TYPED,  /* each is an argument in its place, as it is */
} ConstantForm;

/* A kernel: for which nodes it serves, and the template that it is printed from. */
struct Kernel {
	const char *name; /* also the template: codegen/kernels/<target's folder>/<source>.c */
	const char *source;
	Op op;
	/* True when the kernel can compute the node as it is typed and laid out. One commented conjunction. Passes ask about suppositions
	 * too (node_supposed()). */
	bool (*accepts)(const Target *t, const Node *n);
	/* True when the kernel is worth its price for a node that it accepts; null: always. */
	bool (*pays)(const Target *t, const Node *n);
	/* Names of the kernel's parameters (tile sizes, bands, splits), null-terminated; Node.plan has their values in this order. */
	const char *choice[MAX_PLAN + 1];
	/* Chooses by estimated cost, for a node that the kernel accepts. Null when nothing is open. */
	void (*choose)(const Target *t, const Node *n, int plan[MAX_PLAN]);
	/* Checks a plan that comes from a file: null when the kernel can run the node with it, else a message that names the limit. */
	const char *(*refuse)(const Target *t, const Node *n, const int plan[MAX_PLAN]);
	/* The numbers and words that make an instance of the template. This and the functions below read Node.plan. */
	void (*bind)(const Target *t, const Node *n, Bindings *b);
	/* Bytes of scratch that a call needs; null: none. */
	int64_t (*scratch)(const Target *t, const Node *n);
	/* Bytes of packed constants; then the same bytes. null: the node's constants one after another as float. */
	int64_t (*packed_size)(const Target *t, const Node *n);
	void (*pack)(const Target *t, const Node *n, void *out, Arena *scratch);
	/* The halo of zeros that it needs around input i, in pixels; null: none. It depends on shapes and attributes only, and a kernel
	 * that needs a halo takes any larger one. */
	void (*halo)(const Target *t, const Node *n, int i, int halo[4]);
	/* Tuned kernels are passed over at -O0, where the plain ones, which accept every plain node, do the work. */
	bool tuned;
	bool library;  /* calls the vendor's library */
	bool winograd; /* Winograd: fewer multiplications, different rounding */
	ConstantForm constants;
};

/* In what a program computes. Sums are f32 always. */
typedef struct Precision {
	const char *name, *doc;
	DType map;           /* maps between layers, and the weights that meet them */
	DType alternative;   /* second 16-bit type of `mixed`: narrow picks for each map whichever rounds less; DT_NONE: none */
	bool short_products; /* f32 factors may be rounded to 10 bits of fraction before they are multiplied */
} Precision;

struct Target {
	const char *name;
	const char *doc;
	const char *profile;        /* which rules of emitted code hold; said in its head */
	const char *language;       /* of the templates and of what is emitted: the folder below codegen/kernels */
	const char *suffix;         /* of a source in it: ".c" */
	int vector;                 /* floats in a vector: the channel block of activations; 1: plain NCHW */
	bool channels_last;         /* all channels of a pixel are one block, filled up to a multiple of vector with zeros */
	const Precision *precision; /* what may be chosen; a row without a name ends them */
	Precision chosen;           /* one of them, the first if nothing is said */
	int most_images;            /* that one run may take */
	int batch;                  /* images of one run; kernels repeat their work for each, passes see one */
	bool early;                 /* of GPUs: a kernel may be launched while the one before it ends */
	int registers;              /* vector registers */
	int alignment;              /* bytes: of the arena, of each buffer and of each packed constant */
	bool merge_deconv_pays;     /* one transposed convolution of more taps beats a deconvolution and a fast 3x3 */
	bool concat_k_pays;         /* two summed 1x1 convolutions as one over concatenated channels */
	int64_t cache_bytes;        /* per core; loops are ordered so that a panel of weights stays in it */
	int cores;                  /* that one kernel should keep busy */
	int queues;                 /* of kernels that may run at the same time, MAX_QUEUES at most; 0 is 1 */
	int kernel_ns;              /* cost model of pass schedule: launch overhead in ns, peak MACs and bytes per ns */
	int macs_per_ns, bytes_per_ns;
	bool library;                /* a vendor's library may be called for convolutions */
	bool narrow_biases;          /* those of dense convolutions are wanted in the type of 16-bit maps, where that rounds little */
	const Kernel *kernel;        /* rows in order of preference; one without a name ends them */
	const char *const *cflags;   /* of the C compiler, null-terminated */
	const char *const *features; /* what the CPU must have: names that codegen knows, null-terminated */
};

/* Its programs run on a GPU and are compiled by nvcc; else they are C. */
bool target_is_gpu(const Target *t);

/* Channels of v, filled up to whole vectors. */
int64_t target_channels(const Target *t, const Value *v);

/* Of constants apart or typed: the stored element type of input i, and its byte offset in the node's weights (i == nin: the
 * total). */
DType kernel_constant_dtype(const Node *n, int i);
int64_t kernel_constant_place(const Node *n, int i);

/* Some node has a kernel that calls the vendor's library. */
bool graph_uses_library(const Graph *g);

/* The kernel for the node, or null. plans (ir/plan_table.h; may be null): where it has a row for the node, only the row's kernel is asked.
 * Else it is the first kernel of the target that accepts the node and pays. tuned: those that are tuned count too. */
const Kernel *target_kernel(const Target *t, const Node *n, const struct PlanTable *plans, bool tuned);

/* Gives the node this kernel, with the plan of its row in the table if there is one for this kernel, else with the one that the kernel
 * chooses. Returns null, or what is wrong with the row's plan. */
const char *node_set_kernel(Node *n, const Kernel *k, const Target *t, const struct PlanTable *plans);

/* A copy of the node for asking "what if": its values are copies too, so their types can be changed, and the graph stays as it is.
 * The copies are the arena's; what else a value points to (base, def, data) is the graph's. */
Node *node_supposed(const Node *n, Arena *a);

/* Input i of the node, or result i - nin. */
Value *node_slot(const Node *n, int i);

#endif
