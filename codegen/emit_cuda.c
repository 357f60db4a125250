/* emit_cuda.c -- NAME.cu: weights, device memory, kernels, the list of launches, the functions of the header.
 *
 * As in C, everything has its place at compile time. The list of launches becomes a CUDA graph once; a run replays it. */
#include "codegen/emission.h"
#include "codegen/device_memory.h"
#include "codegen/embedded.h"
#include "codegen/kernels_cuda.h"
#include "ir/diag.h"

#include <string.h>

/* ---- the calls ---- */

static void print_trace(const Emission *e, const Step *s, FILE *out)
{
	const Argument *x;
	for (int k = 0; e->options->trace && s->node->op != OP_detect && (x = step_argument(s, ROLE_RESULT, k)); k++)
		fprintf(out, "\t%s_trace(q, %d, %d, arena + %lld, %lld);\n", e->options->name, s->number, k, (long long)x->offset,
		        (long long)x->bytes);
}

/* The step is for its queue, once the events that it awaits are there. *turn: the queue of the step before. */
static void print_turn(const Emission *e, const Step *s, int *turn, FILE *out)
{
	const char *m = e->options->name;
	if (s->queue != *turn && s->queue)
		fprintf(out, "\t%s_turn(q, %d, c->side[%d]);\n", m, s->queue, s->queue - 1);
	else if (s->queue != *turn)
		fprintf(out, "\t%s_turn(q, 0, first);\n", m);
	*turn = s->queue;
	for (int k = 0; k < s->nawait; k++)
		fprintf(out, "\t%s_await(q, c->event[%d]);\n", m, s->await[k]);
}

static void print_call(const Emission *e, const Step *s, FILE *out)
{
	const char *m = e->options->name;
	if (s->kind == STEP_PREPROCESS) {
		fprintf(out, "\t%s_preprocess(q, given, %s, calls);\n", m, cuda_argument(e, step_argument(s, ROLE_RESULT, 0)));
		return;
	}
	fprintf(out, "\t%s_%s(q", m, s->instance->function);
	for (int k = 0; k < s->nargument; k++)
		fprintf(out, ", %s", cuda_argument(e, &s->argument[k]));
	fprintf(out, "); /* %d %s */\n", s->number + 1, c_comment(e->arena, s->node->name));
	print_trace(e, s, out);
}

static void print_steps(const Emission *e, FILE *out)
{
	int turn = 0;
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		if (s->kind == STEP_KERNEL || s->kind == STEP_END)
			print_turn(e, s, &turn, out);
		if (s->kind == STEP_KERNEL || s->kind == STEP_PREPROCESS)
			print_call(e, s, out);
		if (s->mark >= 0)
			fprintf(out, "\t%s_mark(q, c->event[%d]);\n", e->options->name, s->mark);
	}
}

static void print_launches(const Emission *e, FILE *out)
{
	const char *m = e->options->name;
	fputs("/* The network: every launch of one run, on the queue's stream", out);
	fputs(e->program.nqueue > 1
	          ? " and, where c->side says so, beside it.\n * Arrays in the heads of kernels are those of one image. */\n"
	          : ". Arrays in the heads of kernels are those of one image. */\n",
	      out);
	fprintf(out, "static void %s_enqueue(%s_queue *q, unsigned char *arena, const unsigned char *%s", m, m,
	        e->graph->weights_size ? "weights" : "");
	if (e->detector)
		fprintf(out, ", const %s_calls *given", m);
	if (e->program.nqueue > 1)
		fprintf(out, ", const %s_context *c", m);
	fputs(")\n{\n", out);
	if (!program_step(&e->program, STEP_KERNEL, -1)) /* results without elements */
		fprintf(out, "\t(void)q;\n\t(void)arena;\n%s", e->graph->weights_size ? "\t(void)weights;\n" : "");
	if (e->program.nqueue > 1)
		fprintf(out, "\tconst cudaStream_t first = q->stream;\n%s", e->detector ? "" : "\n");
	if (e->detector) {
		fprintf(out, "\t%s_call *const calls = %s_at<%s_call>(arena, %s_CALLS_AT);\n\n", m, m, m, e->upper);
	}
	print_steps(e, out);
	fputs("}\n\n", out);
}

/* ---- the file ---- */

