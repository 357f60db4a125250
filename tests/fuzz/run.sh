#!/usr/bin/env bash
# run.sh -- builds the libFuzzer entries with clang-19 and runs them.
#
#   tests/fuzz/run.sh IMPORTER [SECONDS]     IMPORTER: the NAME of a tests/fuzz/fuzz_NAME.c
#   tests/fuzz/run.sh all [SECONDS]          each of them for so long, two at a time
#
# The tree is that of `tests/run.sh sanitize`. The corpus grows in build-sanitize/corpus/NAME, from seeds that this machine has.
# An input that makes an importer fail is kept as build-sanitize/NAME-*; build-sanitize/tests/fuzz-NAME with this file as its
# argument shows the failure again.
set -euo pipefail
cd "$(dirname "$0")/../.."
names=$(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_//; s/\.c//')
name=${1:?which importer, or all: $names}
seconds=${2:-60}
[ "$name" = all ] || names=$name

cmake -S . -B build-sanitize -DCMAKE_C_COMPILER=clang-19 -DDSSDC_SANITIZE=ON -DDSSDC_FUZZ=ON >/dev/null
# shellcheck disable=SC2046,SC2086
cmake --build build-sanitize -j "$(nproc)" --target $(printf 'fuzz-%s ' $names)

# Up to a thousand small files of a kind: seed NAME FIND'S ARGUMENTS
seed()
{
	local corpus=build-sanitize/corpus/$1
	shift
	{ find "$@" -type f -size -64k 2>/dev/null || true; } | head -n 1000 | while read -r f; do
		cp -n "$f" "$corpus/seed-$(echo "$f" | md5sum | cut -c1-16)"
	done
}

# fuzz NAME: 0 when nothing was found
fuzz()
{
	mkdir -p "build-sanitize/corpus/$1"
	case $1 in
	onnx) seed "$1" /usr/share/libonnx-testdata/data -name model.onnx ;;
	tensor) seed "$1" /usr/share/libonnx-testdata/data -name 'input_*.pb' ;;
	ir) seed "$1" tests -name '*.ir' ;;
	card) seed "$1" models -name '*.json' ;;
	caffemodel) seed "$1" tests -name '*.caffemodel' ;;
	prototxt) seed "$1" "${DSSDC_SHARED:-../shared}/data" tests -name '*.prototxt' ;;
	esac
	"build-sanitize/tests/fuzz-$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 \
		-artifact_prefix="build-sanitize/$1-" "build-sanitize/corpus/$1"
}

if [ "$name" != all ]; then
	fuzz "$name"
	exit
fi
export seconds
export -f seed fuzz
# Each importer's words go to a file of its own, shown when something was found.
found=0
# shellcheck disable=SC2016
printf '%s\n' $names | xargs -P 2 -I{} bash -c \
	'if fuzz {} >build-sanitize/fuzz-{}.log 2>&1; then echo "fuzz {}: $(grep -o "number_of_executed_units: .*" build-sanitize/fuzz-{}.log)"; else cat build-sanitize/fuzz-{}.log; echo "fuzz {}: FAILED"; exit 1; fi' || found=1
exit $found
