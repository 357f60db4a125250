/* manifest.c -- collects what manifest.h has: objects and names from what was decided, constant tables and needed names
 * from the templates, which are the only place where those are. */
#include "codegen/emission.h"
#include "codegen/device_memory.h"
#include "ir/diag.h"

#include <ctype.h>
#include <string.h>

const char *const storage_names[STORAGE_COUNT] = {
    [STORAGE_RAM] = "ram",       [STORAGE_RAM_CALLER] = "ram_caller",
    [STORAGE_FLASH] = "flash",   [STORAGE_FLASH_CALLER] = "flash_caller",
    [STORAGE_DEVICE] = "device", [STORAGE_DEVICE_CALLER] = "device_caller",
    [STORAGE_OPENED] = "opened",
};

int64_t manifest_bytes(const Manifest *m, Storage s)
{
	int64_t bytes = 0;
	for (int i = 0; i < m->nobject; i++)
		bytes += m->object[i].storage == s ? m->object[i].size : 0;
	return bytes;
}

const ManifestObject *manifest_object(const Manifest *m, Storage s)
{
	for (int i = 0; i < m->nobject; i++)
		if (m->object[i].storage == s)
			return &m->object[i];
	return NULL;
}

/* As the C compiler says, where one was asked. Else CPUs that are named have 64 bits, and so have hosts of GPUs; portable code
 * is taken to be for a machine like this one. */
static int pointer_bytes(const Emission *e)
{
	if (e->options->pointer_bytes)
		return e->options->pointer_bytes;
	return e->device || e->target->features[0] ? POINTER_BYTES : (int)sizeof(void *);
}

static int64_t rounded(int64_t size, int64_t alignment)
{
	return (size + alignment - 1) / alignment * alignment;
}

static ManifestObject *add(Manifest *m, Storage s, const char *name, const char *use, int64_t size, int alignment)
{
	if (m->nobject == MAX_MANIFEST_OBJECTS)
		bug("more than %d objects in a source", MAX_MANIFEST_OBJECTS);
	m->object[m->nobject] = (ManifestObject){.name = name, .use = use, .storage = s, .size = size, .alignment = alignment};
	return &m->object[m->nobject++];
}

static const char *named(const Emission *e, const char *suffix)
{
	return arena_printf(e->arena, "%s_%s", e->options->name, suffix);
}

/* ---- memory ---- */

static void add_part(ManifestObject *o, const char *name, const char *use, int64_t size, const char *declaration)
{
	o->part[o->nparts++] = (ManifestPart){name, use, declaration, size};
	o->size += size;
}

/* All that the source writes to is one object, as large as its alignment makes it: no compiler or linker can lay it out in
 * another way, so that its size is what the program takes. */
static void add_static_memory(const Emission *e, Manifest *m)
{
	const bool own = !e->options->caller_arena, loaded = e->options->weights == WEIGHTS_FILE;
	const int64_t arena = own ? e->graph->arena_size : 0, lines = own ? lines_bytes(e) : 0;
	if (!arena && !lines && !loaded)
		return;
	ManifestObject *o =
	    add(m, STORAGE_RAM, named(e, "memory"), "all that is written to", 0, arena ? e->target->alignment : pointer_bytes(e));
	if (arena)
		add_part(o, "arena", "what flows between layers", arena,
		         arena_printf(e->arena, "float arena[%s_ARENA_SIZE / 4]", e->upper));
	if (lines)
		add_part(o, "lines", "of the resize", lines, arena_printf(e->arena, "int32_t lines[10 * %s_INPUT_WIDTH]", e->upper));
	if (loaded)
		add_part(o, "weights", arena_printf(e->arena, "set by %s_load", e->options->name), pointer_bytes(e),
		         "const float *weights");
	o->size = rounded(o->size, o->alignment);
}

static void add_memory(const Emission *e, Manifest *m)
{
	add_static_memory(e, m);
	if (e->options->trace)
		add(m, STORAGE_RAM, named(e, "tracer"), "of dssdc verify", 2 * pointer_bytes(e), pointer_bytes(e));
	if (e->options->caller_arena)
		add(m, STORAGE_RAM_CALLER, "arena", "given with each call", e->graph->arena_size + lines_bytes(e), e->target->alignment);
}

/* nvcc gives each static object of the device a twin on the host, as large: address space that nobody touches. */
static void add_device_object(const Emission *e, Manifest *m, const char *suffix, const char *use, int64_t size)
{
	add(m, STORAGE_DEVICE, named(e, suffix), use, size, e->target->alignment);
	add(m, STORAGE_RAM, named(e, suffix), "the twin that nvcc makes on the host; never touched", size, e->target->alignment);
}

