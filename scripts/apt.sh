# Sourced by the set-up scripts: installing Debian packages, or saying how to do it by hand.

# What runs apt-get with the rights to install: nothing as root, else a sudo that asks for no password.
if [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  as_root=(false)
fi

can_install() {
  command -v apt-get >/dev/null && [ "${as_root[0]:-}" != false ]
}

debian_version() {
  (. /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_ID:-}") || true
}

# One broken source must not stop the set-up: whether the wanted package is to be had shows when it
# is installed.
apt_update() {
  "${as_root[@]}" apt-get update -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 ||
    echo "Some package sources could not be read; going on with the others." >&2
}

# apt_install [apt options] PACKAGE...: its hundreds of lines go to a file, its errors are shown.
apt_install() {
  mkdir -p .setup
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@" >.setup/apt.log 2>&1 ||
    { grep -E '^(E:|W:| .*(Depends|Conflicts):)' .setup/apt.log >&2 && false; }
}

# apt_install_from_backports PACKAGE...: fails where the machine has no backports among its sources.
apt_install_from_backports() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ -n "$(apt_targets "Codename: $codename-backports" '$(REPO_URI)')" ] || return 1
  apt_install -t "$codename-backports" "$@"
}

# by_hand REASON COMMAND...: says what is missing and the very commands that bring it, then fails.
by_hand() {
  local reason=$1 command
  shift
  {
    echo
    echo "$reason Run by hand, as root:"
    echo
    for command in "$@"; do echo "    $command"; done
    echo
  } >&2
  return 1
}

# apt_targets FILTER FORMAT: apt's own description of its package sources, whatever syntax they
# are written in.
apt_targets() {
  apt-get indextargets --format "$2" 'Created-By: Packages' 'Component: main' "$1"
}

# signed_by FILE:N: the keyring that a source entry names, if it names one. apt counts the entries of
# a .sources file by paragraph, those of a .list file by line.
signed_by() {
  local file=${1%:*} number=${1##*:} separator='\n'
  case $file in *.sources) separator='' ;; esac
  awk -v RS="$separator" -v number="$number" 'NR == number' "$file" |
    sed -nE 's|^.*[Ss]igned-[Bb]y[:=] *(/[^] ]+).*$|\1|p'
}

# add_backports CODENAME: the distribution's backports, from the mirror that its main suite uses.
add_backports() {
  local suite=$1-backports entry uri keyring
  [ -z "$(apt_targets "Codename: $suite" '$(REPO_URI)')" ] || return 0
  entry=$(apt_targets "Codename: $1" '$(REPO_URI) $(SOURCESENTRY)' | head -n 1)
  [ -n "$entry" ] || return 1
  uri=${entry%% *}
  keyring=$(signed_by "${entry#* }")
  "${as_root[@]}" tee /etc/apt/sources.list.d/saddle-backports.sources >/dev/null <<END
Types: deb
URIs: $uri
Suites: $suite
Components: main
${keyring:+Signed-By: $keyring}
END
}
