/* test_cli.c -- the command line: help, what is refused and how it is said, exit codes. */
#include "tests/cli/tiny.h"

#include "codegen/codegen.h"
#include "compiler/options.h"
#include "passes/pass.h"

#include <ctype.h>

/* ---- help ---- */

static const struct {
	const char *name;
	int command;
} commands[] = {
#define COMMAND(name, word, operands, operand, help) {#name, word},
#include "compiler/commands.def"
};

static const struct {
	const char *name;
	int commands;
} options[] = {
#define OPTION(member, name, argument, kind, least, most, commands, group, ...) {name, commands},
#include "compiler/options.def"
};

static void check_help(const char *name, int command)
{
	must(DSSDC " %s --help", name);
	assert_string_equal(err, "");
	for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
		char word[64];
		snprintf(word, sizeof word, "\n  %s", options[k].name);
		char *at = strstr(out, word);
		while (at && (isalnum((unsigned char)at[strlen(word)]) || at[strlen(word)] == '-') && options[k].name[1] == '-')
			at = strstr(at + 1, word); /* a longer name */
		int belongs = 0;                   /* two commands may have options of one name */
		for (size_t j = 0; j < sizeof options / sizeof *options; j++)
			if (!strcmp(options[j].name, options[k].name))
				belongs |= options[j].commands & command;
		if (!at != !belongs)
			fail_msg("%s --help and %s", name, options[k].name);
	}
	char *save;
	for (char *line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		assert_true(strlen(line) <= 102);
}

static void help_names_every_option(void **state)
{
	(void)state;
	must(DSSDC " --help");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		assert_has(out, commands[i].name);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		check_help(commands[i].name, commands[i].command);
		must(DSSDC " %s -h", commands[i].name);
	}
	must(DSSDC " import --help");
	assert_has(out, "required: the IR text is written to NAME.ir");
	assert_lacks(out, "compiled");
	must(DSSDC " priors --help");
	assert_has(out, "aspect ratios for a card");
	must(DSSDC " inspect --help");
	assert_lacks(out, "exe (default)");
	assert_lacks(out, "--emit=c");
	must(DSSDC " help");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		must(DSSDC " help %s >asked && " DSSDC " %s --help | cmp - asked && " DSSDC " --help %s | cmp - asked && rm asked",
		     commands[i].name, commands[i].name, commands[i].name);
	}
	must(DSSDC " --version");
	assert_string_equal(out, "dssdc 0.1.0\n");
}

static void lists_name_what_there_is(void **state)
{
	(void)state;
	must(DSSDC " passes");
	for (int i = 0; i < pipeline_inference.length; i++)
		assert_has(out, pipeline_inference.pass[i].name);
	must(DSSDC " targets");
	for (int i = 0; targets[i]; i++)
		assert_has(out, targets[i]->name);
	must(DSSDC " targets --flags=avx2");
	assert_string_equal(out, "-mavx2 -mfma -ffp-contract=fast\n");
	must(DSSDC " targets --flags=c99");
	assert_string_equal(out, "\n");
	assert_int_equal(sh(DSSDC " targets --flags=avx3"), 2);
	assert_has(err, "unknown target 'avx3'; did you mean 'avx2'?");
	assert_string_equal(out, "");
	must(DSSDC " ops");
	for (int i = 0; i < OP_COUNT; i++)
		assert_has(out, op_info[i].name);
}

/* ---- what is refused ---- */

