/* test_precision.c -- average precision on cases small enough to work out by hand; k-means against every partition;
 * what is refused in data sets and in a program's lines. */
#include "tests/shell.h"

#include "eval/kmeans.h"
#include "eval/precision.h"

#include <math.h>

static void assert_near(double got, double want)
{
	if (!(fabs(got - want) < 1e-12))
		fail_msg("%.15g, not %.15g", got, want);
}

/* Two photographs; class 0 has objects A (photo 0), B (photo 1) and a difficult one (photo 1). */
static Dataset *two_photos(void)
{
	static Object first[] = {{0, {0, 0, 10, 10}, 100, false}};
	static Object second[] = {{0, {0, 0, 10, 10}, 100, false}, {0, {50, 50, 10, 10}, 100, true}};
	static Photo photo[] = {{"a", 0, 100, 100, first, 1}, {"b", 1, 100, 100, second, 2}};
	static const char *class[] = {"thing", "absent"};
	static Dataset s = {photo, 2, class, 2, false};
	return &s;
}

/* By falling score: right (A), wrong (A again), not counted (difficult), wrong (nothing there), right (B, overlap 0.5). */
static Detection five[] = {
    {0, 0, 0.9, {0, 0, 10, 10}},   {0, 0, 0.8, {1, 0, 10, 10}}, {1, 0, 0.7, {50, 50, 10, 10}},
    {0, 0, 0.6, {70, 70, 10, 10}}, {1, 0, 0.5, {0, 0, 10, 5}},
};

static void test_voc(void **state)
{
	(void)state;
	Arena *a = arena_new();
	const Detections f = {.item = five, .n = 5};
	Curve c[2];
	precision_voc(two_photos(), &f, 0.5, true, c, a);
	assert_int_equal(c[0].nobject, 2);
	assert_int_equal(c[0].ndetection, 4);
	/* recall 1/2 at precision 1, recall 1 at precision 2/4: recalls 0 .. 0.5 give 1, the other five give 0.5 */
	assert_near(c[0].ap, (6 * 1 + 5 * 0.5) / 11);
	assert_near(c[1].ap, -1);
	precision_voc(two_photos(), &f, 0.5, false, c, a);
	assert_near(c[0].ap, 0.5 * 1 + 0.5 * 0.5);
	precision_voc(two_photos(), &f, 0.51, false, c, a); /* B is no longer found */
	assert_near(c[0].ap, 0.5);
	arena_free(a);
}

/* The same as COCO: at overlap 0.5 precisions are 1 up to recall 0.5 (51 of 101 recalls), then 2/4; above it B is
 * missed. The crowd swallows its detection. Objects of 100 pixels are small. */
static void test_coco(void **state)
{
	(void)state;
	Arena *a = arena_new();
	const Detections f = {.item = five, .n = 5};
	CocoResult *r = precision_coco(two_photos(), &f, a);
	assert_near(r->number[1], (51 * 1 + 50 * 0.5) / 101);
	assert_near(r->number[2], 51.0 / 101);
	assert_near(r->number[3], r->number[0]);
	assert_near(r->number[4], -1);
	/* AR with one detection a photograph: A at every overlap; photograph b's best is the crowd's */
	assert_near(r->number[6], 0.5);
	assert_near(r->number[8], (1 + 9 * 0.5) / 10);
	assert_int_equal(r->nobject[0], 2);
	assert_near(r->class_ap[1], -1);
	arena_free(a);
}

static double cluster_error(const double *x, int from, int to)
{
	double mean = 0, e = 0;
	for (int i = from; i < to; i++)
		mean += x[i] / (to - from);
	for (int i = from; i < to; i++)
		e += (x[i] - mean) * (x[i] - mean);
	return e;
}

/* Least error of x[from..n-1] in k intervals, by trying all. */
static double best_partition(const double *x, int from, int n, int k)
{
	if (k == 1)
		return cluster_error(x, from, n);
	double best = INFINITY;
	for (int to = from + 1; to <= n - k + 1; to++)
		best = fmin(best, cluster_error(x, from, to) + best_partition(x, to, n, k - 1));
	return best;
}

