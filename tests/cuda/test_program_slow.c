/* test_program_slow.c -- emitted CUDA programs as a whole, on the CPU: their kernels and the CUDA runtime are those of
 * tests/cuda/shim. Small detectors in every form give the boxes of the C program; pixels on the device, a caller's stream and
 * graph, batches, contexts, failures of the runtime; cuDNN's interface through a stub that computes.
 *
 * A program of the trained network, narrowed, has 95 kernels: g++ takes 17 seconds for it. One of tiny.ir takes four and has
 * every part of a program as well (two queues, a product of maps, two heads). tests/run.sh full takes the larger one everywhere. */
#include "tests/full.h"
#include "tests/shell.h"

#include <math.h>

#define NVCC "NVCC='" SOURCE_DIR "/tests/cuda/nvcc.sh'"
#define TINY "'" SOURCE_DIR "/tests/cuda/tiny.ir' --random-weights=1" /* few kernels, two queues */

static bool has_cudnn(void)
{
	static int known = -1;
	if (known < 0 && !(known = !sh("echo '#include <cudnn.h>' | g++ -x c++ -E -I/usr/local/cuda/include - >/dev/null")))
		print_message("no cudnn.h: target cuda was not tried\n");
	return known;
}

/* ./driver of a program: its sources, or its object and libraries. */
static void link_driver(const char *program, bool caller)
{
	must("'" SOURCE_DIR "/tests/cuda/nvcc.sh' -std=c++17 -O1 -I. -DHEADER='\"net.h\"' -DNAME=net -DUPPER=NET %s '" SOURCE_DIR
	     "/tests/cuda/driver.cu' %s -o driver",
	     caller ? "-DCALLER" : "", program);
}

/* ./driver with a program of this model and these options; one that was built before is taken again. */
static void build(const char *model, const char *options)
{
	static char built[32][512];
	char wanted[sizeof built[0]];
	int k = 0;
	snprintf(wanted, sizeof wanted, "%s %s", model, options);
	while (k < 31 && *built[k] && strcmp(built[k], wanted))
		k++;
	if (*built[k]) {
		must("cp driver%d driver", k);
		return;
	}
	strcpy(built[k], wanted);
	must(NVCC " " DSSDC " compile --no-check %s --cflags=-O1 --emit=obj --name=net -o net.o %s", model, options);
	link_driver(strstr(options, "--target=cuda-") ? "net.o" : "net.o -lcudnn", strstr(options, "--arena=caller"));
	must("cp driver driver%d", k);
}

typedef struct Row {
	int label;
	double score, box[4];
} Row;

/* What driver.c or driver.cu printed: lists of detections. */
static int read_rows(const char *text, Row *row, int most)
{
	int n = 0, used;
	for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
		Row *r = &row[n];
		if (n < most &&
		    sscanf(p, "%d %la %la %la %la %la%n", &r->label, &r->score, &r->box[0], &r->box[1], &r->box[2], &r->box[3], &used) == 6)
			n++;
		if (!strchr(p, '\n'))
			break;
	}
	return n;
}

static Row want[4000], got[4000];

/* Each box of a has its twin in b. Near the threshold a rounding decides. */
static int unmatched(const Row *a, int na, const Row *b, int nb, double score, double pixels)
{
	int alone = 0;
	for (int i = 0; i < na; i++) {
		bool found = a[i].score < 0.02;
		for (int k = 0; k < nb && !found; k++) {
			found = a[i].label == b[k].label && fabs(a[i].score - b[k].score) <= score;
			for (int c = 0; c < 4; c++)
				found = found && fabs(a[i].box[c] - b[k].box[c]) <= pixels;
		}
		alone += !found;
	}
	return alone;
}

/* The C program on the same pictures: its boxes in want. */
static int reference(const char *model)
{
	must(DSSDC " compile --no-check %s --emit=obj --target=native --name=plain -o plain.o", model);
	must("g++ -O1 -I. -DC_PROGRAM -DHEADER='\"plain.h\"' -DNAME=plain -DUPPER=PLAIN -x c++ '" SOURCE_DIR
	     "/tests/cuda/driver.cu' -x none plain.o -o plain");
	must("./plain run");
	const int n = read_rows(out, want, 4000);
	assert_in_range(n, 20, 3999);
	return n;
}

