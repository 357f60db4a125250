#!/usr/bin/env bash
# nvcc.sh -- takes the place of nvcc in tests: .cu files become programs that run on the CPU, through the headers of shim/. So
# `NVCC=tests/cuda/nvcc.sh dssdc compile --target=cuda-standalone` and `dssdc verify` need no device. $CXX: the compiler, g++.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
flags=(-march=native -ffp-contract=off -pthread)
inputs=() libraries=() link=1 output="" toolkit=/usr/local/cuda/include
while [ $# -gt 0 ]; do
	case $1 in
	-c) link=0 ;;
	-o)
		output=$2
		shift
		;;
	-gencode | -arch | -x | -Xptxas) shift ;;
	-arch=* | -gencode=* | -lineinfo) ;;
	-Werror)
		flags+=(-Werror)
		shift
		;;
	-Xcompiler)
		IFS=, read -ra more <<<"$2"
		flags+=("${more[@]}")
		shift
		;;
	-Xlinker)
		libraries+=("-Wl,$2")
		shift
		;;
	-lcudnn) inputs+=("$here/shim/cudnn_stub.cc") ;;
	-l* | -L*) libraries+=("$1") ;;
	-*) flags+=("$1") ;;
	*) inputs+=("$1") ;;
	esac
	shift
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CXX:-g++}
include=(-I"$here/shim" -idirafter "$toolkit")
objects=()
for f in "${inputs[@]}"; do
	object=$work/$(basename "$f").o
	[ $link = 1 ] || object=${output:-$(basename "${f%.*}").o}
	case $f in
	*.cu | *.cc)
		shared=$(sed -n 's/^.*extern __shared__ .* \([A-Za-z0-9_]*\)\[\];.*$/\1/p' "$f" | head -1) # what dynamic shared memory is called
		"$cc" ${shared:+-DSHIM_SHARED=$shared} -x c++ "${include[@]}" "${flags[@]}" -Wno-unknown-pragmas -c "$f" -o "$object"
		;;
	*.c) "$cc" -x c++ "${include[@]}" "${flags[@]}" -c "$f" -o "$object" ;; # a C program that knows the runtime is C++ to the shim
	*) object=$f ;;
	esac
	objects+=("$object")
done
if [ $link = 1 ]; then
	"$cc" "${flags[@]}" "${objects[@]}" "${libraries[@]}" -ldl -o "${output:-a.out}"
fi
