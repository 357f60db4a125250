/* ir.h -- what a network is: types, values, nodes, the graph.
 *
 * A Graph is a list of Nodes in an order in which they can run. A Value is what flows between them: a graph input, a
 * constant, or the result of one node. Everything lives in the graph's arena. Edits go through the functions at the
 * end of this file, which keep uses and order true; graph_check() states every invariant and runs after every pass.
 *
 * Units and axes: shapes are NCHW, N = 1 for detectors; an extent may be 0, rank 0 is a scalar; spatial attributes are {y, x}; padding is
 * {top, left, bottom, right}; default boxes are {xmin, ymin, xmax, ymax} as fractions of the input.
 */
#ifndef IR_IR_H
#define IR_IR_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Value Value;
typedef struct Node Node;
typedef struct Graph Graph;
typedef struct Blob Blob;
struct Kernel; /* ir/target.h */

/* ---- types ------------------------------------------------------------------------------------------------- */

typedef enum DType {
	DT_NONE,
	DT_F32,
	DT_F16,
	DT_BF16,
	DT_I8,
	DT_U8,
	DT_I32,
	DT_I64,
	DT_F64,
	DT_I16,
	DT_U16,
	DT_U32,
	DT_U64,
	DT_BOOL, /* a byte, 0 or 1 */
	DT_COUNT
} DType;

const char *dtype_name(DType t);      /* "f32", "f16", ... */
DType dtype_from_name(const char *s); /* DT_NONE when unknown */
int dtype_size(DType t);              /* bytes */
bool dtype_is_float(DType t);
bool dtype_is_unsigned(DType t); /* u8 to u64, bool */

/* A set of element types: the bits 1 << t. */
typedef uint32_t DTypeSet;
#define DTYPES_FLOAT16 (1u << DT_F16 | 1u << DT_BF16)
#define DTYPES_TO_FLOAT32 (1u << DT_F32 | DTYPES_FLOAT16)
bool dtype_in(DType t, DTypeSet set);

/* Integers of every type travel as int64_t; u64 as its bits. ir/number.c */
int64_t int_wrap(int64_t v, DType t);                 /* to the width of t, as C does; bool: v != 0 */
int64_t int_saturate(int64_t v, DType from, DType t); /* the nearest that t has; bool: v != 0 */
int64_t int_from_double(double v, DType t);           /* towards zero, then the nearest that t has; NaN: 0; bool: v != 0 */
double int_to_double(int64_t v, DType t);
uint16_t f16_from_double(double v); /* nearest, ties to even */
uint16_t bf16_from_double(double v);
float f16_to_float(uint16_t bits);
float bf16_to_float(uint16_t bits);
void number_store(DType t, double v, void *out); /* dtype_size(t) bytes; as int_from_double for integers */
double number_load(DType t, const void *in);
double number_round(DType t, double v); /* to what t can hold; f32: v as it is */

enum { MAX_RANK = 8 };

/* How a rank-4 value is stored: [C / block][top + H + bottom][left + W + right][block]. The halo holds zeros.
 * block 1 is plain NCHW; block = C is NHWC. The last block is padded with channels that hold no meaning.
 * Values of other ranks are plain and dense. Logical shape (Type.dim) never depends on the layout. */
typedef struct Layout {
	int block;   /* >= 1 */
	int halo[4]; /* top, left, bottom, right; pixels >= 0 */
} Layout;

typedef struct Type {
	DType dtype; /* DT_NONE: not inferred yet */
	int rank;
	int64_t dim[MAX_RANK];
	Layout layout;
} Type;

Type type_make(DType t, int rank, const int64_t *dim); /* plain layout */
/* Each extent is in 0..2^31 - 1, and so is the product of those that are not 0: then no product of some of them
 * overflows 64 bits, whichever axes a kernel or a rule multiplies. Every reader of a shape asks this first. */
bool extents_fit(int rank, const int64_t *dim);
int64_t type_count(const Type *t);                    /* logical elements */
int64_t type_storage(const Type *t);                  /* elements in memory, with halo and channel padding */
int64_t type_index(const Type *t, const int64_t *at); /* element in memory of a logical position */
bool type_is_dense(const Type *t);                    /* plain order, no halo, no padding */
bool type_equal(const Type *a, const Type *b);
bool type_same_shape(const Type *a, const Type *b); /* dtype, rank and dims */

