/* stack.c -- frames from the compiler's table, calls from its assembly, the deepest way from each external function.
 *
 * gcc counts the return address into a frame, clang does not; neither counts the red zone, the bytes below the stack pointer
 * that a function without calls may use. Clones of a function ("conv.constprop.0") are in gcc's
 * table under shortened names, so each takes the largest frame of its family. What is split off as cold is the function
 * itself. */
#include "toolchain/stack_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool in_symbol(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

size_t stack_symbol_length(const char *s)
{
	size_t n = 0;
	while (in_symbol(s[n]))
		n++;
	return n;
}

void stack_give_up(Reader *r, const char *reason)
{
	if (!r->use->unknown)
		r->use->unknown = reason;
}

/* Without what says that it is the cold part. */
static size_t whole_length(const char *s, size_t n)
{
	static const char cold[] = ".cold";
	for (size_t i = 0; i + strlen(cold) <= n; i++)
		if (!strncmp(s + i, cold, strlen(cold)))
			return i;
	return n;
}

static int find(const Reader *r, const char *s, size_t n)
{
	if (strncmp(s, r->prefix, strlen(r->prefix)))
		return -1;
	n = whole_length(s, n);
	for (int i = 0; i < r->n; i++)
		if (strlen(r->function[i].name) == n && !strncmp(r->function[i].name, s, n))
			return i;
	return -1;
}

/* ---- frames ---- */

/* FILE:LINE:COLUMN:NAME, bytes, kind, with tabs between. */
static bool read_row(const char *line, size_t size, const char **name, size_t *length, int64_t *bytes, bool *grows)
{
	const char *tab = memchr(line, '\t', size), *end = line + size;
	const char *kind = tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
	if (!kind)
		return false;
	for (*name = tab; *name > line && (*name)[-1] != ':';)
		--*name;
	*length = (size_t)(tab - *name);
	*bytes = strtoll(tab + 1, NULL, 10);
	*grows = (size_t)(end - kind) == strlen("\tdynamic") && !strncmp(kind, "\tdynamic", strlen("\tdynamic"));
	return true;
}

static size_t family_length(const char *s, size_t n)
{
	const char *dot = memchr(s, '.', n);
	return dot ? (size_t)(dot - s) : n;
}

static void read_frame(Reader *r, Function *f)
{
	const size_t family = family_length(f->name, strlen(f->name));
	f->frame = -1;
	for (const char *line = r->usage; *line;) {
		const char *name;
		size_t size = strcspn(line, "\n"), length;
		int64_t bytes;
		bool grows;
		if (read_row(line, size, &name, &length, &bytes, &grows) && family_length(name, length) == family &&
		    !strncmp(name, f->name, family)) {
			f->frame = bytes + r->more > f->frame ? bytes + r->more : f->frame;
			if (grows)
				stack_give_up(r, arena_printf(r->arena, "the frame of %s grows while it runs", f->name));
		}
		line += size + (line[size] != 0);
	}
	if (f->frame < 0)
		stack_give_up(r, arena_printf(r->arena, "the compiler does not say how large the frame of %s is", f->name));
}

/* ---- calls ---- */

void stack_add_callee(Reader *r, Function *f, int callee)
{
	for (int i = 0; i < f->ncallee; i++)
		if (f->callee[i] == callee)
			return;
	f->callee = arena_grow(r->arena, f->callee, sizeof *f->callee * (size_t)f->ncallee, sizeof *f->callee * (size_t)(f->ncallee + 1));
	f->callee[f->ncallee++] = callee;
}

void stack_add_outside(Reader *r, const Function *f, const char *name)
{
	StackUse *u = r->use;
	int at = 0;
	while (at < r->noutside && strcmp(u->outside[at], name) < 0)
		at++;
	if (at < r->noutside && !strcmp(u->outside[at], name))
		return;
	u->outside = arena_grow(r->arena, u->outside, sizeof *u->outside * (size_t)(r->noutside + 1),
	                        sizeof *u->outside * (size_t)(r->noutside + 2));
	memmove(&u->outside[at + 1], &u->outside[at], sizeof *u->outside * (size_t)(r->noutside + 1 - at));
	u->outside[at] = name;
	r->noutside++;
	if (strcmp(name, "memcpy") && strcmp(name, "memset"))
		stack_give_up(r, arena_printf(r->arena, "%s calls %s, whose frame is not known", f->name, name));
}

