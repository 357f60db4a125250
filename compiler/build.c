/* build.c -- calls $CC (or cc) and ar; writes the runtime beside the source when an executable is asked for. */
#include "compiler/build.h"
#include "codegen/embedded.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ARGUMENTS = 128 };

typedef struct Command {
	const char *argument[MAX_ARGUMENTS + 1];
	int n;
} Command;

static void add(Command *c, const char *argument)
{
	if (c->n == MAX_ARGUMENTS)
		bug("more than %d arguments for the C compiler", MAX_ARGUMENTS);
	c->argument[c->n++] = argument;
	c->argument[c->n] = NULL;
}

/* Words of a string, as a shell without quotes would split it. */
static void add_words(Command *c, const char *words, Arena *a)
{
	while (*words) {
		size_t n = strcspn(words, " \t");
		if (n)
			add(c, arena_strndup(a, words, n));
		words += n + strspn(words + n, " \t");
	}
}

static bool run(const Command *c, bool verbose, Diag *d)
{
	if (verbose) {
		for (int i = 0; i < c->n; i++)
			fprintf(stderr, "%s%s", i ? " " : "", c->argument[i]);
		fputc('\n', stderr);
	}
	pid_t pid;
	int error = posix_spawnp(&pid, c->argument[0], NULL, NULL, (char *const *)c->argument, environ);
	if (error) {
		diag_error(d, DIAG_IO, (Loc){0}, "cannot run '%s': %s", c->argument[0], strerror(error));
		return false;
	}
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	diag_error(d, DIAG_IO, (Loc){0}, "'%s' failed; --verbose shows the command", c->argument[0]);
	return false;
}

char *work_dir_make(Arena *a, Diag *d)
{
	const char *base = getenv("TMPDIR");
	char *dir = arena_printf(a, "%s/dssdc.XXXXXX", base && *base ? base : "/tmp");
	if (mkdtemp(dir))
		return dir;
	diag_error(d, DIAG_IO, (Loc){.file = dir, .offset = -1}, "cannot make a folder to work in: %s", strerror(errno));
	return NULL;
}

void work_dir_remove(const char *dir)
{
	DIR *handle = opendir(dir);
	if (!handle)
		return;
	for (struct dirent *e; (e = readdir(handle));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		size_t size = strlen(dir) + strlen(e->d_name) + 2;
		char *path = malloc(size);
		if (!path)
			break;
		snprintf(path, size, "%s/%s", dir, e->d_name);
		if (unlink(path) && errno != ENOENT)
			work_dir_remove(path); /* a folder of ours */
		free(path);
	}
	closedir(handle);
	rmdir(dir);
}

static bool write_file(const char *path, const char *text, size_t size, Diag *d)
{
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(text, 1, size, f) == size;
	if (f && fclose(f))
		good = false;
	if (!good)
		diag_error(d, DIAG_IO, (Loc){.file = path, .offset = -1}, "cannot write: %s", strerror(errno));
	return good;
}

/* DIR/runtime/ as it is in the source tree. */
static bool write_runtime(const BuildRequest *r, Arena *a, Diag *d)
{
	if (mkdir(arena_printf(a, "%s/runtime", r->dir), 0777) && errno != EEXIST) {
		diag_error(d, DIAG_IO, (Loc){.file = r->dir, .offset = -1}, "cannot make the runtime's folder: %s", strerror(errno));
		return false;
	}
	for (const EmbeddedFile *f = embedded_files; f->name; f++)
		if (!strncmp(f->name, "runtime/", 8) && !write_file(arena_printf(a, "%s/%s", r->dir, f->name), f->text, f->size, d))
			return false;
	return true;
}

