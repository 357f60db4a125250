/* report_json.c -- dssdc inspect --emit=json. */
#include "compiler/report/report.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static cJSON *shape(const Type *t)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < t->rank; i++)
		cJSON_AddItemToArray(list, cJSON_CreateNumber((double)t->dim[i]));
	return list;
}

static cJSON *layers(const ModelReport *r)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < r->nlayer; i++) {
		const Node *n = r->layer[i].node;
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "name", report_name(r, n->name));
		cJSON_AddStringToObject(o, "op", op_info[n->op].name);
		cJSON_AddItemToObject(o, "shape", shape(&n->out[0]->type));
		cJSON_AddNumberToObject(o, "parameters", (double)r->layer[i].parameters);
		cJSON_AddNumberToObject(o, "macs", (double)r->layer[i].macs);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

static cJSON *emitted(const ModelReport *r)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < r->emitted->nnode; i++) {
		const Node *n = r->emitted->node[i];
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "name", report_name(r, n->name));
		cJSON_AddStringToObject(o, "op", op_info[n->op].name);
		cJSON_AddStringToObject(o, "kernel", n->kernel ? n->kernel->name : "");
		cJSON_AddNumberToObject(o, "queue", n->queue);
		cJSON_AddItemToObject(o, "shape", shape(&n->out[0]->type));
		cJSON_AddNumberToObject(o, "arena_offset", (double)value_root(n->out[0])->offset);
		cJSON_AddNumberToObject(o, "weights_offset", (double)n->weights_offset);
		cJSON_AddNumberToObject(o, "weights_bytes", (double)n->weights_size);
		cJSON_AddNumberToObject(o, "scratch_bytes", (double)n->scratch_size);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

void report_json(const ModelReport *r, FILE *out)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "model", report_name(r, r->emitted->name));
	cJSON_AddStringToObject(o, "target", r->target->name);
	cJSON_AddNumberToObject(o, "parameters", (double)r->parameters);
	cJSON_AddNumberToObject(o, "macs", (double)r->macs);
	cJSON_AddNumberToObject(o, "boxes", (double)r->boxes);
	cJSON_AddNumberToObject(o, "weights_bytes", (double)r->weights_bytes);
	cJSON_AddNumberToObject(o, "arena_bytes", (double)r->arena_bytes);
	cJSON_AddNumberToObject(o, "arena_lower_bound_bytes", (double)r->arena_lower_bound_bytes);
	cJSON_AddNumberToObject(o, "kernels", (double)r->kernels);
	cJSON_AddNumberToObject(o, "longest_chain", (double)r->chain);
	cJSON_AddItemToObject(o, "layers", layers(r));
	cJSON_AddItemToObject(o, "emitted", emitted(r));
	char *text = cJSON_Print(o);
	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	cJSON_Delete(o);
}
