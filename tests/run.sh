#!/usr/bin/env bash
# run.sh -- builds dssdc and runs its tests; installs what it needs on a fresh Debian 12.
#
#   tests/run.sh                 what CI runs: all but the full set, long lists of cases in part
#   tests/run.sh full            everything, long lists whole (an hour or two)
#   tests/run.sh quick           only the tests without a C compiler in the loop (under a minute)
#   tests/run.sh sanitize        as the first, built with AddressSanitizer and UndefinedBehaviorSanitizer
#   tests/run.sh sanitize-quick  the quick ones, built so
#
# tests/budgets.txt says which set a test belongs to and how long it may take.
set -euo pipefail
cd "$(dirname "$0")/.."
. install/packages.sh
what=${1:-ci}

packages="gcc g++ make cmake libcjson-dev libexpat1-dev libprotobuf-c-dev protobuf-c-compiler libcmocka-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev clang-19 clang-format-19 libclang-rt-19-dev libclang-19-dev qemu-user libonnx-testdata python3-numpy python3-pil dpkg-dev groff-base pkgconf"
build=build
options="-DDSSDC_TESTS=ON -DDSSDC_WERROR=ON"
select="-LE full"
timeout=3000 # seconds of a test that is not quick
case $what in
ci) packages="$packages frama-c-base" ;; # 206 MB to load
full)
	packages="$packages frama-c-base"
	export DSSDC_TESTS_FULL=1
	select=""
	timeout=36000
	;;
quick) select="-L quick" ;;
sanitize | sanitize-quick)
	build=build-sanitize # clang's, so that tests/fuzz/run.sh finds everything built
	options="$options -DCMAKE_C_COMPILER=clang-19 -DDSSDC_SANITIZE=ON -DDSSDC_FUZZ=ON"
	[ "$what" = sanitize ] || select="-L quick"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' tests/run.sh >&2
	exit 2
	;;
esac
# shellcheck disable=SC2086
need_packages $packages

# shellcheck disable=SC2086
cmake -S . -B "$build" $options
cmake --build "$build" -j "$(nproc)"

status=0
# shellcheck disable=SC2086
ctest --test-dir "$build" --output-on-failure --no-tests=error --timeout "$timeout" -j "$(nproc)" $select || status=$?
log=$build/Testing/Temporary/LastTest.log
sed -n 's/^figure: //p' "$log"                          # what the tests measured
sed -n 's/^budget: \(.* took .*\); its line.*/\1/p' "$log" | sort -t' ' -k3 -rn | head -n 12 # the longest
exit "$status"
