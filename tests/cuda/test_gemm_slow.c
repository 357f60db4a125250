/* test_gemm_slow.c -- convolutions as products of matrices, in every precision, against the evaluator: awkward shapes and
 * those of the real networks, split depths, batches, results inside wider maps and pixel by pixel. Twice, with the threads
 * in another order: the bits must be the same, and the tickets zero.
 *
 * Runs on the CPU by tests/cuda/shim; NVCC=nvcc runs it on a GPU. */
#include "tests/cuda/gemm_case.h"
#include "tests/full.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define CONV .op = OP_conv2d
#define DECONV .op = OP_deconv2d

static const GemmCase cases[] = {
    /* 1x1: whole tiles, tails of pixels, channels and depth */
    {.c = {CONV, .channels = 64, .height = 8, .width = 8, .out = {64}, .kh = 1, .kw = 1, .act = {FN_relu}}},
    {.c = {CONV, .channels = 24, .height = 9, .width = 7, .out = {144}, .kh = 1, .kw = 1, .act = {FN_relu6}}, .wide = true},
    {.c = {CONV, .channels = 37, .height = 3, .width = 5, .out = {41}, .kh = 1, .kw = 1, .no_bias = true, .act = {FN_sigmoid}}},
    {.c = {CONV, .channels = 320, .height = 1, .width = 1, .out = {24}, .kh = 1, .kw = 1, .elt = {FN_add}, .act = {FN_leaky}},
     .wide = true},
    {.c = {CONV, .channels = 576, .height = 3, .width = 3, .out = {37}, .kh = 1, .kw = 1, .elt = {FN_mul}}},
    {.c = {CONV, .channels = 64, .height = 13, .width = 13, .out = {32}, .kh = 1, .kw = 1, .stride = 2, .act = {FN_relu}}},
    {.c = {CONV, .channels = 96, .height = 20, .width = 20, .out = {136}, .kh = 1, .kw = 1, .elt = {FN_add}, .act = {FN_relu}}, .cores = 4},
    /* every tile, for a device that is soon busy */
    {.c = {CONV, .channels = 72, .height = 10, .width = 9, .out = {128}, .kh = 1, .kw = 1, .elt = {FN_add}, .act = {FN_relu}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 15, .width = 14, .out = {64}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 7, .width = 6, .out = {128}, .kh = 1, .kw = 1, .elt = {FN_mul}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 7, .width = 6, .out = {60}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 7, .width = 6, .out = {32}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 5, .width = 4, .out = {64}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 5, .width = 4, .out = {32}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 3, .width = 3, .out = {64}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 3, .width = 3, .out = {32}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 512, .height = 23, .width = 21, .out = {256}, .kh = 1, .kw = 1, .elt = {FN_add}}, .cores = 3},
    {.c = {CONV, .channels = 200, .height = 10, .width = 9, .out = {100, 28}, .kh = 1, .kw = 1, .elt = {FN_add, FN_add}}, .cores = 1},
    {.c = {CONV, .channels = 64, .height = 10, .width = 9, .out = {100, 28}, .kh = 3, .kw = 3, .pad = 1}, .cores = 1, .heads = true},
    /* first layers */
    {.c = {CONV, .channels = 3, .height = 41, .width = 41, .out = {32}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_relu6}}},
    {.c = {CONV, .channels = 3, .height = 33, .width = 37, .out = {64}, .kh = 7, .kw = 7, .stride = 2, .pad = 3, .act = {FN_relu}},
     .cores = 8},
    /* windows */
    {.c = {CONV, .channels = 64, .height = 20, .width = 20, .out = {64}, .kh = 3, .kw = 3, .pad = 1, .elt = {FN_add}, .act = {FN_relu}},
     .cores = 4},
    {.c = {CONV, .channels = 64, .height = 41, .width = 41, .out = {64}, .kh = 3, .kw = 3, .pad = 1}, .cores = 1},
    {.c = {CONV, .channels = 128, .height = 20, .width = 20, .out = {128}, .kh = 3, .kw = 3, .pad = 1}, .wide = true},
    {.c = {CONV, .channels = 24, .height = 10, .width = 12, .out = {24}, .kh = 3, .kw = 3, .pad = 2, .dilation = 2}},
    {.c = {CONV, .channels = 64, .height = 19, .width = 19, .out = {72}, .kh = 3, .kw = 3, .pad = 6, .dilation = 6}},
    {.c = {CONV, .channels = 37, .height = 12, .width = 12, .out = {40}, .kh = 2, .kw = 2, .stride = 2}, .wide = true},
    {.c = {CONV, .channels = 32, .height = 11, .width = 9, .out = {16}, .kh = 5, .kw = 5, .pad = 2, .no_bias = true}},
    {.c = {CONV, .channels = 24, .height = 7, .width = 6, .out = {16}, .kh = 5, .kw = 5}},
    {.c = {CONV, .channels = 16, .height = 5, .width = 5, .out = {8}, .kh = 1, .kw = 3, .pad = 1}},
    {.c = {CONV, .channels = 128, .height = 5, .width = 5, .out = {64}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .act = {FN_relu}}},
    {.c = {CONV, .channels = 64, .height = 3, .width = 3, .out = {32}, .kh = 3, .kw = 3}},
    /* two results: maps, then heads */
    {.c = {CONV, .channels = 64, .height = 10, .width = 10, .out = {64, 40}, .kh = 1, .kw = 1, .elt = {FN_add}, .act = {FN_relu}}},
    {.c = {CONV, .channels = 24, .height = 7, .width = 9, .out = {37, 12}, .kh = 1, .kw = 1, .elt = {FN_add, FN_mul},
           .act = {FN_relu, FN_sigmoid}},
     .wide = true},
    {.c = {CONV, .channels = 64, .height = 20, .width = 20, .out = {32, 168}, .kh = 3, .kw = 3, .pad = 1}, .heads = true},
    {.c = {CONV, .channels = 37, .height = 3, .width = 3, .out = {12, 37}, .kh = 3, .kw = 3, .pad = 1}, .heads = true},
    {.c = {CONV, .channels = 16, .height = 1, .width = 1, .out = {4, 3}, .kh = 3, .kw = 3, .pad = 1, .act = {FN_NONE, FN_sigmoid}},
     .heads = true},
    {.c = {CONV, .channels = 24, .height = 4, .width = 4, .out = {21}, .kh = 1, .kw = 1, .elt = {FN_add}}, .heads = true},
    /* batches */
    {.c = {CONV, .channels = 24, .height = 5, .width = 5, .out = {40}, .kh = 3, .kw = 3, .pad = 1, .elt = {FN_add}}, .images = 3},
    {.c = {CONV, .channels = 64, .height = 9, .width = 9, .out = {12, 37}, .kh = 1, .kw = 1}, .images = 3, .heads = true},
    {.c = {CONV, .channels = 320, .height = 1, .width = 1, .out = {64}, .kh = 1, .kw = 1}, .images = 3},
    /* transposed */
    {.c = {DECONV, .channels = 64, .height = 5, .width = 5, .out = {64}, .kh = 2, .kw = 2, .stride = 2}},
    {.c = {DECONV, .channels = 64, .height = 10, .width = 10, .out = {64}, .kh = 4, .kw = 4, .stride = 2, .pad = 1, .border = 1,
           .elt = {FN_mul}, .act = {FN_relu}}},
    {.c = {DECONV, .channels = 24, .height = 5, .width = 6, .out = {37}, .kh = 3, .kw = 3, .stride = 2, .elt = {FN_add}}},
    {.c = {DECONV, .channels = 37, .height = 3, .width = 3, .out = {24}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .no_bias = true},
     .wide = true},
    {.c = {DECONV, .channels = 16, .height = 4, .width = 4, .out = {16}, .kh = 3, .kw = 3, .pad = 1}},
    {.c = {DECONV, .channels = 16, .height = 3, .width = 4, .out = {12}, .kh = 2, .kw = 2, .stride = 3}},
    {.c = {DECONV, .channels = 24, .height = 4, .width = 4, .out = {24}, .kh = 5, .kw = 5, .stride = 3, .pad = 2}, .images = 3},
    {.c = {DECONV, .channels = 128, .height = 1, .width = 1, .out = {64}, .kh = 3, .kw = 3, .stride = 1}},
};
enum { NCASES = sizeof cases / sizeof *cases };