static const struct {
	const char *arguments, *message;
} wrong_usage[] = {
    {"", "usage: dssdc COMMAND"},
    {"compil x", "unknown command 'compil'; did you mean 'compile'? [rejected]"},
    {"zzzzzz", "unknown command 'zzzzzz'; see dssdc --help [rejected]"},
    {"inspect", "MODEL is missing; "},
    {"inspect a.ir b.ir", "one operand too many: 'b.ir'"},
    {"passes extra", "one operand too many: 'extra'"},
    {"inspect tiny.ir --treshold=1", "unknown option '--treshold'; did you mean '--threshold'?"},
    {"inspect tiny.ir -x", "unknown option '-x'; see dssdc inspect --help [rejected]"},
    {"compile tiny.ir --name-me", "unknown option '--name-me'; see dssdc compile --help"},
    {"compile tiny.ir -v", "unknown option '-v'; --verbose shows what runs, dssdc --version prints the version"},
    {"verify tiny.ir --version", "unknown option '--version'; --verbose shows what runs, dssdc --version prints the version"},
    {"-v", "unknown command '-v'; dssdc --version prints the version, --verbose behind compile or verify shows what runs"},
    {"help compil", "unknown command 'compil'; did you mean 'compile'?"},
    {"help zzzzzz", "unknown command 'zzzzzz'; see dssdc --help"},
    {"inspect tiny.ir --emit=zzz", "--emit does not know 'zzz'; see dssdc inspect --help"},
    {"inspect tiny.ir --help=1", "option --help takes no value"},
    {"inspect tiny.ir --threshold", "option --threshold needs a value: X"},
    {"inspect tiny.ir --threshold=", "option --threshold does not take the value '': 0 to 1"},
    {"inspect tiny.ir --threshold=1.5", "option --threshold does not take the value '1.5': 0 to 1"},
    {"inspect tiny.ir --threshold=-0.1", "does not take the value '-0.1'"},
    {"inspect tiny.ir --nms=nan", "does not take the value 'nan'"},
    {"inspect tiny.ir --nms=0,5", "does not take the value '0,5'"},
    {"inspect tiny.ir --nms=0.5x", "does not take the value '0.5x'"},
    {"inspect tiny.ir --top-k=0", "option --top-k does not take the value '0': 1 to 1048576"},
    {"inspect tiny.ir --top-k=99999999999999999999", "does not take the value '99999999999999999999'"},
    {"inspect tiny.ir --top-k=' 5'", "does not take the value ' 5'"},
    {"inspect tiny.ir --classes=1", "option --classes does not take the value '1': 2 to 65536"},
    {"inspect tiny.ir -O2", "option -O does not take the value '2': 0 to 1"},
    {"inspect tiny.ir --random-weights=-1", "option --random-weights does not take the value '-1'"},
    {"inspect tiny.ir --random-weights=18446744073709551616", "does not take the value '18446744073709551616'"},
    {"compile tiny.ir --target=c99 --precision=f16", "--precision: target 'c99' computes in f32, not in 'f16'"},
    {"compile tiny.ir --target=cuda-standalone --precision=f8", "computes in f32, tf32, f16, bf16 or mixed, not in 'f8'"},
    {"compile tiny.ir --target=avx2 --early-launch", "--early-launch is for kernels of GPUs; target 'avx2' has none"},
    {"compile tiny.ir --target=avx2 --batch=2", "--batch: target 'avx2' takes 1 image a run, not 2"},
    {"compile tiny.ir --target=avx2 --arch=sm_80", "--arch is for nvcc, which does not compile for target 'avx2'"},
    {"compile tiny.ir --target=cuda-standalone --arch=sm_90a,", "--arch takes sm_80, sm_90a and their like"},
    {"compile tiny.ir --target=cuda-standalone --arch=90", "with commas between, not '90'"},
    {"compile tiny.ir --target=cuda-standalone --precision=f16 --calibrate=.",
     "--calibrate is for a precision that chooses by measuring; 'f16' does not"},
    {"inspect tiny.ir --target=avx3", "unknown target 'avx3'; did you mean 'avx2'?"},
    {"inspect tiny.ir --emit=jsn", "--emit does not know 'jsn'; did you mean 'json'?"},
    {"inspect tiny.ir --name=x", "option --name does not belong to this command; see dssdc inspect --help"},
    {"inspect tiny.ir --weights=a --random-weights=1", "--weights and --random-weights exclude each other"},
    {"inspect tiny.ir --disable-pass=plan_memory", "--disable-pass: pass plan_memory is needed to make code"},
    {"inspect tiny.ir --disable-pass=fold_nrm", "--disable-pass: no pass is called 'fold_nrm'; did you mean 'fold_norm'?"},
    {"inspect tiny.ir --stop-after=nowhere_near", "--stop-after: no pass is called 'nowhere_near'; see dssdc passes"},
    {"inspect tiny.ir --print-ir-after=x", "--print-ir-after: no pass is called 'x'"},
    {"inspect tiny.ir --output-tensor=zz", "tiny.ir: error: no layer is called 'zz'; see dssdc inspect"},
    {"inspect tiny.ir --width-divisor=2", "--width-divisor is for cards"},
    {"inspect tiny.ir --classes=3", "--classes is for cards"},
    {"inspect tiny.ir --threshold=.5", "the model has no detect"},
    {"compile tiny.ir --emit=c -o -", "-o -: code is written to files"},
    {"compile tiny.ir -o x --arena=caller", "--arena=caller makes a library"},
    {"compile tiny.ir -o x --weights-form=file", "--weights-form=file is for programs that load the weights"},
    {"compile tiny.ir -o x", "tiny.ir: error: an executable needs a detector with preprocessing"},
    {"compile tiny.ir -o x --pictures=gif", "--pictures takes 'jpeg,png,pnm' or 'pnm', not 'gif'"},
    {"compile tiny.ir --emit=lib -o x.a --pictures=pnm", "--pictures is for executables: only these read photographs"},
    {"compile tiny.ir --emit=c --pictures=pnm", "--pictures is for executables"},
    {"compile tiny.ir --emit=c --weights-form=zip", "--weights-form takes incbin, array, object or file, not 'zip'"},
    {"compile tiny.ir --emit=c --manifest=m.json -o x.c", "--manifest=FILE: --emit=c writes NAME.manifest.json beside the source"},
    {"compile tiny.ir --emit=obj --manifest=x.o -o x.o", "--manifest and -o name the same file"},
    {"compile tiny.ir --emit=c --max-ram=1.5", "does not take the value '1.5': bytes, or a number with K, M or G"},
    {"compile tiny.ir --emit=c --max-ram=5KQ", "does not take the value '5KQ'"},
    {"compile tiny.ir --emit=c --max-ram=0x10", "does not take the value '0x10'"},
    {"compile tiny.ir --emit=c --max-ram=1e3", "does not take the value '1e3'"},
    {"inspect tiny.ir --target=AVX2", "unknown target 'AVX2'; did you mean 'avx2'?"},
    {"compile tiny.ir --emit=shred", "--emit does not know 'shred'; did you mean 'shared'?"},
    {"compile tiny.ir --emit=c --weights-form=incbn", "not 'incbn'; did you mean 'incbin'?"},
    {"compile tiny.ir --emit=c --max-ram=x", "option --max-ram does not take the value 'x'"},
    {"compile tiny.ir --emit=c --max-ram=1KK", "option --max-ram does not take the value '1KK'"},
    {"compile tiny.ir --emit=c --max-flash=-1", "option --max-flash does not take the value '-1'"},
    {"compile tiny.ir --emit=c --max-flash=2000G", "option --max-flash does not take the value '2000G'"},
    {"compile tiny.ir --emit=c --max-flash=", "option --max-flash does not take the value ''"},
    {"compile tiny.ir --emit=c --name='a\033[2Jb'", "--name: 'a\\x1b[2Jb' is no C identifier"},
};
static void usage_is_refused_with_a_reason(void **state)
{
	(void)state;

	must("ls -A >.before");
	for (size_t i = 0; i < sizeof wrong_usage / sizeof *wrong_usage; i++) {
		assert_int_equal(sh(DSSDC " %s", wrong_usage[i].arguments), 2);
		assert_has(err, wrong_usage[i].message);
		assert_string_equal(out, "");
	}
	must("ls -A | grep -v '^.before$' | cmp - .before || ls -A | cmp - .before");
}