/* Zeros are stored around the map. */
static inline bool layout_has_halo(const Layout *l)
{
	return l->halo[0] || l->halo[1] || l->halo[2] || l->halo[3];
}

/* Rows, columns and step in memory of a rank-4 value. */
static inline int64_t layout_rows(const Type *t)
{
	return t->dim[2] + t->layout.halo[0] + t->layout.halo[2];
}
static inline int64_t layout_cols(const Type *t)
{
	return t->dim[3] + t->layout.halo[1] + t->layout.halo[3];
}

/* ---- constants --------------------------------------------------------------------------------------------- */

/* The content of a constant, as a recipe: bytes at hand, bytes in a file, or a cheap function of other blobs that
 * is carried out when somebody reads it. So a gigabyte of weights is never held in memory twice. */
typedef enum BlobKind {
	BLOB_ELIDED,  /* only the hash is known (a dump that was read back) */
	BLOB_BYTES,   /* data */
	BLOB_FILE,    /* size bytes at offset of file, little-endian */
	BLOB_SCALED,  /* part[0] times factor[index on axis], rounded to f32 */
	BLOB_CONCAT,  /* part[0..npart-1] one after another along axis, as f32 */
	BLOB_DEQUANT, /* part[0] (i8) times factor[index on axis], as f32 */
	BLOB_RANDOM,  /* normal(0, deviation) from seed, as f32: work without a trained model */
	BLOB_ROUNDED, /* part[0] to the nearest of dtype, f16 or bf16 */
} BlobKind;

struct Blob {
	BlobKind kind;
	DType dtype; /* of what blob_read gives */
	int rank;
	int64_t dim[MAX_RANK];
	uint64_t hash; /* of the content or of the recipe; 0: not computed yet, ask blob_hash() */
	const void *data;
	int fd; /* BLOB_FILE: open for reading as long as the graph lives; pread only */
	int64_t offset;
	const char *file;
	Blob **part;
	int npart, axis;
	const float *factor;
	uint64_t seed;
	double deviation, mean;
};

Blob *blob_bytes(Graph *g, const Type *t, const void *data);         /* copies */
Blob *blob_scaled(Graph *g, Blob *b, int axis, const float *factor); /* factor is copied: dim[axis] floats */
Blob *blob_concat(Graph *g, Blob **part, int npart, int axis);
Blob *blob_rounded(Graph *g, Blob *b, DType t); /* f16 or bf16 */
int64_t blob_count(const Blob *b);
Blob *blob_from_f64(Graph *g, const Type *t, const double *data);
/* All elements as float, freshly made in the arena. Integers are converted. A read error ends the program with
 * DIAG_IO: the file was checked when it was opened. */
float *blob_read_f32(const Blob *b, Arena *a);
double *blob_read_f64(const Blob *b, Arena *a);
int64_t *blob_read_i64(const Blob *b, Arena *a); /* u64 as its bits */
/* dtype_size() bytes an element, as they are in memory. */
const void *blob_read_raw(const Blob *b, Arena *a);
uint64_t blob_hash(Blob *b, Arena *scratch);
uint64_t hash_bytes(uint64_t seed, const void *data, size_t size); /* fast, not cryptographic */

/* ---- scalar functions: rows of ir/functions.def ------------------------------------------------------------- */

typedef enum Func {
	FN_NONE, /* the first argument */
#define FN(name, arity, expr, doc) FN_##name,
#include "ir/functions.def"
	FN_COUNT
} Func;

const char *func_name(Func f);
const char *func_doc(Func f);
int func_arity(Func f); /* 1, 2, or 3: where */
/* FUNC_FLOAT: on f64, f32, f16, bf16. FUNC_ANY: on integers too. FUNC_PREDICATE: on all, the result is bool.
 * FUNC_BITS: on integers and bool. */
typedef enum FuncKind { FUNC_FLOAT, FUNC_ANY, FUNC_PREDICATE, FUNC_BITS } FuncKind;
FuncKind func_kind(Func f);
double func_apply(Func f, double x, double y, double alpha, double beta);                 /* not FUNC_BITS */
int64_t func_apply_int(Func f, DType t, int64_t x, int64_t y, double alpha, double beta); /* not FUNC_FLOAT */

