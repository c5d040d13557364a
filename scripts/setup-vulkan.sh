#!/usr/bin/env bash
# Makes sure that WebGPU finds an adapter: installs Mesa's software Vulkan where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/apt.sh
mkdir -p .setup

# Dawn refuses the Mesa 22.3.6 of Debian 12 itself; the one of its backports works. Naming the suite
# for this one package keeps the rest of the machine on Debian 12's own versions.
packages=(libvulkan1 mesa-vulkan-drivers)
update_commands=("apt-get update")
if [ "$(debian_version)" = 12 ]; then
  packages=(libvulkan1 mesa-vulkan-drivers/bookworm-backports)
  update_commands=(
    "echo 'deb http://deb.debian.org/debian bookworm-backports main' > /etc/apt/sources.list.d/saddle-backports.list"
    "apt-get update"
  )
fi

say_by_hand() {
  by_hand "$1" "${update_commands[@]}" "apt-get install --no-install-recommends ${packages[*]}"
}

install_driver() {
  apt_update
  if [ "$(debian_version)" = 12 ]; then
    add_backports bookworm
    apt_update
  fi
  apt_install "${packages[@]}"
}

if node scripts/probe-adapter.mjs; then exit 0; fi
can_install || say_by_hand "There is no WebGPU adapter, and no right (or no apt-get) to install a driver."
echo "There is no WebGPU adapter: installing Mesa's software Vulkan driver."
install_driver || say_by_hand "The software Vulkan driver could not be installed."
node scripts/probe-adapter.mjs ||
  by_hand "The driver is installed, but WebGPU still finds no adapter. See what it says:" "node scripts/probe-adapter.mjs"
