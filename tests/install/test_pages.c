/* test_pages.c -- the manual page and the completion for bash: they say what the program takes, and nothing else. */
#include "compiler/option_table.h"
#include "tests/shell.h"

/* bash as it stands when somebody presses the tab key: `complete compile --target = a` prints what is offered. */
#define COMPLETION                                                                                      \
	"eval \"$(" DSSDC " --completion)\"\ntab() { COMP_WORDS=(dssdc \"$@\") COMP_CWORD=$#; _dssdc; " \
	"echo \"${COMPREPLY[*]}\"; }\n"

static int begin(void **state)
{
	if (work_begin(state))
		return 1;
	write_text("deploy.prototxt", "name: \"x\"\ninput: \"data\"\ninput_dim: 1\ninput_dim: 3\ninput_dim: 8\ninput_dim: 8\n"
	                              "layer { name: \"r\" type: \"ReLU\" bottom: \"data\" top: \"r\" }\n");
	return 0;
}

/* In bash, whatever /bin/sh is. */
static void bash(const char *script)
{
	write_text("script", script);
	must("bash script");
	assert_string_equal(err, "");
}

static void tab(const char *words, const char *want)
{
	char script[4096];
	snprintf(script, sizeof script, COMPLETION "tab %s", words);
	bash(script);
	size_t n = strlen(out);
	if (n && out[n - 1] == '\n')
		out[n - 1] = 0;
	assert_string_equal(out, want);
}

static void completion_offers_commands_and_options(void **state)
{
	(void)state;
	tab("''", "compile inspect verify import eval priors check passes targets ops --help --version --manual --completion");
	tab("ins", "inspect");
	tab("compile --arc", "--arch=");
	tab("inspect --arc", "");
	tab("compile --are", "--arena=");
	tab("compile -O", "-O0 -O1");
	tab("eval --json", "--json=");
	tab("check --json", "--json");
	tab("passes -", "--help");
	tab("passes ''", "");
}

static void completion_offers_values(void **state)
{
	(void)state;
	tab("compile --target avx", "avx2 avx512");
	tab("compile --target = avx", "avx2 avx512");
	tab("compile --target =", "c99 vector4 avx2 avx512 cuda-standalone cuda native");
	tab("compile --target=avx", "--target=avx2 --target=avx512"); /* COMP_WORDBREAKS without = */
	tab("inspect --stop-after plan", "plan_memory");
	tab("inspect --disable-pass plan", ""); /* it is not optional */
	tab("inspect --disable-pass = fold", "fold_norm");
	tab("inspect --emit ''", "text ir json dot html plans");
	tab("compile --batch ''", "");
	must("mkdir folder && echo >file");
	tab("compile fi", "file");
	tab("compile --weights = fi", "file");
	tab("verify --ref f", "folder");
	tab("compile --batch = 8 fi", "file");
}

static int count_words(const char *text)
{
	int n = 0;
	for (const char *s = text; *s; s++)
		n += *s != ' ' && (s == text || s[-1] == ' ');
	return n;
}

