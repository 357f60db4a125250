/* test_onnx.c -- rows O1 to O33 of the bad-input catalogue but those of external data, row P15, and what small models
 * become. */
#include "tests/import/onnx_expect.h"

static void expect(const char *text, DiagClass class, const char *message)
{
	OnnxText t = onnx_text(text);
	expect_model(&t, class, message);
}

static void expect_in(const char *text, int64_t opset, DiagClass class, const char *message)
{
	OnnxText t = onnx_text(text);
	t.opset = opset;
	expect_model(&t, class, message);
}

#define GOOD "x:f[2,3] | Relu x -> y | y"

/* ---- the model ---- */

static void versions(void **state)
{
	(void)state;
	const struct {
		int64_t ir, opset;
		DiagClass class;
		const char *message;
	} rows[] = {
	    {8, 13, DIAG_OK, NULL},
	    {8, 0, DIAG_REJECT, "no opset import of the ONNX operators"},
	    {8, -1, DIAG_REJECT, "opset version -1"},
	    {8, 99, DIAG_UNSUPPORTED, "opset 99; read are 6 to 17"},
	    {8, 5, DIAG_UNSUPPORTED, "opset 5; read are 6 to 17"},
	    {0, 13, DIAG_REJECT, "no ONNX model: ir_version is 0"},
	    {99, 13, DIAG_UNSUPPORTED, "ir_version 99; read are 3 to 10"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OnnxText t = onnx_text(GOOD);
		t.ir_version = rows[i].ir;
		t.opset = rows[i].opset;
		expect_model(&t, rows[i].class, rows[i].message);
	}
	OnnxText twice = onnx_text(GOOD), zero = onnx_text(GOOD);
	Proto set = {0};
	proto_int(&set, 2, 13);
	proto_message(&twice.more, 8, &set);
	expect_model(&twice, DIAG_REJECT, "two opset imports of domain ''");
	zero.opset = 0;
	proto_int(&set, 2, 0);
	proto_message(&zero.more, 8, &set);
	expect_model(&zero, DIAG_REJECT, "opset version 0");
	Proto p = {0};
	proto_int(&p, 1, 8);
	proto_int(&set, 2, 13);
	proto_message(&p, 8, &set);
	expect_bytes(&p, DIAG_REJECT, "the model has no graph");
}

static void disguises(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
		const char *message;
	} rows[] = {
	    {"", 0, "m.onnx:0: error: no ONNX model: the file is empty"},
	    {"PK\3\4\24\0\0\0", 8, "no ONNX model: a ZIP archive"},
	    {"<ir_version: 7, opset_import: [\"\" : 10]>\nagraph (float[N] X) => (float[N] C) { C = Add(X, X) }", 91,
	     "no ONNX model: a text"},
	    {"ir_version: 8", 13, "no ONNX model: a text"},
	    {"\x0a\x0b\x0a\x01x\x12\x06"
	     "Const\x10\x01",
	     15, "no ONNX model: it begins with a message or name (a graph of TensorFlow"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Proto p = {0};
		proto_raw(&p, rows[i].bytes, rows[i].size);
		expect_bytes(&p, DIAG_REJECT, rows[i].message);
	}
}

/* ---- names ---- */

static void names(void **state)
{
	(void)state;
	expect("x:f[2] | Relu nowhere -> y | y", DIAG_REJECT, "layer 'y': input 0, 'nowhere', is made by nothing");
	expect("x:f[2] | lay@Add x,nowhere -> y | y", DIAG_REJECT, "layer 'lay': input 1, 'nowhere', is made by nothing");
	expect("x:f[2] | Relu x -> y ; Exp x -> y | y", DIAG_REJECT, "a node's output 'y': the name is taken");
	expect("x:f[2] | Relu x -> x | x", DIAG_REJECT, "a node's output 'x': the name is taken");
	expect("x:f[2] x:f[2] | Relu x -> y | y", DIAG_REJECT, "an input 'x': the name is taken");
	expect("x:f[2] | Add x,b -> a ; Relu a -> b | b", DIAG_REJECT, "input 1, 'b', is made by a later node");
	expect("x:f[2] | Add x,a -> a | a", DIAG_REJECT, "input 1, 'a', is made by a later node");
	expect("x:f[2] | Relu x -> y | z", DIAG_REJECT, "output 'z' is made by nothing");
	expect("x:f[2] | Relu x -> y |", DIAG_REJECT, "the graph has no outputs");
	expect("x:f[2] | | x", DIAG_OK, NULL); /* O30 */
	expect("x:f[2] w:f[2]=1,2 | | w", DIAG_OK, NULL);
	expect("x:f[2] | Relu x -> y | y y", DIAG_OK, NULL);
	char text[1400], name[300];
	memset(name, 'n', sizeof name);
	name[255] = 0;
	snprintf(text, sizeof text, "x:f[2] | Relu x -> %s | %s", name, name);
	expect(text, DIAG_OK, NULL);
	name[255] = 'n';
	name[256] = 0;
	snprintf(text, sizeof text, "x:f[2] | Relu x -> %s | %s", name, name);
	expect(text, DIAG_LIMIT, "a name of 256 bytes; the limit is 255");
	expect("x:f[2] | a'%s%n\n/@Relu nowhere -> y | y", DIAG_REJECT, "layer 'a\\x27%s%n\\x0a/': input 0");
}

static void long_name(void **state)
{
	(void)state;
	OnnxText t = onnx_text("x:f[2] | | x");
	Proto node = {0};
	size_t size = 100u << 20;
	char *name = malloc(size);
	assert_non_null(name);
	memset(name, 'a', size);
	proto_string(&node, 1, "x");
	proto_bytes(&node, 3, name, size);
	proto_string(&node, 2, "y");
	proto_string(&node, 4, "Relu");
	free(name);
	proto_message(&t.graph, 1, &node);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	size = p.size;
	proto_free(&p);
	assert_frugal(exit_code, NULL, size, DIAG_LIMIT);
}

/* A million of Identity: refused for its size, a hundred thousand are read. */
static void chain(void **state)
{
	(void)state;
	for (int count = 100000; count <= 1000000; count *= 10) {
		OnnxText t = onnx_text("n0:f[2] | | n0");
		for (int i = 0; i < count; i++) {
			char from[20], to[20];
			Proto node = {0};
			snprintf(from, sizeof from, "n%d", i);
			snprintf(to, sizeof to, "n%d", i + 1);
			proto_string(&node, 1, from);
			proto_string(&node, 2, to);
			proto_string(&node, 4, "Identity");
			proto_message(&t.graph, 1, &node);
		}
		Proto p = onnx_text_bytes(&t);
		write_file(path, p.data, p.size);
		size_t size = p.size;
		proto_free(&p); /* what is ours would count as the child's */
		assert_frugal(exit_code, NULL, size, count == 100000 ? DIAG_OK : DIAG_LIMIT);
	}
}

/* ---- functions of the model ---- */

static void add_function(OnnxText *t, const char *name, const char *const *calls)
{
	Proto f = {0};
	proto_string(&f, 1, name);
	proto_string(&f, 10, "local");
	for (; *calls; calls++) {
		Proto node = {0};
		proto_string(&node, 4, *calls);
		proto_string(&node, 7, "local");
		proto_message(&f, 7, &node);
	}
	proto_message(&t->more, 25, &f);
}

static void functions(void **state)
{
	(void)state;
	OnnxText t = onnx_text(GOOD);
	add_function(&t, "f", (const char *[]){"f", NULL});
	expect_model(&t, DIAG_REJECT, "function 'f' calls itself");
	t = onnx_text(GOOD);
	add_function(&t, "f", (const char *[]){"g", NULL});
	add_function(&t, "g", (const char *[]){"h", NULL});
	add_function(&t, "h", (const char *[]){"f", NULL});
	expect_model(&t, DIAG_REJECT, "calls itself");
	t = onnx_text(GOOD);
	for (int i = 0; i < 30; i++) { /* O8 */
		char name[8], next[8];
		snprintf(name, sizeof name, "f%d", i);
		snprintf(next, sizeof next, "f%d", i + 1);
		add_function(&t, name, (const char *[]){next, next, NULL});
	}
	expect_model(&t, DIAG_LIMIT, "stands for more than 1000000 nodes");
	t = onnx_text("x:f[2] | local::f x -> y | y");
	add_function(&t, "f", (const char *[]){"g", NULL});
	expect_model(&t, DIAG_UNSUPPORTED, "operator 'f' of domain 'local' is not supported");
	t = onnx_text(GOOD);
	Proto f = {0}, node = {0}, attribute = {0}, graph = {0};
	proto_string(&f, 1, "f");
	proto_string(&node, 4, "If");
	proto_message(&attribute, 6, &graph);
	proto_message(&node, 5, &attribute);
	proto_message(&f, 7, &node);
	proto_message(&t.more, 25, &f);
	expect_model(&t, DIAG_UNSUPPORTED, "function 'f' has nodes with graphs of their own");
}

/* ---- tensors ---- */

typedef struct Numbers { /* one initializer, field by field */
	int ndim, type;
	int64_t dim[9];
	int raw; /* bytes; -1: no raw_data */
	int nfloat, nint32, nint64;
	int64_t value;
	DiagClass class;
	const char *message;
} Numbers;

static void add_numbers(OnnxText *t, const Numbers *r)
{
	Proto tensor = {0};
	for (int i = 0; i < r->ndim; i++)
		proto_int(&tensor, 1, r->dim[i]);
	if (r->type >= 0)
		proto_int(&tensor, 2, r->type);
	proto_string(&tensor, 8, "w");
	for (int i = 0; i < r->nfloat; i++)
		proto_float(&tensor, 4, 1);
	for (int i = 0; i < r->nint32; i++)
		proto_int(&tensor, 5, r->value);
	for (int i = 0; i < r->nint64; i++)
		proto_int(&tensor, 7, r->value);
	char zero[64] = {0};
	if (r->raw >= 0)
		proto_bytes(&tensor, 9, zero, (size_t)r->raw);
	proto_message(&t->graph, 5, &tensor);
}

static const Numbers stored_numbers[] = {
    {2, 1, {2, 3}, 24, 0, 0, 0, 0, DIAG_OK, NULL},
    {2, 1, {2, 3}, -1, 6, 0, 0, 0, DIAG_OK, NULL},
    {2, 1, {0, 3}, -1, 0, 0, 0, 0, DIAG_OK, NULL},
    {2, 1, {2, 3}, 23, 0, 0, 0, 0, DIAG_REJECT, "raw_data has 23 bytes; the dimensions ask for 6 of type float: 24 bytes"},
    {2, 1, {2, 3}, 25, 0, 0, 0, 0, DIAG_REJECT, "raw_data has 25 bytes"},
    {2, 1, {2, 3}, -1, 5, 0, 0, 0, DIAG_REJECT, "float_data has 5 numbers; the dimensions ask for 6"},
    {2, 1, {2, 3}, 24, 6, 0, 0, 0, DIAG_REJECT, "raw_data and numbers in another field too"},
    {1, 7, {2}, -1, 2, 0, 0, 0, DIAG_REJECT, "float_data of a tensor of type int64; it must be in int64_data or raw_data"},
    {1, 3, {1}, -1, 0, 1, 0, 300, DIAG_REJECT, "element 0 is 300, which is no int8"},
    {1, 3, {1}, -1, 0, 1, 0, -128, DIAG_OK, NULL},
    {1, 2, {1}, -1, 0, 1, 0, -1, DIAG_REJECT, "element 0 is -1, which is no uint8"},
    {1, 9, {1}, -1, 0, 1, 0, 2, DIAG_REJECT, "element 0 is 2, which is no bool"},
    {2, 1, {-1, 3}, 0, 0, 0, 0, 0, DIAG_REJECT, "dimension 0 is -1"},
    {2, 1, {1ll << 32, 1ll << 32}, 0, 0, 0, 0, 0, DIAG_LIMIT, "more than 2147483647 elements"},
    {9, 1, {1, 1, 1, 1, 1, 1, 1, 1, 1}, 4, 0, 0, 0, 0, DIAG_LIMIT, "a tensor of rank 9; the limit is 8"},
    {1, -1, {1}, 4, 0, 0, 0, 0, DIAG_REJECT, "the tensor has no data_type"},
    {1, 0, {1}, 4, 0, 0, 0, 0, DIAG_REJECT, "the tensor has no data_type"},
    {1, 99, {1}, 4, 0, 0, 0, 0, DIAG_UNSUPPORTED, "elements of type unknown (data_type 99)"},
    {1, 8, {1}, -1, 0, 0, 0, 0, DIAG_UNSUPPORTED, "elements of type string"},
    {1, 14, {1}, 8, 0, 0, 0, 0, DIAG_UNSUPPORTED, "elements of type complex64"},
    {1, 17, {1}, 1, 0, 0, 0, 0, DIAG_UNSUPPORTED, "elements of type float8e4m3fn"},
    {1, 22, {1}, 1, 0, 0, 0, 0, DIAG_UNSUPPORTED, "elements of type int4"},
};
static void tensors(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof stored_numbers / sizeof *stored_numbers; i++) {
		OnnxText t = onnx_text("x:f[2] | Relu x -> y | y");
		add_numbers(&t, &stored_numbers[i]);
		expect_model(&t, stored_numbers[i].class, stored_numbers[i].message);
	}
	OnnxText t = onnx_text("x:f[2] | Relu x -> y | y");
	Proto tensor = {0}, segment = {0};
	proto_int(&tensor, 1, 1);
	proto_int(&tensor, 2, 1);
	proto_int(&segment, 1, 0);
	proto_message(&tensor, 3, &segment);
	proto_string(&tensor, 8, "w");
	proto_message(&t.graph, 5, &tensor);
	expect_model(&t, DIAG_UNSUPPORTED, "a tensor in segments"); /* O13 */
	expect("x:f[-1,3] | Relu x -> y | y", DIAG_UNSUPPORTED, "input 'x': dimension 0 is open: choose one with --dim x:0=N");
	expect("x:f[?batch,3] | Relu x -> y | y", DIAG_UNSUPPORTED, "dimension 0 is open ('batch'): choose one with --dim batch=N");
	expect("x:f[65536,65536] | Relu x -> y | y", DIAG_LIMIT, "input 'x' has more than 2147483647 elements");
	expect("x:f[1,1,1,1,1,1,1,1,1] | Relu x -> y | y", DIAG_LIMIT, "input 'x' has rank 9");
	expect("x | Relu x -> y | y", DIAG_REJECT, "input 'x' has no type");
}