static void add_device_memory(const Emission *e, Manifest *m)
{
	const DeviceMemory d = device_memory(e);
	if (e->graph->weights_size)
		add_device_object(e, m, "device_weights", "copied by the first call", e->graph->weights_size);
	if (e->options->caller_arena) {
		add(m, STORAGE_DEVICE_CALLER, "memory", "given to the call that opens", d.size, e->target->alignment);
		add(m, STORAGE_RAM_CALLER, named(e, "context"), "of each user", device_context_bytes(e), pointer_bytes(e));
	} else {
		add_device_object(e, m, "device_memory", "what flows between layers, calls, results, pixels", d.size);
		add(m, STORAGE_RAM, named(e, "own"), "of the calls", device_context_bytes(e), pointer_bytes(e));
	}
	if (e->options->weights == WEIGHTS_FILE)
		add(m, STORAGE_RAM, named(e, "weights"), arena_printf(e->arena, "set by %s_load", e->options->name), pointer_bytes(e),
		    pointer_bytes(e));
	if (e->library) {
		add(m, STORAGE_RAM, named(e, "plan_table"), "what cuDNN computes with", 4 * (int64_t)device_plans(e), 4);
		add(m, STORAGE_OPENED, "workspace", "of cuDNN, on the device; at most", (int64_t)e->program.nqueue * WORKSPACE_LIMIT,
		    e->target->alignment);
	}
	if (e->detector)
		add(m, STORAGE_OPENED, "pinned", "of the host: results, pixels", d.tickets - d.results + e->target->batch * d.pixels_size,
		    e->target->alignment);
}

/* Characters of every string, with the NUL of each. Compilers may share ends. */
static int64_t string_bytes(const Emission *e)
{
	int64_t bytes = (int64_t)strlen(e->options->tool) + 1 + (int64_t)strlen("unknown error") + 1;
	for (int i = 0; i < error_code_count; i++)
		bytes += (int64_t)strlen(error_text(e, i)) + 1;
	for (int i = 0; e->detector && i < e->graph->output[0]->def->u.detect.classes; i++)
		bytes += (int64_t)strlen(label_text(e, i)) + 1;
	return bytes;
}

static void add_constants(const Emission *e, Manifest *m)
{
	const int64_t weights = e->graph->weights_size;
	if (e->options->weights == WEIGHTS_FILE)
		add(m, STORAGE_FLASH_CALLER, arena_printf(e->arena, "%s.weights", e->file), "given once", WEIGHTS_HEAD + weights,
		    e->target->alignment);
	else if (weights) {
		add(m, STORAGE_FLASH, named(e, "weights"), "weights", weights, e->target->alignment);
		add(m, STORAGE_FLASH, named(e, "weights_head"), "which weights they are", WEIGHTS_MARK, WEIGHTS_MARK);
	}
	if (e->detector)
		add(m, STORAGE_FLASH, named(e, "labels"), "names of classes",
		    pointer_bytes(e) * (int64_t)e->graph->output[0]->def->u.detect.classes, pointer_bytes(e));
	add(m, STORAGE_FLASH, "strings", "characters of names, messages and version", string_bytes(e), 1);
}

/* ---- names ---- */

typedef enum When { /* conditions, all of which must hold */
	            ALWAYS = 0,
	            DETECTOR = 1,
	            PIXELS = 2,
	            DEVICE = 4,
	            LOADED = 8,
	            LIBRARY = 16,
	            TRACED = 32,
	            INCBIN = 64,
	            BESIDE = 128, /* the weights are in an object of their own */
} When;

/* Names that a source defines, and names that it needs always: compilers make calls of loops. */
static const struct {
	const char *suffix;
	int when;
} defined[] = {
    {"detect", DETECTOR | PIXELS},
    {"detect_batch", DETECTOR | PIXELS | DEVICE},
    {"detect_device", DETECTOR | PIXELS | DEVICE},
    {"detect_batch_device", DETECTOR | PIXELS | DEVICE},
    {"run", ALWAYS},
    {"open", DEVICE},
    {"close", DEVICE},
    {"device_error", DEVICE},
    {"plan_table", DEVICE | LIBRARY},
    {"load", LOADED},
    {"labels", DETECTOR},
    {"strerror", ALWAYS},
    {"version", ALWAYS},
    {"weights", INCBIN},
    {"weights_head", INCBIN},
    {"tracer", TRACED},
};
static const char *const always_needed[] = {"memcpy", "memset"};

static int conditions(const Emission *e)
{
	const bool any = e->graph->weights_size > 0;
	const WeightsForm form = e->options->weights;
	return (e->detector ? DETECTOR : 0) | (e->graph->preprocess.width ? PIXELS : 0) | (e->device ? DEVICE : 0) |
	       (form == WEIGHTS_FILE ? LOADED : 0) | (e->library ? LIBRARY : 0) | (e->options->trace ? TRACED : 0) |
	       (any && form == WEIGHTS_INCBIN ? INCBIN : 0) | (any && (form == WEIGHTS_ARRAY || form == WEIGHTS_OBJECT) ? BESIDE : 0);
}