typedef int Run(unsigned char *arena, size_t size, const unsigned char *weights, size_t weights_size, unsigned *tickets,
                size_t tickets_size);

typedef struct Memory { /* of one form */
	unsigned char *arena, *before, *weights;
	unsigned *tickets;
	size_t size, tickets_size;
	Tensor want[3][MAX_OUT]; /* by image */
} Memory;

enum { FILL = 0x7b, MOST_IMAGES = 3 };

/* The evaluator's x: what the kernel multiplies. */
static void evaluate(GemmForm *f, Tensor *want, Arena *a)
{
	const Precision *p = &f->target.chosen;
	Tensor in[8];
	memcpy(in, f->tensor, sizeof in);
	const int64_t count = type_count(&in[0].type);
	in[0].data = arena_new_array(a, double, count);
	for (int64_t i = 0; i < count; i++)
		in[0].data[i] = gemm_factor(p, f->tensor[0].data[i], false);
	for (int k = 0; k < f->node->nout; k++)
		want[k] = (Tensor){.type = f->node->out[k]->type};
	eval_node(f->node, in, want, a);
}

static const double *input_data(const GemmForm *f, const Value *v)
{
	for (int i = 0; i < f->node->nin; i++)
		if (f->node->in[i] == v)
			return f->tensor[i].data;
	return NULL;
}