/* ---- attributes and names of operands: one struct per op, its fields listed in ir/ops.def ------------------------ */

enum { MAX_OUT = 2 };
enum { MAX_QUEUES = 8 };

/* Ops with several operands have an enum of their names: indices of Node.in, or of Node.out where it says outputs. The operand of an
 * op with one, and the operands of eltwise and concat, go by number. */

/* Operations of a kernel on a result before it is stored: out = act(elt(result, other)). `other` is one more input of
 * the node: in[op's own inputs + k] for output k. */
typedef struct Epilogue {
	Func elt;           /* FN_NONE, or a binary function of the result and `other` */
	Func act;           /* FN_NONE, or a unary function */
	double alpha, beta; /* of act */
} Epilogue;

/* Inputs of convolutions, transposed ones too. Bias and operands of epilogues may be absent. A matmul's b and bias have the places of
 * weight and bias. */
enum { CONV_X, CONV_WEIGHT, CONV_BIAS, CONV_OTHER /* second operand of result 0's epilogue; result 1's follows */ };

typedef struct Conv { /* x, weight[, bias | -][, other 0][, other 1]. Several outputs share out the channels in order */
	int stride[2], pad[4], dilation[2];
	int group;
	Epilogue epi[MAX_OUT];
} Conv;

typedef struct Deconv { /* x, weight [Ci][Co/g][kh][kw][, bias | -][, other]: y[i*s+u-pad] += x[i] * w[u] */
	int stride[2], pad[4];
	int group;
	bool border_bias; /* bias is [3][3][Co]: rows and columns first, inner, last (made by merge_deconv) */
	int border;       /* how many rows and columns of the result count as first or last */
	Epilogue epi[1];
} Deconv;

typedef struct Pool {
	bool average;       /* else maximum */
	bool global;        /* window = whole map */
	bool ceil_mode;     /* Caffe's rule: round up, drop a last window that starts in the padding */
	bool count_padding; /* average: divide by the full window (Caffe, clipped to the padded map) */
	int kernel[2], stride[2], pad[4], dilation[2];
} Pool;

/* out = act(fn(coeff0 * a[, coeff1 * b[, c]])). Operands broadcast as in numpy: ranks are filled up with 1 in front,
 * extents of 1 stretch. All operands have one dtype, but for the condition of where (x != 0 ? y : z, of any dtype),
 * and f16 and bf16, which mix with f32 as f32. The result has that dtype; of equal, less, isnan and their like, bool.
 * `to` converts it once more: fn=identity is a plain cast. Integers compute as in C with wrapping; x / 0, x mod 0 and
 * shifts (of unsigned numbers) by the width or more are 0. To integers: floats go towards zero, out of range to the nearest, NaN to 0;
 * integers keep their low bits, or with saturate the nearest. To bool: x != 0. coeff and act are for floats. */
typedef struct Eltwise {
	Func fn;
	double alpha, beta; /* of fn when it is unary */
	double coeff[2];
	DType to; /* DT_NONE: natural */
	bool saturate;
	Epilogue epi[1]; /* elt is unused */
} Eltwise;

enum { BATCHNORM_X, BATCHNORM_MEAN, BATCHNORM_VARIANCE, BATCHNORM_GAMMA, BATCHNORM_BETA };

typedef struct BatchNorm { /* x, mean, var[, gamma, beta]: gamma * (x - mean) / sqrt(var + eps) + beta */
	double eps;
} BatchNorm;

enum { SCALE_X, SCALE_GAMMA, SCALE_BETA };

typedef struct Scale { /* x, gamma[, beta]: per index of axis */
	int axis;
} Scale;

enum { L2NORM_X, L2NORM_GAMMA };

typedef struct L2Norm { /* x, gamma[C]: gamma[c] * x / sqrt(eps + sum over c of x^2) (Caffe's Normalize) */
	double eps;
	bool across_spatial; /* the sum runs over the whole map too */
} L2Norm;

typedef struct Softmax {
	int axis;
} Softmax;

typedef struct Concat {
	int axis;
} Concat;

