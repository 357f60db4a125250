/* diag.c -- printing and counting of messages. */
#include "ir/diag.h"
#include "ir/cleanup.h"

#include <stdlib.h>
#include <string.h>

static const char *const class_name[] = {"ok", "difference", "rejected", "unsupported", "limit", "io"};

/* Length of the UTF-8 sequence at s that may be shown as it is, or 0. Bidirectional controls are not shown. */
static size_t printable_length(const unsigned char *s)
{
	if (s[0] >= 0x20 && s[0] < 0x7f)
		return 1;
	size_t n = s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
		return 0; /* C1 controls */
	if (n == 3 && s[0] == 0xe2 && (s[1] == 0x80 || s[1] == 0x81))
		return 0; /* U+2000..U+207F: line separators, direction overrides */
	return n;
}

/* As diag_quote() shows bytes: what a terminal would obey is printed as \xNN. */
static void print_plainly(FILE *out, const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p;) {
		const size_t n = printable_length(p);
		if (n)
			fwrite(p, 1, n, out);
		else
			fprintf(out, "\\x%02x", *p);
		p += n ? n : 1;
	}
}

/* Texts too long for the room on the stack, where there is memory, are printed whole, else cut. */
static void print_text(FILE *out, const char *format, va_list args)
{
	char room[2048], *text = room;
	va_list again;
	va_copy(again, args);
	const int n = vsnprintf(room, sizeof room, format, args);
	if (n >= (int)sizeof room && (text = malloc((size_t)n + 1)))
		vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	print_plainly(out, text ? text : room);
	if (text != room)
		free(text);
}

static void print_message(const Diag *d, Loc loc, const char *kind, const char *color, const char *format, va_list args, const char *suffix)
{
	const char *bold = d->color ? "\033[1m" : "", *end = d->color ? "\033[0m" : "";
	fputs(bold, d->out);
	print_plainly(d->out, loc.file ? loc.file : "dssdc");
	if (loc.file && loc.line)
		fprintf(d->out, ":%d:%d", loc.line, loc.col ? loc.col : 1);
	else if (loc.file && loc.offset >= 0)
		fprintf(d->out, ":%lld", (long long)loc.offset);
	fprintf(d->out, ":%s %s%s:%s ", end, d->color ? color : "", kind, end);
	if (loc.layer) {
		fputs("layer '", d->out);
		print_plainly(d->out, loc.layer);
		fputs("': ", d->out);
	}
	print_text(d->out, format, args);
	if (suffix)
		fprintf(d->out, " [%s]", suffix);
	fputc('\n', d->out);
}

void diag_error(Diag *d, DiagClass c, Loc loc, const char *format, ...)
{
	int before = diag_errors(d);
	d->count[c]++;
	if (!d->out || (d->max_shown && before > d->max_shown))
		return;
	if (d->max_shown && before == d->max_shown) {
		fprintf(d->out, "dssdc: note: more than %d errors; the rest is only counted\n", d->max_shown);
		return;
	}
	va_list args;
	va_start(args, format);
	print_message(d, loc, "error", "\033[1;31m", format, args, class_name[c]);
	va_end(args);
}

void diag_warning(Diag *d, Loc loc, const char *format, ...)
{
	d->nwarning++;
	if (!d->out)
		return;
	va_list args;
	va_start(args, format);
	print_message(d, loc, "warning", "\033[1;35m", format, args, NULL);
	va_end(args);
}

void diag_note(Diag *d, Loc loc, const char *format, ...)
{
	if (!d->out || !d->show_notes)
		return;
	va_list args;
	va_start(args, format);
	print_message(d, loc, "note", "\033[1;36m", format, args, NULL);
	va_end(args);
}

int diag_errors(const Diag *d)
{
	int n = 0;
	for (int c = DIAG_DIFFERENCE; c <= DIAG_IO; c++)
		n += d->count[c];
	return n;
}

int diag_exit_code(const Diag *d)
{
	for (int c = DIAG_REJECT; c <= DIAG_IO; c++)
		if (d->count[c])
			return c;
	return d->count[DIAG_DIFFERENCE] ? DIAG_DIFFERENCE : DIAG_OK;
}

const char *diag_quote(Arena *a, const char *s)
{
	enum { MAX = 80 };
	char *out = arena_alloc(a, 4 * MAX + 8), *o = out;
	int shown = 0;
	for (const unsigned char *p = (const unsigned char *)s; *p; shown++) {
		if (shown == MAX) {
			strcpy(o, "...");
			break;
		}
		size_t n = *p == '\'' || *p == '\\' ? 0 : printable_length(p);
		if (n) {
			memcpy(o, p, n);
			o += n;
			p += n;
		} else {
			o += sprintf(o, "\\x%02x", *p++);
		}
	}
	return out;
}

_Noreturn void diag_stop(DiagClass c, Loc loc, const char *format, ...)
{
	const Diag d = {.out = stderr};
	va_list args;
	va_start(args, format);
	print_message(&d, loc, "error", "", format, args, class_name[c]);
	va_end(args);
	stop_with_status(c);
}

_Noreturn void bug_at(const char *file, int line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "%s:%d: internal error: ", file, line);
	vfprintf(stderr, format, args);
	fputs("\ndssdc: this is a fault of the compiler, not of your model; please report it\n", stderr);
	va_end(args);
	cleanup_run();
	abort();
}
