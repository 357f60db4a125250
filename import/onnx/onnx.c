/* onnx.c -- an ONNX model to a graph: the rules of the model, the names of its graph, then its nodes in their
 * order, each through the row of its operator. A node whose operands failed is not looked at, but for its operator: so
 * one run names everything that is wrong, once. */
#include "base/files.h"
#include "import/import.h"
#include "import/onnx/detector.h"
#include "import/onnx/parts.h"
#include "import/formats/wire.h"

#include <stdlib.h>
#include <string.h>

enum {
	IR_FIRST = 3,
	IR_LAST = 10,
	OPSET_FIRST = 6,
	OPSET_LAST = 17,
	NAME_LIMIT = 255,
	COUNT_LIMIT = 1000000,
	FOLD_TOTAL = 1 << 22,
};

static void take_branch(Call *c);
static const OnnxRow branch_rows[] = {{"If", 1, 0, 1, 1, -1, take_branch, 0}, {0}};

static const OnnxRow *const tables[] = {branch_rows,     onnx_map_rows,    onnx_shape_rows,   onnx_index_rows,  onnx_conv_rows,
                                        onnx_pool_rows,  onnx_reduce_rows, onnx_matmul_rows,  onnx_resize_rows, onnx_norm_rows,
                                        onnx_quant_rows, onnx_loss_rows,   onnx_constant_rows};
enum { NTABLES = sizeof tables / sizeof *tables, ROW_SLOTS = 1024 };

/* What to do about operators that are not read. */
static const struct {
	const char *name, *hint;
} hints[] = {
    {"Loop", "its turns would be counted at run time; unroll it when exporting, as torch.jit.trace does, or with onnxsim"},
    {"Scan", "its turns would be counted at run time; unroll it when exporting"},
    {"Unique", "its result has no fixed shape"},
    {"RandomNormal", "the emitted program is deterministic"},
    {"RandomNormalLike", "the emitted program is deterministic"},
    {"RandomUniform", "the emitted program is deterministic"},
    {"RandomUniformLike", "the emitted program is deterministic"},
    {"Bernoulli", "the emitted program is deterministic"},
    {"Multinomial", "the emitted program is deterministic"},
    {"LSTM", "recurrent networks are not read"},
    {"GRU", "recurrent networks are not read"},
    {"RNN", "recurrent networks are not read"},
};

static Loc model_loc(const Onnx *o)
{
	return (Loc){.file = o->file, .offset = -1};
}

Loc onnx_loc(const Onnx *o, const ProtobufCMessage *m)
{
	return (Loc){.file = o->file, .offset = wire_offset(m)};
}

/* ---- the model ---- */

/* Another format that the file may be in; null: it may be a model. */
static const char *guess_format(const unsigned char *p, size_t size)
{
	size_t text = 0;
	while (text < size && text < 64 && ((p[text] >= 0x20 && p[text] < 0x7f) || p[text] == '\n' || p[text] == '\r' || p[text] == '\t'))
		text++;
	if (size == 0)
		return "the file is empty";
	if (size >= 4 && !memcmp(p, "PK\3\4", 4))
		return "a ZIP archive";
	if (text == 64 || text == size)
		return "a text; the binary form is read";
	if (p[0] == 0x0a)
		return "it begins with a message or name (a graph of TensorFlow, a network of Caffe, or a tensor?)";
	return NULL;
}

static void check_opsets(Onnx *o, const Onnx__ModelProto *m)
{
	for (size_t i = 0; i < m->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *p = m->opset_import[i];
		const char *domain = p->domain ? p->domain : "";
		for (size_t k = 0; k < i && k < COUNT_LIMIT / 1000; k++) {
			const char *other = m->opset_import[k]->domain;
			if (!strcmp(other ? other : "", domain))
				diag_error(o->d, DIAG_REJECT, onnx_loc(o, &p->base), "two opset imports of domain '%s'",
				           diag_quote(o->a, domain));
		}
		if (p->version <= 0)
			diag_error(o->d, DIAG_REJECT, onnx_loc(o, &p->base), "opset version %lld", (long long)p->version);
		else if (*domain && strcmp(domain, "ai.onnx"))
			continue;
		else if (p->version < OPSET_FIRST || p->version > OPSET_LAST)
			diag_error(o->d, DIAG_UNSUPPORTED, onnx_loc(o, &p->base), "opset %lld; read are %d to %d: %s",
			           (long long)p->version, OPSET_FIRST, OPSET_LAST,
			           p->version > OPSET_LAST
			               ? "export with torch.onnx.export(..., opset_version=17, dynamo=False), which keeps to it"
			               : "export with a later opset, or convert with onnx.version_converter");
		else
			o->opset = (int)p->version;
	}
	if (!o->opset && !m->n_opset_import)
		diag_error(o->d, DIAG_REJECT, model_loc(o), "no opset import of the ONNX operators");
}