/* ---- operators ---- */

static void windows(void **state)
{
	(void)state;
#define CONV(attributes) "x:f[1,4,8,8] w:f[4,4,3,3]=1 | Conv x,w -> y " attributes " | y"
	expect(CONV(""), DIAG_OK, NULL);
	expect(CONV("group=0"), DIAG_REJECT, "group is 0; it must divide 4 input channels");
	expect(CONV("group=3"), DIAG_REJECT, "group is 3; it must divide 4 input channels");
	expect(CONV("kernel_shape=[0,3]"), DIAG_REJECT, "kernel_shape has 0; 1 to");
	expect(CONV("kernel_shape=[3,5]"), DIAG_REJECT, "kernel_shape has 5; the weight has 3");
	expect(CONV("strides=[0,1]"), DIAG_REJECT, "strides has 0; 1 to");
	expect(CONV("dilations=[1,0]"), DIAG_REJECT, "dilations has 0; 1 to");
	expect(CONV("strides=[1]"), DIAG_REJECT, "strides has 1 numbers; 2 are needed");
	expect(CONV("pads=[-9,0,0,0]"), DIAG_REJECT, "pads has -9; 0 to");
	expect(CONV("dilations=[4,4]"), DIAG_REJECT, "the window spans 9 rows; the padded input has 8");
	expect("x:f[1,4,8,8] w:f[4,4]=1 | Conv x,w -> y | y", DIAG_REJECT, "the weight has rank 2, the input 4");
	expect("x:f[1,4,8,8] w:f[4,3,3,3]=1 | Conv x,w -> y | y", DIAG_REJECT, "the weight takes 3 channels a group; the input has 4");
	expect("x:f[1,4,8,8] | MaxPool x -> y | y", DIAG_REJECT, "MaxPool needs kernel_shape");
	expect("x:f[1,4,8,8] | MaxPool x -> y kernel_shape=[9,9] | y", DIAG_REJECT, "the window spans 9 rows");
	expect("x:f[1,4,0,8] | MaxPool x -> y kernel_shape=[1,1] | y", DIAG_REJECT, "the map is empty");
	expect("x:f[3] w:f[3,4]=1 | Gemm x,w -> y | y", DIAG_REJECT, "Gemm of ranks 1 and 2; both must be 2");
	expect("x:f[1,2,3] w:f[3,4]=1 | Gemm x,w -> y | y", DIAG_REJECT, "Gemm of ranks 3 and 2; both must be 2");
}

