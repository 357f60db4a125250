/* files.c -- openat() component by component, O_NOFOLLOW and O_NONBLOCK, then fstat() on what was opened. */
#include "compiler/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Loc whole_file(const char *path)
{
	return (Loc){.file = path, .offset = -1};
}

/* Closes fd and returns -1 unless it is a regular file. */
static int accept_regular(int fd, int64_t *size, Loc loc, Diag *d)
{
	struct stat s;
	if (fstat(fd, &s) != 0) {
		diag_error(d, DIAG_IO, loc, "%s", strerror(errno));
	} else if (!S_ISREG(s.st_mode)) {
		diag_error(d, DIAG_REJECT, loc, "not a regular file");
	} else {
		*size = s.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

static void report_open(int error, Loc loc, Diag *d)
{
	if (error == ELOOP)
		diag_error(d, DIAG_REJECT, loc, "a symbolic link; only regular files are read");
	else if (error == ENXIO || error == ENODEV)
		diag_error(d, DIAG_REJECT, loc, "not a regular file");
	else
		diag_error(d, DIAG_IO, loc, "%s", strerror(error));
}

int file_open(const char *path, bool links, int64_t *size, Diag *d)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (links ? 0 : O_NOFOLLOW));
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

bool file_is_one_of(const char *path, const char *const *list)
{
	struct stat a, b;
	if (stat(path, &a))
		return false;
	for (; *list; list++)
		if (!stat(*list, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
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

static char *read_stream(int fd, size_t limit, size_t *size, Arena *a, Diag *d)
{
	char *text = arena_alloc(a, limit + 2);
	size_t used = 0;
	for (;;) {
		ssize_t n = read(fd, text + used, limit + 1 - used);
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
