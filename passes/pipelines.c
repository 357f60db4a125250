/* pipelines.c -- every pipeline: a name and the rows of its .def. The runner takes one as an argument and knows none. */
#include "passes/pass.h"

#include <string.h>

static const Pass inference[] = {
#define PASS(name, optional, doc) {#name, pass_##name, optional, doc},
#include "passes/pipeline.def"
};

const Pipeline pipeline_inference = {"inference", inference, sizeof inference / sizeof *inference};

const Pass *pass_find(const Pipeline *p, const char *name)
{
	for (int i = 0; i < p->length; i++)
		if (!strcmp(p->pass[i].name, name))
			return &p->pass[i];
	return NULL;
}
