/* test_reference_slow.c -- the trained model's emitted program against an independent implementation, on eight
 * photographs: logits from the given input tensor, boxes from the photograph's file; c99 and native, passes on and off,
 * and each optional pass alone left out. Outside of a full run: passes on, and every third pass left out. Needs ../shared/data (or
 * $DSSDC_SHARED/data); skips without it. */
#include "tests/e2e/reference.h"
#include "tests/full.h"

#include "passes/pass.h"

#include <dlfcn.h>
#include <math.h>

enum { BOXES = 18344, CLASSES = 21, SIZE = 321 };

typedef struct Variant {
	const char *name, *options;
} Variant;

static const Variant variants[] = {
    {"c99", "--target=c99"},
    {"native", "--target=native"},
    {"c99_O0", "--target=c99 -O0"},
    {"native_O0", "--target=native -O0"},
};

/* |difference| <= 1e-3 + 5e-6 * the tensor's largest magnitude */
static void compare_tensor(const char *variant, const char *photo, const char *what, const float *want, const float *got, int n)
{
	double top = 0, worst = 0;
	for (int i = 0; i < n; i++) {
		top = fmax(top, fabs((double)want[i]));
		double d = fabs((double)want[i] - (double)got[i]);
		worst = d <= worst ? worst : d;
	}
	double allowed = 1e-3 + 5e-6 * top;
	if (!(worst <= allowed))
		fail_msg("%s %s %s: differs by %g, allowed %g", variant, photo, what, worst, allowed);
	printf("    %-10s %-8s %-4s max abs %.2e of allowed %.2e\n", variant, photo, what, worst, allowed);
}

static void logits_are_the_references(void **state)
{
	const Variant *v = *state;
	char file[256];
	snprintf(file, sizeof file, "%s/raw_%s.so", work_dir(), v->name);
	run_command("'%s/dssdc' compile '%s/models/dssd321_mobilenet.json' %s --emit=shared --name=raw "
	            "--output-tensor=mbox_loc --output-tensor=mbox_conf -o '%s'",
	            BUILD_DIR, SOURCE_DIR, v->options, file);
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(library);
	int (*run)(const float *, float *, float *);
	*(void **)&run = dlsym(library, "raw_run");
	assert_non_null(run);
	float *loc = malloc(sizeof *loc * BOXES * 4), *conf = malloc(sizeof *conf * BOXES * CLASSES);
	for (int i = 0; i < NPHOTOS; i++) {
		char path[1024];
		snprintf(path, sizeof path, "%s/dssd321_mobilenet/reference/%s.safetensors", data_dir(), photos[i].name);
		Reference *r = reference_open(path);
		const float *input = reference_tensor(r, "input", 3 * SIZE * SIZE);
		assert_int_equal(run(input, loc, conf), 0);
		compare_tensor(v->name, photos[i].name, "loc", reference_tensor(r, "loc", BOXES * 4), loc, BOXES * 4);
		compare_tensor(v->name, photos[i].name, "conf", reference_tensor(r, "conf", BOXES * CLASSES), conf, BOXES * CLASSES);
		reference_close(r);
	}
	free(loc);
	free(conf);
	dlclose(library);
}

/* Detections of all eight photographs by a program compiled with the options. */
static Photo *detect(const char *name, const char *options, const char *threshold)
{
	char program[256], list[4096] = "";
	snprintf(program, sizeof program, "%s/detect_%s", work_dir(), name);
	run_command("'%s/dssdc' compile '%s/models/dssd321_mobilenet.json' %s -o '%s'", BUILD_DIR, SOURCE_DIR, options, program);
	for (int i = 0; i < NPHOTOS; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), " '%s/%s/%s.jpg'", data_dir(), photos[i].folder, photos[i].name);
	run_command("'%s' %s --json --threshold=%s > '%s.json'", program, list, threshold, program);
	char json[300];
	snprintf(json, sizeof json, "%s.json", program);
	return photos_from_lines(json);
}

/* Every box of `want` above `clear` has its twin in `got`, and the other way round. */
static void same_boxes(const char *what, const Photo *want, const Photo *got, double clear, double score_bound, double pixels)
{
	for (int i = 0; i < NPHOTOS; i++) {
		const Photo *pair[2] = {&want[i], &got[i]};
		for (int side = 0; side < 2; side++)
			for (int k = 0; k < pair[side]->n; k++) {
				const Box *b = &pair[side]->box[k];
				if (b->score > clear && !box_twin(pair[!side], b, score_bound, pixels))
					fail_msg("%s, %s: %s %.5f at %.2f %.2f %.2f %.2f %s", what, photos[i].name, b->label, b->score,
					         b->at[0], b->at[1], b->at[2], b->at[3], side ? "is too many" : "is missing");
			}
	}
}

static void boxes_are_the_references(void **state)
{
	const Variant *v = *state;
	char path[1024];
	snprintf(path, sizeof path, "%s/dssd321_mobilenet/reference/detections.json", data_dir());
	Photo *want = photos_from_object(path), *got = detect(v->name, v->options, "0.05");
	same_boxes(v->name, want, got, 0.06, 1e-3, 0.05);
	photos_free(want);
	photos_free(got);
}

static void a_pass_left_out_changes_nothing(void **state)
{
	(void)state;
	Photo *all = detect("all", "--target=native", "0.019");
	for (int i = 0; i <= pipeline_inference.length; i++) {
		if (i < pipeline_inference.length && (!pipeline_inference.pass[i].optional || (!full_run() && i % 3)))
			continue;
		char options[128], name[64];
		const char *pass = i < pipeline_inference.length ? pipeline_inference.pass[i].name : "O0";
		snprintf(name, sizeof name, "without_%s", pass);
		snprintf(options, sizeof options,
		         i < pipeline_inference.length ? "--target=native --disable-pass=%s" : "--target=native -%s", pass);
		Photo *without = detect(name, options, "0.019");
		same_boxes(name, all, without, 0.02, 1e-4, 0.05);
		photos_free(without);
		printf("    without %s: the same boxes\n", pass);
	}
	photos_free(all);
}

int main(void)
{
	if (!data_dir()) {
		printf("skipped: no ../shared/data with the reference outputs\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	struct CMUnitTest tests[2 * 4 + 1];
	int n = 0;
	for (int i = 0; i < full_or(4, 2); i++) {
		tests[n++] = (struct CMUnitTest){variants[i].name, logits_are_the_references, NULL, NULL, (void *)&variants[i]};
		tests[n++] = (struct CMUnitTest){variants[i].name, boxes_are_the_references, NULL, NULL, (void *)&variants[i]};
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_pass_left_out_changes_nothing);
	return _cmocka_run_group_tests("reference", tests, (size_t)n, NULL, work_dir_clean);
}
