/* promise.c -- reads the manifest, and compares declarations and calls with it. */
#include "check/promise.h"
#include "check/calls.h"
#include "check/cuda_facts.h"
#include "check/findings.h"
#include "check/names.h"
#include "check/rules.h"
#include "base/files.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 1 << 28 };

static const char **strings(Json list, Arena *a)
{
	const char **s = arena_new_array(a, const char *, json_count(list) + 1);
	int count = 0;
	for (Json i = json_child(list); i.item; i = json_next(i))
		if (json_kind(i) == JSON_STRING)
			s[count++] = json_as_text(i, a);
	return s;
}

static int64_t number(Json o, const char *key)
{
	const Json n = json_member(o, key);
	int64_t value;
	return n.item && json_integer(n, &value) ? value : -1;
}

static void read_places(Promise *p, Json list, Arena *a)
{
	p->place = arena_new_array(a, PromisedPlace, json_count(list) + 1);
	for (Json i = json_child(list); i.item; i = json_next(i)) {
		const Json object = json_member(i, "object"), use = json_member(i, "use");
		const bool made = use.item && json_is(use, "result");
		const bool scratch = use.item && json_is(use, "scratch");
		if (object.item && json_kind(object) == JSON_STRING)
			p->place[p->nplace++] =
			    (PromisedPlace){json_as_text(object, a), number(i, "offset"), number(i, "bytes"), made || scratch};
	}
}

static const char *text(Json o, const char *key, Arena *a)
{
	const Json s = json_member(o, key);
	return s.item && json_kind(s) == JSON_STRING ? json_as_text(s, a) : "";
}

static const Promise *read_promise(Json root, const char *path, Arena *a, Diag *d)
{
	const Json symbols = json_member(root, "symbols"), ram = json_member(root, "ram"), places = json_member(root, "places");
	const Json weights = json_member(root, "weights");
	if (number(root, "manifest") != 1 || !symbols.item || !ram.item || !places.item || !weights.item) {
		diag_error(d, DIAG_REJECT, json_at(root), "no manifest of version 1");
		return NULL;
	}
	Promise *p = arena_new_one(a, Promise);
	p->path = path;
	p->ram = number(ram, "bytes");
	p->defined = strings(json_member(symbols, "defined"), a);
	p->needed = strings(json_member(symbols, "needed"), a);
	read_places(p, places, a);
	p->weights_form = text(weights, "form", a);
	p->weights_size = number(weights, "bytes");
	p->weights_hash = strtoull(text(weights, "hash", a), NULL, 16);
	return p;
}

const Promise *promise_read(const char *source, Arena *a, Diag *d)
{
	const char *dot = strrchr(source, '.');
	const char *path = arena_printf(a, "%.*s.manifest.json", dot ? (int)(dot - source) : (int)strlen(source), source);
	JsonDoc doc = {.text = {.file = path}};
	if (access(path, F_OK))
		return NULL;
	doc.text.text = file_text(path, LIMIT, &doc.text.size, a, d);
	const Promise *p = doc.text.text && json_open(&doc, d) ? read_promise(json_root(&doc), path, a, d) : NULL;
	json_close(&doc);
	return p;
}

/* ---- RAM ---- */

/* A static object that is not constant. The host has a copy of each object of the device, except for shared memory. */
static bool takes_ram(const Ast *v)
{
	if (v->kind != CXCursor_VarDecl || ast_is_const(v->type) || ast_has(v, CXCursor_CUDASharedAttr))
		return false;
	const enum CX_StorageClass storage = clang_Cursor_getStorageClass(v->cursor);
	return storage != CX_SC_Extern && (!v->function || storage == CX_SC_Static);
}

void check_ram(Rules *r, const Ast *n)
{
	if (n != r->file->root || !r->promise)
		return;
	int64_t bytes = 0;
	const Ast *last = n;
	for (const Ast *v = n; v; v = ast_next(v, n)) {
		if (!takes_ram(v))
			continue;
		bytes += clang_Type_getSizeOf(v->type);
		last = v;
	}
	if (bytes != r->promise->ram)
		finding_at(r, last, "%lld bytes of RAM; %s says %lld", (long long)bytes, path_base(r->promise->path),
		           (long long)r->promise->ram);
}

/* ---- names ---- */

