/* picture.c -- prints a PNG as a C array; runs on the machine that builds, as xxd -i would. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	unsigned char *pixels = NULL;

	if (argc == 2 && png_image_begin_read_from_file(&image, argv[1])) {
		image.format = PNG_FORMAT_RGB;
		pixels = malloc(PNG_IMAGE_SIZE(image));
	}
	if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
		fprintf(stderr, "usage: picture PHOTO.png >picture.h; %s\n", image.message);
		return 1;
	}
	printf("enum { PICTURE_WIDTH = %u, PICTURE_HEIGHT = %u };\nstatic const unsigned char picture[] = {", (unsigned)image.width,
	       (unsigned)image.height);
	for (size_t i = 0; i < PNG_IMAGE_SIZE(image); i++)
		printf("%s%d,", i % 24 ? "" : "\n\t", pixels[i]);
	puts("\n};");
	free(pixels);
	return 0;
}
