/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(float *y)
{
	for (int c = 0; c < YCB; c++) {
		float *const map = y + c * (YROWS * YCOLS * YB);
#if YTOP
		for (int i = 0; i < YTOP * YCOLS * YB; i++)
			map[i] = 0.0f;
#endif
#if BOTTOM
		for (int i = (YROWS - BOTTOM) * YCOLS * YB; i < YROWS * YCOLS * YB; i++)
			map[i] = 0.0f;
#endif
		for (int r = YTOP; r < YROWS - BOTTOM; r++) {
#if YLEFT
			for (int i = 0; i < YLEFT * YB; i++)
				map[r * (YCOLS * YB) + i] = 0.0f;
#endif
#if RIGHT
			for (int i = (YCOLS - RIGHT) * YB; i < YCOLS * YB; i++)
				map[r * (YCOLS * YB) + i] = 0.0f;
#endif
		}
	}
}