static void test_kmeans(void **state)
{
	(void)state;
	uint64_t seed = 1;
	Arena *a = arena_new();
	for (int n = 1; n <= 10; n++)
		for (int k = 1; k <= n; k++) {
			double x[10], sum = 0;
			for (int i = 0; i < n; i++) {
				seed = seed * 6364136223846793005u + 1;
				x[i] = (sum += (double)(seed >> 60)); /* ascending, with repeats */
			}
			int first[11];
			double error = kmeans(x, n, k, first, a), parts = 0;
			assert_true(fabs(error - best_partition(x, 0, n, k)) < 1e-9);
			for (int c = 0; c < k; c++) {
				assert_true(first[c] < first[c + 1]);
				parts += cluster_error(x, first[c], first[c + 1]);
			}
			assert_true(fabs(error - parts) < 1e-9);
			assert_int_equal(first[0], 0);
			assert_int_equal(first[k], n);
		}
	/* three heaps: a fourth cluster would save next to nothing */
	const double heaps[] = {1, 1.001, 1.002, 5, 5.001, 5.002, 9, 9.001, 9.002};
	int first[8];
	assert_int_equal(kmeans_grow(heaps, 9, 0.999, 7, first, a), 3);
	assert_int_equal(first[1], 3);
	assert_int_equal(first[2], 6);
	arena_free(a);
}

/* ---- forms of data sets, and what is refused ---- */

