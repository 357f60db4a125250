/* test_emitted_cuda_slow.c -- what is emitted for GPUs keeps the rules of dssdc check, for every card, precision and level, and a
 * fault that is made in it is found. Widths are divided: the rules do not look at numbers of channels. */
#include "tests/full.h"
#include "tests/pairwise.h"
#include "tests/random/random.h"
#include "tests/check/checker.h"

#define FAULTY "'" SOURCE_DIR "/tests/cuda/tiny.ir' --random-weights=1"

static const char *const targets[] = {"cuda", "cuda-standalone"};

/* Faults in what is emitted, as sed makes them: the rules see through templates, macros and queues. */
static const struct {
	const char *target, *fault, *rule;
} faults[] = {
    {"cuda", "s/ && l->building && !l->built/ \\&\\& !l->built/", "C4: cudaMalloc, and not only"},
    {"cuda", "s/return q.status;/return cudaSuccess;/", "C3: the status of a launch is kept in 'status'"},
    {"cuda", "s/if (pack)$/if (!pack)\\n\\t\\tcudnnSetStream(l->handle, 0);\\n\\tif (pack)/",
     "C6: the status of cudnnSetStream is ignored"},
    {"cuda-standalone", "s/THREADS, SHARED, x/1024, SHARED, x/", "C2: a block of 1024 threads"},
    {"cuda-standalone", "s/THREADS, SHARED, x/THREADS, SHARED + 230000, x/", "of them dynamic; 232448 can be"},
    {"cuda-standalone", "s/__shared__ net_tap column\\[32\\]/__shared__ net_tap room[5000], column[32]/",
     "bytes of shared memory; a device gives 49152"},
    {"cuda-standalone",
     "s/cudaGetSymbolAddress(&memory, net_device_memory)/cudaMemcpy(memory, net_device_memory, 4, cudaMemcpyHostToHost)/",
     "C5: the host uses 'net_device_memory'"},
    {"cuda-standalone", "s/status = cudaGraphUpload/cudaGraphUpload/", "C6: the status of cudaGraphUpload is ignored"},
    {"cuda-standalone", "s/round < 8; round++/;/", "E04: the loop has no counter"},
};

static void faults_in_emitted_code_are_found(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	for (int i = 0; i < 2; i++)
		must(DSSDC " compile " FAULTY " --emit=c --quiet --target=%s --precision=f16 --name=net -o %s/", targets[i], targets[i]);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		must("mkdir -p fault && cp %s/net.h fault/ && sed '%s' %s/net.cu >fault/net.cu", faults[i].target, faults[i].fault,
		     faults[i].target);
		if (sh(DSSDC " check fault/net.cu") != 1 || !strstr(err, faults[i].rule))
			fail_msg("wanted %s after %s\nfound:\n%s", faults[i].rule, faults[i].fault, err);
	}
}

static int files;

static void check_emitted(const char *model, const char *options)
{
	must(DSSDC " compile '" SOURCE_DIR "/%s' --random-weights=1 --emit=c --no-check --quiet --name=net -o out/ %s", model, options);
	if (sh(DSSDC " check out/net.cu"))
		fail_msg("%s %s\n%s", model, options, err);
	assert_has(out, ": 0 findings, profile cuda");
	files++;
}

static void every_card_keeps_the_rules(void **state)
{
	static const char *const cards[] = {"models/dssd513_voc.json", "models/ssd300_voc.json", "models/ssd512_voc.json",
	                                    "models/ssd321_voc.json",  "models/ssd513_voc.json", "models/dssd321_voc.json"};
	char options[256];
	(void)state;
	if (!can_check())
		skip();
	for (int c = 0; c < full_or(sizeof cards / sizeof *cards, 2); c++)
		for (int t = 0; t < 2; t++) {
			snprintf(options, sizeof options, "--width-divisor=8 --target=%s -O%d --precision=%s", targets[t], (c + t) % 2,
			         c % 2 ? "f32" : "f16");
			check_emitted(cards[c], options);
		}
}

/* Every two values of two options together; tests/run.sh full: every target, precision, level and arena. */
static void every_option_keeps_the_rules(void **state)
{
	static const char *const precisions[] = {"f32", "tf32", "f16", "bf16", "mixed"}, *const forms[] = {"incbin", "array", "object",
	                                                                                                   "file"};
	enum { PRECISION, FORM, TARGET, LEVEL, ARENA, BATCH, EARLY };
	static Pairwise p = {.noption = 7, .nvalue = {5, 4, 2, 2, 2, 2, 2}};
	char options[256];
	(void)state;
	if (!can_check())
		skip();
	assert_true(pairwise_make(&p));
	for (int k = 0; k < (full_run() ? 40 : p.nrow); k++) {
		const int all[] = {k / 4 % 5, (k + k / 4) % 4, k / 20, k / 2 % 2, k % 2, (k / 2 + k) % 2, k % 3 == 1},
		          *r = full_run() ? all : p.row[k];
		snprintf(options, sizeof options, "%s--target=%s --precision=%s -O%d --arena=%s --batch=%d --weights-form=%s%s",
		         full_run() ? "--width-divisor=8 " : "", targets[r[TARGET]], precisions[r[PRECISION]], r[LEVEL],
		         r[ARENA] ? "caller" : "static", r[BATCH] ? 3 : 1, forms[r[FORM]], r[EARLY] ? " --early-launch" : "");
		check_emitted(full_run() ? "models/dssd321_mobilenet.json" : "tests/cuda/tiny.ir", options);
	}
}

/* Kernels that no card needs. Many random graphs have something that GPUs have no kernel for: those are passed over. */
static void random_graphs_keep_the_rules(void **state)
{
	const int graphs = full_or(100, 20);
	int emitted = 0;
	(void)state;
	if (!can_check())
		skip();
	setenv("TMPDIR", work, 1);
	for (int seed = 1; seed <= graphs; seed++) {
		random_dump((uint64_t)seed);
		const int status = sh(DSSDC " compile random-%d.ir --emit=c --no-check --quiet --name=net -o random/ --target=%s -O%d%s",
		                      seed, targets[seed % 2], seed / 2 % 2, seed % 3 ? " --early-launch" : "");
		if (status == 3)
			continue;
		assert_int_equal(status, 0);
		if (sh(DSSDC " check --quiet random/net.cu"))
			fail_msg("seed %d\n%s", seed, err);
		emitted++;
	}
	assert_true(emitted >= graphs / 10);
	print_message("figure: %d CUDA files of cards, options and random graphs, false alarms 0\n", files + emitted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_in_emitted_code_are_found),
	    cmocka_unit_test(every_card_keeps_the_rules),
	    cmocka_unit_test(every_option_keeps_the_rules),
	    cmocka_unit_test(random_graphs_keep_the_rules),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
