#!/usr/bin/env bash
# Emits the trained model as C that needs nothing, and puts it into a program: examples/02_embed_c/run.sh [PHOTO.png]
# $DSSDC: the program dssdc, build/dssdc if it is not set; $CC: the C compiler, cc if it is not set.
set -euo pipefail
cd "$(dirname "$0")/../.."
dssdc=${DSSDC:-build/dssdc} cc=${CC:-cc}
command -v "$dssdc" >/dev/null || { cmake -B build -DDSSDC_TESTS=OFF && cmake --build build -j; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$dssdc" compile models/dssd321_mobilenet.json --emit=c --arena=caller -o "$work/detect.c" # and detect.h, detect.weights
$cc examples/02_embed_c/picture.c -lpng -o "$work/picture"
"$work/picture" "${1:-examples/photos/chelsea.png}" >"$work/picture.h"

bare="$cc -std=c11 -O2 -ffreestanding -I$work"
$bare -c "$work/detect.c" -o "$work/detect.o"
$bare -c examples/02_embed_c/watch.c -o "$work/watch.o"
echo "detect.o leaves to the linker: $(nm -u "$work/detect.o" | awk '{print $2}' | xargs)"
if nm -u "$work/detect.o" | grep -Evw 'memcpy|memset'; then
	echo "that is more than memcpy and memset" >&2
	exit 1
fi
$cc -std=c11 -O2 -I"$work" examples/02_embed_c/main.c "$work/watch.o" "$work/detect.o" -o "$work/program"
"$work/program"