/* Each value that is offered is taken by the program, which refuses another one in this place. */
static void values_are_those_that_the_program_takes(void **state)
{
	static const struct {
		const char *option, *command, *operands;
		int n;
	} cases[] = {
	    {"--emit", "compile", "none.ir", 11},
	    {"--emit", "inspect", "deploy.prototxt -o report", 6},
	    {"--weights-form", "compile", "none.ir --emit=c", 4},
	    {"--arena", "compile", "none.ir --emit=c", 2},
	    {"--target", "inspect", "deploy.prototxt", 7},
	    {"--precision", "inspect", "deploy.prototxt --target=cuda", 5},
	    {"--prior-offset", "inspect", "deploy.prototxt", 2},
	    {"--prior-sizes", "inspect", "deploy.prototxt", 2},
	    {"--channel-order", "inspect", SMALL, 2},
	    {"--disable-pass", "inspect", "deploy.prototxt", 11},
	    {"--print-ir-after", "inspect", "deploy.prototxt", 16},
	    {"--profile", "check", "script", 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char script[4096];
		snprintf(script, sizeof script,
		         COMPLETION "for v in $(tab %s %s '') zzz; do printf '%%s ' $v; " DSSDC " %s %s %s=$v 2>&1 >/dev/null | "
		                    "grep -E 'takes|does not know|unknown target|computes in|no pass is called|is needed'; done; true",
		         cases[i].command, cases[i].option, cases[i].command, cases[i].operands, cases[i].option);
		bash(script);
		char *refused = strstr(out, "zzz ");
		assert_non_null(refused);
		assert_has(refused, "dssdc: error: ");
		*refused = 0;
		if (count_words(out) != cases[i].n)
			fail_msg("%s %s: %s", cases[i].command, cases[i].option, out);
	}
	must(DSSDC " eval --help");
	assert_has(out, "voc07 (11 recalls), voc10 (area), coco");
	tab("eval --protocol ''", "voc07 voc10 coco");
}

static void completion_is_clean(void **state)
{
	(void)state;
	must(DSSDC " --completion >dssdc.bash && bash -n dssdc.bash");
	if (!sh("command -v shellcheck"))
		must("shellcheck -s bash dssdc.bash");
}

static void manual_has_everything(void **state)
{
	static char page[1 << 18];
	(void)state;
	must(DSSDC " --manual >dssdc.1");
	read_text("dssdc.1", page, sizeof page);
	for (const CommandInfo *c = command_info; c->name; c++) {
		char entry[128];
		snprintf(entry, sizeof entry, ".TP\n\\fB%s\\fR", c->name);
		assert_has(page, entry);
	}
	for (int i = 0; i < ROW_COUNT; i++) {
		char entry[128] = ".TP\n\\fB";
		for (const char *s = option_info[i].name; *s; s++)
			snprintf(entry + strlen(entry), sizeof entry - strlen(entry), *s == '-' ? "\\-" : "%c", *s);
		assert_has(page, entry);
	}
	assert_has(page, "(compile, verify)");
	assert_has(page, "(every command)");
	assert_has(page, "required: the IR text is written to NAME.ir, the weights to NAME.safetensors beside it\n.br\n(import)\n.IP\n");
#define HELP(member, which, help, words) assert_true(option_info[ROW_##member].commands &(which));
#include "compiler/option_help.def"
	must(DSSDC " --version | tr -d '\\n' >version");
	read_text("version", err, sizeof err);
	char title[256];
	snprintf(title, sizeof title, ".TH DSSDC 1 \"\" \"%.100s\" ", err);
	assert_has(page, title);
}

static void manual_is_clean(void **state)
{
	(void)state;
	must(DSSDC " --manual >dssdc.1");
	if (sh("command -v groff")) {
		printf("no groff: the manual page is not formatted\n");
		skip();
	}
	must("groff -man -ww -T ascii -P -cbou dssdc.1");
	assert_string_equal(err, "");
	assert_has(out, "--weights-form=FORM");
	assert_has(out, "--threshold=X");
	assert_has(out, "EXIT STATUS");
	assert_lacks(out, "\\");
}

/* Each file that a command of README.md writes, named or beside a named one, is ignored by git. */
static void the_readme_leaves_nothing_behind(void **state)
{
	(void)state;
	if (sh("git -C '" SOURCE_DIR "' rev-parse")) {
		print_message("no git, or no work tree of git: what README.md leaves is not looked at\n");
		skip();
	}
	must("awk '/^```sh/{inside=1;next} /^```/{inside=0} inside&&/dssdc +(compile|inspect|import|eval|priors) /{sub(/ "
	     "#.*/,\"\");print}' '" SOURCE_DIR "/README.md' >commands && test $(wc -l <commands) -ge 12");
	must("! grep -E 'dssdc +(compile|import) ' commands | grep -v -- ' -o '");
	must("grep -oE -- '(-o |--(json|curves|scatter|dump-dir|manifest)=)[^ ]+' commands | sed -E 's/^--dump-dir=.*/&\\//; s/^-o "
	     "|^[^=]*=//' >named && test $(wc -l <named) -ge 12");
	must("{ cat named; sed -nE 's/^lib(.*)\\.(a|so)$/\\1.h/p; s/\\.ir$/.safetensors/p' named; } | sort -u >written");
	must("git -C '" SOURCE_DIR "' check-ignore --no-index --stdin <written | sort >ignored; cat ignored; diff written ignored");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(completion_offers_commands_and_options),
	    cmocka_unit_test(completion_offers_values),
	    cmocka_unit_test(values_are_those_that_the_program_takes),
	    cmocka_unit_test(completion_is_clean),
	    cmocka_unit_test(the_readme_leaves_nothing_behind),
	    cmocka_unit_test(manual_has_everything),
	    cmocka_unit_test(manual_is_clean),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
