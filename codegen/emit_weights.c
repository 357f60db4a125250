/* emit_weights.c -- the bytes of the weights, made one node at a time, and the forms in which they enter a program. */
#include "codegen/emit.h"
#include "ir/diag.h"

#include <string.h>

static void pack_plain(const Node *n, float *out, Arena *scratch)
{
	for (int i = 0; i < n->nin; i++) {
		if (!value_is_constant(n->in[i]))
			continue;
		int64_t count = type_count(&n->in[i]->type);
		memcpy(out, blob_read_f32(n->in[i]->data, scratch), sizeof *out * (size_t)count);
		out += count;
	}
}

static void pack_apart(const Node *n, char *out, Arena *scratch)
{
	for (int i = 0; i < n->nin; i++) {
		if (!value_is_constant(n->in[i]))
			continue;
		DType t = kernel_constant_dtype(n, i);
		const Blob *b = n->in[i]->data;
		const void *from = t == b->dtype ? blob_read_raw(b, scratch) : blob_read_f32(b, scratch);
		memcpy(out + kernel_constant_place(n, i), from, (size_t)(blob_count(b) * dtype_size(t)));
	}
}

bool weights_stream(const Emission *e, WeightsSink *sink, void *context, uint64_t *hash)
{
	Arena *scratch = arena_new();
	const int64_t alignment = e->target->alignment;
	uint64_t h = 0;
	bool good = true;
	for (int i = 0; good && i < e->graph->nnode; i++) {
		const Node *n = e->graph->node[i];
		if (!n->weights_size)
			continue;
		int64_t size = (n->weights_size + alignment - 1) / alignment * alignment;
		float *bytes = arena_alloc(scratch, (size_t)size);
		if (n->kernel->constants != CONSTANTS_JOINED)
			pack_apart(n, (char *)bytes, scratch);
		else if (n->kernel->pack)
			n->kernel->pack(e->target, n, bytes, scratch);
		else
			pack_plain(n, bytes, scratch);
		h = hash_bytes(h, bytes, (size_t)size);
		good = sink(context, bytes, (size_t)size);
		arena_reset(scratch);
	}
	arena_free(scratch);
	if (hash)
		*hash = h;
	return good;
}

/* ---- incbin and object: the assembler copies the file ---- */

void incbin_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	fprintf(out,
	        "__asm__(\".pushsection .rodata\\n\"\n"
	        "\t\".balign %d\\n\"\n\t\".globl %s_weights\\n\"\n\t\".hidden %s_weights\\n\"\n"
	        "\t\".type %s_weights, %%object\\n\"\n\t\".size %s_weights, %lld\\n\"\n\t\"%s_weights:\\n\"\n"
	        "\t\".incbin \\\"%s.weights\\\"\\n\"\n\t\".popsection\\n\");\n",
	        e->target->alignment, n, n, n, n, (long long)e->graph->weights_size, n, n);
}

void assembly_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	fprintf(out,
	        "/* %s_weights.S -- made by %s; do not edit. %s.weights as an object: cc -I. -c %s_weights.S */\n"
	        "\t.section .rodata, \"a\"\n\t.balign %d\n\t.globl %s_weights\n\t.hidden %s_weights\n"
	        "\t.type %s_weights, %%object\n\t.size %s_weights, %lld\n%s_weights:\n\t.incbin \"%s.weights\"\n"
	        "\t.section .note.GNU-stack, \"\", %%progbits\n",
	        n, e->options->tool, n, n, e->target->alignment, n, n, n, n, (long long)e->graph->weights_size, n, n);
}

/* ---- array: numbers in a source of their own ----
 *
 * Hexadecimal float literals: the one form of exact floats in plain C99. Bit patterns in an array of integers compile
 * no faster, and reading them as floats takes a union or a cast that breaks the aliasing rules. A short mantissa makes a
 * short literal: weights that were stored in 16 bits take half the text. In NAME.c itself the numbers would cost far
 * more: gcc looks through them whenever it sees a load at a known place. */

/* NaN and infinity have no literal; gcc and clang read them, with every bit, through a builtin. */
static void write_special(FILE *out, const char *sign, uint32_t fraction)
{
	if (!fraction)
		fprintf(out, "%s__builtin_inff()", sign);
	else
		fprintf(out, "%s__builtin_nan%s(\"0x%x\")", sign, fraction & 0x400000 ? "f" : "sf", (unsigned)(fraction & 0x3fffff));
}

static void write_float(FILE *out, uint32_t bits)
{
	const char *sign = bits >> 31 ? "-" : "";
	int exponent = (int)(bits >> 23 & 255);
	uint32_t mantissa = bits & 0x7fffff;
	if (exponent == 255) {
		write_special(out, sign, mantissa);
		return;
	}
	if (!exponent && !mantissa) {
		fprintf(out, "%s0.0f", sign);
		return;
	}
	if (exponent)
		mantissa |= 0x800000;
	else
		exponent = 1;
	for (exponent -= 150; !(mantissa & 1); exponent++)
		mantissa >>= 1;
	fprintf(out, "%s0x%xp%df", sign, (unsigned)mantissa, exponent);
}

/* n float literals and commas. */
static void floats_print(const float *x, int64_t n, FILE *out)
{
	for (int64_t i = 0; i < n; i++) {
		uint32_t bits;
		memcpy(&bits, &x[i], sizeof bits);
		write_float(out, bits);
		fputs((i + 1) % 8 && i + 1 < n ? "," : ",\n", out);
	}
}

static bool write_numbers(void *context, const void *bytes, size_t size)
{
	floats_print(bytes, (int64_t)(size / 4), context);
	return !ferror((FILE *)context);
}

void array_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name, *u = e->upper;
	fprintf(out,
	        "/* %s_weights.c -- made by %s; do not edit. The weights of %s.c. */\n#include \"%s.h\"\n\n"
	        "#if defined(__GNUC__)\n#define %s_WEIGHTS_PLACE __attribute__((aligned(%d), visibility(\"hidden\")))\n"
	        "#else\n#define %s_WEIGHTS_PLACE\n#endif\n\n"
	        "extern const float %s_weights[%s_WEIGHTS_SIZE / 4] %s_WEIGHTS_PLACE;\n"
	        "const float %s_weights[%s_WEIGHTS_SIZE / 4] = {\n",
	        n, e->options->tool, n, n, u, e->target->alignment, u, n, u, u, n, u);
	weights_stream(e, write_numbers, out, NULL);
	fputs("};\n", out);
}

void weights_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	if (!e->graph->weights_size || e->options->weights == WEIGHTS_FILE)
		return;
	if (e->options->weights == WEIGHTS_INCBIN)
		incbin_print(e, out);
	fprintf(out, "extern const float %s_weights[%s_WEIGHTS_SIZE / 4];\n\n", n, e->upper);
}
