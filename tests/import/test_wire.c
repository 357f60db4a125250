/* test_wire.c -- rows P1 to P14 of the bad-input catalogue: protocol buffers, byte by byte. */
#include "import/formats/wire.h"
#include <onnx.pb-c.h>
#include "tests/import/proto.h"
#include "tests/import/tools.h"

#define ROOT &onnx__model_proto__descriptor

static void *unpack_as(const void *data, size_t size, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d)
{
	const Wire w = {.data = data, .size = size, .file = "m.onnx"};
	bool good = wire_check(&w, root, &(Diag){0});
	void *m = wire_unpack(&w, root, a, d);
	assert_int_equal(good, m != NULL);
	return m;
}

/* The bytes are refused with the given class and message. */
static void refuse_as(const void *data, size_t size, const ProtobufCMessageDescriptor *root, DiagClass class, const char *message)
{
	Messages m;
	messages_open(&m);
	Arena *a = arena_new();
	assert_null(unpack_as(data, size, root, a, &m.diag));
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), class);
	assert_int_equal(diag_errors(&m.diag), 1);
	arena_free(a);
	messages_free(&m);
}

#define REFUSE(bytes, message) refuse_as(bytes, sizeof bytes - 1, ROOT, DIAG_REJECT, message)
#define REFUSE_TENSOR(bytes, message) refuse_as(bytes, sizeof bytes - 1, &onnx__tensor_proto__descriptor, DIAG_REJECT, message)

static void varints(void **state)
{
	(void)state;
	REFUSE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "m.onnx:1: error: a number of more than 64 bits");
	REFUSE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "m.onnx:1: error: a number of more than 64 bits");
	REFUSE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "m.onnx:0: error: a field's tag of more than 64 bits");
	REFUSE("\x08\xff", "m.onnx:1: error: the message ends inside a number");
	REFUSE("\x08", "m.onnx:1: error: the message ends inside a number");
	REFUSE("\x12\x80", "m.onnx:1: error: the message ends inside a length");
	Arena *a = arena_new();
	Diag d = {0};
	Onnx__ModelProto *m = unpack_as("\x08\x87\x80\x00", 4, ROOT, a, &d); /* P2: longer than needed is legal */
	assert_non_null(m);
	assert_int_equal(m->ir_version, 7);
	m = unpack_as("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, ROOT, a, &d);
	assert_non_null(m);
	assert_true(m->ir_version == -1);
	m = unpack_as("", 0, ROOT, a, &d);
	assert_non_null(m);
	assert_false(m->has_ir_version);
	arena_free(a);
}

static void tags(void **state)
{
	(void)state;
	REFUSE("\x00\x01", "m.onnx:0: error: field number 0; the numbers are 1 to 2^29 - 1");
	REFUSE("\x80\x80\x80\x80\x10\x01", "m.onnx:0: error: field number 536870912");
	REFUSE("\x0e", "m.onnx:0: error: field 1 of ModelProto has wire type 6, which does not exist");
	REFUSE("\x0f", "wire type 7, which does not exist");
	REFUSE("\x0b", "field 1 of ModelProto is a group (wire type 3); groups are not read");
	REFUSE("\x0c", "is a group (wire type 4)");
	REFUSE("\xfa\x07\x01\x00\xfb\x07\xfc\x07", "m.onnx:4: error: field 127 of ModelProto is a group");
}

static void lengths(void **state)
{
	(void)state;
	REFUSE("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "producer_name of ModelProto has a length of 18446744073709551615 "
	                                                       "bytes; 0 are left");
	REFUSE("\x12\x80\x80\x80\x80\x08zz", "has a length of 2147483648 bytes; 2 are left");
	REFUSE("\x12\x04zzz", "m.onnx:1: error: producer_name of ModelProto has a length of 4 bytes; 3 are left");
	REFUSE("\xfa\x07\x04zzz", "m.onnx:2: error: a field in ModelProto has a length of 4 bytes; 3 are left");
	/* P14: a length of a gigabyte at each level */
	REFUSE("\x3a\x80\x80\x80\x80\x04", "graph of ModelProto has a length of 1073741824 bytes; 0 are left");
	REFUSE("\x3a\x06\x0a\x80\x80\x80\x80\x04", "node of GraphProto has a length of 1073741824 bytes; 0 are left");
	REFUSE("\x3a\x08\x0a\x06\x0a\x80\x80\x80\x80\x04", "input of NodeProto has a length of 1073741824 bytes; 0 are left");
	REFUSE("\x3a\x08\x2a\x06\x4a\x80\x80\x80\x80\x04", "raw_data of TensorProto has a length of 1073741824 bytes; 0 are left");
	REFUSE("\xfd\x07\x01\x02\x03", "m.onnx:2: error: the message ends inside a number");
	REFUSE("\x3a\x03\x0a\x04\x00\x00", "node of GraphProto has a length of 4 bytes; 1 are left");
}