static void print_weights(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	const WeightsForm form = e->options->weights;
	const bool any = e->graph->weights_size > 0;
	if (any && form == WEIGHTS_INCBIN) {
		fputs("#if !defined(__CUDA_ARCH__) /* the host's part of the file */\n", out);
		incbin_print(e, out);
		fputs("#endif\n", out);
	}
	if (form == WEIGHTS_FILE)
		fprintf(out, "static const unsigned char *%s_weights; /* set by %s_load */\n", n, n);
	else if (any && form == WEIGHTS_ARRAY)
		fprintf(out, "extern \"C\" const float %s_weights[%s_WEIGHTS_SIZE / 4];\n", n, u);
	else if (any)
		fprintf(out, "extern \"C\" const unsigned char %s_weights[%s_WEIGHTS_SIZE];\n", n, u);
	if (weights_are_linked(e))
		fprintf(out, "extern \"C\" const unsigned char %s_weights_head[%d];\n", n, WEIGHTS_MARK);
	if (any)
		fprintf(out, "static __device__ __align__(%d) unsigned char %s_device_weights[%s_WEIGHTS_SIZE];\n", e->target->alignment, n,
		        u);
	if (!e->options->caller_arena)
		fprintf(out, "static __device__ __align__(%d) unsigned char %s_device_memory[%s_ARENA_SIZE];\n", e->target->alignment, n,
		        u);
	fputc('\n', out);
}

static void print_places(const Emission *e, FILE *out)
{
	const char *u = e->upper;
	const DeviceMemory m = device_memory(e);
	fprintf(out, "#define %s_QUEUES %d /* streams of one run */\n", u, e->program.nqueue);
	if (e->program.nqueue > 1)
		fprintf(out, "#define %s_EVENTS %d /* by which they wait for each other */\n", u, e->program.nevent);
	fputc('\n', out);
	fprintf(out, "/* Device memory, in bytes: an arena for each image, then what all share. */\n");
	fprintf(out, "#define %s_IMAGE_STRIDE %lld\n", u, (long long)m.stride);
	if (e->detector)
		fprintf(out, "#define %s_CALLS_AT %lld\n#define %s_RESULTS_AT %lld\n", u, (long long)m.calls, u, (long long)m.results);
	fprintf(out, "#define %s_TICKETS_AT %lld\n#define %s_TICKETS %d /* of one queue */\n", u, (long long)m.tickets, u, m.ntickets);
	if (m.pixels_size)
		fprintf(out, "#define %s_PIXELS_AT %lld\n#define %s_PIXELS_SIZE %lld /* of one image */\n", u, (long long)m.pixels, u,
		        (long long)m.pixels_size);
	if (e->detector)
		fprintf(
		    out,
		    "/* Pinned memory of the host: results, then pixels. */\n#define %s_PINNED_PIXELS %lld\n#define %s_PINNED_SIZE %lld\n",
		    u, (long long)(m.tickets - m.results), u, (long long)(m.tickets - m.results + e->target->batch * m.pixels_size));
	fputc('\n', out);
}

/* Inputs and outputs of a network without detections, as parameters, checks and copies. */
static void bind_tensors(const Emission *e, Bindings *b)
{
	const char *parameters = "", *checks = "", *to = "", *from = "", *m = e->options->name;
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		const bool in = s->kind == STEP_COPY_IN;
		if (!in && s->kind != STEP_COPY_OUT)
			continue;
		const Argument *operand = step_argument(s, ROLE_OPERAND, 0), *result = step_argument(s, ROLE_RESULT, 0);
		const Argument *tensor = in ? operand : result, *arena = in ? result : operand;
		const char *name = arena_printf(e->arena, "%s%d", in ? "in" : "out", tensor->index);
		const long long bytes = (long long)tensor->bytes, at = (long long)arena->offset;
		parameters = arena_printf(e->arena, "%s%s%s%s *%s", parameters, *parameters ? ", " : "", in ? "const " : "",
		                          c_type(tensor->dtype), name);
		if (bytes)
			checks = arena_printf(e->arena, "%s%s!%s", checks, *checks ? " || " : "", name);
		if (in)
			to = arena_printf(e->arena, "%s\t%s_copy(c, c->memory + %lld, %s, %lld, cudaMemcpyHostToDevice);\n", to, m, at,
			                  name, bytes);
		else
			from = arena_printf(e->arena, "%s\t%s_copy(c, %s, c->memory + %lld, %lld, cudaMemcpyDeviceToHost);\n", from, m,
			                    name, at, bytes);
	}
	bind_word(b, "TENSORS", parameters);
	bind_word(b, "MISSING", *checks ? checks : "false");
	bind_word(b, "COPY_INPUTS", to);
	bind_word(b, "COPY_OUTPUTS", from);
}

