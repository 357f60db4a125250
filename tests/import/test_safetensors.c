/* test_safetensors.c -- rows S1 to S22 of robustness.md: files in bad/ with their messages; what is too large, or
 * lives in the file system, is made here. */
#include "tests/import/goldens.h"

#include "base/files.h"
#include "import/formats/safetensors.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

static Safetensors *open_file(Graph *g, const char *path, Diag *d)
{
	int64_t size = 0;
	int fd = file_open(path, false, &size, d);
	return fd < 0 ? NULL : safetensors_open(g, fd, size, path, d);
}

static void import(const char *file, Diag *d)
{
	Graph *g = graph_new("t");
	open_file(g, file, d);
	graph_free(g);
}

static int import_status(const char *path)
{
	Diag d = {0};
	import(path, &d);
	return diag_exit_code(&d);
}

static void test_bad_files(void **state)
{
	(void)state;
	assert_true(check_goldens("tests/import/bad", "safetensors", import) >= 50);
}

/* ---- files made here ---- */

typedef struct Folder {
	char path[300], file[320];
} Folder;

static int make_folder(void **state)
{
	Folder *f = calloc(1, sizeof *f);
	temporary_folder(f->path);
	sprintf(f->file, "%s/t.safetensors", f->path);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	Folder *f = *state;
	remove(f->file);
	rmdir(f->path);
	free(f);
	return 0;
}

/* Length, header, `padding` spaces, data. */
static size_t write_tensors(const char *path, const char *header, size_t padding, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	uint64_t n = strlen(header) + padding;
	fwrite(&n, 8, 1, f);
	fputs(header, f);
	for (size_t i = 0; i < padding; i++)
		putc(' ', f);
	fwrite(data, 1, size, f);
	assert_int_equal(fclose(f), 0);
	return (size_t)n + 8 + size;
}

/* S3: the longest header, and one byte more. */
static void test_longest_header(void **state)
{
	Folder *f = *state;
	size_t n = write_tensors(f->file, "{}", 100000000 - 2, "", 0);
	assert_frugal(import_status, f->file, n, DIAG_OK);
	n = write_tensors(f->file, "{}", 100000000 - 1, "", 0);
	assert_frugal(import_status, f->file, n, DIAG_LIMIT);
}

static char *many_entries(int count, const char *format)
{
	char *text = malloc((size_t)count * 70 + 3), *p = text;
	assert_non_null(text);
	*p++ = '{';
	for (int i = 0; i < count; i++) {
		if (i)
			*p++ = ',';
		p += sprintf(p, format, i);
	}
	strcpy(p, "}");
	return text;
}

/* S9, J15: very many tensors, all on the same bytes, all empty, and more than there may be. */
static void test_many_tensors(void **state)
{
	Folder *f = *state;
	static const char same[] = "\"%d\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}";
	static const char empty[] = "\"%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
	static const struct {
		const char *format;
		int count, status;
		size_t size;
	} row[] = {{same, 400000, DIAG_REJECT, 16}, {empty, 400000, DIAG_OK, 0}, {empty, 1000002, DIAG_LIMIT, 0}};
	static const char zeros[16];
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *header = many_entries(row[i].count, row[i].format);
		size_t n = write_tensors(f->file, header, 0, zeros, row[i].size);
		free(header);
		assert_frugal(import_status, f->file, n, row[i].status);
	}
}

