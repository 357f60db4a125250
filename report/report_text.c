/* report_text.c -- the table of dssdc inspect. */
#include "report/report.h"

int64_t report_emitted_macs(const ModelReport *r)
{
	int64_t macs = 0;
	for (int i = 0; i < r->emitted->nnode; i++)
		macs += node_macs(r->emitted->node[i]);
	return macs;
}

void report_text(const ModelReport *r, FILE *out)
{
	fprintf(out, "%4s  %-28s %-10s %-18s %12s %14s\n", "", "layer", "op", "result", "parameters", "MAC");
	for (int i = 0; i < r->nlayer; i++) {
		const Node *n = r->layer[i].node;
		fprintf(out, "%4d  %-28s %-10s %-18s %12lld %14lld\n", i + 1, n->name, op_info[n->op].name, report_shapes(n, "x", r->arena),
		        (long long)r->layer[i].parameters, (long long)r->layer[i].macs);
	}
	double gap = r->arena_lower_bound_bytes
	                 ? 100.0 * (double)(r->arena_bytes - r->arena_lower_bound_bytes) / (double)r->arena_lower_bound_bytes
	                 : 0;
	fprintf(out, "\n%-24s %lld (batch normalisation is part of the convolutions, nothing else is merged)\n", "parameters",
	        (long long)r->parameters);
	fprintf(out, "%-24s %lld (as the parameters are counted), %lld as emitted, after all passes\n", "MAC", (long long)r->macs,
	        (long long)report_emitted_macs(r));
	if (r->boxes)
		fprintf(out, "%-24s %lld\n", "default boxes", (long long)r->boxes);
	fprintf(out, "%-24s %lld bytes (target %s)\n%-24s %lld bytes\n%-24s %lld bytes, gap %.2f %%\n", "weights",
	        (long long)r->weights_bytes, r->target->name, "arena", (long long)r->arena_bytes, "arena, lower bound",
	        (long long)r->arena_lower_bound_bytes, gap);
	if (r->chain < r->kernels)
		fprintf(out, "%-24s %lld, of which %lld at least wait for one another: the rest may run beside them\n", "kernels",
		        (long long)r->kernels, (long long)r->chain);
	else
		fprintf(out, "%-24s %lld, which run one after another\n", "kernels", (long long)r->kernels);
}
