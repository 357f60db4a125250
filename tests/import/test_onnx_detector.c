/* test_onnx_detector.c -- tails of SSDs in ONNX become detect: written in several ways, they are recognised, detect
 * what the plain graph finds, and near misses stay as they are. */
#include "tests/import/onnx_expect.h"

enum { BOXES = 12, CLASSES = 3 };

/* ---- models ---- */

static void append(char *text, const char *name, const char *type, int count, double low, double high, unsigned seed)
{
	char *end = text + strlen(text);
	end += sprintf(end, "%s:%s", name, type);
	for (int i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		end += sprintf(end, "%c%.4f", i ? ',' : '=', low + (high - low) * (seed >> 8) / 16777216.0);
	}
	strcpy(end, " ");
}

typedef enum Grid { GRID_X, GRID_Y, GRID_ROW, GRID_COLUMN, GRID_POINT } Grid; /* GRID_Y: y before x */

/* Centres of two default boxes in each cell of a map of 2 x 3, row after row; or of less. */
static void centre_of(Grid grid, int box, double *c)
{
	const int cell = box / 2, x = cell % 3, y = cell / 3;
	c[grid == GRID_Y] = (x + 0.5) / 3;
	c[grid != GRID_Y] = (y + 0.5) / 2;
	if (grid == GRID_ROW || grid == GRID_COLUMN) {
		c[grid == GRID_COLUMN] = (cell + 0.5) / 6;
		c[grid == GRID_ROW] = 0.5;
	} else if (grid == GRID_POINT) {
		c[0] = c[1] = 0.5;
	}
}

static Grid chosen_grid; /* of head(): what a test sets it sets back */

/* A head on a map of 2 x 3 with two default boxes a cell; what follows makes "boxes" of "loc". */
static const char *head(const char *decode, const char *scores, const char *tail)
{
	static char text[16384];
	strcpy(text, "x:f[1,3,2,3] ");
	append(text, "wl", "f[8,3,1,1]", 24, -1, 1, 1);
	append(text, "wc", "f[6,3,1,1]", 18, -2, 2, 2);
	for (int i = 0; i < BOXES; i++) {
		double c[2];
		centre_of(chosen_grid, i, c);
		sprintf(text + strlen(text), "%s%.6f,%.6f", i ? "," : "pc:f[1,12,2]=", c[0], c[1]);
	}
	strcat(text, " ");
	append(text, "pwh", "f[1,12,2]", 24, 0.2, 0.7, 4);
	strcat(text, "sl:i[3]=1,12,4 sc:i[3]=1,12,3 s0:i[1]=0 s1:i[1]=1 s2:i[1]=2 s3:i[1]=3 s4:i[1]=4 v0:f[]=0.1 v1:f[]=0.2 "
	             "v:f[4]=0.1,0.1,0.2,0.2 two:f[]=2 half:f[]=0.5 scale:f[]=300 most:i[1]=20 few:i[1]=2 none:i[1]=0 "
	             "iou:f[1]=0.4 floor:f[1]=0.3 one:i[]=1 | "
	             "Conv x,wl -> l0 ; Transpose l0 -> l1 perm=[0,2,3,1] ; Reshape l1,sl -> loc ; "
	             "Conv x,wc -> c0 ; Transpose c0 -> c1 perm=[0,2,3,1] ; Reshape c1,sc -> logits ; ");
	strcat(text, decode);
	strcat(text, " ; ");
	strcat(text, scores);
	strcat(text, " ; ");
	strcat(text, tail);
	return text;
}

/* Constants one after another, halves taken at the end. */
#define BY_STEPS                                                                                                      \
	"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,v0 -> a ; Mul a,pwh -> b ; Add pc,b -> c ; " \
	"Mul lwh,v1 -> e ; Exp e -> f ; Mul pwh,f -> wh ; Div wh,two -> h ; Sub c,h -> low ; Add c,h -> high ; "      \
	"Concat low,high -> boxes axis=-1"
