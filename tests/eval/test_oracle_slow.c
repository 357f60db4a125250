/* test_oracle_slow.c -- dssdc eval against independent evaluations on made-up detections, and the trained model's AP
 * over 955 photographs. The COCO oracle needs a python with pycocotools: $DSSDC_PYTHON. */
#include "tests/shell.h"

#include "eval/precision.h"
#include "tests/eval/made_up.h"
#include "tests/shared.h"

#include <cjson/cJSON.h>
#include <math.h>

static cJSON *evaluate(const char *found, const char *set, const char *options)
{
	static char text[1 << 26];
	must(DSSDC " eval '%s' '%s' %s --json=eval.json", found, set, options);
	read_text("eval.json", text, sizeof text);
	cJSON *root = cJSON_Parse(text);
	assert_non_null(root);
	return root;
}

static double number(const cJSON *object, const char *name)
{
	const cJSON *j = cJSON_GetObjectItemCaseSensitive(object, name);
	assert_true(cJSON_IsNumber(j));
	return j->valuedouble;
}

static void make_up(const char *set, const char *path, uint64_t seed)
{
	Arena *a = arena_new();
	Diag d = {.out = stderr};
	Dataset *s = dataset_read(set, &(DatasetOptions){0}, a, &d);
	assert_non_null(s);
	made_up_detections(s, path, seed);
	arena_free(a);
}

static void test_coco(void **state)
{
	(void)state;
	const char *python = getenv("DSSDC_PYTHON"), *set = shared("coco128/instances_train2017.json");
	if (!set)
		skip();
	if (!python || sh("'%s' -c 'import pycocotools'", python)) {
		print_message("skipped: DSSDC_PYTHON names no python with pycocotools\n");
		skip();
	}
	for (int seed = 1; seed <= 3; seed++) {
		make_up(set, "coco.jsonl", (uint64_t)seed);
		cJSON *root = evaluate("coco.jsonl", set, "");
		must("'%s' '" SOURCE_DIR "/tests/eval/coco_oracle.py' '%s' coco.jsonl", python, set);
		char *line = strtok(out, "\n");
		for (int i = 0; i < COCO_NUMBERS; i++, line = strtok(NULL, "\n")) {
			assert_non_null(line);
			double want = strtod(line, NULL), got = number(root, coco_name[i]);
			print_message("%s: %.6f\n", coco_name[i], got);
			if (!(fabs(want - got) < 1e-6))
				fail_msg("%s: %.9f, pycocotools %.9f", coco_name[i], got, want);
		}
		cJSON_Delete(root);
	}
}

static void check_voc(const char *set, const char *protocol)
{
	char option[64];
	snprintf(option, sizeof option, "--protocol=%s", protocol);
	cJSON *root = evaluate("voc.jsonl", set, option), *c;
	must("python3 '" SOURCE_DIR "/tests/eval/voc_oracle.py' '%s' voc.jsonl %s", set, protocol);
	int n = 0;
	cJSON_ArrayForEach(c, cJSON_GetObjectItem(root, "classes"))
	{
		char word[80];
		snprintf(word, sizeof word, "%s ", cJSON_GetObjectItem(c, "name")->valuestring);
		char *line = strstr(out, word);
		assert_non_null(line);
		double want = strtod(line + strlen(word), NULL), got = number(c, "ap");
		if (!(fabs(want - got) < 1e-9))
			fail_msg("%s %s: %.12f, the oracle %.12f", protocol, word, got, want);
		n++;
	}
	assert_int_equal(n, 20);
	cJSON_Delete(root);
}

static void test_voc(void **state)
{
	(void)state;
	const char *set = shared("voc2007/test395_gt.tsv");
	if (!set)
		skip();
	make_up(set, "voc.jsonl", 4);
	check_voc(set, "voc07");
	check_voc(set, "voc10");
}

/* The AP that the trained model's README states: mean of the 12 classes with 8 boxes or more. */
static void test_trained_model(void **state)
{
	(void)state;
	const char *set = shared("voc2007/map_to_voc2007.tsv");
	if (!set)
		skip();
	must(DSSDC " compile " CARD " -o detect --quiet");
	cJSON *root = evaluate("./detect", set, "--split=test --min-boxes=8");
	double mean = 100 * number(root, "mean_ap");
	print_message("mean AP of the trained model: %.2f\n", mean);
	if (!(fabs(mean - 61.7) <= 0.3))
		fail_msg("mean AP %.2f, not 61.7", mean);
	cJSON_Delete(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_coco), cmocka_unit_test(test_voc), cmocka_unit_test(test_trained_model)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
