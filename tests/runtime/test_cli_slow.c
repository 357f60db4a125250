/* test_cli_slow.c -- the executable around a stub model (stub.c): command line, exit status, JSON, pictures, and every kind
 * of photograph. The program is compiled here with AddressSanitizer and UndefinedBehaviorSanitizer. What was decoded is
 * seen through --out with a threshold that nothing passes. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* mkdtemp */
#endif
#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#define PROGRAM_FLAGS                                                                                              \
	" -std=c99 -I" SOURCE_DIR " -I" SOURCE_DIR                                                                 \
	"/tests/runtime -DDSSDC_HEADER='\"stub.h\"' -DDSSDC_NAME='\"stub\"' -DDSSDC_THRESHOLD=0.2"                 \
	" -D'MODEL(name)=stub_##name' -D'MODEL_CONSTANT(name)=STUB_##name' " SOURCE_DIR "/runtime/*.c " SOURCE_DIR \
	"/tests/runtime/stub.c -o "

static char out[1 << 20], err[1 << 20];

static void read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

static int shell(const char *command)
{
	int status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs the program; its output is in out and err. A sanitizer's report fails the test. */
static int run(const char *arguments)
{
	static char command[1 << 16];
	snprintf(command, sizeof command, "./detect %s >out.txt 2>err.txt", arguments);
	int status = shell(command);
	read_text("out.txt", out, sizeof out);
	read_text("err.txt", err, sizeof err);
	if (strstr(err, "Sanitizer") || strstr(err, "runtime error"))
		fail_msg("./detect %s\n%s", arguments, err);
	return status;
}

static int start(void **state)
{
	static char folder[] = "/tmp/dssdc-runtime-XXXXXX";
	*state = folder;
	if (!mkdtemp(folder) || chdir(folder))
		return -1;
	return shell("${CC:-cc} -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Wpedantic "
	             "-Werror" PROGRAM_FLAGS "detect -ljpeg -lpng -lm");
}

static int end(void **state)
{
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", (char *)*state);
	return chdir("/") || shell(command);
}

/* ---- photographs ------------------------------------------------------------------------------------------------- */

typedef struct {
	int components; /* 1, 3, 4 */
	J_COLOR_SPACE in, stored;
	int progressive, adobe; /* adobe: write the marker */
	int orientation;        /* EXIF; 0: none */
	int big_endian;
	const char *comment; /* as a raw APP1 */
} Jpeg;

typedef unsigned char Painter(int x, int y, int c);

static void write_exif(struct jpeg_compress_struct *j, const Jpeg *how)
{
	unsigned char little[] = "Exif\0\0II*\0\x08\0\0\0\x02\0"
	                         "\x0f\x01\x02\0\x01\0\0\0X\0\0\0"
	                         "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0";
	unsigned char big[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01"
	                      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0";
	if (how->comment)
		jpeg_write_marker(j, JPEG_APP0 + 1, (const JOCTET *)how->comment, (unsigned)strlen(how->comment));
	little[6 + 8 + 2 + 12 + 8] = (unsigned char)how->orientation;
	big[6 + 8 + 2 + 9] = (unsigned char)how->orientation;
	if (how->orientation && how->big_endian)
		jpeg_write_marker(j, JPEG_APP0 + 1, big, sizeof big - 1);
	else if (how->orientation)
		jpeg_write_marker(j, JPEG_APP0 + 1, little, sizeof little - 1);
}

static void make_jpeg(const char *path, int width, int height, const Jpeg *how, Painter *paint)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr e;
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	j.err = jpeg_std_error(&e);
	jpeg_create_compress(&j);
	jpeg_stdio_dest(&j, f);
	j.image_width = (JDIMENSION)width;
	j.image_height = (JDIMENSION)height;
	j.input_components = how->components;
	j.in_color_space = how->in;
	jpeg_set_defaults(&j);
	jpeg_set_colorspace(&j, how->stored);
	jpeg_set_quality(&j, 100, TRUE);
	j.write_Adobe_marker = (boolean)how->adobe;
	if (how->progressive)
		jpeg_simple_progression(&j);
	jpeg_start_compress(&j, TRUE);
	write_exif(&j, how);
	unsigned char *row = malloc((size_t)(width * how->components));
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++)
			for (int c = 0; c < how->components; c++)
				row[x * how->components + c] = paint(x, y, c);
		jpeg_write_scanlines(&j, &row, 1);
	}
	free(row);
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	fclose(f);
}

