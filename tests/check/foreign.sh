#!/usr/bin/env bash
# foreign.sh -- dssdc check meets C that is not ours: 200 files of three Debian source packages. Findings are welcome; a
# crash, a sanitizer's report, more than a minute for a file or an error of ours is not.
#
#   tests/check/foreign.sh [DSSDC]     build-sanitize/dssdc unless named; exits 77 where the sources cannot be had
set -euo pipefail
cd "$(dirname "$0")/../.."
dssdc=$(realpath "${1:-build-sanitize/dssdc}")
packages="zlib opus musl" # none with security updates, which not every mirror keeps
files=200 each=90
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

# The machine's own lists of packages, of sources in place of binaries, read into a folder of our own.
mkdir -p lists/partial etc
for list in /etc/apt/sources.list.d/*.sources; do
	[ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"etc/$(basename "$list")"
done
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >"etc/$(basename "$list")"
done
apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/etc -o Dir::State::lists=$work/lists -o APT::Sandbox::User=root"
# shellcheck disable=SC2086
if ! { apt-get $apt -q update && apt-get $apt -q source --download-only $packages; } >apt.log 2>&1; then
	grep "^E:\|^Err" apt.log | tail -n 3; echo "skipped: no source packages here"
	exit 77
fi
for archive in *.orig.tar.*; do
	case $archive in *.asc) ;; *) tar xf "$archive" ;; esac
done

checked=0 found=0
while read -r file; do
	[ "$checked" -lt "$files" ] || break
	status=0
	timeout 60 "$dssdc" check --quiet "$file" --cflags="-I$(dirname "$file") -I$(dirname "$file")/.." >out 2>&1 || status=$?
	case $status in
	0 | 1) ;;
	*)
		echo "exit $status: $file"
		tail -n 40 out
		exit 1
		;;
	esac
	! grep -q "Sanitizer\|runtime error" out || { cat out; exit 1; }
	checked=$((checked + 1)) found=$((found + (status == 1)))
done < <(for folder in */; do find "$folder" -name '*.c' -type f | LC_ALL=C sort | sed "${each}q"; done)
echo "$checked files of other people, $found with findings, none brought it down"
[ "$checked" -ge "$files" ]
