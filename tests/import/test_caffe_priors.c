/* test_caffe_priors.c -- PriorBox's fields of forks: numbers made by hand. OpenCV 4.6 gives the first two sets for
 * these layers, cut to the image (its clip is true by default, Caffe's is not); OpenVINO 2026.4's PriorBox gives the
 * densified ones. The image has 32 rows and 48 columns, the map 2 and 3: a cell is 16 by 16 pixels. */
#include "tests/import/caffe_net.h"

#define NET(param)                                                                                                     \
	"input: 'x' input_shape { dim: [1, 3, 32, 48] }\n"                                                             \
	"layer { name: 'f' type: 'Pooling' bottom: 'x' top: 'f' pooling_param { pool: AVE kernel_size: 16 stride: 16 " \
	"} }\n"                                                                                                        \
	"layer { name: 'pb' type: 'PriorBox' bottom: 'f' bottom: 'x' top: 'pb' prior_box_param { " param               \
	" variance: [0.1, 0.1, 0.2, 0.2] } }\n"
#define LISTS "offset_h: [0.3, 0.7] offset_w: [0.4, 0.6]"

/* Of a network with these fields: so many boxes; from box `at` on they are these, in pixels. */
static void expect_boxes(const char *text, const ImportOptions *o, int boxes, int at, int count, const double *want)
{
	CaffeNet n = {.text = text, .o = o ? *o : caffe_plain};
	Graph *g = net_good(n);
	Arena *a = arena_new();
	Tensor out;
	double *x = arena_new_array(a, double, 3 * 32 * 48);
	eval_graph(g, (const double *const[]){x}, &out, NULL, NULL, a);
	assert_int_equal(out.type.rank, 3);
	assert_int_equal(type_count(&out.type), 8 * boxes);
	for (int i = 0; i < count; i++)
		if (fabs(out.data[4 * at + i] * (i % 2 ? 32 : 48) - want[i]) > 1e-3)
			fail_msg("%s\nnumber %d is %.6g, not %.6g", text, 4 * at + i, out.data[4 * at + i] * (i % 2 ? 32 : 48), want[i]);
	for (int i = 0; i < 4 * boxes; i++)
		assert_true(fabs(out.data[4 * boxes + i] - (i % 4 < 2 ? 0.1 : 0.2)) < 1e-7);
	arena_free(a);
	graph_free(g);
}

static void test_offsets(void **state)
{
	(void)state;
	static const char text[] = NET("min_size: 10 aspect_ratio: 2 " LISTS);
	expect_boxes(text, NULL, 36, 0,
	             NUMBERS(1.4, -0.2, 11.4, 9.8, 4.6, 6.2, 14.6, 16.2, -0.671, 1.264, 13.471, 8.336, 2.529, 7.664, 16.671, 14.736, 2.864,
	                     -2.271, 9.936, 11.871, 6.064, 4.129, 13.136, 18.271, 17.4, -0.2, 27.4, 9.8));
	expect_boxes(NET("min_size: 10 aspect_ratio: 2 clip: true " LISTS), NULL, 36, 0,
	             NUMBERS(1.4, 0, 11.4, 9.8, 4.6, 6.2, 14.6, 16.2, 0, 1.264, 13.471, 8.336));
	/* the second row, by steps; sizes as whole numbers, or as they are */
	static const char steps[] = NET("min_size: 10.9 step_h: 8 step_w: 4 offset_h: 0.25 offset_w: 1");
	ImportOptions o = caffe_plain;
	expect_boxes(steps, &o, 6, 4, NUMBERS(8 - 5, 10 - 5, 8 + 5, 10 + 5));
	o.prior_sizes = "exact";
	expect_boxes(steps, &o, 6, 4, NUMBERS(8 - 5.45, 10 - 5.45, 8 + 5.45, 10 + 5.45));
	o.prior_offset = "pixels";
	expect_boxes(steps, &o, 6, 4, NUMBERS(5 - 5.45, 8.25 - 5.45, 5 + 5.45, 8.25 + 5.45));
	/* one pair is `offset` */
	expect_boxes(NET("min_size: 10 max_size: 40 aspect_ratio: 2 flip: false offset_h: 0.5 offset_w: 0.5"), NULL, 18, 0,
	             NUMBERS(3, 3, 13, 13, -2, -2, 18, 18, 0.929, 4.464, 15.071, 11.536, 19, 3, 29, 13));
	expect_boxes(NET("min_size: 10 max_size: 40 aspect_ratio: 2 flip: false offset: 0.5"), NULL, 18, 0,
	             NUMBERS(3, 3, 13, 13, -2, -2, 18, 18, 0.929, 4.464, 15.071, 11.536, 19, 3, 29, 13));
}

static void test_listed(void **state)
{
	(void)state;
	expect_boxes(NET("width: [12, 8] height: [30, 9]"), NULL, 12, 0,
	             NUMBERS(2, -7, 14, 23, 4, 3.5, 12, 12.5, 18, -7, 30, 23, 20, 3.5, 28, 12.5));
	expect_boxes(NET("width: [12, 8] height: [30, 9] clip: true"), NULL, 12, 0, NUMBERS(2, 0, 14, 23, 4, 3.5, 12, 12.5));
	expect_boxes(NET("width: [12, 8] height: [30, 9]"), NULL, 12, 11, NUMBERS(36, 19.5, 44, 28.5));
	expect_boxes(NET("width: 7.5 height: 4.5 " LISTS), NULL, 12, 0, NUMBERS(2.65, 2.55, 10.15, 7.05, 5.85, 8.95, 13.35, 13.45));
}

