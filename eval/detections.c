/* detections.c -- reads the lines {"file":..., "detections":[{"label":..., "score":..., "box":[x0, y0, x1, y1]}, ...]}.
 *
 * A line belongs to the photograph with that path, or, in a file of results, with that file name. */
#include "eval/detections.h"
#include "base/files.h"
#include "base/json.h"
#include "base/spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { BATCH = 200, RESULTS_LIMIT = 1 << 30 };

typedef struct Entry { /* a photograph, sorted by file name, then path */
	const char *name, *path;
	int photo;
} Entry;

typedef struct Reader {
	const Dataset *set;
	Entry *entry;
	Detections *found;
	JsonDoc doc;
	const char *file; /* for messages */
	int line;
	Arena *a, *scratch;
	Diag *d;
} Reader;

static int compare_entries(const void *a, const void *b)
{
	const Entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->path, y->path);
}

static void start(Reader *r)
{
	int n = r->set->nphoto;
	r->entry = arena_new_array(r->a, Entry, n + 1);
	for (int i = 0; i < n; i++)
		r->entry[i] = (Entry){path_base(r->set->photo[i].path), r->set->photo[i].path, i};
	qsort(r->entry, (size_t)n, sizeof *r->entry, compare_entries);
	r->found = arena_new_one(r->a, Detections);
	r->found->seen = arena_new_array(r->a, bool, n + 1);
	r->found->known = arena_new_array(r->a, bool, r->set->nclass + 1);
}