static void check_model(Onnx *o, const Onnx__ModelProto *m)
{
	if (!m->has_ir_version || m->ir_version <= 0)
		diag_error(o->d, DIAG_REJECT, model_loc(o), "no ONNX model: ir_version is %lld", (long long)m->ir_version);
	else if (m->ir_version < IR_FIRST || m->ir_version > IR_LAST)
		diag_error(o->d, DIAG_UNSUPPORTED, model_loc(o),
		           "ir_version %lld; read are %d to %d: where the opset is read, set model.ir_version = %d and save it again",
		           (long long)m->ir_version, IR_FIRST, IR_LAST, IR_LAST);
	if (m->n_opset_import > COUNT_LIMIT / 1000)
		diag_error(o->d, DIAG_LIMIT, model_loc(o), "%zu opset imports; the limit is %d", m->n_opset_import, COUNT_LIMIT / 1000);
	else
		check_opsets(o, m);
	if (!m->graph)
		diag_error(o->d, DIAG_REJECT, model_loc(o), "the model has no graph");
	else if (m->graph->n_sparse_initializer)
		diag_error(o->d, DIAG_UNSUPPORTED, onnx_loc(o, &m->graph->sparse_initializer[0]->base), "sparse initializers");
	if (m->graph && (m->graph->n_node > COUNT_LIMIT || m->graph->n_initializer > COUNT_LIMIT))
		diag_error(o->d, DIAG_LIMIT, model_loc(o), "%zu nodes and %zu initializers; the limit is %d of each", m->graph->n_node,
		           m->graph->n_initializer, COUNT_LIMIT);
}

/* ---- names ---- */

static uint64_t hash_name(const char *s)
{
	return hash_bytes(0x0ddba11, s, strlen(s));
}

OnnxName *onnx_name(const Onnx *o, const char *name)
{
	for (size_t i = hash_name(name) & (o->name_size - 1); o->name[i].name; i = (i + 1) & (o->name_size - 1))
		if (!strcmp(o->name[i].name, name))
			return &o->name[i];
	return NULL;
}

static bool name_is_short(Onnx *o, const char *name, Loc loc)
{
	if (strlen(name) <= NAME_LIMIT)
		return true;
	if (!o->stop)
		diag_error(o->d, DIAG_LIMIT, loc, "a name of %zu bytes; the limit is %d", strlen(name), NAME_LIMIT);
	o->stop = true;
	return false;
}

/* A new name; null after an error: empty, too long, or there already. */
OnnxName *onnx_add_name(Onnx *o, const char *name, const char *what, Loc loc)
{
	if (!name || !*name) {
		diag_error(o->d, DIAG_REJECT, loc, "%s has no name", what);
		return NULL;
	}
	if (!name_is_short(o, name, loc))
		return NULL;
	size_t i = hash_name(name) & (o->name_size - 1);
	for (; o->name[i].name; i = (i + 1) & (o->name_size - 1))
		if (!strcmp(o->name[i].name, name)) {
			diag_error(o->d, DIAG_REJECT, loc, "%s '%s': the name is taken", what, diag_quote(o->a, name));
			return NULL;
		}
	o->name[i].name = name;
	return &o->name[i];
}

/* Of the graph and of all branches in it. */
static size_t count_names(const Onnx__GraphProto *g)
{
	size_t n = g->n_input + g->n_initializer;
	for (size_t i = 0; i < g->n_node; i++) {
		const Onnx__NodeProto *p = g->node[i];
		n += p->n_output;
		for (size_t k = 0; k < p->n_attribute; k++)
			n += p->attribute[k]->g ? count_names(p->attribute[k]->g) : 0;
	}
	return n;
}

static void make_names(Onnx *o)
{
	const size_t n = count_names(o->graph);
	o->name_size = 64;
	while (o->name_size < 2 * n)
		o->name_size *= 2;
	o->name = arena_new_array(o->a, OnnxName, o->name_size);
}

