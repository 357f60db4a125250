/* report_html.h -- internal header of the HTML report. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "report/report.h"

extern const char html_style[], html_script[];

void html_text(FILE *out, const char *s);                  /* escaped; s is valid UTF-8 */
void html_short_text(FILE *out, const char *s, int width); /* the same, cut to so many columns */
int html_width(const char *s);                             /* columns, at most */
void html_number(FILE *out, int64_t value);                /* with commas */
#define HTML_TIMES "\xc3\x97"                              /* between the extents of a shape */

typedef struct HtmlColumn {
	const char *head;
	bool number; /* to the right, and sorted by value */
} HtmlColumn;

/* A table that scrolls and, with scripts, sorts. Rows follow, then html_table_end(). */
void html_table(FILE *out, const char *label, const HtmlColumn *column, int n);
void html_table_end(FILE *out);
/* A picture that scrolls and keeps its size, so that its lettering can be read on a small screen. */
void html_picture(FILE *out, const char *label, int width, int height);
void html_picture_end(FILE *out);

const char *html_kind(const Node *n); /* the class that gives it its colour; null: an input */
void html_kind_style(FILE *out);
void html_legend(const ModelReport *r, FILE *out);

void html_passes(const ModelReport *r, FILE *out); /* what each pass changed */
void html_arena(const ModelReport *r, FILE *out);  /* what lives where and when */
void html_queues(const ModelReport *r, FILE *out); /* what runs at the same time; nothing where there is one queue */
void html_graph(const ModelReport *r, FILE *out);  /* a row for each node, edges at the left */
void html_nodes(const ModelReport *r, FILE *out);  /* the same nodes as a table, with their weights and work */
void html_layers(const ModelReport *r, FILE *out); /* the network as its authors count it */

#endif
