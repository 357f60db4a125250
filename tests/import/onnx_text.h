/* onnx_text.h -- ONNX models for the tests, from one line of text:
 *
 *     x:f[1,3,4,4] w:f[2,3,3,3]=0.5 | Conv x,w -> y group=1 pads=[1,1,1,1] ; Relu y -> z | z
 *
 * Inputs and initializers (with = and numbers; the last is repeated), nodes, outputs (a type may be stated as for
 * inputs). Types: f float, i int64, n int32, s int16, c int8, u uint8, w uint16, N uint32, I uint64, b bool, d double,
 * h float16, B bfloat16; ?name as an extent is a dim_param. Inputs of a node that are left out are "_". Attributes: 3, 3.5, nan, 'text',
 * [1,2]; a node's name stands in front as "name@Conv". */
#ifndef TESTS_IMPORT_ONNX_TEXT_H
#define TESTS_IMPORT_ONNX_TEXT_H

#include "tests/import/proto.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

typedef struct OnnxText {
	Proto graph;
	int64_t ir_version, opset; /* 0: field left out */
	Proto more;                /* further fields of the model */
} OnnxText;

static const struct {
	char letter;
	int type, size;
} text_types[] = {{'f', 1, 4},  {'u', 2, 1}, {'c', 3, 1}, {'n', 6, 4},  {'i', 7, 8},  {'b', 9, 1}, {'h', 10, 2},
                  {'d', 11, 8}, {'w', 4, 2}, {'s', 5, 2}, {'N', 12, 4}, {'I', 13, 8}, {'B', 16, 2}};

static inline int text_type(char letter)
{
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++)
		if (text_types[i].letter == letter)
			return (int)i;
	fprintf(stderr, "no type '%c'\n", letter);
	abort();
}

static inline const char *text_skip(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* Letters up to one of stops; the text goes into a static buffer that lives to the next call but seven. */
static inline const char *text_word(const char **s, const char *stops)
{
	static char words[8][1200];
	static int next;
	char *w = words[next++ & 7];
	size_t n = strcspn(*s, stops);
	snprintf(w, sizeof words[0], "%.*s", (int)n, *s);
	*s += n;
	return w;
}

static inline void text_number(Proto *raw, int type, double x, int64_t whole)
{
	float f = (float)x;
	const void *bits = type == 1 ? (const void *)&f : type == 11 ? (const void *)&x : (const void *)&whole;
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++)
		if (text_types[i].type == type)
			proto_raw(raw, bits, (size_t)text_types[i].size);
}

/* name[:type[dims][=numbers]] into the graph: a value info, or an initializer. */
static inline const char *text_value(Proto *graph, const char *s, uint32_t field)
{
	Proto value = {0}, dims = {0}, shape = {0}, type = {0}, tensor = {0}, raw = {0};
	char name[1200];
	snprintf(name, sizeof name, "%s", text_word(&s, " :|"));
	int64_t dim[64], count = 1;
	int n = 0, kind = 0;
	if (*s == ':') {
		kind = text_types[text_type(s[1])].type;
		s += 2;
		for (s += *s == '['; *s && *s != ']'; s += *s == ',') {
			const char *d = text_word(&s, ",]");
			Proto one = {0};
			dim[n] = strtoll(d, NULL, 10);
			if (*d == '?')
				proto_string(&one, 2, d + 1);
			else
				proto_int(&one, 1, dim[n]);
			proto_message(&shape, 1, &one);
			count *= dim[n++];
		}
		s += *s == ']';
	}
	if (*s == '=') {
		for (int i = 0; i < n; i++)
			proto_int(&tensor, 1, dim[i]);
		proto_int(&tensor, 2, kind);
		proto_string(&tensor, 8, name);
		double x = 0;
		int64_t whole = 0;
		for (int64_t i = 0; i < count; i++) {
			if (*s == '=' || *s == ',') {
				char *end;
				whole = strtoll(s + 1, NULL, 10);
				x = strtod(s + 1, &end);
				s = end;
			}
			text_number(&raw, kind, x, whole);
		}
		proto_message(&tensor, 9, &raw);
		proto_message(graph, 5, &tensor);
		proto_free(&shape);
		return text_skip(s);
	}
	proto_string(&value, 1, name);
	if (kind) {
		proto_int(&dims, 1, kind);
		proto_message(&dims, 2, &shape);
		proto_message(&type, 1, &dims);
		proto_message(&value, 2, &type);
	}
	proto_message(graph, field, &value);
	return text_skip(s);
}

static inline const char *text_attribute(Proto *node, const char *s)
{
	Proto a = {0};
	proto_string(&a, 1, text_word(&s, "="));
	s++;
	if (*s == '\'') {
		s++;
		proto_string(&a, 4, text_word(&s, "'"));
		proto_int(&a, 20, 3);
		s++;
	} else if (*s == '[') {
		for (s++; *s != ']'; s += *s == ',') {
			char *end;
			proto_int(&a, 8, strtoll(s, &end, 10));
			s = end;
		}
		proto_int(&a, 20, 7);
		s++;
	} else {
		const char *word = text_word(&s, " ;|");
		if (strpbrk(word, ".n")) {
			proto_float(&a, 2, strtof(word, NULL));
			proto_int(&a, 20, 1);
		} else {
			proto_int(&a, 3, strtoll(word, NULL, 10));
			proto_int(&a, 20, 2);
		}
	}
	proto_message(node, 5, &a);
	return text_skip(s);
}

static inline const char *text_names(Proto *node, const char *s, uint32_t field)
{
	while (*s && *s != ' ' && *s != ';' && *s != '|') {
		const char *name = text_word(&s, ", ;|");
		proto_string(node, field, strcmp(name, "_") ? name : "");
		s += *s == ',';
	}
	return text_skip(s);
}

/* [name@][domain::]Op in,in -> out,out attributes */
static inline const char *text_node(Proto *graph, const char *s)
{
	Proto node = {0};
	const char *type = text_word(&s, " "), *at = strchr(type, '@'), *domain = strstr(type, "::");
	if (at) {
		Proto name = {0};
		proto_bytes(&node, 3, type, (size_t)(at - type));
		proto_free(&name);
		type = at + 1;
	}
	if (domain) {
		proto_bytes(&node, 7, type, (size_t)(domain - type));
		type = domain + 2;
	}
	proto_string(&node, 4, type);
	s = text_skip(s);
	if (*s != '-')
		s = text_names(&node, s, 1);
	s = text_skip(s + 2); /* -> */
	s = text_names(&node, s, 2);
	while (*s && *s != ';' && *s != '|')
		s = text_attribute(&node, s);
	proto_message(graph, 1, &node);
	return s;
}

static inline OnnxText onnx_text(const char *s)
{
	OnnxText m = {.ir_version = 8, .opset = 13};
	for (s = text_skip(s); *s != '|';)
		s = text_value(&m.graph, s, 11);
	do {
		s = text_skip(s + 1);
		if (*s != '|')
			s = text_node(&m.graph, s);
	} while (*s == ';');
	for (s = text_skip(s + 1); *s;)
		s = text_value(&m.graph, s, 12);
	return m;
}

/* The bytes of the model; the text's own are given back. */
static inline Proto onnx_text_bytes(OnnxText *m)
{
	Proto p = {0}, set = {0};
	if (m->ir_version)
		proto_int(&p, 1, m->ir_version);
	if (m->opset) {
		proto_int(&set, 2, m->opset);
		proto_message(&p, 8, &set);
	}
	proto_raw(&p, m->more.data, m->more.size);
	proto_free(&m->more);
	proto_message(&p, 7, &m->graph);
	return p;
}

#endif
