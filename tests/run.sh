#!/usr/bin/env bash
# run.sh -- builds dssdc and runs its tests; installs what it needs on a fresh Debian 12.
#
#   tests/run.sh                 everything
#   tests/run.sh quick           only the tests without a C compiler in the loop (under a minute)
#   tests/run.sh sanitize        everything, built with AddressSanitizer and UndefinedBehaviorSanitizer
#   tests/run.sh sanitize-quick  the quick ones, built so
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}

packages="gcc g++ make cmake libcjson-dev libexpat1-dev libprotobuf-c-dev protobuf-c-compiler libcmocka-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev clang-19 libclang-rt-19-dev libclang-19-dev qemu-user libonnx-testdata python3-numpy python3-pil dpkg-dev groff-base pkgconf"
case $what in
*quick) ;;
*) packages="$packages frama-c-base" ;; # 206 MB to load
esac
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

build=build
options="-DDSSDC_WERROR=ON"
case $what in
sanitize*)
	build=build-sanitize
	options="$options -DDSSDC_SANITIZE=ON"
	;;
esac
# shellcheck disable=SC2086
cmake -S . -B "$build" $options
cmake --build "$build" -j "$(nproc)"

labels=""
case $what in
*quick) labels="-L quick" ;;
esac
status=0
# shellcheck disable=SC2086
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" $labels || status=$?
sed -n 's/^figure: //p' "$build/Testing/Temporary/LastTest.log" # what the tests measured
exit "$status"