/* What keeps a network from being an executable is said by the names of its tensors. */
static void executables_need_boxes(void **state)
{
	static const char two[] =
	    "dssdc.ir 1\ngraph \"two\"\npreprocess width=4 height=4 channels=3 order=bgr mean=0,0,0 divisor=1,1,1\n"
	    "input %1 \"x\" : f32[1,3,4,4]\n%2 \"LOC\" = eltwise \"l\" %1 fn=relu\n%3 = eltwise \"SCORES\" %1 fn=neg\noutput %2 %3\n";
	(void)state;
	write_text("two.ir", two);
	assert_int_equal(sh(DSSDC " compile two.ir -o two"), 2);
	assert_has(err, "two.ir: error: an executable needs a detector with preprocessing; this network ends in 'LOC' f32[1,3,4,4], "
	                "'SCORES' f32[1,3,4,4]; "
	                "--emit=c, obj, lib and shared take any network");
	assert_has(
	    err,
	    "two.ir: note: where these are offsets of boxes and scores, --detect=FILE says how boxes come out of them: models/README.md");
	assert_int_equal(sh(DSSDC " compile '" SOURCE_DIR "/tests/golden/detector.ir' --output-tensor=pool -o two"), 2);
	assert_has(err, "ends in 'pool' f32[1,3,4,4]; ");
	assert_has(err, "note: --output-tensor has the program return tensors");
	must("sed '/^preprocess/d' '" SOURCE_DIR "/tests/golden/detector.ir' >plain.ir");
	assert_int_equal(sh(DSSDC " compile plain.ir -o two"), 2);
	assert_has(err, "this detector takes no image of pixels but 'data' f32[1,3,8,8]; ");
	assert_false(exists("two"));
}