static const Jpeg plain = {3, JCS_RGB, JCS_YCbCr, 0, 0, 0, 0, NULL};

static unsigned char noise(int x, int y, int c)
{
	uint32_t h = (uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^ ((uint32_t)c * 83492791u + 7);
	h = (h ^ (h >> 13)) * 0x5bd1e995u;
	return (unsigned char)(h >> 21);
}

typedef struct {
	int type, depth, interlaced, transparent, orientation;
} Png;

/* A sample of `depth` bits whose upper bits are noise(). */
static int png_sample(const Png *how, int x, int y, int c)
{
	int v = noise(x, y, c);
	return how->depth == 16 ? v << 8 | noise(x, y, c + 10) : v >> (8 - how->depth);
}

static void make_png(const char *path, int width, int height, const Png *how)
{
	static const int channels[] = {1, 0, 3, 1, 2, 0, 4};
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	if (setjmp(png_jmpbuf(png)))
		fail();
	png_init_io(png, f);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, how->depth, how->type,
	             how->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_color palette[256];
	png_byte alpha[256];
	for (int i = 0; i < 256; i++) {
		palette[i] = (png_color){noise(i, 0, 0), noise(i, 1, 0), noise(i, 2, 0)};
		alpha[i] = (png_byte)i;
	}
	if (how->type == PNG_COLOR_TYPE_PALETTE)
		png_set_PLTE(png, info, palette, 1 << how->depth);
	png_color_16 key = {0, 1, 1, 1, 1};
	if (how->transparent)
		png_set_tRNS(png, info, alpha, how->type == PNG_COLOR_TYPE_PALETTE ? 1 << how->depth : 0, &key);
	png_byte exif[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0";
	exif[8 + 2 + 9] = (png_byte)how->orientation;
	if (how->orientation)
		png_set_eXIf_1(png, info, sizeof exif - 1, exif);
	png_write_info(png, info);
	const int n = channels[how->type];
	png_bytep *rows = malloc((size_t)height * sizeof *rows);
	for (int y = 0; y < height; y++) {
		rows[y] = calloc(1, (size_t)(width * n * 2));
		for (int k = 0; k < width * n; k++) {
			int v = png_sample(how, k / n, y, k % n), bit = k * how->depth;
			if (how->depth == 16) {
				rows[y][2 * k] = (png_byte)(v >> 8);
				rows[y][2 * k + 1] = (png_byte)v;
			} else {
				rows[y][bit / 8] = (png_byte)(rows[y][bit / 8] | v << (8 - how->depth - bit % 8));
			}
		}
	}
	png_write_image(png, rows);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	for (int y = 0; y < height; y++)
		free(rows[y]);
	free(rows);
	fclose(f);
}

/* A picture that the program wrote; owned by the caller. */
static unsigned char *read_picture(const char *path, int *width, int *height)
{
	png_image p = {.version = PNG_IMAGE_VERSION};
	assert_true(png_image_begin_read_from_file(&p, path));
	p.format = PNG_FORMAT_RGB;
	unsigned char *rgb = malloc(PNG_IMAGE_SIZE(p));
	assert_true(png_image_finish_read(&p, NULL, rgb, 0, NULL));
	*width = (int)p.width;
	*height = (int)p.height;
	return rgb;
}

static unsigned char *decoded(const char *photo, int *width, int *height)
{
	char arguments[256];
	snprintf(arguments, sizeof arguments, "%s --threshold 1 --out seen.png", photo);
	assert_int_equal(run(arguments), 0);
	assert_string_equal(err, "");
	return read_picture("seen.png", width, height);
}

/* ---- command line -------------------------------------------------------------------------------------------------
 */

static void test_usage(void **state)
{
	(void)state;
	static const char *const wrong[] = {
	    "",
	    "--jsn a.jpg",
	    "--json=1 a.jpg",
	    "a.jpg --threshold",
	    "a.jpg --threshold abc",
	    "a.jpg --threshold 0.5x",
	    "a.jpg --threshold 1.5",
	    "a.jpg --threshold=-1",
	    "a.jpg --threshold nan",
	    "a.jpg --threshold=",
	    "a.jpg b.jpg --out c.png",
	    "a.jpg --out c.gif",
	    "a.jpg --out .png",
	    "a.jpg --out c.png --out-dir d",
	    "-x a.jpg",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(run(wrong[i]), 2);
		assert_string_equal(out, "");
		assert_non_null(strstr(err, ": error: "));
		assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
	}
	assert_int_equal(run("--help"), 0);
	assert_non_null(strstr(out, "usage: detect"));
	assert_non_null(strstr(out, "\nThe model: 321 x 300 pixels, 5 classes; compiled for scores above 0.2: there are no others.\n"));
	for (const char *line = out; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 102);
	assert_int_equal(shell("./detect --help >help.txt && ./detect -h | cmp - help.txt"), 0);
	assert_int_equal(run("-v a.jpg"), 2);
	assert_string_equal(err, "./detect: error: -v is unknown: --version prints the versions; see --help\n");
	assert_int_equal(run("--version"), 0);
	assert_string_equal(out, "stub dssdc 0.1.0, model 0123456789abcdef\n");
}

static void test_text(void **state)
{
	(void)state;
	make_jpeg("a.jpg", 640, 480, &plain, noise);
	assert_int_equal(run("a.jpg"), 0);
	assert_non_null(strstr(out, "a.jpg: 640 x 480, 2 detections\n  cat             0.9"));
	assert_non_null(strstr(out, "dining \"table\"  0.75  left  160  top  120  right  320  bottom  360\n"));
	assert_int_equal(run("a.jpg --time --threshold 0.8"), 0);
	assert_non_null(strstr(out, "1 detection, decoded in "));
	assert_null(strchr(out, '\033'));
	assert_string_equal(err, "");
	assert_int_equal(run("a.jpg --threshold 0.2"), 0);
	assert_string_equal(err, "");
	assert_int_equal(run("a.jpg a.jpg --threshold 0"), 0); /* a warning, once */
	assert_string_equal(err, "detect: warning: --threshold 0 shows no more than 0.2 does, which the model was compiled with\n");
	assert_non_null(strstr(out, "class 4"));
	assert_non_null(strstr(out, "tv\\x0amonitor"));
}

static void test_json(void **state)
{
	(void)state;
	make_jpeg("a.jpg", 640, 480, &plain, noise);
	shell("cp a.jpg 'q\"uo\\te.jpg'; cp a.jpg \"$(printf 'bad\\377\\n\\001.jpg')\"; cp a.jpg "
	      "'gr\xc3\xbc\xc3\x9f.jpg'");
	assert_int_equal(run("--json --threshold=0 --time a.jpg 'q\"uo\\te.jpg' bad* gr*"), 0);
	static const char *const names[] = {"a.jpg", "q\"uo\\te.jpg", "bad\xef\xbf\xbd\n\x01.jpg", "gr\xc3\xbc\xc3\x9f.jpg"};
	int lines = 0;
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"), lines++) {
		const char *tail = NULL;
		cJSON *j = cJSON_ParseWithOpts(line, &tail, 1);
		assert_non_null(j);
		assert_string_equal(cJSON_GetObjectItem(j, "file")->valuestring, names[lines]);
		assert_int_equal(cJSON_GetObjectItem(j, "width")->valueint, 640);
		assert_int_equal(cJSON_GetObjectItem(j, "height")->valueint, 480);
		assert_true(cJSON_IsNumber(cJSON_GetObjectItem(j, "decode_ms")));
		cJSON *d = cJSON_GetObjectItem(j, "detections");
		assert_int_equal(cJSON_GetArraySize(d), 4);
		cJSON *second = cJSON_GetArrayItem(d, 1), *box = cJSON_GetObjectItem(second, "box");
		assert_int_equal(cJSON_GetObjectItem(second, "class")->valueint, 2);
		assert_string_equal(cJSON_GetObjectItem(second, "label")->valuestring, "dining \"table\"");
		assert_true(fabs(cJSON_GetObjectItem(second, "score")->valuedouble - 0.75) < 1e-9);
		static const double right[4] = {160, 120, 320, 360};
		for (int k = 0; k < 4; k++)
			assert_true(fabs(cJSON_GetArrayItem(box, k)->valuedouble - right[k]) < 1e-9);
		cJSON_Delete(j);
	}
	assert_int_equal(lines, 4);
	assert_int_equal(run("--json a.jpg --threshold 0.7"), 0);
	assert_null(strstr(out, "decode_ms"));
	assert_int_equal(run("--json a.jpg --threshold 1"), 0);
	assert_string_equal(out, "{\"file\":\"a.jpg\",\"width\":640,\"height\":480,\"detections\":[]}\n");
	shell("LC_ALL=de_DE.UTF-8 ./detect --json a.jpg --threshold 0.7 > out.txt");
	read_text("out.txt", out, sizeof out);
	assert_non_null(strstr(out, "\"score\":0.75,"));
}

static void test_failures(void **state)
{
	(void)state;
	make_jpeg("a.jpg", 64, 48, &plain, noise);
	make_jpeg("thirteen.jpg", 13, 48, &plain, noise);
	make_jpeg("seventeen.jpg", 17, 48, &plain, noise);
	shell(": > empty.jpg; echo text > text.jpg; mkdir -p folder.jpg");
	assert_int_equal(run("a.jpg absent.jpg empty.jpg text.jpg folder.jpg thirteen.jpg a.jpg"), 5);
	assert_non_null(strstr(err, "absent.jpg: error: No such file or directory\n"));
	assert_non_null(strstr(err, "empty.jpg: error: file is empty\n"));
	assert_non_null(strstr(err, "text.jpg: error: not a photograph that this program reads: JPEG, PNG, PPM, PGM and PAM\n"));
	assert_non_null(strstr(err, "folder.jpg: error: Is a directory\n"));
	assert_non_null(strstr(err, "thirteen.jpg: error: an argument is out of range\n"));
	assert_non_null(strstr(strstr(out, "a.jpg:") + 1, "a.jpg:"));
	assert_int_equal(run("seventeen.jpg a.jpg"), 3);
	assert_non_null(strstr(err, "detect: error: the CPU is too old\n"));
	assert_int_equal(shell("./detect a.jpg > /dev/full 2> err.txt"), 5);
	assert_int_equal(shell("./detect --help > /dev/full 2> err.txt"), 5);
	read_text("err.txt", err, sizeof err);
	assert_string_equal(err, "detect: error: standard output: No space left on device\n");
	int ends[2]; /* of a pipe that has no reader, with SIGPIPE as it is and ignored */
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(dup2(ends[1], 9), 9);
	static const char *const quiet[] = {"./detect a.jpg", "./detect a.jpg a.jpg --json", "./detect --help", "./detect --version"};
	for (size_t i = 0; i < 2 * sizeof quiet / sizeof *quiet; i++) {
		char command[128];
		snprintf(command, sizeof command, "(%s%s >&9; test $? = 141) 2> err.txt", i % 2 ? "trap '' PIPE; " : "", quiet[i / 2]);
		assert_int_equal(shell(command), 0);
		read_text("err.txt", err, sizeof err);
		assert_string_equal(err, "");
	}
	close(9);
	close(ends[1]);
	assert_int_equal(run("a.jpg --out nowhere/b.png"), 5);
	assert_non_null(strstr(err, "nowhere/b.png: error: No such file"));
	assert_int_equal(run("-- -absent.jpg"), 5);
	assert_int_equal(shell("cat a.jpg | ./detect --json - > out.txt"), 0);
	read_text("out.txt", out, sizeof out);
	assert_non_null(strstr(out, "\"file\":\"-\",\"width\":64"));
}

/* Nothing is lost without a word: a photograph that fails has its line of JSON, a second one in a stream is an error. */
static void test_every_photograph_has_a_line(void **state)
{
	(void)state;
	make_jpeg("a.jpg", 64, 48, &plain, noise);
	make_jpeg("thirteen.jpg", 13, 48, &plain, noise);
	assert_int_equal(run("--json absent.jpg thirteen.jpg a.jpg"), 5);
	assert_non_null(strstr(
	    out, "{\"file\":\"absent.jpg\",\"error\":\"No such file or directory\"}\n{\"file\":\"thirteen.jpg\",\"error\":\"an argument is "
	         "out of range\"}\n{\"file\":\"a.jpg\",\"width\":64"));
	shell("cat a.jpg a.jpg > two.jpg; cp a.jpg zeros.jpg; head -c 512 /dev/zero >> zeros.jpg");
	assert_int_equal(shell("./detect --json - < two.jpg > out.txt 2> err.txt"), 5);
	read_text("out.txt", out, sizeof out);
	assert_non_null(strstr(out, " bytes behind the photograph: standard input takes one photograph\"}"));
	assert_int_equal(shell("./detect - < zeros.jpg > out.txt 2> err.txt && ! test -s err.txt"), 0);
	assert_int_equal(run("two.jpg"), 0);
	assert_non_null(strstr(err, "two.jpg: warning: "));
	assert_non_null(strstr(err, " bytes behind the photograph are not read\n"));
	assert_int_equal(
	    shell(
	        "mkfifo f; (./detect a.jpg f > out.txt & p=$!; exec 3>f; for i in 1 2 3 4 5 6 7 8 9; do test -s out.txt || sleep 1; done; "
	        "test -s out.txt; s=$?; exec 3>&-; wait $p; exit $s)"),
	    0);
}

/* Control bytes of names, in UTF-8 or not, reach no terminal. */
static void test_names_are_shown_plainly(void **state)
{
	(void)state;
	make_jpeg("a.jpg", 64, 48, &plain, noise);
	shell("cp a.jpg \"$(printf 'c\\033[2J\\302\\233\\377.jpg')\"");
	assert_int_equal(run("c*.jpg"), 0);
	assert_non_null(strstr(out, "c\\x1b[2J\\xc2\\x9b\\xff.jpg: 64 x 48"));
	assert_int_equal(run("\"$(printf 'absent\\033\\302\\205.jpg')\" \"$(printf '%s\\033' --x)\""), 2);
	assert_null(strchr(err, 27));
	assert_int_equal(run("--json \"$(printf 'absent\\033\\302\\205.jpg')\""), 5);
	assert_null(strchr(err, 27));
	assert_non_null(strstr(err, "absent\\x1b\\xc2\\x85.jpg: error: "));
	assert_non_null(strstr(out, "{\"file\":\"absent\\u001b\\u0085.jpg\",\"error\":"));
}

static void test_pictures(void **state)
{
	(void)state;
	int width, height;
	make_jpeg("a.jpg", 320, 240, &plain, noise);
	assert_int_equal(run("a.jpg --out b.png"), 0);
	free(read_picture("b.png", &width, &height));
	assert_int_equal(width, 320);
	assert_int_equal(height, 240);
	assert_int_equal(run("a.jpg --out b.JPEG"), 0);
	assert_int_equal(run("b.JPEG"), 0);
	shell("mkdir -p one two; cp a.jpg one; cp b.png two/a.jpg; cp a.jpg plain");
	assert_int_equal(run("one/a.jpg two/a.jpg plain b.png --out-dir drawn"), 0);
	assert_int_equal(shell("test \"$(ls drawn | tr '\\n' ' ')\" = 'a-2.jpg a.jpg b.png plain.png '"), 0);
	assert_int_equal(run("a.jpg --out ./a.jpg"), 5);
	assert_non_null(strstr(err, "./a.jpg: error: is the photograph itself"));
	assert_int_equal(run("one/a.jpg --out-dir one"), 5);
	make_jpeg("tiny.jpg", 1, 1, &plain, noise);
	make_jpeg("wide.jpg", 3000, 2, &plain, noise);
	make_jpeg("tall.jpg", 2, 3000, &plain, noise);
	assert_int_equal(run("tiny.jpg wide.jpg tall.jpg --out-dir drawn --threshold 0"), 0);
	assert_int_equal(shell("ls drawn/*.part 2> /dev/null"), 2);
}

/* ---- kinds of photographs -----------------------------------------------------------------------------------------
 */

/* Quarters: red, green over blue, white. */
static unsigned char quarters(int x, int y, int c)
{
	static const unsigned char colours[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
	return colours[(x >= 24) + 2 * (y >= 16)][c];
}

static int is_near(const unsigned char *p, int r, int g, int b, int limit)
{
	return abs(p[0] - r) <= limit && abs(p[1] - g) <= limit && abs(p[2] - b) <= limit;
}

static void test_orientation(void **state)
{
	(void)state;
	/* Corners of the upright picture, 0 1 over 2 3, where the file's red and green ones must be. */
	static const int red[9] = {0, 0, 1, 3, 2, 0, 1, 3, 2}, green[9] = {1, 1, 0, 2, 3, 2, 3, 1, 0};
	for (int o = 0; o <= 8; o++)
		for (int big = 0; big < 2; big++) {
			Jpeg how = plain;
			int width, height;
			how.orientation = o;
			how.big_endian = big;
			how.comment = big ? "http://ns.adobe.com/xap/1.0/" : NULL;
			make_jpeg("o.jpg", 48, 32, &how, quarters);
			unsigned char *rgb = decoded("o.jpg", &width, &height);
			assert_int_equal(width, o < 5 ? 48 : 32);
			assert_int_equal(height, o < 5 ? 32 : 48);
			const int corner[4] = {0, width - 1, (height - 1) * width, height * width - 1};
			assert_true(is_near(rgb + 3 * corner[red[o]], 255, 0, 0, 4));
			assert_true(is_near(rgb + 3 * corner[green[o]], 0, 255, 0, 4));
			free(rgb);
		}
	for (int o = 1; o <= 8; o++) {
		const Png how = {PNG_COLOR_TYPE_RGB, 8, 0, 0, o};
		int width, height;
		make_png("o.png", 5, 3, &how);
		unsigned char *rgb = decoded("o.png", &width, &height);
		const int corner[4] = {0, width - 1, (height - 1) * width, height * width - 1};
		assert_int_equal(width, o < 5 ? 5 : 3);
		assert_int_equal(rgb[3 * corner[red[o]]], noise(0, 0, 0));
		assert_int_equal(rgb[3 * corner[green[o]]], noise(4, 0, 0));
		free(rgb);
	}
}

/* Broken EXIF blocks are ignored: cut anywhere, offsets into nowhere. */
static void test_broken_exif(void **state)
{
	(void)state;
	static unsigned char file[1 << 16];
	Jpeg how = plain;
	how.orientation = 6;
	make_jpeg("o.jpg", 48, 32, &how, quarters);
	FILE *f = fopen("o.jpg", "rb");
	size_t size = fread(file, 1, sizeof file, f), at = 0;
	fclose(f);
	while (memcmp(file + at, "Exif", 4))
		at++;
	shell("mkdir -p exif");
	for (int i = 0; i < 37; i++) { /* the TIFF block */
		char name[32];
		unsigned char old = file[at + 6 + (size_t)i];
		for (int k = 0; k < 3; k++) {
			static const unsigned char values[] = {0, 0x80, 0xff};
			snprintf(name, sizeof name, "exif/%d-%d.jpg", i, k);
			file[at + 6 + (size_t)i] = values[k];
			f = fopen(name, "wb");
			assert_int_equal(fwrite(file, 1, size, f), size);
			fclose(f);
		}
		file[at + 6 + (size_t)i] = old;
	}
	assert_int_equal(run("exif/*.jpg"), 0);
}

static unsigned char inks(int x, int y, int c)
{
	static const unsigned char v[4] = {200, 100, 50, 255};
	(void)x;
	(void)y;
	return v[c];
}

static unsigned char inks_plain(int x, int y, int c)
{
	return (unsigned char)(255 - inks(x, y, c));
}

static void test_jpeg_kinds(void **state)
{
	(void)state;
	static const struct {
		Jpeg how;
		Painter *paint;
		int right[3];
	} kinds[] = {
	    {{4, JCS_CMYK, JCS_CMYK, 0, 1, 0, 0, NULL}, inks, {200, 100, 50}},
	    {{4, JCS_CMYK, JCS_YCCK, 0, 1, 0, 0, NULL}, inks, {200, 100, 50}},
	    {{4, JCS_CMYK, JCS_CMYK, 0, 0, 0, 0, NULL}, inks_plain, {200, 100, 50}},
	    {{1, JCS_GRAYSCALE, JCS_GRAYSCALE, 0, 0, 0, 0, NULL}, inks, {200, 200, 200}},
	    {{3, JCS_RGB, JCS_RGB, 0, 1, 0, 0, NULL}, inks, {200, 100, 50}},
	    {{3, JCS_RGB, JCS_YCbCr, 1, 0, 0, 0, NULL}, inks, {200, 100, 50}},
	    {{4, JCS_CMYK, JCS_YCCK, 1, 1, 6, 0, NULL}, inks, {200, 100, 50}},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int width, height;
		make_jpeg("k.jpg", 37, 21, &kinds[i].how, kinds[i].paint);
		unsigned char *rgb = decoded("k.jpg", &width, &height);
		for (int k = 0; k < width * height; k++)
			assert_true(is_near(rgb + 3 * k, kinds[i].right[0], kinds[i].right[1], kinds[i].right[2], 3));
		free(rgb);
	}
}

static int expected(const Png *how, int x, int y, int c)
{
	const int v = png_sample(how, x, y, how->type & PNG_COLOR_MASK_COLOR ? c : 0);
	if (how->type == PNG_COLOR_TYPE_PALETTE)
		return noise(png_sample(how, x, y, 0), c, 0);
	return how->depth == 16 ? v >> 8 : v * 255 / ((1 << how->depth) - 1);
}

static void test_png_kinds(void **state)
{
	(void)state;
	static const int kinds[][2] = {
	    {PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},      {PNG_COLOR_TYPE_GRAY, 4},       {PNG_COLOR_TYPE_GRAY, 8},
	    {PNG_COLOR_TYPE_GRAY, 16},       {PNG_COLOR_TYPE_RGB, 8},       {PNG_COLOR_TYPE_RGB, 16},       {PNG_COLOR_TYPE_PALETTE, 1},
	    {PNG_COLOR_TYPE_PALETTE, 2},     {PNG_COLOR_TYPE_PALETTE, 4},   {PNG_COLOR_TYPE_PALETTE, 8},    {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
	    {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB_ALPHA, 8}, {PNG_COLOR_TYPE_RGB_ALPHA, 16},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int more = 0; more < 4; more++) {
			const Png how = {kinds[i][0], kinds[i][1], more & 1, (more & 2) && !(kinds[i][0] & PNG_COLOR_MASK_ALPHA), 0};
			int width, height;
			make_png("k.png", 37, 21, &how);
			unsigned char *rgb = decoded("k.png", &width, &height);
			assert_int_equal(width, 37);
			assert_int_equal(height, 21);
			for (int k = 0; k < 37 * 21 * 3; k++)
				assert_int_equal(rgb[k], expected(&how, k / 3 % 37, k / 111, k % 3));
			free(rgb);
		}
}

/* ---- damage -------------------------------------------------------------------------------------------------------
 */

/* Copies of a file, cut at 40 places and with changed bytes: read or refused, never more. */
static void damage(const char *path)
{
	static unsigned char file[1 << 18];
	char name[64];
	FILE *f = fopen(path, "rb");
	const size_t size = fread(file, 1, sizeof file, f);
	uint32_t seed = 1;
	fclose(f);
	shell("rm -rf broken; mkdir broken");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "broken/cut%d", i);
		f = fopen(name, "wb");
		fwrite(file, 1, i < 20 ? (size_t)i * 2 + 1 : size * (size_t)(i - 20) / 20, f);
		fclose(f);
	}
	for (int i = 0; i < 120; i++) {
		unsigned char old[4];
		size_t at[4];
		for (int k = 0; k < 4; k++) {
			seed = seed * 1664525 + 1013904223;
			at[k] = (seed >> 8) % (i < 60 ? 700 : size);
			at[k] = at[k] < size ? at[k] : size - 1;
			old[k] = file[at[k]];
			file[at[k]] = (unsigned char)(seed >> 3);
		}
		snprintf(name, sizeof name, "broken/changed%d", i);
		f = fopen(name, "wb");
		fwrite(file, 1, size, f);
		fclose(f);
		for (int k = 3; k >= 0; k--)
			file[at[k]] = old[k];
	}
	assert_int_equal(run("--json broken/*"), 5);
	assert_non_null(strstr(err, "broken/cut1: error: "));
}

static void test_damage(void **state)
{
	(void)state;
	Jpeg progressive = plain, cmyk = {4, JCS_CMYK, JCS_YCCK, 0, 1, 6, 0, NULL};
	const Png interlaced = {PNG_COLOR_TYPE_RGB, 8, 1, 0, 3}, palette = {PNG_COLOR_TYPE_PALETTE, 4, 0, 1, 0};
	progressive.progressive = 1;
	progressive.orientation = 8;
	make_jpeg("whole", 60, 41, &plain, noise);
	damage("whole");
	shell("head -c -2 whole >unmarked; head -c -200 whole >cut");
	assert_int_equal(run("--json unmarked"), 0); /* all pixels are there */
	assert_non_null(strstr(err, "unmarked: warning: "));
	assert_int_equal(run("--json cut"), 5);
	assert_non_null(strstr(err, "cut: error: the file is cut off"));
	make_jpeg("whole", 60, 41, &progressive, noise);
	damage("whole");
	make_jpeg("whole", 60, 41, &cmyk, noise);
	damage("whole");
	make_png("whole", 60, 41, &interlaced);
	damage("whole");
	make_png("whole", 60, 41, &palette);
	damage("whole");
}

/* Headers that promise too much are refused before memory is asked for. */
static void test_limits(void **state)
{
	(void)state;
	static unsigned char file[1 << 18];
	make_jpeg("a.jpg", 64, 48, &plain, noise);
	FILE *f = fopen("a.jpg", "rb");
	size_t size = fread(file, 1, sizeof file, f), at = 0;
	fclose(f);
	while (file[at] != 0xff || file[at + 1] != 0xc0)
		at++;
	memcpy(file + at + 5, "\xff\xdc\xff\xdc", 4);
	f = fopen("large.jpg", "wb");
	fwrite(file, 1, size, f);
	fclose(f);
	assert_int_equal(run("large.jpg"), 5);
	assert_non_null(strstr(err, "large.jpg: error: image of 65500 x 65500 pixels is too large\n"));
	make_jpeg("a.jpg", 33000, 1, &plain, noise);
	assert_int_equal(run("a.jpg"), 5);
	make_png("a.png", 33000, 1, &(Png){PNG_COLOR_TYPE_RGB, 8, 0, 0, 0});
	assert_int_equal(run("a.png"), 5);
	shell("truncate -s 600M huge.jpg");
	assert_int_equal(run("huge.jpg"), 5);
	assert_non_null(strstr(err, "file is larger than 512 MiB"));
}

/* Linked as dssdc links executables: nothing is needed but libc and libm. */
static void test_static_libraries(void **state)
{
	(void)state;
	assert_int_equal(shell("${CC:-cc} -O2" PROGRAM_FLAGS "alone -Wl,-Bstatic -ljpeg -lpng16 -lz -Wl,-Bdynamic -lm"), 0);
	assert_int_equal(shell("ldd ./alone | grep -v -e linux-vdso -e ld-linux -e 'libc\\.so' -e 'libm\\.so'"), 1);
	make_jpeg("a.jpg", 64, 48, &plain, noise);
	assert_int_equal(shell("./alone a.jpg > out.txt"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_usage),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_every_photograph_has_a_line),
	    cmocka_unit_test(test_names_are_shown_plainly),
	    cmocka_unit_test(test_pictures),
	    cmocka_unit_test(test_orientation),
	    cmocka_unit_test(test_broken_exif),
	    cmocka_unit_test(test_jpeg_kinds),
	    cmocka_unit_test(test_png_kinds),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_static_libraries),
	};
	return cmocka_run_group_tests(tests, start, end);
}
