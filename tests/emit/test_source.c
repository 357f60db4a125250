/* test_source.c -- what dssdc compile --emit=c writes, without compiling it: the same bytes everywhere, all or nothing,
 * every bit of every weight, nothing of the model's names but comments. */
#include "tests/emit/source.h"

#include "import/formats/safetensors.h"
#include "ir/ir.h"

static const char tiny[] = "dssdc.ir 1\n"
                           "graph \"tiny\"\n"
                           "input %1 \"x\" : f32[1,2,4,4]\n"
                           "const %2 \"c.weight\" : f32[3,2,1,1] = 1 2 3 4 5 6\n"
                           "const %3 \"c.bias\" : f32[3] = 0.5 -0 1\n"
                           "%4 = conv2d \"c\" %1 %2 %3 act=relu : f32[1,3,4,4]\n"
                           "output %4\n";

/* ---- the same bytes ---- */

static void the_same_bytes_everywhere(void **state)
{
	(void)state;
	static const char *const places[] = {
	    "TZ=Asia/Tokyo LC_ALL=C",
	    "TZ=America/Lima LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 HOME=/nowhere LOGNAME=other",
	    "TZ=UTC LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 SOURCE_DATE_EPOCH=1",
	};
	for (int i = 0; i < 3; i++)
		must("mkdir -p place%d/deep && cd place%d/deep && umask %s && cp " CARD " here.json && "
		     "env %s " DSSDC
		     " compile --no-check %s%shere.json --labels='%s/models/voc.labels' --width-divisor=8 --random-weights=1 "
		     "--threshold=0.25 --target=vector4 --emit=c -o net.c",
		     i, i, i ? "077" : "022", places[i], i == 2 ? work : "",
		     i == 2 ? "/place2/deep/"
		     : i    ? "./"
		            : "",
		     SOURCE_DIR);
	for (int i = 1; i < 3; i++) {
		char path[64];
		for (int k = 0; k < 4; k++) {
			static const char *const suffix[] = {"c", "h", "weights", "manifest.json"};
			char first[64];
			snprintf(first, sizeof first, "place0/deep/net.%s", suffix[k]);
			snprintf(path, sizeof path, "place%d/deep/net.%s", i, suffix[k]);
			assert_same_file(first, path);
		}
	}
	size_t size;
	for (int k = 0; k < 3; k++) {
		static const char *const files[] = {"place0/deep/net.c", "place0/deep/net.h", "place0/deep/net.manifest.json"};
		char *text = read_file(files[k], &size);
		assert_lacks(text, work);
		assert_lacks(text, SOURCE_DIR);
		assert_lacks(text, "/tmp");
		assert_lacks(text, "__DATE__");
		free(text);
	}
	/* a default that is given is a default */
	must(DSSDC " compile --no-check place0/deep/here.json --labels='" SOURCE_DIR
	           "/models/voc.labels' --width-divisor=8 --random-weights=1 "
	           "--threshold=.25 --arena=static -O1 --weights-form=incbin --target=vector4 --emit=c -o net.c");
	assert_same_file("net.c", "place0/deep/net.c");
}

static void options_are_in_the_code(void **state)
{
	(void)state;
	size_t size;
	write_text("five.labels", "background\none\ntwo \"2\"\n\303\274ber\nwhat?"
	                          "?/\n");
	must(DSSDC " compile --no-check " SMALL
	           " --emit=c --threshold=0.25 --nms=0.375 --top-k=77 --keep-top-k=11 --labels=five.labels -o v.c");
	char *c = read_file("v.c", &size), *h = read_file("v.h", &size);
	assert_has(c, "p > 0.25f");
	assert_has(c, "<= 0.375f");
	assert_has(c, "TOP_K = 77");
	assert_has(c, "KEEP_TOP_K = 11");
	assert_has(h, "#define V_MAX_DETECTIONS 11 ");
	assert_has(h, "#define V_NUM_CLASSES 5 ");
	assert_has(c, "\t\"one\",\n\t\"two \\0422\\042\",\n\t\"\\303\\274ber\",\n\t\"what\\077\\077/\",\n");
	free(c);
	free(h);
	must(DSSDC " compile --no-check " SMALL " --emit=c --classes=4 -o w.c");
	c = read_file("w.c", &size), h = read_file("w.h", &size);
	assert_has(h, "#define MODEL_W_NUM_CLASSES 4 ");
	assert_has(c, "\t\"background\",\n\t\"class 1\",\n\t\"class 2\",\n\t\"class 3\",\n");
	free(c);
	free(h);
	must(DSSDC " compile --no-check " SMALL " --emit=c --threshold=0.125 -o u.c");
	c = read_file("u.c", &size);
	assert_has(c, "p > 0.125f");
	free(c);
}

