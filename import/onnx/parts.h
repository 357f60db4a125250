/* parts.h -- internal header of the ONNX importer.
 *
 * A Call is one ONNX node that becomes nodes of ours. The functions that make nodes infer their types at once and, when
 * all operands are constants and small, evaluate them at once: so arithmetic on shapes has an answer as soon as it
 * is met. Every one of them returns null after an error was reported, and returns null for an operand that is null: a
 * sequence of them needs no tests in between.
 */
#ifndef IMPORT_ONNX_PARTS_H
#define IMPORT_ONNX_PARTS_H

#include "ir/ir.h"

#include <onnx.pb-c.h>

typedef struct Onnx Onnx;
typedef struct Call Call;

typedef struct OnnxRow { /* an operator of ONNX, in a range of versions of the operator set */
	const char *name;
	int since, until;     /* the last version; 0: still so */
	int nin_min, nin_max; /* inputs; the first nin_min must be there; -1: any number */
	int nout_max;         /* -1: any number */
	void (*import)(Call *c);
	int64_t code; /* what a function that serves several rows needs to know */
} OnnxRow;

/* Ended by a row without a name. */
extern const OnnxRow onnx_map_rows[], onnx_shape_rows[], onnx_index_rows[], onnx_conv_rows[], onnx_pool_rows[], onnx_reduce_rows[],
    onnx_matmul_rows[], onnx_resize_rows[], onnx_norm_rows[], onnx_quant_rows[], onnx_loss_rows[], onnx_constant_rows[];

typedef struct OnnxName { /* what a name of the graph stands for */
	const char *name;
	Value *value;                       /* null: not made yet, or never, because of an error */
	const Onnx__NodeProto *maker;       /* null: input or initializer */
	const Onnx__ValueInfoProto *stated; /* type that the model states, or null */
	bool bound;                         /* an input that --bind made a constant */
	bool done;                          /* an input, an initializer, or the maker was met */
} OnnxName;

typedef struct OnnxFile { /* where numbers are */
	int model;        /* descriptor of the file whose bytes are at data; 0: data stays as long as the graph */
	const uint8_t *data;
	const char *location; /* of external data: what was opened last, as most models have one */
	int fd;
	int64_t size;
} OnnxFile;

struct Onnx {
	Graph *g;
	Diag *d;
	const char *file;
	const Onnx__GraphProto *graph;
	int opset;
	OnnxName *name; /* hashed, open addressing; size is a power of two */
	size_t name_size;
	const OnnxRow **row; /* the same, of the operators' names */
	OnnxFile external;
	bool stop;                             /* a limit was met: what would follow is noise */
	const char *const *bind, *const *dims; /* null-terminated INPUT=FILE, NAME=N; or null */
	bool *bind_used, *dims_used;
	int64_t fold_left; /* elements that may still be evaluated */
	Arena *a;          /* as long as the import */
};

struct Call {
	Graph *g;
	Diag *d;
	Onnx *onnx;
	const Onnx__NodeProto *proto;
	const OnnxRow *row;
	Loc loc;          /* layer is fit to be shown */
	const char *name; /* for nodes */
	int opset;
	int nin, nout;
	Value **in;     /* absent optional inputs are null; nin is at least 1 + the last that is present */
	Value **out;    /* set by row->import */
	uint8_t *used;  /* by attribute: somebody asked for it */
	Arena *scratch; /* emptied after the call */
	bool failed;    /* an error was reported */
};

#define call_error(c, class, ...) ((c)->failed = true, diag_error((c)->d, (class), (c)->loc, __VA_ARGS__))
#define call_reject(c, ...) call_error(c, DIAG_REJECT, __VA_ARGS__)
#define call_unsupported(c, ...) call_error(c, DIAG_UNSUPPORTED, __VA_ARGS__)

/* A name of the graph's, or null. */
OnnxName *onnx_name(const Onnx *o, const char *name);

/* ---- onnx/onnx.c, for the graph's inputs ---- */

/* A new name; null after an error: empty, too long, or there already. what: in messages. */
OnnxName *onnx_add_name(Onnx *o, const char *name, const char *what, Loc loc);
const char *onnx_shown(Arena *a, const char *name); /* fit to be shown; name itself where it is */
Loc onnx_loc(const Onnx *o, const ProtobufCMessage *m);

/* ---- onnx/inputs.c ---- */
void onnx_add_inputs(Onnx *o);
bool onnx_dim_is_stated(const Onnx__TensorShapeProto__Dimension *p);

/* ---- onnx/tensor.c: numbers ---- */

/* DT_NONE for what has no counterpart: strings, complex numbers, 8-bit floats, 4-bit integers. */
DType onnx_dtype(int64_t data_type);
const char *onnx_dtype_name(int64_t data_type); /* "string", "complex64", ...; "17" when unknown to us */
/* The content of a tensor, null after an error. file: of the model; its folder holds external data. */
Blob *onnx_tensor(Graph *g, const Onnx__TensorProto *t, const char *file, const char *layer, OnnxFile *external, Diag *d);
/* A .npy file or a TensorProto, by its first bytes. */
Blob *onnx_tensor_file(Graph *g, const char *path, Diag *d);

