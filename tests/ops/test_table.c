/* test_table.c -- the op table agrees with the attribute structs and the names of operands, and graph_check() finds each value whose kind
 * and content disagree. */
#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The name of the last input is the op's number of inputs less one; of the last output likewise. */
static void test_operand_names(void **state)
{
	static const struct {
		Op op;
		int last;
	} named[] = {
	    {OP_conv2d, CONV_OTHER + MAX_OUT - 1},
	    {OP_deconv2d, CONV_OTHER},
	    {OP_batchnorm, BATCHNORM_BETA},
	    {OP_scale, SCALE_BETA},
	    {OP_l2norm, L2NORM_GAMMA},
	    {OP_matmul, MATMUL_BIAS},
	    {OP_detect, DETECT_BOXES},
	    {OP_take, INDEXED_INDICES},
	    {OP_gather, INDEXED_INDICES},
	    {OP_gather_elements, INDEXED_INDICES},
	    {OP_gather_nd, INDEXED_INDICES},
	    {OP_scatter_elements, INDEXED_UPDATES},
	    {OP_scatter_nd, INDEXED_UPDATES},
	    {OP_nms, NMS_SCORES},
	};
	(void)state;
	unsigned char seen[OP_COUNT] = {0};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		assert_int_equal(op_info[named[i].op].nin_max, named[i].last + 1);
		seen[named[i].op] = 1;
	}
	for (int op = 0; op < OP_COUNT; op++)
		if (!seen[op] && op_info[op].nin_max != 1 && op != OP_eltwise && op != OP_concat)
			fail_msg("%s takes several inputs, which have no names here", op_info[op].name);
	assert_int_equal(op_info[OP_topk].nout_max, TOPK_INDICES + 1);
}

static const Field *field_named(const OpInfo *info, const char *name)
{
	for (int i = 0; i < info->nfield; i++)
		if (!strcmp(info->field[i].name, name))
			return &info->field[i];
	return NULL;
}

/* An op has an epilogue where its text has the attribute act; with operands where it has elt too. */
static void test_epilogues(void **state)
{
	(void)state;
	for (int op = 0; op < OP_COUNT; op++) {
		const OpInfo *info = &op_info[op];
		const Field *act = field_named(info, "act"), *elt = field_named(info, "elt");
		Node n = {.op = (Op)op};
		const Epilogue *e = node_epilogue(&n);
		assert_int_equal(e != NULL, act != NULL);
		assert_int_equal(info->epilogue_operands, elt != NULL);
		if (act)
			assert_ptr_equal(&e->act, (const char *)&n.u + act->offset);
	}
}

/* ---- kinds of values ---- */

typedef struct Break {
	const char *wanted; /* in the message; null: nothing is broken */
	void (*edit)(Graph *g);
} Break;

static void edit_nothing(Graph *g)
{
	(void)g;
}

static void edit_input_content(Graph *g)
{
	g->input[0]->data = g->node[0]->in[1]->data;
}

static void edit_input_maker(Graph *g)
{
	g->input[0]->def = g->node[0];
}

static void edit_constant_content(Graph *g)
{
	g->node[0]->in[1]->data = NULL;
}

static void edit_constant_kind(Graph *g)
{
	Value *v = g->node[0]->in[1];
	v->kind = VALUE_INPUT;
	v->data = NULL;
}

static void edit_result_maker(Graph *g)
{
	g->node[0]->out[0]->def = NULL;
}

static void edit_result_kind(Graph *g)
{
	g->node[0]->out[0]->kind = VALUE_CONSTANT;
}

static void edit_no_kind(Graph *g)
{
	g->input[0]->kind = (ValueKind)(VALUE_RESULT + 1);
}

static Graph *small_graph(void)
{
	static const float one = 1;
	Graph *g = graph_new("small");
	Value *in[2] = {graph_input(g, "x", type_make(DT_F32, 1, (int64_t[]){1})), graph_constant_f32(g, "c", 1, (int64_t[]){1}, &one)};
	Node *n = graph_node(g, OP_eltwise, "sum", 2, in, 1);
	n->u.eltwise.fn = FN_add;
	Diag d = {.out = stderr};
	assert_true(infer_node(n, &d));
	graph_output(g, node_out(n));
	return g;
}

/* Runs graph_check() in a child and returns how the child ended, with what it said in text. */
static int checked(void (*edit)(Graph *g), char *text, size_t size)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	const pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		Graph *g = small_graph();
		edit(g);
		graph_check(g);
		_exit(0);
	}
	close(ends[1]);
	size_t used = 0;
	for (ssize_t got; used + 1 < size && (got = read(ends[0], text + used, size - 1 - used)) > 0;)
		used += (size_t)got;
	text[used] = 0;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_kinds(void **state)
{
	static const Break list[] = {
	    {NULL, edit_nothing},
	    {"is an input, and data is there", edit_input_content},
	    {"is an input, and def is there", edit_input_maker},
	    {"is a constant, and data is null", edit_constant_content},
	    {"is an input, and 0 times in the list of inputs", edit_constant_kind},
	    {"is a result, and def is null", edit_result_maker},
	    {"is a constant, and def is there", edit_result_kind},
	    {"is of no kind", edit_no_kind},
	};
	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		char text[1024];
		const int status = checked(list[i].edit, text, sizeof text);
		if (!list[i].wanted && (!WIFEXITED(status) || WEXITSTATUS(status)))
			fail_msg("a true graph is refused: %s", text);
		if (list[i].wanted && (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(text, list[i].wanted)))
			fail_msg("wanted: %s; found: %s", list[i].wanted, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_operand_names),
	    cmocka_unit_test(test_epilogues),
	    cmocka_unit_test(test_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