static void test_forms(void **state)
{
	(void)state;
	must("mkdir -p voc/Annotations voc/JPEGImages voc/ImageSets/Main");
	write_text("voc/ImageSets/Main/test.txt", "000001\n");
	write_text("voc/Annotations/000001.xml",
	           "<annotation><filename>000001.jpg</filename><size><width>353</width><height>500</height></size>"
	           "<object><name>dog</name><difficult>0</difficult><bndbox><xmin>48</xmin><ymin>240</ymin><xmax>195</xmax>"
	           "<ymax>371</ymax></bndbox><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>"
	           "<object><name>person</name><difficult>1</difficult><bndbox><xmax>352</xmax><xmin> 8 </xmin><ymin>12</ymin>"
	           "<ymax>498</ymax></bndbox></object></annotation>");
	write_text("voc/Annotations/000002.xml", "<annotation><filename>000002.jpg</filename></annotation>");
	write_text("table.tsv", "# a comment\n000001.jpg\ttest\tdog 48 240 195 371;person 8 12 352 498\n000002.jpg\ttrain\t\n");
	write_text("coco.json", "{\"images\":[{\"id\":7,\"file_name\":\"000001.jpg\",\"width\":353,\"height\":500}],\"categories\":["
	                        "{\"id\":3,\"name\":\"dog\"},{\"id\":9,\"name\":\"person\"}],\"annotations\":[{\"image_id\":7,"
	                        "\"category_id\":3,\"bbox\":[47,239,148,132],\"area\":19536,\"iscrowd\":0},{\"image_id\":7,"
	                        "\"category_id\":9,\"bbox\":[7,11,345,487],\"area\":168015,\"iscrowd\":1}]}");
	static const struct {
		const char *path, *split;
		int nphoto;
	} form[] = {{"voc", NULL, 2},       {"voc", "test", 1},       {"voc/Annotations", NULL, 2},
	            {"table.tsv", NULL, 2}, {"table.tsv", "test", 1}, {"coco.json", NULL, 1}};
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		Arena *a = arena_new();
		Diag d = {.out = stderr};
		Dataset *s = dataset_read(form[i].path, &(DatasetOptions){.split = form[i].split}, a, &d);
		assert_non_null(s);
		assert_int_equal(s->nphoto, form[i].nphoto);
		assert_int_equal(s->nclass, 2);
		assert_string_equal(s->class[1], "person");
		const Object *o = s->photo[0].object;
		assert_int_equal(s->photo[0].nobject, 2);
		assert_true(o[0].box.x == 47 && o[0].box.y == 239 && o[0].box.w == 148 && o[0].box.h == 132 && o[0].area == 19536);
		assert_int_equal(o[1].class, 1);
		assert_int_equal(o[1].ignored, strcmp(form[i].path, "table.tsv") != 0);
		arena_free(a);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *file, *text, *command;
		int status;
		const char *message;
	} row[] = {
	    {"t.tsv", "a.jpg dog 1 2 3 4\n", "priors t.tsv", 2, "t.tsv:1:1: error: a photograph and its objects are separated by a tab"},
	    {"t.tsv", "a.jpg\tdog 1 2 3\n", "priors t.tsv", 2, "t.tsv:1:1: error: 'dog 1 2 3' is no object"},
	    {"t.tsv", "#\n../a.jpg\tdog 1 2 3 4\n", "priors t.tsv", 2, "t.tsv:2:1: error: '../a.jpg' is no path below"},
	    {"t.tsv", "a.jpg\tdog 5 2 3 4\n", "priors t.tsv", 2, "is inside out"},
	    {"t.tsv", "", "priors t.tsv", 2, "no photograph in it"},
	    {"t.tsv", "a.jpg\tx\tdog 1 2 3 4\n", "priors t.tsv --split=y", 2, "no photograph in it that belongs to split 'y'"},
	    {"t.tsv", "a.jpg\tdog 1 2 3 4\n", "priors t.tsv", 5, "does not tell its size, and it cannot be read as JPEG or PNG"},
	    {"c.json", "{\"images\":[],\"annotations\":[]}", "priors c.json", 2, "/categories must be a list"},
	    {"c.json", "{\"images\":[{\"id\":1.5,\"file_name\":\"x\"}],\"annotations\":[],\"categories\":[]}", "priors c.json", 2,
	     "/images/0/id must be a whole number"},
	    {"c.json", "{\"images\":[],\"categories\":[],\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,3,4]}]}",
	     "priors c.json", 2, "/annotations/0: no image has the id 1"},
	    {"v/a.xml", "<annotation><object><name>x</name></object></annotation>", "priors v", 2, "an <object> needs <name> and <bndbox>"},
	    {"v/a.xml", "<annotation><object>", "priors v", 2, "v/a.xml:1:"},
	    {"t.tsv", "a.jpg\tdog 1 2 3 4\n", "eval none t.tsv", 5, "cannot run './none'"},
	    {"t.tsv", "a.jpg\tdog 1 2 3 4\n", "eval /bin/false t.tsv", 5, "/bin/false: error: it ended with status 1"},
	    {"t.tsv", "a.jpg\tdog 1 2 3 4\n", "eval /bin/true t.tsv", 2, "no line about './a.jpg'"},
	    {"t.tsv", "a.jpg\tdog 1 2 3 4\n", "eval /bin/true t.tsv --protocol=voc", 2, "--protocol does not know 'voc'"},
	    {"r.jsonl", "{\"file\":\"b.jpg\",\"detections\":[]}\n", "eval r.jsonl t.tsv", 2, "the data set has no such photograph"},
	    {"r.jsonl", "{\"file\":\"a.jpg\",\"detections\":[]}\n{\"file\":\"a.jpg\",\"detections\":[]}\n", "eval r.jsonl t.tsv", 2,
	     "r.jsonl:2:9: error: /file: this photograph was there before"},
	    {"r.jsonl", "{\"file\":\"a.jpg\",\"detections\":[{\"label\":\"dog\",\"score\":1,\"box\":[1,2,3]}]}\n", "eval r.jsonl t.tsv", 2,
	     "a box is four numbers"},
	    {"r.jsonl", "{\"file\":\"a.jpg\",\"detections\":[01]}\n", "eval r.jsonl t.tsv", 2, "r.jsonl:1:"},
	};
	must("mkdir -p v");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		write_text(row[i].file, row[i].text);
		int status = sh(DSSDC " %s", row[i].command);
		if (status != row[i].status || !strstr(err, row[i].message))
			fail_msg("%s: status %d, %s", row[i].command, status, err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_voc),   cmocka_unit_test(test_coco),    cmocka_unit_test(test_kmeans),
	    cmocka_unit_test(test_forms), cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
