/* test_json.c -- the JSON scanner against RFC 8259: rows J1 to J12 and J15 of robustness.md, and places of values. */
#include "tests/import/tools.h"

#include "base/json.h"

/* Scans a copy that ends where the heap block ends, so that a sanitizer sees any read past it. */
static bool accepted(const char *text, size_t size, Messages *m)
{
	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	JsonDoc doc = {.text = {.file = "t", .text = copy, .size = size}};
	bool good = json_open(&doc, &m->diag);
	assert_int_equal(good, diag_errors(&m->diag) == 0);
	json_close(&doc);
	free(copy);
	return good;
}

static void expect_rejected(const char *text, size_t size)
{
	Messages m;
	messages_open(&m);
	if (accepted(text, size, &m))
		fail_msg("accepted: %.*s", (int)size, text);
	assert_int_equal(diag_errors(&m.diag), 1);
	messages_free(&m);
}

static void expect_message(const char *text, const char *message)
{
	Messages m;
	messages_open(&m);
	if (accepted(text, strlen(text), &m))
		fail_msg("accepted: %s", text);
	if (strcmp(messages_text(&m), message))
		fail_msg("%s\ngave:     %swanted:   %s", text, messages_text(&m), message);
	messages_free(&m);
}

static const char *const good[] = {
    "{}",
    "[]",
    " \t\r\n[]\n",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1.5e+3",
    "1E4",
    "\"\"",
    "[1,2,3]",
    "{\"a\":{\"a\":{\"a\":[]}},\"b\":[{},{}]}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0061\\uD834\\uDd1e\"",
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\xf4\x8f\xbf\xbf\"",
    "\"\x7f\"",
    "[0.1,1e-5,123456789012345678]",
    "{\"\":0,\"b\":1,\"\\u0062b\":2}",
    "[[],{},\"\",null]",
    "1e-400",
    "\"\xed\x9f\xbf\xee\x80\x80\"",
    "\"\xef\xbb\xbf\"",
    "{\"a\":1,\"A\":2}",
    "[\"a\",\"a\"]",
    "{\"x\":{\"k\":1},\"y\":{\"k\":1}}",
};