/* Constants folded together, the far corner from the near one. */
#define FOLDED                                                                                                      \
	"Mul loc,v -> m ; Mul v0,pwh -> scaled ; Slice loc,s0,s2,s2 -> lxy ; Slice m,s2,s4,s2 -> e ; "              \
	"Mul scaled,lxy -> b ; Add b,pc -> c ; Exp e -> f ; Mul f,pwh -> wh ; Mul wh,half -> h ; Sub c,h -> low ; " \
	"Add low,wh -> high ; Concat low,high -> boxes axis=2"
/* Column by column, y first, as ONNX has boxes. */
#define COLUMNS                                                                                                       \
	"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,v0 -> a ; Mul a,pwh -> b ; Add pc,b -> c ; " \
	"Mul lwh,v1 -> e ; Exp e -> f ; Mul pwh,f -> wh ; Mul wh,half -> h ; Slice c,s0,s1,s2 -> cx ; "               \
	"Slice c,s1,s2,s2 -> cy ; Slice h,s0,s1,s2 -> hx ; Slice h,s1,s2,s2 -> hy ; Sub cx,hx -> x0 ; "               \
	"Add cx,hx -> x1 ; Sub cy,hy -> y0 ; Add cy,hy -> y1 ; Concat y0,x0,y1,x1 -> boxes axis=2"
#define CENTRES                                                                                                       \
	"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,v0 -> a ; Mul a,pwh -> b ; Add pc,b -> c ; " \
	"Mul lwh,v1 -> e ; Exp e -> f ; Mul pwh,f -> wh ; Concat c,wh -> boxes axis=2"

#define FOREGROUND "Softmax logits -> p axis=-1 ; Slice p,s1,s3,s2 -> q ; Transpose q -> scores perm=[0,2,1]"
#define ALL "Softmax logits -> p axis=-1 ; Transpose p -> scores perm=[0,2,1]"
#define SIGMOID "Sigmoid logits -> p ; Transpose p -> scores perm=[0,2,1]"
#define LAST_OUT "Softmax logits -> p axis=-1 ; Slice p,s0,s2,s2 -> q ; Transpose q -> scores perm=[0,2,1]"

#define NMS(most) "NonMaxSuppression boxes,scores," most ",iou,floor -> sel"
#define PLAIN(nms) nms " | sel boxes scores"
#define GATHERED                                                                                                      \
	NMS("most")                                                                                                   \
	" ; Slice sel,s2,s3,s1 -> i2 ; Squeeze i2,s1 -> i ; Gather boxes,i -> found axis=1 ; GatherND scores,sel -> " \
	"score ; Slice sel,s1,s2,s1 -> label0 ; Add label0,one -> label | found score label"

/* ---- both ways ---- */

static const char *chosen_order; /* --box-order */

static Graph *imported(const char *text, bool plain, Messages *m)
{
	OnnxText t = onnx_text(text);
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	Graph *g =
	    import_onnx(path, &(ImportOptions){.threshold = -1, .nms = -1, .outputs_chosen = plain, .box_order = chosen_order}, &m->diag);
	if (!g)
		fail_msg("%s", messages_text(m));
	return g;
}

static const Node *detect_of(const Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->op == OP_detect)
			return g->node[i];
	return NULL;
}

static Graph *recognised(const char *text, const char *note)
{
	Messages m;
	messages_open(&m);
	Graph *g = imported(text, false, &m);
	graph_check(g);
	assert_non_null(detect_of(g));
	assert_message(&m, note);
	assert_int_equal(g->noutput, 1);
	assert_ptr_equal(g->output[0]->def, detect_of(g));
	assert_ptr_equal(g->node[g->nnode - 1], detect_of(g));
	for (int i = 0; i < g->nnode; i++)
		assert_true(g->node[i]->op != OP_nms);
	messages_free(&m);
	return g;
}

static void stays_plain(const char *text)
{
	Messages m;
	messages_open(&m);
	Graph *g = imported(text, false, &m);
	assert_null(detect_of(g));
	assert_null(strstr(messages_text(&m), "the program detects"));
	graph_free(g);
	messages_free(&m);
}

static void run(const Graph *g, Tensor *out, Arena *a)
{
	double x[18];
	for (int i = 0; i < 18; i++)
		x[i] = (i * 37 % 19) / 9.0 - 1;
	eval_graph(g, (const double *const[]){x}, out, NULL, NULL, a);
}

