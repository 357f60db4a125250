// main.cpp -- a C++ program that asks an emitted detector what is in photographs. CMakeLists.txt makes boxes.h.
#include "boxes.h"

#include <png.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

struct Photo {
	int width, height;
	std::vector<png_byte> pixels; // RGB
};

Photo read_photo(const std::string &path)
{
	png_image image{};
	image.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_file(&image, path.c_str()))
		throw std::runtime_error(path + ": " + image.message);
	image.format = PNG_FORMAT_RGB;
	Photo photo{int(image.width), int(image.height), std::vector<png_byte>(PNG_IMAGE_SIZE(image))};
	if (!png_image_finish_read(&image, nullptr, photo.pixels.data(), 0, nullptr))
		throw std::runtime_error(path + ": " + image.message);
	return photo;
}

void print_boxes(const std::string &path)
{
	const Photo photo = read_photo(path);
	std::array<boxes_detection, BOXES_MAX_DETECTIONS> found;
	const int n = boxes_detect(photo.pixels.data(), photo.width, photo.height, 3 * photo.width, BOXES_RGB, found.data(),
	                           int(found.size()));
	if (n < 0)
		throw std::runtime_error(path + ": " + boxes_strerror(n));
	for (int i = 0; i < n; i++)
		std::printf("%-12s %.3f  %.1f %.1f %.1f %.1f\n", boxes_labels[found[i].label], found[i].score, found[i].x0,
		            found[i].y0, found[i].x1, found[i].y1);
}

} // namespace

int main(int argc, char **argv)
{
	try {
		for (int i = 1; i < argc; i++)
			print_boxes(argv[i]);
	} catch (const std::exception &e) {
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
}