static void the_assembler_lists_the_weights_as_a_dependency(void **state)
{
	(void)state;
	size_t size;
	write_text("dep.ir", tiny);
	must(DSSDC " compile dep.ir --emit=c -o dep.c");
	char *c = read_file("dep.c", &size);
	assert_has(c, "needs    dep.h, and dep.weights through -I.");
	assert_has(c, "-Wa,--MD,FILE");
	free(c);
}

/* ---- every bit ---- */

enum { NWEIGHTS = 16 };
static const uint32_t bits[NWEIGHTS] = {
    0x7f7fffff, 0xff7fffff, 0x00000001, 0x807fffff, 0x80000000, 0x00000000, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc12345, 0x7f812345, 0xffbfffff, 0x3f800000, 0x00800000, 0x4b800001, 0xbf000001,
};

/* A safetensors file with one tensor, and IR text that knows its hash (changed by flip). */
static void write_model(const char *header_type, uint64_t flip)
{
	char header[256];
	snprintf(header, sizeof header, "{\"c.weight\":{\"dtype\":\"%s\",\"shape\":[16,1,1,1],\"data_offsets\":[0,%d]}}", header_type,
	         !strcmp(header_type, "F32") ? 64 : 32);
	uint64_t length = strlen(header);
	FILE *f = fopen("bits.safetensors", "wb");
	assert_non_null(f);
	fwrite(&length, 1, 8, f);
	fwrite(header, 1, length, f);
	fwrite(bits, 1, !strcmp(header_type, "F32") ? 64 : 32, f);
	fclose(f);
	Graph *g = graph_new("hash");
	Type t = type_make(DT_F32, 4, (int64_t[]){16, 1, 1, 1});
	uint64_t hash = blob_hash(blob_bytes(g, &t, bits), NULL) ^ flip;
	graph_free(g);
	char text[512];
	snprintf(text, sizeof text,
	         "dssdc.ir 1\ngraph \"bits\"\ninput %%1 \"x\" : f32[1,1,1,1]\nconst %%2 \"c.weight\" : f32[16,1,1,1] #%016llx\n"
	         "%%3 = conv2d \"c\" %%1 %%2 : f32[1,16,1,1]\noutput %%3\n",
	         (unsigned long long)hash);
	write_text("bits.ir", text);
}

static void weights_keep_every_bit(void **state)
{
	(void)state;
	size_t size;
	write_model("F32", 0);
	must(DSSDC " compile bits.ir --weights=bits.safetensors -O0 --emit=c -o bits.c");
	char *w = read_file("bits.weights", &size);
	assert_true(size >= 64 + sizeof bits);
	assert_memory_equal(w + 64, bits, sizeof bits);
	free(w);
	must(DSSDC " compile bits.ir --weights=bits.safetensors -O0 --emit=c --weights-form=file -o bits.c");
	w = read_file("bits.weights", &size);
	assert_memory_equal(w + 64, bits, sizeof bits);
	free(w);
	must(DSSDC " compile bits.ir --weights=bits.safetensors -O0 --emit=c --weights-form=array -o bits.c");
	w = read_file("bits_weights.c", &size);
	assert_has(w, "0xffffffp104f,-0xffffffp104f,0x1p-149f,-0x7fffffp-149f,-0.0f,0.0f,__builtin_inff(),-__builtin_inff(),");
	assert_has(w, "__builtin_nanf(\"0x0\"),-__builtin_nanf(\"0x12345\"),__builtin_nansf(\"0x12345\"),-__builtin_nansf(\"0x3fffff\"),");
	free(w);
}