static int64_t input_bytes(const Emission *e)
{
	return e->detector ? 4 * type_count(&e->graph->input[0]->type) : 0;
}

static void print_entry(const Emission *e, FILE *out)
{
	const EmbeddedFile *f = template_file(e, "entry");
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_int(b, "DETECTOR", e->detector);
	bind_int(b, "PIXELS", e->detector && e->graph->preprocess.width);
	bind_int(b, "CALLER", e->options->caller_arena);
	bind_int(b, "WEIGHTS", e->graph->weights_size > 0);
	bind_int(b, "LOADED", e->options->weights == WEIGHTS_FILE);
	bind_int(b, "LINKED", weights_are_linked(e));
	bind_int(b, "TRACE", e->options->trace);
	bind_int(b, "LIBRARY", e->library);
	bind_int(b, "QUEUES", e->program.nqueue);
	bind_int(b, "INPUT_AT", e->detector ? e->graph->input[0]->offset : 0);
	bind_int(b, "INPUT_BYTES", input_bytes(e));
	if (!e->detector)
		bind_tensors(e, b);
	fprintf(out, "%s\n", template_expand(f->name, f->text, b, e->facts));
}

static const char *largest_result(const Emission *e)
{
	int64_t most = 1;
	for (int i = 0; i < e->graph->nvalue; i++) {
		const Type *t = &e->graph->value[i]->type;
		int64_t bytes = type_storage(t) * dtype_size(t->dtype);
		most = !e->graph->value[i]->data && bytes > most ? bytes : most;
	}
	return arena_printf(e->arena, "%lld", (long long)most);
}

static void print_tracer(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	if (!e->options->trace)
		return;
	fprintf(out,
	        "extern \"C\" struct %s_tracing %s_tracer;\n"
	        "struct %s_tracing {\n\tvoid (*call)(void *context, int node, int output, const void *data);\n\tvoid *context;\n} "
	        "%s_tracer;\n\n"
	        "static void %s_trace(%s_queue *q, int node, int output, const unsigned char *from, size_t size)\n{\n"
	        "\tstatic unsigned char copy[%s];\n\n"
	        "\tif (q->status == cudaSuccess)\n\t\tq->status = cudaStreamSynchronize(q->stream);\n"
	        "\tif (q->status == cudaSuccess)\n\t\tq->status = cudaMemcpy(copy, from, size, cudaMemcpyDeviceToHost);\n"
	        "\tif (q->status == cudaSuccess)\n\t\t%s_tracer.call(%s_tracer.context, node, output, copy);\n}\n\n",
	        n, n, n, n, n, n, largest_result(e), n, n);
}

/* Assertions of sizes that the manifest states. */
static void print_assertions(const Emission *e, FILE *out)
{
	fprintf(out, "\nstatic_assert(sizeof(%s_context) == %d, \"as the head says\");\n", e->options->name, device_context_bytes(e));
	if (e->library)
		fprintf(out, "static_assert(%s_WORKSPACE_LIMIT == %d, \"as the head says\");\n", e->upper, WORKSPACE_LIMIT);
}

void source_print_cuda(const Emission *e, FILE *out)
{
	fprintf(out,
	        "#include \"%s.h\"\n\n#include <cuda_bf16.h>\n#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n%s#include <string.h>\n\n",
	        e->file, e->library ? "#include <cudnn.h>\n#include <stdlib.h>\n" : "");
	print_places(e, out);
	byte_order_print(e, out);
	print_weights(e, out);
	instances_print(e, out);
	if (e->detector)
		preprocess_print(e, out);
	print_tracer(e, out);
	print_launches(e, out);
	labels_print(e, out);
	weights_entry_print(e, out);
	print_entry(e, out);
	strings_print(e, out);
	print_assertions(e, out);
}
