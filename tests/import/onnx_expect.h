/* onnx_expect.h -- what the tests of the ONNX importer share: a model as a file in a folder of its own, and how it
 * ends. */
#ifndef TESTS_IMPORT_ONNX_EXPECT_H
#define TESTS_IMPORT_ONNX_EXPECT_H

#include "import/import.h"
#include "tests/import/onnx_text.h"
#include "tests/import/tools.h"

static char folder[256], path[300];

static inline int begin(void **state)
{
	(void)state;
	temporary_folder(folder);
	snprintf(path, sizeof path, "%s/m.onnx", folder);
	return 0;
}

static inline int end(void **state)
{
	char command[300];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static inline Graph *import_file(Diag *d)
{
	return import_onnx(path, &(ImportOptions){.threshold = -1, .nms = -1}, d);
}

static inline int exit_code(const char *argument)
{
	(void)argument;
	Diag d = {0};
	graph_free(import_file(&d));
	return diag_exit_code(&d);
}

/* The bytes, as a file, end with this class and message, in a second and little memory. Frees them. */
static inline void expect_bytes(Proto *p, DiagClass class, const char *message)
{
	Messages m;
	messages_open(&m);
	write_file(path, p->data ? (const void *)p->data : "", p->size);
	Graph *g = import_file(&m.diag);
	if (class != DIAG_OK && g)
		fail_msg("accepted, but '%s' was expected", message);
	if (message)
		assert_message(&m, message);
	if ((int)class != diag_exit_code(&m.diag))
		fail_msg("status %d, not %d:\n%s", diag_exit_code(&m.diag), class, messages_text(&m));
	graph_free(g);
	messages_free(&m);
	size_t size = p->size;
	proto_free(p);
	assert_frugal(exit_code, NULL, size, class);
}

static inline void expect_model(OnnxText *t, DiagClass class, const char *message)
{
	Proto p = onnx_text_bytes(t);
	expect_bytes(&p, class, message);
}

#endif
