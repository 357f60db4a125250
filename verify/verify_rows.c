/* verify_rows.c -- what the detections themselves tell, beside their being the evaluator's. Program and evaluator agree
 * on boxes that are decoded as the network does not mean them, and on none at all; a person who looks at the figures
 * should know of both. */
#include "verify/verify.h"

void verify_count_rows(Verifier *v, const Detection *row, int n)
{
	for (int i = 0; i < n; i++) {
		v->tally.nrow++;
		v->tally.ninverted += row[i].x1 < row[i].x0 || row[i].y1 < row[i].y0;
	}
}

void verify_rows_look(const Verifier *v)
{
	const Loc loc = {.file = v->ask.model, .offset = -1};
	const Node *n = graph_detector(v->g);
	if (v->tally.ninverted && !v->ask.made_up_weights) /* made-up offsets may do so */
		diag_warning(v->d, loc,
		             "%d of %d detections end before they begin (x1 < x0 or y1 < y0): the boxes are not "
		             "decoded as the network means them%s",
		             v->tally.ninverted, v->tally.nrow,
		             v->ask.fragment ? "; see decode, boxes and outputs of the fragment that --detect names" : "");
	if (n && n->u.detect.threshold > 0 && v->tally.npicture && !v->tally.nfound && !diag_errors(v->d))
		diag_note(v->d, loc,
		          "no made-up picture has a score above the threshold, %g: from pixels, decoding and "
		          "suppression were compared on nothing; "
		          "a lower one gives them boxes: try --threshold=%.2g",
		          n->u.detect.threshold, n->u.detect.threshold / 20);
}
