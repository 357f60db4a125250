#!/usr/bin/env bash
# Installs dssdc into a folder and builds the C++ project of this folder with it: examples/03_cmake/run.sh [PHOTO.png...]
# $DSSDC_PREFIX: where dssdc is installed already.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=${DSSDC_PREFIX:-$work/prefix}
if [ -z "${DSSDC_PREFIX:-}" ]; then
	cmake -B build -DDSSDC_TESTS=OFF && cmake --build build -j
	cmake --install build --prefix "$prefix"
fi

cmake -S examples/03_cmake -B "$work/build" -DCMAKE_BUILD_TYPE=Release -Ddssdc_ROOT="$prefix"
cmake --build "$work/build"
[ $# -gt 0 ] || set -- examples/photos/*.png
"$work/build/detect" "$@"
