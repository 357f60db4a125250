/* inputs.c -- the inputs of a model's graph: their types, extents that the model leaves open, and those that --bind
 * makes constants. */
#include "import/onnx/parts.h"

#include <stdlib.h>
#include <string.h>

/* -1 is what some exporters write for an open one. */
bool onnx_dim_is_stated(const Onnx__TensorShapeProto__Dimension *p)
{
	return p->has_dim_value && p->dim_value != -1;
}

/* The number after the = of option i, or -1 after an error. */
static int64_t stated_extent(Onnx *o, int i, const char *digits)
{
	char *end;
	const int64_t extent = strtoll(digits, &end, 10);
	o->dims_used[i] = true;
	if (*digits >= '0' && *digits <= '9' && !*end && extent <= INT32_MAX)
		return extent;
	diag_error(o->d, DIAG_REJECT, (Loc){0}, "--dim %s: an extent from 0 to 2147483647 is needed", diag_quote(o->a, o->dims[i]));
	return -1;
}

/* After "INPUT:AXIS=", or null: the option is for something else. */
static const char *at_place(const char *option, const char *input, size_t axis)
{
	const size_t n = strlen(input);
	if (strncmp(option, input, n) || option[n] != ':' || option[n + 1] < '0' || option[n + 1] > '9')
		return NULL;
	char *end;
	return strtoull(option + n + 1, &end, 10) == axis && *end == '=' ? end + 1 : NULL;
}

/* The extent of a dimension that the model leaves open, or -1: by its place, else by its name. */
static int64_t chosen_extent(Onnx *o, const char *input, size_t axis, const char *param)
{
	const size_t n = strlen(param);
	for (int i = 0; o->dims && o->dims[i]; i++) {
		const char *digits = at_place(o->dims[i], input, axis);
		if (digits)
			return stated_extent(o, i, digits);
	}
	for (int i = 0; n && o->dims && o->dims[i]; i++)
		if (!strncmp(o->dims[i], param, n) && o->dims[i][n] == '=')
			return stated_extent(o, i, o->dims[i] + n + 1);
	return -1;
}

/* Options that named nothing in the model. */
static void check_unused(Onnx *o)
{
	for (int i = 0; o->bind && o->bind[i]; i++)
		if (!o->bind_used[i])
			diag_error(o->d, DIAG_REJECT, (Loc){0}, "--bind %s: the model has no such input", diag_quote(o->a, o->bind[i]));
	for (int i = 0; o->dims && o->dims[i]; i++)
		if (!o->dims_used[i])
			diag_error(o->d, DIAG_REJECT, (Loc){0},
			           "--dim %s: no input has such an open extent; NAME=N and INPUT:AXIS=N are read",
			           diag_quote(o->a, o->dims[i]));
}

static bool read_extent(Onnx *o, const Onnx__TensorShapeProto__Dimension *p, const Onnx__ValueInfoProto *info, size_t axis, Loc loc,
                        int64_t *out)
{
	const bool known = onnx_dim_is_stated(p);
	const char *input = onnx_shown(o->a, info->name), *param = !p->has_dim_value && p->dim_param ? p->dim_param : "";
	*out = known ? p->dim_value : chosen_extent(o, info->name, axis, param);
	if (known && *out < 0) {
		diag_error(o->d, DIAG_REJECT, loc, "input '%s': dimension %zu is %lld", input, axis, (long long)*out);
		return false;
	}
	if (*out >= 0)
		return true;
	if (*param)
		diag_error(o->d, DIAG_UNSUPPORTED, loc,
		           "input '%s': dimension %zu is open ('%s'): choose one with --dim %s=N, or for this place "
		           "alone with "
		           "--dim %s:%zu=N",
		           input, axis, diag_quote(o->a, param), diag_quote(o->a, param), input, axis);
	else
		diag_error(o->d, DIAG_UNSUPPORTED, loc, "input '%s': dimension %zu is open: choose one with --dim %s:%zu=N", input, axis,
		           input, axis);
	return false;
}

/* An input without a shape: as many axes as --dim has extents for. False after an error. */
static bool read_places(Onnx *o, const Onnx__ValueInfoProto *info, Loc loc, int *rank, int64_t *dim)
{
	const char *input = onnx_shown(o->a, info->name);
	for (*rank = 0; *rank < MAX_RANK; ++*rank)
		if ((dim[*rank] = chosen_extent(o, info->name, (size_t)*rank, "")) < 0)
			break;
	if (*rank)
		return true;
	diag_error(o->d, DIAG_UNSUPPORTED, loc, "input '%s' has no shape: state each extent, --dim %s:0=N --dim %s:1=N and so on", input,
	           input, input);
	return false;
}

