/* select_kernels.c -- the first row of the target's kernel table that accepts each node, and what that kernel leaves open.
 *
 *     %2 = conv2d ...              =>        %2 = conv2d ... ; kernel=conv_tile plan=th:2,tw:6,tv:2,panels_first:1
 *
 * Types and layouts are final here. A node that lives inside its input or output needs no kernel (elide_*). */
#include "ir/plan_table.h"
#include "ir/text.h"
#include "passes/pass.h"

#include <string.h>

/* v lives inside w */
static bool is_inside(const Value *v, const Value *w)
{
	for (; v->base; v = v->base)
		if (v->base == w)
			return true;
	return false;
}

bool node_is_elided(const Node *n)
{
	const Value *out = n->out[0];
	bool empty = true;
	for (int k = 0; k < n->nout; k++)
		empty = empty && type_count(&n->out[k]->type) == 0;
	if (empty)
		return true;
	if (n->op == OP_concat)
		return is_inside(n->in[0], out);
	return (n->op == OP_reshape || n->op == OP_permute) && out->base == n->in[0] && out->base_axis < 0;
}

/* 16-bit floats that the target does not compute in: what else may be done. */
static const char *way_out(const Target *t, const Node *n)
{
	const DType type = n->in[0]->type.dtype;
	if (!dtype_in(type, DTYPES_FLOAT16))
		return "";
	for (const Precision *p = t->precision; p && p->name; p++)
		if (!strcmp(p->name, dtype_name(type)))
			return "";
	return ": export the model in float32, or choose a target that computes in 16-bit floats, see dssdc targets";
}

static void refuse(PassContext *c, const Node *n)
{
	char text[TYPE_TEXT];
	const char *function = n->op == OP_eltwise ? func_name(n->u.eltwise.fn) : NULL;
	diag_error(c->diag, DIAG_UNSUPPORTED, n->loc, "target '%s' has no kernel for this %s%s%s%s of %s%s", c->target->name,
	           op_info[n->op].name, function ? " (" : "", function ? function : "", function ? ")" : "",
	           type_format(&n->in[0]->type, text), way_out(c->target, n));
}

static void set_kernel(PassContext *c, Node *n)
{
	const Kernel *k = target_kernel(c->target, n, c->plans, c->optimize);
	const PlanRow *row = plan_table_find(c->plans, n, c->target);
	const char *wrong = node_set_kernel(n, k, c->target, c->plans);
	if (!k && row)
		diag_error(c->diag, DIAG_REJECT, row->loc,
		           "kernel %s cannot run layer '%s' as it is laid out on target '%s'; remove this row", row->kernel->name, n->name,
		           c->target->name);
	else if (!k)
		refuse(c, n);
	else if (wrong)
		diag_error(c->diag, DIAG_REJECT, row->loc, "layer '%s': %s", n->name, wrong);
}

void pass_select_kernels(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (node_is_elided(n))
			continue;
		set_kernel(c, n);
	}
}
