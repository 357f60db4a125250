/* test_outputs.c -- what a command writes to: links, devices, FIFOs, modes, its own inputs; pairs of files that belong together. */
#include "tests/shell.h"

static void write_small_model(void)
{
	must("cp '" SOURCE_DIR "/tests/golden/detector.ir' m.ir && chmod u+w m.ir");
}

static void links_are_followed(void **state)
{
	(void)state;
	must(DSSDC " inspect m.ir --emit=json -o want.json");
	must("ln -s target l && " DSSDC " inspect m.ir --emit=json -o l && test -h l && cmp target want.json");
	/* a chain through another folder, absolute and relative; the target is not there yet */
	must("mkdir -p a/b && ln -s b/second a/first && ln -s \"$PWD/a/first\" third");
	must(DSSDC " inspect m.ir --emit=json -o third && test -h third && test -h a/first && cmp a/b/second want.json");
	must("ln -s ring1 ring2 && ln -s ring2 ring1");
	assert_int_equal(sh(DSSDC " inspect m.ir --emit=json -o ring1"), 5);
	assert_has(err, "ring1: error: cannot write");
	must("ln -s a dir && " DSSDC " inspect m.ir --emit=json -o dir/x.json && cmp a/x.json want.json");
	assert_int_equal(sh(DSSDC " inspect m.ir --emit=json -o dir"), 5);
	assert_has(err, "Is a directory");
}

static void fifos_and_devices_stay(void **state)
{
	(void)state;
	must(DSSDC " inspect m.ir --emit=json -o want.json");
	must("mkfifo f && { cat f >got & } && " DSSDC " inspect m.ir --emit=json -o f && wait && test -p f && cmp got want.json");
	must(DSSDC " inspect m.ir --emit=json -o /dev/stdout >piped && cmp piped want.json");
	must(DSSDC " inspect m.ir --emit=json -o /dev/stdout | cmp - want.json");
	must("exec 5>fifth; " DSSDC " inspect m.ir --emit=json -o /dev/fd/5; cmp fifth want.json");
	if (sh("mknod null c 1 3 && mknod full c 1 7 && echo >null")) {
		printf("skipped: no device can be made here\n");
		return;
	}
	must(DSSDC " inspect m.ir --emit=json -o null && test -c null");
	assert_int_equal(sh(DSSDC " inspect m.ir --emit=json -o full"), 5);
	assert_has(err, "full: error: cannot write: No space left on device");
	must("test -c full");
	/* one of several: the others are there first */
	must("mkdir set && cp -a null set/x.manifest.json");
	must(DSSDC " compile m.ir --emit=c --no-check -o set/x.c && test -c set/x.manifest.json && grep -q x_detect set/x.c");
	assert_folder("set", "x.c x.h x.manifest.json x.weights");
}

static void modes_are_kept(void **state)
{
	(void)state;
	must("touch secret && chmod 600 secret && " DSSDC " inspect m.ir --emit=json -o secret && test $(stat -c %%a secret) = 600");
	must("touch shared && chmod 664 shared && " DSSDC " inspect m.ir --emit=json -o shared && test $(stat -c %%a shared) = 664");
	must("umask 027 && " DSSDC " inspect m.ir --emit=json -o fresh && test $(stat -c %%a fresh) = 640");
	must("umask 022 && " DSSDC " compile m.ir --emit=c --no-check -o modes.c && test $(stat -c %%a modes.c) = 644");
	must("umask 022 && chmod 600 modes.h && " DSSDC
	     " compile m.ir --emit=c --no-check -o modes.c && test $(stat -c %%a modes.h) = 600");
	must("umask 077 && " DSSDC " import m.ir -o modes.ir && test $(stat -c %%a modes.safetensors) = 600");
}

static void inputs_are_never_outputs(void **state)
{
	static const char *const never[] = {
	    "import net.json -o net.ir", /* would write net.safetensors, which the card names */
	    "inspect net.json --emit=json -o net.safetensors",
	    "inspect net.json --emit=json -o net.labels",
	    "inspect net.json --emit=json -o link",
	    "inspect net.json --emit=json -o hard",
	    "compile net.json --no-check -o net.labels",
	    "compile net.json --no-check --emit=obj --manifest=net.labels -o o.o",
	    "compile net.json --no-check --emit=c --name=w -o w.c", /* w.weights is a hard link */
	    "inspect d/001-import.ir --dump-dir=d --emit=ir -o /dev/null",
	    "inspect - --emit=ir -o m.ir <m.ir",
	};
	(void)state;
	must(DSSDC " import '" SOURCE_DIR "/tests/import/good.json' --random-weights=1 --quiet -o net.ir && rm net.ir && printf "
	           "'background\\ncat\\ndog\\n' >net.labels && "
	           "sed 's/\"classes\": 3/\"classes\": 3, \"weights\": \"net.safetensors\", \"labels\": \"net.labels\"/' '" SOURCE_DIR
	           "/tests/import/good.json' >net.json");
	must(DSSDC " inspect net.json");
	must(DSSDC " inspect m.ir --dump-dir=d --emit=ir -o d.ir");
	must("ln -s net.safetensors link && ln net.labels hard && ln net.safetensors w.weights && cat net.* d/001-import.ir m.ir | "
	     "sha256sum >sum");
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		if (sh(DSSDC " %s", never[i]) != 5)
			fail_msg("%s is done: %s", never[i], err);
		assert_has(err, "this is a file that the model is read from [io]");
		must("cat net.* d/001-import.ir m.ir | sha256sum | cmp - sum");
	}
	must("! ls -d .dssdc-* d/.dssdc-*");
	assert_int_equal(sh(DSSDC " compile m.ir --no-check --emit=obj --manifest=./same.o -o same.o --quiet --cflags=-O0"), 2);
	assert_has(err, "another result");
	assert_false(exists("same.o"));
}

