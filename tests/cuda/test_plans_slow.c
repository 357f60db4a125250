/* test_plans_slow.c -- what target cuda asks of cuDNN, asked of the real library for cards that are only described: it accepts
 * each convolution's graph, proposes configurations, and finishes plans within the program's limit of memory. No kernel runs:
 * neither ours nor cuDNN's. One line a case.
 *
 * Plans of one convolution in a few are finished: to compile cuDNN's kernels takes most of the time.
 * DSSDC_PLANS_ALL=1 finishes them all. Without cuDNN 9.8 or later and libnvrtc: one line, and the tests are skipped. */
#include "tests/cuda/cards.h"
#include "tests/full.h"
#include "tests/shell.h"

#include <time.h>

#define SHIM SOURCE_DIR "/tests/cuda/shim"
#define NVCC "'" SOURCE_DIR "/tests/cuda/nvcc.sh' -std=c++17 -O0 "
#define LIBRARIES "LD_LIBRARY_PATH=\"$PWD:$LD_LIBRARY_PATH:/usr/local/cuda/lib64\""
#define IDLE LIBRARIES " DSSDC_SHIM_IDLE=1 DSSDC_PLANS_DEVICE=card.json"

/* A program of the detector: opens it. The weights are not read: room for them is enough. */
static const char opens[] = "#include \"net.h\"\n"
                            "#include <stdio.h>\n"
                            "unsigned char net_weights[NET_WEIGHTS_SIZE];\n"
                            "extern const unsigned char net_weights_head[16];\n"
                            "const unsigned char net_weights_head[16] = {\n"
                            "#include \"head.inc\"\n"
                            "};\n"
                            "int main(void)\n"
                            "{\n"
                            "\tint status = net_open();\n"
                            "\tprintf(\"opened %d %s\\n\", status, status ? net_device_error() : \"\");\n"
                            "\treturn 0;\n"
                            "}\n";

/* What the loader finds: the version, or what is missing. */
static const char probe[] = "#include <dlfcn.h>\n"
                            "#include <stdio.h>\n"
                            "int main(void)\n"
                            "{\n"
                            "\tvoid *cudnn = dlopen(\"libcudnn.so.9\", RTLD_LAZY);\n"
                            "\tsize_t (*version)(void) = cudnn ? (size_t (*)(void))dlsym(cudnn, \"cudnnGetVersion\") : 0;\n"
                            "\tif (!version)\n"
                            "\t\treturn puts(\"no libcudnn.so.9\"), 0;\n"
                            "\tif (version() < 90800)\n"
                            "\t\treturn puts(\"cuDNN is older than 9.8\"), 0;\n"
                            "\tif (!dlopen(\"libnvrtc.so.13\", RTLD_LAZY) && !dlopen(\"libnvrtc.so.12\", RTLD_LAZY))\n"
                            "\t\treturn puts(\"no libnvrtc\"), 0;\n"
                            "\treturn 0;\n"
                            "}\n";

static bool has_library(void)
{
	static int known = -1;
	if (known >= 0)
		return known;
	known = !sh("echo '#include <cudnn.h>' | g++ -x c++ -E -idirafter /usr/local/cuda/include - >/dev/null");
	strcpy(out, "no cudnn.h\n");
	if (known) {
		must("cc -shared -fPIC -o libcuda.so.1 '" SHIM "/libcuda_idle.c'");
		write_text("probe.c", probe);
		must("cc -w -o probe probe.c -ldl && " LIBRARIES " ./probe");
		known = !*out;
	}
	if (!known)
		print_message("%.*s: cuDNN was not asked for plans\n", (int)strcspn(out, "\n"), out);
	else
		must(NVCC "-Werror all-warnings -c '" SHIM "/cudnn_deviceless.cc' -o layer.o");
	return known;
}

static void emit(const char *network, const char *options)
{
	must(DSSDC " compile --no-check '" SOURCE_DIR
	           "/models/%s.json' --target=cuda %s --weights-form=object --emit=c --name=net -o net.cu",
	     network, options);
	must("head -c 16 net.weights | od -An -v -tu1 -w1 | sed 's/$/,/' >head.inc && rm net.weights net_weights.S");
	write_text("opens.c", opens);
}

typedef struct Report {
	int convolutions, accepted, plans, granted, refused, older, without;
	long long proposals, workspace;
} Report;

/* The sums of the lines of cudnn_deviceless.cc. */
static Report read_report(const char *text)
{
	Report r = {0};
	int n, accepted, plans, granted, refused, older;
	long long proposals, workspace;
	for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
		if (sscanf(p, "convolution %d accepted %d proposals %lld plans %d granted %d refused %d older %d workspace %lld", &n,
		           &accepted, &proposals, &plans, &granted, &refused, &older, &workspace) == 8) {
			assert_int_equal(n, r.convolutions);
			r.convolutions++;
			r.accepted += accepted;
			r.proposals += proposals;
			r.plans += plans;
			r.granted += granted;
			r.refused += refused;
			r.older += older;
			r.without += !proposals || plans + granted == 0;
			r.workspace = workspace > r.workspace ? workspace : r.workspace;
		}
		if (!strchr(p, '\n'))
			break;
	}
	return r;
}

static Report open_on(int capability, int each)
{
	const Card *card = cards;
	while (card->capability != capability)
		card++;
	write_card(card, "card.json");
	must(IDLE " DSSDC_SHIM_ARCH=%d DSSDC_PLANS_EACH=%d ./opens", capability, getenv("DSSDC_PLANS_ALL") ? 1 : each);
	assert_has(out, "opened 0");
	return read_report(out);
}