/* The row of detect that says the same as a row of the plain graph. */
static bool has_row(const Tensor *found, double label, double score, const double *box)
{
	for (int64_t i = 0; i < found->type.dim[0]; i++) {
		const double *row = found->data + 6 * i;
		bool same = row[0] == label && fabs(row[1] - score) < 1e-5;
		for (int k = 0; same && k < 4; k++)
			same = fabs(row[2 + k] - box[k]) < 1e-5;
		if (same)
			return true;
	}
	return false;
}

typedef struct Way { /* how the plain graph's boxes and classes are numbered in detect's */
	int order[4];
	bool centres;
	int skipped;
} Way;

static const Way as_is = {{0, 1, 2, 3}, false, 0}, foreground = {{0, 1, 2, 3}, false, 1};

/* plain returns sel, boxes, scores. Returns how many were found. */
static int expect_same(const Graph *g, const char *plain, Way way)
{
	Arena *a = arena_new();
	Messages m;
	messages_open(&m);
	Graph *p = imported(plain, true, &m);
	Tensor found, out[3];
	int count = 0, rows = 0;
	run(g, &found, a);
	run(p, out, a);
	for (int64_t i = 0; i < out[0].type.dim[0]; i++) {
		const double *sel = out[0].data + 3 * i, *b = out[1].data + 4 * (int)sel[2];
		if (sel[2] < 0)
			break;
		double box[4];
		for (int k = 0; k < 4; k++)
			box[k] = way.centres ? b[k % 2] + (k < 2 ? -0.5 : 0.5) * b[2 + k % 2] : b[way.order[k]];
		count++;
		if (!has_row(&found, sel[1] + way.skipped, out[2].data[BOXES * (int)sel[1] + (int)sel[2]], box))
			fail_msg("class %g, box %g is not detected", sel[1], sel[2]);
	}
	for (int64_t i = 0; i < found.type.dim[0]; i++)
		rows += found.data[6 * i] >= 0;
	assert_int_equal(rows, count);
	graph_free(p);
	messages_free(&m);
	arena_free(a);
	return count;
}

/* ---- tests ---- */

static void priors(const Graph *g)
{
	Arena *a = arena_new();
	const Node *n = detect_of(g);
	unsigned size = 4;
	const float *p = blob_read_f32(n->in[2]->data, a);
	assert_int_equal(type_count(&n->in[2]->type), 8 * BOXES);
	for (int i = 0; i < 2 * BOXES; i++) {
		double centre[2];
		centre_of(chosen_grid, i / 2, centre);
		size = size * 1664525u + 1013904223u;
		double c = centre[i % 2], s = 0.2 + 0.5 * (size >> 8) / 16777216.0;
		int at = i / 2 * 4 + i % 2;
		assert_float_equal(p[at], c - s / 2, 2e-4); /* the model's numbers have four digits */
		assert_float_equal(p[at + 2], c + s / 2, 2e-4);
		assert_float_equal(p[4 * BOXES + at], 0.1, 1e-6);
		assert_float_equal(p[4 * BOXES + at + 2], 0.2, 1e-6);
	}
	arena_free(a);
}

static void ways_of_writing(void **state)
{
	(void)state;
	static const struct {
		const char *decode;
		Way way;
	} ways[] = {
	    {BY_STEPS, {{0, 1, 2, 3}, false, 1}},
	    {FOLDED, {{0, 1, 2, 3}, false, 1}},
	    {COLUMNS, {{1, 0, 3, 2}, false, 1}},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		Graph *g = recognised(head(ways[i].decode, FOREGROUND, NMS("most") " | sel"), "12 default boxes, 3 classes, background 0");
		const Detect *t = &detect_of(g)->u.detect;
		assert_int_equal(t->classes, CLASSES);
		assert_int_equal(t->background, 0);
		assert_int_equal(t->code, BOX_CENTER_SIZE);
		assert_int_equal(t->top_k, -1);
		assert_int_equal(t->keep_per_class, 0);
		assert_int_equal(t->keep_top_k, 2 * BOXES);
		assert_float_equal(t->nms, 0.4, 1e-6);
		assert_float_equal(t->threshold, 0.3, 1e-6);
		assert_int_equal(g->preprocess.width, 3);
		assert_int_equal(g->preprocess.height, 2);
		priors(g);
		int count = expect_same(g, head(ways[i].decode, FOREGROUND, PLAIN(NMS("most"))), ways[i].way);
		assert_in_range(count, 4, 2 * BOXES - 1);
		graph_free(g);
	}
}

