#!/usr/bin/env bash
# run.sh -- builds the libFuzzer entries with clang-19 and runs one of them.
#
#   tests/fuzz/run.sh IMPORTER [SECONDS]     IMPORTER: the NAME of a tests/fuzz/fuzz_NAME.c
#
# The corpus grows in build-fuzz/corpus/NAME, from seeds that this machine has. What makes it fail lies in
# build-fuzz/NAME-*; run build-fuzz/tests/fuzz-NAME on such a file to see the failure again.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?which importer: $(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_//; s/\.c//' | tr '\n' ' ')}
seconds=${2:-60}

cmake -S . -B build-fuzz -DCMAKE_C_COMPILER=clang-19 -DDSSDC_FUZZ=ON -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build build-fuzz -j "$(nproc)" --target "fuzz-$name"
corpus=build-fuzz/corpus/$name
mkdir -p "$corpus"

# Up to a thousand small files of a kind.
seed() {
	{ find "$@" -type f -size -64k 2>/dev/null || true; } | head -n 1000 | while read -r f; do
		cp -n "$f" "$corpus/seed-$(echo "$f" | md5sum | cut -c1-16)"
	done
}
case $name in
onnx) seed /usr/share/libonnx-testdata/data -name model.onnx ;;
tensor) seed /usr/share/libonnx-testdata/data -name 'input_*.pb' ;;
ir) seed tests -name '*.ir' ;;
card) seed models -name '*.json' ;;
caffemodel) seed tests -name '*.caffemodel' ;;
prototxt) seed "${DSSDC_SHARED:-../shared}/data" tests -name '*.prototxt' ;;
esac
exec "build-fuzz/tests/fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 \
	-artifact_prefix="build-fuzz/$name-" "$corpus"