static Memory fill_memory(GemmRun *r, GemmForm *f)
{
	const int images = f->target.batch;
	Memory m = {.size = (size_t)(images * r->stride), .tickets_size = sizeof(unsigned) * (size_t)f->tickets};
	uint64_t seed = 99;
	m.arena = malloc(m.size);
	m.before = malloc(m.size);
	m.weights = malloc((size_t)f->weights_bytes);
	m.tickets = calloc(1, m.tickets_size);
	memset(m.arena, FILL, m.size);
	f->node->kernel->pack(&f->target, f->node, m.weights, r->arena);
	for (int i = 0; i < images; i++) {
		gemm_tensors(f, r->arena, &seed);
		for (int k = 0; k < GEMM_MAPS && f->map[k].v; k++)
			if (!f->map[k].result)
				gemm_put_input(&f->map[k], input_data(f, f->map[k].v), m.arena + i * r->stride);
		evaluate(f, m.want[i], r->arena);
	}
	memcpy(m.before, m.arena, m.size);
	return m;
}

static bool zero_tickets(const Memory *m)
{
	for (size_t i = 0; i < m->tickets_size / sizeof(unsigned); i++)
		if (m->tickets[i])
			return false;
	return true;
}

/* The same bits with the threads in another order. */
static bool runs_twice(GemmRun *r, GemmForm *f, Memory *m)
{
	union { /* ISO C has no cast from data to function pointers */
		void *data;
		Run *run;
	} u = {dlsym(r->library, arena_printf(r->arena, "run_%s", f->target.chosen.name))};
	unsigned char *again = malloc(m->size);
	memcpy(again, m->before, m->size);
	unsetenv("DSSDC_SHIM_ORDER");
	int status = u.run(m->arena, m->size, m->weights, (size_t)f->weights_bytes, m->tickets, m->tickets_size);
	setenv("DSSDC_SHIM_ORDER", "12345", 1);
	status = status ? status : u.run(again, m->size, m->weights, (size_t)f->weights_bytes, m->tickets, m->tickets_size);
	bool same = true; /* scratch aside: its parts are the same too */
	for (int i = 0; i < f->target.batch; i++)
		same = same && !memcmp(again + i * r->stride, m->arena + i * r->stride, (size_t)f->scratch_at);
	free(again);
	if (status || !same || !zero_tickets(m))
		print_error("%s: status %d%s%s\n", f->target.chosen.name, status, same ? "" : ", two runs differ",
		            zero_tickets(m) ? "" : ", tickets are left");
	return !status && same && zero_tickets(m);
}

static bool check_form(GemmRun *r, GemmForm *f, int index)
{
	Memory m = fill_memory(r, f);
	bool good = runs_twice(r, f, &m);
	for (int i = 0; good && i < f->target.batch; i++) {
		unsigned char *image = m.arena + i * r->stride;
		for (int k = 0, result = 0; k < GEMM_MAPS && f->map[k].v; k++) {
			if (!f->map[k].result)
				continue;
			GemmWorst w = gemm_compare(&f->map[k], &m.want[i][result++], image, FILL);
			if (w.bad)
				print_error("case %d, %s, image %d, result %d: %lld wrong; %g, not %g\n", index, f->target.chosen.name, i,
				            result - 1, (long long)w.bad, w.got, w.want);
			good = good && !w.bad;
		}
		if (good && memcmp(image, m.before + i * r->stride, (size_t)f->scratch_at)) {
			print_error("case %d, %s, image %d: something else was written\n", index, f->target.chosen.name, i);
			good = false;
		}
	}
	free(m.arena);
	free(m.before);
	free(m.weights);
	free(m.tickets);
	return good;
}

static bool seen[9][9]; /* tiles by the logarithms of their sides */

static int logarithm(int64_t n)
{
	int i = 0;
	while (n >>= 1)
		i++;
	return i;
}