static void every_problem_is_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(sh(DSSDC " inspect --threshold=7 --foo -O9 --random-weights=x"), 2);
	assert_has(err, "--threshold");
	assert_has(err, "--foo");
	assert_has(err, "-O");
	assert_has(err, "--random-weights");
	assert_has(err, "MODEL is missing");
	assert_int_equal(sh(DSSDC " compile tiny.ir --emit=c --target=q --arena=q --weights-form=q --name=9 --disable-pass=q"), 2);
	assert_has(err, "target 'q'");
	assert_has(err, "--arena takes");
	assert_has(err, "--weights-form takes");
	assert_has(err, "--name: '9'");
	assert_has(err, "--disable-pass");
}

/* FILE:LINE:COL: error: text [class], one line each */
static void diagnostics_look_like_gccs(void **state)
{
	(void)state;
	write_text("bad.ir",
	           "dssdc.ir 1\ngraph \"bad\"\ninput %1 : f32[1,4,8,8]\n%3 = softmix \"c\" %1\n%5 = pool2d \"p\" %9\noutput %3\n");
	assert_int_equal(sh(DSSDC " inspect bad.ir"), 2);
	char *save;
	int n = 0;
	for (char *line = strtok_r(err, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
		int row, column, used = 0;
		assert_int_equal(sscanf(line, "bad.ir:%d:%d: error: %n", &row, &column, &used), 2);
		assert_true(used > 0 && row >= 4 && column >= 1);
		assert_string_equal(line + strlen(line) - strlen(" [rejected]"), " [rejected]");
	}
	assert_true(n >= 2);
}

/* A reader that leaves a pipe early, as head does, is no error: the status is that of a program that SIGPIPE ends, and nothing is said. */
static void readers_may_leave(void **state)
{
	static const char *const printing[] = {"ops",
	                                       "targets",
	                                       "passes",
	                                       "--help",
	                                       "compile --help",
	                                       "--manual",
	                                       "--completion",
	                                       "--version",
	                                       "check --rules",
	                                       "inspect tiny.ir",
	                                       "inspect tiny.ir --emit=json",
	                                       "inspect tiny.ir --emit=html",
	                                       "compile tiny.ir --emit=dot"};
	int end[2];
	(void)state;
	assert_int_equal(pipe(end), 0);
	assert_int_equal(close(end[0]), 0); /* nobody reads */
	assert_int_equal(dup2(end[1], 9), 9);
	for (size_t i = 0; i < sizeof printing / sizeof *printing; i++) {
		must("mkdir left && cp tiny.ir left/ && cd left && " DSSDC " %s >&9; echo $?; rm tiny.ir && cd .. && rmdir left",
		     printing[i]);
		if (strcmp(out, "141\n") || *err)
			fail_msg("%s: %s%s", printing[i], out, err);
	}
	close(9);
	close(end[1]);
	assert_int_equal(sh(DSSDC " ops >/dev/full"), 5);
	assert_string_equal(err, "dssdc: error: cannot write to standard output [io]\n");
}

static void exit_codes(void **state)
{
	(void)state;
	assert_int_equal(sh(DSSDC " inspect tiny.ir"), 0);
	assert_int_equal(sh("echo '{}' >bad.json; " DSSDC " inspect bad.json"), 2);
	assert_int_equal(sh("printf '\\010\\010\\102\\002\\020\\143\\072\\000' >net.onnx; " DSSDC " inspect net.onnx"), 3);
	assert_has(err, "net.onnx:4: error: opset 99; read are 6 to 17: export with torch.onnx.export");
	assert_int_equal(sh("truncate -s 3G big.ir; " DSSDC " inspect big.ir; s=$?; rm big.ir; exit $s"), 4);
	assert_int_equal(sh(DSSDC " inspect missing.ir"), 5);
	assert_has(err, "missing.ir: error: No such file or directory [io]");
	assert_int_equal(sh(DSSDC " inspect missing.json"), 5);
	assert_int_equal(sh("mkdir -p d.ir; " DSSDC " inspect d.ir"), 2);
	assert_int_equal(sh("mkfifo f.ir; timeout 5 " DSSDC " inspect f.ir"), 2);
	assert_int_equal(sh(DSSDC " compile '" SOURCE_DIR "/models/ssd300_voc.json' --emit=c -o s.c"), 2);
	assert_has(err, "ssd300_voc.json: error: the model has no weights: give --weights=FILE or --random-weights=SEED [rejected]");
	assert_false(exists("s.c"));
	assert_int_equal(sh(DSSDC " inspect tiny.ir -o missing/x"), 5);
}

/* ---- models ---- */

/* Weights that are found beside a network are never written over. */
static void weights_beside_are_inputs(void **state)
{
	(void)state;
	must("cp '" SOURCE_DIR "'/tests/import/caffe/small.* .");
	assert_int_equal(sh(DSSDC " compile small.prototxt --emit=obj -o small.caffemodel"), 5);
	assert_has(err, "this is a file that the model is read from");
	assert_same_file("small.caffemodel", SOURCE_DIR "/tests/import/caffe/small.caffemodel");
	assert_int_equal(sh(DSSDC " inspect small.caffemodel"), 2);
	assert_has(err, "weights of a Caffe network (a .caffemodel), no model that dssdc reads: give the network's .prototxt");
}

static void text_of_standard_input(void **state)
{
	(void)state;
	must(DSSDC " inspect tiny.ir --emit=ir --stop-after=infer_types >a && " DSSDC
	           " inspect - --emit=ir --stop-after=infer_types <tiny.ir >b && cmp a b");
	must(DSSDC " inspect --emit=ir --print-constants - --stop-after=infer_types <tiny.ir >c && " DSSDC
	           " inspect - --emit=ir --print-constants --stop-after=infer_types <c >d && cmp c d");
	must("grep -q 'const %%2 \"c.weight\" : f32\\[3,2,1,1\\] = 1 2 3 4 5 6' c");
	must("mkdir piped && cd piped && " DSSDC " compile - --emit=c <../tiny.ir");
	assert_folder("piped", "model.c model.h model.manifest.json model.weights");
	assert_int_equal(sh(DSSDC " inspect - </dev/null"), 2);
	assert_has(err, "<stdin>: error: the file is empty");
	must(DSSDC " inspect small.prototxt --random-weights=1 --emit=ir >a && cat small.prototxt | " DSSDC
	           " inspect - --random-weights=1 --emit=ir >b && sed -i 2d a b && cmp a b");
	must("cd '" SOURCE_DIR "/models' && cat dssd321_mobilenet.json | " DSSDC " inspect - --random-weights=1 --stop-after=infer_types");
}

/* Weights that are no numbers are said by name and count, or refused; a mask of infinities is no weight. */
static void strange_weights_are_said(void **state)
{
	(void)state;
	write_text("strange.ir", "dssdc.ir 1\ngraph \"n\"\ninput %1 \"x\" : f32[1,1,2,2]\n"
	                         "const %2 \"w\" : f32[2,1,1,1] = nan inf\nconst %3 \"m\" : f32[2] = 0 0\n"
	                         "const %4 \"v\" : f32[2] = -1 2\nconst %5 \"mask\" : f32[1] = -inf\n"
	                         "%6 = conv2d \"c\" %1 %2\n%7 = batchnorm \"b\" %6 %3 %4\n%8 = eltwise \"e\" %7 %5 fn=max\noutput %8\n");
	must(DSSDC " compile strange.ir --emit=c --no-check -o strange/");
	assert_has(err, "strange.ir: warning: tensor 'w': 1 NaN, 1 infinite of 2 numbers; --strict-weights refuses them");
	assert_has(err, "tensor 'v': 1 negative variance of 2 numbers");
	assert_lacks(err, "mask");
	assert_int_equal(sh(DSSDC " compile strange.ir --emit=c --no-check --strict-weights -o refused/"), 2);
	assert_has(err, "strange.ir: error: tensor 'w': 1 NaN, 1 infinite of 2 numbers (--strict-weights) [rejected]");
	assert_has(err, "error: tensor 'v'");
	assert_false(exists("refused"));
}

/* Where weights were looked for, for each kind of model. */
static void missing_weights_are_told(void **state)
{
	static const char error[] = ": error: the model has no weights: give --weights=FILE or --random-weights=SEED [rejected]\n";
	static const struct {
		const char *model, *note;
	} rows[] = {
	    {"bare.json", "bare.json: note: the card names no file of weights: the cards that come with dssdc have none, but for those "
	                  "that models/README.md calls trained\n"},
	    {"bare.prototxt", "bare.prototxt: note: there is no bare.caffemodel, which was looked for beside it\n"},
	    {"bare.ir", "bare.ir: note: there is no bare.safetensors, which was looked for beside it\n"},
	    {"bare.text", "bare.text: note: it has no name by which weights beside it could be looked for\n"},
	    {"- <bare.prototxt", "-: note: it has no name by which"},
	};
	(void)state;
	must("cp '" SOURCE_DIR "/tests/import/good.json' bare.json && cp '" SOURCE_DIR "/tests/import/caffe/small.prototxt' bare.prototxt");
	must(DSSDC " import bare.json -o bare.ir");
	assert_string_equal(err, "dssdc: note: the model has no weights, so bare.safetensors was not written: bare.ir is the network "
	                         "alone, to look at or to compile "
	                         "with --random-weights=SEED; import the model again with --weights=FILE for one that detects\n");
	must("cp bare.ir bare.text");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(sh(DSSDC " compile --emit=c --no-check -o bare.c %s", rows[i].model), 2);
		assert_has(err, error);
		assert_has(err, rows[i].note);
	}
	assert_false(exists("bare.c"));
	write_text("none.ir", "dssdc.ir 1\ngraph \"r\"\ninput %1 \"x\" : f32[1,2,4,4]\n%2 = eltwise \"r\" %1 fn=relu\noutput %2\n");
	must(DSSDC " import none.ir -o none2.ir"); /* it needs none */
	assert_string_equal(err, "");
}

