/* test_rules.c -- every rule of dssdc check finds its fault, at its line, and finds nothing in emitted code. */
#include "tests/check/checker.h"

static const Fault bad[] = {
    {"E00: unused variable 'x'", 2,
     "static int net_f(void);\nstatic int net_f(void) { int x; return 0; }\nint net_g(void);\nint net_g(void) { return net_f(); }\n"},
    {"E00: implicit conversion", 3, "int net_f(long x);\nint net_f(long x)\n{ return x; }\n"},
    {"E01: calls malloc", 4, "#include <stdlib.h>\nvoid *net_f(void);\nvoid *net_f(void) {\n\treturn malloc(4); }\n"},
    {"E01: calls puts", 3, "#include <stdio.h>\nvoid net_f(void);\nvoid net_f(void) { puts(\"x\"); }\n"},
    {"E02: index 4 of an array of 4", 2, "int net_f(void);\nint net_f(void) { static const int a[4] = {0}; return a[4]; }\n"},
    {"E02: index 7 of an array of 6", 2,
     "int net_f(const int (*a)[6]);\nint net_f(const int (*a)[6]) { enum { N = 3 }; return a[0][2 * N + 1]; }\n"},
    {"E03: 'a' has a variable length", 2, "int net_f(int n);\nint net_f(int n) { int a[n]; a[0] = 1; return a[0]; }\n"},
    {"E04: a `while` loop", 3, "int net_f(int n);\nint net_f(int n) {\n\twhile (n > 3) n -= 2;\n return n; }\n"},
    {"E04: a `do` loop", 3, "int net_f(int n);\nint net_f(int n) {\n\tdo n -= 2; while (n > 3);\n return n; }\n"},
    {"E04: the bound of 'i' may change", 2, "int net_f(int n);\nint net_f(int n) { for (int i = 0; i < n; i++) n--; return n; }\n"},
    {"E04: the bound of 'i' may change", 2,
     "int net_f(const int *n);\nint net_f(const int *n) { int s = 0; for (int i = 0; i < n[0]; i++) s++; return s; }\n"},
    {"E04: the bound of 'i' is not constant", 2,
     "int net_f(int n);\nint net_f(int n) { int s = 0; for (int i = 0; i < n; i++) s++; return s; }\n"},
    {"E04: the step of 'i' is not constant", 2,
     "int net_f(int n);\nint net_f(int n) { int s = 0; for (int i = 1; i < 9; i *= 2) s += n; return s; }\n"},
    {"E04: the loop has no counter", 2, "int net_f(int n);\nint net_f(int n) { for (;;) { n++; if (n > 3) break; } return n; }\n"},
    {"E05: the loop's counter 'i' is written", 2,
     "int net_f(int n);\nint net_f(int n) { for (int i = 0; i < 9; i++) { if (n) i = 8; n++; } return n; }\n"},
    {"E05: the loop's counter 'i' is written", 2,
     "int net_f(void);\nint net_f(void) { int n = 0; for (int i = 0; i < 9; i++) { int *p = &i; n += *p; } return n; }\n"},
    {"E06: 'f' points to a function", 1, "int net_f(int (*f)(void));\nint net_f(int (*f)(void)) { return f(); }\n"},
    {"E07: a goto", 2, "int net_f(int n);\nint net_f(int n) { if (n) goto end;\n n = 1;\nend: return n; }\n"},
    {"E08: a cast to a pointer", 2, "float net_f(const int *p);\nfloat net_f(const int *p) { return *(const float *)p; }\n"},
    {"E08: a cast to a pointer", 3, "#include <stdint.h>\nint net_f(uintptr_t p);\nint net_f(uintptr_t p) { return *(int *)p; }\n"},
    {"E08: a cast to a pointer", 2, "int net_f(const void *p);\nint net_f(const void *p) { return *(const int *)p; }\n"},
    {"E09: a float becomes an integer", 2, "int net_f(float x);\nint net_f(float x) { return (int)x; }\n"},
    {"E10: 'a' takes 260 bytes", 2, "int net_f(int n);\nint net_f(int n) { int a[65] = {0}; a[n & 7] = 1; return a[3]; }\n"},
    {"E11: 'net_state' can be changed", 1, "int net_state;\n"},
    {"E12: 'helper' does not begin with 'net_'", 1, "int helper(void);\nint helper(void) { return 0; }\n"},
    {"E12: 'netx' does not begin with 'net_'", 1, "int netx(void);\nint netx(void) { return 0; }\n"},
    {"E13: 'net_f' takes any number", 1, "int net_f(int n, ...);\nint net_f(int n, ...) { return n; }\n"},
    {"E14: assembly", 2, "void net_f(void);\nvoid net_f(void) { __asm__ volatile(\"nop\"); }\n"},
    {"E14: more than one block", 2,
     "__asm__(\".balign 64\");\n__asm__(\".balign 32\");\nint net_f(void);\nint net_f(void) { return 0; }\n"},
    {"E15: a union", 2, "float net_f(int n);\nfloat net_f(int n) { union { int i; float f; } u; u.i = n; return u.f; }\n"},
    {"E16: floats are compared", 2, "int net_f(float x);\nint net_f(float x) { return x == 1.0f; }\n"},
    {"E17: a comma operator", 2, "int net_f(int n);\nint net_f(int n) { n++, n--; return n; }\n"},
    {"E18: an integer is divided", 2, "int net_f(int n, int m);\nint net_f(int n, int m) { return n / m; }\n"},
    {"E18: an integer is divided", 2, "int net_f(int n, int m);\nint net_f(int n, int m) { n %= m; return n; }\n"},
    {"E19: a statement inside", 2, "int net_f(int n);\nint net_f(int n) { return __extension__({ int k = n; k + 1; }); }\n"},
    {"E20: net_f can call itself", 2, "int net_f(int n);\nint net_f(int n) { return n > 0 ? net_f(n - 1) : 0; }\n"},
    {"E20: net_g can call itself", 3,
     "static int net_h(int n);\nint net_g(int n);\nint net_g(int n) { return net_h(n); }\nstatic int net_h(int n) { return n > 0 ? net_g(n "
     "- 1) : 0; }\n"},
    {"E21: a read not proved", 2,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4}; return n < 0 || n > 4 ? 0 : a[n]; }\n"},
    {"E21: a read not proved", 2,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4}; return n > 3 ? 0 : a[n]; }\n"},
    {"E21: a write not proved", 2,
     "int net_f(void);\nint net_f(void) { int a[4] = {0}; for (int i = 0; i <= 4; i++) a[i] = i; return a[0]; }\n"},
    {"E21: a write not proved", 3,
     "int net_f(void);\nint net_f(void) { int a[20] = {0}, at = 0; for (int i = 0; i < 10; i++)\nfor (int k = 0; k < 3; k++) a[at++] = "
     "i;\nreturn a[0]; }\n"},
    {"E21: a write not proved", 3,
     "static void net_g(int x[4]);\nint net_f(void);\nstatic void net_g(int x[4]) { x[4] = 1; }\nint net_f(void) { int a[8] = {0}; "
     "net_g(a); return a[0]; }\n"},
    {"E21: the array 'x' that is passed", 4,
     "static void net_g(int x[4]);\nint net_f(void);\nstatic void net_g(int x[4]) { x[3] = 1; }\nint net_f(void) { int a[8] = {0}; net_g(a "
     "+ 5); return a[0]; }\n"},
    {"E21: a read through a pointer", 2, "int net_f(const int *p);\nint net_f(const int *p) { return *p; }\n"},
    {"E21: memcpy from a place", 3,
     "#include <string.h>\nint net_f(void);\nint net_f(void) { static const char a[4] = {1, 2, 3, 4}; char b[8]; memcpy(b, a, 5); return "
     "b[0]; }\n"},
    /* a break in an early round, with what it leaves behind */
    {"E21: a read not proved", 5,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4};\nconst int *p = a;\nfor (int i = 0; i < 20; i++) { if (i "
     "== 19) p = a; else p += 1; if (n == i) break; }\nreturn *p; }\n"},
    /* a guard that a `continue` may pass by */
    {"E21: a read not proved", 6,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4};\nint at = 0;\nfor (int i = 0; i < 20; i++) { at++; if (n "
     "== i) continue;\nif (i == 2) break; }\nreturn a[at]; }\n"},
    {"E21: a write not proved", 4,
     "int net_f(int n);\nint net_f(int n) { int a[10] = {0}, at = 0;\nfor (int i = 0; i < 20; i++) { if (n > i) at += 1;\na[at] = i; "
     "}\nreturn a[0]; }\n"},
    /* a condition that ends the loop in any round, a counter that wraps, what a function writes to an array of its caller's */
    {"E21: a read not proved", 4,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4}; int at = 0;\nfor (int i = 0; i < 20 && n > i; i++) at += "
     "1;\nreturn at == 20 ? 0 : a[at]; }\n"},
    {"E21: a read not proved", 2,
     "int net_f(void);\nint net_f(void) { static const int a[4] = {1, 2, 3, 4}; int n = 0; for (int i = 0; i < 5 && a[i] > 0; i++) n++; "
     "return n; }\n"},
    {"E21: a loop whose rounds", 2,
     "int net_f(void);\nint net_f(void) { static const int a[4] = {1, 2, 3, 4}; int n = 0; for (unsigned i = 3; i + 1 > 0 && i >= 0; i--) "
     "n += a[i]; return n; }\n"},
    {"E21: a loop whose rounds", 2,
     "int net_f(void);\nint net_f(void) { static const int a[4] = {1, 2, 3, 4}; int n = 0; for (unsigned i = 3; i >= 0; i--) n += a[i]; "
     "return n; }\n"},
    {"E21: a read not proved", 5,
     "static void net_g(int x[2]);\nint net_f(void);\nstatic void net_g(int x[2]) { x[1] = 9; }\nint net_f(void) { static const int a[4] = "
     "{1, 2, 3, 4}; int at[2] = {0, 1}; net_g(at);\nreturn a[at[1]]; }\n"},
    {"E21: a read not proved", 3,
     "int other(int *p);\nint net_f(void);\nint net_f(void) { static const int a[4] = {1, 2, 3, 4}; int n = 0; (void)other(&n); return "
     "a[n]; }\n"},
    {"E21: a read not proved", 2,
     "int net_f(void);\nint net_f(void) { static const int a[4] = {1, 2, 3, 4}; int n = 0; __asm__(\"nop\" : \"=r\"(n)); return a[n]; }\n"},
    {"E21: a read not proved", 4,
     "typedef struct { int x, y; } net_pair;\nnet_pair net_f(int n);\nnet_pair net_f(int n) { static const net_pair a[2] = {{1, 2}, {3, "
     "4}};\nconst net_pair p = a[n & 3]; return p; }\n"},
    {"E21: a read not proved", 2,
     "int net_f(int n);\nint net_f(int n) { static const int a[4] = {1, 2, 3, 4}, b[2][3] = {{1}, {2, 2, 2}}; return a[b[n & 1][2] - 1]; "
     "}\n"},
};