static void weights_of_ir_text_are_checked(void **state)
{
	(void)state;
	write_model("F32", 0);
	must("cp bits.ir alone.ir"); /* no weights of its name beside it */
	assert_int_equal(sh(DSSDC " compile alone.ir --emit=c -o x/b.c"), 2);
	assert_has(err, "alone.ir: error: the model has no weights: give --weights=FILE or --random-weights=SEED [rejected]");
	assert_false(exists("x"));
	must(DSSDC " compile bits.ir --random-weights=3 --emit=c -o b.c");
	write_model("F32", 1);
	assert_int_equal(sh(DSSDC " compile bits.ir --weights=bits.safetensors --emit=c -o c.c"), 2);
	assert_has(err, "bits.safetensors: error: tensor 'c.weight' is another: its hash is ");
	write_model("F16", 0);
	assert_int_equal(sh(DSSDC " compile bits.ir --weights=bits.safetensors --emit=c -o c.c"), 2);
	assert_has(err, "tensor 'c.weight' has elements of type f16; the IR text says f32");
	write_model("F32", 0);
	must("sed -i 's/c.weight/other/' bits.ir");
	assert_int_equal(sh(DSSDC " compile bits.ir --weights=bits.safetensors --emit=c -o c.c"), 2);
	assert_has(err, "no tensor 'other'");
	must("sed -i 's/\\[16,1,1,1\\] #/[8,2,1,1] #/; s/%%1 \"x\" : f32.1,1/%%1 \"x\" : f32[1,2/; s/other/c.weight/; "
	     "s/f32.1,16,/f32[1,8,/' bits.ir");
	assert_int_equal(sh(DSSDC " compile bits.ir --weights=bits.safetensors --emit=c -o c.c"), 2);
	assert_has(err, "tensor 'c.weight' has shape [16, 1, 1, 1]; the network needs [8, 2, 1, 1]");
	assert_false(exists("c.c"));
}

static void a_dump_compiles_to_the_same_program(void **state)
{
	(void)state;
	must(DSSDC " compile --no-check " CARD " --emit=c --name=net -O0 --dump-dir=dump -o card/");
	must(DSSDC
	     " compile --no-check dump/001-import.ir --weights='%s/models/dssd321_mobilenet.safetensors' --emit=c --name=net -O0 -o text/",
	     SOURCE_DIR);
	assert_same_file("card/net.weights", "text/net.weights");
	assert_same_file("card/net.h", "text/net.h");
}

/* ---- names ---- */

static void names_stay_in_comments(void **state)
{
	(void)state;
	check_names("--no-check");
}

/* ---- all or nothing ---- */

static void a_full_disk_leaves_nothing(void **state)
{
	(void)state;
	must("mkdir full");
	assert_int_equal(sh("trap '' XFSZ; ulimit -f 200; exec " DSSDC " compile --no-check " SMALL " --emit=c -o full/net.c"), 5);
	assert_has(err, "full/net.weights: error: cannot write: File too large [io]");
	assert_folder("full", "");
	assert_int_equal(sh("trap '' XFSZ; ulimit -f 8; exec " DSSDC " inspect " SMALL " --emit=html -o full/net.html"), 5);
	assert_folder("full", "");
	must("echo old >full/net.c; echo old >full/net.weights");
	assert_int_equal(sh("trap '' XFSZ; ulimit -f 200; exec " DSSDC " compile --no-check " SMALL " --emit=c -o full/net.c"), 5);
	must("echo old | cmp - full/net.c && echo old | cmp - full/net.weights");
	assert_folder("full", "net.c net.weights");
	assert_int_equal(sh(DSSDC " inspect " SMALL " --emit=ir >/dev/full"), 5);
	assert_int_equal(sh(DSSDC " --help >/dev/full"), 5);
}

