/* test_released.c -- the cards' networks in the form in which the DSSD authors released theirs: imported, they are the
 * cards' graphs, number by number. Narrow ones; the full widths are in test_released_slow.c. */
#include "tests/import/released.h"

static void test_narrow(void **state)
{
	static const char *const card[] = {"dssd321_voc", "dssd513_coco", "ssd321_voc", "ssd513_coco"};
	char folder[300];
	(void)state;
	temporary_folder(folder);
	for (int i = 0; i < 4; i++)
		check_release(card[i], 8, i % 2, folder);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_narrow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
