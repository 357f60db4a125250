/* grid.h -- which of two columns of centres is x.
 *
 * The default boxes of a level are listed cell by cell, row after row, and of levels one after another: neighbours in the
 * list differ in x, and y changes with the row. So x changes more, by a factor of about twice the number of rows, and where
 * x goes back to the first cell of a row y goes on. Both must be seen. Maps of one row, one column or one cell do not tell.
 */
#ifndef IMPORT_ONNX_GRID_H
#define IMPORT_ONNX_GRID_H

#include <stdint.h>

/* box: n boxes, corners as 4 numbers. 0, 1: the column of x among the first two; -1: they do not tell. */
int grid_column_of_x(const float *box, int64_t n);

#endif
