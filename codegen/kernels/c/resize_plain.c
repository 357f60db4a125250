/* resize_plain.c -- op resize, bilinear or nearest, half-pixel centres or aligned corners. Positions are exact: whole
 * numbers over a common denominator.
 *
 * ints: PLANES, XH XW, YH YW, NEAREST, CORNERS (0, 1).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

/* Twice the position of output d times the number of outputs (or outputs - 1 with corners), in inputs. */
#if CORNERS
#define NET_RESIZE_UNIT(out) ((out) > 1 ? 2 * ((out) - 1) : 2)
#define NET_RESIZE_PLACE(d, in, out) ((out) > 1 ? 2 * (d) * ((in) - 1) : 0)
#else
#define NET_RESIZE_UNIT(out) (2 * (out))
#define NET_RESIZE_PLACE(d, in, out) ((2 * (d) + 1) * (in) - (out))
#endif

static void KERNEL(const float *x, float *y)
{
	for (int c = 0; c < PLANES; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const int py = NET_RESIZE_PLACE(oy, XH, YH) > 0 ? NET_RESIZE_PLACE(oy, XH, YH) : 0;
				const int px = NET_RESIZE_PLACE(ox, XW, YW) > 0 ? NET_RESIZE_PLACE(ox, XW, YW) : 0;
				const int iy = py / NET_RESIZE_UNIT(YH) < XH - 1 ? py / NET_RESIZE_UNIT(YH) : XH - 1;
				const int ix = px / NET_RESIZE_UNIT(YW) < XW - 1 ? px / NET_RESIZE_UNIT(YW) : XW - 1;
				const int jy = iy < XH - 1 ? iy + 1 : iy;
				const int jx = ix < XW - 1 ? ix + 1 : ix;
				const float fy = (float)(py - iy * NET_RESIZE_UNIT(YH)) / (float)NET_RESIZE_UNIT(YH);
				const float fx = (float)(px - ix * NET_RESIZE_UNIT(YW)) / (float)NET_RESIZE_UNIT(YW);
				const float *const plane = x + c * XH * XW;
#if NEAREST
				y[(c * YH + oy) * YW + ox] = plane[(fy < 0.5f ? iy : jy) * XW + (fx < 0.5f ? ix : jx)];
#else
				const float top = plane[iy * XW + ix] + fx * (plane[iy * XW + jx] - plane[iy * XW + ix]);
				const float low = plane[jy * XW + ix] + fx * (plane[jy * XW + jx] - plane[jy * XW + ix]);
				y[(c * YH + oy) * YW + ox] = top + fy * (low - top);
#endif
			}
}

#undef NET_RESIZE_UNIT
#undef NET_RESIZE_PLACE
