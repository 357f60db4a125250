/* promise.c -- the manifest is read with cJSON and held against declarations and calls. */
#include "compiler/check/promise.h"
#include "compiler/files.h"
#include "compiler/options.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 1 << 28 };

static const char **strings(const cJSON *list, Arena *a)
{
	const int n = cJSON_GetArraySize(list);
	const char **s = arena_new_array(a, const char *, n + 1);
	int count = 0;
	for (const cJSON *i = list ? list->child : NULL; i; i = i->next)
		if (cJSON_IsString(i))
			s[count++] = arena_strdup(a, i->valuestring);
	return s;
}

static int64_t number(const cJSON *o, const char *key)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, key);
	return cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble < 9e15 ? (int64_t)n->valuedouble : -1;
}

static void read_places(Promise *p, const cJSON *list, Arena *a)
{
	p->place = arena_new_array(a, PromisedPlace, cJSON_GetArraySize(list) + 1);
	for (const cJSON *i = list ? list->child : NULL; i; i = i->next) {
		const cJSON *object = cJSON_GetObjectItemCaseSensitive(i, "object");
		if (cJSON_IsString(object))
			p->place[p->nplace++] = (PromisedPlace){arena_strdup(a, object->valuestring), number(i, "offset"), number(i, "bytes")};
	}
}

const Promise *promise_read(const char *source, Arena *a, Diag *d)
{
	const char *dot = strrchr(source, '.');
	const char *path = arena_printf(a, "%.*s.manifest.json", dot ? (int)(dot - source) : (int)strlen(source), source);
	size_t size;
	if (access(path, F_OK))
		return NULL;
	const char *text = file_text(path, LIMIT, &size, a, d);
	if (!text)
		return NULL;
	cJSON *root = cJSON_ParseWithLength(text, size);
	const cJSON *symbols = cJSON_GetObjectItemCaseSensitive(root, "symbols");
	Promise *p = arena_new_one(a, Promise);
	if (number(root, "manifest") != 1 || !symbols) {
		diag_error(d, DIAG_REJECT, (Loc){.file = path, .line = 1}, "no manifest of version 1");
		cJSON_Delete(root);
		return NULL;
	}
	p->path = path;
	p->ram = number(cJSON_GetObjectItemCaseSensitive(root, "ram"), "bytes");
	p->defined = strings(cJSON_GetObjectItemCaseSensitive(symbols, "defined"), a);
	p->needed = strings(cJSON_GetObjectItemCaseSensitive(symbols, "needed"), a);
	read_places(p, cJSON_GetObjectItemCaseSensitive(root, "places"), a);
	cJSON_Delete(root);
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
