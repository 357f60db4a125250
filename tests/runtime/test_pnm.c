/* test_pnm.c -- photographs in Netpbm's formats: what is read, what is refused and how it is said, and what is written.
 */
#include "tests/shell.h"

#include "runtime/image.h"

static char why[IMAGE_WHY];

/* Reads text and what follows it; the pixels as hexadecimal digits, or the message. */
static const char *read_bytes(const void *data, size_t size)
{
	static char text[1024];
	Image image = {0, 0, NULL};
	unsigned char *exact = malloc(size); /* so that a sanitizer sees every byte too many */
	assert_non_null(exact);
	memcpy(exact, data, size);
	*why = 0;
	size_t used = 0;
	const bool good = image_read_pnm(exact, size, &image, &used, why);
	free(exact);
	int n = good ? snprintf(text, sizeof text, "%dx%d", image.width, image.height) : snprintf(text, sizeof text, "%s", why);
	for (int i = 0; good && i < 3 * image.width * image.height && n < 1000; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%02x", i % 3 ? "" : " ", image.rgb[i]);
	image_free(&image);
	return text;
}

#define READS(bytes, text) assert_string_equal(read_bytes(bytes, sizeof(bytes) - 1), text)

static void every_kind_is_read(void **state)
{
	(void)state;
	READS("P6\n2 1\n255\n\x01\x02\x03\xff\xfe\xfd", "2x1 010203 fffefd");
	READS("P6 2 1 255 \x01\x02\x03\xff\xfe\xfd and another image", "2x1 010203 fffefd");
	READS("P5\n3 1\n255\n\n #", "3x1 0a0a0a 202020 232323"); /* samples that look like space and comments */
	READS("P3\n1 2\n255\n1 2 3\n255 254 253", "1x2 010203 fffefd");
	READS("P2\n1 2 255 7 9\n", "1x2 070707 090909");
	READS("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n\x01\x02\x03", "1x1 010203");
	READS("P7\nMAXVAL 255\nDEPTH 4\nHEIGHT 1\nWIDTH 1\nTUPLTYPE RGB_ALPHA\nENDHDR\n\x01\x02\x03\x00", "1x1 010203");
	READS("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\x00\x01", "2x1 000000 ffffff");
	READS("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\n\x05\x00", "1x1 050505"); /* the depth alone */
}

static void comments_are_skipped(void **state)
{
	(void)state;
	READS("P6\n# by a camera\n2 # wide\n#\n1\n255\n\x01\x02\x03\xff\xfe\xfd", "2x1 010203 fffefd");
	READS("P6#x\r\n2\t1\r\n255#y\n\x01\x02\x03\xff\xfe\xfd", "2x1 010203 fffefd");
	READS("P2 1 2 255 7 # seven\n9", "1x2 070707 090909");
	READS("P7\n# c\nWIDTH 1\nHEIGHT 1\n#\nDEPTH 1\nMAXVAL 255\nENDHDR\n#", "1x1 232323");
}

/* To the nearest of 255; 16 whole bits lose the low byte, as those of a PNG do. */
static void samples_become_bytes(void **state)
{
	(void)state;
	READS("P5\n4 1\n15\n\x00\x01\x0e\x0f", "4x1 000000 111111 eeeeee ffffff");
	READS("P5\n2 1\n254\n\x7f\xfe", "2x1 808080 ffffff");
	READS("P5\n2 1\n1023\n\x02\x00\x03\xff", "2x1 808080 ffffff");
	READS("P6\n1 1\n65535\n\x01\xff\x80\x00\xff\xff", "1x1 0180ff");
	READS("P2\n3 1\n65535\n511 32768 65535", "3x1 010101 808080 ffffff");
}

static void what_is_wrong_is_told(void **state)
{
	static const char end[] = "file ends too early", number[] = "a decimal number is missing in the file";
	(void)state;
	READS("P6\n2 1\n255\n\x01\x02\x03\xff\xfe", end);
	READS("P6\n2 1\n65535\n\x01\x02\x03\xff\xfe\x01", end);
	READS("P3\n1 2\n255\n1 2 3 4 5", end);
	READS("P3\n1 1\n255\n11 22   ", end);    /* as long as it could be, but one is missing */
	READS("P6\n30000 4000\n255\n\x01", end); /* before memory is taken */
	READS("P6", end);
	READS("P6\n2", end);
	READS("P6\n2 1\n255", end);
	READS("P6\n2 1\n255# no end", end);
	READS("P5 1 1 255x1", "the head of the file does not end in a space");
	READS("P6\n-2 1\n255\n", number);
	READS("P6\n2 x\n255\n", number);
	READS("P2 1 1 255 0x1", "1x1 000000"); /* what stands behind the last sample is another matter */
	READS("P2 2 1 255 0x1", number);
	READS("P6\n99999999999999999999 1\n255\n", "a number of the file is too large");
	READS("P6\n0 1\n255\n", "image has no pixels");
	READS("P6\n40000 1\n255\n", "image of 40000 x 1 pixels is too large");
	READS("P6\n1 999999999\n255\n", "image of 1 x 999999999 pixels is too large");
	READS("P5\n1 1\n0\n\x00", "the largest sample of the file is not 1 to 65535");
	READS("P5\n1 1\n65536\n\x00\x00", "the largest sample of the file is not 1 to 65535");
	READS("P5\n1 1\n100\n\x65", "a sample of the file is larger than its maximum");
	READS("P2\n1 1\n100\n101", "a sample of the file is larger than its maximum");
	READS("P5\n1 1\n1000\n\x03\xe9", "a sample of the file is larger than its maximum");
	READS("P4\n8 1\n\x00", "a bitmap (P1, P4) is no photograph; PGM, PPM and PAM are read");
}

static void what_is_wrong_with_a_pam_is_told(void **state)
{
	(void)state;
#define PAM(width, depth, rest) "P7\nWIDTH " width "\nHEIGHT 1\nDEPTH " depth "\nMAXVAL 255\n" rest
	READS(PAM("1", "3", "TUPLTYPE GRAYSCALE\nENDHDR\n\1\2\3"), "DEPTH and TUPLTYPE of the PAM file contradict each other");
	READS(PAM("1", "4", "TUPLTYPE CMYK\nENDHDR\n\1\2\3\4"), "the TUPLTYPE of the PAM file is neither gray nor RGB");
	READS(PAM("1", "5", "ENDHDR\n\1\2\3\4\5"), "the DEPTH of the PAM file is not 1 to 4");
	READS(PAM("1", "0", "ENDHDR\n"), "the DEPTH of the PAM file is not 1 to 4");
	READS(PAM("1", "1", "COLOUR red\nENDHDR\n\1"), "the head of the PAM file has a member that is not known");
	READS(PAM("1", "1", "\1"), "the head of the PAM file has a character that is no text");
	READS(PAM("1", "1", ""), "file ends too early");
	READS(PAM("x", "1", "ENDHDR\n\1"), "a decimal number is missing in the file");
	READS("P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nENDHDR\n\1", "the head of the PAM file lacks WIDTH, HEIGHT, DEPTH or MAXVAL");
}

/* Every beginning of a file that is good is refused, without a byte read beyond it. */
static void no_beginning_is_read(void **state)
{
	static const char *const files[] = {"P6\n2 1\n255\nabcdef", "P3\n1 1\n255\n10 20 3",
	                                    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabc"};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		assert_int_equal(strspn(read_bytes(files[i], strlen(files[i])), "12x"), 3);
		for (size_t n = 2; n < strlen(files[i]); n++) {
			read_bytes(files[i], n);
			assert_true(*why);
		}
	}
}

static void pictures_are_written(void **state)
{
	unsigned char rgb[] = {1, 2, 3, 255, 254, 253, 10, 13, 32, 35, 0, 9};
	const Image image = {2, 2, rgb};
	Image again;
	(void)state;
	assert_true(image_can_write("x.ppm") && image_can_write("y.PPM") && !image_can_write("x.pgm"));
	assert_true(image_write("x.ppm", &image, why));
	must("head -n 2 x.ppm");
	assert_string_equal(out, "P6\n2 2\n");
	assert_true(image_read("x.ppm", &again, why));
	assert_int_equal(again.width, 2);
	assert_memory_equal(again.rgb, rgb, sizeof rgb);
	image_free(&again);
	assert_false(image_write("/dev/full/x.ppm", &image, why));
	assert_true(image_write("x.png", &image, why) && image_read("x.png", &again, why));
	assert_memory_equal(again.rgb, rgb, sizeof rgb);
	image_free(&again);
	write_text("x.txt", "P8\n");
	assert_false(image_read("x.txt", &again, why));
	assert_string_equal(why, "not a photograph that this program reads: JPEG, PNG, PPM, PGM and PAM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_is_read),
	    cmocka_unit_test(comments_are_skipped),
	    cmocka_unit_test(samples_become_bytes),
	    cmocka_unit_test(what_is_wrong_is_told),
	    cmocka_unit_test(what_is_wrong_with_a_pam_is_told),
	    cmocka_unit_test(no_beginning_is_read),
	    cmocka_unit_test(pictures_are_written),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
