/* report.c -- numbers are made of digits here, not by printf("%f"), so that no locale can change them; strings become
 * valid JSON whatever bytes a file name holds. */
#include "runtime/report.h"

#include <string.h>

/* Rounded to `digits` decimals; trailing zeros are dropped. What is not a number within +-1e9 becomes 0. */
static void put_number(FILE *out, double x, int digits)
{
	long long scale = 1, n;

	for (int i = 0; i < digits; i++)
		scale *= 10;
	if (!(x > -1e9 && x < 1e9))
		x = 0;
	n = (long long)((x < 0 ? -x : x) * (double)scale + 0.5);
	if (x < 0 && n)
		putc('-', out);
	fprintf(out, "%lld", n / scale);
	n %= scale;
	if (n)
		putc('.', out);
	while (n) {
		scale /= 10;
		putc((int)('0' + n / scale), out);
		n %= scale;
	}
}

/* Length of the UTF-8 sequence at s, or 0 when it is none (overlong forms, surrogates and > U+10FFFF included). */
static int sequence_length(const unsigned char *s)
{
	static const struct {
		unsigned char low, high, second_low, second_high, length;
	} rows[] = {
	    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (s[0] < rows[i].low || s[0] > rows[i].high)
			continue;
		if (rows[i].length > 1 && (s[1] < rows[i].second_low || s[1] > rows[i].second_high))
			return 0;
		for (int k = 2; k < rows[i].length; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

static void put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		int n = sequence_length(s);
		if (!n) {
			fputs("\\ufffd", out);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(out, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(out, "\\u%04x", *s);
		} else if (*s == 0xc2 && s[1] < 0xa0) { /* a control of C1 */
			fprintf(out, "\\u%04x", s[1]);
		} else {
			fwrite(s, 1, (size_t)n, out);
		}
		s += n;
	}
	putc('"', out);
}

void report_json(FILE *out, const Report *r)
{
	fputs("{\"file\":", out);
	put_string(out, r->file);
	fprintf(out, ",\"width\":%d,\"height\":%d,\"detections\":[", r->width, r->height);
	for (int i = 0; i < r->n; i++) {
		const Found *f = &r->found[i];
		const double box[4] = {f->x0, f->y0, f->x1, f->y1};
		fprintf(out, "%s{\"class\":%d,\"label\":", i ? "," : "", f->label);
		put_string(out, f->name);
		fputs(",\"score\":", out);
		put_number(out, f->score, 5);
		for (int k = 0; k < 4; k++) {
			fputs(k ? "," : ",\"box\":[", out);
			put_number(out, box[k], 2);
		}
		fputs("]}", out);
	}
	putc(']', out);
	if (r->timed) {
		fputs(",\"decode_ms\":", out);
		put_number(out, r->decode_ms, 2);
		fputs(",\"detect_ms\":", out);
		put_number(out, r->detect_ms, 2);
	}
	fputs("}\n", out);
}

/* C1 controls are two bytes of UTF-8, but one control to a terminal; so are the marks that turn the direction of text. */
static int is_control(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
		return 1;
	return s[0] == 0xe2 && ((s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae))) ||
	                        (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

void report_plain(FILE *out, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		const int n = sequence_length(s);
		if (n && !is_control(s)) {
			fwrite(s, 1, (size_t)n, out);
			s += n;
			continue;
		}
		for (int i = 0; i < (n ? n : 1); i++)
			fprintf(out, "\\x%02x", *s++);
	}
}

void report_failure_json(FILE *out, const char *file, const char *why)
{
	fputs("{\"file\":", out);
	put_string(out, file);
	fputs(",\"error\":", out);
	put_string(out, why);
	fputs("}\n", out);
}

void report_text(FILE *out, const Report *r)
{
	int widest = 0;

	for (int i = 0; i < r->n; i++)
		widest = (int)strlen(r->found[i].name) > widest ? (int)strlen(r->found[i].name) : widest;
	report_plain(out, r->file);
	fprintf(out, ": %d x %d, %d detection%s", r->width, r->height, r->n, r->n == 1 ? "" : "s");
	if (r->timed) {
		fputs(", decoded in ", out);
		put_number(out, r->decode_ms, 1);
		fputs(" ms, detected in ", out);
		put_number(out, r->detect_ms, 1);
		fputs(" ms", out);
	}
	putc('\n', out);
	for (int i = 0; i < r->n; i++) {
		const Found *f = &r->found[i];
		const int percent = (int)(f->score * 100 + 0.5);
		fputs("  ", out);
		report_plain(out, f->name);
		fprintf(out, "%*s  %d.%02d  left %4.0f  top %4.0f  right %4.0f  bottom %4.0f\n", widest - (int)strlen(f->name), "",
		        percent / 100, percent % 100, f->x0, f->y0, f->x1, f->y1);
	}
}
