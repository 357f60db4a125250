/* main.c -- the main() of an executable: photographs in, detections out.
 *
 * Compiled beside the emitted source with -DDSSDC_HEADER='"FILE.h"', -DDSSDC_NAME='"NAME"' and, for the names that
 * the header declares, -D'MODEL(name)=NAME_##name' and -D'MODEL_CONSTANT(name)=NAME_IN_CAPITALS_##name',
 * without the -m flags of the model: it must be able to say what this CPU lacks. -DDSSDC_CPU='"avx2 fma"' lists what
 * the model was compiled for, -DDSSDC_THRESHOLD=0.3 says which scores the model itself leaves out.
 *
 * No locale is set anywhere: numbers are read and written with a point.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "runtime/draw.h"
#include "runtime/image.h"
#include "runtime/options.h"
#include "runtime/report.h"

#include DSSDC_HEADER

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef DSSDC_CPU
#define DSSDC_CPU ""
#endif
#ifndef DSSDC_THRESHOLD
#define DSSDC_THRESHOLD 0.0
#endif

enum {
	DONE = 0,
	USAGE = 2,
	UNSUPPORTED = 3,
	FILES = 5,
	READER_LEFT = 128 + 13 /* SIGPIPE */,
	MAX = MODEL_CONSTANT(MAX_DETECTIONS),
	NAME_SIZE = 32
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

#if defined(__x86_64__) || defined(__i386__)
/* __builtin_cpu_supports() takes literals only. */
static const char *missing_feature(void)
{
#define NEEDS(feature)                                                                      \
	if (strstr(" " DSSDC_CPU " ", " " feature " ") && !__builtin_cpu_supports(feature)) \
		return feature;
	__builtin_cpu_init();
	NEEDS("sse4.2")
	NEEDS("avx")
	NEEDS("avx2")
	NEEDS("fma")
	NEEDS("avx512f")
	NEEDS("avx512bw")
	NEEDS("avx512dq")
	NEEDS("avx512vl")
	NEEDS("avx512vnni")
	NEEDS("avx512bf16")
	return NULL;
}
#else
static const char *missing_feature(void)
{
	return NULL;
}
#endif

/* What the model was compiled for may be more than main() knows how to ask: then the model's own text. */
static int refuse_cpu(const char *program)
{
	const char *feature = missing_feature();

	if (feature)
		fprintf(stderr, "%s: error: this CPU has no %s, which the program was compiled for\n", program, feature);
	else
		fprintf(stderr, "%s: error: %s\n", program, MODEL(strerror)(MODEL_CONSTANT(ECPU)));
	return UNSUPPORTED;
}

