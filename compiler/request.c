/* request.c -- the target that a command asks for, with what the options choose of it. */
#include "compiler/request.h"
#include "codegen/codegen.h"
#include "ir/text.h"
#include "toolchain/build_cuda.h"

#include <string.h>

static const char *target_name_at(const void *table, int i)
{
	(void)table;
	return targets[i] ? targets[i]->name : NULL;
}

const Target *request_target(const char *name, Arena *a, Diag *d)
{
	const Target *found = target_find(name);
	const char *hint = found ? "" : name_hint(a, name, target_name_at, NULL);
	if (!found)
		diag_error(d, DIAG_REJECT, (Loc){0}, "unknown target '%s'%s", diag_quote(a, name), *hint ? hint : "; see dssdc targets");
	return found;
}

static const char *precision_name_at(const void *table, int i)
{
	return ((const Target *)table)->precision[i].name;
}

static void choose_precision(Target *t, const char *name, Arena *a, Diag *d)
{
	const char *all = "";
	for (const Precision *p = t->precision; p->name; p++) {
		if (!strcmp(p->name, name)) {
			t->chosen = *p;
			return;
		}
		all = arena_printf(a, "%s%s%s", all, p == t->precision ? "" : p[1].name ? ", " : " or ", p->name);
	}
	diag_error(d, DIAG_REJECT, (Loc){0}, "--precision: target '%s' computes in %s, not in '%s'%s", t->name, all, diag_quote(a, name),
	           name_hint(a, name, precision_name_at, t));
}

/* Rejects options that only GPU targets accept. */
static void check_gpu_options(const Target *t, const Options *o, Arena *a, Diag *d)
{
	if (o->batch > t->most_images)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--batch: target '%s' takes %d %s a run, not %d", t->name, t->most_images,
		           t->most_images > 1 ? "images" : "image", o->batch);
	if (o->early_launch && !target_is_gpu(t))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--early-launch is for kernels of GPUs; target '%s' has none", t->name);
	if (o->arch && !target_is_gpu(t))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--arch is for nvcc, which does not compile for target '%s'", t->name);
	else if (o->arch)
		cuda_check_arch(o->arch, a, d);
	if (o->calibrate && t->chosen.alternative == DT_NONE)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--calibrate is for a precision that chooses by measuring; '%s' does not",
		           t->chosen.name);
}

const Target *request_resolve(const Options *o, const char *standard, Arena *a, Diag *d)
{
	const int before = diag_errors(d);
	const Target *found = request_target(o->target ? o->target : standard, a, d);
	if (!found)
		return NULL;
	Target *t = arena_new_one(a, Target);
	*t = *found;
	if (o->precision)
		choose_precision(t, o->precision, a, d);
	check_gpu_options(t, o, a, d);
	t->batch = o->batch ? o->batch : 1;
	t->early = o->early_launch;
	return diag_errors(d) == before ? t : NULL;
}
