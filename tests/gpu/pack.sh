#!/usr/bin/env bash
# pack.sh -- dssdc with the shared libraries that it needs, in build/gpu-pack: for tests/gpu/run.sh on a machine that has a GPU
# and a C compiler but not the libraries that dssdc is built with.
set -euo pipefail
cd "$(dirname "$0")/../.."
rm -rf build/gpu-pack
mkdir -p build/gpu-pack/lib
cp build/dssdc build/gpu-pack/
strip build/gpu-pack/dssdc
ldd build/dssdc | awk '/=> \// && !/libc\.so|libm\.so|libdl|libpthread|ld-linux/ { print $3 }' | xargs -I{} cp -L {} build/gpu-pack/lib/
cat >build/gpu-pack/dssdc.sh <<'END'
#!/bin/sh
here=$(dirname "$0")
LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/dssdc" "$@"
END
chmod +x build/gpu-pack/dssdc.sh
build/gpu-pack/dssdc.sh --version
du -sh build/gpu-pack
