#!/usr/bin/env bash
# same_output.sh -- do two builds of dssdc emit the same bytes? For changes that move code and must not change a program.
#
#   tests/same_output.sh OLD NEW          small networks: every card, target and level, and options that change the text
#   tests/same_output.sh OLD NEW full     the cards at their full width, default options (hours: gigabytes are written and hashed)
#
# CARDS and TARGETS in the environment, with blanks between them, are taken in place of all.
# OLD and NEW are two executables named dssdc. Compared are the SHA-256 of everything that compile writes: source, header,
# weights, manifest. The heads name the tool's version, which both must share. Exit 1: something differs, and is named.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# hashes OUT DSSDC WORDS...: what compile writes, or how it refuses
hashes()
{
	local out=$1 dssdc=$2
	shift 2
	rm -rf "$work/o"
	mkdir "$work/o"
	if "$dssdc" compile --quiet --no-check --emit=c --manifest --name=net -o "$work/o/" "$@" 2>"$work/o/messages"; then
		: >"$work/o/messages"
	fi
	(cd "$work/o" && sha256sum -- *) >"$out"
}

count=0 differ=0
same()
{
	hashes "$work/old" "$old" "$@"
	hashes "$work/new" "$new" "$@"
	count=$((count + 1))
	if ! cmp -s "$work/old" "$work/new"; then
		differ=$((differ + 1))
		echo "differs: $*"
		{ diff "$work/old" "$work/new" || true; } | sed -n 's/^> [0-9a-f]* */    /p'
	fi
}

targets=${TARGETS:-$("$new" targets | sed -n 's/^\([a-z][a-z0-9-]*\) .*/\1/p' | grep -v '^native$')}
for card in ${CARDS:-models/*.json}; do
	case $card in *.detect.json) continue ;; esac
	for target in $targets; do
		for level in 0 1; do
			if [ "${3-}" = full ]; then
				same "$card" --random-weights=1 --target="$target" -O"$level"
			else
				same "$card" --random-weights=1 --width-divisor=8 --target="$target" -O"$level"
			fi
		done
	done
done
if [ "${3-}" != full ]; then
	card="models/dssd321_mobilenet.json --random-weights=1 --width-divisor=8"
	for target in $targets; do
		for words in --arena=caller --weights-form=array --weights-form=object --weights-form=file --output-tensor=conv9 \
			--disable-pass=elide_concat --disable-pass=merge_siblings --disable-pass=fuse_act --disable-pass=choose_layout \
			--batch=4 --early-launch --precision=tf32 --precision=f16 --precision=bf16 --precision=mixed \
			"--precision=f16 --batch=8" "--precision=bf16 --arena=caller --early-launch" "--batch=2 --weights-form=file" \
			"--threshold=0.2 --nms=0.6 --top-k=50 --keep-top-k=20" "--precision=mixed -O0"; do
			# shellcheck disable=SC2086
			same $card --target="$target" $words
		done
	done
	for model in tests/golden/*.ir tests/cuda/tiny.ir tests/import/caffe/small.prototxt; do
		for target in $targets; do
			same "$model" --random-weights=1 --target="$target"
		done
	done
fi
echo "$count runs, $differ differ"
[ "$differ" = 0 ]
