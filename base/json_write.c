/* json_write.c -- objects have a line for each member, lists one line; both count as a level of indentation. */
#include "base/json_write.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void json_quoted(FILE *out, const char *s)
{
	static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	fputc('"', out);
	for (; *s; s++) {
		const char *p = strchr(special, *s);
		if (p)
			fprintf(out, "\\%c", letter[p - special]);
		else if ((unsigned char)*s < ' ')
			fprintf(out, "\\u%04x", (unsigned char)*s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

static void indent(const JsonWriter *w)
{
	for (int i = 0; i < w->depth && !w->compact; i++)
		fputc('\t', w->out);
}

static void begin_value(JsonWriter *w, const char *key)
{
	if (w->begun)
		fputs(w->compact ? "," : key ? ",\n" : ", ", w->out);
	w->begun = true;
	if (!key)
		return;
	indent(w);
	json_quoted(w->out, key);
	fputs(w->compact ? ":" : ":\t", w->out);
}

static void open_level(JsonWriter *w, const char *key, const char *bracket)
{
	begin_value(w, key);
	fputs(bracket, w->out);
	w->depth++;
	w->begun = false;
}

static void close_level(JsonWriter *w, char bracket)
{
	w->depth--;
	w->begun = true;
	fputc(bracket, w->out);
}

void json_object(JsonWriter *w, const char *key)
{
	open_level(w, key, w->compact ? "{" : "{\n");
}

void json_object_end(JsonWriter *w)
{
	if (w->begun && !w->compact)
		fputc('\n', w->out);
	w->depth--;
	indent(w);
	w->depth++;
	close_level(w, '}');
}

void json_list(JsonWriter *w, const char *key)
{
	open_level(w, key, "[");
}

void json_list_end(JsonWriter *w)
{
	close_level(w, ']');
}

void json_text(JsonWriter *w, const char *key, const char *value)
{
	begin_value(w, key);
	json_quoted(w->out, value);
}

/* 15 digits where they give the number back but for its last bit, else 17. */
void json_number(JsonWriter *w, const char *key, double value)
{
	char text[40];
	begin_value(w, key);
	if (isnan(value) || isinf(value)) {
		fputs("null", w->out);
		return;
	}
	snprintf(text, sizeof text, "%1.15g", value);
	const double back = strtod(text, NULL);
	if (fabs(back - value) > fmax(fabs(back), fabs(value)) * DBL_EPSILON)
		snprintf(text, sizeof text, "%1.17g", value);
	fputs(text, w->out);
}

void json_bool(JsonWriter *w, const char *key, bool value)
{
	begin_value(w, key);
	fputs(value ? "true" : "false", w->out);
}

void json_null(JsonWriter *w, const char *key)
{
	begin_value(w, key);
	fputs("null", w->out);
}
