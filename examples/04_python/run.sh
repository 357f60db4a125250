#!/usr/bin/env bash
# Compiles the trained model to a shared library and calls it from Python: run.sh [PHOTO...]
# $DSSDC: the program dssdc, if it is not to be found by itself; $PYTHON: a Python with numpy, and with Pillow or OpenCV.
set -euo pipefail
for python in "${PYTHON:-python3}" /usr/bin/python3 ""; do
	"$python" -c 'import numpy' 2>/dev/null && { "$python" -c 'import PIL' || "$python" -c 'import cv2'; } 2>/dev/null && break
done
if [ -z "$python" ]; then
	echo "no Python with numpy and Pillow (or OpenCV): this example needs python3-numpy and python3-pil"
	exit 0
fi
# shellcheck source=examples/find_dssdc.sh
. "$(dirname "${BASH_SOURCE[0]}")/../find_dssdc.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$dssdc" compile "$root/models/dssd321_mobilenet.json" --emit=shared -o "$work/detect.so" # and detect.h beside it
[ $# -gt 0 ] || set -- "$root/examples/photos/chelsea.png" "$root/examples/photos/coffee.png"
DETECT_LIBRARY=$work/detect.so "$python" "$root/examples/04_python/detect.py" "$@"
