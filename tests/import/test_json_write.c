/* test_json_write.c -- JSON as we print it is what cJSON prints of the same tree, byte for byte. */
#include "base/json_write.h"
#include "ir/memory_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_tree(JsonWriter *w, const cJSON *c)
{
	const char *key = c->string;
	if (cJSON_IsObject(c) || cJSON_IsArray(c)) {
		(cJSON_IsObject(c) ? json_object : json_list)(w, key);
		for (const cJSON *k = c->child; k; k = k->next)
			write_tree(w, k);
		(cJSON_IsObject(c) ? json_object_end : json_list_end)(w);
	} else if (cJSON_IsString(c)) {
		json_text(w, key, c->valuestring);
	} else if (cJSON_IsNumber(c)) {
		json_number(w, key, c->valuedouble);
	} else if (cJSON_IsBool(c)) {
		json_bool(w, key, cJSON_IsTrue(c));
	} else {
		json_null(w, key);
	}
}

static void check(const cJSON *c)
{
	for (int compact = 0; compact < 2; compact++) {
		MemoryText m;
		JsonWriter w = {.out = memory_text_open(&m), .compact = compact != 0};
		char *want = compact ? cJSON_PrintUnformatted(c) : cJSON_Print(c);
		write_tree(&w, c);
		char *got = memory_text_close(&m);
		assert_non_null(want);
		assert_string_equal(got, want);
		assert_int_equal(w.depth, 0);
		free(got);
		cJSON_free(want);
	}
}

static void shapes(void **state)
{
	static const char *const texts[] = {
	    "{}",
	    "[]",
	    "[[]]",
	    "{\"a\":{}}",
	    "[{},{}]",
	    "null",
	    "[1,[2,[3,{\"x\":[4,{\"y\":5}]}]],6]",
	    "{\"a\":[],\"b\":{\"c\":[{\"d\":1,\"e\":[true,false,null]},{\"f\":\"g\"}]},\"h\":0}",
	    "{\"\":\"\"}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		cJSON *c = cJSON_Parse(texts[i]);
		assert_non_null(c);
		check(c);
		cJSON_Delete(c);
	}
}

static void strings(void **state)
{
	char every[260], mixed[] = "\"\\/\b\f\n\r\t \x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \x01\x1f";
	(void)state;
	for (int i = 1; i < 256; i++)
		every[i - 1] = (char)i;
	every[255] = 0;
	cJSON *c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, every, every);
	cJSON_AddStringToObject(c, mixed, mixed);
	check(c);
	cJSON_Delete(c);
}

static void check_number(double x)
{
	cJSON *c = cJSON_CreateNumber(x);
	check(c);
	cJSON_Delete(c);
}

static void numbers(void **state)
{
	static const double some[] = {0,
	                              1,
	                              -1,
	                              0.1,
	                              1e15,
	                              1e16,
	                              1e17,
	                              1e20,
	                              123456789012345678.0,
	                              2147483647,
	                              2147483648.0,
	                              -2147483648.0,
	                              -2147483649.0,
	                              4294967296.0,
	                              DBL_MAX,
	                              DBL_MIN,
	                              5e-324,
	                              1.0 / 3,
	                              0.98977,
	                              1e-7,
	                              3.5e38,
	                              17.25};
	uint64_t x = 88172645463325252u;
	(void)state;
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		check_number(some[i]);
	check_number((double)NAN);
	check_number((double)INFINITY);
	for (int i = 0; i < 20000; i++) { /* any bits, and sums of small fractions as they come out of measurements */
		double d;
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&d, &x, sizeof d);
		check_number(d);
		check_number((double)(x >> 40) / 1000 + 0.1);
	}
}

/* What is larger than any buffer of stdio comes out whole. */
static void text_in_memory(void **state)
{
	MemoryText m;
	(void)state;
	FILE *f = memory_text_open(&m);
	for (int i = 0; i < 100000; i++)
		fprintf(f, "%d\n", i);
	assert_int_equal(memory_text_size(&m), 588890);
	char *text = memory_text_close(&m);
	assert_int_equal(strlen(text), 588890);
	assert_int_equal(m.size, 588890);
	char *at = text;
	for (int i = 0; i < 100000; i++, at++)
		assert_int_equal(strtol(at, &at, 10), i);
	free(text);
	memory_text_open(&m);
	text = memory_text_close(&m);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shapes),
	    cmocka_unit_test(strings),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(text_in_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
