/* shape.c -- operators that move elements to other places. */
#include "import/onnx/parts.h"

#include <string.h>

enum { INDEX_LIMIT = 1 << 20 }; /* extent of an axis that is made from a list of indices */

static bool index_is_short(Call *c, int64_t n)
{
	if (n >= 0 && n <= INDEX_LIMIT)
		return true;
	call_error(c, DIAG_LIMIT, "an axis of %lld elements would be made; the limit is %d", (long long)n, INDEX_LIMIT);
	return false;
}

static void shape(Call *c)
{
	const Type *t = &c->in[0]->type;
	int64_t begin = call_int(c, "start", 0), end = call_int(c, "end", t->rank), rank = t->rank;
	begin = begin < -rank ? 0 : begin < 0 ? begin + rank : begin > rank ? rank : begin;
	end = end < -rank ? 0 : end < 0 ? end + rank : end > rank ? rank : end;
	c->out[0] = build_ints(c, end > begin ? end - begin : 0, t->dim + begin);
}

static void size(Call *c)
{
	c->out[0] = build_scalar(c, DT_I64, (double)type_count(&c->in[0]->type));
}

/* ---- the same elements in the same order ---- */

/* Extents from the numbers that Reshape is given. */
static bool reshape_extents(Call *c, const int64_t *want, int n, bool zero_is_extent, int64_t *dim)
{
	const Type *t = &c->in[0]->type;
	int open = -1;
	int64_t known = 1, count = type_count(t);
	if (n > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "a shape of rank %d; the limit is %d", n, MAX_RANK);
		return false;
	}
	for (int i = 0; i < n; i++) {
		dim[i] = want[i] == 0 && !zero_is_extent ? (i < t->rank ? t->dim[i] : -2) : want[i];
		if (dim[i] < -1)
			call_reject(c, want[i] ? "shape has the extent %lld" : "shape has the extent %lld past the rank of the input",
			            (long long)want[i]);
		else if (dim[i] == -1 && open >= 0)
			call_reject(c, "shape has -1 twice");
		else if (dim[i] == -1)
			open = i;
		else
			known = dims_count(2, (int64_t[]){known, dim[i]});
	}
	if (c->failed)
		return false;
	if (open >= 0 && known > 0)
		dim[open] = count / known;
	if (open >= 0 && (known == 0 || dim[open] * known != count)) {
		call_reject(c, "shape leaves %lld elements to -1, of %lld", (long long)known, (long long)count);
		return false;
	}
	if (open < 0 && known != count) {
		call_reject(c, "shape has %lld elements; the input has %lld", (long long)known, (long long)count);
		return false;
	}
	return true;
}

static void reshape(Call *c)
{
	bool zero = call_flag(c, "allowzero", false);
	Type stated;
	int64_t dim[MAX_RANK] = {0};
	int n;
	if (!value_is_constant(c->in[1]) && call_stated_type(c, 0, &stated)) { /* the shape that the model states for its result */
		c->out[0] = build_reshape(c, c->in[0], stated.rank, stated.dim);
		return;
	}
	const int64_t *want = call_known_ints(c, 1, "shape", &n);
	if (want && c->in[1]->type.rank != 1)
		call_reject(c, "shape has rank %d; it must be a list", c->in[1]->type.rank);
	if (want && zero)
		for (int i = 0, seen = 0; i < n; i++)
			if ((seen |= want[i] == 0 ? 1 : want[i] == -1 ? 2 : 0) == 3) {
				call_reject(c, "shape has both 0 and -1, with allowzero");
				return;
			}
	if (want && !c->failed && reshape_extents(c, want, n, zero, dim))
		c->out[0] = build_reshape(c, c->in[0], n, dim);
}

