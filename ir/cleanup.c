/* cleanup.c -- a table of folders, each with its open descriptor, and one child. */
#include "ir/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FOLDERS = 16, PATH_ROOM = 4096, DEEPEST = 4, ATTEMPTS = 100, ENTRIES_ROOM = 4096 };

static struct {
	struct {
		volatile sig_atomic_t used;
		int fd;
		char path[PATH_ROOM];
	} folder[FOLDERS];    /* in the order in which they were made */
	volatile pid_t child; /* 0: none */
} table;

void cleanup_hold(sigset_t *before)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

void cleanup_release(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

/* ---- folders ---- */

static uint64_t random_digits(void)
{
	uint64_t x;
	struct timespec t;
	if (getrandom(&x, sizeof x, 0) == sizeof x)
		return x;
	clock_gettime(CLOCK_MONOTONIC, &t); /* a kernel without getrandom: names differ, and O_EXCL does the rest */
	return ((uint64_t)t.tv_nsec << 32 ^ (uint64_t)t.tv_sec << 20) ^ (uint64_t)getpid();
}

static int free_row(void)
{
	int row = FOLDERS;
	while (row > 0 && !table.folder[row - 1].used)
		row--;
	if (row < FOLDERS)
		return row; /* after the last one in use: rows are emptied from the end */
	errno = EMFILE;
	return -1;
}

/* The folder whose name is in the row. 0, or -1 with errno and without a folder. Signals are held back. */
static int make(int row)
{
	char *path = table.folder[row].path;
	if (mkdir(path, 0700))
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		int error = errno;
		rmdir(path);
		errno = error;
		return -1;
	}
	table.folder[row].fd = fd;
	table.folder[row].used = 1;
	return 0;
}

/* Signals are held back. */
static int new_row(const char *prefix, const char *name)
{
	int row = free_row();
	for (int i = 0; row >= 0 && i < ATTEMPTS; i++) {
		char digits[17];
		snprintf(digits, sizeof digits, "%016llx", (unsigned long long)random_digits());
		int n = snprintf(table.folder[row].path, PATH_ROOM, "%s%s%s", prefix, name ? "/" : "", name ? name : digits);
		if (n < 0 || n >= PATH_ROOM) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (!make(row))
			return row;
		if (errno != EEXIST || name)
			return -1;
	}
	return -1;
}

int cleanup_folder_new(const char *prefix)
{
	sigset_t before;
	cleanup_hold(&before);
	int row = new_row(prefix, NULL);
	cleanup_release(&before);
	return row;
}

int cleanup_folder_inside(int row, const char *name)
{
	sigset_t before;
	cleanup_hold(&before);
	row = new_row(table.folder[row].path, name);
	cleanup_release(&before);
	return row;
}

const char *cleanup_folder_path(int row)
{
	return table.folder[row].path;
}

int cleanup_folder_descriptor(int row)
{
	return table.folder[row].fd;
}

/* A record of getdents64: inode and offset, 8 bytes each; its length, 2; type, 1; the name. */
enum { RECORD_LENGTH = 16, RECORD_NAME = 19 };

static void empty_folder(int fd, int depth)
{
	_Alignas(8) char entries[ENTRIES_ROOM];
	bool removed = true;
	while (removed) { /* again while something went: removing may have made the list skip */
		removed = false;
		lseek(fd, 0, SEEK_SET);
		for (long n; (n = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0;)
			for (long at = 0; at < n;) {
				const char *name = entries + at + RECORD_NAME;
				uint16_t length;
				memcpy(&length, entries + at + RECORD_LENGTH, sizeof length);
				at += length;
				if (!strcmp(name, ".") || !strcmp(name, ".."))
					continue;
				if (!unlinkat(fd, name, 0)) {
					removed = true;
					continue;
				}
				int inside = depth < DEEPEST ? openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
				if (inside < 0)
					continue;
				empty_folder(inside, depth + 1);
				close(inside);
				removed |= !unlinkat(fd, name, AT_REMOVEDIR);
			}
	}
}

/* Signals are held back, or this is a handler. */
static void remove_row(int row)
{
	if (!table.folder[row].used)
		return;
	for (int i = 0; i < ATTEMPTS; i++) { /* a child that was killed a moment ago may still have made a file */
		empty_folder(table.folder[row].fd, 0);
		if (!rmdir(table.folder[row].path) || errno == ENOENT)
			break;
	}
	close(table.folder[row].fd);
	table.folder[row].used = 0;
}

void cleanup_folder_remove(int row)
{
	sigset_t before;
	if (row < 0)
		return;
	const size_t n = strlen(table.folder[row].path);
	cleanup_hold(&before);
	for (int i = FOLDERS - 1; i > row; i--) /* rows of what is inside */
		if (!strncmp(table.folder[i].path, table.folder[row].path, n) && table.folder[i].path[n] == '/')
			remove_row(i);
	remove_row(row);
	cleanup_release(&before);
}

/* ---- the end ---- */

void cleanup_child_set(pid_t child)
{
	table.child = child;
}

void cleanup_forget(void)
{
	for (int row = 0; row < FOLDERS; row++)
		table.folder[row].used = 0;
	table.child = 0;
}

void cleanup_run(void)
{
	sigset_t before;
	int error = errno;
	cleanup_hold(&before);
	if (table.child > 0) {
		kill(-table.child, SIGKILL);
		while (waitpid(table.child, NULL, 0) < 0 && errno == EINTR)
			;
		table.child = 0;
	}
	for (int row = FOLDERS - 1; row >= 0; row--)
		remove_row(row);
	cleanup_release(&before);
	errno = error;
}

_Noreturn void stop_with_status(int status)
{
	cleanup_run();
	_exit(status);
}

_Noreturn void stop_out_of_memory(void)
{
	static const char text[] = "dssdc: error: out of memory [limit]\n";
	ssize_t ignored = write(2, text, sizeof text - 1);
	(void)ignored;
	stop_with_status(4);
}