static void shapes(void **state)
{
	(void)state;
#define RESHAPE(shape, attributes) "x:f[2,6] s:i[" shape " | Reshape x,s -> y " attributes " | y"
	expect(RESHAPE("2]=3,4", ""), DIAG_OK, NULL);
	expect(RESHAPE("2]=3,5", ""), DIAG_REJECT, "shape has 15 elements; the input has 12");
	expect(RESHAPE("2]=-1,-1", ""), DIAG_REJECT, "shape has -1 twice");
	expect(RESHAPE("2]=-1,5", ""), DIAG_REJECT, "shape leaves 5 elements to -1, of 12");
	expect(RESHAPE("2]=-2,6", ""), DIAG_REJECT, "shape has the extent -2");
	expect(RESHAPE("3]=2,6,0", ""), DIAG_REJECT, "shape has the extent 0 past the rank of the input");
	expect(RESHAPE("2]=9000000000000000000,9000000000000000000", ""), DIAG_REJECT, "the input has 12");
	expect(RESHAPE("2]=4294967296,4294967296", ""), DIAG_REJECT, "the input has 12");
	expect(RESHAPE("2]=0,-1", ""), DIAG_OK, NULL);
	expect_in(RESHAPE("2]=0,-1", "allowzero=1"), 14, DIAG_REJECT, "shape has both 0 and -1, with allowzero");
	expect_in(RESHAPE("2]=0,6", "allowzero=1"), 14, DIAG_REJECT, "shape has 0 elements; the input has 12");
	expect("x:f[2,6] s:i[2] | Reshape x,s -> y | y", DIAG_UNSUPPORTED,
	       "shape must be known when the model is compiled; it is input 's': give its value with --bind s=FILE.npy");
	/* O23 */
	expect("x:f[4,3] i:i[1]=4 | Gather x,i -> y | y", DIAG_REJECT, "index 4 is outside of an axis of 4");
	expect("x:f[4,3] i:i[1]=-5 | Gather x,i -> y | y", DIAG_REJECT, "index -5 is outside of an axis of 4");
	expect("x:f[4,3] i:i[1]=0 | Gather x,i -> y axis=2 | y", DIAG_REJECT, "axis is 2; a tensor of rank 2 has -2 to 1");
	expect("x:f[4] s:i[2]=3,2 | Split x,s -> a,b | a b", DIAG_REJECT, "split asks for more than the 4 of axis 0");
	expect("x:f[4] s:i[2]=1,2 | Split x,s -> a,b | a b", DIAG_REJECT, "split asks for 3 of the 4 of axis 0");
	expect("x:f[4] s:i[1]=4 | Split x,s -> a,b | a b", DIAG_REJECT, "split has 1 parts; the node has 2 outputs");
	expect("x:f[4] b:i[1]=0 e:i[1]=4 a:i[1]=0 s:i[1]=0 | Slice x,b,e,a,s -> y | y", DIAG_REJECT, "a step of 0");
	expect("x:f[4] b:i[1]=0 e:i[1]=4 a:i[1]=1 | Slice x,b,e,a -> y | y", DIAG_REJECT, "an axis is 1; a tensor of rank 1 has -1 to 0");
	expect("x:f[4] b:i[1]=-9223372036854775807 e:i[1]=9223372036854775807 a:i[1]=0 s:i[1]=2 | Slice x,b,e,a,s -> y "
	       "| y:f[2]",
	       DIAG_OK, NULL);
	expect("x:f[] | Softmax x -> y | y", DIAG_REJECT, "axis is -1, but a tensor of rank 0 has no axes"); /* O28 */
	expect("x:f[4] l:f[]=6 h:f[]=0 | Clip x,l,h -> y | y", DIAG_OK, NULL);
	/* O24 */
#define RESIZE(scale) "x:f[1,1,4,4] s:f[4]=1,1," scale " | Resize x,_,s -> y | y"
	expect(RESIZE("2,2"), DIAG_OK, NULL);
	expect(RESIZE("0,2"), DIAG_REJECT, "scale 0 of axis 2");
	expect(RESIZE("-1,2"), DIAG_REJECT, "scale -1 of axis 2");
	expect(RESIZE("nan,2"), DIAG_REJECT, "of axis 2");
	expect(RESIZE("1e30,2"), DIAG_LIMIT, "the limit is 65536");
	/* O25 */
	expect("x:f[1] s:i[2]=1048576,1048576 | Expand x,s -> y | y", DIAG_LIMIT, "more than 2147483647 elements");
	expect("x:f[4] s:i[1]=1099511627776 | Tile x,s -> y | y", DIAG_LIMIT, "repeats of 1099511627776");
	expect("x:f[4] s:i[2]=0,1099511627776 | Pad x,s -> y | y", DIAG_LIMIT, "pads of 0 and 1099511627776");
	expect("x:f[4] s:i[2]=1048576,1048576 | ConstantOfShape s -> y | y", DIAG_LIMIT, "more than 2147483647 elements");
	expect("x:f[4] a:i[]=0 b:i[]=1099511627776 d:i[]=1 | Range a,b,d -> y | y", DIAG_LIMIT, "a range of 1099511627776 numbers");
}