static void mixed_pairs_are_known(void **state)
{
	(void)state;
	must("cp '" SOURCE_DIR "/tests/import/good.json' good.json");
	must(DSSDC " import good.json --random-weights=1 --quiet -o one.ir && " DSSDC " inspect one.ir --emit=ir >one");
	must(DSSDC " import good.json --random-weights=1 --threshold=0.25 --quiet -o two.ir");
	must("cp two.ir mixed.ir && cp one.safetensors mixed.safetensors");
	assert_int_equal(sh(DSSDC " inspect mixed.ir"), 2);
	assert_has(err, "mixed.ir: error: this text and mixed.safetensors do not come from one dssdc import: import the model again");
	must(DSSDC " inspect mixed.ir --weights=mixed.safetensors");
	must(DSSDC " import one.ir --quiet -o again.ir && cmp again.ir one.ir && cmp again.safetensors one.safetensors");
}

static void nothing_of_ours_follows_links(void **state)
{
	(void)state;
	must("echo victim >victim && sh -c 'ln -s victim out.json.$$.tmp; exec " DSSDC " inspect m.ir --emit=json -o out.json'");
	must("test \"$(cat victim)\" = victim");
}

static void a_missing_checker_is_said(void **state)
{
	(void)state;
	must("mkdir alone && cp " DSSDC " alone/dssdc");
	must("alone/dssdc compile m.ir --emit=c -o alone/net.c");
	assert_has(err, "note: the source is not checked: there is no dssdc-check.so");
	must("rm alone/net.*");
	assert_int_equal(sh("alone/dssdc compile m.ir --emit=c --check -o alone/net.c"), 3);
	assert_has(err, "error: cannot check the source, as --check asks for");
	assert_folder("alone", "dssdc");
	must("alone/dssdc compile m.ir --emit=c --no-check -o alone/net.c");
	assert_string_equal(err, "");
	assert_int_equal(sh(DSSDC " compile m.ir --emit=c --check --no-check -o x.c"), 2);
}

static void any_number_of_words(void **state)
{
	(void)state;
	must(
	    "mkdir words && cat >many <<'EOF'\n#!/bin/sh\nfor last; do :; done\necho $# >words/count\ntouch \"$last\"\nEOF\nchmod +x many");
	must("CC=./many TMPDIR=$PWD/words " DSSDC " compile m.ir --no-check --emit=obj -o words/o.o --quiet --cflags=\"$(for i in $(seq "
	     "3000); do printf -- '-DX%%d ' $i; done)\"");
	must("test $(cat words/count) -gt 3000");
	assert_folder("words", "count o.h o.o");
}

/* What the C compiler made lies in $TMPDIR, which may be another file system. */
static void other_file_systems(void **state)
{
	(void)state;
	if (sh("mkdir elsewhere far && mount -t tmpfs none elsewhere 2>/dev/null") &&
	    sh("test -w /dev/shm && test $(stat -c %%d /dev/shm) != $(stat -c %%d .) && rmdir elsewhere && ln -s $(mktemp -d "
	       "/dev/shm/dssdc-test-XXXXXX) elsewhere")) {
		printf("skipped: there is no second file system\n");
		return;
	}
	must("cat >copy <<'EOF'\n#!/bin/sh\nfor last; do :; done\necho object >\"$last\"\nEOF\nchmod +x copy");
	must("echo old >far/o.o; chmod 640 far/o.o");
	must("CC=./copy TMPDIR=$PWD/elsewhere " DSSDC " compile m.ir --no-check --emit=obj -o far/o.o --quiet");
	must("test \"$(cat far/o.o)\" = object && test $(stat -c %%a far/o.o) = 640 && test -z \"$(ls -A elsewhere)\"");
	assert_folder("far", "o.h o.o");
	must("umount elsewhere 2>/dev/null || rm -rf \"$(readlink elsewhere)\"");
}

static int begin(void **state)
{
	if (work_begin(state))
		return -1;
	write_small_model();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_are_followed),
	    cmocka_unit_test(fifos_and_devices_stay),
	    cmocka_unit_test(modes_are_kept),
	    cmocka_unit_test(inputs_are_never_outputs),
	    cmocka_unit_test(mixed_pairs_are_known),
	    cmocka_unit_test(nothing_of_ours_follows_links),
	    cmocka_unit_test(a_missing_checker_is_said),
	    cmocka_unit_test(any_number_of_words),
	    cmocka_unit_test(other_file_systems),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