static void every_fault_is_found(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	assert_found(bad, sizeof bad / sizeof *bad, "net.c");
}

/* One of each profile; every card, target, level and form is in test_emitted_slow.c. */
static void emitted_code_keeps_the_rules(void **state)
{
	static const char *const targets[] = {"c99", "avx2"}, *const profiles[] = {"c99", "vector"};
	(void)state;
	if (!can_check())
		skip();
	for (int i = 0; i < 2; i++) {
		must(DSSDC " compile '" SOURCE_DIR
		           "/tests/cuda/tiny.ir' --random-weights=1 --emit=c --quiet --no-check --target=%s --name=net -o %s/",
		     targets[i], targets[i]);
		must(DSSDC " check %s/net.c", targets[i]);
		assert_has(out, ": 0 findings, profile ");
		assert_has(out, profiles[i]);
	}
	must(DSSDC " check c99/net.c --json");
	assert_string_equal(out, "{\"file\":\"c99/net.c\",\"profile\":\"c99\",\"findings\":[]}\n");
}

/* Files that are not ours get findings or an error, never a crash. */
static void strange_files(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	must(DSSDC " check --rules");
	assert_has(out, "E21  every place");
	write_text("empty.c", "");
	assert_int_equal(sh(DSSDC " check empty.c"), 1); /* ISO C wants a declaration */
	write_text("broken.c", "int f( { ] = ; \"");
	assert_int_equal(sh(DSSDC " check broken.c"), 1);
	assert_int_equal(sh(DSSDC " check none.c"), 5);
	assert_int_equal(sh("cp empty.c ./-dash.c && " DSSDC " check -- -dash.c"), 1);
	assert_int_equal(sh(DSSDC " check ."), 2);
	assert_int_equal(sh(DSSDC " check empty.c --profile=c11"), 2);
	assert_has(err, "--profile takes c99, vector or cuda, not 'c11'");
	assert_int_equal(sh(DSSDC " check empty.c --profile=vectr"), 2);
	assert_has(err, "did you mean 'vector'?");
	must(DSSDC " check --help");
#define PROFILE(name, constant, help) assert_has(out, " " #name ":");
#include "check/profiles.def"
	assert_int_equal(sh(DSSDC " check"), 2);
}

