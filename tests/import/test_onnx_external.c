/* test_onnx_external.c -- rows O14 to O19 of the bad-input catalogue: weights in a file beside the model. */
#include "tests/import/onnx_expect.h"

#include <fcntl.h>
#include <sys/stat.h>

static void add_external(OnnxText *t, const char *location, const char *offset, const char *length, const char *other)
{
	Proto tensor = {0};
	proto_int(&tensor, 1, 4);
	proto_int(&tensor, 2, 1);
	proto_string(&tensor, 8, "w");
	const char *const entry[][2] = {{"location", location}, {"offset", offset}, {"length", length}, {other, "1"}};
	for (int i = 0; i < 4; i++)
		if (entry[i][0] && entry[i][1]) {
			Proto e = {0};
			proto_string(&e, 1, entry[i][0]);
			proto_string(&e, 2, entry[i][1]);
			proto_message(&tensor, 13, &e);
		}
	proto_int(&tensor, 14, 1);
	proto_message(&t->graph, 5, &tensor);
}

static void expect_external(const char *location, const char *offset, const char *length, const char *other, DiagClass class,
                            const char *message)
{
	OnnxText t = onnx_text("x:f[4] | Add x,w -> y | y");
	add_external(&t, location, offset, length, other);
	expect_model(&t, class, message);
}

static const char *in_folder(const char *name)
{
	static char place[2][600];
	static int next;
	snprintf(place[next ^= 1], sizeof place[0], "%s/%s", folder, name);
	return place[next];
}

static void external_data(void **state)
{
	(void)state;
	float data[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	write_file(in_folder("w.bin"), data, sizeof data);
	expect_external("w.bin", "16", "16", NULL, DIAG_OK, NULL);
	expect_external("w.bin", NULL, NULL, NULL, DIAG_OK, NULL);
	static const char *const locations[] = {"../x", "/etc/passwd", "a/../../x", "a/./b", "..\\x", "%2e%2e/x", "", ".", "c:x"};
	for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) /* O14 */
		expect_external(locations[i], NULL, NULL, NULL, DIAG_REJECT, "is no plain relative path below the folder of the model");
	expect_external(NULL, "0", "16", NULL, DIAG_REJECT, "external data without a location");
	static const struct { /* O18 */
		const char *offset, *length, *other, *message;
	} rows[] = {
	    {"-1", NULL, NULL, "offset '-1' is no number of bytes"},
	    {"33", NULL, NULL, "16 bytes at offset 33 of 'w.bin', which has 32"},
	    {"20", NULL, NULL, "16 bytes at offset 20 of 'w.bin', which has 32"},
	    {NULL, "-1", NULL, "length '-1' is no number of bytes"},
	    {NULL, "1152921504606846976", NULL, "length 1152921504606846976; the dimensions ask for 16 bytes"},
	    {"9223372036854775807", "16", NULL, "offset '9223372036854775807' is no number of bytes"},
	    {"4611686018427387000", "16", NULL, "which has 32"},
	    {"12abc", NULL, NULL, "offset '12abc' is no number of bytes"},
	    {NULL, NULL, "colour", "unknown key 'colour'"},
	    {"0", NULL, "offset", "key 'offset' twice"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_external("w.bin", rows[i].offset, rows[i].length, rows[i].other, DIAG_REJECT, rows[i].message);
	expect_external("missing.bin", NULL, NULL, NULL, DIAG_IO, "missing.bin: error: No such file or directory");
}

/* O15, O16, O19 */
static void external_files(void **state)
{
	(void)state;
	float data[4] = {0};
	write_file(in_folder("real.bin"), data, sizeof data);
	assert_int_equal(symlink("real.bin", in_folder("link.bin")), 0);
	expect_external("link.bin", NULL, NULL, NULL, DIAG_REJECT, "a symbolic link; only regular files are read");
	assert_int_equal(mkdir(in_folder("dir"), 0700), 0);
	write_file(in_folder("dir/w.bin"), data, sizeof data);
	expect_external("dir/w.bin", NULL, NULL, NULL, DIAG_OK, NULL);
	assert_int_equal(symlink("dir", in_folder("dirlink")), 0);
	Messages m;
	messages_open(&m);
	OnnxText t = onnx_text("x:f[4] | Add x,w -> y | y");
	add_external(&t, "dirlink/w.bin", NULL, NULL, NULL);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	assert_null(import_file(&m.diag));
	assert_int_equal(diag_errors(&m.diag), 1);
	proto_free(&p);
	messages_free(&m);
	assert_int_equal(link(in_folder("real.bin"), in_folder("hard.bin")), 0);
	expect_external("hard.bin", NULL, NULL, NULL, DIAG_REJECT, "the file has other names too (hard links)");
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	expect_external("fifo", NULL, NULL, NULL, DIAG_REJECT, "not a regular file");
	expect_external("dir", NULL, NULL, NULL, DIAG_REJECT, "not a regular file");
}

/* O17: another process swaps the file for a link to one with other numbers, again and again: those are never read. */
static void external_race(void **state)
{
	(void)state;
	float inside[4] = {1, 1, 1, 1}, outside[4] = {9, 9, 9, 9};
	write_file(in_folder("secret"), outside, sizeof outside);
	OnnxText t = onnx_text("x:f[4] | Add x,w -> y | y");
	add_external(&t, "w.swap", NULL, NULL, NULL);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	char file[600], spare[600];
	snprintf(file, sizeof file, "%s/w.swap", folder);
	snprintf(spare, sizeof spare, "%s/w.spare", folder);
	write_file(file, inside, sizeof inside);
	fflush(NULL);
	pid_t swapper = fork();
	assert_true(swapper >= 0);
	while (swapper == 0) {
		if (symlink("secret", spare) || rename(spare, file))
			_exit(1);
		int fd = open(spare, O_CREAT | O_WRONLY, 0600);
		if (fd < 0 || write(fd, inside, sizeof inside) != sizeof inside || close(fd) || rename(spare, file))
			_exit(1);
	}
	int read = 0;
	for (int i = 0; i < 10000; i++) {
		Diag d = {0};
		Graph *g = import_file(&d);
		if (!g)
			continue;
		Arena *a = arena_new();
		for (int k = 0; k < g->nvalue; k++)
			if (g->value[k]->data) {
				assert_true(blob_read_f32(g->value[k]->data, a)[0] == 1);
				read++;
			}
		arena_free(a);
		graph_free(g);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	assert_true(read > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(external_data),
	    cmocka_unit_test(external_files),
	    cmocka_unit_test(external_race),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
