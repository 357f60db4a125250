/* call.c -- attributes, known inputs and axes of one ONNX node. */
#include "import/onnx/parts.h"
#include "ir/text.h"

#include <math.h>
#include <string.h>

enum { KIND_FLOAT = 1, KIND_INT = 2, KIND_STRING = 3, KIND_TENSOR = 4, KIND_GRAPH = 5, KIND_FLOATS = 6, KIND_INTS = 7 };
enum { ATTRIBUTE_LIMIT = 65536 }; /* numbers in one attribute */

static const char *const kind_name[] = {"undefined",         "a float",          "an int",
                                        "a string",          "a tensor",         "a graph",
                                        "a list of floats",  "a list of ints",   "a list of strings",
                                        "a list of tensors", "a list of graphs", "a sparse tensor",
                                        "sparse tensors",    "a type",           "a list of types"};

static const char *kind_text(int kind)
{
	return kind >= 0 && kind < (int)(sizeof kind_name / sizeof *kind_name) ? kind_name[kind] : "of an unknown kind";
}

/* Old files leave the kind out: then it is what is there. */
static int kind_of(const Onnx__AttributeProto *p)
{
	if (p->has_type && p->type)
		return p->type;
	return p->has_f      ? KIND_FLOAT
	       : p->has_i    ? KIND_INT
	       : p->has_s    ? KIND_STRING
	       : p->t        ? KIND_TENSOR
	       : p->g        ? KIND_GRAPH
	       : p->n_floats ? KIND_FLOATS
	                     : KIND_INTS;
}

static const Onnx__AttributeProto *find(Call *c, const char *name)
{
	for (size_t i = 0; i < c->proto->n_attribute; i++)
		if (c->proto->attribute[i]->name && !strcmp(c->proto->attribute[i]->name, name)) {
			c->used[i] = 1;
			return c->proto->attribute[i];
		}
	return NULL;
}

static const Onnx__AttributeProto *find_kind(Call *c, const char *name, int kind)
{
	const Onnx__AttributeProto *p = find(c, name);
	if (!p)
		return NULL;
	bool content = kind == KIND_FLOAT    ? p->has_f
	               : kind == KIND_STRING ? p->has_s
	               : kind == KIND_TENSOR ? p->t != NULL
	               : kind == KIND_GRAPH  ? p->g != NULL
	                                     : true;
	if (kind_of(p) == kind && content)
		return p;
	call_reject(c, "attribute %s is %s; it must be %s", name, kind_of(p) == kind ? "empty" : kind_text(kind_of(p)), kind_text(kind));
	return NULL;
}

bool call_has(Call *c, const char *attribute)
{
	return find(c, attribute) != NULL;
}

void call_ignore(Call *c, const char *attribute)
{
	find(c, attribute);
}

int64_t call_int(Call *c, const char *attribute, int64_t standard)
{
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_INT);
	return p ? p->i : standard;
}

bool call_flag(Call *c, const char *attribute, bool standard)
{
	int64_t i = call_int(c, attribute, standard);
	if (i != 0 && i != 1)
		call_reject(c, "attribute %s is %lld; it must be 0 or 1", attribute, (long long)i);
	return i == 1;
}

double call_float(Call *c, const char *attribute, double standard)
{
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_FLOAT);
	if (p && isnan(p->f))
		call_reject(c, "attribute %s is NaN", attribute);
	return p ? (double)p->f : standard;
}

const char *call_string(Call *c, const char *attribute, const char *standard)
{
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_STRING);
	return p ? arena_strndup(c->scratch, (const char *)p->s.data, p->s.len) : standard;
}

static bool count_is_legal(Call *c, const char *attribute, size_t n)
{
	if (n <= ATTRIBUTE_LIMIT)
		return true;
	call_error(c, DIAG_LIMIT, "attribute %s has %zu numbers; the limit is %d", attribute, n, ATTRIBUTE_LIMIT);
	return false;
}

const int64_t *call_ints(Call *c, const char *attribute, int *n)
{
	static const int64_t none;
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_INTS);
	*n = 0;
	if (!p || !count_is_legal(c, attribute, p->n_ints))
		return NULL;
	*n = (int)p->n_ints;
	return *n ? p->ints : &none;
}

const float *call_floats(Call *c, const char *attribute, int *n)
{
	static const float none;
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_FLOATS);
	*n = 0;
	if (!p || !count_is_legal(c, attribute, p->n_floats))
		return NULL;
	*n = (int)p->n_floats;
	return *n ? p->floats : &none;
}

const Onnx__TensorProto *call_tensor(Call *c, const char *attribute)
{
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_TENSOR);
	return p ? p->t : NULL;
}

