#!/usr/bin/env bash
# Compiles the trained model to a shared library and calls it from Python: examples/04_python/run.sh [PHOTO...]
# $DSSDC: the program dssdc, build/dssdc if it is not set; $PYTHON: a Python with numpy, and with Pillow or OpenCV.
set -euo pipefail
cd "$(dirname "$0")/../.."
for python in "${PYTHON:-python3}" /usr/bin/python3 ""; do
	"$python" -c 'import numpy' 2>/dev/null && { "$python" -c 'import PIL' || "$python" -c 'import cv2'; } 2>/dev/null && break
done
if [ -z "$python" ]; then
	echo "no Python with numpy and Pillow (or OpenCV): this example needs python3-numpy and python3-pil"
	exit 0
fi
dssdc=${DSSDC:-build/dssdc}
command -v "$dssdc" >/dev/null || { cmake -B build -DDSSDC_TESTS=OFF && cmake --build build -j; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$dssdc" compile models/dssd321_mobilenet.json --emit=shared -o "$work/detect.so" # and detect.h beside it
[ $# -gt 0 ] || set -- examples/photos/chelsea.png examples/photos/coffee.png
DETECT_LIBRARY=$work/detect.so "$python" examples/04_python/detect.py "$@"
