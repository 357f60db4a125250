/* matmul.c -- matrix products. */
#include "import/onnx/parts.h"

#include <ctype.h>
#include <string.h>

/* numpy's rule for vectors: a row in front, a column after, and the extra extent goes away again. */
static Value *product(Call *c, Value *x, Value *y)
{
	int rx = x->type.rank, ry = y->type.rank;
	if (rx < 1 || ry < 1) {
		call_reject(c, "%s of a scalar", c->row->name);
		return NULL;
	}
	if (rx == 1)
		x = build_reshape(c, x, 2, (int64_t[]){1, x->type.dim[0]});
	if (ry == 1)
		y = build_reshape(c, y, 2, (int64_t[]){y->type.dim[0], 1});
	Value *z = build_matmul(c, x, y);
	if (!z || (rx > 1 && ry > 1))
		return z;
	int64_t dim[MAX_RANK];
	int rank = 0;
	for (int i = 0; i < z->type.rank; i++)
		if (!(rx == 1 && i == z->type.rank - 2) && !(ry == 1 && i == z->type.rank - 1))
			dim[rank++] = z->type.dim[i];
	return build_reshape(c, z, rank, dim);
}

static void matmul(Call *c)
{
	Value *y = product(c, c->in[0], c->in[1]);
	c->out[0] = build_cast(c, y, c->in[0]->type.dtype);
}

static Value *gemm_product(Call *c, bool transpose_b, Value *x, Value *bias)
{
	Value *in[] = {x, c->in[1], bias};
	Node *n = x ? build_begin(c, OP_matmul, bias ? 3 : 2, in, 1) : NULL;
	if (!n)
		return NULL;
	n->u.matmul.transpose_b = transpose_b;
	return build_end(c, n);
}

static void gemm(Call *c)
{
	double alpha = call_float(c, "alpha", 1), beta = call_float(c, "beta", 1);
	bool transpose_a = call_flag(c, "transA", false), transpose_b = call_flag(c, "transB", false);
	Value *x = c->in[0], *bias = call_given(c, 2) ? c->in[2] : NULL;
	DType t = x->type.dtype;
	if (c->opset < 7)
		call_ignore(c, "broadcast"); /* it always may */
	if (x->type.rank != 2 || c->in[1]->type.rank != 2) {
		call_reject(c, "Gemm of ranks %d and %d; both must be 2", x->type.rank, c->in[1]->type.rank);
		return;
	}
	if (c->failed)
		return;
	int64_t columns = c->in[1]->type.dim[transpose_b ? 0 : 1];
	bool fused = bias && t == DT_F32 && alpha == 1 && beta == 1 && bias->type.dtype == DT_F32 && bias->type.rank == 1 &&
	             bias->type.dim[0] == columns;
	Value *y = gemm_product(c, transpose_b, transpose_a ? build_swap_last(c, x) : x, fused ? bias : NULL);
	y = build_cast(c, y, t);
	if (alpha != 1)
		y = build_map_scalar(c, FN_mul, y, alpha);
	if (bias && !fused && beta != 0)
		y = build_map2(c, FN_add, y, beta == 1 ? bias : build_map_scalar(c, FN_mul, bias, beta));
	if (y && (y->type.rank != 2 || y->type.dim[1] != columns))
		call_reject(c, "C does not stretch to the shape of the product");
	c->out[0] = y;
}

/* ---- integers ---- */

/* x - zero in i32; zero: absent, one number, or one for each row (of a) or column (of b). */
static Value *centred(Call *c, Value *x, int zero, bool rows)
{
	Value *y = build_cast(c, x, DT_I32), *z = call_given(c, zero) ? build_cast(c, c->in[zero], DT_I32) : NULL;
	if (!z || !y)
		return y;
	int64_t n = type_count(&z->type);
	if (z->type.rank <= 1)
		z = n == 1 ? build_reshape(c, z, 0, NULL) : rows ? build_reshape(c, z, 2, (int64_t[]){n, 1}) : z;
	return build_map2(c, FN_sub, y, z);
}

static void matmul_integer(Call *c)
{
	Value *x = centred(c, c->in[0], 2, true), *y = centred(c, c->in[1], 3, false);
	c->out[0] = x && y ? product(c, x, y) : NULL;
}

/* ---- Einsum ---- */

enum { LABELS = 52 + MAX_RANK }; /* a-z, A-Z, then the axes of "..." from the last on */

typedef struct Term { /* the labels of an operand, or of the result */
	int n, label[2 * MAX_RANK];
	int dots; /* how many of them stand for "..." */
} Term;

