/* emit_entry.c -- what the templates of the functions that NAME.h declares are filled with. */
#include "codegen/emission.h"
#include "codegen/embedded.h"

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

const char *label_text(const Emission *e, int i)
{
	const Graph *g = e->graph;
	const bool background = i == g->output[0]->def->u.detect.background;
	return i < g->nlabel ? g->label[i] : arena_printf(e->arena, background ? "background" : "class %d", i);
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

/* A string literal and a comma for each text, a line each. */
static const char *literals(const Emission *e, int n, const char *(*text)(const Emission *e, int i), const char *indent)
{
	const char *list = "";
	for (int i = 0; i < n; i++)
		list = arena_printf(e->arena, "%s%s%s\"%s\",", list, i ? "\n" : "", indent, text(e, i));
	return list;
}

static const char *label_literal(const Emission *e, int i)
{
	return c_string(e->arena, label_text(e, i));
}

void labels_print(const Emission *e, FILE *out)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	if (!e->detector)
		return;
	bind_word(b, "LABELS", literals(e, e->graph->output[0]->def->u.detect.classes, label_literal, "\t"));
	helper_print(e, "labels", b, out);
	fputc('\n', out);
}

void strings_print(const Emission *e, FILE *out)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_int(b, "ERRORS", error_code_count - 1);
	bind_word(b, "MESSAGES", literals(e, error_code_count, error_text, "\t\t"));
	bind_word(b, "VERSION", arena_printf(e->arena, "\"%s\"", c_string(e->arena, e->options->tool)));
	helper_print(e, "strings", b, out);
}

static void bind_conditions(const Emission *e, Bindings *b)
{
	bind_int(b, "LOADED", e->options->weights == WEIGHTS_FILE);
	bind_int(b, "LINKED", weights_are_linked(e));
}

void weights_entry_print(const Emission *e, FILE *out)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_conditions(e, b);
	bind_int(b, "WEIGHTS", e->graph->weights_size > 0);
	bind_int(b, "DEVICE", e->device);
	bind_word(b, "MARK", mark_text(e));
	helper_print(e, "weights", b, out);
}

static const char *arena_expression(const Emission *e)
{
	return e->options->caller_arena ? "arena" : e->graph->arena_size ? "net_memory.arena" : "0";
}

static const char *arena_name(const Emission *e)
{
	const char *s = arena_expression(e);
	return strncmp(s, "net_", 4) ? s : arena_printf(e->arena, "%s_%s", e->options->name, s + 4);
}

static void bind_pixels(const Emission *e, Bindings *b)
{
	const Step *s = program_step(&e->program, STEP_PREPROCESS, -1);
	bind_int(b, "PIXELS", s != NULL);
	if (!s)
		return;
	const int64_t at = step_argument(s, ROLE_RESULT, 0)->offset / 4;
	bind_word(b, "INPUT", at ? arena_printf(e->arena, "memory + %lld", (long long)at) : "memory");
	bind_word(b, "LINES", e->options->caller_arena ? "lines" : "net_memory.lines");
	bind_int(b, "LINES_AT", step_argument(s, ROLE_SCRATCH, 0)->offset / 4);
}

/* The parameters of NAME_run(), the condition that one is missing, the arguments of NAME_infer(): inputs, arena, outputs. */
static void bind_tensors(const Emission *e, Bindings *b)
{
	const Graph *g = e->graph;
	const char *parameters = "", *missing = "", *arguments = "";
	for (int i = 0; i < g->ninput + g->noutput; i++) {
		const bool in = i < g->ninput;
		const char *name = arena_printf(e->arena, "%s%d", in ? "in" : "out", in ? i : i - g->ninput);
		const Type *t = in ? &g->input[i]->type : &g->output[i - g->ninput]->type;
		parameters = arena_printf(e->arena, "%s%s%s%s *%s", parameters, i ? ", " : "", in ? "const " : "", c_type(t->dtype), name);
		if (i == g->ninput) /* the engine gives the first word of a text its prefix */
			arguments = arena_printf(e->arena, "%s%s, ", arguments, i ? arena_name(e) : arena_expression(e));
		arguments = arena_printf(e->arena, "%s%s%s", arguments, name, i + 1 < g->ninput + g->noutput ? ", " : "");
		if (type_count(t)) /* there may be no memory for a tensor without elements */
			missing = arena_printf(e->arena, "%s%s!%s", missing, *missing ? " || " : "", name);
	}
	bind_word(b, "TENSORS", parameters);
	bind_int(b, "CHECKED", *missing != 0);
	bind_word(b, "MISSING", missing);
	bind_word(b, "ARGUMENTS", arguments);
}

void entry_print(const Emission *e, FILE *out)
{
	Bindings *b = bindings_new(e->arena, e->options->name);
	bind_int(b, "DETECTOR", e->detector);
	bind_int(b, "CALLER", e->options->caller_arena);
	bind_int(b, "FEATURES", e->target->features[0] != NULL);
	bind_conditions(e, b);
	bind_word(b, "MEMORY", arena_expression(e));
	bind_pixels(e, b);
	if (!e->detector)
		bind_tensors(e, b);
	helper_print(e, "entry", b, out);
	fputc('\n', out);
}
