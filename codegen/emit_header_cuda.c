/* emit_header_cuda.c -- what NAME.h has in addition when the program runs on a GPU. */
#include "codegen/emission.h"
#include "codegen/emit_header_cuda.h"
#include "codegen/device_memory.h"

void header_print_device_head(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	if (e->options->caller_arena)
		fprintf(out,
		        " * Each %s_context is independent of others: calls on different contexts may run at the same time. %s_open() sets "
		        "one\n"
		        " * up in device memory that the caller gives, %s_ARENA_SIZE bytes at a multiple of %s_ARENA_ALIGN.\n",
		        n, n, u, u);
	else
		fprintf(out, " * One static piece of device memory: not more than one call at a time, on whatever stream.\n");
	fprintf(out,
	        " * %s_open() allocates pinned memory, a stream and a CUDA graph; from then on nothing is allocated. Never prints or\n"
	        " * exits. Everything happens on the device that is current at %s_open() and must be so at every call.\n",
	        n, n);
}

void header_print_context(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper, *queues = "";
	if (e->program.nqueue > 1)
		queues = arena_printf(e->arena, "\tstruct CUstream_st *side[%d];\n\tstruct CUevent_st *event[%d];\n", e->program.nqueue - 1,
		                      e->program.nevent);
	fputs("struct CUstream_st; /* *cudaStream_t */\n\n", out);
	if (e->library)
		fprintf(
		    out,
		    "/* Which of the configurations that cuDNN proposes each convolution uses, for all contexts: %s_open() times them and\n"
		    " * fills what is 0 everywhere. A table that was kept and is put back before makes the same choice without timing. */\n"
		    "#define %s_PLANS %d\nextern int32_t %s_plan_table[%s_PLANS];\n\n",
		    n, u, device_plans(e), n, u);
	fprintf(out,
	        "typedef struct { /* what %s_open() makes; the caller looks at none of it */\n"
	        "\tunsigned char *memory, *weights; /* of the device */\n"
	        "\tvoid *pinned;\n\tstruct CUstream_st *stream;\n%s\tstruct CUgraph_st *recorded;\n\tstruct CUgraphExec_st *graph;\n"
	        "\tstruct CUgraphNode_st *first;\n\tstruct %s_library *library;\n\tint status, library_status, ready;\n} %s_context;\n\n",
	        n, queues, n, n);
	if (e->options->caller_arena)
		fprintf(
		    out,
		    "/* Before all else. memory: of the device, %s_ARENA_SIZE bytes at a multiple of %s_ARENA_ALIGN, the context's until\n"
		    " * %s_close(). 0 or an error below 0; after an error nothing is left to close. */\n"
		    "int %s_open(%s_context *c, void *memory);\nvoid %s_close(%s_context *c);\n\n"
		    "/* Name of the CUDA status behind the last error of the context, as \"cudaErrorMemoryAllocation\". */\n"
		    "const char *%s_device_error(const %s_context *c);\n\n",
		    u, u, n, n, n, n, n, n, n);
	else
		fprintf(out,
		        "/* What the first call does anyway: weights to the device, one CUDA graph. 0 or an error below 0. */\n"
		        "int %s_open(void);\nvoid %s_close(void);\n\n"
		        "/* Name of the CUDA status behind the last error, as \"cudaErrorMemoryAllocation\". */\n"
		        "const char *%s_device_error(void);\n\n",
		        n, n, n);
}

void header_print_device(const Emission *e, const char *context, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	fprintf(out,
	        "/* What one image gives: falling score, as above. */\n"
	        "typedef struct {\n\tint32_t count;\n\t%s_detection detection[%s_MAX_DETECTIONS];\n} %s_result;\n\n",
	        n, u, n);
	if (!e->graph->preprocess.width)
		return;
	fprintf(out,
	        "typedef struct { /* as the arguments of %s_detect() */\n\tconst uint8_t *pixels;\n\tint width, height, stride;\n"
	        "\t%s_format format;\n} %s_image;\n\n",
	        n, n, n);
	fprintf(
	    out,
	    "/* n images at once, 1 to %s_BATCH, of any sizes: counts[i] detections at out + i * max. Returns n or an error below 0. */\n"
	    "int %s_detect_batch(%sconst %s_image *images, int n, %s_detection *out, int max, int *counts);\n\n",
	    u, n, context, n, n);
	fprintf(
	    out,
	    "/* Pixels in device memory, results to memory that the device can write, on the caller's stream: returns at once, 0 or an\n"
	    " * error below 0; *out is complete when the stream gets there. One launch of a CUDA graph; on a stream that is being\n"
	    " * captured the kernels themselves, so that they become part of the caller's graph. */\n"
	    "int %s_detect_device(%sconst uint8_t *pixels, int width, int height, int stride, %s_format format,\n"
	    "\t%s_result *out, struct CUstream_st *stream);\n"
	    "int %s_detect_batch_device(%sconst %s_image *images, int n, %s_result *out, struct CUstream_st *stream);\n\n",
	    n, context, n, n, n, context, n, n);
}
