/* output_set.c -- places are found when files are opened, everything is closed and looked at before the first rename, and signals
 * wait until the last. */
#include "base/output_set.h"
#include "base/files.h"
#include "base/output_place.h"
#include "ir/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 8 };

typedef struct OutputFile {
	Place place;
	const char *waiting; /* path of what will be there; null: standard output */
	const char *backup;  /* where what was there before waits; the name is made before anything changes */
	bool backed_up;
	FILE *file; /* null: closed, or taken */
	bool taken; /* made by somebody else */
	bool failed, placed;
} OutputFile;

typedef struct Stage {   /* a temporary folder */
	const char *dir; /* beside which files it is; null: in $TMPDIR, for devices and FIFOs */
	int row;
} Stage;

struct OutputSet {
	Arena *a;
	Diag *d;
	OutputFile file[FILES];
	Stage stage[FILES];
	int n, nstage;
	bool failed;
	FILE *tell; /* null: nothing is said */
};

OutputSet *output_set_new(Arena *a, Diag *d)
{
	OutputSet *s = arena_new_one(a, OutputSet);
	s->a = a;
	s->d = d;
	return s;
}

static bool refuse(OutputSet *s, const char *path, int error)
{
	s->failed = true;
	return place_refuse(path, strerror(error), file_error_class(error), s->d);
}

const char *output_folder_prefix(const char *dir, Arena *a)
{
	return arena_printf(a, "%s%s.dssdc-", dir, *dir && dir[strlen(dir) - 1] == '/' ? "" : "/");
}

/* The row of the temporary folder beside dir (null: below $TMPDIR), made when it is first asked for. -1 with errno. */
static int stage_row(OutputSet *s, const char *dir)
{
	for (int i = 0; i < s->nstage; i++)
		if (dir ? s->stage[i].dir && !strcmp(s->stage[i].dir, dir) : !s->stage[i].dir)
			return s->stage[i].row;
	int row = cleanup_folder_new(dir ? output_folder_prefix(dir, s->a) : file_temporary_prefix(s->a));
	if (row >= 0)
		s->stage[s->nstage++] = (Stage){dir, row};
	return row;
}

/* A row for path, with its place found; null after an error was reported. */
static OutputFile *add(OutputSet *s, const char *path)
{
	if (s->n == FILES)
		bug("more than %d files in a set", FILES);
	OutputFile *f = &s->file[s->n];
	*f = (OutputFile){.waiting = NULL};
	if (!place_find(&f->place, path, s->a, s->d)) {
		s->failed = true;
		return NULL;
	}
	for (int i = 0; i < s->n; i++)
		if (s->file[i].waiting && place_is_same(&s->file[i].place, &f->place)) {
			s->failed = true;
			place_refuse(path, "the command writes another result to the same file", DIAG_REJECT, s->d);
			return NULL;
		}
	s->n++;
	return f;
}

FILE *output_set_open(OutputSet *s, const char *path)
{
	if (!path || !strcmp(path, "-"))
		return stdout; /* main() looks at it */
	OutputFile *f = add(s, path);
	if (!f)
		return NULL;
	int row = stage_row(s, f->place.special ? NULL : f->place.dir);
	if (row >= 0) {
		const char *name = f->place.special ? arena_printf(s->a, "special%d", s->n) : f->place.name;
		f->waiting = arena_printf(s->a, "%s/%s", cleanup_folder_path(row), name);
		f->file = file_create(cleanup_folder_descriptor(row), name);
	}
	if (f->file)
		return f->file;
	refuse(s, path, errno);
	return NULL;
}

void output_set_call(OutputSet *s, const char *name)
{
	s->file[s->n - 1].place.path = name;
}

/* Why a stream that has failed did so: the same again, without a buffer. */
static int error_of(FILE *f)
{
	return write(fileno(f), "", 1) == 1 ? EIO : errno;
}

static bool close_file(OutputSet *s, OutputFile *f)
{
	FILE *file = f->file;
	if (!file)
		return !f->failed;
	int error = ferror(file) ? error_of(file) : 0;
	if (fclose(file) && !error)
		error = errno;
	f->file = NULL;
	f->failed = error != 0;
	return !error || refuse(s, f->place.path, error);
}

const char *output_set_close(OutputSet *s, FILE *file)
{
	for (int i = 0; i < s->n; i++)
		if (s->file[i].file == file)
			return close_file(s, &s->file[i]) ? s->file[i].waiting : NULL;
	bug("a stream of another set");
}

bool output_set_take(OutputSet *s, const char *from, const char *path)
{
	OutputFile *f = add(s, path);
	struct stat st;
	if (!f)
		return false;
	if (stat(from, &st))
		return refuse(s, path, errno);
	f->waiting = from;
	f->taken = true;
	if (st.st_mode & 0111) /* a program may be run by those who may read it */
		f->place.mode |= (f->place.mode & 0444) >> 2;
	return true;
}

/* ---- the end ---- */

void output_set_drop(OutputSet *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->file[i].file)
			fclose(s->file[i].file);
	while (s->nstage)
		cleanup_folder_remove(s->stage[--s->nstage].row);
	s->n = 0;
}

/* What waits on another file system is copied beside its place. */
static bool bring_near(OutputSet *s, OutputFile *f)
{
	int row = stage_row(s, f->place.dir);
	if (row < 0 || !file_copy(f->waiting, cleanup_folder_descriptor(row), f->place.name))
		return false;
	f->waiting = arena_printf(s->a, "%s/%s", cleanup_folder_path(row), f->place.name);
	f->backup = arena_printf(s->a, "%s.old", f->waiting);
	f->taken = false;
	return true;
}

/* Device numbers are compared of folders, not of files: some file systems give each file another one. The staging folder is in the
 * folder of the output. */
