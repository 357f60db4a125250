/* report_json.c -- dssdc inspect --emit=json. */
#include "base/json_write.h"
#include "report/report.h"

static void shape(JsonWriter *w, const char *name, const Type *t)
{
	json_list(w, name);
	for (int i = 0; i < t->rank; i++)
		json_number(w, NULL, (double)t->dim[i]);
	json_list_end(w);
}

/* "shape" is that of the first result, "shapes" has all of them. */
static void shapes(JsonWriter *w, const Node *n)
{
	shape(w, "shape", &n->out[0]->type);
	json_list(w, "shapes");
	for (int i = 0; i < n->nout; i++)
		shape(w, NULL, &n->out[i]->type);
	json_list_end(w);
}

static void layers(JsonWriter *w, const ModelReport *r)
{
	json_list(w, "layers");
	for (int i = 0; i < r->nlayer; i++) {
		const Node *n = r->layer[i].node;
		json_object(w, NULL);
		json_text(w, "name", report_name(r, n->name));
		json_text(w, "op", op_info[n->op].name);
		shapes(w, n);
		json_number(w, "parameters", (double)r->layer[i].parameters);
		json_number(w, "macs", (double)r->layer[i].macs);
		json_object_end(w);
	}
	json_list_end(w);
}

static void emitted(JsonWriter *w, const ModelReport *r)
{
	json_list(w, "emitted");
	for (int i = 0; i < r->emitted->nnode; i++) {
		const Node *n = r->emitted->node[i];
		json_object(w, NULL);
		json_text(w, "name", report_name(r, n->name));
		json_text(w, "op", op_info[n->op].name);
		json_text(w, "kernel", n->kernel ? n->kernel->name : "");
		json_number(w, "queue", n->queue);
		shapes(w, n);
		json_number(w, "arena_offset", (double)value_root(n->out[0])->offset);
		json_list(w, "arena_offsets"); /* of all results */
		for (int k = 0; k < n->nout; k++)
			json_number(w, NULL, (double)value_root(n->out[k])->offset);
		json_list_end(w);
		json_number(w, "weights_offset", (double)n->weights_offset);
		json_number(w, "weights_bytes", (double)n->weights_size);
		json_number(w, "scratch_bytes", (double)n->scratch_size);
		json_object_end(w);
	}
	json_list_end(w);
}

void report_json(const ModelReport *r, FILE *out)
{
	JsonWriter w = {.out = out};
	json_object(&w, NULL);
	json_text(&w, "model", report_name(r, r->emitted->name));
	json_text(&w, "target", r->target->name);
	json_number(&w, "parameters", (double)r->parameters);
	json_number(&w, "macs", (double)r->macs);
	json_number(&w, "emitted_macs", (double)report_emitted_macs(r));
	json_number(&w, "boxes", (double)r->boxes);
	json_number(&w, "weights_bytes", (double)r->weights_bytes);
	json_number(&w, "arena_bytes", (double)r->arena_bytes);
	json_number(&w, "arena_lower_bound_bytes", (double)r->arena_lower_bound_bytes);
	json_number(&w, "kernels", (double)r->kernels);
	json_number(&w, "longest_chain", (double)r->chain);
	layers(&w, r);
	emitted(&w, r);
	json_object_end(&w);
	fputc('\n', out);
}