/* S16, and what else is legal: escapes in names, spaces as padding, tensors in any order, metadata, other types. */
static void test_accepted(void **state)
{
	Folder *f = *state;
	static const char header[] =
	    "{\"b\":{\"data_offsets\":[4,12],\"shape\":[2,1],\"dtype\":\"F32\"},\"__metadata__\":{\"format\":\"pt\"},"
	    "\"\\u0061\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
	    "\"none\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[12,12]},"
	    "\"int\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[12,20]},"
	    "\"packed\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[20,22]}}";
	float data[6] = {1, 2, 3};
	write_tensors(f->file, header, 5, data, 22);
	Messages m;
	messages_open(&m);
	Graph *g = graph_new("t");
	Safetensors *s = open_file(g, f->file, &m.diag);
	if (!s)
		fail_msg("%s", messages_text(&m));
	Blob *scalar = safetensors_blob(s, "a", 0, NULL, -1, &m.diag);
	Blob *pair = safetensors_blob(s, "b", 2, (int64_t[]){2, 1}, -1, &m.diag);
	Blob *none = safetensors_blob(s, "none", 2, (int64_t[]){0, 5}, -1, &m.diag);
	assert_non_null(scalar);
	assert_non_null(pair);
	assert_non_null(none);
	assert_true(blob_read_f32(scalar, g->arena)[0] == 1);
	assert_true(blob_read_f32(pair, g->arena)[1] == 3);
	assert_int_equal(blob_count(none), 0);
	safetensors_warn_unused(s, &m.diag);
	assert_int_equal(m.diag.nwarning, 2);
	assert_int_equal(diag_errors(&m.diag), 0);

	assert_null(safetensors_blob(s, "int", 1, (int64_t[]){1}, -1, &m.diag));
	assert_null(safetensors_blob(s, "b", 2, (int64_t[]){1, 2}, -1, &m.diag));
	assert_null(safetensors_blob(s, "c", 0, NULL, -1, &m.diag));
	assert_message(&m, "tensor 'int' has elements of type I64; weights are F32, F16, BF16 [unsupported]");
	assert_message(&m, "tensor 'b' has shape [2, 1]; the network needs [1, 2] [rejected]");
	assert_message(&m, "no tensor 'c' [rejected]");
	graph_free(g);
	messages_free(&m);
}

/* Element types: halves, bfloats, and bytes with a factor a channel, on either axis. */
static void test_types(void **state)
{
	Folder *f = *state;
	static const char header[] = "{\"f\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	                             "\"q.scale\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]},"
	                             "\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[16,20]},"
	                             "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[20,24]},"
	                             "\"q\":{\"dtype\":\"I8\",\"shape\":[2,2],\"data_offsets\":[24,28]},"
	                             "\"r\":{\"dtype\":\"I8\",\"shape\":[2,2],\"data_offsets\":[28,32]}}";
	static const float floats[] = {0.1f, -0.0f, 0.5f, 2};
	static const uint16_t halves[] = {0x3c00, 0x8001, 0x3f80, 0xc040};
	static const int8_t bytes[] = {1, -128, 127, 3, 0, 0, 0, 0};
	char data[32];
	memcpy(data, floats, 16);
	memcpy(data + 16, halves, 8);
	memcpy(data + 24, bytes, 8);
	write_tensors(f->file, header, 0, data, 32);
	Messages m;
	messages_open(&m);
	Graph *g = graph_new("t");
	Safetensors *s = open_file(g, f->file, &m.diag);
	assert_non_null(s);
	int64_t two[] = {2, 2};
	Blob *h = safetensors_blob(s, "h", 1, two, -1, &m.diag), *b = safetensors_blob(s, "b", 1, two, -1, &m.diag);
	assert_int_equal(h->dtype, DT_F16);
	assert_true(blob_read_f32(h, g->arena)[0] == 1 && blob_read_f32(h, g->arena)[1] == -0x1p-24f);
	assert_int_equal(b->dtype, DT_BF16);
	assert_true(blob_read_f32(b, g->arena)[0] == 1 && blob_read_f32(b, g->arena)[1] == -3);
	static const float by_row[] = {0.5f, -64, 254, 6}, by_column[] = {0.5f, -256, 63.5f, 6};
	Blob *q = safetensors_blob(s, "q", 2, two, 0, &m.diag);
	assert_memory_equal(blob_read_f32(q, g->arena), by_row, sizeof by_row);
	q = safetensors_blob(s, "q", 2, two, 1, &m.diag);
	assert_memory_equal(blob_read_f32(q, g->arena), by_column, sizeof by_column);
	assert_int_equal(diag_errors(&m.diag), 0);
	assert_null(safetensors_blob(s, "q", 2, two, -1, &m.diag));
	assert_message(&m, "tensor 'q' has elements of type I8");
	assert_null(safetensors_blob(s, "r", 2, two, 0, &m.diag));
	assert_message(&m, "no tensor 'r.scale'");
	graph_free(g);
	messages_free(&m);
}