static void ways_of_scores(void **state)
{
	(void)state;
	static const struct {
		const char *scores, *note;
		int background;
		Way way;
	} ways[] = {
	    {ALL, "3 classes, background -1", -1, {{0, 1, 2, 3}, false, 0}},
	    {SIGMOID, "3 classes, background -1", -1, {{0, 1, 2, 3}, false, 0}},
	    {LAST_OUT, "3 classes, background 2", 2, {{0, 1, 2, 3}, false, 0}},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		Graph *g = recognised(head(BY_STEPS, ways[i].scores, NMS("most") " | sel"), ways[i].note);
		assert_int_equal(detect_of(g)->u.detect.background, ways[i].background);
		assert_true(expect_same(g, head(BY_STEPS, ways[i].scores, PLAIN(NMS("most"))), ways[i].way) > 3);
		graph_free(g);
	}
}

/* One class, whose scores are in their place already. */
static void one_class(void **state)
{
	(void)state;
	static const char *const scores = "Slice logits,s0,s1,s2 -> a1 ; Reshape a1,si -> a2 ; Sigmoid a2 -> scores";
	char text[16384], plain[16384];
	snprintf(text, sizeof text, "si:i[3]=1,1,12 %s", head(BY_STEPS, scores, NMS("most") " | sel"));
	snprintf(plain, sizeof plain, "si:i[3]=1,1,12 %s", head(BY_STEPS, scores, PLAIN(NMS("most"))));
	Graph *g = recognised(text, "1 class, background -1");
	assert_true(expect_same(g, plain, as_is) > 1);
	graph_free(g);
}

/* As many of a class as the model says, counted after suppression; without a threshold. */
static void limits(void **state)
{
	(void)state;
	Graph *g = recognised(head(BY_STEPS, ALL, NMS("few") " | sel"), "the program detects");
	assert_int_equal(detect_of(g)->u.detect.keep_per_class, 2);
	assert_int_equal(detect_of(g)->u.detect.keep_top_k, 2 * CLASSES);
	int few = expect_same(g, head(BY_STEPS, ALL, PLAIN(NMS("few"))), as_is);
	graph_free(g);
	g = recognised(head(BY_STEPS, ALL, NMS("most") " | sel"), "the program detects");
	assert_true(few < expect_same(g, head(BY_STEPS, ALL, PLAIN(NMS("most"))), as_is));
	graph_free(g);
	g = recognised(head(BY_STEPS, FOREGROUND, "NonMaxSuppression boxes,scores,most,iou -> sel | sel:i[7,3]"), "the program detects");
	assert_int_equal(detect_of(g)->u.detect.keep_top_k, 7);
	assert_true(detect_of(g)->u.detect.threshold < -1e38);
	graph_free(g);
	g = recognised(head(BY_STEPS, FOREGROUND, "NonMaxSuppression boxes,scores,most,iou -> sel | sel"), "the program detects");
	assert_true(expect_same(g, head(BY_STEPS, FOREGROUND, "NonMaxSuppression boxes,scores,most,iou -> sel | sel boxes scores"),
	                        foreground) > 6);
	graph_free(g);
}

static void gathered(void **state)
{
	(void)state;
	Graph *g = recognised(head(BY_STEPS, FOREGROUND, GATHERED), "background 0");
	expect_same(g, head(BY_STEPS, FOREGROUND, PLAIN(NMS("most"))), foreground);
	graph_free(g);
	const Way centres = {.centres = true, .skipped = 1};
#define CENTRED "NonMaxSuppression boxes,scores,most,iou,floor -> sel center_point_box=1"
	g = recognised(head(CENTRES, FOREGROUND, CENTRED " | sel"), "background 0");
	expect_same(g, head(CENTRES, FOREGROUND, PLAIN(CENTRED)), centres);
	graph_free(g);
}

