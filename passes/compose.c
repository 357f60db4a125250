/* compose.c -- the weights of a deconvolution and a 3x3 convolution after it as those of one deconvolution.
 *
 * A tap of the result is the sum of d[u] c[v] over u - v + 2 = t and all channels between. That is a product of two
 * polynomials with matrices as coefficients, and products are cheap at points: for each point of a (k+2) x (k+2) grid,
 * one matrix product of the values of d and c there, (k+2)^2 in place of 9 k^2; then the coefficients are taken back
 * out of the values (Toom and Cook). All in double, in one order of sums on every machine, rounded once at the end. */
#include "passes/compose.h"

#include <string.h>

enum { CONV_TAPS = 3, MOST_POINTS = COMPOSE_TAPS + CONV_TAPS - 1, LANES = 16, ROWS = 4, SLICE = 64 };

typedef double Matrix[MOST_POINTS][MOST_POINTS];
typedef double Lanes[LANES];

/* One axis of the window: from taps to values at the points, and back. */
typedef struct Axis {
	int taps, points;
	Matrix deconv, conv, back;
} Axis;

typedef struct Room { /* kept from one pair to the next: fresh memory costs as much as the sums in it */
	double *at;
	int64_t size;
} Room;

struct Composer {
	Arena *a;
	Axis axis[2];
	int64_t in, middle, out;    /* channels */
	Room deconv, conv, product; /* values at the points; product: of SLICE input channels */
};

static int64_t panels(int64_t channels)
{
	return (channels + LANES - 1) / LANES;
}

/* ---- points ---- */

/* Gauss and Jordan; no pivot of these small matrices is near zero. */
static void invert(Matrix m, int n, Matrix out)
{
	memset(out, 0, sizeof(Matrix));
	for (int i = 0; i < n; i++)
		out[i][i] = 1;
	for (int i = 0; i < n; i++) {
		int pivot = i;
		for (int r = i; r < n; r++)
			if (m[r][i] * m[r][i] > m[pivot][i] * m[pivot][i])
				pivot = r;
		for (int k = 0; k < n; k++) {
			double x = m[i][k], y = out[i][k];
			m[i][k] = m[pivot][k];
			out[i][k] = out[pivot][k];
			m[pivot][k] = x;
			out[pivot][k] = y;
		}
		double scale = m[i][i];
		for (int k = 0; k < n; k++) {
			m[i][k] /= scale;
			out[i][k] /= scale;
		}
		for (int r = 0; r < n; r++) {
			double f = m[r][i];
			for (int k = 0; r != i && k < n; k++) {
				m[r][k] -= f * m[i][k];
				out[r][k] -= f * out[i][k];
			}
		}
	}
}

/* Row p: powers of point p. The last point is infinity, where only the highest power counts. */
static void powers(int points, int count, Matrix m)
{
	static const double point[] = {0, 1, -1, 2, -2};
	memset(m, 0, sizeof(Matrix));
	for (int p = 0; p < points - 1; p++) {
		double x = 1;
		for (int i = 0; i < count; i++, x *= point[p])
			m[p][i] = x;
	}
	m[points - 1][count - 1] = 1;
}

static void axis_init(Axis *a, int taps)
{
	Matrix m;
	a->taps = taps;
	a->points = taps + CONV_TAPS - 1;
	powers(a->points, taps, a->deconv);
	powers(a->points, CONV_TAPS, m);
	memset(a->conv, 0, sizeof a->conv);
	for (int p = 0; p < a->points; p++)
		for (int v = 0; v < CONV_TAPS; v++)
			a->conv[p][v] = m[p][CONV_TAPS - 1 - v]; /* a convolution reads its taps backwards */
	powers(a->points, a->points, m);
	invert(m, a->points, a->back);
}