static void print_choice(const GemmForm *f, int index)
{
	const Bindings *b = f->bindings;
	seen[logarithm(bindings_int(b, "BM"))][logarithm(bindings_int(b, "BN"))] = true;
	print_message(
	    "case %2d %-4s: %3lld x %3lld x %lld, %lld groups, %lld splits, %lld blocks\n", index, f->target.chosen.name,
	    (long long)bindings_int(b, "BM"), (long long)bindings_int(b, "BN"), (long long)bindings_int(b, "CHUNKS"),
	    (long long)bindings_int(b, "WK"), (long long)bindings_int(b, "SPLITS"),
	    (long long)(bindings_int(b, "TILES_M") * bindings_int(b, "TILES_N") * bindings_int(b, "PHASES") * bindings_int(b, "SPLITS")));
}

static bool check(const GemmCase *g, const char *dir, int index)
{
	GemmRun r = {.given = g, .arena = arena_new()};
	Diag d = {.out = stderr};
	bool good = true;
	for (int i = 0; good && i < GEMM_PRECISIONS; i++)
		good = gemm_form(&r, &r.form[i], &gemm_precisions[i], &d);
	for (int i = 0; good && i < GEMM_PRECISIONS; i++)
		gemm_expand(&r, &r.form[i]);
	good = good && gemm_compile(&r, dir, index);
	if (!good)
		print_error("case %d: does not build\n", index);
	for (int i = 0; good && i < GEMM_PRECISIONS; i++) {
		print_choice(&r.form[i], index);
		good = check_form(&r, &r.form[i], index);
	}
	if (r.library)
		dlclose(r.library);
	for (int i = 0; i < GEMM_PRECISIONS; i++)
		if (r.form[i].graph)
			graph_free(r.form[i].graph);
	arena_free(r.arena);
	return good;
}

static void test_cases(void **state)
{
	enum { TILES = 9, PART = 3 }; /* tiles of kernels_gemm.c; every third case outside of a full run */
	const char *only = getenv("GEMM_CASE");
	char dir[] = "/tmp/dssdc-gemm-XXXXXX", command[64];
	int bad = 0;
	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < NCASES; i++)
		if (only ? atoi(only) == i : full_run() || i % PART == 1)
			bad += !check(&cases[i], dir, i);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (!bad && system(command))
		print_error("cannot remove %s\n", dir);
	assert_int_equal(bad, 0);
	int tiles = 0;
	for (int i = 0; i < 81; i++)
		tiles += seen[i / 9][i % 9];
	assert_true(only || tiles >= (full_run() ? TILES : 4));
}

/* ---- faults that must be found ---- */

static const struct { /* for each precision one */
	const char *from, *to;
} faults[GEMM_PRECISIONS] = {
    {"_sum(sum, case_shared, ", "_sum(sum, case_shared + 16, "},
    {", xc, wc, ", ", xc, wc + 1, "},
    {"maps.y0 = y0;", "maps.y0 = y0 + 8;"},
    {"maps.y0 = y0;", "maps.y0 = y0 - 8;"},
};

typedef struct Fault {
	GemmRun *run;
	GemmForm *form;
} Fault;

static void run_fault(void *of)
{
	Fault *f = of;
	check_form(f->run, f->form, 0);
}

static void test_faults(void **state)
{
	char dir[] = "/tmp/dssdc-gemm-XXXXXX", command[64];
	GemmRun r = {.given = &cases[17], .arena = arena_new()};
	Diag d = {.out = stderr};
	(void)state;
	if (!watch_is_possible())
		skip();
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < GEMM_PRECISIONS; i++)
		assert_true(gemm_form(&r, &r.form[i], &gemm_precisions[i], &d));
	for (int i = 0; i < GEMM_PRECISIONS; i++) {
		gemm_expand(&r, &r.form[i]);
		r.form[i].text = watch_seed(r.form[i].text, faults[i].from, faults[i].to);
		assert_non_null(r.form[i].text);
	}
	assert_true(gemm_compile(&r, dir, 0));
	for (int i = 0; i < GEMM_PRECISIONS; i++) {
		Fault f = {&r, &r.form[i]};
		if (!watch_finds(run_fault, &f, arena_printf(r.arena, "case_%s_device", gemm_precisions[i].name)))
			fail_msg("%s was not found: %s", gemm_precisions[i].name, faults[i].to);
		free((void *)(uintptr_t)r.form[i].text);
		graph_free(r.form[i].graph);
	}
	dlclose(r.library);
	arena_free(r.arena);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

int main(int count, char **arguments)
{
	(void)count;
	watch_begin(arguments);
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_faults), cmocka_unit_test(test_cases)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
