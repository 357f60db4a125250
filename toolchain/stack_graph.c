/* stack_graph.c -- frames and calls from gcc's call graph (-fcallgraph-info=su): text for the graph viewer VCG,
 *
 *     node: { title: "net.c:net_conv" label: "net_conv\nnet.c:7:13\n120 bytes (static)" }
 *     node: { title: "memcpy" label: "__builtin_memcpy\n<built-in>" shape : ellipse }
 *     edge: { sourcename: "net_run" targetname: "net.c:net_conv" label: "net.c:9:2" }
 *
 * An ellipse is a function that is not in the source; a title with a file is that of a static function. Calls of
 * helpers of the compiler are there, but those that its last step adds (for profilers) are not: these are looked for in
 * the assembly. The graph is gcc's for every CPU, and a frame has the return address in it where the CPU stores one. */
#include "toolchain/stack_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* After `key` in the line, up to the quote; null: the line has no such key. */
static const char *text_of(const char *line, const char *end, const char *key, size_t *size)
{
	const size_t n = strlen(key);
	for (const char *p = line; p + n < end; p++)
		if (!strncmp(p, key, n)) {
			const char *close = memchr(p + n, '"', (size_t)(end - p) - n);
			*size = close ? (size_t)(close - p) - n : 0;
			return close ? p + n : NULL;
		}
	return NULL;
}

static bool contains(const char *text, size_t size, const char *word)
{
	const size_t n = strlen(word);
	for (size_t i = 0; i + n <= size; i++)
		if (!strncmp(text + i, word, n))
			return true;
	return false;
}

/* A title without the file in front of it. */
static const char *name_of(const char *title, size_t *size)
{
	const char *start = title + *size;
	while (start > title && start[-1] != ':')
		start--;
	*size -= (size_t)(start - title);
	return start;
}

static int find_title(const Reader *r, const char *title, size_t size)
{
	const bool external = !memchr(title, ':', size);
	const char *name = name_of(title, &size);
	for (int i = 0; i < r->n; i++)
		if (r->function[i].external == external && strlen(r->function[i].name) == size && !strncmp(r->function[i].name, name, size))
			return i;
	return -1;
}

/* "...\n120 bytes (static)": the kind is static, dynamic or "dynamic,bounded". */
static void read_frame(Reader *r, Function *f, const char *label, size_t size)
{
	static const char unit[] = " bytes (";
	for (size_t i = 0; i + strlen(unit) < size; i++) {
		if (strncmp(label + i, unit, strlen(unit)))
			continue;
		size_t start = i;
		while (start > 0 && isdigit((unsigned char)label[start - 1]))
			start--;
		f->frame = strtoll(label + start, NULL, 10);
		if (!strncmp(label + i + strlen(unit), "dynamic)", strlen("dynamic)")))
			stack_give_up(r, arena_printf(r->arena, "the frame of %s grows while it runs", f->name));
	}
	if (f->frame < 0)
		stack_give_up(r, arena_printf(r->arena, "the compiler does not say how large the frame of %s is", f->name));
}

static void read_node(Reader *r, const char *line, const char *end)
{
	size_t n, labels;
	const char *title = text_of(line, end, "title: \"", &n), *label = text_of(line, end, "label: \"", &labels);
	if (!title || !label || contains(label + labels, (size_t)(end - label) - labels, "ellipse"))
		return;
	r->function = arena_grow(r->arena, r->function, sizeof *r->function * (size_t)r->n, sizeof *r->function * (size_t)(r->n + 1));
	Function *f = &r->function[r->n++];
	*f = (Function){.external = !memchr(title, ':', n), .frame = -1, .deepest = -1};
	const char *name = name_of(title, &n);
	f->name = arena_strndup(r->arena, name, n);
	read_frame(r, f, label, labels);
}

static void read_edge(Reader *r, const char *line, const char *end)
{
	size_t from_size, to_size;
	const char *from = text_of(line, end, "sourcename: \"", &from_size), *to = text_of(line, end, "targetname: \"", &to_size);
	const int caller = from ? find_title(r, from, from_size) : -1;
	if (caller < 0 || !to) {
		stack_give_up(r, "the compiler's call graph is not written as gcc 10 to 14 write it");
		return;
	}
	Function *f = &r->function[caller];
	const int callee = find_title(r, to, to_size);
	if (callee == caller)
		stack_give_up(r, arena_printf(r->arena, "%s calls itself", f->name));
	else if (callee >= 0)
		stack_add_callee(r, f, callee);
	else if (contains(to, to_size, "__indirect_call"))
		stack_give_up(r, arena_printf(r->arena, "%s calls through a pointer", f->name));
	else {
		to = name_of(to, &to_size);
		stack_add_outside(r, f, arena_strndup(r->arena, to, to_size));
	}
}

static void for_each(Reader *r, const char *graph, const char *kind, void (*read)(Reader *r, const char *line, const char *end))
{
	for (const char *line = graph; *line;) {
		const char *end = line + strcspn(line, "\n");
		if (!strncmp(line, kind, strlen(kind)))
			read(r, line, end);
		line = end + (*end != 0);
	}
}

/* Names with two underscores in front are the compiler's; profilers are called by name. */
static bool is_helper(const char *s, size_t n)
{
	static const char *const names[] = {"mcount", "_mcount"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && !strncmp(s, names[i], n))
			return true;
	return n > 2 && s[0] == '_' && s[1] == '_';
}

static void read_instruction(Reader *r, const char *line, const char *end)
{
	const Function nobody = {.name = "a function"};
	for (const char *p = line; p < end && *p != '#';) {
		const size_t n = stack_symbol_length(p);
		if (n && is_helper(p, n))
			stack_add_outside(r, &nobody, arena_strndup(r->arena, p, n));
		p += n ? n : 1;
	}
}

static void read_assembly(Reader *r, const char *text)
{
	for (const char *line = text; *line;) {
		const char *end = line + strcspn(line, "\n"), *p = line + strspn(line, " \t");
		if (!strncmp(p, ".ident", strlen(".ident")))
			stack_read_ident(r, p, (size_t)(end - p));
		else if (p > line && *p != '.')
			read_instruction(r, p, end);
		line = end + (*end != 0);
	}
}

StackUse stack_read_graph(const char *assembly, const char *graph, Arena *a)
{
	StackUse use = {.compiler = "", .flags = ""};
	Reader r = {.prefix = "", .use = &use, .arena = a};
	use.outside = arena_new_array(a, const char *, 1);
	r.red_zone = stack_red_zone(assembly);
	for_each(&r, graph, "node:", read_node);
	for_each(&r, graph, "edge:", read_edge);
	read_assembly(&r, assembly);
	stack_add_entries(&r);
	if (!use.nentry)
		stack_give_up(&r, "the compiler's call graph has no functions of the model");
	return use;
}