/* A file in the place of another is called by what it is. */
static void files_in_each_others_place(void **state)
{
	static const struct {
		const char *arguments, *message;
	} rows[] = {
	    {"inspect '" SOURCE_DIR "/models/facemask_ssd.detect.json'",
	     ":1:1: error: this is a fragment, no card: it says how boxes come out of another network, and is given with --detect"},
	    {"compile '" SOURCE_DIR "/models/ultralight_rfb_decoded.detect.json' -o x", "this is a fragment, no card"},
	    {"compile two.ir --detect='" SOURCE_DIR "/models/dssd321_mobilenet.json' -o x",
	     ":1:1: error: this is a card, no fragment: a card is a model"},
	    {"eval tiny.ir data", "tiny.ir: error: this is IR text, a model: compile it first (dssdc compile tiny.ir -o detect), then "
	                          "evaluate the program (dssdc eval ./detect data) [rejected]\n"},
	    {"eval '" SOURCE_DIR "/models/ssd300_voc.json' data", "this is a card, a model: compile it first"},
	    {"eval small.prototxt data", "this is a Caffe network, a model"},
	};
	(void)state;
	write_text("two.ir", "dssdc.ir 1\ngraph \"r\"\ninput %1 \"x\" : f32[1,3,4,4]\n%2 = eltwise \"r\" %1 fn=relu\noutput %2\n");
	must("cp '" SOURCE_DIR "'/tests/import/caffe/small.* .");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(sh(DSSDC " %s", rows[i].arguments), 2);
		assert_has(err, rows[i].message);
		assert_int_equal(count(err, "error: "), 1);
	}
	must("printf '#!/bin/sh\nlayer { }\n' >script && chmod +x script"); /* it only looks like one */
	assert_int_not_equal(sh(DSSDC " eval ./script data"), 0);
	assert_lacks(err, "a model");
}

