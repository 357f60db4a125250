#!/usr/bin/env bash
# detect.sh -- compiles the trained model into one program and detects in the photographs of examples/photos; installs
# what it needs on a fresh Debian 12. Annotated pictures go to the folder `detected`.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="gcc make cmake libcjson-dev libexpat1-dev libprotobuf-c-dev protobuf-c-compiler libjpeg62-turbo-dev libpng-dev zlib1g-dev"
missing=""
for p in $packages; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q "ok installed" || missing="$missing $p"
done
if [ -n "$missing" ]; then
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing
fi

cmake -S . -B build -DDSSDC_TESTS=OFF
cmake --build build -j "$(nproc)" --target dssdc

build/dssdc compile models/dssd321_mobilenet.json -o build/detect
build/detect examples/photos/*.png --out-dir detected --time
echo
echo "The program is build/detect; the pictures are in $PWD/detected."
