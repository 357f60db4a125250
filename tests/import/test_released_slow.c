/* test_released_slow.c -- as test_released.c at full width: 0.7 and 1.02 GB of weights, imported in the memory of their
 * largest layer. */
#include "tests/import/released.h"

#include <sys/stat.h>

static void test_full(void **state)
{
	static const char *const card[] = {"dssd321_voc", "dssd513_coco"};
	char folder[300];
	(void)state;
	temporary_folder(folder);
	for (int i = 0; i < 2; i++)
		check_release(card[i], 0, false, folder);
	rmdir(folder);
}

static int import_status(const char *text)
{
	const ImportOptions o = {.threshold = -1, .nms = -1};
	Diag d = {0};
	graph_free(import_caffe(text, &o, &d));
	return diag_exit_code(&d);
}

static void test_memory(void **state)
{
	char folder[300], text[400], weights[400];
	const ImportOptions o = {.threshold = -1, .nms = -1};
	Diag d = {0};
	struct stat st;
	(void)state;
	temporary_folder(folder);
	snprintf(text, sizeof text, "%s/net.prototxt", folder);
	snprintf(weights, sizeof weights, "%s/net.caffemodel", folder);
	Graph *g = import_card("models/dssd513_coco.json", &o, &d);
	assert_non_null(g);
	make_up(g);
	Release r = {.card = g, .decoder = true, .last_level = 10};
	write_release(&r, text, weights);
	graph_free(g);
	assert_int_equal(stat(weights, &st), 0);
	assert_true(st.st_size > 1020000000 && st.st_size < 1022000000); /* dssd.md 8: 255,183,632 floats */
	Cost c = run_apart(import_status, text, DIAG_OK);
	printf("    %lld bytes of weights: %zu KiB resident, %.2f s of processor time\n", (long long)st.st_size, c.resident, c.cpu);
	if (!SANITIZED)
		assert_true(c.resident < 192 << 10);
	remove(text);
	remove(weights);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
