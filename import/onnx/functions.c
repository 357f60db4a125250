/* functions.c -- functions of the model call each other: never in a circle, and not so often that what they
 * stand for would be larger than a model may be. Counted from the functions that call nobody upwards, without
 * recursion. */
#include "import/onnx/parts.h"
#include "import/formats/wire.h"

#include <stdlib.h>
#include <string.h>

enum { FUNCTION_LIMIT = 10000, NODE_LIMIT = 1000000 };

typedef struct Function {
	const char *domain, *name;
	const Onnx__FunctionProto *proto;
	size_t next;   /* node to be looked at */
	int64_t nodes; /* that a call stands for */
	enum { NEW, OPEN, DONE } state;
} Function;

static int compare(const void *a, const void *b)
{
	const Function *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->domain, y->domain);
}

static Function *find(Function *f, size_t n, const Onnx__NodeProto *call)
{
	Function key = {.domain = call->domain ? call->domain : "", .name = call->op_type ? call->op_type : ""};
	return bsearch(&key, f, n, sizeof *f, compare);
}

static void report(Onnx *o, DiagClass class, const Function *f, const char *what)
{
	diag_error(o->d, class, (Loc){.file = o->file, .offset = wire_offset(&f->proto->base)}, "function '%s' %s",
	           diag_quote(o->a, f->name), what);
}

/* Depth first from f; stack has room for every function. False after an error. */
static bool count_nodes(Onnx *o, Function *all, size_t n, Function *f, Function **stack)
{
	size_t depth = 0;
	stack[depth++] = f;
	f->state = OPEN;
	while (depth) {
		Function *top = stack[depth - 1];
		if (top->next == top->proto->n_node) {
			top->state = DONE;
			depth--;
			continue;
		}
		Function *called = find(all, n, top->proto->node[top->next]);
		if (called && called->state == OPEN) {
			report(o, DIAG_REJECT, called, "calls itself");
			return false;
		}
		if (called && called->state == NEW) {
			called->state = OPEN;
			stack[depth++] = called;
			continue;
		}
		top->nodes += called ? called->nodes : 1;
		top->next++;
		if (top->nodes > NODE_LIMIT) {
			report(o, DIAG_LIMIT, top, "stands for more than 1000000 nodes");
			return false;
		}
	}
	return true;
}

/* Subgraphs of a function's nodes may call too; what they call is not followed, so a node with one is refused. */
static bool has_subgraph(const Onnx__FunctionProto *p)
{
	for (size_t i = 0; i < p->n_node; i++)
		for (size_t k = 0; k < p->node[i]->n_attribute; k++)
			if (p->node[i]->attribute[k]->g || p->node[i]->attribute[k]->n_graphs)
				return true;
	return false;
}

void onnx_check_functions(Onnx *o, const Onnx__ModelProto *m)
{
	size_t n = m->n_functions;
	if (n > FUNCTION_LIMIT) {
		diag_error(o->d, DIAG_LIMIT, (Loc){.file = o->file, .offset = -1}, "%zu functions; the limit is %d", n, FUNCTION_LIMIT);
		return;
	}
	Function *f = arena_new_array(o->a, Function, n + 1), **stack = arena_new_array(o->a, Function *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const Onnx__FunctionProto *p = m->functions[i];
		f[i] = (Function){.domain = p->domain ? p->domain : "", .name = p->name ? p->name : "", .proto = p};
		if (has_subgraph(p))
			report(o, DIAG_UNSUPPORTED, &f[i], "has nodes with graphs of their own");
	}
	qsort(f, n, sizeof *f, compare);
	for (size_t i = 1; i < n; i++)
		if (!compare(&f[i - 1], &f[i]))
			report(o, DIAG_REJECT, &f[i], "is defined twice");
	for (size_t i = 0; i < n; i++)
		if (f[i].state == NEW && !count_nodes(o, f, n, &f[i], stack))
			return;
}
