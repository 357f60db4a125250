/* emit_header.c -- NAME.h: the contract of the emitted program. */
#include "codegen/emission.h"
#include "codegen/device_memory.h"
#include "codegen/emit_header_cuda.h"

#include <string.h>

static void print_constants(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	const char *u = e->upper;
	const Preprocess *p = &g->preprocess;
	fprintf(out, "#define %s_API_VERSION 1\n", u);
	if (p->width) {
		fprintf(out, "#define %s_INPUT_WIDTH %d\n#define %s_INPUT_HEIGHT %d\n#define %s_INPUT_CHANNELS %d\n", u, p->width, u,
		        p->height, u, p->channels);
	}
	if (e->detector) {
		const Detect *d = &g->output[0]->def->u.detect;
		fprintf(out, "#define %s_INPUT_SIZE %lld /* floats of the input tensor */\n", u, (long long)type_count(&g->input[0]->type));
		fprintf(out, "#define %s_NUM_CLASSES %d /* with background */\n", u, d->classes);
		fprintf(out, "#define %s_MAX_DETECTIONS %d /* of one image */\n", u, d->keep_top_k);
	}
	const int64_t lines = e->options->caller_arena ? lines_bytes(e) : 0;
	if (e->device)
		fprintf(out, "#define %s_BATCH %d /* images of one run */\n", u, e->target->batch);
	fprintf(out, "#define %s_ARENA_SIZE %lld /* bytes%s */\n", u,
	        (long long)(e->device ? device_memory(e).size : g->arena_size + lines), e->device ? " of the device" : "");
	fprintf(out, "#define %s_ARENA_ALIGN %d /* bytes */\n", u, e->target->alignment);
	fprintf(out, "#define %s_WEIGHTS_SIZE %lld /* bytes */\n", u, (long long)g->weights_size);
	fprintf(out, "#define %s_MODEL_HASH 0x%016llxu\n\n", u, (unsigned long long)e->model_hash);
}

static void print_errors(const Emission *e, FILE *out)
{
	fputs("enum {\n", out);
	for (int i = 0; i < error_code_count; i++)
		fprintf(out, "\t%s_%s = %d%s /* %s */\n", e->upper, error_codes[i].name, -i, i + 1 < error_code_count ? "," : "",
		        error_codes[i].text);
	fputs("};\n\n", out);
}

/* The first parameter of every call. */
static const char *arena_parameter(const Emission *e)
{
	if (!e->options->caller_arena)
		return "";
	return e->device ? arena_printf(e->arena, "%s_context *c, ", e->options->name) : "void *arena, ";
}

static void print_shape(FILE *out, const Type *t)
{
	for (int i = 0; i < t->rank; i++)
		fprintf(out, "[%lld]", (long long)t->dim[i]);
}

/* One number for all channels, or one for each. */
static void print_triple(const char *name, const double *v, int channels, FILE *out)
{
	const bool same = channels < 2 || (v[0] == v[1] && v[1] == v[2]);
	for (int i = 0; i < (same ? 1 : channels); i++)
		fprintf(out, "%s %.9g", i ? "," : name, v[i]);
}

static void print_detector(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper, *arena = arena_parameter(e);
	const Preprocess *p = &e->graph->preprocess;
	int first = e->graph->output[0]->def->u.detect.background == 0;
	fprintf(out,
	        "/* detect: pixels of the given image, clipped to it. run: fractions of the image, not clipped.\n"
	        " * score: 0 to 1. label: %d to %s_NUM_CLASSES - 1, see %s_labels. */\n"
	        "typedef struct {\n\tfloat x0, y0, x1, y1;\n\tfloat score;\n\tint32_t label;\n} %s_detection;\n\n",
	        first, u, n, n);
	if (p->width)
		fprintf(out,
		        "/* Order of the bytes of a pixel. */\n"
		        "typedef enum { %s_RGB, %s_BGR, %s_RGBA, %s_BGRA, %s_GRAY } %s_format;\n\n"
		        "/* Finds objects in an image: pixels[y * stride + x * bytes of a pixel], width and height 1 to 32767,\n"
		        " * stride in bytes. Returns how many were written to out, at most max (>= 0), or an error below 0.\n"
		        " * Falling score over all classes (ties: class, then default box); with more than max, the best max. */\n"
		        "int %s_detect(%sconst uint8_t *pixels, int width, int height, int stride, %s_format format,\n"
		        "\t%s_detection *out, int max);\n\n",
		        u, u, u, u, u, n, n, arena, n, n);
	if (p->width) {
		fprintf(out,
		        "/* The same from the input tensor [%d][%d][%d], which %s_detect() makes of the whole image: resized to\n"
		        " * %d x %d (bilinear, in 8 bits as OpenCV does), %s; each x, 0 to 255, as (x - mean) / divisor:\n * ",
		        p->channels, p->height, p->width, n, p->width, p->height,
		        p->channels == 1 ? "grey"
		        : p->bgr         ? "blue, green, red"
		                         : "red, green, blue");
		print_triple("mean", p->mean, p->channels, out);
		print_triple("; divisor", p->divisor, p->channels, out);
		fputs(". */\n", out);
	} else {
		fputs("/* Finds objects from the input tensor ", out);
		print_shape(out, &e->graph->input[0]->type);
		fputs(". Returns how many were written to\n"
		      " * out, at most max (>= 0), the best first, or an error below 0. */\n",
		      out);
	}
	fprintf(out, "int %s_run(%sconst float *input, %s_detection *out, int max);\n\n", n, arena, n);
	if (e->device)
		header_print_device(e, arena, out);
}