/* A name's loc.layer costs nothing where it may be shown as it is. */
const char *onnx_shown(Arena *a, const char *name)
{
	size_t n = 0;
	while (name[n] > 0x20 && name[n] < 0x7f && name[n] != '\'' && name[n] != '\\')
		n++;
	return name[n] || n > 80 ? diag_quote(a, name) : name;
}

static void add_initializers(Onnx *o, const Onnx__GraphProto *g)
{
	for (size_t i = 0; i < g->n_initializer; i++) {
		const Onnx__TensorProto *t = g->initializer[i];
		OnnxName *n = onnx_add_name(o, t->name, "an initializer", onnx_loc(o, &t->base));
		if (!n)
			continue;
		Blob *b = onnx_tensor(o->g, t, o->file, onnx_shown(o->a, t->name), &o->external, o->d);
		n->value = b ? graph_constant(o->g, t->name, b) : NULL;
		n->done = true;
	}
}

/* ---- inputs and outputs ---- */

static bool *flags_for(Onnx *o, const char *const *list)
{
	int n = 0;
	while (list && list[n])
		n++;
	return arena_new_array(o->a, bool, n + 1);
}

/* The program has to write every output: an input, a constant, or what is returned already is copied. */
static Value *copied(Onnx *o, Value *v, const char *name)
{
	Node *n = graph_node(o->g, OP_eltwise, name, 1, &v, 1);
	n->u.eltwise.fn = FN_identity;
	n->loc = model_loc(o);
	return infer_node(n, o->d) ? n->out[0] : v;
}

static void check_output_type(Onnx *o, const Onnx__ValueInfoProto *p, const Value *v)
{
	const Onnx__TypeProto__Tensor *t = p->type ? p->type->tensor_type : NULL;
	const char *name = onnx_shown(o->a, p->name);
	if (t && t->elem_type && onnx_dtype(t->elem_type) != v->type.dtype)
		diag_error(o->d, DIAG_REJECT, onnx_loc(o, &p->base), "output '%s' is stated as %s; its elements are %s", name,
		           onnx_dtype_name(t->elem_type), dtype_name(v->type.dtype));
	bool same = !t || !t->shape || (int)t->shape->n_dim == v->type.rank;
	for (int i = 0; same && t && t->shape && i < v->type.rank; i++)
		same = !onnx_dim_is_stated(t->shape->dim[i]) || t->shape->dim[i]->dim_value == v->type.dim[i];
	if (!same)
		diag_warning(o->d, onnx_loc(o, &p->base), "output '%s' is stated with another shape than it has", name);
}

static void add_outputs(Onnx *o)
{
	for (size_t i = 0; i < o->graph->n_output; i++) {
		const Onnx__ValueInfoProto *p = o->graph->output[i];
		OnnxName *n = p->name ? onnx_name(o, p->name) : NULL;
		if (!n) {
			diag_error(o->d, DIAG_REJECT, onnx_loc(o, &p->base), "output '%s' is made by nothing",
			           diag_quote(o->a, p->name ? p->name : ""));
			continue;
		}
		if (!n->value)
			continue;
		check_output_type(o, p, n->value);
		bool own = value_is_result(n->value) && !n->value->noutput;
		graph_output(o->g, own ? n->value : copied(o, n->value, p->name));
	}
	if (!o->graph->n_output)
		diag_error(o->d, DIAG_REJECT, onnx_loc(o, &o->graph->base), "the graph has no outputs");
}

/* ---- operators ---- */

static void make_rows(Onnx *o)
{
	o->row = arena_new_array(o->a, const OnnxRow *, ROW_SLOTS);
	for (int t = 0; t < NTABLES; t++)
		for (const OnnxRow *r = tables[t]; r->name; r++) {
			size_t i = hash_name(r->name) & (ROW_SLOTS - 1);
			while (o->row[i])
				i = (i + 1) & (ROW_SLOTS - 1);
			o->row[i] = r;
		}
}

