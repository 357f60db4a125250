/* test_emitted_slow.c -- what is emitted for every VOC card, on every target, with and without optional passes, keeps the
 * rules of dssdc check. Widths are divided: the rules do not look at numbers of channels. */
#include "tests/shell.h"

static const char *const cards[] = {"ssd300_voc", "ssd512_voc", "ssd321_voc", "ssd513_voc", "dssd321_voc", "dssd513_voc", "dssd321_mobilenet"};
static const char *const targets[] = {"c99", "vector4", "avx2", "avx512"};

static void every_card_keeps_the_rules(void **state)
{
	(void)state;
	write_text("net.c", "int net_x(void);\nint net_x(void) { return 0; }\n");
	if (sh(DSSDC " check net.c") == 3) {
		print_message("skipped: %s", err);
		skip();
	}
	for (size_t c = 0; c < sizeof cards / sizeof *cards; c++)
		for (int t = 0; t < 4; t++)
			for (int level = 0; level < 2; level++) {
				must(DSSDC " compile '" SOURCE_DIR "/models/%s.json' --width-divisor=8 --random-weights=1 --emit=c --quiet --no-check "
				           "--target=%s -O%d --name=net -o out/",
				     cards[c], targets[t], level);
				must(DSSDC " check out/net.c");
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_card_keeps_the_rules)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