/* What is too large is refused with both numbers, before anything is written. */
static void limits_of_memory(void **state)
{
	(void)state;
	static const struct {
		const char *arguments, *message;
	} refused[] = {
	    {"--emit=c --target=c99 --max-ram=127", "tiny.ir: error: 128 bytes of RAM; --max-ram allows 127 [limit]"},
	    {"--emit=c --target=c99 --arena=caller --max-ram=0", "128 bytes of RAM; --max-ram allows 0"},
	    {"--emit=c --target=c99 --max-flash=485",
	     "tiny.ir: error: 486 bytes of weights and constant tables; --max-flash allows 485 [limit]"},
	    {"--emit=c --target=c99 --weights-form=file --max-flash=64", " bytes of weights and constant tables; --max-flash allows 64"},
	    {"--emit=obj --max-ram=10 --max-flash=1K", " bytes of RAM; --max-ram allows 10"},
	    {"--emit=c --target=cuda-standalone --max-ram=1K", " bytes of device memory; --max-ram allows 1024"},
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(sh(DSSDC " compile tiny.ir %s -o limits/tiny", refused[i].arguments), 4);
		assert_has(err, refused[i].message);
		assert_false(exists("limits"));
	}
	assert_int_equal(sh(DSSDC " compile tiny.ir --emit=c --target=c99 --max-ram=1 --max-flash=1 -o limits/tiny.c"), 4);
	assert_has(err, "--max-ram allows 1 ");
	assert_has(err, "--max-flash allows 1 ");
	assert_has(err, "note: 128 bytes are buffers, the rest belongs to no layer; most are alive at step 1 of 1, layer 'c', kernel ");
	assert_has(err, " bytes, which no plan can go below: input 'x' 128");
	assert_int_equal(sh(DSSDC " compile tiny.ir --emit=c --target=cuda-standalone --batch=4 --max-ram=1 -o limits/tiny"), 4);
	assert_has(err, "a smaller --batch than 4; --precision=f16, which stores");
	static const char *const sizes[] = {"512KB", "0.5MiB", "512 KiB", "512k", "524288", "524288B", "0.5 mb"};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		must(DSSDC " compile " SMALL
		           " --emit=c --target=c99 --no-check --max-ram='%s' -o limits2/ || grep -q 'allows 524288 ' '%s/.err'",
		     sizes[i], work);
	must(DSSDC " compile tiny.ir --emit=c --target=c99 --max-ram=128 --max-flash=486 -o limits/tiny.c");
	must(DSSDC " compile tiny.ir --emit=c --target=c99 -o free/tiny.c && diff -r limits free"); /* a limit is no option of the code */
}