static void types(void **state)
{
	(void)state;
	expect("x:f[3] z:f[4] | Add x,z -> y | y", DIAG_REJECT, "extents must be equal, or one of them 1");
	expect("x:c[3] z:f[3] | Add x,z -> y | y", DIAG_REJECT, "Add of i8 and f32; the types must be the same");
	expect("x:f[3] | And x,x -> y | y", DIAG_REJECT, "And of f32; it takes bool");
	expect("x:f[3] z:i[3] | Concat x,z -> y axis=0 | y", DIAG_REJECT, "Concat of f32 and i64; the types must be the same");
	expect("x:f[3] z:f[3] z2:f[3] | Where x,z,z2 -> y | y", DIAG_REJECT, "the condition is of type f32; it must be bool");
	expect("x:f[3] | Cast x -> y to=99 | y", DIAG_REJECT, "there is no element type 99 to cast to");
	expect("x:f[3] | Cast x -> y to=8 | y", DIAG_UNSUPPORTED, "a cast to string");
	expect("x:f[3] | Relu x -> y | y:i[3]", DIAG_REJECT, "output 'y' is stated as int64; its elements are f32");
	/* O27 */
	expect("x:f[3] | Add x -> y | y", DIAG_REJECT, "Add has 1 input; it takes 2");
	expect("x:f[3] | Relu x,x -> y | y", DIAG_REJECT, "Relu has 2 inputs; it takes 1");
	expect("x:f[3] | Relu x -> y,z | y", DIAG_REJECT, "Relu has 2 outputs; it makes 1");
	expect("x:f[3] | Add _,x -> y | y", DIAG_REJECT, "Add: input 0 may not be left out");
	expect("x:f[3] | Max x,_,x -> y | y", DIAG_REJECT, "Max: input 1 may not be left out");
	expect("x:f[3] | LeakyRelu x -> y alpha=1 | y", DIAG_REJECT, "attribute alpha is an int; it must be a float");
	expect("x:f[3] | LeakyRelu x -> y alpha=1.5 alpha=2.5 | y", DIAG_REJECT, "attribute alpha is given twice");
	expect("x:f[3] | LeakyRelu x -> y alpha=nan | y", DIAG_REJECT, "attribute alpha is NaN");
	expect("x:f[3] | Relu x -> y colour=1 | y", DIAG_UNSUPPORTED, "Relu: attribute colour is not known in opset 13");
	expect("x:f[1,1,2,2] | DepthToSpace x -> y blocksize=2 mode='ABC' | y", DIAG_REJECT,
	       "attribute mode is 'ABC'; it must be DCR or CRD");
	expect("x:f[1,2] s:f[2]=1 b:f[2]=0 m:f[2]=0 v:f[2]=-1 | BatchNormalization x,s,b,m,v -> y | y", DIAG_OK, NULL); /* O28 */
	expect("x:f[1,2] s:f[2]=1 b:f[2]=0 m:f[2]=0 v:f[3]=1 | BatchNormalization x,s,b,m,v -> y | y", DIAG_REJECT,
	       "input 4 must have one number for each of 2 channels");
}