static void test_dense(void **state)
{
	(void)state;
	static const char text[] = NET("fixed_size: 16 density: 2");
	expect_boxes(
	    text, NULL, 24, 0,
	    NUMBERS(0, 0, 12, 12, 4, 0, 20, 12, 0, 4, 12, 20, 4, 4, 20, 20, 12, 0, 28, 12, 20, 0, 36, 12, 12, 4, 28, 20, 20, 4, 36, 20));
	expect_boxes(text, NULL, 24, 23, NUMBERS(36, 20, 48, 32));
	/* whole pixels: a square of 13, its half 6, a shift of 13.7 / 3 = 4 */
	expect_boxes(NET("fixed_size: [13.7, 5] density: [3, 1]"), NULL, 60, 4,
	             NUMBERS(8 - 6.5, 8 - 6.5, 8 + 6.5, 8 + 6.5, 12 - 6.5, 8 - 6.5, 12 + 6.5, 8 + 6.5));
	expect_boxes(NET("fixed_size: [13.7, 5] density: [3, 1]"), NULL, 60, 9, NUMBERS(6, 6, 11, 11));
	/* by ratios: as wide as the size is, not as its whole pixels are */
	expect_boxes(NET("fixed_size: 8.5 density: 1 fixed_ratio: [4, 0.25]"), NULL, 12, 0,
	             NUMBERS(0, 5.875, 16.5, 10.125, 5.875, 0, 10.125, 16.5));
	expect_boxes(NET("fixed_size: 8.5 density: 1 aspect_ratio: 4"), NULL, 18, 0,
	             NUMBERS(4, 4, 12, 12, 0, 5.875, 16.5, 10.125, 5.875, 0, 10.125, 16.5));
	expect_boxes(NET("fixed_size: 8.5 density: 1 aspect_ratio: 4 flip: false"), NULL, 12, 0,
	             NUMBERS(4, 4, 12, 12, 0, 5.875, 16.5, 10.125));
	/* min_size behind them, uncut */
	expect_boxes(NET("fixed_size: 8 density: 1 min_size: 20 max_size: 45"), NULL, 18, 0,
	             NUMBERS(4, 4, 12, 12, -2, -2, 18, 18, -7, -7, 23, 23, 20, 4, 28, 12));
	expect_boxes(NET("fixed_size: 8 density: 1 fixed_ratio: 1 min_size: 20 aspect_ratio: 4 flip: false clip: true"), NULL, 18, 0,
	             NUMBERS(4, 4, 12, 12, 0, 0, 18, 18, 0, 3, 28, 13));
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
		int status;
	} bad[] = {
	    {NET("min_size: 4 offset_h: 0.5"), "layer 'pb': 1 offset_h and 0 offset_w; as many of each are needed", DIAG_REJECT},
	    {NET("min_size: 4 offset: 0.5 " LISTS), "offset_h and offset_w exclude offset", DIAG_REJECT},
	    {NET("min_size: 4 start: 2 " LISTS), "offset_h and offset_w exclude start", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1 " LISTS), "offset_h and offset_w exclude fixed_size", DIAG_REJECT},
	    {NET("min_size: 4 offset_h: inf offset_w: 1"), "an offset that is no finite number", DIAG_REJECT},
	    {NET(LISTS), "0 min_size; 1 to 8 are accepted", DIAG_REJECT},
	    {NET("width: 4"), "1 width and 0 height; as many of each are needed", DIAG_REJECT},
	    {NET("width: 4 height: 4 min_size: 3"), "width and height exclude min_size", DIAG_REJECT},
	    {NET("width: 4 height: 4 aspect_ratio: 3"), "width and height exclude aspect_ratio", DIAG_REJECT},
	    {NET("width: 4 height: -4"), "a box of 4 by -4 pixels", DIAG_REJECT},
	    {NET("width: nan height: 4"), "a box of nan by 4 pixels", DIAG_REJECT},
	    {NET("width: 4 height: 4 fixed_size: 3 density: 1"), "width and height exclude fixed_size, fixed_ratio and density",
	     DIAG_REJECT},
	    {NET("fixed_size: 4"), "1 fixed_size and 0 density; as many of each are needed", DIAG_REJECT},
	    {NET("fixed_ratio: 4"), "0 fixed_size and 0 density", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1.5"), "density is 1.5; a whole number from 1 to 256 is accepted", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 0"), "density is 0; a whole number from 1 to 256 is accepted", DIAG_REJECT},
	    {NET("fixed_size: 0.5 density: 1"), "fixed_size is 0.5; 1 to 1048576 is accepted", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1 fixed_ratio: 0"), "fixed_ratio is 0; more than 0 is accepted", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1 aspect_ratio: -1"), "aspect_ratio is -1; more than 0 is accepted", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1 fixed_ratio: 2 aspect_ratio: 3"), "fixed_ratio excludes aspect_ratio", DIAG_REJECT},
	    {NET("fixed_size: 4 density: 1 min_size: 0.5"), "a size of 0.5 pixels; 1 to 2147483647 is accepted", DIAG_REJECT},
	    {NET("fixed_size: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4] density: [256, 256, 256, 256, 256, 256, 256, "
	         "256, 256, 256, "
	         "256, 256, 256]"),
	     "851968 default boxes in each of 6 cells; the limit is 4194304 in all", DIAG_LIMIT},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		net_refused((CaffeNet){.text = bad[i].text}, bad[i].status, bad[i].message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_offsets),
	    cmocka_unit_test(test_listed),
	    cmocka_unit_test(test_dense),
	    cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