/* The kinds of the n_ files of JSONTestSuite. */
static const char *const bad[] = {
    "",
    " ",
    "\xef\xbb\xbf",
    "\xef\xbb\xbf{}",
    "\xff\xfe{\0}",
    "[1 true]",
    "[a\xe5]",
    "[\"\": 1]",
    "[\"\"],",
    "[,1]",
    "[1,,2]",
    "[\"x\",,]",
    "[\"x\"]]",
    "[\"\",]",
    "[\"x\"",
    "[x",
    "[3[4]]",
    "[\xff]",
    "[1:2]",
    "[,]",
    "[-]",
    "[   , \"\"]",
    "[\"a\",\n4\n,1,",
    "[1,]",
    "[1,,]",
    "[\"\va\"\\f]",
    "[*]",
    "[\"\"",
    "[1,",
    "[1,\n1\n,1",
    "[{}",
    "[fals]",
    "[nul]",
    "[tru]",
    "[++1234]",
    "[+1]",
    "[+Inf]",
    "[-01]",
    "[-1.0.]",
    "[-2.]",
    "[-NaN]",
    "[.-1]",
    "[.2e-3]",
    "[0.1.2]",
    "[0.3e+]",
    "[0.3e]",
    "[0.e1]",
    "[0E+]",
    "[0E]",
    "[0e+]",
    "[0e]",
    "[1.0e+]",
    "[1.0e-]",
    "[1.0e]",
    "[1 000.0]",
    "[1eE2]",
    "[2.e+3]",
    "[2.e-3]",
    "[2.e3]",
    "[9.e+]",
    "[Inf]",
    "[NaN]",
    "[\xef\xbc\x91]",
    "[1+2]",
    "[0x1]",
    "[0x42]",
    "[Infinity]",
    "[0e+-1]",
    "[-123.123foo]",
    "[123\xe5]",
    "[1e1\xe5]",
    "[0\xe5]",
    "[-Infinity]",
    "[-foo]",
    "[- 1]",
    "[-012]",
    "[-.123]",
    "[-1x]",
    "[1ea]",
    "[1e\xe5]",
    "[1.]",
    "[.123]",
    "[1.2a-3]",
    "[1.8011670033376514H-308]",
    "[012]",
    "01",
    "+1",
    "-",
    "[\"x\", truth]",
    "{[: \"x\"}",
    "{\"x\", null}",
    "{\"x\"::\"b\"}",
    "{\xf0\x9f\x87\xa8\xf0\x9f\x87\xad}",
    "{\"a\":\"a\" 123}",
    "{key: 'value'}",
    "{\"\xb9\":\"0\",}",
    "{\"a\" b}",
    "{:\"b\"}",
    "{\"a\" \"b\"}",
    "{\"a\":",
    "{\"a\"",
    "{1:1}",
    "{9999E9999:1}",
    "{null:null,null:null}",
    "{\"id\":0,,,,,}",
    "{'a':0}",
    "{\"id\":0,}",
    "{\"a\":\"b\"}/**/",
    "{\"a\":\"b\"}/**//",
    "{\"a\":\"b\"}//",
    "{\"a\":\"b\"}/",
    "{\"a\":\"b\",,\"c\":\"d\"}",
    "{a: \"b\"}",
    "{\"a\":\"a",
    "{ \"foo\" : \"bar\", \"a\" }",
    "{\"a\":\"b\"}#",
    "[\"\\uD800\\\"]",
    "[\"\\uD800\\u\"]",
    "[\"\\uD800\\u1\"]",
    "[\"\\uD800\\u1x\"]",
    "[\xc3\xa9]",
    "[\"\\x00\"]",
    "[\"\\\\\\\"]",
    "[\"\\\t\"]",
    "[\"\\\xf0\x9f\x8c\x80\"]",
    "[\"\\\"]",
    "[\"\\u00A\"]",
    "[\"\\uD834\\uDd\"]",
    "[\"\\uD800\\uD800\\x\"]",
    "[\"\\u\xe5\"]",
    "[\"\\a\"]",
    "[\"\\uqqqq\"]",
    "[\"\\\xe5\"]",
    "[\\u0020\"asd\"]",
    "[\\n]",
    "\"",
    "['single quote']",
    "abc",
    "[\"\\",
    "[\"new\nline\"]",
    "[\"\t\"]",
    "\"\\UA66D\"",
    "\"\"x",
    "[\xe2\x81\xa0]",
    "<.>",
    "[<null>]",
    "[1]x",
    "[1]]",
    "['",
    "[True]",
    "1]",
    "{\"x\": true,",
    "[][]",
    "]",
    "}",
    "\xef\xbb{}",
    "\xe5",
    "[",
    "{\"asd\":\"asd\"",
    "{,",
    "{[",
    "{\"a",
    "{'a'",
    "[\"\\{[\"\\{[\"\\{[\"\\{",
    "\xe9",
    "*",
    "{\"a\":\"b\"}#{}",
    "[\\u000A\"\"]",
    "[1",
    "[ false, nul",
    "[ true, fals",
    "[ false, tru",
    "{\"asd\":\"asd\"",
    "\xc3\xa5",
    "{\"a\":1,\"b\"}",
    "[\f]",
    "[\"asd]",
    "aa\xcc\x88",
    "[\xe2\x81\xa0]",
    /* rows J7, J10, J11 and more */
    "[1e400]",
    "[-1e400]",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\ud800\"",
    "\"\xc0\x80\"",
    "\"\xff\"",
    "\"\x01\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xe0\x80\x80\"",
    "\"\xf0\x80\x80\x80\"",
    "\"\xc3\"",
    "\"\xe2\x82\"",
    "\"\\u0000\"",
    "{\"\\u0000\":1}",
    "{\"a\\u0000b\":1}",
    "{} {}",
    "{}\x01",
    "nulll",
    "[1,2",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"\\ud834\\udd1e\":1,\"\xf0\x9d\x84\x9e\":2}",
    "[{\"q\":{\"a\":1,\"b\":2,\"a\":3}}]",
    "{\"abcdefgh1\":1,\"abcdefgh2\":1,\"abcdefgh1\":1}",
};