static bool read_input_type(Onnx *o, const Onnx__ValueInfoProto *p, const char *input, Type *t)
{
	Loc loc = onnx_loc(o, &p->base);
	const Onnx__TypeProto__Tensor *tensor = p->type ? p->type->tensor_type : NULL;
	DType dtype = tensor ? onnx_dtype(tensor->elem_type) : DT_NONE;
	if (!tensor || !tensor->elem_type) {
		diag_error(o->d, p->type && !tensor ? DIAG_UNSUPPORTED : DIAG_REJECT, loc, "input '%s' has no %s", input,
		           !p->type  ? "type"
		           : !tensor ? "tensor type: sequences, maps and optionals are not read"
		                     : "element type");
		return false;
	}
	if (dtype == DT_NONE) {
		diag_error(o->d, DIAG_UNSUPPORTED, loc, "input '%s' has elements of type %s", input, onnx_dtype_name(tensor->elem_type));
		return false;
	}
	int64_t dim[MAX_RANK] = {0};
	int rank = tensor->shape ? (int)tensor->shape->n_dim : 0;
	bool good = true;
	if (tensor->shape && tensor->shape->n_dim > MAX_RANK) {
		diag_error(o->d, DIAG_LIMIT, loc, "input '%s' has rank %zu; the limit is %d", input, tensor->shape->n_dim, MAX_RANK);
		return false;
	}
	for (int i = 0; i < rank; i++)
		good = read_extent(o, tensor->shape->dim[i], p, (size_t)i, loc, &dim[i]) && good;
	if (!tensor->shape)
		good = read_places(o, p, loc, &rank, dim);
	if (good && !extents_fit(rank, dim)) {
		diag_error(o->d, DIAG_LIMIT, loc, "input '%s' has more than 2147483647 elements", input);
		good = false;
	}
	if (good)
		*t = type_make(dtype, rank, dim);
	return good;
}

/* The file of --bind for an input, or null. */
static const char *bound_file(Onnx *o, const char *input)
{
	size_t n = strlen(input);
	for (int i = 0; o->bind && o->bind[i]; i++)
		if (!strncmp(o->bind[i], input, n) && o->bind[i][n] == '=') {
			o->bind_used[i] = true;
			return o->bind[i] + n + 1;
		}
	return NULL;
}

static Value *bound_input(Onnx *o, const Onnx__ValueInfoProto *p, const char *input, const char *file)
{
	Blob *b = onnx_tensor_file(o->g, file, o->d);
	const Onnx__TypeProto__Tensor *t = p->type ? p->type->tensor_type : NULL;
	if (!b)
		return NULL;
	bool same = !t || ((!t->elem_type || onnx_dtype(t->elem_type) == b->dtype) && (!t->shape || (int)t->shape->n_dim == b->rank));
	for (int i = 0; same && t && t->shape && i < b->rank; i++)
		same = !onnx_dim_is_stated(t->shape->dim[i]) || t->shape->dim[i]->dim_value == b->dim[i];
	if (same)
		return graph_constant(o->g, p->name, b);
	diag_error(o->d, DIAG_REJECT, (Loc){.file = file, .offset = -1}, "its type or shape is not that of input '%s'", input);
	return NULL;
}

void onnx_add_inputs(Onnx *o)
{
	for (size_t i = 0; i < o->graph->n_input; i++) {
		const Onnx__ValueInfoProto *p = o->graph->input[i];
		OnnxName *n = p->name ? onnx_name(o, p->name) : NULL;
		if (n && value_is_constant(n->value) && !n->maker && !n->stated) {
			n->stated = p; /* an input with a standard value: that is what it has */
			continue;
		}
		n = onnx_add_name(o, p->name, "an input", onnx_loc(o, &p->base));
		if (!n)
			continue;
		const char *input = onnx_shown(o->a, p->name), *file = bound_file(o, p->name);
		Type t;
		n->done = true;
		n->stated = p;
		n->bound = file;
		if (file)
			n->value = bound_input(o, p, input, file);
		else if (read_input_type(o, p, input, &t))
			n->value = graph_input(o->g, p->name, t);
	}
	check_unused(o);
}