/* A call that needs a symbol of another object file; device code has none. */
static bool is_needed(const Ast *call)
{
	const CXCursor target = calls_target(call);
	const enum CXCursorKind kind = clang_getCursorKind(target);
	if (kind != CXCursor_FunctionDecl && kind != CXCursor_FunctionTemplate)
		return false;
	return clang_getCursorLinkage(target) == CXLinkage_External && cuda_runs_on_host(call->function) &&
	       strncmp(calls_name(call), "__builtin_", 10);
}

void check_names(Rules *r, const Ast *n)
{
	const Ast *to[CALLS_MOST];
	if (!r->promise)
		return;
	if (ast_is_external(n) && !name_in_list(n->name, r->promise->defined) && !name_in_list(n->name, r->promise->needed))
		finding_at(r, n, "'%s' is external; %s does not list it", n->name, path_base(r->promise->path));
	if (n->kind != CXCursor_CallExpr || !is_needed(n) || calls_of(r, n, to))
		return;
	const char *name = calls_name(n);
	if (!name_in_list(name, r->promise->needed) && !name_in_list(name, r->promise->defined))
		finding_at(r, n, "%s is needed from outside; %s does not list it", name, path_base(r->promise->path));
}

/* ---- places ---- */

static bool is_place(const Promise *p, const char *object, int64_t offset, int64_t size, bool pixels)
{
	for (int i = 0; i < p->nplace; i++)
		if (p->place[i].offset == offset && p->place[i].size >= size && !(pixels && p->place[i].of_layer) &&
		    !strcmp(p->place[i].object, object))
			return true;
	return false;
}

void check_passed(Rules *r, const Ast *at, const Ast *call, const char *object, int64_t offset, int64_t size)
{
	const bool pixels = call && !strcmp(calls_name(call), arena_printf(r->arena, "%s_preprocess", r->prefix));
	if (!r->promise || is_place(r->promise, object, offset, size, pixels))
		return;
	const char *rule = r->rule, *bytes = size ? arena_printf(r->arena, "%lld bytes", (long long)size) : "a place";
	r->rule = "E24";
	finding_at(r, at, "%s at %lld of the %s passed; %s has no such buffer", bytes, (long long)offset, object,
	           path_base(r->promise->path));
	r->rule = rule;
}

/* The expression of a place: `arena`, `arena + 64` or `net_at<float>(arena, 64)`. *offset: bytes; -1: not constant. */
static const Ast *place_of(const Ast *memory, int64_t *offset)
{
	const Ast *place = memory, *last;
	*offset = 0;
	while (ast_bare(place->parent) == memory)
		place = place->parent;
	const Ast *up = place->parent;
	if (up->kind != CXCursor_BinaryOperator && !(up->kind == CXCursor_CallExpr && strstr(calls_name(up), "_at")))
		return place;
	for (last = up->child; last->next;)
		last = last->next;
	if (!ast_constant(last, offset))
		*offset = -1;
	return up;
}

/* The call that it is passed to, or null. */
static const Ast *call_of(const Ast *argument)
{
	while (ast_bare(argument->parent) == ast_bare(argument))
		argument = argument->parent;
	return argument->parent->kind == CXCursor_CallExpr ? argument->parent : NULL;
}

/* The size in bytes of the parameter for this argument; 0: it is not declared as an array. */
static int64_t wanted_size(const Rules *r, const Ast *argument)
{
	const Ast *call = call_of(argument), *to[CALLS_MOST];
	while (ast_bare(argument->parent) == ast_bare(argument))
		argument = argument->parent;
	if (!call || calls_of(r, call, to) != 1)
		return 0;
	const Ast *parameter = to[0]->child;
	for (const Ast *c = call->child->next; parameter && c; parameter = parameter->next) {
		if (parameter->kind != CXCursor_ParmDecl)
			continue;
		if (c == argument)
			break;
		c = c->next;
	}
	return parameter && parameter->type.kind == CXType_ConstantArray ? clang_Type_getSizeOf(parameter->type) : 0;
}

void check_places(Rules *r, const Ast *n)
{
	if (!r->promise || r->language != IN_CUDA || n->kind != CXCursor_DeclRefExpr ||
	    (strcmp(n->name, "arena") && strcmp(n->name, "weights")))
		return;
	const Ast *function = n->refers && n->refers->kind == CXCursor_ParmDecl ? n->refers->function : NULL;
	if (!function || strcmp(function->name, arena_printf(r->arena, "%s_enqueue", r->prefix)))
		return;
	int64_t offset;
	const Ast *place = place_of(n, &offset);
	check_passed(r, n, call_of(place), n->name, offset, wanted_size(r, place));
}