static void test_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		Messages m;
		messages_open(&m);
		if (!accepted(good[i], strlen(good[i]), &m))
			fail_msg("%s: %s", good[i], messages_text(&m));
		messages_free(&m);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_rejected(bad[i], strlen(bad[i]));
	expect_rejected("[1]\0", 4);
	expect_rejected("\0", 1);
	expect_rejected("[\"a\0b\"]", 7);
	expect_rejected("\xff\xfe{\0}\0", 6);
	expect_rejected("{\0", 2);
}

static void test_messages(void **state)
{
	(void)state;
	expect_message("", "t:1:1: error: empty: a JSON value is needed [rejected]\n");
	expect_message("\xef\xbb\xbf{}", "t:1:1: error: a byte order mark; JSON has none [rejected]\n");
	expect_message("{\n  \"a\": 01\n}", "t:2:8: error: not a JSON number [rejected]\n");
	expect_message("{\n  \"a\": 1,\n  \"\\u0061\": 2\n}", "t:3:3: error: duplicate name 'a' [rejected]\n");
	expect_message("[1,\n 1e400]", "t:2:2: error: number out of range: 1e400 [rejected]\n");
	expect_message("[\"\\ud800\"]", "t:1:3: error: lone surrogate \\ud800 [rejected]\n");
	expect_message("{\"a\\u0000\":1}", "t:1:4: error: U+0000 in a string [rejected]\n");
	expect_message("{\"a\":[1}", "t:1:8: error: ',' or ']' is needed here [rejected]\n");
	expect_message("[1] x", "t:1:5: error: bytes after the end of the value [rejected]\n");
	expect_message("{\"a\":1", "t:1:7: error: the text ends inside an object [rejected]\n");
	expect_message("[\"abc", "t:1:2: error: the text ends inside a string [rejected]\n");
	expect_message("[\"\x01\"]", "t:1:3: error: control byte 0x01 in a string [rejected]\n");
	expect_message("[\"\xc0\x80\"]", "t:1:3: error: not UTF-8: byte 0xc0 [rejected]\n");
}

/* J3: no beginning of a good text is one. */
static void test_cut_at_every_byte(void **state)
{
	(void)state;
	size_t size;
	char *text = read_file("models/dssd321_voc.json", &size);
	while (text[size - 1] == '\n')
		size--;
	for (size_t n = 0; n < size; n++)
		expect_rejected(text, n);
	free(text);
}

static char *repeated(const char *part, size_t count, const char *tail, size_t *size)
{
	size_t n = strlen(part), m = strlen(tail);
	char *text = malloc(n * count + m + 1);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + n * i, part, n);
	memcpy(text + n * count, tail, m + 1);
	*size = n * count + m;
	return text;
}

/* J4: depth is a limit, not a crash. */
static void test_depth(void **state)
{
	(void)state;
	static const char *const part[] = {"[", "{\"a\":"};
	for (int i = 0; i < 2; i++) {
		size_t size;
		char *text = repeated(part[i], 100000, "", &size);
		Messages m;
		messages_open(&m);
		assert_false(accepted(text, size, &m));
		assert_int_equal(diag_exit_code(&m.diag), DIAG_LIMIT);
		assert_message(&m, i ? "t:1:321: error: nested deeper than 64" : "t:1:65: error: nested deeper than 64");
		messages_free(&m);
		free(text);
	}
	char text[2 * 64 + 1] = "";
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	Messages m;
	messages_open(&m);
	assert_true(accepted(text, 128, &m));
	messages_free(&m);
}