typedef struct Reshape { /* -1 infers, 0 copies the dim, or with zero is an extent like others */
	int n;
	int64_t dim[MAX_RANK];
	bool zero;
} Reshape;

typedef struct Permute {
	int n;
	int order[MAX_RANK]; /* out.dim[i] = in.dim[order[i]] */
} Permute;

typedef struct Slice { /* begin inclusive, end exclusive, of one axis */
	int axis;
	int64_t begin, end;
} Slice;

typedef struct Pad { /* constant border on the two last axes */
	int pad[4];
	double value;
} Pad;

typedef struct Resize {     /* two last axes */
	bool nearest;       /* else bilinear */
	int64_t size[2];    /* out height, width */
	bool align_corners; /* else half-pixel centres */
} Resize;

enum { MATMUL_A, MATMUL_B, MATMUL_BIAS };

/* a [..][M][K], b [..][K][N] (or [..][N][K] with transpose_b)[, bias [N]]; leading dims are batches and broadcast.
 * f32 (with f16, bf16), f64, or integers of any type with i32 as the result, no bias, no act. */
typedef struct MatMul {
	bool transpose_b;
	Epilogue epi[1];
} MatMul;

enum { MAX_SIZES = 8, MAX_RATIOS = 16 };

typedef struct Prior { /* feature map -> [1][2][4 * boxes]: corners, then variances. Paper section 2.1, dssd.md 4 */
	int nmin, nmax, nratio;
	double min_size[MAX_SIZES], max_size[MAX_SIZES]; /* pixels */
	double ratio[MAX_RATIOS];                        /* without 1 */
	bool flip;                                       /* add 1/ratio after each ratio */
	bool clip;                                       /* to [0, 1] */
	bool truncate_sizes;                             /* sizes as C ints, as Caffe's layer does */
	int image[2];                                    /* height, width in pixels */
	double step[2];                                  /* pixels per cell */
	double start[2];                                 /* pixels: centre of the first cell */
	double variance[4];
} Prior;

typedef enum BoxCode { BOX_CORNER = 1, BOX_CENTER_SIZE = 2, BOX_CORNER_SIZE = 3 } BoxCode;

enum { DETECT_LOC, DETECT_CONF, DETECT_BOXES };

/* loc [1][4P], scores [1][P * classes], priors [1][2][4P] -> [keep_top_k][6]: label, score, xmin, ymin, xmax, ymax;
 * falling score, ties by class, then default box; unused rows have label -1 and zeros. dssd.md section 5. */
typedef struct Detect {
	int classes;    /* with background */
	int background; /* the class that is never reported; -1: none */
	BoxCode code;
	bool variance_encoded; /* loc is already multiplied by the variances */
	bool softmax;          /* scores are logits: softmax over the classes of each box first (set by sink_softmax) */
	bool per_class;        /* loc [1][P][classes][4]: a box of its own for each class (Caffe's share_location: false) */
	bool y_first;          /* loc and priors are y, x, y, x (or y, x, height, width); results are x first all the same */
	bool agnostic;         /* a box enters with its best class alone; suppression is over all classes */
	double threshold;      /* keep score > threshold */
	double nms;            /* keep while IoU <= nms with all kept */
	double eta;            /* adaptive NMS factor, 1: off */
	int top_k;             /* best scores of a class that enter NMS; -1: all */
	int keep_per_class;    /* boxes that a class keeps in NMS, at most (agnostic: all classes); 0: any number */
	int keep_top_k;        /* detections of an image */
} Detect;

/* ---- ops of general networks. x of any dtype where nothing else is said; results have x's. */

/* post(fn over the axes of pre(x)). Floats and integers; integers: pre none, abs, square, post none, and a mean goes
 * towards zero; max and min: bool too. Over no element: add 0, mul 1, max and min the least and the greatest value. */
typedef struct Reduce {
	Func fn;               /* add, mul, max, min */
	Func pre;              /* none, abs, square, exp */
	Func post;             /* none, sqrt, log */
	bool mean;             /* fn=add: divides by the count, before post */
	bool keepdims;         /* standard: true */
	int n, axes[MAX_RANK]; /* 0 <= axis < rank, each once, in any order; n = 0: element by element */
} Reduce;

