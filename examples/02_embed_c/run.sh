#!/usr/bin/env bash
# Emits the trained model as C that needs nothing, and puts it into a program: run.sh [PHOTO.png]
# $DSSDC: the program dssdc, if it is not to be found by itself; $CC: the C compiler, cc if it is not set.
set -euo pipefail
# shellcheck source=examples/find_dssdc.sh
. "$(dirname "${BASH_SOURCE[0]}")/../find_dssdc.sh"
cc=${CC:-cc}
here=$root/examples/02_embed_c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$dssdc" compile "$root/models/dssd321_mobilenet.json" --emit=c --arena=caller -o "$work/detect.c" # and detect.h, detect.weights
$cc "$here/picture.c" -lpng -o "$work/picture"
"$work/picture" "${1:-$root/examples/photos/chelsea.png}" >"$work/picture.h"

bare="$cc -std=c11 -O2 -ffreestanding"
$bare -I"$work" -c "$work/detect.c" -o "$work/detect.o"
$bare -I"$work" -c "$here/watch.c" -o "$work/watch.o"
echo "detect.o leaves to the linker: $(nm -u "$work/detect.o" | awk '{print $2}' | xargs)"
if nm -u "$work/detect.o" | grep -Evw 'memcpy|memset'; then
	echo "that is more than memcpy and memset" >&2
	exit 1
fi
$cc -std=c11 -O2 -I"$work" "$here/main.c" "$work/watch.o" "$work/detect.o" -o "$work/program"
"$work/program"
