/* caffe_folder.h -- a folder of the test with a small network of Caffe, and its import. */
#ifndef TESTS_IMPORT_CAFFE_FOLDER_H
#define TESTS_IMPORT_CAFFE_FOLDER_H

#include "tests/import/goldens.h"

#include "import/import.h"

static const ImportOptions plain = {.threshold = -1, .nms = -1};

static inline void import(const char *file, Diag *d)
{
	graph_free(import_caffe(file, &plain, d));
}

static inline int import_status(const char *file)
{
	Diag d = {0};
	import(file, &d);
	return diag_exit_code(&d);
}

typedef struct Folder {
	char path[300], net[320], weights[320];
} Folder;

static const char small_net[] =
    "input: 'x' input_shape { dim: [1, 3, 2, 2] }\n"
    "layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 2 kernel_size: 1 } }\n"
    "layer { name: 'b' type: 'BatchNorm' bottom: 'c' top: 'c' }\n"
    "layer { name: 'p' type: 'InnerProduct' bottom: 'c' top: 'p' inner_product_param { num_output: 5 bias_term: false "
    "} }\n"
    "layer { name: 'n' type: 'Normalize' bottom: 'c' top: 'n' norm_param { channel_shared: false } }\n";

static inline int make_folder(void **state)
{
	Folder *f = calloc(1, sizeof *f);
	temporary_folder(f->path);
	sprintf(f->net, "%s/net.prototxt", f->path);
	sprintf(f->weights, "%s/net.caffemodel", f->path);
	write_file(f->net, small_net, strlen(small_net));
	*state = f;
	return 0;
}

static inline int remove_folder(void **state)
{
	Folder *f = *state;
	remove(f->net);
	remove(f->weights);
	rmdir(f->path);
	free(f);
	return 0;
}

#define WITH_FOLDER(t) cmocka_unit_test_setup_teardown(t, make_folder, remove_folder)

#endif
