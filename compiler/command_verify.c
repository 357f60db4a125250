/* command_verify.c -- dssdc verify: the model is compiled to a shared object, which verify/ runs in a process of its own and
 * compares layer by layer with the evaluator, and with what another system computed. */
#include "codegen/codegen.h"
#include "toolchain/build.h"
#include "compiler/commands.h"
#include "compiler/emitted.h"
#include "compiler/model.h"
#include "compiler/request.h"
#include "verify/reference.h"
#include "verify/verify.h"
#include "ir/cleanup.h"

#include <stdio.h>
#include <stdlib.h>

static void build_and_run(Verifier *v, const Options *o, int work, Arena *a)
{
	const char *dir = cleanup_folder_path(work);
	const EmitOptions e = {
	    .name = "verified",
	    .tool = tool_version(),
	    .settings = options_normal_form(o, v->target->name, a),
	    .trace = true,
	    .incbin = arena_printf(a, "%s/verified.weights", dir),
	    .weights = build_optimizes_at_link(o->cflags.item, a) ? WEIGHTS_OBJECT : WEIGHTS_INCBIN,
	};
	const BuildRequest r = {
	    .product = PRODUCT_SHARED,
	    .work = work,
	    .dir = dir,
	    .name = e.name,
	    .target = v->target,
	    .library = graph_uses_library(v->g),
	    .cflags = o->cflags.item,
	    .arch = o->arch,
	    .progress = options_progress(o),
	};
	const char *file = emitted_write(v->g, v->target, &e, dir, NULL, NULL, v->d) ? build_product(&r, a, v->d) : NULL;
	if (file)
		verify_apart(v, verify_run, file, a);
}

static void print_summary(const Verifier *v)
{
	if (v->tally.nlayer)
		printf("%d layers compared on %s, %d differ; nearest to its bound: %s (%.1f %%)\n", v->tally.nlayer, v->target->name,
		       v->tally.nbad, v->tally.worst_layer ? v->tally.worst_layer : "none", 100 * v->tally.worst);
	if (v->tally.npicture)
		printf("detect from pixels: %d pictures, %d detections, %s\n", v->tally.npicture, v->tally.nfound,
		       diag_errors(v->d) ? "see above" : "as from the evaluator's input");
}

int command_verify(const Options *o, Arena *a, Diag *d)
{
	const Target *t = request_resolve(o, "native", a, d);
	if (o->reference && reference_count(o->reference, d) < 0) /* before anything is compiled */
		return diag_exit_code(d);
	Graph *g = model_check_options(o, d) && t ? model_load(o, a, d) : NULL;
	const int work = g && model_run_passes(g, t, o, d) ? work_dir_make(d) : -1;
	if (work >= 0) {
		Verifier v = {.g = g, .d = d, .target = t, .emitted = arena_new_array(a, double *, g->next_id)};
		v.ask = (VerifyRequest){
		    .model = o->model,
		    .input = o->input,
		    .reference = o->reference,
		    .tolerance = o->tolerance,
		    .tolerance_given = option_given(o, tolerance),
		    .made_up_weights = option_given(o, random_weights),
		    .fragment = o->detect != NULL,
		    .verbose = o->verbose,
		};
		build_and_run(&v, o, work, a);
		cleanup_folder_remove(work);
		for (int i = 0; i < g->next_id; i++)
			free(v.emitted[i]);
		print_summary(&v);
		verify_rows_look(&v);
	}
	graph_free(g);
	return diag_exit_code(d);
}
