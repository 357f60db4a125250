#!/usr/bin/env bash
# Compiles the trained model to an object for a GPU and links it with a program that has a stream of its own.
# $DSSDC: the program dssdc, build/dssdc if it is not set; $NVCC: the compiler, nvcc if it is not set; $ARCH: the device,
# sm_80 (and later) if it is not set.
set -euo pipefail
cd "$(dirname "$0")/../.."
nvcc=${NVCC:-nvcc}
if ! command -v "${nvcc%% *}" >/dev/null; then
	echo "no nvcc: this example needs the CUDA toolkit"
	exit 0
fi
dssdc=${DSSDC:-build/dssdc}
command -v "$dssdc" >/dev/null || { cmake -B build -DDSSDC_TESTS=OFF && cmake --build build -j; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$dssdc" compile models/dssd321_mobilenet.json --target=cuda-standalone --precision=f16 --arch="${ARCH:-sm_80}" \
	--emit=obj --name=detect -o "$work/detect.o" # and detect.h beside it
$nvcc -I"$work" examples/05_cuda/main.c "$work/detect.o" -lpng -o "$work/program"
"$work/program" "${1:-examples/photos/chelsea.png}"