/* names: room for the labels that the model has no name for. Returns how many scores are above the threshold. */
static int convert(const MODEL(detection) * in, int n, double threshold, Found *out, char (*names)[NAME_SIZE])
{
	int count = 0;

	for (int i = 0; i < n; i++) {
		const char *name = NULL;
		if (!((double)in[i].score > threshold))
			continue;
		if (in[i].label >= 0 && in[i].label < MODEL_CONSTANT(NUM_CLASSES))
			name = MODEL(labels)[in[i].label];
		if (!name || !*name) {
			snprintf(names[count], NAME_SIZE, "class %d", (int)in[i].label);
			name = names[count];
		}
		out[count++] = (Found){
		    (double)in[i].x0, (double)in[i].y0, (double)in[i].x1, (double)in[i].y1, (double)in[i].score, (int)in[i].label, name};
	}
	return count;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* DIR/NAME; DIR/NAME-2 for the second photograph of that name; IMAGE_ENDING is added to what has no known one. Owned by
 * the caller, null when memory is short. */
static char *picture_path(const Options *o, int i)
{
	const char *name = strcmp(o->photo[i], "-") ? base_name(o->photo[i]) : "stdin";
	const char *ending = image_can_write(name) ? strrchr(name, '.') : name + strlen(name);
	int same = 1;

	if (o->out) {
		char *copy = malloc(strlen(o->out) + 1);
		return copy ? strcpy(copy, o->out) : NULL;
	}
	for (int k = 0; k < i; k++)
		same += !strcmp(base_name(o->photo[k]), base_name(o->photo[i]));
	const size_t size = strlen(o->out_dir) + strlen(name) + 32;
	char *path = malloc(size);
	if (!path)
		return NULL;
	int n = snprintf(path, size, "%s/%.*s", o->out_dir, (int)(ending - name), name);
	if (same > 1)
		n += snprintf(path + n, size - (size_t)n, "-%d", same);
	snprintf(path + n, size - (size_t)n, "%s", *ending ? ending : IMAGE_ENDING);
	return path;
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;
	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static bool write_picture(const Options *o, int i, Image *image, const Report *r)
{
	char why[IMAGE_WHY] = "out of memory";
	char *path = picture_path(o, i);
	bool ok = false;

	if (path && same_file(path, o->photo[i])) {
		snprintf(why, sizeof why, "is the photograph itself");
	} else if (path) {
		draw_found(image, r->found, r->n);
		ok = image_write(path, image, why);
	}
	if (!ok) {
		report_plain(stderr, path ? path : r->file);
		fprintf(stderr, ": error: %s\n", why);
	}
	free(path);
	return ok;
}

typedef struct Room { /* for the detections of one photograph */
	MODEL(detection) raw[MAX];
	Found found[MAX];
	char names[MAX][NAME_SIZE];
} Room;

/* "FILE: error: why" to standard error, and the photograph's line of JSON. */
static int fail(const Options *o, const char *file, const char *why, int status)
{
	report_plain(stderr, file);
	fputs(": error: ", stderr);
	report_plain(stderr, why);
	putc('\n', stderr);
	if (o->json)
		report_failure_json(stdout, file, why);
	return status;
}

/* One photograph: an exit status. */
static int detect(const Options *o, int i, const char *program, Room *room)
{
	Report r = {.file = o->photo[i], .found = room->found, .timed = o->time};
	char why[IMAGE_WHY];
	Image image;

	double start = now_ms();
	if (!image_read(r.file, &image, why))
		return fail(o, r.file, why, FILES);
	if (*why) {
		report_plain(stderr, r.file);
		fprintf(stderr, ": warning: %s\n", why);
	}
	r.width = image.width;
	r.height = image.height;
	r.decode_ms = now_ms() - start;
	start = now_ms();
	int n = MODEL(detect)(image.rgb, image.width, image.height, 3 * image.width, MODEL_CONSTANT(RGB), room->raw, MAX);
	r.detect_ms = now_ms() - start;
	int status = DONE;
	if (n == MODEL_CONSTANT(ECPU)) {
		status = refuse_cpu(program);
	} else if (n == MODEL_CONSTANT(ENODEVICE) || n == MODEL_CONSTANT(EARCH) || n == MODEL_CONSTANT(ENOMEM)) {
		fprintf(stderr, "%s: error: %s\n", program, MODEL(strerror)(n));
		status = UNSUPPORTED;
	} else if (n < 0) {
		status = fail(o, r.file, MODEL(strerror)(n), FILES);
	} else {
		r.n = convert(room->raw, n, o->threshold, room->found, room->names);
		(o->json ? report_json : report_text)(stdout, &r);
		if ((o->out || o->out_dir) && !write_picture(o, i, &image, &r))
			status = FILES;
	}
	image_free(&image);
	return status;
}

/* On a terminal, as long as the results themselves go elsewhere. */
static void show_progress(const Options *o, int done)
{
	if (o->nphoto < 2 || !isatty(STDERR_FILENO) || isatty(STDOUT_FILENO))
		return;
	if (done < o->nphoto)
		fprintf(stderr, "\r\033[K%d of %d", done + 1, o->nphoto);
	else
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

static int detect_all(const Options *o, const char *program)
{
	int status = DONE;

	if (missing_feature())
		return refuse_cpu(program);
	if (o->out_dir && mkdir(o->out_dir, 0777) && errno != EEXIST) {
		report_plain(stderr, o->out_dir);
		fprintf(stderr, ": error: %s\n", strerror(errno));
		return FILES;
	}
	Room *room = malloc(sizeof *room);
	if (!room) {
		fprintf(stderr, "%s: error: out of memory\n", program);
		return FILES;
	}
	for (int i = 0; i < o->nphoto; i++) {
		show_progress(o, i);
		int s = detect(o, i, program, room);
		status = s ? s : status;
		if (fflush(stdout)) /* whoever reads along sees each photograph when it is done */
			break;
		if (s == UNSUPPORTED)
			break;
	}
	show_progress(o, o->nphoto);
	free(room);
	return status;
}

/* The exit status when standard output has taken everything, or says why it has not. A reader that leaves a pipe early has seen enough:
 * where SIGPIPE is ignored the status is the one that a shell tells of it, and nothing is said. */
static int close_output(const char *program, int status)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	/* Why a stream that has failed did so: the same again, without a buffer. */
	if (!errno && write(STDOUT_FILENO, "\n", 1) == 1)
		errno = EIO;
	if (errno == EPIPE)
		return READER_LEFT;
	fprintf(stderr, "%s: error: standard output: %s\n", program, strerror(errno));
	return FILES;
}

static void help(const char *program)
{
	char model[192];
	int n = snprintf(model, sizeof model, "The model: %d x %d pixels, %d classes", MODEL_CONSTANT(INPUT_WIDTH),
	                 MODEL_CONSTANT(INPUT_HEIGHT), MODEL_CONSTANT(NUM_CLASSES));

	if (DSSDC_THRESHOLD > 0)
		snprintf(model + n, sizeof model - (size_t)n, "; compiled for scores above %.4g: there are no others.", DSSDC_THRESHOLD);
	else
		snprintf(model + n, sizeof model - (size_t)n, ".");
	options_help(program, model);
}

/* Once, whatever the number of photographs. */
static void warn_of_threshold(const Options *o, const char *program)
{
	if (o->threshold_given && o->threshold < DSSDC_THRESHOLD)
		fprintf(stderr, "%s: warning: --threshold %.4g shows no more than %.4g does, which the model was compiled with\n", program,
		        o->threshold, DSSDC_THRESHOLD);
}

int main(int argc, char **argv)
{
	const char *program = argc > 0 ? base_name(argv[0]) : DSSDC_NAME;
	Options o;
	int status = USAGE;

	if (options_parse(argc, argv, &o)) {
		status = DONE;
		if (o.help) {
			help(program);
		} else if (o.version) {
			printf("%s %s\n", DSSDC_NAME, MODEL(version)());
		} else {
			warn_of_threshold(&o, program);
			status = detect_all(&o, program);
		}
	}
	options_free(&o);
	return close_output(program, status);
}