/* One term of the equation up to , - or the end; moves past it. rank < 0: of the result, `dots` are open. */
static bool read_term(Call *c, const char **s, int rank, int dots, Term *t)
{
	const char *p = *s;
	int letters = 0;
	bool open = false;
	for (const char *q = p; *q && *q != ',' && *q != '-'; q++)
		letters += isalpha((unsigned char)*q) != 0;
	t->dots = rank < 0 ? dots : rank - letters;
	for (t->n = 0; *p && *p != ',' && *p != '-' && t->n < MAX_RANK; p++) {
		if (*p == ' ')
			continue;
		if (isalpha((unsigned char)*p)) {
			t->label[t->n++] = islower((unsigned char)*p) ? *p - 'a' : *p - 'A' + 26;
		} else if (!open && !strncmp(p, "...", 3) && t->dots >= 0 && t->n + t->dots <= MAX_RANK) {
			for (int i = t->dots - 1; i >= 0; i--)
				t->label[t->n++] = 52 + i;
			open = true;
			p += 2;
		} else {
			call_reject(c, "the equation has '%c' where a letter is needed", isprint((unsigned char)*p) ? *p : '?');
			return false;
		}
	}
	*s = p;
	if (!open)
		t->dots = 0;
	if ((*p && *p != ',' && *p != '-') || (rank >= 0 && t->n != rank)) {
		call_reject(c, "a term of the equation does not have the %d axes of its operand", rank);
		return false;
	}
	return true;
}

static bool has_label(const Term *t, int label)
{
	for (int i = 0; i < t->n; i++)
		if (t->label[i] == label)
			return true;
	return false;
}

/* Axes k and i < k have one label: the diagonal. Moves them to the end, joins them, takes each (n + 1)-th. */
static Value *diagonal(Call *c, Value *x, Term *t, int i, int k)
{
	int order[MAX_RANK], n = 0, rank = x->type.rank, label = t->label[i];
	int64_t dim[MAX_RANK], size = x->type.dim[i];
	if (x->type.dim[k] != size || size > 4096) {
		call_reject(c, "a label stands for %lld and %lld", (long long)size, (long long)x->type.dim[k]);
		return NULL;
	}
	for (int j = 0; j < rank; j++)
		if (j != i && j != k) {
			t->label[n] = t->label[j];
			dim[n] = x->type.dim[j];
			order[n++] = j;
		}
	t->n = n + 1;
	t->label[n] = label;
	dim[n] = size * size;
	order[n] = i;
	order[n + 1] = k;
	int64_t *index = arena_new_array(c->scratch, int64_t, size + 1);
	for (int64_t j = 0; j < size; j++)
		index[j] = j * (size + 1);
	return build_take(c, build_reshape(c, build_permute(c, x, order), n + 1, dim), n, size, index, 0);
}

/* Each label once, and none that neither the other operand nor the result has. */
static Value *reduced(Call *c, Value *x, Term *t, const Term *other, const Term *out)
{
	for (int i = 0; i < t->n; i++)
		for (int k = i + 1; k < t->n; k++)
			if (t->label[i] == t->label[k]) {
				x = diagonal(c, x, t, i, k);
				if (!x)
					return NULL;
				i = -1;
				break;
			}
	int axes[MAX_RANK], n = 0, kept = 0;
	for (int i = 0; i < t->n; i++) {
		bool keep = has_label(out, t->label[i]) || (other && has_label(other, t->label[i]));
		if (keep)
			t->label[kept++] = t->label[i];
		else
			axes[n++] = i;
	}
	t->n = kept;
	return n ? build_reduce(c, x, FN_add, FN_NONE, FN_NONE, false, n, axes, false) : x;
}

/* The axes of x in the order of labels; absent ones have extent 1. */
static Value *arranged(Call *c, Value *x, const Term *t, const Term *order)
{
	int perm[MAX_RANK], n = 0;
	int64_t dim[MAX_RANK];
	for (int i = 0; i < order->n; i++) {
		dim[i] = 1;
		for (int k = 0; k < t->n; k++)
			if (t->label[k] == order->label[i]) {
				perm[n++] = k;
				dim[i] = x->type.dim[k];
			}
	}
	return build_reshape(c, build_permute(c, x, perm), order->n, dim);
}