static void flatten(Call *c)
{
	const Type *t = &c->in[0]->type;
	int64_t at = call_int(c, "axis", 1), dim[2];
	if (at < -t->rank || at > t->rank) {
		call_reject(c, "axis is %lld; a tensor of rank %d has %d to %d", (long long)at, t->rank, -t->rank, t->rank);
		return;
	}
	int axis = (int)(at < 0 ? at + t->rank : at);
	dim[0] = dims_count(axis, t->dim);
	dim[1] = dims_count(t->rank - axis, t->dim + axis);
	c->out[0] = build_reshape(c, c->in[0], 2, dim);
}

/* Axes as a set; false after an error. */
static bool axis_set(Call *c, const int64_t *axes, int n, int rank, bool *set)
{
	memset(set, 0, MAX_RANK * sizeof *set);
	for (int i = 0; i < n && !c->failed; i++) {
		int axis = call_axis(c, "an axis", axes[i], rank);
		if (!c->failed && set[axis])
			call_reject(c, "axis %d twice", axis);
		set[axis] = true;
	}
	return !c->failed;
}

static void squeeze(Call *c)
{
	const Type *t = &c->in[0]->type;
	bool drop[MAX_RANK];
	int64_t dim[MAX_RANK];
	int n, rank = 0;
	const int64_t *axes = c->opset < 13 ? call_ints(c, "axes", &n) : call_ints_or_input(c, "axes", 1, &n);
	if (c->failed || !axis_set(c, axes, n, t->rank, drop))
		return;
	for (int i = 0; i < t->rank; i++) {
		if (axes && drop[i] && t->dim[i] != 1)
			call_reject(c, "axis %d has the extent %lld, not 1", i, (long long)t->dim[i]);
		if (axes ? !drop[i] : t->dim[i] != 1)
			dim[rank++] = t->dim[i];
	}
	c->out[0] = build_reshape(c, c->in[0], rank, dim);
}

static void unsqueeze(Call *c)
{
	const Type *t = &c->in[0]->type;
	bool added[MAX_RANK];
	int64_t dim[MAX_RANK];
	int n, rank;
	const int64_t *axes = c->opset < 13 ? call_ints(c, "axes", &n) : call_ints_or_input(c, "axes", 1, &n);
	if (!axes) {
		if (!c->failed)
			call_reject(c, "Unsqueeze needs axes");
		return;
	}
	rank = t->rank + n;
	if (rank > MAX_RANK)
		call_error(c, DIAG_LIMIT, "the result would have rank %d; the limit is %d", rank, MAX_RANK);
	else if (axis_set(c, axes, n, rank, added)) {
		for (int i = 0, from = 0; i < rank; i++)
			dim[i] = added[i] ? 1 : t->dim[from++];
		c->out[0] = build_reshape(c, c->in[0], rank, dim);
	}
}

/* ---- orders ---- */

static void transpose(Call *c)
{
	int n, order[MAX_RANK], rank = c->in[0]->type.rank;
	const int64_t *perm = call_ints(c, "perm", &n);
	bool seen[MAX_RANK] = {false};
	if (perm && n != rank) {
		call_reject(c, "perm has %d axes; the input has %d", n, rank);
		return;
	}
	for (int i = 0; i < rank && !c->failed; i++) {
		int64_t axis = perm ? perm[i] : rank - 1 - i;
		if (axis < 0 || axis >= rank || seen[axis])
			call_reject(c, "perm does not have each axis once");
		else
			seen[axis] = true;
		order[i] = (int)axis;
	}
	c->out[0] = c->failed ? NULL : build_permute(c, c->in[0], order);
}