/* E22 to E24: against the manifest beside the file, which must be one. */
static void the_manifest_is_kept(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	static const struct {
		const char *edit, *finding; /* of the manifest, by sed */
	} edits[] = {
	    {"/\"ram\":/,/bytes/s/\"bytes\":\t[0-9]*/\"bytes\":\t64/", "E22: "},
	    {"s/\"net_version\"/\"net_other\"/", "E23: 'net_version' is external"},
	    {"/\"places\":/,/macs/s/\"offset\":\t0,/\"offset\":\t64,/", "E24: "},
	    {"s/\"use\":\t\"input\"/\"use\":\t\"result\"/", "E24: "}, /* pixels go to the input's place */
	    {"s/\"manifest\":\t1/\"manifest\":\t2/", "no manifest of version 1"},
	    {"s/\"name\":/\"tool\":/", "duplicate name 'tool'"},
	};
	must(DSSDC " compile '" SOURCE_DIR "/tests/golden/detector.ir' --emit=c --quiet --no-check --target=c99 --name=net -o kept/");
	must(DSSDC " check kept/net.c");
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		must("rm -rf other && cp -r kept other && sed -i '%s' other/net.manifest.json && ! cmp -s kept/net.manifest.json "
		     "other/net.manifest.json",
		     edits[i].edit);
		assert_int_not_equal(sh(DSSDC " check other/net.c"), 0);
		assert_has(err, edits[i].finding);
	}
}

