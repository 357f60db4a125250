/* checker.c -- dlopen, by the place of the running program. */
#include "compiler/checker.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, STACK_NEED = 2 << 20 };

static const char *program_folder(Arena *a)
{
	char path[PATH_ROOM];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	path[n > 0 ? n : 0] = 0;
	char *slash = strrchr(path, '/');
	return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

/* libclang walks a source by recursion. */
static bool stack_is_small(void)
{
	struct rlimit l;
	return !getrlimit(RLIMIT_STACK, &l) && l.rlim_cur != RLIM_INFINITY && l.rlim_cur < STACK_NEED;
}

const Checker *checker_load(const char **why, Arena *a)
{
	static const char *const places[] = {"", "/../lib/dssdc"};
	const char *folder = program_folder(a);
	*why = "there is no dssdc-check.so beside the program: dssdc was copied without it, or built without libclang 19 (Debian: "
	       "libclang-19-dev)";
	if (stack_is_small()) {
		*why = "libclang needs a stack of 2 MiB; ulimit -s allows less";
		return NULL;
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *path = arena_printf(a, "%s%s/dssdc-check.so", folder, places[i]);
		if (access(path, F_OK))
			continue;
		void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		const Checker *c = module ? dlsym(module, CHECKER_SYMBOL) : NULL;
		if (c && c->version == CHECKER_VERSION)
			return c;
		const char *error = dlerror();
		*why = c ? "dssdc-check.so is of another version" : error ? arena_strdup(a, error) : "out of memory";
	}
	return NULL;
}

void checker_report(const CheckResult *r, Diag *d)
{
	for (int i = 0; i < r->n; i++)
		diag_error(d, DIAG_DIFFERENCE, r->finding[i].loc, "%s: %s", r->finding[i].rule, r->finding[i].text);
}