/* Blocks of b * b channels to b * b pixels, and back. */
static void depth_space(Call *c)
{
	static const char *const modes[] = {"DCR", "CRD", NULL};
	bool to_space = c->row->code;
	int mode = to_space ? call_choice(c, "mode", modes, 0) : 0;
	int64_t b = call_int(c, "blocksize", 0);
	const Type *t = &c->in[0]->type;
	if (t->rank != 4 || b < 1 || b > 65536 || (to_space ? t->dim[1] % (b * b) : t->dim[2] % b || t->dim[3] % b)) {
		call_reject(c, "blocksize %lld does not divide the input, which must have rank 4", (long long)b);
		return;
	}
	int64_t n = t->dim[0], ch = t->dim[1], h = t->dim[2], w = t->dim[3], inner = ch / (b * b);
	static const int orders[3][6] = {{0, 3, 4, 1, 5, 2}, {0, 1, 4, 2, 5, 3}, {0, 3, 5, 1, 2, 4}};
	int64_t split[3][6] = {{n, b, b, inner, h, w}, {n, inner, b, b, h, w}, {n, ch, h / b, b, w / b, b}};
	int k = to_space ? mode : 2;
	int64_t dim[4] = {n, to_space ? inner : ch * b * b, to_space ? h * b : h / b, to_space ? w * b : w / b};
	c->out[0] = build_reshape(c, build_permute(c, build_reshape(c, c->in[0], 6, split[k]), orders[k]), 4, dim);
}

/* ---- parts of axes ---- */

static void concat(Call *c)
{
	if (!call_has(c, "axis")) {
		call_reject(c, "Concat needs an axis");
		return;
	}
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank);
	for (int i = 1; i < c->nin; i++)
		if (c->in[i]->type.dtype != c->in[0]->type.dtype)
			call_reject(c, "Concat of %s and %s; the types must be the same", dtype_name(c->in[0]->type.dtype),
			            dtype_name(c->in[i]->type.dtype));
	c->out[0] = c->failed ? NULL : build_concat(c, c->nin, c->in, axis);
}

static void split(Call *c)
{
	const Type *t = &c->in[0]->type;
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), t->rank), n;
	const int64_t *sizes = c->opset < 13 ? call_ints(c, "split", &n) : call_ints_or_input(c, "split", 1, &n);
	int64_t at = 0, extent = c->failed ? 0 : t->dim[axis];
	if (c->failed)
		return;
	if (sizes ? n != c->nout : extent % c->nout) {
		call_reject(c, sizes ? "split has %d parts; the node has %d outputs" : "axis %d does not split into %d equal parts",
		            sizes ? n : axis, c->nout);
		return;
	}
	for (int i = 0; i < c->nout; i++) {
		int64_t part = sizes ? sizes[i] : extent / c->nout;
		if (part < 0 || part > extent - at) {
			call_reject(c, "split asks for more than the %lld of axis %d", (long long)extent, axis);
			return;
		}
		c->out[i] = build_slice(c, c->in[0], axis, at, at + part);
		at += part;
	}
	if (at != extent)
		call_reject(c, "split asks for %lld of the %lld of axis %d", (long long)at, (long long)extent, axis);
}

/* numpy's begin:end:step of one axis, with everything outside brought to the ends. */
static Value *strided(Call *c, Value *x, int axis, int64_t begin, int64_t end, int64_t step)
{
	int64_t n = x->type.dim[axis], low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;
	begin = begin < 0 ? (begin < -n ? low : begin + n) : begin;
	end = end < 0 ? (end < -n ? low : end + n) : end;
	begin = begin < low ? low : begin > high ? high : begin;
	end = end < low ? low : end > high ? high : end;
	int64_t distance = step > 0 ? end - begin : begin - end, stride = step > 0 ? step : step == INT64_MIN ? INT64_MAX : -step;
	int64_t count = distance <= 0 ? 0 : (distance - 1) / stride + 1;
	if (step == 1)
		return build_slice(c, x, axis, begin, begin + count);
	if (!index_is_short(c, count))
		return NULL;
	int64_t *index = arena_new_array(c->scratch, int64_t, count + 1);
	for (int64_t i = 0; i < count; i++)
		index[i] = step > 0 ? begin + i * stride : begin - i * stride;
	return build_take(c, x, axis, count, index, 0);
}

