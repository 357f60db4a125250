/* parse_preprocess.c -- the preprocess line of the text form, and what it asks of the graph's input. */
#include "ir/parse.h"

#include <string.h>

bool parse_preprocess(Parser *p)
{
	Preprocess *q = &p->g->preprocess;
	char word[WORD_TEXT];
	enum { LARGEST = 32767 }; /* as the kernel takes them */
	p->preprocess = lex_loc(&p->x);
	if (!parse_key(p, "width") || !parse_ints(p, &q->width, 1, 1, LARGEST, "the width") || !parse_key(p, "height") ||
	    !parse_ints(p, &q->height, 1, 1, LARGEST, "the height") || !parse_key(p, "channels") ||
	    !parse_ints(p, &q->channels, 1, 1, 3, "the channel count") || !parse_key(p, "order"))
		return false;
	Lexer before = p->x;
	if (!lex_word(&p->x, word, "rgb or bgr"))
		return false;
	q->bgr = !strcmp(word, "bgr");
	if (!q->bgr && strcmp(word, "rgb")) {
		p->x = before;
		return lex_fail(&p->x, "rgb or bgr");
	}
	return parse_key(p, "mean") && parse_doubles(p, q->mean, 3) && parse_key(p, "divisor") && parse_doubles(p, q->divisor, 3);
}

/* The emitted program writes floats, and of one image the channels one after another. */
void parse_check_preprocess(Parser *p)
{
	const Graph *g = p->g;
	const Preprocess *q = &g->preprocess;
	const Type *t = g->ninput ? &g->input[0]->type : NULL;
	char found[TYPE_TEXT];
	if (q->channels == 2)
		diag_error(p->x.d, DIAG_REJECT, p->preprocess, "preprocess channels=2: 1 and 3 are accepted");
	else if (g->ninput != 1)
		diag_error(p->x.d, DIAG_REJECT, p->preprocess, "preprocess: the graph has %d inputs; it needs one, the image", g->ninput);
	else if (t->dtype != DT_F32 || t->rank != 4 || t->dim[1] != q->channels || t->dim[2] != q->height || t->dim[3] != q->width)
		diag_error(p->x.d, DIAG_REJECT, p->preprocess,
		           "preprocess: the input is %s; f32[1,%d,%d,%d] is needed, so cast it to another type, or "
		           "permute it, in "
		           "the graph",
		           type_format(t, found), q->channels, q->height, q->width);
}
