/* build_cuda.c -- calls $NVCC, or nvcc. Code is made for each architecture of --arch, and the last one stays as PTX too, which
 * the driver compiles for devices that came later. */
#include "toolchain/build_cuda.h"
#include "base/spawn.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void start(Command *c, const BuildRequest *r, Arena *a)
{
	command_add_program(c, "NVCC", "nvcc");
	command_add(c, "-O3");
	command_add(c, "-std=c++17");
	command_add(c, arena_printf(a, "-I%s", r->dir));
	if (r->product == PRODUCT_SHARED) {
		command_add(c, "-Xcompiler");
		command_add(c, "-fPIC");
	}
}

static void add_architectures(Command *c, const BuildRequest *r, Arena *a)
{
	const char *list = r->arch ? r->arch : "sm_80";
	while (*list) {
		size_t n = strcspn(list, ",");
		const char *number = arena_strndup(a, list + 3, n - 3);
		list += n + (list[n] == ',');
		command_add(c, "-gencode");
		command_add(c, *list ? arena_printf(a, "arch=compute_%s,code=sm_%s", number, number)
		                     : arena_printf(a, "arch=compute_%s,code=[sm_%s,compute_%s]", number, number, number));
	}
}

static void add_user_flags(Command *c, const BuildRequest *r)
{
	for (int i = 0; r->cflags && r->cflags[i]; i++)
		command_add_words(c, r->cflags[i]);
}

const char *cuda_compile(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *object = arena_printf(a, "%s/%s.o", r->dir, r->stem ? r->stem : r->name);
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	add_architectures(&c, r, a);
	add_user_flags(&c, r);
	command_add(&c, "-c");
	command_add(&c, arena_printf(a, "%s/%s.cu", r->dir, r->stem ? r->stem : r->name));
	command_add(&c, "-o");
	command_add(&c, object);
	return command_run(&c, r->progress.verbose, d) ? object : NULL;
}

bool cuda_link(const BuildRequest *r, const char *const *object, const char *runtime, const char *out, Arena *a, Diag *d)
{
	static const char *const libraries[] = {"-l:libjpeg.a", "-l:libpng16.a", "-l:libz.a", "-lm", NULL}; /* nvcc moves -Bstatic */
	static const char *const pnm_libraries[] = {"-lm", NULL};
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	if (!runtime)
		command_add(&c, "-shared");
	else
		command_add(&c, runtime);
	command_add_all(&c, object);
	add_user_flags(&c, r);
	if (r->library)
		command_add(&c, "-lcudnn");
	if (runtime)
		command_add_all(&c, r->only_pnm ? pnm_libraries : libraries);
	command_add(&c, "-o");
	command_add(&c, out);
	return command_run(&c, r->progress.verbose, d);
}

/* "sm_80", "sm_100", "sm_90a", "sm_120f" */
static bool is_architecture(const char *s, size_t n)
{
	size_t digits = 3;
	if (n < 5 || strncmp(s, "sm_", 3))
		return false;
	while (digits < n && isdigit((unsigned char)s[digits]))
		digits++;
	return digits > 4 && digits < 7 && (digits == n || (digits + 1 == n && (s[digits] == 'a' || s[digits] == 'f')));
}

void cuda_check_arch(const char *list, Arena *a, Diag *d)
{
	for (const char *p = list;;) {
		size_t n = strcspn(p, ",");
		if (!is_architecture(p, n)) {
			diag_error(d, DIAG_REJECT, (Loc){0}, "--arch takes sm_80, sm_90a and their like with commas between, not '%s'",
			           diag_quote(a, list));
			return;
		}
		if (!p[n])
			return;
		p += n + 1;
	}
}