/* out = my in mx^T, for LANES channels at once. */
static void transform(Matrix my, int ny, int ky, Matrix mx, int nx, int kx, const Lanes *in, Lanes *out)
{
	Lanes rows[MOST_POINTS * MOST_POINTS];
	for (int y = 0; y < ny; y++)
		for (int x = 0; x < kx; x++) {
			Lanes sum = {0};
			for (int k = 0; k < ky; k++)
				for (int l = 0; l < LANES; l++)
					sum[l] += my[y][k] * in[k * kx + x][l];
			memcpy(rows[y * kx + x], sum, sizeof sum);
		}
	for (int y = 0; y < ny; y++)
		for (int x = 0; x < nx; x++) {
			Lanes sum = {0};
			for (int k = 0; k < kx; k++)
				for (int l = 0; l < LANES; l++)
					sum[l] += mx[x][k] * rows[y * kx + k][l];
			memcpy(out[y * nx + x], sum, sizeof sum);
		}
}

/* w: [channels][middle][ky][kx] to values at all points: [point][panel of channels][middle][LANES]. */
static void evaluate(const Composer *m, const float *w, int64_t channels, Matrix my, int ky, Matrix mx, int kx, double *out)
{
	int ny = m->axis[0].points, nx = m->axis[1].points, taps = ky * kx;
	int64_t plane = panels(channels) * m->middle * LANES;
	Lanes in[MOST_POINTS * MOST_POINTS], value[MOST_POINTS * MOST_POINTS];
	memset(in, 0, sizeof in);
	for (int64_t first = 0; first < channels; first += LANES) {
		int64_t used = channels - first < LANES ? channels - first : LANES;
		for (int t = 0; used < LANES && t < taps; t++)
			memset(in[t], 0, sizeof in[t]);
		for (int64_t c = 0; c < m->middle; c++) {
			for (int64_t l = 0; l < used; l++)
				for (int t = 0; t < taps; t++)
					in[t][l] = (double)w[((first + l) * m->middle + c) * taps + t];
			transform(my, ny, ky, mx, nx, kx, (const Lanes *)in, value);
			for (int p = 0; p < ny * nx; p++)
				memcpy(out + p * plane + first * m->middle + c * LANES, value[p], sizeof(Lanes));
		}
	}
}

/* ---- products ---- */

typedef void Multiply(const double *a, const double *b, int64_t depth, double *out);

#ifdef __GNUC__
/* out[ROWS][LANES] = sum over depth of a[.][ROWS of LANES] b[.][LANES]; sums stay in registers of `width` doubles.
 * Products and sums are rounded one by one, so all widths give the same bits. */
