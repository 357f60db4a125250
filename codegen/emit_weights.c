/* emit_weights.c -- the bytes of the weights, made one node at a time, and the forms in which they enter a program. */
#include "codegen/emission.h"
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

/* ---- the head, by which a program knows its weights ---- */

bool weights_are_linked(const Emission *e)
{
	return e->graph->weights_size && e->options->weights != WEIGHTS_FILE;
}

void weights_mark(const Emission *e, unsigned char mark[WEIGHTS_MARK])
{
	memcpy(mark, "DSSDCW1", 8);
	for (int i = 0; i < 8; i++)
		mark[8 + i] = (unsigned char)(e->weights_hash >> 8 * i);
}

const char *mark_text(const Emission *e)
{
	unsigned char mark[WEIGHTS_MARK];
	const char *text = "'D', 'S', 'S', 'D', 'C', 'W', '1', 0";
	weights_mark(e, mark);
	for (int i = 8; i < WEIGHTS_MARK; i++)
		text = arena_printf(e->arena, "%s, 0x%02x", text, (unsigned)mark[i]);
	return text;
}

/* ---- incbin and object: the assembler copies the file ---- */

/* A path inside the quotes of the assembler: what could mean something there, or in a string of C, as its octal number. */
static const char *assembler_string(Arena *a, const char *path)
{
	char *s = arena_alloc(a, 4 * strlen(path) + 1), *to = s;
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("/._-", *p);
		to += sprintf(to, plain ? "%c" : "\\%03o", (unsigned)*p);
	}
	*to = 0;
	return s;
}

/* The assembler's lines that pull NAME.weights in, the same for both forms. A file of another size is no error to .incbin, but .org
 * cannot move backwards: the first one ends after a file that is too long, the second before the end of one that is too short. */
static const char *incbin_lines(const Emission *e)
{
	const char *n = e->options->name, *file = e->options->incbin ? assembler_string(e->arena, e->options->incbin)
	                                                             : arena_printf(e->arena, "%s.weights", e->file);
	const long long size = e->graph->weights_size;
	static const char symbol[] = ".globl %s\n.hidden %s\n.type %s, %%object\n.size %s, %lld\n%s:\n";
	const char *head = arena_printf(e->arena, "%s_weights_head", n), *weights = arena_printf(e->arena, "%s_weights", n);
	const char *first = arena_printf(e->arena, symbol, head, head, head, head, (long long)WEIGHTS_MARK, head);
	const char *second = arena_printf(e->arena, symbol, weights, weights, weights, weights, size, weights);
	return arena_printf(e->arena,
	                    ".balign %d\n%s.incbin \"%s\", 0, %d\n.balign %d\n%s.incbin \"%s\", %d\n"
	                    ".L%s_end:\n.org %s + %lld\n.org .L%s_end\n",
	                    WEIGHTS_MARK, first, file, WEIGHTS_MARK, e->target->alignment, second, file, WEIGHTS_HEAD, weights, weights,
	                    size, weights);
}

void byte_order_print(const Emission *e, FILE *out)
{
	if (e->weights_apart && e->graph->weights_size)
		fprintf(out,
		        "#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__\n"
		        "#error %s.weights is in little-endian byte order; for this machine compile the model with "
		        "--weights-form=array\n#endif\n\n",
		        e->file);
}

void incbin_print(const Emission *e, FILE *out)
{
	fprintf(
	    out,
	    "/* An error about .org says that %s.weights has not %lld bytes: it is not the file that was written with this source. */\n",
	    e->file, (long long)e->graph->weights_size + WEIGHTS_HEAD);
	fputs("__asm__(\".pushsection .rodata\\n\"\n", out);
	for (const char *line = incbin_lines(e); *line;) {
		fputs("\t\"", out);
		for (; *line != '\n'; line++)
			fprintf(out, *line == '"' || *line == '\\' ? "\\%c" : "%c", *line);
		fputs("\\n\"\n", out);
		line++;
	}
	fputs("\t\".popsection\\n\");\n", out);
}

void assembly_print(const Emission *e, FILE *out)
{
	const char *n = e->file;
	fprintf(out,
	        "/* %s_weights.S -- made by %s; do not edit. %s.weights as an object: cc -I. -c %s_weights.S\n"
	        " * An error about .org says that it is not the file that was written with %s.c. */\n"
	        "\t.section .rodata, \"a\"\n%s"
	        "\t.section .note.GNU-stack, \"\", %%progbits\n",
	        n, e->options->tool, n, n, n, incbin_lines(e));
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
	const char *n = e->options->name, *u = e->upper, *f = e->file;
	fprintf(out,
	        "/* %s_weights.c -- made by %s; do not edit. The weights of %s.c. */\n#include \"%s.h\"\n\n"
	        "#if defined(__GNUC__)\n#define %s_WEIGHTS_PLACE __attribute__((aligned(%d), visibility(\"hidden\")))\n"
	        "#else\n#define %s_WEIGHTS_PLACE\n#endif\n\n"
	        "extern const float %s_weights[%s_WEIGHTS_SIZE / 4] %s_WEIGHTS_PLACE;\n"
	        "extern const unsigned char %s_weights_head[%d] %s_WEIGHTS_PLACE;\n\n"
	        "const unsigned char %s_weights_head[%d] = {",
	        f, e->options->tool, f, f, u, e->target->alignment, u, n, u, u, n, WEIGHTS_MARK, u, n, WEIGHTS_MARK);
	fputs(mark_text(e), out);
	fprintf(out, "};\nconst float %s_weights[%s_WEIGHTS_SIZE / 4] = {\n", n, u);
	weights_stream(e, write_numbers, out, NULL);
	fputs("};\n", out);
}

void weights_print(const Emission *e, FILE *out)
{
	const char *n = e->options->name;
	if (!weights_are_linked(e))
		return;
	if (e->options->weights == WEIGHTS_INCBIN)
		incbin_print(e, out);
	fprintf(out, "extern const float %s_weights[%s_WEIGHTS_SIZE / 4];\nextern const unsigned char %s_weights_head[%d];\n\n", n,
	        e->upper, n, WEIGHTS_MARK);
}
