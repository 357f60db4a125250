/* test_emitted_slow.c -- what is emitted for every card, on every target of C, with and without optional passes, in every form,
 * keeps the rules of dssdc check. Widths are divided: the rules do not look at numbers of channels. Outside of a full run the cards
 * for COCO are left out, which have other numbers of classes than those for VOC. */
#include "tests/check/checker.h"
#include "tests/full.h"

static const char *const cards[] = {"ssd300_voc",  "ssd300_coco",  "ssd512_voc",       "ssd512_coco", "ssd321_voc",
                                    "ssd321_coco", "ssd513_voc",   "ssd513_coco",      "dssd321_voc", "dssd321_coco",
                                    "dssd513_voc", "dssd513_coco", "dssd321_mobilenet"};
static const char *const targets[] = {"c99", "vector4", "avx2", "avx512"};
static const char *const options[] = {
    "--arena=caller",    "--weights-form=array", "--weights-form=object", "--weights-form=file", "--weights-form=file --arena=caller",
    "-O0 --arena=caller"};
static int files;

static void check_emitted(const char *card, const char *target, const char *option)
{
	must(DSSDC " compile '" SOURCE_DIR "/models/%s.json' --width-divisor=8 --random-weights=1 --emit=c --quiet --no-check "
	           "--target=%s %s --name=net -o out/",
	     card, target, option);
	must(DSSDC " check out/net.c");
	files++;
}

static void every_card_keeps_the_rules(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	for (size_t c = 0; c < sizeof cards / sizeof *cards; c += full_run() ? 1 : 2)
		for (int t = 0; t < 4; t++)
			for (int level = 0; level < 2; level++)
				check_emitted(cards[c], targets[t], level ? "-O1" : "-O0");
	for (size_t o = 0; o < sizeof options / sizeof *options; o++)
		for (int t = 0; t < 4; t++)
			check_emitted("dssd321_mobilenet", targets[t], options[o]);
	print_message("figure: %d C files of cards and options, false alarms 0\n", files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_card_keeps_the_rules)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