/* Labels of both and of the result are batches; of both only, the depth; the rest, rows and columns. */
static Value *contracted(Call *c, Value *x, const Term *tx, Value *y, const Term *ty, const Term *out, Term *have)
{
	Term part[4] = {0}; /* batches, rows, depth, columns */
	for (int i = 0; i < tx->n; i++) {
		int l = tx->label[i], k = !has_label(ty, l) ? 1 : has_label(out, l) ? 0 : 2;
		part[k].label[part[k].n++] = l;
	}
	for (int i = 0; i < ty->n; i++)
		if (!has_label(tx, ty->label[i]))
			part[3].label[part[3].n++] = ty->label[i];
	Term left = {0}, right = {0};
	static const int orders[3][3] = {{0, 1, 2}, {0, 2, 3}, {0, 1, 3}};
	Term *to[] = {&left, &right, have};
	*have = (Term){0};
	for (int o = 0; o < 3; o++)
		for (int k = 0; k < 3; k++)
			for (int i = 0; i < part[orders[o][k]].n; i++)
				to[o]->label[to[o]->n++] = part[orders[o][k]].label[i];
	if (have->n > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "a product of rank %d; the limit is %d", have->n, MAX_RANK);
		return NULL;
	}
	x = arranged(c, x, tx, &left);
	y = arranged(c, y, ty, &right);
	if (!x || !y)
		return NULL;
	int64_t dim[MAX_RANK], batch = 1;
	for (int i = 0; i < part[0].n; i++) {
		if (x->type.dim[i] != y->type.dim[i] && x->type.dim[i] != 1 && y->type.dim[i] != 1)
			call_reject(c, "a label stands for %lld and %lld", (long long)x->type.dim[i], (long long)y->type.dim[i]);
		else if (x->type.dim[i] != y->type.dim[i])
			call_unsupported(c, "Einsum that stretches an extent of 1");
		dim[i] = x->type.dim[i];
		batch *= dim[i];
	}
	int64_t rows = dims_count(part[1].n, x->type.dim + part[0].n), depth = dims_count(part[2].n, x->type.dim + part[0].n + part[1].n);
	int64_t columns = dims_count(part[3].n, y->type.dim + part[0].n + part[2].n);
	if (!c->failed && depth != dims_count(part[2].n, y->type.dim + part[0].n))
		call_reject(c, "a label stands for different extents");
	for (int i = 0; i < part[1].n; i++)
		dim[part[0].n + i] = x->type.dim[part[0].n + i];
	for (int i = 0; i < part[3].n; i++)
		dim[part[0].n + part[1].n + i] = y->type.dim[part[0].n + part[2].n + i];
	if (c->failed)
		return NULL;
	x = build_reshape(c, x, 3, (int64_t[]){batch, rows, depth});
	y = build_reshape(c, y, 3, (int64_t[]){batch, depth, columns});
	return build_reshape(c, build_matmul(c, x, y), have->n, dim);
}

/* Without "->": every label that occurs once, in the order of the alphabet, after the dots. */
static void implied(const Term *t, int n, Term *out)
{
	int seen[LABELS] = {0}, dots = 0;
	*out = (Term){0};
	for (int k = 0; k < n; k++) {
		dots = t[k].dots > dots ? t[k].dots : dots;
		for (int i = 0; i < t[k].n; i++)
			seen[t[k].label[i]]++;
	}
	for (int i = dots - 1; i >= 0; i--)
		out->label[out->n++] = 52 + i;
	for (int letter = 'A'; letter <= 'z'; letter++) {
		int l = islower(letter) ? letter - 'a' : isupper(letter) ? letter - 'A' + 26 : -1;
		if (l >= 0 && seen[l] == 1 && out->n < MAX_RANK)
			out->label[out->n++] = l;
	}
}

static void einsum(Call *c)
{
	const char *s = call_string(c, "equation", NULL);
	Term t[2] = {0}, out, have;
	int dots = 0;
	if (!s || c->nin > 2) {
		if (!s)
			call_reject(c, "Einsum needs an equation");
		else
			call_unsupported(c, "Einsum of %d operands; 1 and 2 are read", c->nin);
		return;
	}
	for (int k = 0; k < c->nin; k++) {
		if (!read_term(c, &s, c->in[k]->type.rank, 0, &t[k]))
			return;
		dots = t[k].dots > dots ? t[k].dots : dots;
		if (k + 1 < c->nin && *s++ != ',') {
			call_reject(c, "the equation has fewer terms than operands");
			return;
		}
	}
	if (!*s)
		implied(t, c->nin, &out);
	else if (strncmp(s, "->", 2) || !(s += 2) || !read_term(c, &s, -1, dots, &out) || *s) {
		if (!c->failed)
			call_reject(c, "the equation does not end in '->' and one term");
		return;
	}
	for (int i = 0; i < out.n; i++)
		for (int k = 0; k < out.n; k++)
			if ((k < i && out.label[i] == out.label[k]) ||
			    !(has_label(&t[0], out.label[i]) || has_label(&t[1], out.label[i]))) {
				call_reject(c, "the result of the equation has a label twice, or one that no operand has");
				return;
			}
	Value *x = reduced(c, c->in[0], &t[0], c->nin > 1 ? &t[1] : NULL, &out),
	      *y = x && c->nin > 1 ? reduced(c, c->in[1], &t[1], &t[0], &out) : NULL;
	have = t[0];
	if (x && y)
		x = contracted(c, x, &t[0], y, &t[1], &out, &have);
	x = x && (c->nin == 1 || y) ? arranged(c, x, &have, &out) : NULL;
	c->out[0] = build_cast(c, x, c->in[0]->type.dtype);
}

const OnnxRow onnx_matmul_rows[] = {
    {"MatMul", 1, 0, 2, 2, 1, matmul, 0},   {"Gemm", 6, 10, 3, 3, 1, gemm, 0},
    {"Gemm", 11, 0, 2, 3, 1, gemm, 0},      {"MatMulInteger", 10, 0, 2, 4, 1, matmul_integer, 0},
    {"Einsum", 12, 0, 1, -1, 1, einsum, 0}, {0},
};