/* How often a text stands in the source. */
static int count_in_source(const char *part)
{
	size_t size;
	int n = 0;
	char *text = read_file("net.cu", &size);
	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	free(text);
	return n;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void the_library_serves_every_convolution(void **state)
{
	static const struct {
		const char *network, *options;
		int capability, each;
	} cases[] = {
	    {"dssd321_mobilenet", "--precision=f16", 90, 32},
	    {"dssd321_mobilenet", "--precision=f16", 120, 64},
	    {"dssd321_mobilenet", "--precision=f16", 75, 64},
	    {"dssd321_mobilenet", "--precision=f32", 90, 64},
	    /* from here on: tests/run.sh full */
	    {"dssd321_mobilenet", "--precision=tf32", 90, 8},
	    {"dssd321_mobilenet", "--precision=bf16", 90, 8},
	    {"dssd321_mobilenet", "--precision=f16", 90, 2},
	    {"dssd321_mobilenet", "--precision=f16", 80, 8},
	    {"dssd321_mobilenet", "--precision=f16", 89, 16},
	    {"dssd321_mobilenet", "--precision=f16", 100, 16},
	    {"ssd300_voc", "--precision=f16 --random-weights=1", 90, 8},
	    {"dssd321_voc", "--precision=f16 --random-weights=1", 90, 16},
	    {"dssd321_voc", "--precision=bf16 --random-weights=1", 90, 16},
	    {"dssd513_voc", "--precision=f16 --random-weights=1", 90, 16},
	};
	const int count = full_or(sizeof cases / sizeof *cases, 4);
	int limit = 0, calls = 0;
	(void)state;
	if (!has_library())
		skip();
	for (int i = 0; i < count; i++) {
		const double start = now();
		if (!i || strcmp(cases[i].network, cases[i - 1].network) || strcmp(cases[i].options, cases[i - 1].options)) {
			emit(cases[i].network, cases[i].options);
			must(NVCC "net.cu opens.c layer.o -o opens");
			must("sed -n 's/.*NET_WORKSPACE_LIMIT = 1 << \\([0-9]*\\) .*/\\1/p' net.cu");
			limit = atoi(out);
			must("grep -c '^\tnet_conv_cudnn_[0-9]*(q' net.cu");
			calls = atoi(out);
			assert_in_range(limit, 20, 40);
		}
		Report r = open_on(cases[i].capability, cases[i].each);
		print_message("figure: cuDNN for %s %s, sm_%d: %d convolutions, %d graphs, %lld proposals, %d plans finished, %lld bytes "
		              "of workspace, %.1f s\n",
		              cases[i].network, cases[i].options, cases[i].capability, calls, r.convolutions, r.proposals, r.plans,
		              r.workspace, now() - start);
		assert_true(r.convolutions > 10);
		assert_int_equal(r.convolutions, count_in_source(", INSTANCE = "));
		assert_int_equal(r.accepted, r.convolutions);
		assert_int_equal(r.refused, 0);
		assert_int_equal(r.older, 0);
		assert_int_equal(r.without, 0);
		assert_true(r.plans > 0 && r.workspace <= 1LL << limit);
	}
}

/* A word of the program is wrong: the library refuses the graph or proposes nothing for it. */
static void mistakes_are_seen(void **state)
{
	static const struct {
		const char *before, *right, *wrong;
	} mistakes[] = {
	    {"PRE_PADDINGS, CUDNN_TYPE_INT64, ", "2", "1"},
	    {"alignment = ", "16", "3"},
	    {"axes = ", "2", "3"},
	    {" = ", "SH", "SH + 1"},
	    {"NET_ID_FIRST_BETWEEN + ", "i", "0"},
	    {"sums = ", "CUDNN_DATA_FLOAT", "CUDNN_DATA_HALF"},
	};
	const int count = sizeof mistakes / sizeof *mistakes;
	(void)state;
	if (!has_library())
		skip();
	emit("dssd321_mobilenet", "--width-divisor=8 --random-weights=1 --precision=f16");
	for (int i = 0; i < count; i++) {
		char found[128];
		snprintf(found, sizeof found, "%s%s", mistakes[i].before, mistakes[i].right);
		assert_true(count_in_source(found) > 0);
		must("sed -i 's/%s/%s(mistake == %d ? %s : %s)/' net.cu", found, mistakes[i].before, i, mistakes[i].wrong,
		     mistakes[i].right);
	}
	must("sed -i '1i #include <stdlib.h>\\nstatic const int mistake = getenv(\"MISTAKE\") ? atoi(getenv(\"MISTAKE\")) : -1;' net.cu");
	must(NVCC "net.cu opens.c layer.o -o opens");
	for (int i = -1; i < count; i++) {
		char number[16];
		snprintf(number, sizeof number, "%d", i);
		setenv("MISTAKE", number, 1);
		Report r = open_on(90, 64);
		print_message("%s%s: %d convolutions, %d graphs, %d refused, %d by the older interface\n",
		              i < 0 ? "no mistake" : mistakes[i].before, i < 0 ? "" : mistakes[i].wrong, r.convolutions, r.accepted,
		              r.refused, r.older);
		assert_true(i < 0 ? r.accepted == r.convolutions && !r.refused && !r.older : r.older > r.convolutions / 2);
	}
	unsetenv("MISTAKE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_are_seen),
	    cmocka_unit_test(the_library_serves_every_convolution),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