static void slice(Call *c)
{
	int nbegin, nend, naxes = 0, nstep = 0, rank = c->in[0]->type.rank;
	const int64_t *begin, *end, *axes, *step = NULL;
	if (c->opset < 10) {
		begin = call_ints(c, "starts", &nbegin);
		end = call_ints(c, "ends", &nend);
		axes = call_ints(c, "axes", &naxes);
		if (!c->failed && (!begin || !end))
			call_reject(c, "Slice needs starts and ends");
	} else {
		begin = call_known_ints(c, 1, "starts", &nbegin);
		end = call_known_ints(c, 2, "ends", &nend);
		axes = call_given(c, 3) ? call_known_ints(c, 3, "axes", &naxes) : NULL;
		step = call_given(c, 4) ? call_known_ints(c, 4, "steps", &nstep) : NULL;
	}
	if (c->failed)
		return;
	if (nbegin != nend || (axes && naxes != nbegin) || (step && nstep != nbegin) || (!axes && nbegin > rank)) {
		call_reject(c, "starts, ends, axes and steps have different lengths");
		return;
	}
	bool seen[MAX_RANK] = {false};
	Value *x = c->in[0];
	for (int i = 0; i < nbegin && x; i++) {
		int axis = axes ? call_axis(c, "an axis", axes[i], rank) : i;
		if (!c->failed && seen[axis])
			call_reject(c, "axis %d twice", axis);
		if (step && step[i] == 0)
			call_reject(c, "a step of 0");
		seen[axis] = true;
		x = c->failed ? NULL : strided(c, x, axis, begin[i], end[i], step ? step[i] : 1);
	}
	c->out[0] = x;
}

/* ---- more of the same ---- */

static void expand(Call *c)
{
	int n;
	const Type *t = &c->in[0]->type;
	Type stated;
	if (!value_is_constant(c->in[1]) && call_stated_type(c, 0, &stated) && stated.rank >= t->rank) {
		c->out[0] = build_expand(c, c->in[0], stated.rank, stated.dim);
		return;
	}
	const int64_t *want = call_known_ints(c, 1, "shape", &n);
	int64_t dim[MAX_RANK];
	if (!want)
		return;
	int rank = n > t->rank ? n : t->rank;
	if (rank > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "a shape of rank %d; the limit is %d", rank, MAX_RANK);
		return;
	}
	for (int i = 0; i < rank; i++) {
		int64_t own = i < rank - t->rank ? 1 : t->dim[i - (rank - t->rank)], asked = i < rank - n ? 1 : want[i - (rank - n)];
		if (asked < 0 || (own != asked && own != 1 && asked != 1))
			call_reject(c, "shape asks for %lld on axis %d, which has %lld", (long long)asked, i, (long long)own);
		dim[i] = asked == 1 ? own : asked;
	}
	c->out[0] = c->failed ? NULL : build_expand(c, c->in[0], rank, dim);
}

static void tile(Call *c)
{
	int n;
	const int64_t *repeats = call_known_ints(c, 1, "repeats", &n);
	Value *x = c->in[0];
	if (!repeats)
		return;
	if (n != x->type.rank) {
		call_reject(c, "repeats has %d numbers; the input has rank %d", n, x->type.rank);
		return;
	}
	int64_t count = type_count(&x->type);
	for (int i = 0; i < n; i++)
		if (repeats[i] < 0 || (count = dims_count(2, (int64_t[]){count, repeats[i]})) > INT32_MAX) {
			call_error(c, repeats[i] < 0 ? DIAG_REJECT : DIAG_LIMIT, "repeats of %lld; the result may have 2147483647 elements",
			           (long long)repeats[i]);
			return;
		}
	for (int axis = 0; axis < n && x; axis++) {
		int64_t extent = x->type.dim[axis], total = extent * repeats[axis];
		if (repeats[axis] == 1)
			continue;
		if (!index_is_short(c, total))
			return;
		int64_t *index = arena_new_array(c->scratch, int64_t, total + 1);
		for (int64_t i = 0; i < total; i++)
			index[i] = i % extent;
		x = build_take(c, x, axis, total, index, 0);
	}
	c->out[0] = x;
}