/* The row of an operator in this version; *other: a row for another version, or null. */
static const OnnxRow *find_row(const Onnx *o, const char *name, const OnnxRow **other)
{
	*other = NULL;
	for (size_t i = hash_name(name) & (ROW_SLOTS - 1); o->row[i]; i = (i + 1) & (ROW_SLOTS - 1)) {
		const OnnxRow *r = o->row[i];
		if (strcmp(r->name, name))
			continue;
		if (o->opset >= r->since && (!r->until || o->opset <= r->until))
			return r;
		*other = r;
	}
	return NULL;
}

static void report_operator(Call *c, const char *domain, const char *type, const OnnxRow *other)
{
	const char *hint = ": put operators of ONNX's opset 6 to 17 in its place when exporting";
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (!strcmp(hints[i].name, type))
			hint = arena_printf(c->scratch, ": %s", hints[i].hint);
	if (*domain)
		hint = ": inline functions of the model (onnx.inliner), and export operators of other domains as ONNX's own";
	if (other)
		hint = arena_printf(c->scratch, " in opset %d; it is read from opset %d on%s", c->opset, other->since,
		                    other->until ? arena_printf(c->scratch, ", up to %d", other->until) : "");
	call_unsupported(c, "operator '%s'%s%s%s is not supported%s", diag_quote(c->scratch, type), *domain ? " of domain '" : "",
	                 *domain ? diag_quote(c->scratch, domain) : "", *domain ? "'" : "", hint);
}

static void check_attributes(Call *c)
{
	const Onnx__NodeProto *p = c->proto;
	for (size_t i = 0; i < p->n_attribute && !c->failed; i++) {
		const char *name = p->attribute[i]->name;
		if (!name || !*name)
			call_reject(c, "an attribute without a name");
		else if (p->attribute[i]->ref_attr_name && *p->attribute[i]->ref_attr_name)
			call_reject(c, "attribute %s refers to a function's, but the node is in none", diag_quote(c->scratch, name));
		for (size_t k = 0; k < i && !c->failed; k++)
			if (!strcmp(p->attribute[k]->name, name))
				call_reject(c, "attribute %s is given twice", diag_quote(c->scratch, name));
	}
}

/* Operands by their names; false when one of them failed, which was said already. */
static bool find_operands(Call *c)
{
	const Onnx__NodeProto *p = c->proto;
	bool complete = true;
	c->nin = (int)p->n_input;
	while (c->nin && !*p->input[c->nin - 1])
		c->nin--;
	c->in = arena_new_array(c->scratch, Value *, c->nin + 8);
	for (int i = 0; i < c->nin; i++) {
		const char *name = p->input[i];
		OnnxName *n = *name ? onnx_name(c->onnx, name) : NULL;
		if (!*name)
			continue;
		if (!n)
			call_reject(c, "input %d, '%s', is made by nothing", i, diag_quote(c->scratch, name));
		else if (!n->done)
			call_reject(c,
			            "input %d, '%s', is made by a later node: the nodes are in no order in which they "
			            "can run, or in a circle",
			            i, diag_quote(c->scratch, name));
		else if (!n->value)
			complete = false;
		c->in[i] = n ? n->value : NULL;
	}
	return complete && !c->failed;
}

static void check_counts(Call *c)
{
	const OnnxRow *r = c->row;
	int nout = (int)c->proto->n_output;
	if (c->nin < r->nin_min || (r->nin_max >= 0 && c->nin > r->nin_max))
		call_reject(c, "%s has %d input%s; it takes %d%s", r->name, c->nin, c->nin == 1 ? "" : "s", r->nin_min,
		            r->nin_max < 0            ? " or more"
		            : r->nin_max > r->nin_min ? arena_printf(c->scratch, " to %d", r->nin_max)
		                                      : "");
	for (int i = 0; i < r->nin_min && i < c->nin; i++)
		if (!*c->proto->input[i])
			call_reject(c, "%s: input %d may not be left out", r->name, i);
	if (r->nin_max < 0)
		for (int i = r->nin_min; i < c->nin; i++)
			if (!*c->proto->input[i])
				call_reject(c, "%s: input %d may not be left out", r->name, i);
	if (nout < 1 || (r->nout_max >= 0 && nout > r->nout_max))
		call_reject(c, "%s has %d outputs; it makes %d", r->name, nout, r->nout_max);
}

static void check_used(Call *c)
{
	for (size_t i = 0; i < c->proto->n_attribute; i++)
		if (!c->used[i])
			call_unsupported(c, "%s: attribute %s is not known in opset %d", c->row->name,
			                 diag_quote(c->scratch, c->proto->attribute[i]->name), c->opset);
}