typedef struct ArgMax { /* -> i64, the index of the largest on the axis; of equals the first */
	int axis;
	bool keepdims; /* standard: true */
	bool smallest; /* of the smallest */
	bool last;     /* of equals the last */
} ArgMax;

typedef struct CumSum { /* sums up to each index of the axis; floats and integers */
	int axis;
	bool exclusive; /* up to the index before; the first is 0 */
	bool reverse;   /* from the end */
} CumSum;

enum { INDEXED_X, INDEXED_INDICES, INDEXED_UPDATES }; /* inputs of take, gather... and scatter... (with updates) */

/* x, indices i64 [n], a constant: out has extent n on the axis, index k holds x at indices[k], or value where that is
 * -1. Serves steps, tiling, reversal, borders of every kind, nearest resampling. */
typedef struct Take {
	int axis;
	double value;
} Take;

/* Indices at run time are i64 or i32; negative ones count from the end; outside, the nearest is taken. */
typedef struct Gather { /* x, indices [..] -> x.dim before the axis, indices.dim, x.dim after it */
	int axis;
} Gather;

typedef struct GatherElements { /* x, indices of x's rank -> indices.dim: x with the axis' place from indices */
	int axis;
} GatherElements;

typedef struct GatherNd { /* x, indices [b..][i..][k] -> [b..][i..][x.dim after b + k]: x[b.., indices.., :] */
	int batch_dims;
} GatherNd;

typedef struct ScatterElements { /* x, indices, updates [indices.dim] -> copy of x, out[.. indices ..] = updates */
	int axis;
	Func fn; /* none: the last wins; add, mul, max, min: joined with what is there (not bool) */
} ScatterElements;

typedef struct ScatterNd { /* x, indices [i..][k], updates [i..][x.dim after k] -> copy of x, out[indices, :] = updates */
	Func fn;
} ScatterNd;

enum { TOPK_VALUES, TOPK_INDICES }; /* outputs */

typedef struct TopK { /* -> values, indices i64: the k best of the axis, sorted; of equals the lower index first */
	int axis;
	int64_t k;
	bool smallest;
} TopK;

/* x [N][C][..] -> x / (bias + alpha / n * sum of x^2)^beta over channels c - (size - 1) / 2 .. c + size / 2, n = size.
 * within_channel (rank 4): over size x size pixels around, n = size^2 (Caffe). Floats. */
typedef struct Lrn {
	int size;
	double alpha, beta, bias;
	bool within_channel;
} Lrn;

enum { NMS_BOXES, NMS_SCORES };

/* boxes [B][N][4], scores [B][C][N], f32 -> i64 [rows][3]: batch, class, box. ONNX's NonMaxSuppression: per batch and
 * class, scores above the threshold, falling, ties by index; a box is kept when its IoU with each kept one is at most
 * iou. Rows in that order; what does not fit is dropped, unused rows are -1. */
typedef struct Nms {
	bool center_point_box; /* boxes are x, y of the centre, width, height; else two opposite corners y, x, y, x */
	int64_t max_per_class; /* standard 0: none, as in ONNX */
	double iou, threshold; /* standard: 0, -inf */
	int64_t rows;
} Nms;

typedef struct Reorder { /* same numbers, another layout or float type; made by narrow and choose_layout */
	int unused;
} Reorder;

/* ---- ops: rows of ir/ops.def ---------------------------------------------------------------------------------- */

typedef enum Op {
#define OP(name, ...) OP_##name,
#include "ir/ops.def"
	OP_COUNT
} Op;

typedef enum FieldKind { FIELD_INT, FIELD_I64, FIELD_BOOL, FIELD_DOUBLE, FIELD_FUNC, FIELD_CODE, FIELD_DTYPE } FieldKind;

typedef struct Field { /* one member of an attribute struct */
	const char *name;
	FieldKind kind;
	size_t offset;       /* of the first element */
	int count;           /* elements; > 1: printed as a,b,c */
	size_t count_offset; /* 1 + offset of an int that holds how many are used, or 0: all */
	double standard;     /* value that is not printed */
} Field;