/* What most tests need of a program, the smallest has too. */
static const char *small_or_tiny(void)
{
	return full_run() ? SMALL : TINY;
}

static void all_boxes_are_those_of_c(void **state)
{
	static const struct {
		const char *model, *options; /* model: null for the tiny one outside of a full run */
		double score, pixels, share; /* of boxes that may be alone */
	} cases[] = {
	    {SMALL, "--target=cuda-standalone", 1e-4, 0.05, 0},
	    {SMALL, "--target=cuda-standalone --precision=f16", 0.03, 2, 0.1},
	    {SMALL, "--target=cuda", 1e-4, 0.05, 0},
	    {NULL, "--target=cuda-standalone -O0", 1e-4, 0.05, 0},
	    {NULL, "--target=cuda-standalone --precision=tf32", 0.03, 2, 0.1},
	    {NULL, "--target=cuda-standalone --precision=bf16", 0.1, 8, 0.3},
	    {NULL, "--target=cuda-standalone --precision=mixed", 0.03, 2, 0.1},
	    {NULL, "--target=cuda --precision=f16", 0.03, 2, 0.1},
	};
	const char *last = NULL;
	int n = 0;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *model = cases[i].model ? cases[i].model : small_or_tiny();
		if (!strstr(cases[i].options, "--target=cuda-") && !has_cudnn())
			continue;
		if (!last || strcmp(model, last))
			n = reference(model);
		last = model;
		build(model, cases[i].options);
		must("./driver run");
		assert_string_equal(err, "");
		int m = read_rows(out, got, 4000);
		int alone = unmatched(want, n, got, m, cases[i].score, cases[i].pixels) +
		            unmatched(got, m, want, n, cases[i].score, cases[i].pixels);
		print_message("%-50s %d boxes, %d of C, %d without twin\n", cases[i].options, m, n, alone);
		assert_true(alone <= cases[i].share * (n + m));
	}
}

static void every_way_is_the_same(void **state)
{
	static const char *const cases[] = {
	    "--target=cuda-standalone --precision=f16",
	    "--target=cuda-standalone --precision=f16 --batch=3 --early-launch",
	    "--target=cuda-standalone --batch=2 --arena=caller",
	    "--target=cuda --precision=f16 --arena=caller --early-launch",
	};
	static char first[1 << 20];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!strstr(cases[i], "--target=cuda-") && !has_cudnn())
			continue;
		build(small_or_tiny(), cases[i]);
		must("./driver run");
		strcpy(first, out);
		for (int k = 0; k < (full_run() ? 110 : 14); k += full_run() ? 35 : 1) { /* each kernel of the tiny one runs late once */
			must("DSSDC_SHIM_ORDER=%d ./driver run", k);
			assert_string_equal(out, first);
		}
		must("./driver misuse");
		must("./driver batch");
		must("./driver device");
		must("./driver contexts");
	}
}

/* Queues of a run wait for each other where they must: with a wait taken out there are other boxes when the kernel that
 * was waited for runs late. */
static void a_missing_wait_shows(void **state)
{
	static char whole[1 << 20];
	(void)state;
	must(DSSDC " compile --no-check %s --target=cuda-standalone --weights-form=array --emit=c -o net.cu", small_or_tiny());
	must("grep -c 'net_await(q, c->event' net.cu");
	assert_in_range(atoi(out), 3, 100);
	must("awk '/net_await.q, c->event/ && ++n == %d {next} {print}' net.cu >other.cu && ! cmp -s net.cu other.cu", full_run() ? 9 : 2);
	/* its number among the launches: of those between the head and the mark of its event */
	must("event=$(diff net.cu other.cu | grep -o 'event.[0-9]*.') && mv other.cu net.cu && awk -v e=\"net_mark(q, c->$event)\" "
	     "'/^static void net_enqueue/ {on = 1} on && /^\tnet_[a-z_0-9]*\\(q, / && !/net_(turn|await|mark)/ {n++} on && index($0, e) "
	     "{print n - 1; exit}' net.cu");
	const int late = atoi(out);
	assert_in_range(late, 1, 200);
	link_driver("net.cu net_weights.c", false);
	must("./driver run");
	strcpy(whole, out);
	must("DSSDC_SHIM_ORDER=%d ./driver run", late);
	assert_true(strcmp(out, whole) != 0);
}