/* S20: values are not looked at, and every bit arrives. */
static void test_bits(void **state)
{
	Folder *f = *state;
	static const uint32_t bits[] = {0x7fc00000, 0xffc12345, 0x7f800001, 0x7f800000, 0xff800000, 0x80000000, 1, 0x007fffff, 0x7f7fffff};
	write_tensors(f->file, "{\"a\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[0,36]}}", 0, bits, sizeof bits);
	Diag d = {0};
	Graph *g = graph_new("t");
	Safetensors *s = open_file(g, f->file, &d);
	assert_non_null(s);
	Blob *b = safetensors_blob(s, "a", 1, (int64_t[]){9}, -1, &d);
	assert_memory_equal(blob_read_f32(b, g->arena), bits, sizeof bits);
	graph_free(g);
}

/* S21: a file that becomes shorter after it was checked is an I/O error, not a signal. */
static int read_shrunk(const char *path)
{
	Diag d = {0};
	Graph *g = graph_new("t");
	Safetensors *s = open_file(g, path, &d);
	if (!s || truncate(path, 100) != 0)
		return 99;
	Blob *b = safetensors_blob(s, "a", 1, (int64_t[]){1000}, -1, &d);
	if (!b || !freopen("/dev/null", "w", stderr))
		return 98;
	blob_read_f32(b, g->arena);
	return 97;
}

static int read_shrunk_header(const char *path)
{
	Diag d = {0};
	int64_t size = 0;
	Graph *g = graph_new("t");
	int fd = file_open(path, false, &size, &d);
	if (fd < 0 || truncate(path, 20) != 0 || safetensors_open(g, fd, size, path, &d))
		return 99;
	graph_free(g);
	return diag_exit_code(&d);
}

static void test_shrinking(void **state)
{
	Folder *f = *state;
	static const char header[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1000],\"data_offsets\":[0,4000]}}";
	static const char data[4000];
	size_t n = write_tensors(f->file, header, 0, data, sizeof data);
	assert_frugal(read_shrunk, f->file, n, DIAG_IO);
	n = write_tensors(f->file, header, 0, data, sizeof data);
	assert_frugal(read_shrunk_header, f->file, n, DIAG_IO);
}

static int import_as_nobody(const char *path)
{
	if (getuid() == 0 && setuid(65534) != 0)
		return 99;
	return import_status(path);
}

/* S22: only regular files, and never a wait. */
static void test_special_files(void **state)
{
	Folder *f = *state;
	char other[340];
	sprintf(other, "%s/other", f->path);
	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_frugal(import_status, f->file, 0, DIAG_REJECT);
	remove(f->file);
	assert_frugal(import_status, f->path, 0, DIAG_REJECT);
	assert_frugal(import_status, "/dev/zero", 0, DIAG_REJECT);
	assert_frugal(import_status, f->file, 0, DIAG_IO); /* there is none */
	write_tensors(other, "{}", 0, "", 0);
	assert_int_equal(symlink(other, f->file), 0);
	assert_frugal(import_status, f->file, 0, DIAG_REJECT);
	assert_frugal(import_status, other, 0, DIAG_OK);
	assert_int_equal(chmod(f->path, 0755), 0);
	assert_int_equal(chmod(other, 0), 0);
	assert_frugal(import_as_nobody, other, 0, DIAG_IO);
	remove(other);
}

/* Every beginning of a good file is refused; S1, S4, S12 for all lengths. */
static void test_cut_at_every_byte(void **state)
{
	Folder *f = *state;
	static const char header[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
	static const char data[8];
	size_t size = write_tensors(f->file, header, 1, data, 8);
	char *text = read_file(f->file, NULL);
	for (size_t n = 0; n < size; n++) {
		write_file(f->file, text, n);
		assert_int_equal(import_status(f->file), DIAG_REJECT);
	}
	free(text);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files), IN_FOLDER(test_longest_header), IN_FOLDER(test_many_tensors),
	    IN_FOLDER(test_accepted),         IN_FOLDER(test_types),          IN_FOLDER(test_bits),
	    IN_FOLDER(test_shrinking),        IN_FOLDER(test_special_files),  IN_FOLDER(test_cut_at_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
