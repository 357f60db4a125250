/* infer.h -- internal header of the type rules: one function per op, called by infer_node(), and what they share. */
#ifndef IR_INFER_H
#define IR_INFER_H

#include "ir/text.h"

/* Sets the types of n's results. False after an error was reported. Inputs are there, typed and in range. */
typedef bool Rule(Node *n, Diag *d);

#define OP(name, ...) Rule infer_##name;
#include "ir/ops.def"

/* Reports a broken rule of node n and is false. */
#define FAIL(...) (diag_error(d, DIAG_REJECT, n->loc, __VA_ARGS__), false)

enum { TEXT = TYPE_TEXT };

static const int64_t MAX_ELEMENTS = INT32_MAX;

static inline const Type *in_type(const Node *n, int i)
{
	return &n->in[i]->type;
}

static inline bool has_input(const Node *n, int i)
{
	return i < n->nin && n->in[i];
}

bool set_type(Node *n, int k, DType t, int rank, const int64_t *dim, Diag *d);
bool same_as_input(Node *n, DType t, Diag *d);
bool need_dtype(const Node *n, int i, const char *what, const DType *list, Diag *d); /* the list ends in DT_NONE */
bool need_rank(const Node *n, int i, const char *what, int rank, Diag *d);
bool need_rank_least(const Node *n, int rank, Diag *d);
bool need_vector(const Node *n, int i, const char *what, int64_t count, Diag *d);
bool need_axis(const Node *n, int axis, Diag *d);
bool need_range(const Node *n, const char *what, const int *v, int count, int least, Diag *d);
bool need_finite(const Node *n, const char *what, double v, bool negative_too, Diag *d);
bool need_act(const Node *n, const char *what, Func f, double alpha, double beta, Diag *d);
bool check_epilogue(Node *n, int k, Diag *d);
bool check_extents(const Node *n, const char *what, int rank, const int64_t *dim, Diag *d);
bool need_group(const Node *n, int group, int64_t in, int64_t out, Diag *d);
/* How often a window of `kernel` fits into `size` with padding; less than 1 when it does not. */
int64_t window_count(int64_t size, int before, int after, int64_t kernel, int stride);

#endif