typedef struct OpInfo {
	const char *name;
	int nin_min, nin_max, nout_max; /* nin_max counts the epilogue's inputs; -1: any number */
	const Field *field;
	int nfield;
	size_t epilogue;        /* 1 + offset of the attribute struct's epilogues, or 0: it has none */
	bool epilogue_operands; /* an epilogue may have an operand; else only an activation */
	const char *doc;
} OpInfo;

extern const OpInfo op_info[OP_COUNT];
Op op_from_name(const char *s);         /* OP_COUNT when unknown */
Value *node_bias(const Node *n);        /* of a convolution or matmul; or null */
bool conv_has_constants(const Node *n); /* weight and bias are known */
/* The axis of a weight's output channels, along which 8-bit weights have scales; -1: v is not the weight of its first reader. */
int weight_channel_axis(const Value *v);
/* The epilogues of a node (MAX_OUT for conv2d, 1 for others) or null; to read, and to change. */
const Epilogue *node_epilogue(const Node *n);
Epilogue *node_epilogue_edit(Node *n);
/* The second operand of output k's epilogue, or null. */
Value *node_epilogue_operand(const Node *n, int k);

/* ---- graph ------------------------------------------------------------------------------------------------------ */

/* Where a value comes from. graph_check() holds def and data to it. */
typedef enum ValueKind {
	VALUE_INPUT,    /* the caller's; in Graph.input */
	VALUE_CONSTANT, /* data */
	VALUE_RESULT,   /* of the node def */
} ValueKind;

struct Value {
	ValueKind kind;
	int id;           /* unique in the graph, > 0 */
	const char *name; /* the model's blob name, or null */
	Type type;
	Node *def;  /* results only: the node that makes it */
	Node **use; /* one entry for each input slot that reads it */
	int nuse, use_capacity;
	Blob *data;  /* constants only */
	int noutput; /* how often the graph returns it */

	/* Placement. base: this value is inside another one, from index base_at on base_axis on (elide_concat), or
	 * shares its memory whole (elide_reshape: base_axis = -1). */
	Value *base;
	int base_axis;
	int64_t base_at;
	int64_t offset; /* bytes from the arena's start, set by plan_memory; -1: not planned */
};

enum { MAX_PLAN = 4 };

struct Node {
	Op op;
	const char *name; /* the layer's name in the model; never null */
	Loc loc;
	int nin, nout;
	Value **in; /* an absent optional input is null */
	Value *out[MAX_OUT];
	union {
#define OP(name, attributes, ...) attributes name;
#include "ir/ops.def"
	} u;

	/* Facts of late passes. */
	const struct Kernel *kernel;          /* select_kernels */
	int plan[MAX_PLAN];                   /* what the kernel leaves open, in the order of Kernel.choice; select_kernels */
	int queue;                            /* nodes of different queues may run at the same time; schedule; see ir/order.h */
	int64_t weights_offset, weights_size; /* bytes in the weights file; pack_weights; size 0: none */
	int64_t scratch_offset, scratch_size; /* bytes in the arena; plan_memory; size 0: none */
};

/* Pixels to input tensor: resize (bilinear, OpenCV's 8-bit arithmetic), then (x - mean[c]) / divisor[c]. */
typedef struct Preprocess {
	int width, height, channels; /* of the input tensor; width 0: the graph takes tensors only */
	bool bgr;                    /* channel 0 is blue */
	double mean[3], divisor[3];
} Preprocess;

struct Graph {
	Arena *arena;
	const char *name;
	Node **node; /* in execution order */
	int nnode, node_capacity;
	Value **value; /* all values, by rising id; sweep removes the dead */
	int nvalue, value_capacity, next_id;
	Value **input;
	int ninput;
	Value **output;
	int noutput;
	Preprocess preprocess;
	const char **label; /* class names, background first, or null */
	int nlabel;
	int64_t weights_size, arena_size, arena_bound; /* bytes; pack_weights, plan_memory; bound = largest live set */
};

Graph *graph_new(const char *name);
void graph_free(Graph *g);           /* closes the files of its blobs, then frees the arena */
void graph_own_fd(Graph *g, int fd); /* close it with the graph */

Value *graph_input(Graph *g, const char *name, Type t);
Value *graph_constant(Graph *g, const char *name, Blob *b);
Value *graph_constant_f32(Graph *g, const char *name, int rank, const int64_t *dim, const float *data);
void graph_output(Graph *g, Value *v);

