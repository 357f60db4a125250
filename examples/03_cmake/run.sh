#!/usr/bin/env bash
# Builds the C++ project of this folder with an installed dssdc: run.sh [PHOTO.png...]
# $DSSDC_PREFIX: where dssdc is installed. If it is not set: where this script is installed; the source tree is installed into a
# folder that goes in the end.
set -euo pipefail
# shellcheck source=examples/find_dssdc.sh
. "$(dirname "${BASH_SOURCE[0]}")/../find_dssdc.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=${DSSDC_PREFIX:-}
if [ -z "$prefix" ] && [ -e "$root/CMakeLists.txt" ]; then
	prefix=$work/prefix
	cmake -S "$root" -B "$root/build" -DDSSDC_TESTS=OFF && cmake --build "$root/build" -j "$(nproc)"
	cmake --install "$root/build" --prefix "$prefix"
elif [ -z "$prefix" ]; then
	prefix=$(cd "$root/../.." && pwd)
fi

cmake -S "$root/examples/03_cmake" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -Ddssdc_ROOT="$prefix"
cmake --build "$work/build" -j "$(nproc)"
[ $# -gt 0 ] || set -- "$root"/examples/photos/*.png
"$work/build/detect" "$@"
