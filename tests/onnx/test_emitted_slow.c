/* test_emitted_slow.c -- ONNX's node tests through the whole compiler: emitted for c99, compiled, loaded, run; then the
 * same for the widest target of the machine. */
#include "codegen/codegen.h"
#include "compiler/emitted.h"
#include "tests/onnx/cases.h"

#include <dlfcn.h>

enum { ARGUMENTS = 12 };

/* NAME_run(in0, .., out0, ..): the ABI lets a function ignore arguments behind its own. */
static int call(void *run, void **p)
{
	int (*f)(void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *);
	*(void **)&f = run;
	return f(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11]);
}

static const char *target; /* of this pass over the cases */

static bool compile(Run *r, const char *dir)
{
	char command[1000], flags[300] = "";
	const EmitOptions e = {.name = "net", .tool = "test", .settings = "", .weights = WEIGHTS_ARRAY};
	Diag d = {0};
	char *text = NULL;
	size_t size = 0;
	d.out = open_memstream(&text, &size);
	const Target *t = target_find(target);
	const PipelineOptions p = {.optimize = true};
	bool good = pipeline_run(&pipeline_inference, r->g, t, &p, &d) && emitted_write(r->g, t, &e, dir, NULL, NULL, &d);
	fclose(d.out);
	if (!good) {
		say(r->answer, diag_exit_code(&d) == DIAG_UNSUPPORTED ? REFUSED : WRONG, "emission: %s", text);
		return false;
	}
	const char *cc = getenv("CC");
	for (int i = 0; t->cflags[i]; i++)
		snprintf(flags + strlen(flags), sizeof flags - strlen(flags), " %s", t->cflags[i]);
	snprintf(command, sizeof command, "cd %s && %s -std=c99%s -O0 -w -fPIC -shared -o net.so *.c >log 2>&1", dir, cc ? cc : "cc",
	         flags);
	if (system(command)) {
		say(r->answer, WRONG, "the emitted C does not compile");
		return false;
	}
	return true;
}

static void run(Run *r, void *library)
{
	void *p[ARGUMENTS] = {0}, *f = dlsym(library, "net_run");
	int n = 0;
	if (!f || r->g->ninput + r->g->noutput > ARGUMENTS) {
		say(r->answer, WRONG, "no net_run, or too many tensors");
		return;
	}
	for (int i = 0; i < r->g->ninput; i++)
		p[n++] = (void *)blob_read_raw(r->in[i], r->a);
	for (int k = 0; k < r->g->noutput; k++)
		p[n++] = arena_alloc(r->a, (size_t)(type_count(&r->g->output[k]->type) * dtype_size(r->g->output[k]->type.dtype)) + 1);
	int status = call(f, p);
	if (status) {
		say(r->answer, WRONG, "net_run returned %d", status);
		return;
	}
	for (int k = 0; k < r->g->noutput; k++) {
		Type t = r->g->output[k]->type;
		t.layout = (Layout){.block = 1};
		compare(r, k, blob_read_f64(blob_bytes(r->g, &t, p[r->g->ninput + k]), r->a));
	}
}

static void emitted(Run *r)
{
	char dir[256], file[300];
	temporary_folder(dir);
	snprintf(file, sizeof file, "%s/net.so", dir);
	if (compile(r, dir)) {
		void *library = dlopen(file, RTLD_NOW);
		if (library)
			run(r, library);
		else
			say(r->answer, WRONG, "cannot load: %s", dlerror());
	}
	snprintf(file, sizeof file, "rm -rf %s", dir);
	if (system(file))
		say(r->answer, WRONG, "cannot remove the folder");
}

static void portable(void **state)
{
	(void)state;
	target = "c99";
	judge_all_cases(emitted, "emitted for c99");
}

static void native(void **state)
{
	(void)state;
	target = "native";
	judge_all_cases(emitted, "emitted for this machine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(portable), cmocka_unit_test(native)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