#define MULTIPLY(name, width, ...)                                                                 \
	typedef double name##_v __attribute__((vector_size(8 * (width)), aligned(8), may_alias));  \
	__VA_ARGS__ static void name(const double *a, const double *b, int64_t depth, double *out) \
	{                                                                                          \
		for (int c = 0; c < LANES; c += 2 * (width)) {                                     \
			name##_v s[ROWS][2] = {{{0}}};                                             \
			for (int64_t k = 0; k < depth; k++) {                                      \
				name##_v x = *(const name##_v *)(b + k * LANES + c);               \
				name##_v y = *(const name##_v *)(b + k * LANES + c + (width));     \
				for (int r = 0; r < ROWS; r++) {                                   \
					s[r][0] += a[k * LANES + r] * x;                           \
					s[r][1] += a[k * LANES + r] * y;                           \
				}                                                                  \
			}                                                                          \
			for (int r = 0; r < ROWS; r++) {                                           \
				*(name##_v *)(out + r * LANES + c) = s[r][0];                      \
				*(name##_v *)(out + r * LANES + c + (width)) = s[r][1];            \
			}                                                                          \
		}                                                                                  \
	}

MULTIPLY(multiply_2, 2, )
#ifdef __x86_64__
MULTIPLY(multiply_4, 4, __attribute__((target("avx2"))))
MULTIPLY(multiply_8, 8, __attribute__((target("avx512f"))))
#endif
#else
static void multiply_2(const double *a, const double *b, int64_t depth, double *out)
{
	memset(out, 0, sizeof *out * ROWS * LANES);
	for (int64_t k = 0; k < depth; k++)
		for (int r = 0; r < ROWS; r++)
			for (int l = 0; l < LANES; l++)
				out[r * LANES + l] += a[k * LANES + r] * b[k * LANES + l];
}
#endif

static Multiply *widest_multiply(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		return multiply_8;
	if (__builtin_cpu_supports("avx2"))
		return multiply_4;
#endif
	return multiply_2;
}

/* At each point: product[panel of out][row][LANES] = sum over middle of deconv[row] conv[out]. */
static void multiply_all(const Composer *m, int64_t count)
{
	Multiply *multiply = widest_multiply();
	int64_t rows = panels(count) * LANES, columns = panels(m->out);
	int points = m->axis[0].points * m->axis[1].points;
	for (int p = 0; p < points; p++) {
		const double *a = m->deconv.at + p * rows * m->middle, *b = m->conv.at + p * columns * LANES * m->middle;
		double *out = m->product.at + p * rows * columns * LANES;
		for (int64_t c = 0; c < columns; c++)
			for (int64_t r = 0; r < rows; r += ROWS)
				multiply(a + r / LANES * LANES * m->middle + r % LANES, b + c * LANES * m->middle, m->middle,
				         out + (c * rows + r) * LANES);
	}
}

/* The coefficients out of the values: w [count][out][taps]. */
static void take_back(Composer *m, int64_t count, float *w)
{
	Axis *y = &m->axis[0], *x = &m->axis[1];
	int taps = y->points * x->points;
	int64_t rows = panels(count) * LANES, columns = panels(m->out);
	Lanes value[MOST_POINTS * MOST_POINTS], tap[MOST_POINTS * MOST_POINTS];
	for (int64_t ci = 0; ci < count; ci++)
		for (int64_t c = 0; c < columns; c++) {
			for (int p = 0; p < taps; p++)
				memcpy(value[p], m->product.at + ((p * columns + c) * rows + ci) * LANES, sizeof(Lanes));
			transform(y->back, y->points, y->points, x->back, x->points, x->points, (const Lanes *)value, tap);
			for (int64_t l = 0; l < LANES && c * LANES + l < m->out; l++)
				for (int t = 0; t < taps; t++)
					w[(ci * m->out + c * LANES + l) * taps + t] = (float)tap[t][l];
		}
}

static void make_room(Composer *m, Room *r, int64_t size)
{
	if (size <= r->size)
		return;
	r->at = arena_new_array(m->a, double, size);
	r->size = size;
}

Composer *composer_new(Arena *a)
{
	Composer *m = arena_new_one(a, Composer);
	m->a = a;
	return m;
}

void compose(Composer *m, const int64_t d[4], const int64_t c[4], const float *deconv, const float *conv, float *out)
{
	m->in = d[0];
	m->middle = d[1];
	m->out = c[0];
	axis_init(&m->axis[0], (int)d[2]);
	axis_init(&m->axis[1], (int)d[3]);
	Axis *y = &m->axis[0], *x = &m->axis[1];
	int64_t points = (int64_t)y->points * x->points;
	make_room(m, &m->deconv, points * SLICE * m->middle);
	make_room(m, &m->conv, points * panels(m->out) * LANES * m->middle);
	make_room(m, &m->product, points * SLICE * panels(m->out) * LANES);
	evaluate(m, conv, m->out, y->conv, CONV_TAPS, x->conv, CONV_TAPS, m->conv.at);
	for (int64_t ci = 0; ci < m->in; ci += SLICE) {
		int64_t count = m->in - ci < SLICE ? m->in - ci : SLICE;
		evaluate(m, deconv + ci * m->middle * d[2] * d[3], count, y->deconv, (int)d[2], x->deconv, (int)d[3], m->deconv.at);
		multiply_all(m, count);
		take_back(m, count, out + ci * m->out * points);
	}
}