/* ---- what the runner shows ---- */

static void dumps_have_a_file_for_each_pass(void **state)
{
	(void)state;
	must(DSSDC " compile tiny.ir --emit=c --dump-dir=dump -o dumped/");
	assert_folder("dumped", "tiny.c tiny.h tiny.manifest.json tiny.weights");
	char want[4096] = "001-import.ir";
	for (int i = 0; i < pipeline_inference.length; i++)
		snprintf(want + strlen(want), sizeof want - strlen(want), " %03d-%s.ir", i + 2, pipeline_inference.pass[i].name);
	assert_folder("dump", want);
	must("for f in dump/*.ir; do head -1 $f | grep -qx 'dssdc.ir 1' || exit 1; done");
	assert_int_equal(sh(DSSDC " compile tiny.ir --emit=c --dump-dir=tiny.ir/x -o undumped/"), 5);
	assert_false(exists("undumped"));
}

static void ir_is_printed_around_passes(void **state)
{
	(void)state;
	must(DSSDC " inspect tiny.ir --print-ir-after-all --emit=json");
	assert_has(err, "(unchanged)");
	for (int i = 0; i < pipeline_inference.length; i++)
		assert_has(err, pipeline_inference.pass[i].name);
	must(DSSDC " inspect tiny.ir --print-ir-before=fuse_act --print-ir-after=fuse_act --emit=json");
	char *first = strstr(err, "dssdc.ir 1"), *second = first ? strstr(first + 1, "dssdc.ir 1") : NULL;
	assert_non_null(second);
	assert_null(strstr(second + 1, "dssdc.ir 1"));
	assert_non_null(strstr(second, "act=relu"));
	*second = 0;
	assert_null(strstr(first, "act=relu"));
	must(DSSDC " inspect tiny.ir --stop-after=fuse_act --emit=ir");
	assert_has(out, "act=relu");
	must(DSSDC " inspect tiny.ir --stop-after=fuse_act --disable-pass=fuse_act --emit=ir");
	assert_lacks(out, "act=relu");
	must(DSSDC " inspect tiny.ir --stop-after=fuse_act -O0 --emit=ir");
	assert_lacks(out, "act=relu");
	must(DSSDC " inspect tiny.ir --time-passes");
	for (int i = 0; i < pipeline_inference.length; i++)
		assert_has(err, pipeline_inference.pass[i].name);
	must(DSSDC " inspect tiny.ir --verify-each");
}

static void quiet_is_quiet(void **state)
{
	(void)state;
	must(DSSDC " inspect '" SOURCE_DIR "/models/ssd300_voc.json' --width-divisor=16 --stop-after=infer_types");
	assert_has(err, "note: no weights: counted with made-up ones");
	must(DSSDC " inspect '" SOURCE_DIR "/models/ssd300_voc.json' --width-divisor=16 --quiet --stop-after=infer_types");
	assert_string_equal(err, "");
}