/* ---- onnx/functions.c: functions of the model; calls of them are not read, but they must be legal ---- */
void onnx_check_functions(Onnx *o, const Onnx__ModelProto *m);

/* ---- onnx/call.c: attributes and inputs ---- */

int64_t call_int(Call *c, const char *attribute, int64_t standard);
bool call_flag(Call *c, const char *attribute, bool standard); /* 0 or 1 */
double call_float(Call *c, const char *attribute, double standard);
const char *call_string(Call *c, const char *attribute, const char *standard);
/* Null, and *n = 0, when it is absent. */
const int64_t *call_ints(Call *c, const char *attribute, int *n);
const float *call_floats(Call *c, const char *attribute, int *n);
const Onnx__TensorProto *call_tensor(Call *c, const char *attribute);
const Onnx__GraphProto *call_graph(Call *c, const char *attribute);
bool call_has(Call *c, const char *attribute);
/* Index of the string among words (ends in null); reports a word that is not there. */
int call_choice(Call *c, const char *attribute, const char *const *words, int standard);
void call_ignore(Call *c, const char *attribute); /* it changes nothing here */

bool call_given(const Call *c, int k); /* input k is there */
/* The numbers of an input that must be known now. Null after an error. Any rank; *n elements. */
const int64_t *call_known_ints(Call *c, int k, const char *what, int *n);
const double *call_known_floats(Call *c, int k, const char *what, int *n);
/* The same, of an input or, before some version, an attribute. Null and *n = 0 when neither is there; check c->failed.
 */
const int64_t *call_ints_or_input(Call *c, const char *attribute, int k, int *n);
/* 0 <= result < rank; reports otherwise, and gives 0. */
int call_axis(Call *c, const char *what, int64_t axis, int rank);
/* Type that the model states for output k; false when it states none or leaves a dimension open. */
bool call_stated_type(const Call *c, int k, Type *t);

/* ---- onnx/build.c: nodes of ours ---- */

/* Attributes at their standard values, to be set before build_end(), which infers, folds and returns the result. Null
 * when an operand is null; build_end() of null is null. */
Node *build_begin(Call *c, Op op, int nin, Value *const *in, int nout);
Value *build_end(Call *c, Node *n);
void build_end_all(Call *c, Node *n, Value **out); /* of several results: MAX_OUT places */

Value *build_constant(Call *c, DType t, int rank, const int64_t *dim, const double *data); /* converted to t */
Value *build_ints(Call *c, int64_t n, const int64_t *data);                                /* i64 [n] */
Value *build_scalar(Call *c, DType t, double x);                                           /* rank 0 */
Value *build_fill(Call *c, DType t, int rank, const int64_t *dim, double x);

Value *build_map(Call *c, Func f, Value *x);
Value *build_map_with(Call *c, Func f, Value *x, double alpha, double beta);
Value *build_map2(Call *c, Func f, Value *x, Value *y);
Value *build_map3(Call *c, Func f, Value *x, Value *y, Value *z);
Value *build_map_scalar(Call *c, Func f, Value *x, double y); /* y of x's type */
Value *build_divisor(Call *c, Value *x);                      /* 1 where x is 0: zeros are divided by it */
Value *build_cast(Call *c, Value *x, DType to);               /* x itself when it has the type */
Value *build_saturate(Call *c, Value *x, DType to);

Value *build_reshape(Call *c, Value *x, int rank, const int64_t *dim); /* x itself when it has the shape */
Value *build_permute(Call *c, Value *x, const int *order);             /* x itself when the order is plain */
Value *build_swap_last(Call *c, Value *x);                             /* of the two last axes */
Value *build_slice(Call *c, Value *x, int axis, int64_t begin, int64_t end);
Value *build_take(Call *c, Value *x, int axis, int64_t n, const int64_t *index, double value);
Value *build_concat(Call *c, int n, Value *const *in, int axis);
Value *build_expand(Call *c, Value *x, int rank, const int64_t *dim); /* stretches extents of 1; more axes in front */
Value *build_reduce(Call *c, Value *x, Func f, Func pre, Func post, bool mean, int n, const int *axes, bool keepdims);
Value *build_mean(Call *c, Value *x, int n, const int *axes); /* keeps the axes */
Value *build_max(Call *c, Value *x, int axis);                /* keeps the axis */
Value *build_softmax(Call *c, Value *x, int axis);
Value *build_log_softmax(Call *c, Value *x, int axis);
Value *build_matmul(Call *c, Value *x, Value *y);
Value *build_one_hot(Call *c, Value *index, int64_t depth, int axis); /* bool; axis of the result */

int64_t dims_count(int rank, const int64_t *dim); /* saturates at 2^62 */

#endif
