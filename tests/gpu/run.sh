#!/usr/bin/env bash
# run.sh -- what a machine with a GPU is needed for: each layer and the detections of emitted CUDA programs against the
# evaluator and the CPU program, compute-sanitizer, timings beside PyTorch, TensorRT and onnxruntime where they are. One table,
# and results.json in $OUT (build/gpu if it is not set). Takes less than 8 minutes; needs no network.
#
#   tests/gpu/run.sh            everything
#   tests/gpu/run.sh --quick    one network, no sanitizer
#   tests/gpu/pack.sh           before that, where dssdc can be built: puts it and its libraries into build/gpu-pack, for
#                               a device machine without them
set -euo pipefail
cd "$(dirname "$0")/../.."
export OUT=${OUT:-build/gpu}
mkdir -p "$OUT"
if ! nvidia-smi -L 2>/dev/null | grep -q GPU; then
	echo "no GPU here: nothing was run"
	exit 0
fi
if [ -x build/gpu-pack/dssdc ]; then
	export DSSDC=$PWD/build/gpu-pack/dssdc.sh
elif [ ! -x build/dssdc ]; then
	cmake -B build -DDSSDC_TESTS=OFF
	cmake --build build -j
fi
export DSSDC=${DSSDC:-$PWD/build/dssdc}
python=${DSSDC_PYTHON:-python3}
# cuDNN's headers and libraries may be those of a Python package.
cudnn=$($python -c 'import nvidia.cudnn, os; print(list(nvidia.cudnn.__path__)[0])' 2>/dev/null || true)
if [ -n "$cudnn" ] && ! echo '#include <cudnn.h>' | nvcc -x cu -E - >/dev/null 2>&1; then
	mkdir -p "$OUT/cudnn"
	ln -sf "$cudnn"/lib/libcudnn.so.9 "$OUT/cudnn/libcudnn.so"
	export DSSDC_CUDNN_FLAGS="-I$cudnn/include -L$PWD/$OUT/cudnn -Xlinker -rpath -Xlinker $cudnn/lib"
fi
exec "$python" tests/gpu/run.py "$@"