const Onnx__GraphProto *call_graph(Call *c, const char *attribute)
{
	const Onnx__AttributeProto *p = find_kind(c, attribute, KIND_GRAPH);
	return p ? p->g : NULL;
}

int call_choice(Call *c, const char *attribute, const char *const *words, int standard)
{
	const char *s = call_string(c, attribute, NULL), *all = "";
	for (int i = 0; s && words[i]; i++) {
		if (!strcmp(s, words[i]))
			return i;
		all = arena_printf(c->scratch, "%s%s%s", all, !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
	}
	if (s)
		call_reject(c, "attribute %s is '%s'; it must be %s", attribute, diag_quote(c->scratch, s), all);
	return standard;
}

/* ---- inputs ---- */

bool call_given(const Call *c, int k)
{
	return k < c->nin && c->in[k];
}

/* A graph input that v is made from, or null. */
static const Value *origin(const Call *c, const Value *v)
{
	enum { STEPS = 1000 };
	for (int i = 0; v && i < STEPS; i++) {
		if (value_is_input(v))
			return v;
		const Value *from = NULL;
		for (int k = 0; v->def && k < v->def->nin; k++)
			if (v->def->in[k] && !value_is_constant(v->def->in[k]))
				from = v->def->in[k];
		v = from;
	}
	(void)c;
	return NULL;
}

static const Blob *known(Call *c, int k, const char *what)
{
	const Value *v = c->in[k];
	if (value_is_constant(v) && v->data->kind != BLOB_ELIDED)
		return v->data;
	const Value *input = origin(c, v);
	if (input && input->name)
		call_unsupported(c,
		                 "%s must be known when the model is compiled; it %s input '%s': give its value with "
		                 "--bind %s=FILE.npy",
		                 what, input == v ? "is" : "depends on", diag_quote(c->scratch, input->name),
		                 diag_quote(c->scratch, input->name));
	else
		call_unsupported(c, "%s must be known when the model is compiled; export with fixed shapes, or the branch that is taken",
		                 what);
	return NULL;
}

static bool is_short(Call *c, const Blob *b, const char *what)
{
	if (blob_count(b) <= 1 << 20)
		return true;
	call_error(c, DIAG_LIMIT, "%s has %lld numbers; the limit is 1048576", what, (long long)blob_count(b));
	return false;
}

const int64_t *call_known_ints(Call *c, int k, const char *what, int *n)
{
	const Blob *b = known(c, k, what);
	*n = 0;
	if (!b || !is_short(c, b, what))
		return NULL;
	if (dtype_is_float(b->dtype)) {
		call_reject(c, "%s is of type %s; it must be of integers", what, dtype_name(b->dtype));
		return NULL;
	}
	*n = (int)blob_count(b);
	return blob_read_i64(b, c->scratch);
}

const double *call_known_floats(Call *c, int k, const char *what, int *n)
{
	const Blob *b = known(c, k, what);
	*n = 0;
	if (!b || !is_short(c, b, what))
		return NULL;
	*n = (int)blob_count(b);
	return blob_read_f64(b, c->scratch);
}

const int64_t *call_ints_or_input(Call *c, const char *attribute, int k, int *n)
{
	if (call_given(c, k))
		return call_known_ints(c, k, attribute, n);
	return call_ints(c, attribute, n);
}

int call_axis(Call *c, const char *what, int64_t axis, int rank)
{
	if (axis >= -rank && axis < rank)
		return (int)(axis < 0 ? axis + rank : axis);
	if (rank)
		call_reject(c, "%s is %lld; a tensor of rank %d has %d to %d", what, (long long)axis, rank, -rank, rank - 1);
	else
		call_reject(c, "%s is %lld, but a tensor of rank 0 has no axes", what, (long long)axis);
	return 0;
}

bool call_stated_type(const Call *c, int k, Type *t)
{
	const OnnxName *s = onnx_name(c->onnx, c->proto->output[k]);
	if (!s || !s->stated || !s->stated->type || !s->stated->type->tensor_type || !s->stated->type->tensor_type->shape)
		return false;
	const Onnx__TensorShapeProto *shape = s->stated->type->tensor_type->shape;
	if (shape->n_dim > MAX_RANK)
		return false;
	int64_t dim[MAX_RANK] = {0};
	for (size_t i = 0; i < shape->n_dim; i++) {
		dim[i] = shape->dim[i]->dim_value;
		if (!shape->dim[i]->has_dim_value)
			return false;
	}
	if (!extents_fit((int)shape->n_dim, dim))
		return false;
	*t = type_make(onnx_dtype(s->stated->type->tensor_type->elem_type), (int)shape->n_dim, dim);
	return true;
}
