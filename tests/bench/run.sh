#!/usr/bin/env bash
# run.sh -- the figures that README.md and CHANGES.md state, measured on this machine, one core, one run:
#
#   tests/bench/run.sh            all of them (about ten minutes; 3 GB of disk)
#   tests/bench/run.sh kernels | networks | norm | compile
#
# Times are medians over several photographs' worth of calls in one process; the fused multiply-add peak of a core is
# measured in the same run, so that shares of it can be compared between machines. Run nothing else meanwhile.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:-all}
dssdc=build/dssdc
photo=examples/photos/astronaut.png
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# median_ms PROGRAM CALLS: of the detect times of one process
median_ms() {
	local list=()
	for _ in $(seq "$2"); do list+=("$photo"); done
	taskset -c 0 "$1" "${list[@]}" --json --time | sed 's/.*"detect_ms":\([0-9.]*\).*/\1/' | sort -n |
		awk '{t[NR] = $1} END {print t[int((NR + 1) / 2)]}'
}

field() { # field NAME FILE: a number of inspect's JSON
	sed -n "s/^\t\"$1\":\t\([0-9]*\),*$/\1/p" "$2"
}

kernels() {
	echo "== kernels: share of one core's fp32 peak"
	taskset -c 0 build/tests/kernels-bench
}

networks() {
	echo "== networks: pixels to boxes, one core"
	printf '%-28s %-8s %12s\n' network target "median ms"
	local name target
	for name in dssd321_mobilenet dssd321_voc ssd300_voc; do
		for target in native c99; do
			[ "$target" = c99 ] && [ "$name" != dssd321_mobilenet ] && continue
			local weights=--random-weights=1
			[ "$name" = dssd321_mobilenet ] && weights=
			# shellcheck disable=SC2086
			$dssdc compile models/$name.json $weights --target=$target -o "$work/p"
			printf '%-28s %-8s %12s\n' $name $target "$(median_ms "$work/p" 7)"
		done
	done
}

norm() {
	echo "== batch normalisation folded or not: DSSD321 on Residual-101, native, one core, in turn"
	$dssdc compile models/dssd321_voc.json --random-weights=1 -o "$work/on"
	$dssdc compile models/dssd321_voc.json --random-weights=1 --disable-pass=fold_norm -o "$work/off"
	$dssdc inspect models/dssd321_voc.json --random-weights=1 --emit=json -o "$work/on.json"
	$dssdc inspect models/dssd321_voc.json --random-weights=1 --disable-pass=fold_norm --emit=json -o "$work/off.json"
	for _ in 1 2 3 4 5; do # pairs, so that a busy moment hits both
		echo "$(median_ms "$work/on" 3) $(median_ms "$work/off" 3)"
	done >"$work/pairs"
	printf '%-12s %12s %14s %14s\n' fold_norm "median ms" "arena bytes" "weights bytes"
	local column=1 which
	for which in on off; do
		printf '%-12s %12s %14s %14s\n' $which "$(cut -d' ' -f$column "$work/pairs" | sort -n | sed -n 3p)" \
			"$(field arena_bytes "$work/$which.json")" "$(field weights_bytes "$work/$which.json")"
		column=2
	done
	awk '{print $2 / $1}' "$work/pairs" | sort -n | sed -n '3s/^/off : on, median of five pairs  /p'
}

compile() {
	echo "== compiling DSSD513 for COCO, 1.02 GB of weights"
	build/tests/bench-weights models/dssd513_coco.json "$work/w.safetensors"
	/usr/bin/time -f 'safetensors to C source   %e s, %M KiB' \
		$dssdc compile models/dssd513_coco.json --weights="$work/w.safetensors" --target=native --emit=c -o "$work/d.c"
	# the flags that dssdc itself would use
	/usr/bin/time -f 'C compiler, .incbin       %e s, %M KiB' \
		$dssdc compile models/dssd513_coco.json --weights="$work/w.safetensors" --target=native --emit=obj -o "$work/d.o"
}

for part in kernels networks norm compile; do
	if [ "$what" = all ] || [ "$what" = $part ]; then
		$part
	fi
done
