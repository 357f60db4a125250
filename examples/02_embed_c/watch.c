/* watch.c -- the part of a product that knows no operating system: -ffreestanding, no heap, no library.
 *
 * The emitted detector (--arena=caller) keeps nothing between calls: it works in memory that the program lends it, here
 * an array that could as well lie in a bank of external RAM, or be shared with what runs before and after.
 */
#include "detect.h"
#include "picture.h" /* what a camera would deliver: width, height, RGB pixels */

#include <stdalign.h>

static alignas(DETECT_ARENA_ALIGN) unsigned char arena[DETECT_ARENA_SIZE];

int watch(detect_detection *found, int max)
{
	return detect_detect(arena, picture, PICTURE_WIDTH, PICTURE_HEIGHT, 3 * PICTURE_WIDTH, DETECT_RGB, found, max);
}