typedef enum Transfer { NO_CALL, CALL, JUMP, INDIRECT } Transfer;

/* How x86, ARM, RISC-V, POWER and MIPS write a call; a jump to another function is one too. */
static Transfer transfer_of(const char *s, size_t n)
{
	static const struct {
		const char *word;
		Transfer transfer;
	} words[] = {
	    {"call", CALL}, {"callq", CALL}, {"calll", CALL}, {"jmp", JUMP},     {"jmpq", JUMP},    {"bl", CALL},       {"b", JUMP},
	    {"tail", JUMP}, {"jal", CALL},   {"j", JUMP},     {"blr", INDIRECT}, {"blx", INDIRECT}, {"jalr", INDIRECT}, {"bctrl", INDIRECT},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n && !strncmp(words[i].word, s, n))
			return words[i].transfer;
	return NO_CALL;
}

/* An instruction of f. */
static void read_instruction(Reader *r, Function *f, const char *line, size_t size)
{
	const char *end = line + size, *p = line + strspn(line, " \t");
	size_t word = stack_symbol_length(p);
	const Transfer t = transfer_of(p, word);
	p += word + strspn(p + word, " \t");
	if (t == INDIRECT || (t == CALL && *p == '*'))
		stack_give_up(r, arena_printf(r->arena, "%s calls through a pointer", f->name));
	const char *target = p;
	for (; p < end; p += word ? word : 1) {
		word = stack_symbol_length(p);
		const int callee = word ? find(r, p, word) : -1;
		if (callee >= 0 && &r->function[callee] != f)
			stack_add_callee(r, f, callee);
		else if (callee >= 0 && t == CALL)
			stack_give_up(r, arena_printf(r->arena, "%s calls itself", f->name));
		r->calls += callee >= 0 && t != NO_CALL;
	}
	word = stack_symbol_length(target);
	if ((t == CALL || t == JUMP) && word && *target != '.' && find(r, target, word) < 0)
		stack_add_outside(r, f, arena_strndup(r->arena, target, word));
}

/* `.type NAME, @function` and `.globl NAME`. */
static void read_directive(Reader *r, const char *line, size_t size)
{
	static const char type[] = ".type", global[] = ".globl";
	const char *p = line + strspn(line, " \t"), *name = p + strcspn(p, " \t\n");
	name += strspn(name, " \t");
	const size_t n = stack_symbol_length(name);
	if (strncmp(name, r->prefix, strlen(r->prefix)))
		return;
	const bool is_type = !strncmp(p, type, strlen(type)), is_global = !strncmp(p, global, strlen(global));
	const char *kind = name + n, *end = line + size;
	bool function = false;
	for (; is_type && kind < end; kind++)
		function = function || !strncmp(kind, "function", strlen("function"));
	if (!function && !is_global)
		return;
	int i = find(r, name, n);
	if (i < 0) {
		r->function =
		    arena_grow(r->arena, r->function, sizeof *r->function * (size_t)r->n, sizeof *r->function * (size_t)(r->n + 1));
		i = r->n++;
		r->function[i] = (Function){.name = arena_strndup(r->arena, name, whole_length(name, n)), .frame = -1, .deepest = -1};
	}
	r->function[i].external = r->function[i].external || is_global;
	r->function[i].done = r->function[i].done || function; /* for now: it is no object */
}

static void drop_objects(Reader *r)
{
	int n = 0;
	for (int i = 0; i < r->n; i++) {
		if (!r->function[i].done)
			continue;
		r->function[n] = r->function[i];
		r->function[n++].done = false;
	}
	r->n = n;
}

