/* output_place.c -- links are followed one by one: the last may lead to a file that is not there yet. */
#include "base/output_place.h"
#include "base/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40, LINK_ROOM = 4096 };

bool place_refuse(const char *path, const char *why, DiagClass c, Diag *d)
{
	diag_error(d, c, (Loc){.file = path, .offset = -1}, "cannot write: %s", why);
	return false;
}

static void split(Place *p, Arena *a)
{
	const char *slash = strrchr(p->target, '/');
	p->name = slash ? slash + 1 : p->target;
	p->dir = !slash ? "." : slash == p->target ? "/" : arena_strndup(a, p->target, (size_t)(slash - p->target));
}

/* Names below /proc look like links to files, but are doors to what is open already. */
static bool is_door(const char *path)
{
	return !strncmp(path, "/proc/", 6);
}

/* 0 or an errno. st: of the file that the links lead to, when p->exists. */
static int follow(Place *p, struct stat *st, Arena *a)
{
	char to[LINK_ROOM];
	for (int i = 0; i < MOST_LINKS; i++) {
		if (lstat(p->target, st))
			return errno == ENOENT ? 0 : errno;
		p->exists = true;
		if (!S_ISLNK(st->st_mode))
			return 0;
		if (is_door(p->target)) {
			p->special = true;
			return stat(p->target, st) ? errno : 0;
		}
		ssize_t n = readlink(p->target, to, sizeof to);
		if (n <= 0 || n == sizeof to)
			return n < 0 ? errno : ENAMETOOLONG;
		split(p, a);
		p->target = *to == '/' ? arena_strndup(a, to, (size_t)n) : arena_printf(a, "%s/%.*s", p->dir, (int)n, to);
		p->exists = false;
	}
	return ELOOP;
}

bool place_is_free(const Place *p, Diag *d)
{
	struct stat st;
	if (p->special || stat(p->target, &st) || !file_was_read(&st, d))
		return true;
	return place_refuse(p->path, "this is a file that the model is read from", DIAG_IO, d);
}

bool place_find(Place *p, const char *path, Arena *a, Diag *d)
{
	struct stat st, dir;
	*p = (Place){.path = path, .target = path};
	int error = follow(p, &st, a);
	split(p, a);
	if (!error && p->exists) {
		p->mode = st.st_mode & 07777;
		p->special |= !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
		error = S_ISDIR(st.st_mode) ? EISDIR : 0;
	}
	if (!error && !*p->name)
		error = EISDIR;
	if (!error && stat(p->dir, &dir))
		error = errno;
	if (error)
		return place_refuse(path, strerror(error), file_error_class(error), d);
	p->dev = dir.st_dev;
	p->ino = dir.st_ino;
	return place_is_free(p, d);
}

bool place_is_same(const Place *p, const Place *q)
{
	return !p->special && !q->special && p->dev == q->dev && p->ino == q->ino && !strcmp(p->name, q->name);
}