/* O31: every one at once. */
static void unknown_operators(void **state)
{
	(void)state;
	Messages m;
	messages_open(&m);
	OnnxText t = onnx_text("x:f[3] | first@Sausage x -> a ; Relu a -> b ; com.acme::Toast b -> c ; last@Loop c -> d ; "
	                       "odd@Sausage x -> e | d e");
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	assert_null(import_file(&m.diag));
	assert_message(&m, "layer 'first': operator 'Sausage' is not supported");
	assert_message(&m, "layer 'c': operator 'Toast' of domain 'com.acme' is not supported");
	assert_message(&m,
	               "layer 'last': operator 'Loop' is not supported: its turns would be counted at run time; unroll it when exporting");
	assert_message(&m, "layer 'odd': operator 'Sausage' is not supported");
	assert_int_equal(diag_errors(&m.diag), 4);
	assert_int_equal(diag_exit_code(&m.diag), DIAG_UNSUPPORTED);
	proto_free(&p);
	messages_free(&m);
	expect_in("x:f[1,1,2,2] | Upsample x -> y | y", 13, DIAG_UNSUPPORTED, "in opset 13; it is read from opset 9 on, up to 9");
}

static const char *const nodes_of_nothing[] = {
    "Relu x -> y",
    "Add x,x -> y",
    "Concat x,x -> y axis=0",
    "Transpose x -> y",
    "Flatten x -> y",
    "Softmax x -> y",
    "ReduceSum x -> y",
    "ReduceMax x -> y",
    "ReduceMean x -> y axes=[1]",
    "ArgMax x -> y axis=1",
    "Cast x -> y to=7",
    "Identity x -> y",
    "LogSoftmax x -> y",
    "Hardmax x -> y",
    "Exp x -> y",
    "Shape x -> y",
    "Size x -> y",
    "MatMul x,w -> y",
    "Gemm x,w -> y",
    "Gather x,i -> y axis=1",
    "Squeeze x -> y",
    "Clip x -> y",
    "Sum x,x -> y",
    "CumSum x,k -> y",
    "Tile x,r -> y",
    "Expand x,r -> y",
    "Split x -> y axis=1",
    "Slice x,k,k,k -> y",
    "Pad x,p -> y",
    "Resize x,_,s -> y",
    "TopK x,one -> y,z axis=1",
    "ConstantOfShape r -> y",
    "NonZero w -> y",
    "OneHot i,k,v -> y",
    "Trilu x -> y",
    "EyeLike x -> y",
    "Einsum x,w -> y equation='ab,bc->ac'",
    "MeanVarianceNormalization x -> y axes=[0]",
    "LpNormalization x -> y",
    "QuantizeLinear x,sc -> y",
    "DynamicQuantizeLinear x -> y",
    "LayerNormalization x,v -> y",
    "BatchNormalization x,v,v,v,v -> y",
    "GatherElements x,i2 -> y",
    "ScatterElements x,i2,x -> y",
    "Compress x,bo -> y",
    "Where bo,x,x -> y",
    "DepthToSpace x -> y blocksize=1",
};
/* O29: no elements, through every operator that the line names. */
static void empty_tensors(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof nodes_of_nothing / sizeof *nodes_of_nothing; i++) {
		char text[600];
		snprintf(text, sizeof text,
		         "x:f[0,4] w:f[4,0]= i:i[2]=0,1 i2:i[0,4]= k:i[1]=0 r:i[2]=1,1 p:i[4]=0 s:f[2]=2,2 one:i[1]=1 "
		         "v:f[4]=1 sc:f[]=1 bo:b[1]=1 | %s | y",
		         nodes_of_nothing[i]);
		OnnxText t = onnx_text(text);
		t.opset = 17;
		Proto p = onnx_text_bytes(&t);
		write_file(path, p.data, p.size);
		Diag d = {0};
		Graph *g = import_file(&d);
		if (g)
			graph_check(g);
		else if (diag_exit_code(&d) < DIAG_REJECT || diag_exit_code(&d) > DIAG_LIMIT)
			fail_msg("%s: status %d", nodes_of_nothing[i], diag_exit_code(&d));
		graph_free(g);
		proto_free(&p);
	}
}