static void near_misses(void **state)
{
	(void)state;
	static const struct {
		const char *decode, *scores, *tail;
	} rows[] = {
	    {BY_STEPS, FOREGROUND, PLAIN(NMS("most"))},
	    {BY_STEPS, FOREGROUND, NMS("most") " | sel boxes"},
	    {BY_STEPS, FOREGROUND, NMS("most") " | sel p"},
	    {BY_STEPS, FOREGROUND, NMS("none") " | sel"},
	    /* the first rows only; a box found by its class; scores of boxes, not of classes; boxes in pixels */
	    {BY_STEPS, FOREGROUND, NMS("most") " ; Slice sel,s0,s4,s0 -> top | top"},
	    {BY_STEPS, FOREGROUND, NMS("most") " ; Slice sel,s1,s2,s1 -> i2 ; Squeeze i2,s1 -> i ; Gather boxes,i -> found axis=1 | found"},
	    {BY_STEPS, FOREGROUND,
	     NMS("most") " ; Slice sel,s2,s3,s1 -> i2 ; Squeeze i2,s1 -> i ; Gather scores,i -> found axis=2 | found"},
	    {BY_STEPS " ; Mul boxes,scale -> large", FOREGROUND, "NonMaxSuppression large,scores,most,iou,floor -> sel | sel"},
	    /* no exp; the sizes of other axes; centres that are not the boxes' */
	    {"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,v0 -> a ; Mul a,pwh -> b ; Add pc,b -> c "
	     "; "
	     "Mul lwh,v1 -> e ; Mul pwh,e -> wh ; Div wh,two -> h ; Sub c,h -> low ; Add c,h -> high ; "
	     "Concat low,high -> boxes axis=-1",
	     FOREGROUND, NMS("most") " | sel"},
	    {"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s3,s2 -> lw ; Slice loc,s3,s4,s2 -> lh ; Concat lh,lw -> lwh "
	     "axis=2 ; "
	     "Mul lxy,pwh -> b ; Add pc,b -> c ; Exp lwh -> f ; Mul pwh,f -> wh ; Div wh,two -> h ; Sub c,h -> low ; "
	     "Add c,h -> high ; Concat low,high -> boxes axis=-1",
	     FOREGROUND, NMS("most") " | sel"},
	    {"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,pwh -> b ; Add pc,b -> c ; Exp lwh -> f "
	     "; "
	     "Mul pwh,f -> wh ; Div wh,two -> h ; Sub c,h -> low ; Add c,wh -> high ; Concat low,high -> boxes axis=-1",
	     FOREGROUND, NMS("most") " | sel"},
	    {"Slice loc,s0,s2,s2 -> lxy ; Slice loc,s2,s4,s2 -> lwh ; Mul lxy,pwh -> b ; Add pc,b -> c ; Exp lwh -> f "
	     "; "
	     "Mul pwh,f -> wh ; Div wh,two -> h ; Sub c,h -> low ; Add c,h -> high ; Concat low,high -> b4 axis=-1 ; "
	     "Clip b4,v0,half -> boxes",
	     FOREGROUND, NMS("most") " | sel"},
	    /* scores with their axes mixed up */
	    {BY_STEPS, "Softmax logits -> p axis=-1 ; Slice p,s1,s3,s2 -> q ; Reshape q,sr -> scores", NMS("most") " | sel"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[16384];
		const char *model = head(rows[i].decode, rows[i].scores, rows[i].tail);
		snprintf(text, sizeof text, "sr:i[3]=1,2,12 %s", model);
		stays_plain(text);
	}
}

/* Two suppressions, tensors in place of an image, layers chosen by name: no detector. */
static void other_graphs(void **state)
{
	(void)state;
	stays_plain(head(BY_STEPS, FOREGROUND, NMS("most") " ; NonMaxSuppression boxes,scores,few,iou -> more | sel more"));
	Messages m;
	messages_open(&m);
	Graph *g = imported(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"), true, &m);
	assert_null(detect_of(g));
	graph_free(g);
	messages_free(&m);
	stays_plain("b:f[1,2,4] s:f[1,1,2] n:i[]=2 t:f[]=0.5 | NonMaxSuppression b,s,n,t -> y | y");
	stays_plain("x:f[1,3,2,2] n:i[]=2 t:f[]=0.5 r:i[3]=1,3,4 s:f[1,1,3]=1,2,3 | Reshape x,r -> b ; "
	            "NonMaxSuppression b,s,n,t -> y | y");
}

/* Offsets of y before x, found by the grid, whatever the order of the boxes that suppression is given. */
static void y_first(void **state)
{
	(void)state;
	chosen_grid = GRID_Y;
	Graph *g = recognised(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"), "12 default boxes, 3 classes, background 0");
	assert_true(detect_of(g)->u.detect.y_first);
	priors(g);
	expect_same(g, head(BY_STEPS, FOREGROUND, PLAIN(NMS("most"))), (Way){{1, 0, 3, 2}, false, 1});
	graph_free(g);
	g = recognised(head(COLUMNS, FOREGROUND, NMS("most") " | sel"), "the program detects");
	assert_true(detect_of(g)->u.detect.y_first);
	expect_same(g, head(COLUMNS, FOREGROUND, PLAIN(NMS("most"))), foreground);
	graph_free(g);
	chosen_grid = GRID_X;
	g = recognised(head(COLUMNS, FOREGROUND, NMS("most") " | sel"), "the program detects");
	assert_false(detect_of(g)->u.detect.y_first);
	graph_free(g);
}

/* Maps that do not tell: a question, and what each answer gives. */
static void order_is_asked(void **state)
{
	(void)state;
	static const Grid grids[] = {GRID_ROW, GRID_COLUMN, GRID_POINT};
	for (int i = 0; i < 3; i++) {
		chosen_grid = grids[i];
		OnnxText t = onnx_text(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"));
		expect_model(&t, DIAG_REJECT, "--box-order=xy");
		chosen_order = "xy";
		Graph *g = recognised(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"), "the program detects");
		expect_same(g, head(BY_STEPS, FOREGROUND, PLAIN(NMS("most"))), foreground);
		graph_free(g);
		chosen_order = "yx";
		g = recognised(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"), "the program detects");
		expect_same(g, head(BY_STEPS, FOREGROUND, PLAIN(NMS("most"))), (Way){{1, 0, 3, 2}, false, 1});
		graph_free(g);
		g = recognised(head(COLUMNS, FOREGROUND, NMS("most") " | sel"), "the program detects"); /* its boxes are turned */
		expect_same(g, head(COLUMNS, FOREGROUND, PLAIN(NMS("most"))), (Way){{1, 0, 3, 2}, false, 1});
		graph_free(g);
		chosen_order = "plain";
		stays_plain(head(BY_STEPS, FOREGROUND, NMS("most") " | sel"));
		chosen_order = NULL;
	}
	chosen_grid = GRID_X;
}

#define INDEX NMS("most") " ; Slice sel,s2,s3,s1 -> i2 ; Squeeze i2,s1 -> i"
#define CLASS NMS("most") " ; Slice sel,s1,s2,s1 -> c2 ; Squeeze c2,s1 -> cl"
#define FOUND " ; Gather boxes,i -> found axis=1"

/* What stands between suppression and the outputs is proved harmless. */
static void harmless(void **state)
{
	(void)state;
	static const char *const tails[] = {
	    INDEX FOUND " | found",
	    INDEX " ; Add i,one -> j ; Sub j,one -> k ; Gather boxes,k -> found axis=1 | found",
	    CLASS " ; Add cl,one -> label | label",
	    CLASS " ; Add one,cl -> label | label",
	    CLASS " ; Cast cl -> label to=1 | label",
	    CLASS " ; Cast cl -> label to=6 | label",
	    INDEX FOUND " ; Transpose found -> turned perm=[0,2,1] | turned",
	    INDEX FOUND " ; Slice found,s0,s1,s2 -> x0 ; Slice found,s2,s3,s2 -> x1 | x0 x1",
	    INDEX FOUND " ; Gather found,yx -> turned axis=2 | turned",
	    INDEX FOUND " ; GatherND scores,sel -> score ; Unsqueeze score,sc2 -> column ; Concat found,column -> rows axis=2 | rows",
	};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		char text[17000];
		snprintf(text, sizeof text, "yx:i[4]=1,0,3,2 sc2:i[2]=0,2 %s", head(BY_STEPS, FOREGROUND, tails[i]));
		graph_free(recognised(text, "the program detects"));
	}
}

/* What changes boxes, scores, classes or what is picked keeps the network as it is. */
static void harmful(void **state)
{
	(void)state;
	static const char *const tails[] = {
	    /* another box */
	    INDEX " ; Add i,one -> j ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Sub i,one -> j ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Sub one,i -> j ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Mul i,two_i -> j ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Gather boxes,i -> found axis=2 | found",
	    CLASS " ; Gather boxes,cl -> found axis=1 | found",
	    INDEX " ; Slice i,s1,s8,s0 -> j ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Gather i,other -> j axis=0 ; Gather boxes,j -> found axis=1 | found",
	    INDEX " ; Reshape boxes,flat -> bb ; Gather bb,i -> found axis=1 | found",
	    /* other numbers of it */
	    INDEX FOUND " ; Gather found,x1x0 -> turned axis=2 | turned",
	    INDEX FOUND " ; Gather found,y1y0 -> turned axis=2 | turned",
	    INDEX FOUND " ; Gather found,xxyy -> turned axis=2 | turned",
	    INDEX FOUND " ; Mul found,two -> large | large",
	    INDEX FOUND " ; Neg found -> n | n",
	    INDEX FOUND " ; Add found,two -> moved | moved",
	    INDEX FOUND " ; Cast found -> whole to=7 | whole",
	    INDEX FOUND " ; Cast found -> short to=10 | short",
	    /* scores and classes */
	    NMS("most") " ; GatherND scores,sel -> score ; Mul score,two -> s | s",
	    NMS("most") " ; GatherND scores,sel -> score ; Sub score,two -> s | s",
	    CLASS " ; Mul cl,two_i -> label | label",
	    CLASS " ; Add cl,two_i -> label | label",
	    CLASS " ; Sub cl,one -> label | label",
	    CLASS " ; Cast cl -> label to=9 | label",
	    INDEX " ; Squeeze scores,zero -> sa ; Slice sa,s0,s1,s0 -> sb ; Gather sb,i -> s axis=1 | s",
	};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		char text[17000];
		snprintf(text, sizeof text,
		         "two_i:i[]=2 s8:i[1]=8 zero:i[1]=0 flat:i[3]=1,48,1 "
		         "other:i[24]=1,0,3,2,5,4,7,6,9,8,11,10,13,12,15,14,17,16,19,18,21,20,23,22 "
		         "x1x0:i[4]=2,1,0,3 y1y0:i[4]=0,3,2,1 xxyy:i[4]=0,2,1,3 %s",
		         head(BY_STEPS, FOREGROUND, tails[i]));
		stays_plain(text);
	}
	/* between decoding and suppression: columns exchanged, boxes scaled a little, moved */
	static const char *const between[] = {
	    BY_STEPS " ; Gather boxes,x1x0 -> bb axis=2", BY_STEPS " ; Gather boxes,y1y0 -> bb axis=2", BY_STEPS " ; Mul boxes,two -> bb",
	    BY_STEPS " ; Mul boxes,half -> bb",           BY_STEPS " ; Add boxes,half -> bb",           BY_STEPS " ; Neg boxes -> bb",
	    BY_STEPS " ; Gather boxes,xxyy -> bb axis=2",
	};
	for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
		char text[17000];
		snprintf(text, sizeof text, "x1x0:i[4]=2,1,0,3 y1y0:i[4]=0,3,2,1 xxyy:i[4]=0,2,1,3 %s",
		         head(between[i], FOREGROUND, "NonMaxSuppression bb,scores,most,iou,floor -> sel | sel"));
		stays_plain(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ways_of_writing), cmocka_unit_test(ways_of_scores), cmocka_unit_test(one_class),    cmocka_unit_test(limits),
	    cmocka_unit_test(gathered),        cmocka_unit_test(near_misses),    cmocka_unit_test(other_graphs), cmocka_unit_test(y_first),
	    cmocka_unit_test(order_is_asked),  cmocka_unit_test(harmless),       cmocka_unit_test(harmful),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