enum { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE };

/* Where index i of an axis with `before` more in front comes from; -1: the constant. */
static int64_t pad_source(int64_t i, int64_t before, int64_t extent, int mode)
{
	int64_t at = i - before;
	if (at >= 0 && at < extent)
		return at;
	if (mode == PAD_CONSTANT || extent == 0)
		return -1;
	if (mode == PAD_EDGE || extent == 1)
		return at < 0 ? 0 : extent - 1;
	int64_t period = 2 * (extent - 1);
	at = (at % period + period) % period;
	return at < extent ? at : period - at;
}

static Value *pad_axis(Call *c, Value *x, int axis, int64_t before, int64_t behind, int mode, double value)
{
	int64_t extent = x->type.dim[axis];
	if (before > INDEX_LIMIT || behind > INDEX_LIMIT || before < -extent || behind < -extent || extent + before + behind < 0) {
		call_error(c, before > 0 || behind > 0 ? DIAG_LIMIT : DIAG_REJECT, "pads of %lld and %lld on axis %d with extent %lld",
		           (long long)before, (long long)behind, axis, (long long)extent);
		return NULL;
	}
	int64_t total = extent + before + behind;
	if (!index_is_short(c, total))
		return NULL;
	int64_t *index = arena_new_array(c->scratch, int64_t, total + 1);
	for (int64_t i = 0; i < total; i++)
		index[i] = pad_source(i, before, extent, mode);
	return build_take(c, x, axis, total, index, value);
}

/* Zeros around rows and columns: the op that convolutions and pools take in. */
static bool is_border(const Type *t, const int64_t *pads, int mode)
{
	bool good = mode == PAD_CONSTANT && t->rank == 4 && t->dtype == DT_F32 && !pads[0] && !pads[1] && !pads[4] && !pads[5];
	for (int i = 0; i < 8 && good; i++)
		good = pads[i] >= 0 && pads[i] < 65536;
	return good;
}

static Value *border(Call *c, Value *x, const int64_t *pads, double value)
{
	Node *n = build_begin(c, OP_pad, 1, &x, 1);
	if (!n)
		return NULL;
	n->u.pad = (Pad){{(int)pads[2], (int)pads[3], (int)pads[6], (int)pads[7]}, value};
	return build_end(c, n);
}

static void pad(Call *c)
{
	static const char *const modes[] = {"constant", "reflect", "edge", NULL};
	int mode = call_choice(c, "mode", modes, PAD_CONSTANT), n, one;
	Value *x = c->in[0];
	const int64_t *pads = c->opset < 11 ? call_ints(c, "pads", &n) : call_known_ints(c, 1, "pads", &n);
	double value = c->opset < 11 ? call_float(c, "value", 0) : 0;
	if (call_given(c, 2)) {
		const double *p = call_known_floats(c, 2, "constant_value", &one);
		if (p && one != 1)
			call_reject(c, "constant_value has %d elements", one);
		value = p ? p[0] : 0;
	}
	if (c->failed)
		return;
	if (!pads || n != 2 * x->type.rank) {
		call_reject(c, "pads has %d numbers; a tensor of rank %d needs %d", pads ? n : 0, x->type.rank, 2 * x->type.rank);
		return;
	}
	if (is_border(&x->type, pads, mode))
		x = border(c, x, pads, value);
	else
		for (int axis = 0, rank = x->type.rank; axis < rank && x; axis++)
			if (pads[axis] || pads[rank + axis])
				x = pad_axis(c, x, axis, pads[axis], pads[rank + axis], mode, value);
	c->out[0] = x;
}

