/* files.c -- openat() component by component, O_NOFOLLOW and O_NONBLOCK, then fstat() on what was opened. */
#include "base/files.h"
#include "ir/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Loc whole_file(const char *path)
{
	return (Loc){.file = path, .offset = -1};
}

static void note(const struct stat *s, Diag *d)
{
	struct FilesRead *r = d->read;
	if (!r || !S_ISREG(s->st_mode) || file_was_read(s, d))
		return;
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->item = arena_grow(r->arena, r->item, sizeof *r->item * (size_t)r->n, sizeof *r->item * (size_t)r->room);
	}
	r->item[r->n++] = (FileId){s->st_dev, s->st_ino};
}

void file_note_read(const char *path, Diag *d)
{
	struct stat s;
	if (!stat(path, &s))
		note(&s, d);
}

bool file_was_read(const struct stat *st, const Diag *d)
{
	for (int i = 0; d->read && i < d->read->n; i++)
		if (d->read->item[i].dev == st->st_dev && d->read->item[i].ino == st->st_ino)
			return true;
	return false;
}

/* Closes fd and returns -1 unless it is a regular file. */
static int accept_regular(int fd, int64_t *size, Loc loc, Diag *d)
{
	struct stat s;
	if (fstat(fd, &s) != 0) {
		diag_error(d, file_error_class(errno), loc, "%s", strerror(errno));
	} else if (!S_ISREG(s.st_mode)) {
		diag_error(d, DIAG_REJECT, loc, "not a regular file");
	} else {
		*size = s.st_size;
		note(&s, d);
		return fd;
	}
	close(fd);
	return -1;
}

DiagClass file_error_class(int error)
{
	return error == ENOMEM ? DIAG_LIMIT : DIAG_IO;
}

static void report_open(int error, Loc loc, Diag *d)
{
	if (error == ELOOP)
		diag_error(d, DIAG_REJECT, loc, "a symbolic link; only regular files are read");
	else if (error == ENXIO || error == ENODEV)
		diag_error(d, DIAG_REJECT, loc, "not a regular file");
	else
		diag_error(d, file_error_class(error), loc, "%s", strerror(error));
}

int file_open(const char *path, bool links, int64_t *size, Diag *d)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (links ? 0 : O_NOFOLLOW))
	                           : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		report_open(errno, whole_file(path), d);
		return -1;
	}
	return accept_regular(fd, size, whole_file(path), d);
}