/* A node at the end of the list, or before another one; attributes are at their standard values. Its outputs have
 * no type yet: infer_node() sets it. */
Node *graph_node(Graph *g, Op op, const char *name, int nin, Value *const *in, int nout);
Node *graph_node_before(Graph *g, Node *at, Op op, const char *name, int nin, Value *const *in, int nout);
void node_set_input(Graph *g, Node *n, int i, Value *v); /* v may be null; grows in[] when i == nin */
/* Every use and every graph output; `to` now holds what `from` held, so it takes its name. */
void value_replace(Graph *g, Value *from, Value *to);
void node_remove(Graph *g, Node *n); /* its outputs must be unused */
void node_move_before(Graph *g, Node *n, Node *at);
int node_index(const Graph *g, const Node *n);
/* The detect that makes the graph's one output from its one input, or null: then it takes and returns tensors. */
Node *graph_detector(const Graph *g);
void graph_sweep(Graph *g);        /* drops nodes and constants that nothing needs */
Graph *graph_copy(const Graph *g); /* blobs are shared; the copy must not outlive the original */

static inline Value *node_out(const Node *n)
{
	return n->out[0];
}
/* Of a value that may be absent (null). */
static inline bool value_is_input(const Value *v)
{
	return v && v->kind == VALUE_INPUT;
}
static inline bool value_is_constant(const Value *v)
{
	return v && v->kind == VALUE_CONSTANT;
}
static inline bool value_is_result(const Value *v)
{
	return v && v->kind == VALUE_RESULT;
}
/* True when exactly one input slot reads it and the graph does not return it. */
static inline bool value_has_one_use(const Value *v)
{
	return v->nuse == 1 && v->noutput == 0;
}
const Value *value_root(const Value *v);   /* follows base to the value that owns the memory */
int64_t value_root_offset(const Value *v); /* elements from the root's first element to this value's first */

void graph_check(const Graph *g); /* every invariant; ends in bug() */

/* Types of a node's outputs from its inputs. False after an error was reported. ir/infer.c */
bool infer_node(Node *n, Diag *d);

/* Multiply-accumulates of a convolution, deconvolution or matmul; 0 for others. */
int64_t node_macs(const Node *n);

/* ---- text form: ir/print.c, ir/parse.c --------------------------------------------------------------------------- */

typedef struct PrintOptions {
	bool constants; /* write the numbers of constants, not only their hash */
	bool small;     /* those of constants that are no weights: f32, f16 and bf16 stay a hash */
	bool no_plans;  /* leave out what kernels chose: two programs of one model have one hash */
} PrintOptions;

void graph_print(const Graph *g, FILE *out, PrintOptions o);
/* Null after errors were reported. text need not end in NUL. Elided constants stay elided. Kernels are looked up with
 * kernel_by_name, which may be null: then a text that names one is refused. */
typedef const struct Kernel *(*KernelByName)(const char *name);
Graph *graph_parse(const char *file, const char *text, size_t size, KernelByName kernel_by_name, Diag *d);

/* ---- evaluator: ir/eval*.c ----------------------------------------------------------------------------------------- */

typedef struct Tensor { /* logical order, dense */
	Type type;
	double *data;
} Tensor;

/* One node: in[i].data is null for absent inputs. Results are allocated in a, and are numbers of the result's dtype,
 * but f32, which stays in double; integers are exact up to 2^53. The specification of every op. */
void eval_node(const Node *n, const Tensor *in, Tensor *out, Arena *a);

/* The whole graph. inputs: one array of doubles for each graph input, logical order. seen is called for the outputs
 * of each node as soon as they are known (may be null); the arrays it gets are valid for the call only. Outputs are
 * allocated in a. */
typedef void (*EvalSeen)(void *context, const Node *n, int out, const Tensor *t);
void eval_graph(const Graph *g, const double *const *inputs, Tensor *outputs, EvalSeen seen, void *context, Arena *a);

/* An input to try a network with, logical order: noise as its preprocessing would leave it. ir/noise.c */
double *graph_noise(const Graph *g, const Value *v, uint64_t seed, Arena *a);

#endif