static void places_that_cannot_be_written(void **state)
{
	(void)state;
	write_text("model.ir", tiny);
	assert_int_equal(sh(DSSDC " compile model.ir --emit=c -o model.ir/net.c"), 5);
	assert_int_equal(sh(DSSDC " compile model.ir --emit=c -o missing/deeper/net.c"), 5);
	assert_false(exists("missing"));
	/* one of the three is a folder: none of them is replaced */
	must("mkdir -p taken/net.h; echo old >taken/net.c");
	assert_int_equal(sh(DSSDC " compile model.ir --emit=c -o taken/net.c"), 5);
	assert_has(err, "taken/net.h: error: cannot write: Is a directory [io]");
	assert_folder("taken", "net.c net.h");
	must("echo old | cmp - taken/net.c");
	/* the input itself, by its name, by a link, as the weights */
	must("cp model.ir copy.ir; ln copy.ir hard.c");
	assert_int_equal(sh(DSSDC " compile copy.ir --emit=c -o hard.c"), 5);
	assert_has(err, "hard.c: error: cannot write: this is a file that the model is read from [io]");
	assert_int_equal(sh(DSSDC " inspect copy.ir --emit=ir -o copy.ir"), 5);
	assert_int_equal(sh(DSSDC " compile copy.ir --emit=obj -o copy.ir"), 5);
	must("cmp copy.ir model.ir && cmp hard.c model.ir");
	write_model("F32", 0);
	must("cp bits.safetensors b.weights");
	assert_int_equal(sh(DSSDC " compile bits.ir --weights=b.weights --emit=c -o b.c"), 5);
	must("cmp bits.safetensors b.weights");
	/* a link stays, and what it points to is written */
	must("mkdir real; echo old >real/target; ln -s real/target linked.c; ln -s real/none linked.h");
	must(DSSDC " compile model.ir --emit=c -o linked.c");
	must("test -h linked.c && test -h linked.h && grep -q linked_run real/target && grep -q linked_run real/none");
	assert_folder("real", "none target");
	must("! ls -d .dssdc-* real/.dssdc-*");
}

static void rejected_models_leave_nothing(void **state)
{
	(void)state;
	write_text("bad.ir", "dssdc.ir 1\ngraph \"bad\"\ninput %1 : f32[1,4,8,8]\n%3 = softmix \"c\" %1\noutput %3\n");
	assert_int_equal(sh(DSSDC " compile bad.ir --emit=c -o nothing/"), 2);
	assert_false(exists("nothing"));
	assert_int_equal(sh(DSSDC " compile bad.ir -o nothing/x"), 2);
	assert_false(exists("nothing"));
}

static void a_kill_leaves_old_or_new(void **state)
{
	(void)state;
	check_kills(6);
}

static void names_become_identifiers(void **state)
{
	(void)state;
	static const struct {
		const char *options, *file, *prefix;
	} good[] = {
	    {"-o my-net.v2.c", "my-net.v2", "my_net_v2"},
	    {"-o 9.c", "9", "model_9"},
	    {"-o int.c", "int", "model_int"},
	    {"-o x.c --name=Other", "x", "Other"},
	    {"-o v/1.2", "v/1.2", "model_1_2"},
	    {"-o v/ --name=a_b", "v/a_b", "a_b"},
	    {"-o -y.c", "-y", "model__y"},
	    {"-o shm.c", "shm", "model_shm"},
	};
	write_text("n.ir", tiny);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char text[128];
		size_t size;
		must(DSSDC " compile n.ir --emit=c %s", good[i].options);
		snprintf(text, sizeof text, "%s.c", good[i].file);
		assert_true(exists(text));
		snprintf(text, sizeof text, "%s.h", good[i].file);
		char *h = read_file(text, &size);
		snprintf(text, sizeof text, "int %s_run(", good[i].prefix);
		assert_has(h, text);
		free(h);
	}
	must(DSSDC " compile n.ir --emit=c --no-check -o macros/x.c && grep -q 'define MODEL_X_API_VERSION' macros/x.h");
	assert_string_equal(err, "dssdc: note: macros begin with MODEL_X_: headers of the system have names that begin with X_\n");
	must(DSSDC " compile n.ir --emit=c --no-check -o macros/Net.c && " DSSDC
	           " compile n.ir --emit=c --no-check --name=model_x -o macros/y.c");
	assert_string_equal(err, "");
	must(DSSDC " compile --help");
	assert_has(out, "MODEL_X_");
	write_text("errno.ir", tiny);
	must(DSSDC " compile errno.ir --emit=c -o v");
	assert_true(exists("v/model_errno.h"));
	assert_has(err, "note: the header is called model_errno.h");
}

