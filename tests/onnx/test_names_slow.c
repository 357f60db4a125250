/* test_names_slow.c -- names out of a model cannot become code: the emitted C has the same tokens whatever they are. */
#include "tests/import/proto.h"
#include "tests/shell.h"

static void add_tensor(Proto *graph, uint32_t field, const char *name)
{
	Proto value = {0}, type = {0}, tensor = {0}, shape = {0}, extent = {0};
	proto_int(&extent, 1, 9);
	proto_message(&shape, 1, &extent);
	proto_int(&tensor, 1, 1);
	proto_message(&tensor, 2, &shape);
	proto_message(&type, 1, &tensor);
	proto_string(&value, 1, name);
	proto_message(&value, 2, &type);
	proto_message(graph, field, &value);
}

/* x -> Relu -> y -> Exp -> z, all of them and the nodes named so. */
static void write_model(const char *path, const char *x, const char *y, const char *z, const char *node)
{
	Proto model = {0}, graph = {0}, opset = {0}, relu = {0}, exp = {0};
	proto_string(&relu, 1, x);
	proto_string(&relu, 2, y);
	proto_string(&relu, 3, node);
	proto_string(&relu, 4, "Relu");
	proto_message(&graph, 1, &relu);
	proto_string(&exp, 1, y);
	proto_string(&exp, 2, z);
	proto_string(&exp, 3, node);
	proto_string(&exp, 4, "Exp");
	proto_message(&graph, 1, &exp);
	proto_string(&graph, 2, node);
	add_tensor(&graph, 11, x);
	add_tensor(&graph, 12, z);
	proto_int(&model, 1, 8);
	proto_string(&model, 2, node);
	proto_int(&opset, 2, 13);
	proto_message(&model, 8, &opset);
	proto_message(&model, 7, &graph);
	write_bytes(path, model.data, model.size);
	proto_free(&model);
}

static void emit(const char *folder)
{
	must(DSSDC " compile --emit=c --quiet --name=net net.onnx -o %s/", folder);
	must("cd %s && ${CC:-cc} -std=c99 -E -P net.c >tokens", folder);
}

static void same_tokens(void **state)
{
	(void)state;
	static const char *const bad[][4] = {
	    {"x\"; system(\"id\"); //", "*/ int main(){", "\xe2\x80\xaeint", "\n#include \"/etc/passwd\"\n"},
	    {"\?\?/", "\\", "__attribute__", "/*"},
	    {"%s%n", "\r*/", "'", "*\\\n/ int i;"},
	    {"a/b:0", "main", "x0", "\xc3\xa9"},
	};
	write_model("net.onnx", "x", "y", "z", "node");
	emit("plain");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		write_model("net.onnx", bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
		emit("bad");
		must("cmp plain/tokens bad/tokens");
	}
	must("test $(wc -c <plain/tokens) -gt 500");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(same_tokens)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