static int scan_status(const char *text)
{
	Diag d = {0};
	JsonText t = {.file = "t", .text = text, .size = strlen(text), .keep_depth = 1};
	json_scan(&t, &d);
	json_scan_free(&t);
	return diag_exit_code(&d);
}

/* J8, J15 and relatives: ten megabytes of digits; a million names, alike, long alike, escaped, in falling order. */
static void test_large(void **state)
{
	(void)state;
	size_t size;
	char *digits = repeated("9", 10000000, "", &size);
	assert_frugal(scan_status, digits, size, DIAG_LIMIT);
	free(digits);
	enum { NAMES = 1000000 };
	static const char *const format[] = {"%s\"k%07d\":0", "%s\"\\u0061bcdefghijk%07d\":0"};
	for (int f = 0; f < 2; f++) {
		char *text = malloc((size_t)NAMES * 40 + 64), *p = text + sprintf(text, "{");
		assert_non_null(text);
		for (int i = 0; i < NAMES; i++)
			p += sprintf(p, format[f], i ? "," : "", f ? (int)(i * 7919L % NAMES) : NAMES - i);
		strcpy(p, "}");
		assert_frugal(scan_status, text, (size_t)(p - text), DIAG_OK);
		strcpy(p, f ? ",\"abcdefghijk0000005\":1}" : ",\"k0000005\":1}");
		assert_frugal(scan_status, text, (size_t)(p - text), DIAG_REJECT);
		free(text);
	}
	char *nested = repeated("[[],{}],", 1000000, "0", &size);
	char *text = malloc(size + 3);
	sprintf(text, "[%s]", nested);
	assert_frugal(scan_status, text, size, DIAG_OK);
	free(nested);
	free(text);
}

static void test_places(void **state)
{
	(void)state;
	static const char text[] = "{\n \"a\": [1, {\"b/c\": [true]}],\n \"d\": -12\n}";
	Diag d = {0};
	JsonDoc doc = {.text = {.file = "t", .text = text, .size = sizeof text - 1}};
	assert_true(json_open(&doc, &d));
	Arena *a = arena_new();
	Json root = json_root(&doc), list = json_member(root, "a"), number = json_member(root, "d");
	Json inner = json_child(json_child(json_next(json_child(list))));
	assert_string_equal(json_path(root, a), "/");
	assert_string_equal(json_path(inner, a), "/a/1/b~1c/0");
	assert_true(json_is_true(inner));
	assert_int_equal(json_count(list), 2);
	assert_int_equal(json_at(number).line, 3);
	assert_int_equal(json_at(number).col, 7);
	assert_int_equal(json_name_at(number).col, 2);
	int64_t v;
	assert_true(json_integer(number, &v));
	assert_int_equal(v, -12);
	assert_null(json_member(root, "x").item);
	arena_free(a);
	json_close(&doc);
}

/* J7, J9: whole numbers are read as they are written. */
static void test_integers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool whole;
	} row[] = {{"0", true},
	           {"9223372036854775807", true},
	           {"-9223372036854775808", true},
	           {"9223372036854775808", false},
	           {"18446744073709551617", false},
	           {"1e2", false},
	           {"1.0", false},
	           {"-0", false},
	           {"\"3\"", false},
	           {"null", false},
	           {"1E0", false}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		Diag d = {0};
		JsonDoc doc = {.text = {.file = "t", .text = row[i].text, .size = strlen(row[i].text)}};
		int64_t v;
		assert_true(json_open(&doc, &d));
		assert_int_equal(json_integer(json_root(&doc), &v), row[i].whole);
		json_close(&doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grammar),  cmocka_unit_test(test_messages), cmocka_unit_test(test_cut_at_every_byte),
	    cmocka_unit_test(test_depth),    cmocka_unit_test(test_large),    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_integers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