static void run_row(Call *c)
{
	int first = c->g->next_id;
	c->out = arena_new_array(c->scratch, Value *, c->nout + 1);
	c->row->import(c);
	if (!c->failed)
		check_used(c);
	if (c->failed)
		return;
	for (int i = 0; i < c->nout; i++) {
		const char *name = c->proto->output[i];
		if (!*name)
			continue;
		if (!c->out[i]) {
			call_unsupported(c, "%s: output %d is not made", c->row->name, i);
			return;
		}
		Value *v = c->out[i];
		if (value_is_result(v) && !v->name && v->id >= first)
			v->name = arena_strdup(c->g->arena, name);
		onnx_name(c->onnx, name)->value = v;
	}
}

static void import_node(Onnx *o, const Onnx__NodeProto *p, Arena *scratch)
{
	const char *type = p->op_type ? p->op_type : "", *domain = p->domain ? p->domain : "";
	const char *name = p->name && *p->name ? p->name : p->n_output && *p->output[0] ? p->output[0] : type;
	Call c = {.g = o->g, .d = o->d, .onnx = o, .proto = p, .name = name, .opset = o->opset, .scratch = scratch};
	c.loc = onnx_loc(o, &p->base);
	c.loc.layer = onnx_shown(o->g->arena, name);
	c.nout = (int)p->n_output;
	c.used = arena_new_array(scratch, uint8_t, p->n_attribute + 1);
	const OnnxRow *other = NULL;
	bool ours = !*domain || !strcmp(domain, "ai.onnx");
	c.row = ours ? find_row(o, type, &other) : NULL;
	if (!name_is_short(o, name, onnx_loc(o, &p->base)) || p->n_attribute > 1000)
		c.failed = true;
	else if (!c.row)
		report_operator(&c, ours ? "" : domain, type, ours ? other : NULL);
	if (!c.failed)
		check_attributes(&c);
	if (find_operands(&c) && !c.failed) {
		check_counts(&c);
		if (!c.failed)
			run_row(&c);
	}
	for (int i = 0; i < c.nout; i++)
		if (*p->output[i]) {
			OnnxName *n = onnx_name(o, p->output[i]);
			if (n && n->maker == p)
				n->done = true;
		}
}

/* Every name that a node makes, before the first node is read: names are made once. */
static void add_makers(Onnx *o, const Onnx__GraphProto *g)
{
	for (size_t i = 0; i < g->n_node; i++) {
		const Onnx__NodeProto *p = g->node[i];
		for (size_t k = 0; k < p->n_output; k++) {
			OnnxName *n = *p->output[k] ? onnx_add_name(o, p->output[k], "a node's output", onnx_loc(o, &p->base)) : NULL;
			if (n)
				n->maker = p;
		}
	}
	const struct {
		size_t n;
		Onnx__ValueInfoProto **info;
	} lists[] = {{g->n_value_info, g->value_info}, {g->n_output, g->output}};
	for (int l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l].n; i++) {
			OnnxName *n = lists[l].info[i]->name ? onnx_name(o, lists[l].info[i]->name) : NULL;
			if (n && n->maker)
				n->stated = lists[l].info[i];
		}
}

static void import_nodes(Onnx *o, const Onnx__GraphProto *g)
{
	Arena *scratch = arena_new();
	for (size_t i = 0; i < g->n_node && !o->stop; i++) {
		import_node(o, g->node[i], scratch);
		arena_reset(scratch);
	}
	arena_free(scratch);
}

/* If, whose condition is known: the nodes of the branch that is taken, as if they stood in its place. */
static void take_branch(Call *c)
{
	static const char *const names[] = {"else_branch", "then_branch"};
	int n;
	const int64_t *condition = call_known_ints(c, 0, "the condition of If", &n);
	if (!condition || n != 1) {
		if (condition)
			call_reject(c, "the condition of If has %d numbers; it needs one", n);
		return;
	}
	const Onnx__GraphProto *g = call_graph(c, names[*condition != 0]);
	call_graph(c, names[*condition == 0]);
	if (!g || g->n_input || (int)g->n_output != c->nout) {
		if (!c->failed)
			call_reject(c, "%s: a graph without inputs and with %d outputs is needed", names[*condition != 0], c->nout);
		return;
	}
	add_initializers(c->onnx, g);
	add_makers(c->onnx, g);
	import_nodes(c->onnx, g);
	for (int i = 0; i < c->nout; i++) {
		const char *name = g->output[i]->name;
		const OnnxName *made = name ? onnx_name(c->onnx, name) : NULL;
		if (!made)
			call_reject(c, "%s: output '%s' is made by nothing", names[*condition != 0],
			            diag_quote(c->scratch, name ? name : ""));
		c->failed = c->failed || !made || !made->value; /* which was said */
		c->out[i] = made ? made->value : NULL;
	}
}

