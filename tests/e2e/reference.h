/* reference.h -- the independent outputs: tensors, boxes, and boxes as programs print them. */
#ifndef TESTS_E2E_REFERENCE_H
#define TESTS_E2E_REFERENCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *name, *folder;
} photos[] = {
    {"dog", "images"},
    {"person", "images"},
    {"000158", "voc2007/JPEGImages"},
    {"000314", "voc2007/JPEGImages"},
    {"000545", "voc2007/JPEGImages"},
    {"000746", "voc2007/JPEGImages"},
    {"001290", "voc2007/JPEGImages"},
    {"001764", "voc2007/JPEGImages"},
};
enum { NPHOTOS = 8, MAX_BOXES = 200 };

/* Null when there is none. */
static inline const char *data_dir(void)
{
	static char path[512];
	const char *shared = getenv("DSSDC_SHARED");
	snprintf(path, sizeof path, "%s/data", shared ? shared : SOURCE_DIR "/../shared");
	struct stat st;
	return stat(path, &st) ? NULL : path;
}

static inline const char *work_dir(void)
{
	static char path[64];
	if (!*path) {
		strcpy(path, "/tmp/dssdc-e2e.XXXXXX");
		if (!mkdtemp(path))
			abort();
	}
	return path;
}

__attribute__((format(printf, 1, 2))) static inline void run_command(const char *format, ...)
{
	char command[8192];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(command, sizeof command, format, args);
	va_end(args);
	assert_true(n > 0 && n < (int)sizeof command);
	if (system(command))
		fail_msg("failed: %s", command);
}

static inline int work_dir_clean(void **state)
{
	(void)state;
	run_command("rm -rf '%s'", work_dir());
	return 0;
}

static inline char *whole_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*size = (size_t)ftell(f);
	rewind(f);
	char *text = malloc(*size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, *size, f), *size);
	text[*size] = 0;
	fclose(f);
	return text;
}

/* ---- tensors: F32 of a safetensors file ---- */

typedef struct Reference {
	char *bytes;
	cJSON *header;
	const char *data;
} Reference;

static inline Reference *reference_open(const char *path)
{
	Reference *r = malloc(sizeof *r);
	size_t size;
	uint64_t n;
	r->bytes = whole_file(path, &size);
	memcpy(&n, r->bytes, 8);
	assert_true(n + 8 <= size);
	r->header = cJSON_ParseWithLength(r->bytes + 8, (size_t)n);
	assert_non_null(r->header);
	r->data = r->bytes + 8 + n;
	return r;
}

static inline const float *reference_tensor(const Reference *r, const char *name, int count)
{
	const cJSON *offsets = cJSON_GetObjectItem(cJSON_GetObjectItem(r->header, name), "data_offsets");
	double begin = cJSON_GetArrayItem(offsets, 0)->valuedouble, end = cJSON_GetArrayItem(offsets, 1)->valuedouble;
	assert_int_equal((int)(end - begin), 4 * count);
	return (const float *)(const void *)(r->data + (size_t)begin);
}

static inline void reference_close(Reference *r)
{
	cJSON_Delete(r->header);
	free(r->bytes);
	free(r);
}

/* ---- boxes ---- */

typedef struct Box {
	char label[32];
	double score, at[4];
} Box;

typedef struct Photo {
	Box box[MAX_BOXES];
	int n;
} Photo;

static inline void read_boxes(const cJSON *list, Photo *p)
{
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		assert_true(p->n < MAX_BOXES);
		Box *b = &p->box[p->n++];
		snprintf(b->label, sizeof b->label, "%s", cJSON_GetObjectItem(o, "label")->valuestring);
		b->score = cJSON_GetObjectItem(o, "score")->valuedouble;
		for (int i = 0; i < 4; i++)
			b->at[i] = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "box"), i)->valuedouble;
	}
}

/* detections.json: an object with a list of boxes for each file name */
static inline Photo *photos_from_object(const char *path)
{
	size_t size;
	char *text = whole_file(path, &size);
	cJSON *root = cJSON_Parse(text);
	assert_non_null(root);
	Photo *all = calloc(NPHOTOS, sizeof *all);
	for (int i = 0; i < NPHOTOS; i++) {
		char file[64];
		snprintf(file, sizeof file, "%s.jpg", photos[i].name);
		const cJSON *list = cJSON_GetObjectItem(root, file);
		assert_non_null(list);
		read_boxes(list, &all[i]);
	}
	cJSON_Delete(root);
	free(text);
	return all;
}

/* What programs print with --json: a line for each photograph, in order */
static inline Photo *photos_from_lines(const char *path)
{
	size_t size;
	char *text = whole_file(path, &size), *line = text;
	Photo *all = calloc(NPHOTOS, sizeof *all);
	for (int i = 0; i < NPHOTOS; i++) {
		const char *end;
		cJSON *root = cJSON_ParseWithOpts(line, &end, 0);
		assert_non_null(root);
		assert_non_null(strstr(cJSON_GetObjectItem(root, "file")->valuestring, photos[i].name));
		read_boxes(cJSON_GetObjectItem(root, "detections"), &all[i]);
		line = (char *)end;
		cJSON_Delete(root);
	}
	free(text);
	return all;
}

static inline void photos_free(Photo *p)
{
	free(p);
}

static inline int box_twin(const Photo *p, const Box *b, double score_bound, double pixels)
{
	for (int i = 0; i < p->n; i++) {
		const Box *o = &p->box[i];
		int same = !strcmp(o->label, b->label) && fabs(o->score - b->score) <= score_bound;
		for (int k = 0; k < 4; k++) /* both are printed with two decimals */
			same = same && fabs(o->at[k] - b->at[k]) <= pixels + 0.0101;
		if (same)
			return 1;
	}
	return 0;
}

#endif