/* ---- P15: cuts and flips ---- */

static const char *const seeds[] = {
    "x:f[1,4,8,8] w:f[4,4,3,3]=1 b:f[4]=0.5 | Conv x,w,b -> c pads=[1,1,1,1] ; Relu c -> y | y:f[1,4,8,8]",
    "x:f[2,6] s:i[2]=3,-1 | Reshape x,s -> r ; Transpose r -> y perm=[1,0] | y",
    "x:f[1,2,4,4] s:f[4]=1,1,2,2 | Resize x,_,s -> y mode='linear' | y",
    "x:f[3,4] i:i[2]=0,2 | Gather x,i -> g axis=1 ; ReduceSum g -> y keepdims=0 | y",
    "x:f[4] b:i[1]=0 e:i[1]=4 a:i[1]=0 s:i[1]=2 | Slice x,b,e,a,s -> y | y:f[2]",
    "x:f[2,3] w:f[3,4]=1 c:f[4]=0 | Gemm x,w,c -> g alpha=0.5 ; Softmax g -> y | y",
    ("x:f[1,4,4,4] s:f[4]=1 m:f[4]=0 | BatchNormalization x,s,m,m,s -> n ; MaxPool n -> y kernel_shape=[2,2] "
     "strides=[2,2] | y"),
    "x:f[2,8] | Split x -> a,b axis=1 ; Mul a,b -> m ; Concat m,a -> y axis=0 | y",
    "x:f[1,1,6,2] sc:f[1,1,6]=0.5 | Shape x -> s ; Cast s -> f to=1 ; ConstantOfShape s -> z ; Add x,z -> y | y f",
    "x:f[5] | TopK x,k -> v,i ; Identity v -> y ; Clip y,lo,hi -> z | z i k",
};

