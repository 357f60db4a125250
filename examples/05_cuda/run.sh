#!/usr/bin/env bash
# Compiles the trained model to an object for a GPU and links it with a program that has a stream of its own: run.sh [PHOTO.png]
# $DSSDC: the program dssdc, if it is not to be found by itself; $NVCC: the compiler, nvcc if it is not set; $ARCH: the device,
# sm_80 (and later) if it is not set.
set -euo pipefail
nvcc=${NVCC:-nvcc}
if ! command -v "${nvcc%% *}" >/dev/null; then
	echo "no nvcc: this example needs the CUDA toolkit"
	exit 0
fi
# shellcheck source=examples/find_dssdc.sh
. "$(dirname "${BASH_SOURCE[0]}")/../find_dssdc.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$dssdc" compile "$root/models/dssd321_mobilenet.json" --target=cuda-standalone --precision=f16 --arch="${ARCH:-sm_80}" \
	--emit=obj --name=detect -o "$work/detect.o" # and detect.h beside it
$nvcc -I"$work" "$root/examples/05_cuda/main.c" "$work/detect.o" -lpng -o "$work/program"
"$work/program" "${1:-$root/examples/photos/chelsea.png}"
