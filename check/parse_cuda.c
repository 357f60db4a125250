/* parse_cuda.c -- reads a .cu as nvcc does, once for the host and once for each kind of device.
 *
 * A function that tests __CUDA_ARCH__ has several bodies, so every rule is applied to every pass; a finding of several passes
 * counts once. The devices are one of each generation whose instructions differ; libclang 19 knows none after sm_90a, and
 * newer ones get what sm_90a gets unless a source asks for them by number.
 *
 * Headers of the toolkit are not read: the checker carries declarations of the part that emitted code uses (cuda/ beside
 * this file) as files in libclang's memory. A use of anything else of the toolkit is an error: emitted code needs no more.
 */
#include "check/parse_cuda.h"
#include "check/cuda_facts.h"
#include "check/findings.h"
#include "check/rules.h"
#include "codegen/embedded.h"

#include <string.h>

extern const EmbeddedFile check_headers[];

/* The warnings are those of C, except for -Wpedantic: CUDA consists of extensions. */
static const char *const common[] = {"-x",       "cuda",      "-std=c++17", "-nocudainc", "-nocudalib",   ("--cuda-path=" CUDA_FOLDER),
                                     "-isystem", CUDA_FOLDER, "-Wall",      "-Wextra",    "-Wconversion", "-Wshadow",
                                     "-Wvla"};
enum { NCOMMON = sizeof common / sizeof *common };

static const struct {
	const char *side, *device;
} passes[] = {
    {"--cuda-host-only", "--cuda-gpu-arch=sm_90a"},
    {"--cuda-device-only",
     "--cuda-gpu-arch=sm_70"}, /* emitted code does not support it, but has no assembly for it: the plain code is checked */
    {"--cuda-device-only", "--cuda-gpu-arch=sm_75"},
    {"--cuda-device-only", "--cuda-gpu-arch=sm_80"},
    {"--cuda-device-only", "--cuda-gpu-arch=sm_90a"},
};

static AstHeaders carried_headers(Arena *a)
{
	AstHeaders h = {0};
	while (check_headers[h.n].name)
		h.n++;
	h.file = arena_new_array(a, struct CXUnsavedFile, h.n);
	for (unsigned i = 0; i < h.n; i++) {
		const EmbeddedFile *e = &check_headers[i];
		h.file[i] = (struct CXUnsavedFile){arena_printf(a, CUDA_FOLDER "/%s", strrchr(e->name, '/') + 1), e->text, e->size};
	}
	return h;
}

/* The strings of libclang end with its tree. */
static void diagnose(void *context, Loc loc, const char *text)
{
	Rules *r = context;
	loc.file = arena_strdup(r->arena, loc.file);
	finding_add(r, "C0", loc, arena_strdup(r->arena, text));
}

static bool is_known(const CheckResult *c, int before, const Finding *f)
{
	for (int i = 0; i < before; i++) {
		const Finding *g = &c->finding[i];
		if (f->loc.line == g->loc.line && f->loc.col == g->loc.col && !strcmp(f->rule, g->rule) && !strcmp(f->text, g->text))
			return true;
	}
	return false;
}

/* Of the findings from `before` on, those that no earlier pass had. */
static void keep_new(CheckResult *c, int before)
{
	int n = before;
	for (int i = before; i < c->n; i++)
		if (!is_known(c, before, &c->finding[i]))
			c->finding[n++] = c->finding[i];
	c->n = n;
}

bool check_cuda(Rules *r, const char *path, const char *const *more, Diag *d)
{
	int n = 0;
	while (more && more[n])
		n++;
	const char **arguments = arena_new_array(r->arena, const char *, NCOMMON + 2 + n + 1);
	memcpy(arguments, common, sizeof common);
	for (int i = 0; i < n; i++)
		arguments[NCOMMON + 2 + i] = more[i];
	const AstHeaders headers = carried_headers(r->arena);
	bool good = true;
	for (size_t i = 0; i < sizeof passes / sizeof *passes && good; i++) {
		AstFile file;
		const int before = r->result->n;
		arguments[NCOMMON] = passes[i].side;
		arguments[NCOMMON + 1] = passes[i].device;
		r->file = &file;
		r->nassembly = 0;
		r->is_device = i > 0;
		good = ast_open(&file, path, arguments, &headers, diagnose, r, d);
		if (good)
			rules_apply(r);
		ast_close(&file);
		keep_new(r->result, before);
	}
	return good;
}
