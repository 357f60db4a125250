/* emit_entry.c -- the functions of NAME.c that NAME.h declares. */
#include "codegen/emit.h"
#include "codegen/embedded.h"
#include "ir/diag.h"

#include <string.h>

const ErrorCode error_codes[] = {
    {"OK", "done"},
    {"EINVAL", "an argument is out of its range"},
    {"ECPU", "the CPU lacks a feature that this program was compiled for"},
    {"EWEIGHTS", "the weights are not those of this model, or not loaded"},
    {"EDEVICE", "the device refused"},
    {"ENOMEM", "the device has too little memory"},
    {"ENODEVICE", "there is no device, or no driver for it"},
    {"EARCH", "the program was compiled for other devices"},
};
const int error_code_count = sizeof error_codes / sizeof *error_codes;

/* 4-byte numbers of two rows and of the columns' places, as the resize wants them. */
int64_t lines_bytes(const Emission *e)
{
	return e->detector && e->graph->preprocess.width ? 40 * (int64_t)e->graph->preprocess.width : 0;
}

const char *label_text(const Emission *e, int i)
{
	const Graph *g = e->graph;
	const bool background = i == g->output[0]->def->u.detect.background;
	return i < g->nlabel ? g->label[i] : arena_printf(e->arena, background ? "background" : "class %d", i);
}

void labels_print(const Emission *e, FILE *out)
{
	const int classes = e->graph->output[0]->def->u.detect.classes;
	fprintf(out, "const char *const %s_labels[%s_NUM_CLASSES] = {\n", e->options->name, e->upper);
	for (int i = 0; i < classes; i++)
		fprintf(out, "\t\"%s\",\n", c_string(e->arena, label_text(e, i)));
	fputs("};\n\n", out);
}

const char *error_text(const Emission *e, int i)
{
	const char *features = "";
	if (strcmp(error_codes[i].name, "ECPU"))
		return error_codes[i].text;
	for (int k = 0; e->target->features[k]; k++)
		features = arena_printf(e->arena, "%s %s", features, e->target->features[k]);
	return arena_printf(e->arena, "%s; needed:%s", error_codes[i].text, *features ? features : " none");
}

void strings_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	fprintf(out, "const char *%s_strerror(int error)\n{\n\tstatic const char *const text[] = {\n", n);
	for (int i = 0; i < error_code_count; i++)
		fprintf(out, "\t\t\"%s\",\n", error_text(e, i));
	fprintf(out, "\t};\n\n\treturn error <= 0 && error >= -%d ? text[-error] : \"unknown error\";\n}\n\n", error_code_count - 1);
	fprintf(out, "const char *%s_version(void)\n{\n\treturn \"%s\";\n}\n", n, c_string(e->arena, e->options->tool));
}

static void print_crc_table(FILE *out)
{
	fputs("\tstatic const uint32_t nibble[16] = {\n"
	      "\t\t0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,\n"
	      "\t\t0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,\n\t};\n",
	      out);
}

/* The CRC takes four bits a step: a gigabyte in seconds, with a table of 64 bytes. */
void load_print(const Emission *e, FILE *out)
{
	const char *u = e->upper, *n = e->options->name;
	fprintf(out,
	        "int %s_load(const void *weights, size_t size)\n{\n"
	        "\tstatic const unsigned char mark[%d] = {",
	        n, WEIGHTS_MARK);
	mark_print(e, out);
	fputs("};\n", out);
	if (e->graph->weights_size)
		print_crc_table(out);
	fprintf(out,
	        "\tconst unsigned char *bytes = (const unsigned char *)weights;\n\tuint32_t crc = 0xffffffffu, want = 0;\n\n"
	        "\tif ((uintptr_t)weights %% %s_ARENA_ALIGN != 0)\n\t\treturn %s_EINVAL;\n"
	        "\tif (!bytes || size != (size_t)%s_WEIGHTS_SIZE + 64)\n\t\treturn %s_EWEIGHTS;\n"
	        "\tfor (int i = 0; i < 16; i++)\n\t\tif (bytes[i] != mark[i])\n\t\t\treturn %s_EWEIGHTS;\n"
	        "\tfor (int i = 20; i < 64; i++)\n\t\tif (bytes[i] != 0)\n\t\t\treturn %s_EWEIGHTS;\n",
	        u, u, u, u, u, u);
	if (e->graph->weights_size)
		fprintf(out,
		        "\tfor (size_t i = 0; i < (size_t)%s_WEIGHTS_SIZE; i++) {\n\t\tcrc ^= bytes[64 + i];\n"
		        "\t\tcrc = crc >> 4 ^ nibble[crc & 15];\n\t\tcrc = crc >> 4 ^ nibble[crc & 15];\n\t}\n",
		        u);
	fprintf(out,
	        "\tfor (int i = 0; i < 4; i++)\n\t\twant |= (uint32_t)bytes[16 + i] << 8 * i;\n"
	        "\tif ((crc ^ 0xffffffffu) != want)\n\t\treturn %s_EWEIGHTS;\n"
	        "\t%s = %sbytes + 64%s;\n\treturn %s_OK;\n}\n\n",
	        u, weights_pointer(e), e->device ? "" : "(const float *)(const void *)(", e->device ? "" : ")", u);
}
/* Checks that come first in every entry function. */
static void print_checks(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	if (e->target->features[0])
		fprintf(out, "\tif (!%s_cpu_serves())\n\t\treturn %s_ECPU;\n", n, u);
	if (e->options->weights == WEIGHTS_FILE)
		fprintf(out, "\tif (!%s)\n\t\treturn %s_EWEIGHTS;\n", weights_pointer(e), u);
	else if (weights_are_linked(e))
		fprintf(out, "\tif (!%s_weights_fit())\n\t\treturn %s_EWEIGHTS;\n", n, u);
	if (e->options->caller_arena)
		fprintf(out, "\tif (!arena || (uintptr_t)arena %% %s_ARENA_ALIGN != 0)\n\t\treturn %s_EINVAL;\n", u, u);
}

