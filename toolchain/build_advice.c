/* build_advice.c -- the compiler itself is asked, by its preprocessor and by where it finds libraries; both say nothing
 * on standard error. A compiler that does not answer gets no advice. */
#include "toolchain/build_advice.h"
#include "toolchain/build_cuda.h"
#include "base/files.h"
#include "base/spawn.h"
#include "ir/cleanup.h"

#include <stdio.h>
#include <string.h>

static const char probe[] = "#if defined(__x86_64__) || defined(__i386__)\n"
                            "dssdc_x86\n"
                            "#endif\n"
                            "#if !defined(__has_include)\n"
                            "dssdc_headers\n"
                            "#elif __has_include(<jpeglib.h>) && __has_include(<jconfig.h>) && __has_include(<png.h>)\n"
                            "dssdc_headers\n"
                            "#endif\n"
                            "dssdc_end\n";

typedef struct Answer {
	bool x86, headers, whole;
} Answer;

static void begin(Command *c, const BuildRequest *r)
{
	command_add_program(c, "CC", "cc");
	for (int i = 0; r->cflags && r->cflags[i]; i++)
		command_add_words(c, r->cflags[i]);
}

static Answer preprocess(const BuildRequest *r, Arena *a)
{
	Answer found = {0};
	Diag silent = {.out = NULL};
	Command c = {.arena = a, .temporary = r->dir};
	FILE *f = file_create(cleanup_folder_descriptor(r->work), "probe.c"), *in;
	pid_t pid;
	const bool written = f && fputs(probe, f) >= 0;
	if ((f && fclose(f)) || !written)
		return found;
	begin(&c, r);
	command_add(&c, "-E");
	command_add(&c, arena_printf(a, "%s/probe.c", r->dir));
	if (!command_start(&c, &pid, &in, &silent))
		return found;
	char line[512];
	while (fgets(line, sizeof line, in)) {
		found.x86 |= !strncmp(line, "dssdc_x86", 9);
		found.headers |= !strncmp(line, "dssdc_headers", 13);
		found.whole |= !strncmp(line, "dssdc_end", 9);
	}
	fclose(in);
	command_wait(pid);
	return found;
}

/* gcc and clang print a path, or the name alone where there is no such file. */
static bool has_library(const BuildRequest *r, const char *file, Arena *a)
{
	Diag silent = {.out = NULL};
	Command c = {.arena = a, .temporary = r->dir};
	pid_t pid;
	FILE *in;
	char line[4096];
	begin(&c, r);
	command_add(&c, arena_printf(a, "-print-file-name=%s", file));
	if (!command_start(&c, &pid, &in, &silent))
		return true;
	const bool found = !fgets(line, sizeof line, in) || strchr(line, '/');
	fclose(in);
	command_wait(pid);
	return found;
}

static bool has_libraries(const BuildRequest *r, Arena *a)
{
	return has_library(r, "libjpeg.a", a) && has_library(r, "libpng16.a", a) && has_library(r, "libz.a", a);
}

void build_advice(const BuildRequest *r, Arena *a, Diag *d)
{
	if (target_is_gpu(r->target))
		return;
	const Answer found = preprocess(r, a);
	const bool other_cpu = found.whole && r->target->features[0] && !found.x86;
	const bool no_pictures =
	    found.whole && r->product == PRODUCT_EXECUTABLE && !r->only_pnm && (!found.headers || !has_libraries(r, a));
	Command c = {.arena = a};
	command_add_program(&c, "CC", "cc");
	if (!other_cpu && !no_pictures)
		return;
	diag_note(d, (Loc){0}, "'%s' %s%s%s%s%s", c.argument[0], other_cpu ? "makes code for another CPU than target " : "",
	          other_cpu ? r->target->name : "", other_cpu ? " is for (--target=c99 and vector4 are for any)" : "",
	          other_cpu && no_pictures ? ", and " : "",
	          no_pictures ? "lacks headers or libraries of libjpeg, libpng or zlib (--pictures=pnm does without them)" : "");
}
