/* window.h -- what convolutions and pools have in common: a window that moves over 1 to 3 spatial axes. */
#ifndef IMPORT_ONNX_WINDOW_H
#define IMPORT_ONNX_WINDOW_H

#include "import/onnx/parts.h"

enum { SPATIAL = 3 };

typedef struct Window {
	int n; /* spatial axes: 1, 2, 3 */
	int kernel[SPATIAL], stride[SPATIAL], dilation[SPATIAL];
	int before[SPATIAL], behind[SPATIAL]; /* padding */
	enum { PAD_NOTSET, PAD_SAME_UPPER, PAD_SAME_LOWER, PAD_VALID } automatic;
} Window;

/* Attributes of the node for an input of the given rank; kernel: extents of the weight, or null: the attribute is
 * needed. */
bool window_read(Call *c, int rank, const int64_t *kernel, Window *w);
/* Padding of the SAME modes, for a window that moves over the extents. */
void window_pad_same(Window *w, const int64_t *extent);

/* One spatial axis more in front, where there is one only: rank 3 becomes 4. */
Value *window_widen(Call *c, Value *x);
void window_widen_window(Window *w);
/* Back to rank 3 when `rank` is 3. */
Value *window_narrow(Call *c, Value *x, int rank);

#endif