/* Shape and element type, where the C type does not give them. */
static const char *type_note(DType t)
{
	return t == DT_BOOL ? " (0 or 1)" : t == DT_F16 ? " (bits of f16)" : t == DT_BF16 ? " (bits of bf16)" : "";
}

/* The model's name of the value, or of the layer that makes it. */
static const char *output_name(const Emission *e, const Value *v)
{
	return v->name ? c_comment(e->arena, v->name) : v->def ? c_comment(e->arena, v->def->name) : "";
}

static void print_network(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	for (int i = 0; i < g->ninput; i++)
		fprintf(out, "#define %s_INPUT_%d_SIZE %lld /* elements */\n", e->upper, i, (long long)type_count(&g->input[i]->type));
	for (int i = 0; i < g->noutput; i++)
		fprintf(out, "#define %s_OUTPUT_%d_SIZE %lld\n", e->upper, i, (long long)type_count(&g->output[i]->type));
	fputs("\n/* One pass through the network: inputs, then outputs. Returns 0, or an error below 0.\n", out);
	for (int i = 0; i < g->ninput; i++) {
		fprintf(out, " * in%d: %s", i, c_type(g->input[i]->type.dtype));
		print_shape(out, &g->input[i]->type);
		fprintf(out, "%s %s\n", type_note(g->input[i]->type.dtype),
		        g->input[i]->name ? c_comment(e->arena, g->input[i]->name) : "");
	}
	for (int i = 0; i < g->noutput; i++) {
		fprintf(out, " * out%d: %s", i, c_type(g->output[i]->type.dtype));
		print_shape(out, &g->output[i]->type);
		fprintf(out, "%s %s\n", type_note(g->output[i]->type.dtype), output_name(e, g->output[i]));
	}
	fprintf(out, " */\nint %s_run(%s", e->options->name, arena_parameter(e));
	for (int i = 0; i < g->ninput; i++)
		fprintf(out, "%sconst %s *in%d", i ? ", " : "", c_type(g->input[i]->type.dtype), i);
	for (int i = 0; i < g->noutput; i++)
		fprintf(out, "%s%s *out%d", i || g->ninput ? ", " : "", c_type(g->output[i]->type.dtype), i);
	fputs(");\n\n", out);
}

void header_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	fprintf(out, "/* %s.h -- made by %s; do not edit. The generated code is yours.\n *\n", e->file, e->options->tool);
	if (e->device)
		header_print_device_head(e, out);
	else if (e->options->caller_arena)
		fprintf(out,
		        " * Reentrant: every call works in the arena that it is given, %s_ARENA_SIZE bytes at a multiple of\n"
		        " * %s_ARENA_ALIGN, and keeps nothing in it between calls: between two of them other models may use it.\n",
		        u, u);
	else
		fputs(" * One static arena: not more than one call at a time.\n", out);
	fputs(" * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may "
	      "overlap one\n * another. No pointer is kept after the call.\n",
	      out);
	if (!e->device && e->target->cflags[0])
		fprintf(out, " * %s.c is compiled with %s.\n", e->file, flags_text(e));
	fprintf(out,
	        "%s#ifndef DSSDC_%s_H\n#define DSSDC_%s_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
	        "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
	        e->device ? " */\n" : " * Never allocates, prints or exits. */\n", n, n);
	print_constants(e, out);
	print_errors(e, out);
	if (e->device)
		header_print_context(e, out);
	if (e->detector)
		print_detector(e, out);
	else
		print_network(e, out);
	if (e->options->weights == WEIGHTS_FILE)
		fprintf(out,
		        "/* Before all else: the bytes of %s.weights, read or mapped by the caller at a multiple of %d, who keeps\n"
		        " * them as long as the model is used. 0, %s_EWEIGHTS, or %s_EINVAL for another address. */\nint %s_load(const "
		        "void *weights, size_t size);\n\n",
		        e->file, e->target->alignment, u, u, n);
	if (e->detector)
		fprintf(out, "extern const char *const %s_labels[%s_NUM_CLASSES];\n", n, u);
	fprintf(out, "const char *%s_strerror(int error);\nconst char *%s_version(void);\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", n,
	        n);
}