static bool is_far(const OutputSet *s, const OutputFile *f)
{
	struct stat here, there;
	const char *slash = strrchr(f->waiting, '/');
	if (!f->taken)
		return false;
	const char *folder = slash ? arena_strndup(s->a, f->waiting, (size_t)(slash - f->waiting)) : ".";
	return stat(folder, &here) || stat(f->place.dir, &there) || here.st_dev != there.st_dev;
}

/* Before anything changes: what was written is whole, near its place, and has its mode. */
static bool prepare(OutputSet *s)
{
	bool good = !s->failed;
	for (int i = 0; i < s->n; i++)
		good = close_file(s, &s->file[i]) && good;
	for (int i = 0; good && i < s->n; i++) {
		OutputFile *f = &s->file[i];
		good = place_is_free(&f->place, s->d);
		if (!good || f->place.special)
			continue;
		const bool near = !is_far(s, f) || bring_near(s, f);
		f->backup = arena_printf(s->a, "%s.old", f->waiting);
		if (!near || (f->place.exists && chmod(f->waiting, f->place.mode & 0777)))
			good = refuse(s, f->place.path, errno);
	}
	return good;
}

/* By the numbers of their folders. */
static int compare_folders(const void *a, const void *b)
{
	const Place *x = *(const Place *const *)a, *y = *(const Place *const *)b;
	return x->dev != y->dev ? (x->dev > y->dev) - (x->dev < y->dev) : (x->ino > y->ino) - (x->ino < y->ino);
}

/* The folders of all places, always in the same order. A file system that has no locks, or a folder that may not be read, is
 * no reason to fail. lock: descriptors, -1 where there is none. */
static bool lock_folders(OutputSet *s, int lock[FILES])
{
	const Place *place[FILES];
	int n = 0;
	for (int i = 0; i < FILES; i++)
		lock[i] = -1;
	for (int i = 0; i < s->n; i++)
		if (!s->file[i].place.special)
			place[n++] = &s->file[i].place;
	qsort(place, (size_t)n, sizeof *place, compare_folders);
	for (int i = 0; i < n; i++) {
		if (i && !compare_folders(&place[i - 1], &place[i]))
			continue;
		lock[i] = open(place[i]->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (lock[i] < 0 && errno != EACCES)
			return refuse(s, place[i]->path, errno);
		while (lock[i] >= 0 && flock(lock[i], LOCK_EX) && errno == EINTR)
			;
	}
	return true;
}

static void unlock_folders(const int lock[FILES])
{
	for (int i = 0; i < FILES; i++)
		if (lock[i] >= 0)
			close(lock[i]);
}

/* Keeps what is there under another name, and puts the new file in its place. Where a file cannot have two names, it is
 * moved. False with errno, and as before. */
static bool place_one(OutputSet *s, OutputFile *f)
{
	const char *target = f->place.target;
	bool moved = false;
	f->backed_up = !link(target, f->backup);
	if (!f->backed_up && errno == EXDEV && bring_near(s, f))
		return place_one(s, f);
	if (!f->backed_up && errno != ENOENT) {
		f->backed_up = moved = !rename(target, f->backup);
		if (!moved && errno != ENOENT)
			return false;
	}
	if (!rename(f->waiting, target))
		return f->placed = true;
	int error = errno;
	if (moved && rename(f->backup, target))
		error = errno;
	unlink(f->backup);
	errno = error;
	return error == EXDEV && bring_near(s, f) && place_one(s, f);
}

/* What was there before; where names can no longer be changed, at least its bytes. */
static bool put_back(const OutputFile *f)
{
	if (!f->backed_up)
		return !unlink(f->place.target);
	return !rename(f->backup, f->place.target) || file_copy_to(f->backup, f->place.target);
}

static void take_back(OutputSet *s)
{
	for (int i = s->n - 1; i >= 0; i--) {
		OutputFile *f = &s->file[i];
		if (f->placed && !put_back(f))
			place_refuse(f->place.path, "this file is new, others are not, and it cannot be taken back", DIAG_IO, s->d);
	}
}

static bool place_all(OutputSet *s)
{
	sigset_t before;
	int lock[FILES];
	bool good = lock_folders(s, lock);
	cleanup_hold(&before);
	for (int i = 0; good && i < s->n; i++)
		if (!s->file[i].place.special && !place_one(s, &s->file[i])) {
			good = refuse(s, s->file[i].place.path, errno);
			take_back(s);
		}
	unlock_folders(lock);
	for (int i = 0; i < s->nstage && good; i++) /* nothing but what was there before is in them */
		if (s->stage[i].dir)
			cleanup_folder_remove(s->stage[i].row);
	cleanup_release(&before);
	return good;
}

void output_set_tell(OutputSet *s, FILE *out)
{
	s->tell = out;
}

static void list_files(const OutputSet *s)
{
	for (int i = 0; i < s->n; i++) {
		const char *path = s->file[i].place.path;
		path += strncmp(path, "./", 2) ? 0 : 2;
		fprintf(s->tell, "%s%s", i ? ", " : "wrote ", diag_quote(s->a, path));
	}
	if (s->n)
		fputc('\n', s->tell);
}

bool output_set_commit(OutputSet *s)
{
	bool good = prepare(s) && place_all(s);
	for (int i = 0; good && i < s->n; i++) {
		const OutputFile *f = &s->file[i];
		if (f->place.special && !file_copy_to(f->waiting, f->place.path))
			good = refuse(s, f->place.path, errno);
	}
	if (good && s->tell)
		list_files(s);
	output_set_drop(s);
	return good;
}

bool output_is_allowed(const char *path, Diag *d)
{
	Arena *a = arena_new();
	Place p;
	const bool good = place_find(&p, path, a, d);
	arena_free(a);
	return good;
}