/* One image of three channels: what it is made from can be stated with --mean and its like. */
static void set_preprocess(Graph *g)
{
	const Type *t = g->ninput == 1 ? &g->input[0]->type : NULL;
	if (!t || t->dtype != DT_F32 || t->rank != 4 || t->dim[0] != 1 || t->dim[1] != 3)
		return;
	g->preprocess = (Preprocess){.width = (int)t->dim[3], .height = (int)t->dim[2], .channels = 3, .divisor = {1, 1, 1}};
}

static void import_graph(Onnx *o)
{
	make_names(o);
	make_rows(o);
	add_initializers(o, o->graph);
	onnx_add_inputs(o);
	add_makers(o, o->graph);
	import_nodes(o, o->graph);
	if (o->stop)
		return;
	add_outputs(o);
	set_preprocess(o->g);
}

/* The whole file, for as long as the import lasts; large tensors are read from it again when somebody wants them. */
static const uint8_t *read_model(Onnx *o, const char *path, size_t *size)
{
	int64_t bytes;
	const Loc loc = {.file = o->file, .offset = -1};
	int fd = file_open(path, true, &bytes, o->d);
	if (fd < 0)
		return NULL;
	graph_own_fd(o->g, fd);
	if (bytes > INT32_MAX) {
		diag_error(o->d, DIAG_LIMIT, loc, "%lld bytes; the limit is 2147483647", (long long)bytes);
		return NULL;
	}
	uint8_t *data = arena_alloc(o->a, (size_t)bytes + 1);
	if (!file_read(fd, data, (size_t)bytes, 0)) {
		diag_error(o->d, DIAG_IO, loc, "changed or unreadable while being read");
		return NULL;
	}
	o->external.model = fd;
	o->external.data = data;
	*size = (size_t)bytes;
	return data;
}

static void check_box_order(const ImportOptions *options, Diag *d)
{
	const char *order = options->box_order;
	if (order && strcmp(order, "xy") && strcmp(order, "yx") && strcmp(order, "plain"))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--box-order takes xy, yx or plain");
	else if (order && options->detect)
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "--box-order is for a model's own suppression; a fragment says \"order\" in its boxes");
}

Graph *import_onnx(const char *path, const ImportOptions *options, Diag *d)
{
	int before = diag_errors(d);
	size_t size = 0;
	Arena *a = arena_new();
	Graph *g = graph_new(import_graph_name(a, path));
	Onnx o = {.g = g, .d = d, .file = arena_strdup(g->arena, strcmp(path, "-") ? path : "<stdin>"), .fold_left = FOLD_TOTAL, .a = a};
	o.bind = options->bind;
	o.dims = options->dims;
	check_box_order(options, d);
	const uint8_t *data = read_model(&o, path, &size);
	const char *other = data ? guess_format(data, size) : NULL;
	if (other)
		diag_error(d, DIAG_REJECT, (Loc){.file = o.file}, "no ONNX model: %s", other);
	const Wire w = {.data = data, .size = size, .file = o.file};
	const Onnx__ModelProto *m = data && !other ? wire_unpack(&w, &onnx__model_proto__descriptor, g->arena, d) : NULL;
	if (m)
		check_model(&o, m);
	if (m && diag_errors(d) == before) {
		o.bind_used = flags_for(&o, o.bind);
		o.dims_used = flags_for(&o, o.dims);
		o.graph = m->graph;
		onnx_check_functions(&o, m);
		import_graph(&o);
	}
	if (diag_errors(d) == before) {
		graph_sweep(g);
		if (!options->detect && !options->outputs_chosen)
			onnx_detector(g, options->box_order, d);
	}
	arena_free(a);
	if (diag_errors(d) == before && import_finish(g, options, d))
		return g;
	graph_free(g);
	return NULL;
}