/* Each batch has a part of its own that is reversed: elements are gathered by a constant of their places. */
static void reverse_sequence(Call *c)
{
	int64_t batch_axis = call_int(c, "batch_axis", 1), time_axis = call_int(c, "time_axis", 0);
	int n;
	const Type *t = &c->in[0]->type;
	const int64_t *length = call_known_ints(c, 1, "sequence_lens", &n);
	if (!length)
		return;
	if (t->rank < 2 || (batch_axis | time_axis) >> 1 || batch_axis == time_axis || n != t->dim[batch_axis]) {
		call_reject(c, "batch_axis and time_axis must be 0 and 1, and sequence_lens one for each batch");
		return;
	}
	Value **part = arena_new_array(c->scratch, Value *, n + 1);
	int64_t time = t->dim[time_axis];
	if (!index_is_short(c, time) || !index_is_short(c, n))
		return;
	for (int b = 0; b < n; b++) {
		int64_t *index = arena_new_array(c->scratch, int64_t, time + 1);
		if (length[b] < 0 || length[b] > time) {
			call_reject(c, "sequence_lens has %lld; the time axis has %lld", (long long)length[b], (long long)time);
			return;
		}
		for (int64_t i = 0; i < time; i++)
			index[i] = i < length[b] ? length[b] - 1 - i : i;
		part[b] = build_take(c, build_slice(c, c->in[0], (int)batch_axis, b, b + 1), (int)time_axis, time, index, 0);
	}
	c->out[0] = n ? build_concat(c, n, part, (int)batch_axis) : c->in[0];
}

/* Keeps what the condition marks; its result has a shape only when the condition is known. */
static void compress(Call *c)
{
	bool flat = !call_has(c, "axis");
	int n, axis = flat ? 0 : call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank);
	const int64_t *condition = call_known_ints(c, 1, "condition", &n);
	int64_t count = type_count(&c->in[0]->type), kept = 0;
	Value *x = flat ? build_reshape(c, c->in[0], 1, &count) : c->in[0];
	if (!condition || c->failed || !x)
		return;
	if (n > x->type.dim[axis]) {
		call_reject(c, "condition has %d elements; the axis has %lld", n, (long long)x->type.dim[axis]);
		return;
	}
	int64_t *index = arena_new_array(c->scratch, int64_t, n + 1);
	for (int i = 0; i < n; i++)
		if (condition[i])
			index[kept++] = i;
	c->out[0] = build_take(c, x, axis, kept, index, 0);
}

const OnnxRow onnx_shape_rows[] = {
    {"Shape", 1, 0, 1, 1, 1, shape, 0},
    {"Size", 1, 0, 1, 1, 1, size, 0},
    {"Reshape", 5, 0, 2, 2, 1, reshape, 0},
    {"Flatten", 1, 0, 1, 1, 1, flatten, 0},
    {"Squeeze", 1, 12, 1, 1, 1, squeeze, 0},
    {"Squeeze", 13, 0, 1, 2, 1, squeeze, 0},
    {"Unsqueeze", 1, 12, 1, 1, 1, unsqueeze, 0},
    {"Unsqueeze", 13, 0, 2, 2, 1, unsqueeze, 0},
    {"Transpose", 1, 0, 1, 1, 1, transpose, 0},
    {"DepthToSpace", 1, 0, 1, 1, 1, depth_space, 1},
    {"SpaceToDepth", 1, 0, 1, 1, 1, depth_space, 0},
    {"Concat", 4, 0, 1, -1, 1, concat, 0},
    {"Split", 2, 12, 1, 1, -1, split, 0},
    {"Split", 13, 0, 1, 2, -1, split, 0},
    {"Slice", 1, 9, 1, 1, 1, slice, 0},
    {"Slice", 10, 0, 3, 5, 1, slice, 0},
    {"Expand", 8, 0, 2, 2, 1, expand, 0},
    {"Tile", 6, 0, 2, 2, 1, tile, 0},
    {"Pad", 2, 10, 1, 1, 1, pad, 0},
    {"Pad", 11, 0, 2, 3, 1, pad, 0},
    {"ReverseSequence", 10, 0, 2, 2, 1, reverse_sequence, 0},
    {"Compress", 9, 0, 2, 2, 1, compress, 0},
    {0},
};