/* E26: NAME.weights beside the source is cut, changed, another model's, or a pointer of git-lfs. */
static void weights_are_the_sources(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	static const struct {
		const char *damage, *finding;
	} cases[] = {
	    {"head -c -1 kept/net.weights >other/net.weights", "E26: net.weights has 2879 bytes; 2880 were written"},
	    {"printf 'version https://git-lfs\n' >other/net.weights", "E26: net.weights has 24 bytes"},
	    {"printf '#' | dd of=other/net.weights bs=1 seek=100 conv=notrunc status=none", "E26: net.weights was changed"},
	    {"printf '#' | dd of=other/net.weights bs=1 seek=9 conv=notrunc status=none", "E26: net.weights holds weights of hash"},
	    {"printf '#' | dd of=other/net.weights bs=1 seek=0 conv=notrunc status=none", "E26: net.weights is no file of weights"},
	};
	must(DSSDC " compile '" SOURCE_DIR "/tests/golden/detector.ir' --emit=c --quiet --no-check --target=c99 --name=net -o kept/");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		must("rm -rf other && cp -r kept other && %s", cases[i].damage);
		assert_int_equal(sh(DSSDC " check other/net.c"), 1);
		assert_has(err, cases[i].finding);
	}
	must("rm other/net.weights && " DSSDC " check other/net.c"); /* kept elsewhere: a build without it fails */
}

/* On a device too: floats do not fit an input of two bytes an element, whatever else begins there. */
static void pixels_have_their_place(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	must(DSSDC " compile '" SOURCE_DIR
	           "/tests/golden/detector.ir' --emit=c --quiet --no-check --target=cuda-standalone --name=net -o cuda/");
	must(DSSDC " check cuda/net.cu");
	must("sed -i '/\"use\":\t\"input\"/,/bytes/s/\"bytes\":\t768/\"bytes\":\t384/' cuda/net.manifest.json && grep -q 384 "
	     "cuda/net.manifest.json");
	assert_int_not_equal(sh(DSSDC " check cuda/net.cu"), 0);
	assert_has(err, "E24: 768 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_fault_is_found),    cmocka_unit_test(emitted_code_keeps_the_rules),
	    cmocka_unit_test(strange_files),           cmocka_unit_test(the_manifest_is_kept),
	    cmocka_unit_test(weights_are_the_sources), cmocka_unit_test(pixels_have_their_place),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
