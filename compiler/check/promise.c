/* promise.c -- the manifest is read and held against declarations and calls. */
#include "compiler/check/promise.h"
#include "compiler/files.h"
#include "compiler/formats/json.h"
#include "compiler/options.h"

#include <string.h>
#include <unistd.h>

enum { LIMIT = 1 << 28 };

static const char **strings(Json list, Arena *a)
{
	const char **s = arena_new_array(a, const char *, json_count(list) + 1);
	int count = 0;
	for (Json i = json_child(list); i.item; i = json_next(i))
		if (json_kind(i) == JSON_STRING)
			s[count++] = arena_strdup(a, i.item->valuestring);
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
		const Json object = json_member(i, "object");
		if (object.item && json_kind(object) == JSON_STRING)
			p->place[p->nplace++] = (PromisedPlace){arena_strdup(a, object.item->valuestring), number(i, "offset"), number(i, "bytes")};
	}
}

static const Promise *read_promise(Json root, const char *path, Arena *a, Diag *d)
{
	const Json symbols = json_member(root, "symbols"), ram = json_member(root, "ram"), places = json_member(root, "places");
	if (number(root, "manifest") != 1 || !symbols.item || !ram.item || !places.item) {
		diag_error(d, DIAG_REJECT, json_at(root), "no manifest of version 1");
		return NULL;
	}
	Promise *p = arena_new_one(a, Promise);
	p->path = path;
	p->ram = number(ram, "bytes");
	p->defined = strings(json_member(symbols, "defined"), a);
	p->needed = strings(json_member(symbols, "needed"), a);
	read_places(p, places, a);
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

void check_ram(Rules *r, const Ast *n)
{
	if (n != r->file->root || !r->promise)
		return;
	int64_t bytes = 0;
	const Ast *last = n;
	for (const Ast *v = n; v; v = ast_next(v, n)) {
		const enum CX_StorageClass storage = v->kind == CXCursor_VarDecl ? clang_Cursor_getStorageClass(v->cursor) : CX_SC_Invalid;
		if (v->kind != CXCursor_VarDecl || (v->function && storage != CX_SC_Static) || storage == CX_SC_Extern || ast_is_const(v->type))
			continue;
		bytes += clang_Type_getSizeOf(v->type);
		last = v;
	}
	if (bytes != r->promise->ram)
		rules_find(r, last, "%lld bytes of RAM; %s says %lld", (long long)bytes, path_base(r->promise->path), (long long)r->promise->ram);
}

/* ---- names ---- */

static bool is_listed(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

void check_names(Rules *r, const Ast *n)
{
	if (!r->promise)
		return;
	if (ast_is_external(n) && !is_listed(n->name, r->promise->defined) && !is_listed(n->name, r->promise->needed))
		rules_find(r, n, "'%s' is external; %s does not list it", n->name, path_base(r->promise->path));
	if (n->kind == CXCursor_CallExpr && *n->name && !n->refers && strncmp(n->name, "__builtin_", 10) && !is_listed(n->name, r->promise->needed) &&
	    !is_listed(n->name, r->promise->defined) && clang_getCursorLinkage(clang_getCursorReferenced(n->cursor)) == CXLinkage_External)
		rules_find(r, n, "%s is needed from outside; %s does not list it", n->name, path_base(r->promise->path));
}

/* ---- places ---- */

void check_place(Rules *r, const Ast *at, const char *object, int64_t offset, int64_t size)
{
	if (!r->promise)
		return;
	for (int i = 0; i < r->promise->nplace; i++) {
		const PromisedPlace *p = &r->promise->place[i];
		if (p->offset == offset && p->size >= size && !strcmp(p->object, object))
			return;
	}
	const char *rule = r->rule;
	r->rule = "E24";
	rules_find(r, at, "%lld bytes at %lld of the %s are passed; %s has no such buffer", (long long)size, (long long)offset, object,
	           path_base(r->promise->path));
	r->rule = rule;
}