/* A card, and the card in our own form, with and without --weights, give the same code and the same weights. */
static void import_keeps_everything(void **state)
{
	(void)state;
	must(DSSDC " import " SMALL " -o own.ir");
	must(DSSDC " compile " SMALL " --emit=c --name=net -o by_card/");
	must(DSSDC " compile own.ir --emit=c --name=net -o by_text/");
	must("cmp by_card/net.weights by_text/net.weights");
	must("sed 3,4d by_card/net.c >1.c; sed 3,4d by_text/net.c >2.c; cmp 1.c 2.c");
	assert_int_equal(sh(DSSDC " import " SMALL " -o own.txt"), 2);
	assert_non_null(strstr(err, "give -o NAME.ir"));
	assert_int_equal(sh(DSSDC " import own.ir -o own.ir"), 5);
	must("cp own.ir other.ir; printf x >>own.safetensors");
	assert_int_equal(sh(DSSDC " inspect own.ir"), 2);
	assert_int_equal(sh(DSSDC " compile other.ir --emit=c -o none/"), 2);
	assert_non_null(strstr(err, "has no weights"));
}

/* Constants without elements: the source names weights, and they are there, in every form and language. */
static void empty_constants_compile(void **state)
{
	(void)state;
	static const char *const forms[] = {"incbin", "array", "object", "file"};
	write_text("empty.ir", "dssdc.ir 1\ngraph \"empty\"\ninput %1 \"x\" : f32[1,4,8]\nconst %2 \"none\" : f32[1,0,8] =\n"
	                       "%3 = concat \"y\" %2 %1 axis=1\noutput %3\n");
	write_text("nothing.ir", "dssdc.ir 1\ngraph \"nothing\"\ninput %1 \"x\" : f32[2,3]\nconst %2 \"w\" : f32[3,0] =\n"
	                         "%3 = matmul \"y\" %1 %2\noutput %3\n");
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 2; k++) {
			const char *name = k ? "nothing" : "empty";
			must(DSSDC " compile %s.ir --emit=c --target=c99 --weights-form=%s --name=net -o %s%d/", name, forms[i], name, i);
			must(DSSDC " compile %s.ir --emit=c --target=native --weights-form=%s --name=net -o %s%d/", name, forms[i], name,
			     i);
			must(DSSDC " compile %s.ir --emit=c --target=cuda-standalone --weights-form=%s --name=net -o %s%d/", name, forms[i],
			     name, i);
		}
}

/* Names of files are somebody else's words: a terminal obeys none of them. */
static void control_characters_are_shown(void **state)
{
	(void)state;
	static const char *const command[] = {"inspect", "check", "priors", "verify tiny.ir --input"};
	for (size_t i = 0; i < sizeof command / sizeof *command; i++) {
		assert_int_equal(sh(DSSDC " %s \"$(printf 'q\\033[31m\\302\\233')\"", command[i]), 5);
		assert_has(err, "q\\x1b[31m\\xc2\\x9b");
		assert_null(strchr(err, '\033'));
	}
}

/* A layer of Caffe that becomes several nodes is named by its own name; the last of them is meant. */
static void layers_in_parts_are_found(void **state)
{
	(void)state;
	write_text("parts.prototxt", "input: 'x' input_shape { dim: [1, 4, 6, 5] } layer { name: 'A' type: 'ArgMax' bottom: 'x' top: 'A' "
	                             "argmax_param { axis: 1 } }\n"
	                             "layer { name: 'R' type: 'ReLU' bottom: 'A' top: 'r' }\n");
	must(DSSDC " inspect parts.prototxt --output-tensor=A --emit=ir -o -");
	assert_has(out, "\"A.index\"");
	assert_null(strstr(out, "\"R\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(import_keeps_everything),
	    cmocka_unit_test(help_names_every_option),
	    cmocka_unit_test(lists_name_what_there_is),
	    cmocka_unit_test(usage_is_refused_with_a_reason),
	    cmocka_unit_test(control_characters_are_shown),
	    cmocka_unit_test(layers_in_parts_are_found),
	    cmocka_unit_test(executables_need_boxes),
	    cmocka_unit_test(every_problem_is_told_at_once),
	    cmocka_unit_test(diagnostics_look_like_gccs),
	    cmocka_unit_test(readers_may_leave),
	    cmocka_unit_test(exit_codes),
	    cmocka_unit_test(weights_beside_are_inputs),
	    cmocka_unit_test(text_of_standard_input),
	    cmocka_unit_test(strange_weights_are_said),
	    cmocka_unit_test(missing_weights_are_told),
	    cmocka_unit_test(files_in_each_others_place),
	    cmocka_unit_test(limits_of_memory),
	    cmocka_unit_test(dumps_have_a_file_for_each_pass),
	    cmocka_unit_test(ir_is_printed_around_passes),
	    cmocka_unit_test(quiet_is_quiet),
	    cmocka_unit_test(empty_constants_compile),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
