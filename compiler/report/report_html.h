/* report_html.h -- the parts of the HTML report among themselves. */
#ifndef COMPILER_REPORT_REPORT_HTML_H
#define COMPILER_REPORT_REPORT_HTML_H

#include "compiler/report/report.h"

void html_text(FILE *out, const char *s); /* escaped */
const char *html_color(const Node *n);    /* null: an input */

void html_arena(const ModelReport *r, FILE *out); /* what lives where and when */
void html_queues(const ModelReport *r, FILE *out); /* what runs at the same time; nothing where there is one queue */
void html_graph(const ModelReport *r, FILE *out); /* a row for each node, edges at the left */

#endif
