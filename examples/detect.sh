#!/usr/bin/env bash
# detect.sh -- compiles the trained model into one program and detects in the photographs of examples/photos; installs
# what it needs on a fresh Debian 12. Annotated pictures go to the folder `detected`.
set -euo pipefail
cd "$(dirname "$0")/.."
. install/packages.sh

need_packages gcc make cmake libexpat1-dev libprotobuf-c-dev protobuf-c-compiler libjpeg62-turbo-dev libpng-dev zlib1g-dev

cmake -S . -B build -DDSSDC_TESTS=OFF
cmake --build build -j "$(nproc)" --target dssdc

build/dssdc compile models/dssd321_mobilenet.json -o build/detect
build/detect examples/photos/*.png --out-dir detected --time
echo
echo "The program is build/detect; the pictures are in $PWD/detected."