static void names_that_no_file_can_have(void **state)
{
	(void)state;
	static const char *const bad[] = {"int",
	                                  "9a",
	                                  "a-b",
	                                  "",
	                                  "a b",
	                                  "_x",
	                                  "caf\303\251",
	                                  "while",
	                                  "nullptr",
	                                  "atomic",
	                                  "a234567890123456789012345678901234567890123456789012345678901234"};
	write_text("n.ir", tiny);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(sh(DSSDC " compile n.ir --emit=c --name='%s' -o q.c", bad[i]), 2);
	assert_false(exists("q.c"));
	static const char *const files[] = {"-o string.c",
	                                    "-o d/STDINT.c",
	                                    "-o cuda_runtime",
	                                    "-o 'a\"b.c'",
	                                    "-o 'a\\b.c'",
	                                    "-o 'a?\?b.c'",
	                                    "-o \"$(printf 'a\tb').c\"",
	                                    "-o n.cu --target=c99",
	                                    "-o n.c --target=cuda-standalone"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		assert_int_equal(sh(DSSDC " compile n.ir --emit=c %s", files[i]), 2);
	assert_int_equal(sh(DSSDC " compile n.ir --emit=lib -o n.c"), 2);
	assert_has(err, "-o: a .c file is source, which --emit=c writes, not --emit=lib");
	static const char *const mixed[][3] = {{"c", "n.o", "a .o file is an object, which --emit=obj writes, not --emit=c"},
	                                       {"c", "d/libn.a", "a .a file is a library, which --emit=lib writes, not --emit=c"},
	                                       {"c", "n.so", "a .so file is a shared object, which --emit=shared writes, not --emit=c"},
	                                       {"obj", "n.a", "which --emit=lib writes, not --emit=obj"},
	                                       {"lib", "n.so", "which --emit=shared writes, not --emit=lib"},
	                                       {"shared", "n.o", "which --emit=obj writes, not --emit=shared"},
	                                       {"exe", "n.so", "which --emit=shared writes, not --emit=exe"},
	                                       {"obj", "n.cu", "a .cu file is source"}};
	for (size_t i = 0; i < sizeof mixed / sizeof *mixed; i++) {
		assert_int_equal(sh(DSSDC " compile n.ir --emit=%s -o %s", mixed[i][0], mixed[i][1]), 2);
		assert_has(err, mixed[i][2]);
	}
	assert_false(exists("n.o.c") || exists("n.so.c") || exists("d/libn.a.c"));
}

/* Who calls NAME_run() reads in the header what the tensor is made of. */
static void the_header_states_the_preprocessing(void **state)
{
	(void)state;
	size_t size;
	must("sed 's/order=bgr mean=104,117,123 divisor=1,1,1/order=rgb mean=1.5,1.5,1.5 divisor=4,5,6/' '" SOURCE_DIR
	     "/tests/golden/detector.ir' >rgb.ir && " DSSDC " compile rgb.ir --emit=c --no-check -o rgb/rgb.c");
	char *h = read_file("rgb/rgb.h", &size);
	assert_has(h, "/* The same from the input tensor [3][8][8], which rgb_detect() makes of the whole image: resized to\n"
	              " * 8 x 8 (bilinear, in 8 bits as OpenCV does), red, green, blue; each x, 0 to 255, as (x - mean) / divisor:\n"
	              " * mean 1.5; divisor 4, 5, 6. */\nint rgb_run(");
	free(h);
}

/* Without --emit, the ending of -o says what is made. */
static void endings_choose_the_kind(void **state)
{
	(void)state;
	must(DSSDC " compile n.ir -o kind/n.c");
	assert_folder("kind", "n.c n.h n.manifest.json n.weights");
	must(DSSDC " compile n.ir -o kind/g.cu && grep -q -e '--target=cuda-standalone ' kind/g.cu");
	assert_int_equal(sh(DSSDC " compile n.ir -o kind/n"), 2);
	assert_has(err, "an executable needs a detector");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_bytes_everywhere),
	    cmocka_unit_test(options_are_in_the_code),
	    cmocka_unit_test(names_become_identifiers),
	    cmocka_unit_test(names_that_no_file_can_have),
	    cmocka_unit_test(the_header_states_the_preprocessing),
	    cmocka_unit_test(endings_choose_the_kind),
	    cmocka_unit_test(the_assembler_lists_the_weights_as_a_dependency),
	    cmocka_unit_test(weights_keep_every_bit),
	    cmocka_unit_test(weights_of_ir_text_are_checked),
	    cmocka_unit_test(a_dump_compiles_to_the_same_program),
	    cmocka_unit_test(names_stay_in_comments),
	    cmocka_unit_test(a_full_disk_leaves_nothing),
	    cmocka_unit_test(places_that_cannot_be_written),
	    cmocka_unit_test(rejected_models_leave_nothing),
	    cmocka_unit_test(a_kill_leaves_old_or_new),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
