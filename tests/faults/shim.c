/* shim.c -- a preloaded library that makes one call of the program dssdc fail: cc -shared -fPIC shim.c -o shim.so -ldl.
 *
 *     FAULT_CALL=memory|open|read|write|close|rename|child|folder|other   the kind of call
 *     FAULT_AT=N      the N-th of its kind fails; 0 or none: calls are only counted
 *     FAULT_ON=1      all behind it fail too
 *     FAULT_COUNT=F   at the end, F gets "calls of that kind, blocks of memory that are left"
 *
 * Streams made from a descriptor are replaced by streams whose functions call what is here: libc's own would not. A child
 * inherits the variables, so nothing acts but in a program of that name. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMORY, OPEN, READ, WRITE, CLOSE, RENAME, CHILD, FOLDER, OTHER, KINDS };
static const char *const names[KINDS] = {"memory", "open", "read", "write", "close", "rename", "child", "folder", "other"};
static const int errors[KINDS] = {ENOMEM, EMFILE, EIO, ENOSPC, EIO, EACCES, EAGAIN, ENOSPC, EIO};

static int ready, acts, kind = -1, onward;
static long at, live;
static long *calls; /* of the process and of those that it forks */

static void start(void)
{
	ready = 1;
	const char *call = getenv("FAULT_CALL"), *n = getenv("FAULT_AT");
	acts = call && !strcmp(program_invocation_short_name, "dssdc");
	for (int i = 0; acts && i < KINDS; i++)
		if (!strcmp(names[i], call))
			kind = i;
	at = n ? atol(n) : 0;
	calls = (long *)syscall(SYS_mmap, NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	onward = getenv("FAULT_ON") != NULL;
}

static int fails(int k)
{
	if (!ready && environ)
		start();
	if (!acts || k != kind)
		return 0;
	long now = __atomic_add_fetch(calls, 1, __ATOMIC_RELAXED);
	if (!at || now < at || (now > at && !onward))
		return 0;
	errno = errors[k];
	return 1;
}

__attribute__((destructor)) static void finish(void)
{
	const char *path = acts ? getenv("FAULT_COUNT") : NULL;
	if (!path)
		return;
	acts = 0;
	char text[64];
	int n = snprintf(text, sizeof text, "%ld %ld\n", *calls, live);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && write(fd, text, (size_t)n) == n)
		close(fd);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* ---- memory ---- */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *counted(void *p)
{
	if (p)
		__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return p;
}

void *malloc(size_t n)
{
	return fails(MEMORY) ? NULL : counted(__libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
	return fails(MEMORY) ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *old, size_t n)
{
	if (fails(MEMORY))
		return NULL;
	void *p = __libc_realloc(old, n);
	return old ? p : counted(p);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	return fails(MEMORY) ? NULL : counted(__libc_memalign(alignment, n));
}

int posix_memalign(void **p, size_t alignment, size_t n)
{
	if (fails(MEMORY))
		return ENOMEM;
	*p = counted(__libc_memalign(alignment, n));
	return *p ? 0 : ENOMEM;
}

void free(void *p)
{
	if (p)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(p);
}

#define MAP(name)                                                                                  \
	void *name(void *where, size_t n, int protection, int flags, int fd, off_t offset)         \
	{                                                                                          \
		REAL(name);                                                                        \
		return fails(MEMORY) ? MAP_FAILED : real(where, n, protection, flags, fd, offset); \
	}
MAP(mmap)
MAP(mmap64)

/* ---- files ---- */

static mode_t mode_of(int flags, va_list args)
{
	return flags & O_CREAT ? va_arg(args, mode_t) : 0;
}

#define OPEN_CALL(name)                                            \
	int name(const char *path, int flags, ...)                 \
	{                                                          \
		REAL(name);                                        \
		va_list args;                                      \
		va_start(args, flags);                             \
		mode_t mode = mode_of(flags, args);                \
		va_end(args);                                      \
		return fails(OPEN) ? -1 : real(path, flags, mode); \
	}
OPEN_CALL(open)
OPEN_CALL(open64)

#define OPENAT_CALL(name)                                                  \
	int name(int folder, const char *path, int flags, ...)             \
	{                                                                  \
		REAL(name);                                                \
		va_list args;                                              \
		va_start(args, flags);                                     \
		mode_t mode = mode_of(flags, args);                        \
		va_end(args);                                              \
		return fails(OPEN) ? -1 : real(folder, path, flags, mode); \
	}
OPENAT_CALL(openat)
OPENAT_CALL(openat64)

DIR *opendir(const char *path)
{
	REAL(opendir);
	return fails(OPEN) ? NULL : real(path);
}

ssize_t read(int fd, void *to, size_t n)
{
	REAL(read);
	return fails(READ) ? -1 : real(fd, to, n);
}

#define PREAD(name)                                                \
	ssize_t name(int fd, void *to, size_t n, off_t offset)     \
	{                                                          \
		REAL(name);                                        \
		return fails(READ) ? -1 : real(fd, to, n, offset); \
	}
PREAD(pread)
PREAD(pread64)

ssize_t write(int fd, const void *from, size_t n)
{
	REAL(write);
	return fd != 2 && fails(WRITE) ? -1 : real(fd, from, n);
}

int close(int fd)
{
	REAL(close);
	int result = real(fd); /* the descriptor is gone even when close() reports an error */
	return fails(CLOSE) ? -1 : result;
}

/* ---- streams ---- */

static ssize_t stream_read(void *cookie, char *to, size_t n)
{
	return read((int)(long)cookie, to, n);
}

static ssize_t stream_write(void *cookie, const char *from, size_t n)
{
	ssize_t done = write((int)(long)cookie, from, n);
	return done < 0 ? 0 : done;
}

static int stream_seek(void *cookie, off64_t *offset, int from)
{
	*offset = lseek64((int)(long)cookie, *offset, from);
	return *offset < 0 ? -1 : 0;
}

static int stream_close(void *cookie)
{
	return close((int)(long)cookie);
}

FILE *fdopen(int fd, const char *mode)
{
	static const cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
	REAL(fdopen);
	if (!ready)
		start();
	return !acts ? real(fd, mode) : fails(OPEN) ? NULL : fopencookie((void *)(long)fd, mode, functions);
}

static FILE *stream(const char *path, const char *mode)
{
	int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
	int fd = open(path, flags | (*mode == 'w' ? O_CREAT | O_TRUNC : 0) | O_CLOEXEC, 0666);
	return fd < 0 ? NULL : fdopen(fd, mode);
}

#define FOPEN(name)                                                  \
	FILE *name(const char *path, const char *mode)               \
	{                                                            \
		REAL(name);                                          \
		if (!ready)                                          \
			start();                                     \
		return acts ? stream(path, mode) : real(path, mode); \
	}
FOPEN(fopen)
FOPEN(fopen64)

/* ---- names, folders, children, and the rest ---- */

int rename(const char *from, const char *to)
{
	REAL(rename);
	return fails(RENAME) ? -1 : real(from, to);
}

int link(const char *from, const char *to)
{
	REAL(link);
	return fails(RENAME) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	return fails(FOLDER) ? -1 : real(path, mode);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 char *const argv[], char *const env[])
{
	REAL(posix_spawnp);
	return fails(CHILD) ? EAGAIN : real(pid, file, actions, attributes, argv, env);
}

pid_t fork(void)
{
	REAL(fork);
	return fails(CHILD) ? -1 : real();
}

int pipe(int fd[2])
{
	REAL(pipe);
	return fails(CHILD) ? -1 : real(fd);
}

#define STAT(name, type)                                  \
	int name(const char *path, type *s)               \
	{                                                 \
		REAL(name);                               \
		return fails(OTHER) ? -1 : real(path, s); \
	}
STAT(stat, struct stat)
STAT(lstat, struct stat)
STAT(stat64, struct stat64)
STAT(lstat64, struct stat64)

int fstat(int fd, struct stat *s)
{
	REAL(fstat);
	return fails(OTHER) ? -1 : real(fd, s);
}

int fstat64(int fd, struct stat64 *s)
{
	REAL(fstat64);
	return fails(OTHER) ? -1 : real(fd, s);
}

int chmod(const char *path, mode_t mode)
{
	REAL(chmod);
	return fails(OTHER) ? -1 : real(path, mode);
}

int flock(int fd, int how)
{
	REAL(flock);
	return fails(OTHER) ? -1 : real(fd, how);
}

ssize_t readlink(const char *path, char *to, size_t n)
{
	REAL(readlink);
	return fails(OTHER) ? -1 : real(path, to, n);
}