static void wire_types(void **state)
{
	(void)state;
	REFUSE("\x0a\x00", "field ir_version of ModelProto has wire type length-delimited; it must be varint");
	REFUSE("\x38\x00", "field graph of ModelProto has wire type varint; it must be length-delimited");
	REFUSE("\x15\x01\x02\x03\x04", "field producer_name of ModelProto has wire type 32-bit; it must be length-delimited");
	REFUSE_TENSOR("\x20\x01", "field float_data of TensorProto has wire type varint; it must be 32-bit");
	REFUSE_TENSOR("\x0d\x01\x02\x03\x04", "field dims of TensorProto has wire type 32-bit; it must be varint");
	REFUSE_TENSOR("\x10\xff\xff\xff\xff\x1f", "field data_type holds 8589934591, which does not fit its 32 bits");
}

static void packed(void **state)
{
	(void)state;
	REFUSE_TENSOR("\x22\x01z", "m.onnx:2: error: packed field float_data has 1 bytes, which is no multiple of 4");
	REFUSE_TENSOR("\x22\x02zz", "has 2 bytes");
	REFUSE_TENSOR("\x22\x03zzz", "has 3 bytes");
	REFUSE_TENSOR("\x22\x05zzzzz", "has 5 bytes");
	REFUSE_TENSOR("\x52\x07zzzzzzz", "packed field double_data has 7 bytes, which is no multiple of 8");
	REFUSE_TENSOR("\x0a\x02\x05\x85", "m.onnx:3: error: the message ends inside a number");
	Arena *a = arena_new();
	Diag d = {0};
	/* P8: single, packed, packed and empty, single, packed */
	Onnx__TensorProto *t =
	    unpack_as("\x08\x01\x0a\x03\x02\x83\x00\x0a\x00\x08\x04\x0a\x01\x05", 14, &onnx__tensor_proto__descriptor, a, &d);
	assert_non_null(t);
	assert_int_equal(t->n_dims, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(t->dims[i], i + 1);
	Proto p = {0};
	for (int i = 0; i < 1000; i++)
		if (i % 3 == 0) {
			proto_float(&p, 4, (float)i);
		} else if (i % 3 == 1) {
			float two[] = {(float)i, (float)i + 1};
			proto_bytes(&p, 4, two, 8);
		}
	t = unpack_as(p.data, p.size, &onnx__tensor_proto__descriptor, a, &d);
	assert_non_null(t);
	assert_int_equal(t->n_float_data, 1000);
	for (int i = 0; i < 1000; i++)
		assert_true(t->float_data[i] == (float)i);
	proto_free(&p);
	arena_free(a);
}

/* What `protoc --decode` prints for these bytes: ir_version: 3, producer_name: "b", graph { name: "n" node { name: "x"
 * } node { op_type: "y" } } */
static void twice(void **state)
{
	(void)state;
	static const char bytes[] = "\x08\x02\x12\x01"
	                            "a\x3a\x08\x12\x01m\x0a\x03\x1a\x01x\x08\x03\x12\x01"
	                            "b\x3a\x08\x12\x01n\x0a\x03\x22\x01y";
	Arena *a = arena_new();
	Diag d = {0};
	Onnx__ModelProto *m = unpack_as(bytes, sizeof bytes - 1, ROOT, a, &d);
	assert_non_null(m);
	assert_int_equal(m->ir_version, 3);
	assert_string_equal(m->producer_name, "b");
	assert_string_equal(m->graph->name, "n");
	assert_int_equal(m->graph->n_node, 2);
	assert_string_equal(m->graph->node[0]->name, "x");
	assert_null(m->graph->node[0]->op_type);
	assert_string_equal(m->graph->node[1]->op_type, "y");
	assert_int_equal(wire_offset(&m->graph->base), 7);
	assert_int_equal(wire_offset(&m->graph->node[1]->base), 27);
	arena_free(a);
}

static void strings(void **state)
{
	(void)state;
	REFUSE("\x12\x02\xc0\x80", "m.onnx:2: error: string producer_name is not UTF-8: byte 0xc0");
	REFUSE("\x12\x02z\xff", "m.onnx:3: error: string producer_name is not UTF-8: byte 0xff");
	REFUSE("\x12\x03\xed\xa0\x80", "is not UTF-8: byte 0xed");
	REFUSE("\x12\x03z\x00z", "m.onnx:3: error: a NUL inside string producer_name");
	Arena *a = arena_new();
	const Wire w = {.data = (const uint8_t *)"\x12\x02z\xff", .size = 4, .file = "m", .any_text = true};
	Onnx__ModelProto *m = wire_unpack(&w, ROOT, a, &(Diag){0});
	assert_non_null(m);
	assert_string_equal(m->producer_name, "z\xff");
	arena_free(a);
}

/* GraphProto > node > attribute > graph > ... : three messages a level, below the model. */
static Proto nested(int messages)
{
	static const uint32_t field[] = {1, 5, 6}; /* node, attribute, g */
	Proto p = {0};
	for (int i = messages - 1; i > 0; i--) {
		Proto outer = {0};
		proto_message(&outer, field[(i - 1) % 3], &p);
		p = outer;
	}
	Proto model = {0};
	proto_message(&model, 7, &p);
	return model;
}

static void depth(void **state)
{
	(void)state;
	Arena *a = arena_new();
	Proto good = nested(100), bad = nested(101), deep = nested(20000);
	assert_non_null(unpack_as(good.data, good.size, ROOT, a, &(Diag){0}));
	refuse_as(bad.data, bad.size, ROOT, DIAG_LIMIT, "messages nested deeper than 100");
	refuse_as(deep.data, deep.size, ROOT, DIAG_LIMIT, "messages nested deeper than 100");
	proto_free(&good);
	proto_free(&bad);
	proto_free(&deep);
	arena_free(a);
}

/* ---- time and memory ---- */

static Proto input; /* of the calls in processes of their own */

static int unpack_input(const char *argument)
{
	(void)argument;
	Diag d = {0};
	Arena *a = arena_new();
	const Wire w = {.data = input.data, .size = input.size, .file = "m"};
	wire_unpack(&w, ROOT, a, &d);
	arena_free(a);
	return diag_exit_code(&d);
}

static void frugal(void **state)
{
	(void)state;
	uint8_t unknown[2000], nodes[2000];
	for (size_t i = 0; i < sizeof unknown; i += 2) {
		memcpy(unknown + i, "\x7a", 2); /* field 15, no bytes */
		memcpy(nodes + i, "\x0a", 2);   /* a node of no bytes */
	}
	for (size_t i = 0; i < 100000000 / sizeof unknown; i++) /* P12; five times this is as linear */
		proto_raw(&input, unknown, sizeof unknown);
	assert_frugal(unpack_input, NULL, input.size, DIAG_OK);
	proto_free(&input);
	Proto graph = {0};
	for (size_t i = 0; i < 20000000 / sizeof nodes; i++)
		proto_raw(&graph, nodes, sizeof nodes);
	proto_message(&input, 7, &graph);
	assert_frugal(unpack_input, NULL, input.size, DIAG_LIMIT);
	proto_free(&input);
}

static void too_large(void **state)
{
	(void)state;
	const Wire w = {.data = NULL, .size = (size_t)1 << 31, .file = "m"}; /* P11: not even looked at */
	Diag d = {0};
	assert_false(wire_check(&w, ROOT, &d));
	assert_int_equal(diag_exit_code(&d), DIAG_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(varints), cmocka_unit_test(tags),      cmocka_unit_test(lengths), cmocka_unit_test(wire_types),
	    cmocka_unit_test(packed),  cmocka_unit_test(twice),     cmocka_unit_test(strings), cmocka_unit_test(depth),
	    cmocka_unit_test(frugal),  cmocka_unit_test(too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