static const char *arena_expression(const Emission *e)
{
	if (e->options->caller_arena)
		return "arena";
	return e->graph->arena_size ? arena_printf(e->arena, "%s_memory.arena", e->options->name) : "0";
}

/* Places in memory are named after the checks: there is no sum with a null pointer. */
static void print_detect_memory(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	fprintf(out, "\tfloat *const memory = %s;\n", arena_expression(e));
	if (e->options->caller_arena)
		fprintf(out, "\tvoid *const lines = memory + %lld;\n", (long long)(e->graph->arena_size / 4));
	const int64_t input = e->graph->input[0]->offset / 4;
	fprintf(out, "\tfloat *const input = memory%s;\n", input ? arena_printf(e->arena, " + %lld", (long long)input) : "");
	fprintf(out,
	        "\tint n = %s_preprocess(pixels, width, height, stride, format, %s, input);\n\n\tif (n < 0)\n\t\treturn n;\n",
	        n, e->options->caller_arena ? "lines" : arena_printf(e->arena, "%s_memory.lines", n));
}

static void print_detect(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	static const struct {
		const char *field, *size;
	} side[] = {{"x0", "width"}, {"y0", "height"}, {"x1", "width"}, {"y1", "height"}};
	fprintf(out,
	        "int %s_detect(%sconst uint8_t *pixels, int width, int height, int stride, %s_format format,\n"
	        "\t%s_detection *out, int max)\n{\n",
	        n, e->options->caller_arena ? "void *arena, " : "", n, n);
	print_checks(e, out);
	fprintf(out, "\tif (!pixels || (!out && max != 0) || max < 0)\n\t\treturn %s_EINVAL;\n\n", u);
	print_detect_memory(e, out);
	fprintf(out, "\tn = %s_infer(input, memory, out, max);\n", n);
	fprintf(out, "\tfor (int i = 0; i < %s_MAX_DETECTIONS; i++) {\n\t\tif (i >= n || i >= max)\n\t\t\tbreak;\n", u);
	for (int i = 0; i < 4; i++)
		fprintf(out, "\t\tout[i].%s = %s_clip(out[i].%s * (float)%s, 0.0f, (float)%s);\n", side[i].field, n,
		        side[i].field, side[i].size, side[i].size);
	fputs("\t}\n\treturn n;\n}\n\n", out);
}

static void print_run(const Emission *e, FILE *out)
{
	const Graph *g = e->graph;
	const char *n = e->options->name, *u = e->upper;
	fprintf(out, "int %s_run(%s", n, e->options->caller_arena ? "void *arena, " : "");
	if (e->detector) {
		fprintf(out, "const float *input, %s_detection *out, int max)\n{\n", n);
		print_checks(e, out);
		fprintf(out, "\tif (!input || (!out && max != 0) || max < 0)\n\t\treturn %s_EINVAL;\n", u);
		fprintf(out, "\treturn %s_infer(input, %s, out, max);\n}\n\n", n, arena_expression(e));
		return;
	}
	const char *list = "", *test = "";
	for (int i = 0; i < g->ninput + g->noutput; i++) {
		const char *name = arena_printf(e->arena, "%s%d", i < g->ninput ? "in" : "out", i < g->ninput ? i : i - g->ninput);
		const Type *t = i < g->ninput ? &g->input[i]->type : &g->output[i - g->ninput]->type;
		fprintf(out, "%s%s%s *%s", i ? ", " : "", i < g->ninput ? "const " : "", c_type(t->dtype), name);
		if (i == g->ninput)
			list = arena_printf(e->arena, "%s, %s", list, arena_expression(e));
		list = arena_printf(e->arena, "%s, %s", list, name);
		if (type_count(t)) /* nobody looks at the address of nothing */
			test = arena_printf(e->arena, "%s%s!%s", test, *test ? " || " : "", name);
	}
	fputs(")\n{\n", out);
	print_checks(e, out);
	if (*test)
		fprintf(out, "\tif (%s)\n\t\treturn %s_EINVAL;\n", test, u);
	fprintf(out, "\treturn %s_infer(%s);\n}\n\n", n, *list == ',' ? list + 2 : list);
}

void entry_print(const Emission *e, FILE *out)
{
	if (e->detector)
		labels_print(e, out);
	if (e->options->weights == WEIGHTS_FILE)
		load_print(e, out);
	if (weights_are_linked(e))
		fit_print(e, out);
	if (e->detector && e->graph->preprocess.width)
		print_detect(e, out);
	print_run(e, out);
	strings_print(e, out);
}