static void need(Manifest *m, const char *name)
{
	int at = 0;
	while (at < m->nneeded && strcmp(m->needed[at], name) < 0)
		at++;
	if (at < m->nneeded && !strcmp(m->needed[at], name))
		return;
	if (m->nneeded == MAX_MANIFEST_SYMBOLS)
		bug("more than %d needed names", MAX_MANIFEST_SYMBOLS);
	memmove(&m->needed[at + 1], &m->needed[at], sizeof *m->needed * (size_t)(m->nneeded - at));
	m->needed[at] = name;
	m->nneeded++;
}

static void add_names(const Emission *e, Manifest *m)
{
	const int holds = conditions(e);
	for (size_t i = 0; i < sizeof defined / sizeof *defined; i++)
		if ((defined[i].when & ~holds) == 0)
			m->defined[m->ndefined++] = named(e, defined[i].suffix);
	for (size_t i = 0; i < sizeof always_needed / sizeof *always_needed; i++)
		need(m, always_needed[i]);
	if (holds & BESIDE) {
		need(m, named(e, "weights"));
		need(m, named(e, "weights_head"));
	}
}

/* ---- numbers ---- */

static const char *contraction(const Emission *e)
{
	static const char flag[] = "-ffp-contract=";
	for (int i = 0; e->target->cflags[i]; i++)
		if (!strncmp(e->target->cflags[i], flag, strlen(flag)))
			return e->target->cflags[i] + strlen(flag);
	return e->device ? "fast" : ""; /* nvcc's own choice */
}

static void add_layers(const Emission *e, Manifest *m)
{
	const Graph *g = e->graph;
	m->layer = arena_new_array(e->arena, ManifestLayer, g->nnode + 1);
	m->nlayer = g->nnode;
	for (int i = 0; i < e->program.nstep; i++) {
		const Step *s = &e->program.step[i];
		if (s->kind != STEP_KERNEL && s->kind != STEP_IN_PLACE)
			continue;
		m->layer[s->number] = (ManifestLayer){s->node->name, s->instance ? s->instance->function : "", node_macs(s->node)};
		m->macs += m->layer[s->number].macs;
		m->winograd += s->instance && s->instance->kernel->winograd;
	}
}

/* ---- from the templates ---- */

static int64_t element_bytes(const char *type, int pointer)
{
	const struct {
		const char *name;
		int64_t bytes;
	} types[] = {
	    {"char *const ", pointer}, {"unsigned char ", 1}, {"uint8_t ", 1}, {"int32_t ", 4},
	    {"uint32_t ", 4},          {"uint64_t ", 8},      {"float ", 4},   {"double ", 8},
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(type, types[i].name))
			return types[i].bytes;
	return 0;
}

static bool is_device_call(const char *name)
{
	static const char *const heap[] = {"calloc", "free"};
	for (size_t i = 0; i < sizeof heap / sizeof *heap; i++)
		if (!strcmp(name, heap[i]))
			return true;
	return (!strncmp(name, "cuda", 4) && isupper((unsigned char)name[4])) ||
	       (!strncmp(name, "cudnn", 5) && isupper((unsigned char)name[5]));
}

/* The one table without a stated length is that of the messages. */
void manifest_add_facts(const Emission *e, Manifest *m)
{
	for (int i = 0; i < e->facts->ntable; i++) {
		const TextTable *t = &e->facts->table[i];
		const int64_t element = element_bytes(t->type, pointer_bytes(e));
		if (element)
			add(m, STORAGE_FLASH, t->name, "a constant table", element * (t->count ? t->count : error_code_count),
			    (int)element);
	}
	for (int i = 0; e->device && i < e->facts->ncall; i++)
		if (is_device_call(e->facts->call[i]))
			need(m, e->facts->call[i]);
}

Manifest *manifest_collect(const Emission *e)
{
	static const char *const forms[] = {"incbin", "array", "object", "file"};
	const Graph *g = e->graph;
	Manifest *m = arena_new_one(e->arena, Manifest);
	*m = (Manifest){
	    .target = e->target,
	    .options = e->options,
	    .model = g->name,
	    .weights_form = forms[e->options->weights],
	    .contraction = contraction(e),
	    .pointer_bytes = pointer_bytes(e),
	    .weights_size = g->weights_size,
	    .library = e->library,
	    .arena_size = g->arena_size,
	    .arena_bound = g->arena_bound,
	};
	add_layers(e, m);
	if (e->device)
		add_device_memory(e, m);
	else
		add_memory(e, m);
	add_constants(e, m);
	add_names(e, m);
	m->places = places_of(e);
	return m;
}
