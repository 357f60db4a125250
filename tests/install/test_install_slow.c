/* test_install_slow.c -- what is installed works where it lies, without the tree that it was built from. */
#include "tests/install/installed.h"

#include <ctype.h>

static void everything_has_its_place(void **state)
{
	static const char *const files[] = {
	    "bin/dssdc",
	    "share/dssdc/models/dssd321_mobilenet.json",
	    "share/dssdc/models/dssd321_mobilenet.safetensors",
	    "share/dssdc/models/dssd321_mobilenet.LICENSE",
	    "share/dssdc/models/voc.labels",
	    "share/dssdc/examples/find_dssdc.sh",
	    "share/dssdc/examples/02_embed_c/watch.c",
	    "share/dssdc/examples/03_cmake/CMakeLists.txt",
	    "share/dssdc/examples/04_python/detect.py",
	    "share/dssdc/examples/05_cuda/main.c",
	    "share/dssdc/examples/photos/chelsea.png",
	    "share/doc/dssdc/README.md",
	    "share/doc/dssdc/copyright",
	    "share/bash-completion/completions/dssdc",
	    "share/cmake/dssdc/dssdcConfig.cmake",
	    "share/pkgconfig/dssdc.pc",
	    "share/man/man1/dssdc.1",
	};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[256];
		snprintf(path, sizeof path, PREFIX "/%s", files[i]);
		if (!exists(path))
			fail_msg("%s is not installed", files[i]);
	}
	must("find " PREFIX " -name detect.sh -o -name '*.o' -o -name __pycache__");
	assert_string_equal(out, "");
	must("DESTDIR=\"$PWD/staged\" cmake --install '" BUILD_DIR "' >/dev/null && find staged -path '*/bin/dssdc' -perm 755");
	assert_has(out, "/bin/dssdc");
}

/* Neither in messages, nor for debuggers, nor in scripts. */
static void no_path_of_the_build_is_left(void **state)
{
	(void)state;
	must("for d in ir passes codegen compiler runtime models examples install; do echo \"" SOURCE_DIR "/$d/\"; done >paths");
	must("echo '" BUILD_DIR "' >>paths && wc -l <paths && grep -rlFf paths " PREFIX " || true");
	assert_string_equal(out, "9\n");
}

static void it_runs_from_where_it_was_moved(void **state)
{
	(void)state;
	must("cp -r " PREFIX " moved && mkdir elsewhere && cd elsewhere && "
	     "../moved/bin/dssdc compile ../moved/share/dssdc/models/dssd321_mobilenet.json --emit=c -o detect.c");
	must("head -1 elsewhere/detect.c && moved/bin/dssdc --version");
	assert_has(out, "/* detect.c -- made by dssdc ");
	must("cd elsewhere && PATH=$PWD/../moved/bin:$PATH && dssdc inspect ../moved/share/dssdc/models/ssd300_voc.json");
	assert_has(out, "conv1_1 ");
	must("moved/bin/dssdc --manual | cmp - moved/share/man/man1/dssdc.1");
	must("moved/bin/dssdc --completion | cmp - moved/share/bash-completion/completions/dssdc");
	if (exists(BUILD_DIR "/dssdc-check.so")) {
		must("cd elsewhere && ../moved/bin/dssdc check detect.c");
		assert_int_equal(sh("rm moved/lib/dssdc/dssdc-check.so && moved/bin/dssdc check elsewhere/detect.c"), 3);
		assert_has(err, "no dssdc-check.so");
	}
}

static void pkg_config_finds_it(void **state)
{
	(void)state;
	if (sh("pkg-config --version")) {
		printf("no pkg-config (Debian: pkgconf)\n");
		skip();
	}
#define PKG_CONFIG "PKG_CONFIG_PATH=\"$PWD/" PREFIX "/share/pkgconfig\" pkg-config "
	must(PKG_CONFIG "--exists dssdc && $(" PKG_CONFIG "--variable=program dssdc) --version");
	assert_has(out, "dssdc ");
	must("test -f $(" PKG_CONFIG "--variable=models dssdc)/dssd321_mobilenet.json");
	must("test -f $(" PKG_CONFIG "--variable=examples dssdc)/03_cmake/main.cpp");
	must(PKG_CONFIG "--cflags --libs dssdc | tr -d ' \\n'");
	assert_string_equal(out, "");
}

/* project(VERSION) is the only place. */
static void all_say_the_same_version(void **state)
{
	char version[64], want[512];
	(void)state;
	must("sed -n 's/^project(dssdc VERSION \\([0-9.]*\\).*/\\1/p' '" SOURCE_DIR "/CMakeLists.txt' | tr -d '\\n'");
	assert_true(isdigit((unsigned char)out[0]));
	snprintf(version, sizeof version, "%.60s", out);
	must(PREFIX "/bin/dssdc --version && sed -n 's/^\\.TH DSSDC 1 \"\" \"\\([^\"]*\\)\".*/\\1/p' " PREFIX "/share/man/man1/dssdc.1 && "
	            "sed -n 's/^Version: /dssdc /p' " PREFIX "/share/pkgconfig/dssdc.pc && "
	            "sed -n 's/^set(PACKAGE_VERSION \"\\(.*\\)\")/dssdc \\1/p' " PREFIX "/share/cmake/dssdc/dssdcConfigVersion.cmake && "
	            "sed -n 's/^# bash completion of \\(.*\\);.*/\\1/p' " PREFIX "/share/bash-completion/completions/dssdc && " PREFIX
	            "/bin/dssdc compile " SMALL " --emit=c -o v/v.c && sed -sn '1s/.* made by \\(.*\\); do.*/\\1/p' v/v.c v/v.h");
	snprintf(want, sizeof want, "dssdc %s\n", version);
	int n = 0;
	for (const char *s = out; *s; s += strlen(want), n++)
		if (strncmp(s, want, strlen(want)))
			fail_msg("%s, but:\n%s", want, out);
	assert_int_equal(n, 7);
}