static int open_status(const char *environment)
{
	must("%s ./driver open", environment);
	return atoi(out);
}

/* Kernels are launched early behind one other kernel and nothing else, as the shim wants it: a queue that forgets what it waits
 * for is refused. */
static void an_early_launch_follows_a_kernel(void **state)
{
	(void)state;
	must(DSSDC " compile --no-check %s --target=cuda-standalone --early-launch --weights-form=array --emit=c -o net.cu",
	     small_or_tiny());
	must("sed 's/^\tq->running &= .*//' net.cu >other.cu && ! cmp -s net.cu other.cu && mv other.cu net.cu");
	link_driver("net.cu net_weights.c", false);
	assert_int_equal(open_status(""), -4);
	assert_int_equal(open_status("DSSDC_SHIM_ARCH=80"), 0); /* there nothing is launched early */
}

static void failures_have_names(void **state)
{
	(void)state;
	build(SMALL, "--target=cuda-standalone --precision=f16");
	assert_int_equal(open_status(""), 0);
	assert_int_equal(open_status("DSSDC_SHIM_DEVICES=0"), -6);
	assert_non_null(strstr(out, "cudaErrorNoDevice"));
	assert_int_equal(open_status("DSSDC_SHIM_FAIL=cudaHostAlloc:1"), -5);
	assert_non_null(strstr(out, "cudaErrorMemoryAllocation"));
	static const char *const calls[] = {"cudaMemcpyAsync:1",
	                                    "cudaMemsetAsync:1",
	                                    "cudaDeviceGetStreamPriorityRange:1",
	                                    "cudaStreamCreateWithPriority:1",
	                                    "cudaStreamCreateWithPriority:4",
	                                    "cudaEventCreateWithFlags:3",
	                                    "cudaEventRecord:2",
	                                    "cudaStreamWaitEvent:4",
	                                    "cudaStreamBeginCapture:1",
	                                    "cudaStreamEndCapture:1",
	                                    "cudaGraphInstantiate:1",
	                                    "cudaGetSymbolAddress:1",
	                                    "cudaLaunchKernelEx:3"};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		char environment[64];
		snprintf(environment, sizeof environment, "DSSDC_SHIM_FAIL=%s", calls[i]);
		int status = open_status(environment);
		if (status >= 0)
			fail_msg("%s fails, and NAME_open() returns %d", calls[i], status);
	}
	assert_int_equal(sh("DSSDC_SHIM_FAIL=cudaGraphLaunch:1 ./driver run"), 0);
	assert_non_null(strstr(out, "-4\n")); /* the first call; the next ones work */
	if (!has_cudnn())
		return;
	build(SMALL, "--target=cuda");
	assert_int_equal(open_status("DSSDC_STUB_FAIL=1"), -4);
	assert_non_null(strstr(out, "CUDNN_STATUS"));
	must("./driver run");
	static char whole[1 << 20];
	strcpy(whole, out);
	must("DSSDC_STUB_OLD=1 ./driver run"); /* the older interface, and a kernel for the rest */
	int n = read_rows(whole, want, 4000), m = read_rows(out, got, 4000);
	assert_int_equal(unmatched(want, n, got, m, 1e-4, 0.05), 0);
}

static void an_executable_takes_the_same_arguments(void **state)
{
	(void)state;
	must(NVCC " " DSSDC " compile --no-check %s --target=cuda-standalone --precision=f16 --cflags=-O0 -o detect", small_or_tiny());
	must("./detect '" SOURCE_DIR "/examples/photos/chelsea.png' --json");
	assert_non_null(strstr(out, "\"detections\":"));
	assert_int_equal(sh("DSSDC_SHIM_DEVICES=0 ./detect '" SOURCE_DIR "/examples/photos/chelsea.png'"), 3);
	assert_non_null(strstr(err, "there is no device"));
	if (full_run()) /* the whole network, optimized: minutes */
		must("DSSDC=" DSSDC " " NVCC " '" SOURCE_DIR "/examples/05_cuda/run.sh' | grep -q '^cat '");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_boxes_are_those_of_c), cmocka_unit_test(every_way_is_the_same),
	    cmocka_unit_test(a_missing_wait_shows),     cmocka_unit_test(an_early_launch_follows_a_kernel),
	    cmocka_unit_test(failures_have_names),      cmocka_unit_test(an_executable_takes_the_same_arguments),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