bool file_is_folder(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool file_has_ending(const char *path, const char *ending)
{
	size_t n = strlen(path), m = strlen(ending);
	return n >= m && !strcmp(path + n - m, ending);
}

bool file_is_beneath(const char *relative)
{
	if (strchr(relative, '\\') || strchr(relative, ':'))
		return false;
	for (const char *p = relative;; p++) {
		size_t n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

const char *file_beside(Arena *a, const char *beside, const char *relative)
{
	const char *slash = strrchr(beside, '/');
	return arena_printf(a, "%.*s%s", slash ? (int)(slash + 1 - beside) : 0, beside, relative);
}

int file_open_beneath(const char *beside, const char *relative, int64_t *size, Loc loc, Diag *d)
{
	if (!file_is_beneath(relative))
		bug("unchecked path");
	Arena *a = arena_new();
	const char *name = file_beside(a, beside, "");
	int at = open(*name ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	char *part = arena_strdup(a, relative);
	for (char *slash; at >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
		*slash = 0;
		int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int error = errno;
		close(at);
		errno = error;
		at = next;
	}
	if (at >= 0)
		fd = openat(at, part, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	int error = errno;
	if (at >= 0)
		close(at);
	loc.layer = NULL;
	if (fd < 0) {
		Loc file = whole_file(file_beside(a, beside, relative));
		report_open(error, file, d);
		diag_note(d, loc, "the file is named here");
	} else {
		fd = accept_regular(fd, size, whole_file(file_beside(a, beside, relative)), d);
	}
	arena_free(a);
	return fd;
}

int file_open_sealed(const char *beside, const char *relative, int64_t *size, Loc loc, Diag *d)
{
	int fd = file_open_beneath(beside, relative, size, loc, d);
	struct stat s;
	if (fd < 0 || (!fstat(fd, &s) && s.st_nlink == 1))
		return fd;
	Arena *a = arena_new();
	diag_error(d, DIAG_REJECT, whole_file(file_beside(a, beside, relative)), "the file has other names too (hard links)");
	diag_note(d, loc, "the file is named here");
	arena_free(a);
	close(fd);
	return -1;
}

bool file_read(int fd, void *to, size_t size, int64_t offset)
{
	char *p = to;
	while (size > 0) {
		ssize_t n = pread(fd, p, size > (1u << 30) ? 1u << 30 : size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
		offset += n;
	}
	return true;
}

/* ---- writing ---- */

static int create(int folder, const char *name, mode_t mode)
{
	return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

FILE *file_create(int folder, const char *name)
{
	int fd = create(folder, name, 0666);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
	if (fd >= 0 && !f) {
		int error = errno;
		close(fd);
		errno = error;
	}
	return f;
}

static bool copy_bytes(int in, int out)
{
	char buffer[1 << 16];
	for (;;) {
		ssize_t n = read(in, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(out, buffer + done, (size_t)(n - done));
			if (w < 0 && errno != EINTR)
				return false;
			done += w > 0 ? w : 0;
		}
	}
}

/* Closes both; out may be -1, with errno. */
static bool copy_and_close(int in, int out)
{
	bool good = out >= 0 && copy_bytes(in, out);
	int error = errno;
	if (out >= 0 && close(out) && good) {
		error = errno;
		good = false;
	}
	close(in);
	errno = error;
	return good;
}

bool file_copy(const char *from, int folder, const char *name)
{
	struct stat st;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return false;
	int out = fstat(in, &st) ? -1 : create(folder, name, st.st_mode & 0777);
	return copy_and_close(in, out);
}

bool file_copy_to(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	return in >= 0 && copy_and_close(in, open(to, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC));
}

const char *file_temporary_prefix(Arena *a)
{
	const char *base = getenv("TMPDIR");
	return arena_printf(a, "%s/dssdc.", base && *base ? base : "/tmp");
}

/* ---- whole texts ---- */

enum { FIRST_ROOM = 1 << 20 };

static char *read_stream(int fd, size_t limit, size_t *size, Arena *a, Diag *d)
{
	size_t used = 0, room = limit < FIRST_ROOM ? limit : FIRST_ROOM; /* of limit + 1 at most */
	char *text = arena_alloc(a, room + 2);
	struct stat s;
	if (!fstat(fd, &s))
		note(&s, d);
	for (;;) {
		if (used > room) {
			const size_t more = room > limit / 2 ? limit : 2 * room;
			text = arena_grow(a, text, used, more + 2);
			room = more;
		}
		ssize_t n = read(fd, text + used, room + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			diag_error(d, DIAG_IO, whole_file("<stdin>"), "%s", strerror(errno));
			return NULL;
		}
		used += (size_t)n;
		if (n == 0 || used > limit)
			break;
	}
	if (used > limit) {
		diag_error(d, DIAG_LIMIT, whole_file("<stdin>"), "larger than %zu bytes", limit);
		return NULL;
	}
	text[used] = 0;
	*size = used;
	return text;
}

char *file_text(const char *path, size_t limit, size_t *size, Arena *a, Diag *d)
{
	if (!strcmp(path, "-"))
		return read_stream(0, limit, size, a, d);
	int64_t bytes = 0;
	int fd = file_open(path, true, &bytes, d);
	if (fd < 0)
		return NULL;
	char *text = NULL;
	if (bytes > (int64_t)limit) {
		diag_error(d, DIAG_LIMIT, whole_file(path), "%lld bytes; the limit is %zu", (long long)bytes, limit);
	} else {
		text = arena_alloc(a, (size_t)bytes + 1);
		*size = (size_t)bytes;
		if (!file_read(fd, text, *size, 0)) {
			diag_error(d, DIAG_IO, whole_file(path), "changed or unreadable while being read");
			text = NULL;
		}
	}
	close(fd);
	return text;
}

/* ---- standard input ---- */

static const int64_t input_limit = INT64_C(1) << 31;

/* 0 or an errno; EFBIG: more than the limit. */
static int copy_input(int out)
{
	char buffer[1 << 16];
	int64_t total = 0;
	for (;;) {
		const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : 0;
		if ((total += n) > input_limit)
			return EFBIG;
		for (ssize_t at = 0; at < n;) {
			const ssize_t m = write(out, buffer + at, (size_t)(n - at));
			if (m < 0 && errno != EINTR)
				return errno;
			at += m > 0 ? m : 0;
		}
	}
}

/* A file in a folder that goes at once; its descriptor, for reading, stays. -1 with errno. */
static int input_file(int row, Arena *a)
{
	FILE *f = file_create(cleanup_folder_descriptor(row), "input");
	int error = f ? copy_input(fileno(f)) : errno;
	if (f && fclose(f) && !error)
		error = errno;
	errno = error;
	return error ? -1 : open(arena_printf(a, "%s/input", cleanup_folder_path(row)), O_RDONLY | O_CLOEXEC);
}

bool file_rewindable_input(Arena *a, Diag *d)
{
	struct stat s;
	if (!fstat(STDIN_FILENO, &s) && S_ISREG(s.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0)
		return true;
	const int row = cleanup_folder_new(file_temporary_prefix(a));
	const int fd = row < 0 ? -1 : input_file(row, a);
	int error = fd < 0 || dup2(fd, STDIN_FILENO) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	cleanup_folder_remove(row);
	if (error == EFBIG)
		diag_error(d, DIAG_LIMIT, whole_file("<stdin>"), "more than %lld bytes", (long long)input_limit);
	else if (error)
		diag_error(d, file_error_class(error), whole_file("<stdin>"), "cannot be read, or copied to a file: %s", strerror(error));
	return !error;
}
