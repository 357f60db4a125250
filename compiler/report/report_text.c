/* report_text.c -- the table of dssdc inspect. */
#include "compiler/report/report.h"

static const char *shape(const Type *t, char *buffer, size_t size)
{
	size_t used = 0;
	buffer[0] = 0;
	for (int i = t->rank > 1 && t->dim[0] == 1; i < t->rank && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%lld", used ? "x" : "", (long long)t->dim[i]);
	return buffer;
}

void report_text(const ModelReport *r, FILE *out)
{
	char buffer[128];
	fprintf(out, "%4s  %-28s %-10s %-18s %12s %14s\n", "", "layer", "op", "result", "parameters", "MAC");
	for (int i = 0; i < r->nlayer; i++) {
		const Node *n = r->layer[i].node;
		fprintf(out, "%4d  %-28s %-10s %-18s %12lld %14lld\n", i + 1, n->name, op_info[n->op].name,
			shape(&n->out[0]->type, buffer, sizeof buffer), (long long)r->layer[i].parameters, (long long)r->layer[i].macs);
	}
	double gap = r->arena_lower_bound_bytes
			 ? 100.0 * (double)(r->arena_bytes - r->arena_lower_bound_bytes) / (double)r->arena_lower_bound_bytes
			 : 0;
	fprintf(out, "\n%-24s %lld (counted after fold_norm)\n%-24s %lld\n", "parameters", (long long)r->parameters, "MAC",
		(long long)r->macs);
	if (r->boxes)
		fprintf(out, "%-24s %lld\n", "default boxes", (long long)r->boxes);
	fprintf(out, "%-24s %lld bytes (target %s)\n%-24s %lld bytes\n%-24s %lld bytes, gap %.2f %%\n", "weights",
		(long long)r->weights_bytes, r->target->name, "arena", (long long)r->arena_bytes, "arena, lower bound",
		(long long)r->arena_lower_bound_bytes, gap);
	fprintf(out, "%-24s %lld, %lld of them one after another\n", "kernels", (long long)r->kernels, (long long)r->chain);
}