static void cuts_and_flips(void **state)
{
	(void)state;
	int accepted = 0, tried = 0;
	for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
		OnnxText t = onnx_text(seeds[s]);
		Proto p = onnx_text_bytes(&t);
		for (size_t i = 0; i < p.size * 9; i++, tried++) {
			size_t size = i % 9 == 8 ? i / 9 : p.size;
			if (i % 9 < 8)
				p.data[i / 9] ^= (uint8_t)(1u << i % 9);
			write_file(path, p.data, size);
			Diag d = {0};
			Graph *g = import_file(&d);
			if (g)
				graph_check(g);
			assert_int_equal(g == NULL, diag_errors(&d) > 0);
			accepted += g != NULL;
			graph_free(g);
			if (i % 9 < 8)
				p.data[i / 9] ^= (uint8_t)(1u << i % 9);
		}
		proto_free(&p);
	}
	assert_true(tried > 10000 && accepted > 0);
}

/* ---- what models become ---- */

static const Node *only_node(const Graph *g, Op op)
{
	const Node *found = NULL;
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->op == op) {
			assert_null(found);
			found = g->node[i];
		}
	assert_non_null(found);
	return found;
}

static Graph *import_text(const char *text, const ImportOptions *o)
{
	OnnxText t = onnx_text(text);
	Proto p = onnx_text_bytes(&t);
	Messages m;
	messages_open(&m);
	write_file(path, p.data, p.size);
	Graph *g = import_onnx(path, o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	proto_free(&p);
	messages_free(&m);
	return g;
}

/* A head of SSD as PyTorch writes it: the shape is computed, nothing of that is left. */
static void head(void **state)
{
	(void)state;
	Graph *g = import_text("x:f[1,3,8,8] w:f[8,3,3,3]=0.1 b:f[8]=0 k:i[]=0 m:i[1]=-1 four:i[1]=4 u:i[1]=0 | "
	                       "c1@Conv x,w,b -> c pads=[1,1,1,1] ; Transpose c -> t perm=[0,2,3,1] ; Shape t -> s ; Gather s,k -> n ; "
	                       "Unsqueeze n,u -> n1 ; Concat n1,m,four -> shape axis=0 ; Reshape t,shape -> y | y:f[1,128,4]",
	                       &(ImportOptions){.threshold = -1, .nms = -1});
	assert_int_equal(g->nnode, 3);
	assert_string_equal(only_node(g, OP_conv2d)->name, "c1");
	const Node *r = only_node(g, OP_reshape);
	assert_int_equal(r->out[0]->type.dim[1], 128);
	assert_string_equal(r->out[0]->name, "y");
	assert_int_equal(g->preprocess.width, 8);
	graph_free(g);
}

/* "To the end" as PyTorch writes it; and a sum that doubles would round is left to the program. */
static void wide_integers(void **state)
{
	(void)state;
	const ImportOptions o = {.threshold = -1, .nms = -1};
	Graph *g = import_text("x:f[4,6] z:i[1]=0 one:i[1]=1 m:i[1]=9223372036854775807 | Concat m,m -> e axis=0 ; "
	                       "Concat one,z -> b axis=0 ; "
	                       "Slice x,b,e -> y | y:f[3,6]",
	                       &o);
	assert_int_equal(g->nnode, 1);
	assert_int_equal(g->output[0]->type.dim[0], 3);
	graph_free(g);
	g = import_text("w:i[1]=4503599627370497 x:i[1] | Add w,w -> s ; Add s,w -> t ; Add t,x -> y | y", &o);
	assert_int_equal(g->nnode, 3);
	graph_free(g);
}

static void bindings(void **state)
{
	(void)state;
	static const char npy[] = "\x93NUMPY\x01\x00\x46\x00{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }          \n"
	                          "\x03\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff";
	char bind[400], file[300];
	snprintf(file, sizeof file, "%s/s.npy", folder);
	snprintf(bind, sizeof bind, "s=%s", file);
	size_t size = sizeof npy - 1;
	char *fit = malloc(size + 100);
	assert_non_null(fit);
	size_t header = size - 10 - 16; /* as long as it is */
	memcpy(fit, npy, size);
	fit[8] = (char)header;
	write_file(file, fit, size);
	const ImportOptions o = {
	    .threshold = -1, .nms = -1, .bind = (const char *const[]){bind, NULL}, .dims = (const char *const[]){"n=2", NULL}};
	Graph *g = import_text("x:f[?n,6] s:i[2] | Reshape x,s -> y | y", &o);
	assert_int_equal(g->ninput, 1);
	assert_int_equal(only_node(g, OP_reshape)->out[0]->type.dim[1], 4);
	graph_free(g);
	write_file(file, fit, size - 1);
	free(fit);
	Diag d = {0};
	assert_null(import_onnx(path, &o, &d));
	assert_int_equal(diag_exit_code(&d), DIAG_REJECT);
	/* a TensorProto of 0 x 2^56 x 10939: no elements, and a product of its last two extents that 64 bits do not hold */
	static const char large[] = "\x10\x09\x08\x00\x08\x80\x80\x80\x80\x80\x80\x80\x80\x01\x08\xbb\x55";
	Messages m;
	messages_open(&m);
	write_file(file, large, sizeof large - 1);
	assert_null(import_onnx(path, &o, &m.diag));
	assert_message(&m, "more than 2147483647 elements");
	const ImportOptions wrong = {.threshold = -1, .nms = -1, .bind = (const char *const[]){"z=file", NULL}};
	assert_null(import_onnx(path, &wrong, &m.diag));
	assert_message(&m, "--bind z=file: the model has no such input");
	const ImportOptions extent = {.threshold = -1, .nms = -1, .dims = (const char *const[]){"n=2x", "m=3", NULL}};
	assert_null(import_onnx(path, &extent, &m.diag));
	assert_message(&m, "--dim n=2x: an extent from 0 to 2147483647 is needed");
	assert_message(&m, "--dim m=3: no input has such an open extent");
	messages_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(versions),
	    cmocka_unit_test(disguises),
	    cmocka_unit_test(names),
	    cmocka_unit_test(long_name),
	    cmocka_unit_test(chain),
	    cmocka_unit_test(functions),
	    cmocka_unit_test(tensors),
	    cmocka_unit_test(windows),
	    cmocka_unit_test(shapes),
	    cmocka_unit_test(types),
	    cmocka_unit_test(unknown_operators),
	    cmocka_unit_test(empty_tensors),
	    cmocka_unit_test(cuts_and_flips),
	    cmocka_unit_test(head),
	    cmocka_unit_test(bindings),
	    cmocka_unit_test(wide_integers),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
