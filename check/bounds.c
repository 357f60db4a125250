/* bounds.c -- E21: every read and write of memory is proved to stay inside its object.
 *
 * From each entry point the program is interpreted with abstract values: integers are linear expressions over symbols with intervals,
 * pointers are regions with such offsets. Calls are walked with the values of their arguments, loops from an invariant, branches under
 * the facts of their conditions; paths are joined where they meet. An access that is not proved is a finding.
 *
 * The parts: bounds_linear.c proves; bounds_state.c, bounds_join.c and bounds_value.c are the abstract state; the other bounds_*.c say
 * what one operator, access, condition or argument means; walk_*.c walk the tree. */
#include "check/walk.h"
#include "check/bounds_contracts.h"
#include "check/bounds_entry_points.h"
#include "check/findings.h"
#include "check/rules.h"

enum { STEPS = 400000000 };

static void prove_entry_point(Rules *r, const Ast *function, bool *launched)
{
	State s = {.rules = r, .arena = arena_new(), .launched = launched, .steps = STEPS};
	s.k.arena = s.arena;
	s.visited = arena_new_array(s.arena, int, r->file->nfunction + 1);
	slot_new(&s, (Value){.kind = VALUE_NOTHING});    /* slot 0 is none */
	for (size_t i = 0; i < r->file->table_size; i++) /* instances of templates among them */
		if (r->file->table[i])
			r->file->table[i]->slot = 0;
	int n = 0;
	for (const Ast *p = function->child; p; p = p->next)
		n++;
	Value *argument = arena_new_array(s.arena, Value, n + 1);
	for (int pass = 0; pass < 2; pass++) { /* numbers first: sizes of regions depend on them */
		n = 0;
		for (const Ast *p = function->child; p; p = p->next) {
			if (p->kind != CXCursor_ParmDecl)
				continue;
			if (pass == 0)
				slot_set(&s, slot_of(&s, p), argument[n] = value_unknown(&s, p->type));
			else if (p->type.kind == CXType_Pointer)
				argument[n] = (Value){.kind = VALUE_POINTER, .region = contract_argument(&s, function, p)};
			n++;
		}
	}
	walk_function(&s, function, NULL, argument, n);
	if (s.steps < 0)
		finding_at(r, function, "%s is too large to be followed", function->name);
	arena_free(s.arena);
}

/* Kernels whose launch was not reached from any entry point. */
static void find_not_launched(Rules *r, const bool *launched)
{
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root)) {
		const Ast *k = n->kind == CXCursor_DeclRefExpr ? n->refers : NULL;
		if (k && k->kind == CXCursor_FunctionDecl && k->number && !launched[k->number] && ast_has(k, CXCursor_CUDAGlobalAttr))
			finding_at(r, n, "%s is not launched by %s_launch(): the places in it are not followed", k->name, r->prefix);
	}
}

void check_indices(Rules *r, const Ast *root)
{
	if (root != r->file->root || r->file->nerror) /* a file with errors has no meaning */
		return;
	bool *launched = arena_new_array(r->arena, bool, r->file->nfunction + 1);
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root))
		if (entry_point_is(r, n))
			prove_entry_point(r, n, launched);
	if (r->language == IN_CUDA && r->is_device)
		find_not_launched(r, launched);
}
