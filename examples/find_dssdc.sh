# shellcheck shell=bash
# find_dssdc.sh -- sourced by the run.sh of each example: where things are, in the source tree and where dssdc is installed.
#
#   $root    the folder that has models/ and examples/
#   $dssdc   the program: $DSSDC if it is set; else that of the source tree, which is built if need be; else the installed one
#
# Nothing is written beside the example, and the current folder stays, so that photographs are found from there.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dssdc=${DSSDC:-}
if [ -z "$dssdc" ] && [ -e "$root/CMakeLists.txt" ]; then
	dssdc=$root/build/dssdc
	[ -x "$dssdc" ] || { cmake -S "$root" -B "$root/build" -DDSSDC_TESTS=OFF && cmake --build "$root/build" -j "$(nproc)"; }
elif [ -z "$dssdc" ]; then
	dssdc=$(cd "$root/../.." && pwd)/bin/dssdc
	[ -x "$dssdc" ] || dssdc=dssdc
fi
command -v "$dssdc" >/dev/null || { echo "error: no program $dssdc; \$DSSDC may name it" >&2; exit 1; }
