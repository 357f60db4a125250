#!/usr/bin/env bash
# nvcc.sh -- stands in for nvcc on a machine without the CUDA toolkit, or without a GPU: NVCC=tests/cuda/nvcc.sh.
#
# Compiles .cu files with the headers of shim/ for this CPU, other sources as nvcc does, and links. $CXX or g++ does the work.
# DSSDC_SHIM_WATCH=1: with sanitizers that end a program whose kernel leaves its object; see shim/shim_watch.h.
set -euo pipefail
shim="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/shim"
cxx=${CXX:-g++}
toolkit=/usr/local/cuda/include # for cudnn.h
unique=-fno-gnu-unique          # programs that are loaded together do not share a device
case $cxx in
*clang*) unique="" ;;
esac

options=() # of the compiler
watch=()   # of the compiler and the linker, the last word
if [ -n "${DSSDC_SHIM_WATCH:-}" ]; then
	watch=(-g1 -fsanitize=address,alignment,bounds-strict -fno-sanitize-recover=all)
fi
rest=()    # of the linker, and objects, in their order
sources=()
out="" kind=link language="" least="" standard="-std=c++17"

# The architectures of -arch and -gencode; the lowest one is what a device must have.
architectures()
{
	local number
	for number in $(grep -oE '(sm|compute)_[0-9]+' <<<"$1" | grep -oE '[0-9]+$'); do
		if [ -z "$least" ] || [ "$number" -lt "$least" ]; then
			least=$number
		fi
	done
}

host_options()
{
	local IFS=,
	# shellcheck disable=SC2206
	options+=($1)
}

warnings()
{
	case $1 in
	*all-warnings*) options+=(-Wall -Wextra -Werror) ;;
	esac
}

while [ $# -gt 0 ]; do
	case $1 in
	-c | --compile) kind=object ;;
	-shared | --shared) kind=shared ;;
	-o | -x | -Xcompiler | --compiler-options | -Xlinker | --linker-options | -Xptxas | -Xcudafe | -Werror | -gencode | \
		-arch | -code | -ccbin | -cudart | -maxrregcount | -diag-suppress | -I | -D | -U | -L | -l | -isystem | -include | -std)
		if [ $# -lt 2 ]; then
			echo "nvcc.sh: $1 lacks its value" >&2
			exit 1
		fi
		case $1 in
		-o) out=$2 ;;
		-x) language=$2 ;;
		-Xcompiler | --compiler-options) host_options "$2" ;;
		-Xlinker | --linker-options) rest+=("-Wl,$2") ;;
		-Werror) warnings "$2" ;;
		-gencode | -arch) architectures "$2" ;;
		-ccbin) cxx=$2 ;;
		-std) standard="-std=$2" ;;
		-L) rest+=("-L$2") ;;
		-l) [ "$2" = cudart ] || [ "$2" = cuda ] || rest+=("-l$2") ;;
		-I | -D | -U) options+=("$1$2") ;;
		-isystem | -include) options+=("$1" "$2") ;;
		esac
		shift
		;;
	-Xcompiler=* | --compiler-options=*) host_options "${1#*=}" ;;
	-Xlinker=*) rest+=("-Wl,${1#*=}") ;;
	-Werror=*) warnings "$1" ;;
	-gencode=* | --generate-code=* | -arch=* | --gpu-architecture=*) architectures "$1" ;;
	-std=*) standard=$1 ;;
	-fmad=false | --fmad=false) options+=(-ffp-contract=off) ;;
	-lcudart* | -lcuda | -cudart=* | -code=* | -maxrregcount=* | -diag-suppress=* | -Xptxas=* | -Xcudafe=*) ;;
	-lineinfo | -rdc=* | -fmad=* | --fmad=* | -use_fast_math | --use_fast_math | -G | -extra-device-vectorization) ;;
	-lcudnn) sources+=("$shim/cudnn_stub.cc") ;;
	-L* | -l*) rest+=("$1") ;;
	-Wl,*) rest+=("$1") ;;
	-*) options+=("$1") ;;
	*.cu | *.c | *.cc | *.cpp | *.S | *.s) sources+=("$1") ;;
	*) rest+=("$1") ;;
	esac
	shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The name of the one array of dynamic shared memory that a source declares.
shared_name()
{
	sed -nE 's/.*extern __shared__ .*[ *]([A-Za-z_][A-Za-z_0-9]*)\[\];.*/\1/p' "$1" | sort -u | head -1
}

# The redzones of a watched program lie around static variables, and extern ones are not static.
watched()
{
	if [ ${#watch[@]} = 0 ]; then
		echo "$1"
	else
		(echo "#line 1 \"$1\"" && sed 's/extern __shared__/extern/' "$1") >"$2"
		echo "$2"
	fi
}

# compile SOURCE OBJECT
compile()
{
	local name
	if [[ $1 == *.cu || $language == cu ]]; then
		name=$(shared_name "$1")
		"$cxx" -iquote "$(dirname "$1")" -isystem "$shim" -idirafter "$toolkit" "-DSHIM_LEAST_ARCH=${least:-0}" ${name:+"-DSHIM_SHARED=$name"} "$standard" -march=native -ffp-contract=off ${unique:+"$unique"} \
			-Wno-unknown-pragmas "${options[@]}" "${watch[@]}" -x c++ -c "$(watched "$1" "$2.cu")" -o "$2"
	elif [[ $1 == *.c ]] && ! grep -q '#include <cuda_runtime' "$1"; then # what calls the shim is C++ to it
		"$cxx" "${options[@]}" -x c -c "$1" -o "$2"
	elif [[ $1 == *.[sS] ]]; then
		"$cxx" "${options[@]}" -c "$1" -o "$2"
	else
		"$cxx" -isystem "$shim" -idirafter "$toolkit" "$standard" -march=native "${options[@]}" -x c++ -c "$1" -o "$2"
	fi
}

if [ $kind = object ]; then
	[ -n "$out" ] || [ ${#sources[@]} = 1 ] || [ ${#rest[@]} = 0 ]
	for source in "${sources[@]}"; do
		base=${source##*/}
		compile "$source" "${out:-${base%.*}.o}"
	done
	exit 0
fi
objects=()
for source in "${sources[@]}"; do
	objects+=("$work/${#objects[@]}.o")
	compile "$source" "${objects[-1]}"
done
if [ $kind = shared ]; then
	options+=(-shared)
fi
"$cxx" "${options[@]}" "${watch[@]}" "${objects[@]}" "${rest[@]}" -o "${out:-a.out}" -ldl -lpthread
