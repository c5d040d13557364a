#!/usr/bin/env bash
# setup-packages.sh PURPOSE PACKAGE...: installs those of the Debian packages that are not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/apt.sh
mkdir -p .setup

purpose=$1
shift
missing=()
for package in "$@"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

say_by_hand() {
  by_hand "$1" "apt-get update" "apt-get install --no-install-recommends ${missing[*]}"
}

can_install || say_by_hand "$purpose: packages are missing, and no right (or no apt-get) to install them."
echo "$purpose: installing ${missing[*]}."
apt_update
# What came from backports before can need more of it.
apt_install "${missing[@]}" || apt_install_from_backports "${missing[@]}" || say_by_hand "$purpose: the packages could not be installed."