void stack_read_ident(Reader *r, const char *line, size_t size)
{
	const char *open = memchr(line, '"', size), *close = open ? strchr(open + 1, '"') : NULL;
	if (close && !*r->use->compiler)
		r->use->compiler = arena_strndup(r->arena, open + 1, (size_t)(close - open - 1));
}

static void for_each_line(Reader *r, const char *text, bool declarations)
{
	Function *f = NULL;
	for (const char *line = text; *line;) {
		const size_t size = strcspn(line, "\n"), n = stack_symbol_length(line);
		const char *p = line + strspn(line, " \t");
		if (n && line[n] == ':') {
			const int i = find(r, line, n);
			f = i >= 0 ? &r->function[i] : *line == '.' ? f : NULL;
		} else if (*p == '.') {
			if (declarations && !strncmp(p, ".ident", strlen(".ident")))
				stack_read_ident(r, p, size - (size_t)(p - line));
			else if (declarations)
				read_directive(r, line, size);
		} else if (!declarations && f && *line == '\t') {
			read_instruction(r, f, line, size);
		}
		line += size + (line[size] != 0);
	}
}

/* ---- the deepest way ---- */

static int64_t depth(Reader *r, int i)
{
	Function *f = &r->function[i];
	if (f->done)
		return f->bytes;
	if (f->visiting) {
		stack_give_up(r, arena_printf(r->arena, "%s can call itself", f->name));
		return 0;
	}
	f->visiting = true;
	int64_t most = r->red_zone;
	for (int k = 0; k < f->ncallee; k++) {
		const int64_t bytes = depth(r, f->callee[k]);
		if (f->deepest < 0 || bytes > most) {
			most = bytes;
			f->deepest = f->callee[k];
		}
	}
	f->visiting = false;
	f->done = true;
	f->bytes = f->frame + most;
	return f->bytes;
}

static void add_entry(Reader *r, int i)
{
	StackUse *u = r->use;
	StackEntry *e = &u->entry[u->nentry++];
	int n = 0;
	*e = (StackEntry){.name = r->function[i].name, .bytes = depth(r, i), .path = arena_new_array(r->arena, const char *, r->n + 1)};
	for (int k = i; k >= 0 && n < r->n; k = r->function[k].deepest)
		e->path[n++] = r->function[k].name;
	u->bytes = e->bytes > u->bytes ? e->bytes : u->bytes;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const StackEntry *)a)->name, ((const StackEntry *)b)->name);
}

void stack_add_entries(Reader *r)
{
	StackUse *u = r->use;
	u->entry = arena_new_array(r->arena, StackEntry, r->n + 1);
	for (int i = 0; i < r->n; i++)
		if (r->function[i].external)
			add_entry(r, i);
	qsort(u->entry, (size_t)u->nentry, sizeof *u->entry, by_name);
}

/* By a word that only the assembly of such machines has. */
int64_t stack_red_zone(const char *assembly)
{
	static const struct {
		const char *word;
		int64_t bytes;
	} machines[] = {{"%rsp", 128} /* x86-64 */, {"mflr", 288} /* POWER */};
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (strstr(assembly, machines[i].word))
			return machines[i].bytes;
	return 0;
}

StackUse stack_read(const char *name, const char *assembly, const char *usage, Arena *a)
{
	StackUse use = {.compiler = "", .flags = ""};
	Reader r = {.prefix = arena_printf(a, "%s_", name), .usage = usage, .use = &use, .arena = a};
	use.outside = arena_new_array(a, const char *, 1);
	for_each_line(&r, assembly, true);
	drop_objects(&r);
	r.more = strstr(use.compiler, "clang") ? (int64_t)sizeof(void *) : 0;
	r.red_zone = stack_red_zone(assembly);
	for (int i = 0; i < r.n; i++)
		read_frame(&r, &r.function[i]);
	for_each_line(&r, assembly, false);
	stack_add_entries(&r);
	if (!use.nentry)
		stack_give_up(&r, "the compiler's assembly has no functions of the model");
	else if (!r.calls && r.n > use.nentry)
		stack_give_up(&r, "calls are written in a way that is not known here");
	return use;
}
