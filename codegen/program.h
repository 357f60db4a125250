/* program.h -- the planned graph as one list of steps: every call of the emitted program, in order, with its arguments.
 *
 * The list is made once, from what passes decided. The emitters of C and CUDA print its calls; the heads of kernels, the
 * manifest's buffers and layers and the table in the head comment are read from it. None of them asks the graph where
 * something is in memory.
 */
#ifndef CODEGEN_PROGRAM_H
#define CODEGEN_PROGRAM_H

#include "codegen/template.h"
#include "ir/target.h"

typedef struct Instance { /* one static function of the emitted source */
	const Kernel *kernel;
	const char *key;      /* template and bindings: equal instances are printed once */
	const char *function; /* its name without the model's prefix: "conv_tile_3" */
	Bindings *bindings;
} Instance;

typedef enum Object {
	OBJECT_ARENA, /* in C all of it, on devices that of one image */
	OBJECT_WEIGHTS,
	OBJECT_INPUT,  /* C, and copies to the device: tensor `index` that the caller gives */
	OBJECT_OUTPUT, /* C, and copies from the device: tensor `index` that the caller gets */
	OBJECT_LINES,  /* C: the resize's own memory */
	OBJECT_CALLS,  /* device: what each image of the batch asks for; from the start of device memory */
	OBJECT_FOUND,  /* C: the caller's detections and how many fit, two words */
} Object;

typedef enum Role { ROLE_OPERAND, ROLE_WEIGHTS, ROLE_RESULT, ROLE_SCRATCH } Role;

typedef struct Argument {
	Object object;
	Role role;
	int index;          /* of the caller's tensor */
	int64_t offset;     /* bytes into the object */
	int64_t bytes;      /* that the callee may touch, of one image; 0: not stated in its head */
	DType dtype;        /* of its elements; DT_NONE: joined weights and scratch, which kernels cut up themselves */
	const Value *value; /* that it is; null: none or several */
} Argument;

typedef enum StepKind {
	STEP_COPY_IN,    /* device, a network's: one of the caller's tensors to its arena; two arguments, from and to */
	STEP_PREPROCESS, /* pixels to the input tensor, in C within NAME_detect(); results: the tensor; scratch: lines or calls */
	STEP_BEGIN,      /* the network's first launch comes next */
	STEP_HALO,       /* zeroes around a result of the next node; one argument */
	STEP_KERNEL,     /* a node's kernel */
	STEP_IN_PLACE,   /* a node without code: its results are part of others, or of no elements */
	STEP_END,        /* device: queue 0 has waited for all others */
	STEP_COPY_OUT,   /* as STEP_COPY_IN, back */
} StepKind;

typedef struct Step {
	StepKind kind;
	const Node *node;         /* of STEP_HALO, STEP_KERNEL, STEP_IN_PLACE */
	int number;               /* of the node in the graph, from 0; -1: none */
	const Instance *instance; /* the function that is called, of STEP_HALO and STEP_KERNEL */
	const Argument *argument; /* in the order of the call */
	int nargument;
	int queue;        /* device */
	const int *await; /* device: events that the queue waits for first, by their numbers */
	int nawait, mark; /* device: the event that the queue records afterwards; -1: none */
} Step;

typedef struct Program {
	const Step *step;
	int nstep;
	Instance *instance;
	int ninstance;
	int nqueue, nevent; /* device; of one queue there are no events */
} Program;

const Step *program_step(const Program *p, StepKind kind, int number); /* the first of the kind, for that node or -1; null: none */
const Argument *step_argument(const Step *s, Role role, int k);        /* argument k of a role; null when there are fewer */

#endif
