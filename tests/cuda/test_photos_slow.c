/* test_photos_slow.c -- the trained model on photographs, in every precision: the boxes above 0.3 of the emitted CUDA program, run
 * through tests/cuda/shim, have their twins among those of the C program. Eight photographs; DSSDC_PHOTOS=200 takes more. */
#include "tests/shared.h"
#include "tests/full.h"
#include "tests/shell.h"

#include <math.h>

#define NVCC "NVCC='" SOURCE_DIR "/tests/cuda/nvcc.sh'"

typedef struct Box {
	int class;
	double score, side[4];
} Box;

enum { MOST = 1 << 16 };
static Box want[MOST], got[MOST];

/* Lines of --json: boxes, and where each photograph's end. */
static int read_boxes(const char *text, Box *box, int *end, int *photos)
{
	int n = 0;
	*photos = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *stop = strchr(line, '\n');
		for (const char *p = line; (p = strstr(p, "{\"class\":")) && p < stop; p++) {
			Box *b = &box[n++];
			const char *score = strstr(p, "\"score\":"), *side = strstr(p, "\"box\":[");
			assert_int_equal(sscanf(p, "{\"class\":%d", &b->class), 1);
			assert_int_equal(sscanf(score, "\"score\":%lf", &b->score), 1);
			assert_int_equal(sscanf(side, "\"box\":[%lf,%lf,%lf,%lf", &b->side[0], &b->side[1], &b->side[2], &b->side[3]), 4);
			assert_true(n < MOST);
		}
		end[(*photos)++] = n;
		if (!stop)
			break;
	}
	return n;
}

static bool are_twins(const Box *a, const Box *b, double score, double pixels)
{
	bool near = a->class == b->class && fabs(a->score - b->score) <= score;
	for (int i = 0; i < 4; i++)
		near = near && fabs(a->side[i] - b->side[i]) <= pixels;
	return near;
}

static void precisions_keep_their_boxes(void **state)
{
	static const struct {
		const char *options;
		double score, pixels, share; /* of the C program's boxes that must have a twin */
	} cases[] = {
	    {"--target=cuda-standalone --precision=f16", 0.03, 2, 0.97},
	    /* from here on: tests/run.sh full */
	    {"--target=cuda-standalone", 1.01e-4, 0.06, 1},
	    {"--target=cuda-standalone --precision=tf32", 0.03, 2, 0.97},
	    {"--target=cuda-standalone --precision=bf16", 0.03, 2, 0.75},
	    {"--target=cuda-standalone --precision=mixed --calibrate=calibration", 0.03, 2, 0.95},
	};
	static int want_end[1024], got_end[1024];
	static char photos[1 << 16], folder[4096];
	const char *count = getenv("DSSDC_PHOTOS");
	int nphoto, same;
	(void)state;
	if (!shared("voc2007/JPEGImages"))
		skip();
	snprintf(folder, sizeof folder, "%s", shared("voc2007/JPEGImages"));
	must("ls '%s'/*.jpg | head -%d | tr '\n' ' '", folder, count ? atoi(count) : full_or(8, 4));
	assert_true(strlen(out) < sizeof photos);
	strcpy(photos, out);
	must("mkdir calibration && cp $(ls '%s'/*.jpg | tail -2) calibration/", folder);
	must(DSSDC " compile --no-check " CARD " -o c_program && ./c_program --json --threshold=0.25 %s", photos);
	const int n = read_boxes(out, want, want_end, &nphoto);
	assert_true(n > full_or(8, 4));
	for (int i = 0; i < full_or(sizeof cases / sizeof *cases, 1); i++) {
		must(NVCC " " DSSDC " compile --no-check " CARD " %s -o cuda_program && ./cuda_program --json --threshold=0.25 %s",
		     cases[i].options, photos);
		read_boxes(out, got, got_end, &same);
		assert_int_equal(same, nphoto);
		int strong = 0, found = 0;
		for (int p = 0; p < nphoto; p++)
			for (int k = p ? want_end[p - 1] : 0; k < want_end[p]; k++) {
				bool twin = false;
				if (want[k].score <= 0.3)
					continue;
				for (int j = p ? got_end[p - 1] : 0; j < got_end[p]; j++)
					twin = twin || are_twins(&want[k], &got[j], cases[i].score, cases[i].pixels);
				strong++;
				found += twin;
			}
		print_message("%-68s %d of %d boxes have their twin\n", cases[i].options, found, strong);
		assert_true(found >= cases[i].share * strong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(precisions_keep_their_boxes),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