/* The program alone, in a folder of no other file. */
static void a_copy_needs_libc_only(void **state)
{
	(void)state;
	must("rm -rf alone && mkdir alone && cp '" BUILD_DIR "/dssdc' alone/dssdc && ldd alone/dssdc");
	if (strstr(out, "libasan") || strstr(out, "libubsan")) {
		printf("built with sanitizers, which are libraries: what a copy needs is not looked at\n");
		skip();
	}
	assert_has(out, "libc.so");
	must("ldd alone/dssdc | grep -vE '^\t(linux-vdso|linux-gate|libc|libm|/[^ ]*/ld-linux[^ /]*|/[^ ]*/ld64)[.]so' || true");
	assert_string_equal(out, "");
}

/* Without environment, module and models of an installation: C is emitted, and one note says what was not checked. */
static void a_copy_works_alone(void **state)
{
	(void)state;
	must("rm -rf alone && mkdir alone && cp '" BUILD_DIR "/dssdc' alone/dssdc && cd alone && env -i ./dssdc compile " SMALL
	     " --emit=c -o c/net.c");
	assert_string_equal(out, "");
	assert_has(err, "dssdc: note: the source is not checked: ");
	assert_has(err, "dssdc-check.so");
	assert_true(strchr(err, '\n') == err + strlen(err) - 1); /* one line */
	must("ls alone/c | tr '\\n' ' '");
	assert_string_equal(out, "net.c net.h net.manifest.json net.weights ");
	must("gcc -std=c99 -Wall -Wextra -Werror -Ialone/c -c alone/c/net.c -o alone/net.o");
}

static void a_package_is_made(void **state)
{
	(void)state;
	if (sh("command -v cpack dpkg-deb")) {
		printf("no cpack or no dpkg-deb (not a Debian system): no package\n");
		skip();
	}
	/* With what gcc brings along; dpkg-shlibdeps, fakeroot and file are not among them. */
	must("mkdir few && for c in cpack cmake make cc gcc sh bash strip objdump ldd dpkg-query dpkg dpkg-deb cat ls; do "
	     "ln -s \"$(command -v $c)\" few/$c; done");
	must("PATH=$PWD/few cpack --config '" BUILD_DIR "/CPackConfig.cmake' -G DEB -B \"$PWD/package\"");
	must("mv package/dssdc_*.deb dssdc.deb");
	must("dpkg-deb -f dssdc.deb Package Depends Recommends Version Maintainer Architecture Section");
	assert_has(out, "Package: dssdc\n");
	assert_has(out, "Depends: libc6 (>= ");
	const char *recommends = strstr(out, "Recommends: ");
	assert_non_null(recommends);
	const char *depends = strstr(out, "Depends: libc6 (>= "), *end = strchr(depends, '\n');
	assert_memory_equal(end - 1, ")\n", 2); /* and nothing else */
	assert_lacks(out, "example.invalid");
	assert_has(recommends, "gcc | clang");
	assert_has(recommends, "libpng-dev");
	if (exists(BUILD_DIR "/dssdc-check.so"))
		assert_true(strstr(out, "libclang1-19") >= recommends); /* and not in Depends */
	must("dpkg-deb -c dssdc.deb | awk '{print $1, $2, $6}'");
	assert_has(out, "-rwxr-xr-x root/root ./usr/bin/dssdc\n");
	assert_has(out, "-rw-r--r-- root/root ./usr/share/man/man1/dssdc.1\n");
	assert_has(out, "-rw-r--r-- root/root ./usr/share/doc/dssdc/copyright\n");
	assert_has(out, "-rwxr-xr-x root/root ./usr/share/dssdc/examples/03_cmake/run.sh\n");
	assert_lacks(out, "/usr/local");
	must("dpkg-deb -x dssdc.deb unpacked && unpacked/usr/bin/dssdc inspect unpacked/usr/share/dssdc/models/ssd300_voc.json");
	assert_has(out, "conv1_1 ");
	must("test $(dpkg-deb -f dssdc.deb Version) = $(unpacked/usr/bin/dssdc --version | sed 's/dssdc //')");
	assert_int_equal(sh("grep -rlFf paths unpacked"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_has_its_place),
	    cmocka_unit_test(no_path_of_the_build_is_left),
	    cmocka_unit_test(it_runs_from_where_it_was_moved),
	    cmocka_unit_test(pkg_config_finds_it),
	    cmocka_unit_test(all_say_the_same_version),
	    cmocka_unit_test(a_copy_needs_libc_only),
	    cmocka_unit_test(a_copy_works_alone),
	    cmocka_unit_test(a_package_is_made),
	};
	return cmocka_run_group_tests(tests, install_begin, work_end);
}