static const char *upper_case(const char *s, Arena *a)
{
	char *u = arena_strdup(a, s);
	for (char *p = u; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return u;
}

static void start(Command *c, const BuildRequest *r, Arena *a)
{
	const char *cc = getenv("CC");
	add_words(c, cc && *cc ? cc : "cc", a);
	add(c, "-O2");
	add(c, arena_printf(a, "-I%s", r->dir));
	(void)r;
}

static void add_user_flags(Command *c, const BuildRequest *r, Arena *a)
{
	for (int i = 0; i < r->options->cflags.n; i++)
		add_words(c, r->options->cflags.item[i], a);
	for (int i = 0; r->extra && r->extra[i]; i++)
		add(c, r->extra[i]);
}

static const char *compile_source(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *object = arena_printf(a, "%s/%s.o", r->dir, r->name);
	Command c = {.n = 0};
	start(&c, r, a);
	add(&c, "-std=c99");
	for (int i = 0; r->target->cflags[i]; i++)
		add(&c, r->target->cflags[i]);
	if (r->product == PRODUCT_SHARED)
		add(&c, "-fPIC");
	add_user_flags(&c, r, a);
	add(&c, "-c");
	add(&c, arena_printf(a, "%s/%s.c", r->dir, r->name));
	add(&c, "-o");
	add(&c, object);
	return run(&c, r->options->verbose, d) ? object : NULL;
}

/* main() and what it needs around the model's object; libjpeg, libpng and zlib become part of the file. */
static bool link_executable(const BuildRequest *r, const char *object, const char *out, Arena *a, Diag *d)
{
	if (!write_runtime(r, a, d))
		return false;
	Command c = {.n = 0};
	start(&c, r, a);
	add(&c, "-std=c99");
	add(&c, "-D_POSIX_C_SOURCE=200809L");
	add(&c, arena_printf(a, "-DDSSDC_HEADER=\"%s.h\"", r->name));
	add(&c, arena_printf(a, "-DDSSDC_NAME=%s", r->name));
	add(&c, arena_printf(a, "-DDSSDC_UPPER=%s", upper_case(r->name, a)));
	const char *features = "";
	for (int i = 0; r->target->features[i]; i++)
		features = arena_printf(a, "%s%s%s", features, i ? " " : "", r->target->features[i]);
	add(&c, arena_printf(a, "-DDSSDC_CPU=\"%s\"", features));
	for (const EmbeddedFile *f = embedded_files; f->name; f++)
		if (!strncmp(f->name, "runtime/", 8) && f->name[strlen(f->name) - 1] == 'c')
			add(&c, arena_printf(a, "%s/%s", r->dir, f->name));
	add(&c, object);
	add_user_flags(&c, r, a);
	add(&c, "-Wl,-Bstatic");
	add(&c, "-ljpeg");
	add(&c, "-lpng16");
	add(&c, "-lz");
	add(&c, "-Wl,-Bdynamic");
	add(&c, "-lm");
	add(&c, "-o");
	add(&c, out);
	return run(&c, r->options->verbose, d);
}

static bool link_shared(const BuildRequest *r, const char *object, const char *out, Arena *a, Diag *d)
{
	Command c = {.n = 0};
	start(&c, r, a);
	add(&c, "-shared");
	add(&c, object);
	add_user_flags(&c, r, a);
	add(&c, "-o");
	add(&c, out);
	return run(&c, r->options->verbose, d);
}

static bool make_archive(const BuildRequest *r, const char *object, const char *out, Arena *a, Diag *d)
{
	Command c = {.n = 0};
	add(&c, "ar");
	add(&c, "rcsD"); /* no date, no owner: equal inputs give equal bytes */
	add(&c, out);
	add(&c, object);
	(void)a;
	return run(&c, r->options->verbose, d);
}

bool build(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *object = compile_source(r, a, d);
	if (!object)
		return false;
	const char *temporary = arena_printf(a, "%s.%ld.tmp", r->out, (long)getpid());
	bool good = false;
	switch (r->product) {
	case PRODUCT_OBJECT: {
		Command c = {.n = 0};
		add(&c, "cp");
		add(&c, "--");
		add(&c, object);
		add(&c, temporary);
		good = run(&c, r->options->verbose, d);
		break;
	}
	case PRODUCT_LIBRARY:
		good = make_archive(r, object, temporary, a, d);
		break;
	case PRODUCT_SHARED:
		good = link_shared(r, object, temporary, a, d);
		break;
	case PRODUCT_EXECUTABLE:
		good = link_executable(r, object, temporary, a, d);
		break;
	}
	if (good && rename(temporary, r->out)) {
		diag_error(d, DIAG_IO, (Loc){.file = r->out, .offset = -1}, "cannot write: %s", strerror(errno));
		good = false;
	}
	if (!good)
		unlink(temporary);
	return good;
}
