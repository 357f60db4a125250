/* bench_kernels.c -- how fast the tuned kernels are, as a share of one core's peak.
 *
 *     kernels-bench [--target=NAME] [--cold] [--keep=DIR] [WORD...]
 *
 * The peak is measured beside each kernel, by a loop of multiply-adds in registers compiled for the same target, so that
 * the share holds on a shared machine. Rates count the multiply-adds of the definition: a Winograd kernel can be above
 * 100 %. WORDs choose cases by a part of their line. --cold sweeps the caches before each call. */
#include "tests/kernels/node_case.h"

#include <time.h>

#define CONV .op = OP_conv2d
#define DEPTHWISE .op = OP_conv2d, .depthwise = true
#define DECONV .op = OP_deconv2d
#define RELU .act = {FN_relu}
#define RELU6 .act = {FN_relu6}

static const Case cases[] = {
    /* the two of the stated goal */
    {CONV, .channels = 256, .height = 20, .width = 20, .out = {1024}, .kh = 1, .kw = 1, RELU},
    {CONV, .channels = 256, .height = 20, .width = 20, .out = {256}, .kh = 3, .kw = 3, .pad = 1, RELU},
    /* DSSD321, Residual-101 */
    {CONV, .channels = 3, .height = 321, .width = 321, .out = {64}, .kh = 7, .kw = 7, .stride = 2, .pad = 3, RELU},
    {CONV, .channels = 64, .height = 80, .width = 80, .out = {64}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 64, .height = 80, .width = 80, .out = {256}, .kh = 1, .kw = 1, .elt = {FN_add}, RELU},
    {CONV, .channels = 256, .height = 80, .width = 80, .out = {128}, .kh = 1, .kw = 1, .stride = 2, RELU, .halo = 1},
    {CONV, .channels = 128, .height = 40, .width = 40, .out = {128}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 128, .height = 40, .width = 40, .out = {512}, .kh = 1, .kw = 1, .elt = {FN_add}, RELU},
    {CONV, .channels = 512, .height = 40, .width = 40, .out = {128}, .kh = 1, .kw = 1, RELU, .halo = 1},
    {CONV, .channels = 1024, .height = 20, .width = 20, .out = {256}, .kh = 1, .kw = 1, RELU, .halo = 1},
    {CONV, .channels = 1024, .height = 20, .width = 20, .out = {512}, .kh = 1, .kw = 1, RELU, .halo = 2},
    {CONV, .channels = 512, .height = 20, .width = 20, .out = {512}, .kh = 3, .kw = 3, .dilation = 2, .pad = 2, RELU},
    {CONV, .channels = 512, .height = 20, .width = 20, .out = {2048}, .kh = 1, .kw = 1, .elt = {FN_add}, RELU},
    {CONV, .channels = 2048, .height = 20, .width = 20, .out = {512}, .kh = 1, .kw = 1, RELU, .halo = 2},
    {CONV, .channels = 512, .height = 40, .width = 40, .out = {512}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 2048, .height = 20, .width = 20, .out = {512}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 512, .height = 20, .width = 20, .out = {512}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 512, .height = 10, .width = 10, .out = {512}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 512, .height = 5, .width = 5, .out = {512}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 1024, .height = 40, .width = 40, .out = {32, 168}, .kh = 5, .kw = 5, .pad = 2, .nhwc = true},
    {CONV, .channels = 1024, .height = 20, .width = 20, .out = {32, 168}, .kh = 5, .kw = 5, .pad = 2, .nhwc = true},
    {DECONV, .channels = 512, .height = 20, .width = 20, .out = {512}, .kh = 2, .kw = 2, .stride = 2, .halo = 1},
    /* the trained model */
    {CONV, .channels = 3, .height = 321, .width = 321, .out = {32}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, RELU6, .halo = 1},
    {DEPTHWISE, .channels = 32, .height = 161, .width = 161, .out = {32}, .kh = 3, .kw = 3, .pad = 1, RELU6},
    {CONV, .channels = 32, .height = 161, .width = 161, .out = {16}, .kh = 1, .kw = 1},
    {CONV, .channels = 16, .height = 161, .width = 161, .out = {96}, .kh = 1, .kw = 1, RELU6, .halo = 1},
    {DEPTHWISE, .channels = 96, .height = 161, .width = 161, .out = {96}, .kh = 3, .kw = 3, .pad = 1, .stride = 2, RELU6},
    {CONV, .channels = 24, .height = 81, .width = 81, .out = {144}, .kh = 1, .kw = 1, RELU6, .halo = 1},
    {DEPTHWISE, .channels = 144, .height = 81, .width = 81, .out = {144}, .kh = 3, .kw = 3, .pad = 1, RELU6},
    {CONV, .channels = 144, .height = 81, .width = 81, .out = {24}, .kh = 1, .kw = 1, .elt = {FN_add}},
    {CONV, .channels = 192, .height = 41, .width = 41, .out = {32}, .kh = 1, .kw = 1},
    {DEPTHWISE, .channels = 192, .height = 41, .width = 41, .out = {192}, .kh = 3, .kw = 3, .pad = 1, RELU6},
    {CONV, .channels = 96, .height = 21, .width = 21, .out = {576}, .kh = 1, .kw = 1, RELU6, .halo = 1},
    {CONV, .channels = 576, .height = 21, .width = 21, .out = {96}, .kh = 1, .kw = 1, .elt = {FN_add}},
    {CONV, .channels = 960, .height = 11, .width = 11, .out = {160}, .kh = 1, .kw = 1, .elt = {FN_add}},
    {CONV, .channels = 192, .height = 41, .width = 41, .out = {128}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 128, .height = 41, .width = 41, .out = {128}, .kh = 3, .kw = 3, .pad = 1, .elt = {FN_mul}, RELU},
    {CONV, .channels = 128, .height = 41, .width = 41, .out = {32, 168}, .kh = 3, .kw = 3, .pad = 1, .nhwc = true},
    {CONV, .channels = 576, .height = 21, .width = 21, .out = {128}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 1280, .height = 11, .width = 11, .out = {128}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {DECONV, .channels = 128, .height = 21, .width = 21, .out = {128}, .kh = 3, .kw = 3, .stride = 2, .pad = 1, .halo = 1},
    /* SSD300, VGG */
    {CONV, .channels = 64, .height = 300, .width = 300, .out = {64}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 256, .height = 75, .width = 75, .out = {256}, .kh = 3, .kw = 3, .pad = 1, RELU},
    {CONV, .channels = 512, .height = 19, .width = 19, .out = {1024}, .kh = 3, .kw = 3, .dilation = 6, .pad = 6, RELU},
};
enum { NCASES = sizeof cases / sizeof *cases, RUNS = 9 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the peak ---- */

typedef float Peak(int rounds);

enum { PEAK_SUMS = 12 };

/* Writes and loads the loop: PEAK_SUMS independent sums of the target's vectors. */
static Peak *peak_load(const Target *t, const char *dir)
{
	Arena *a = arena_new();
	FILE *f = fopen(arena_printf(a, "%s/peak.c", dir), "w");
	if (!f)
		return NULL;
	fprintf(f, t->vector > 1 ? "typedef float vec __attribute__((vector_size(%d)));\n" : "typedef float vec; /* %d */\n",
	        4 * t->vector);
	fprintf(f, "float peak(int rounds);\nfloat peak(int rounds)\n{\n\tvec m = %s0.999f, b = %s1e-3f;\n",
	        t->vector > 1 ? "(vec){0} + " : "", t->vector > 1 ? "(vec){0} + " : "");
	for (int i = 0; i < PEAK_SUMS; i++)
		fprintf(f, "\tvec s%d = m * %d.0f;\n", i, i);
	fprintf(f, "\tfor (int r = 0; r < rounds; r++) {\n\t\t__asm__ volatile(\"\" : \"+%c\"(m));\n", 'x');
	for (int i = 0; i < PEAK_SUMS; i++)
		fprintf(f, "\t\ts%d = s%d * m + b;\n", i, i);
	fprintf(f, "\t}\n\tm = s0;\n");
	for (int i = 1; i < PEAK_SUMS; i++)
		fprintf(f, "\tm += s%d;\n", i);
	fprintf(f, "\treturn m%s;\n}\n", t->vector > 1 ? "[0]" : "");
	fclose(f);
	union {
		void *data;
		Peak *function;
	} u = {NULL};
	if (case_cc(t, dir, "peak"))
		u.data = dlsym(dlopen(arena_printf(a, "%s/peak.so", dir), RTLD_NOW), "peak");
	arena_free(a);
	return u.function;
}

static double peak_rate(Peak *peak, const Target *t) /* GFLOP/s, the best of short runs */
{
	double best = 0;
	for (int i = 0; i < 5; i++) {
		double start = now();
		volatile float sink = peak(200000);
		(void)sink;
		double rate = 200000.0 * PEAK_SUMS * 2 * t->vector / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	return best;
}

/* ---- kernels ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void sweep_caches(void)
{
	enum { SIZE = 96 << 20 };
	static char *memory;
	if (!memory)
		memory = malloc(SIZE);
	memset(memory, 1, SIZE);
}

static double median_time(CaseRun *r, bool cold, double *least)
{
	double time[RUNS], once;
	case_run(r);
	double start = now();
	case_run(r);
	once = now() - start;
	int repeat = cold || once > 2e-3 ? 1 : (int)(2e-3 / once) + 1;
	for (int i = 0; i < RUNS; i++) {
		if (cold)
			sweep_caches();
		start = now();
		for (int k = 0; k < repeat; k++)
			case_run(r);
		time[i] = (now() - start) / repeat;
	}
	qsort(time, RUNS, sizeof *time, by_value);
	*least = time[0];
	return time[RUNS / 2];
}

static const char *describe(Arena *a, const Case *c)
{
	const char *op = c->depthwise ? "depthwise" : op_info[c->op].name;
	const char *s = arena_printf(a, "%s %dx%d s%d d%d %d->%d", op, c->kh, c->kw, c->stride ? c->stride : 1,
	                             c->dilation ? c->dilation : 1, c->channels, c->out[0]);
	if (c->out[1])
		s = arena_printf(a, "%s+%d", s, c->out[1]);
	return arena_printf(a, "%s on %dx%d", s, c->height, c->width);
}

static bool is_chosen(const char *line, char **words, int n)
{
	bool chosen = n == 0;
	for (int i = 0; i < n; i++)
		chosen = chosen || strstr(line, words[i]);
	return chosen;
}

static void bench(const Case *c, const char *line, const Target *t, Peak *peak, const char *dir, int index, bool cold)
{
	CaseRun r;
	Case any = *c;
	char name[32];
	snprintf(name, sizeof name, "bench%d", index);
	if (!case_prepare(&any, t, dir, name, &r)) {
		printf("%-44s does not build\n", line);
		return;
	}
	double rate = peak_rate(peak, t), least, time = median_time(&r, cold, &least);
	double flops = 2e-9 * (double)node_macs(r.node);
	printf("%-44s %-14s %8.3f %8.3f ms %7.1f GFLOP/s %5.1f %% (best %5.1f) of %.1f\n", line, r.node->kernel->name, 1e3 * time,
	       1e3 * least, flops / time, 100 * flops / time / rate, 100 * flops / least / rate, rate);
	fflush(stdout);
	case_close(&r);
}

int main(int argc, char **argv)
{
	const Target *t = target_find("native");
	char made[] = "/tmp/dssdc-bench-XXXXXX";
	const char *dir = NULL;
	bool cold = false;
	int at = 1;
	for (; at < argc && !strncmp(argv[at], "--", 2); at++) {
		if (!strncmp(argv[at], "--target=", 9))
			t = target_find(argv[at] + 9);
		else if (!strncmp(argv[at], "--keep=", 7))
			dir = argv[at] + 7;
		else if (!strcmp(argv[at], "--cold"))
			cold = true;
		else
			t = NULL;
	}
	if (!t || (!dir && !(dir = mkdtemp(made)))) {
		fprintf(stderr, "usage: kernels-bench [--target=NAME] [--cold] [--keep=DIR] [WORD...]\n");
		return 2;
	}
	Peak *peak = peak_load(t, dir);
	Arena *a = arena_new();
	if (!peak)
		return 1;
	printf("target %s, peak of one core %.1f GFLOP/s; median and best of %d runs, %s caches\n", t->name, peak_rate(peak, t), RUNS,
	       cold ? "cold" : "warm");
	for (int i = 0; i < NCASES; i++) {
		const char *line = describe(a, &cases[i]);
		if (is_chosen(line, argv + at, argc - at))
			bench(&cases[i], line, t, peak, dir, i, cold);
	}
	if (dir == made && system(arena_printf(a, "rm -rf %s", dir)))
		fprintf(stderr, "cannot remove %s\n", dir);
	arena_free(a);
	return 0;
}