/* -1: none, or several of that name and none with that path. */
static int find_photo(const Reader *r, const char *path)
{
	const char *name = path_base(path);
	int low = 0, high = r->set->nphoto;
	while (low < high) {
		int middle = low + (high - low) / 2;
		if (strcmp(r->entry[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	int first = low, n = 0;
	for (; low < r->set->nphoto && !strcmp(r->entry[low].name, name); low++, n++)
		if (!strcmp(r->entry[low].path, path))
			return r->entry[low].photo;
	return n == 1 ? r->entry[first].photo : -1;
}

static int find_class(Reader *r, const char *label)
{
	for (int i = 0; i < r->set->nclass; i++)
		if (!strcmp(r->set->class[i], label))
			return i;
	Detections *f = r->found;
	for (int i = 0; i < f->nforeign; i++)
		if (!strcmp(f->foreign[i], label))
			return -1;
	f->foreign = arena_grow(r->a, f->foreign, sizeof *f->foreign * (size_t)f->nforeign, sizeof *f->foreign * (size_t)(f->nforeign + 1));
	f->foreign[f->nforeign++] = arena_strdup(r->a, label);
	return -1;
}

static void keep(Reader *r, Detection x)
{
	Detections *f = r->found;
	if (f->n == f->capacity) {
		int capacity = f->capacity ? 2 * f->capacity : 4096;
		f->item = arena_grow(r->a, f->item, sizeof x * (size_t)f->n, sizeof x * (size_t)capacity);
		f->capacity = capacity;
	}
	f->item[f->n++] = x;
}

static bool refuse(Reader *r, Json j, const char *what)
{
	Loc loc = json_at(j);
	loc.line = r->line;
	diag_error(r->d, DIAG_REJECT, loc, "%s: %s", json_path(j, r->scratch), what);
	return false;
}

static bool read_detection(Reader *r, Json j, int photo)
{
	Json label = json_member(j, "label"), score = json_member(j, "score"), box = json_member(j, "box"), k;
	double edge[4];
	int n = 0;
	if (!label.item || json_kind(label) != JSON_STRING || !score.item || json_kind(score) != JSON_DIGITS || !box.item ||
	    json_kind(box) != JSON_ARRAY)
		return refuse(r, j, "a detection has label, score and box");
	for (k = json_child(box); k.item && n < 4 && json_kind(k) == JSON_DIGITS; k = json_next(k))
		edge[n++] = json_as_number(k);
	if (n != 4 || k.item)
		return refuse(r, box, "a box is four numbers: x0, y0, x1, y1");
	int class = find_class(r, json_as_text(label, r->scratch));
	if (class < 0)
		return true;
	r->found->known[class] = true;
	keep(r, (Detection){photo, class, json_as_number(score), {edge[0], edge[1], edge[2] - edge[0], edge[3] - edge[1]}});
	return true;
}

static bool read_fields(Reader *r, Json root)
{
	Json file = json_member(root, "file"), list = json_member(root, "detections");
	if (json_member(root, "error").item && !list.item)
		return true; /* a photograph that could not be read: as one without a line */
	if (!file.item || json_kind(file) != JSON_STRING || !list.item || json_kind(list) != JSON_ARRAY)
		return refuse(r, root, "a line has file and detections");
	int photo = find_photo(r, json_as_text(file, r->scratch));
	if (photo < 0)
		return refuse(r, file, "the data set has no such photograph");
	if (r->found->seen[photo])
		return refuse(r, file, "this photograph was there before");
	r->found->seen[photo] = true;
	for (Json j = json_child(list); j.item; j = json_next(j))
		if (!read_detection(r, j, photo))
			return false;
	return true;
}

static bool read_line(Reader *r, const char *text, size_t size)
{
	arena_reset(r->scratch);
	r->line++;
	r->doc.text.file = r->file;
	r->doc.text.text = text;
	r->doc.text.size = size;
	return json_open(&r->doc, r->d) && read_fields(r, json_root(&r->doc));
}

static Detections *finish(Reader *r, bool good)
{
	json_close(&r->doc);
	arena_free(r->scratch);
	return good ? r->found : NULL;
}

Detections *detections_read(const char *path, const Dataset *s, Arena *a, Diag *d)
{
	size_t size;
	char *text = file_text(path, RESULTS_LIMIT, &size, a, d);
	if (!text)
		return NULL;
	Reader r = {.set = s, .file = path, .a = a, .scratch = arena_new(), .d = d};
	bool good = true;
	start(&r);
	for (const char *at = text; good && at < text + size;) {
		const char *end = memchr(at, '\n', (size_t)(text + size - at));
		size_t n = (size_t)((end ? end : text + size) - at);
		good = read_line(&r, at, n);
		at += n + 1;
	}
	return finish(&r, good);
}

/* ---- running ---- */

static void command_line(Command *c, const char *program, const Dataset *s, int first, int n)
{
	static const char *const options[] = {"--json", "--threshold", "0", "--", NULL};
	command_add(c, program);
	command_add_all(c, options);
	for (int i = 0; i < n; i++)
		command_add(c, s->photo[first + i].path);
}

/* Every line that the program prints; false after an error was reported. */
static bool read_lines(Reader *r, const char *program, FILE *in, const DetectionOptions *o)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;
	errno = 0;
	for (ssize_t length; good && (length = getline(&line, &room, in)) > 0; errno = 0) {
		if (o->copy)
			fwrite(line, 1, (size_t)length, o->copy);
		good = read_line(r, line, (size_t)(line[length - 1] == '\n' ? length - 1 : length));
		if (o->progress)
			fprintf(o->progress, "\r%d/%d photographs", r->line, r->set->nphoto);
	}
	if (good && !feof(in)) {
		const int error = errno ? errno : EIO;
		diag_error(r->d, file_error_class(error), (Loc){.file = program, .offset = -1}, "cannot read what it prints: %s",
		           strerror(error));
		good = false;
	}
	free(line);
	return good;
}

static bool run_batch(Reader *r, const char *program, int first, int n, const DetectionOptions *o)
{
	pid_t pid;
	FILE *in;
	Command c = {.arena = r->a};
	command_line(&c, program, r->set, first, n);
	if (!command_start(&c, &pid, &in, r->d))
		return false;
	bool good = read_lines(r, program, in, o);
	fclose(in);
	const int status = command_wait(pid);
	if (good && (!WIFEXITED(status) || WEXITSTATUS(status))) {
		diag_error(r->d, DIAG_IO, (Loc){.file = program, .offset = -1}, "it ended with %s %d",
		           WIFEXITED(status) ? "status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		good = false;
	}
	return good;
}

Detections *detections_run(const char *program, const Dataset *s, const DetectionOptions *o, Arena *a, Diag *d)
{
	Reader r = {.set = s, .file = program, .a = a, .scratch = arena_new(), .d = d};
	const char *path = strchr(program, '/') ? program : arena_printf(a, "./%s", program);
	bool good = true;
	start(&r);
	for (int i = 0; good && i < s->nphoto; i += BATCH)
		good = run_batch(&r, path, i, s->nphoto - i < BATCH ? s->nphoto - i : BATCH, o);
	if (o->progress)
		fputs("\r                            \r", o->progress);
	return finish(&r, good);
}
