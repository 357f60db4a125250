# packages.sh -- sourced by examples/detect.sh and tests/run.sh: Debian packages that a script needs.
#
#   need_packages NAME...    installs those that are missing: as root, else through sudo. Where neither is possible it names
#                            them and ends the script. On other systems it says what is needed and goes on.
need_packages()
{
	local name missing=() sudo=()
	if ! command -v dpkg-query >/dev/null; then
		echo "not a Debian system; what the packages of these names hold is needed: $*"
		return 0
	fi
	for name in "$@"; do
		dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "ok installed" || missing+=("$name")
	done
	[ ${#missing[@]} != 0 ] || return 0
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "error: Debian packages are missing, and only root can install them. As root:" >&2
			echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
			exit 1
		fi
		sudo=(sudo)
	fi
	"${sudo[@]}" apt-get update -q
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}
