#!/usr/bin/env bash
# Fetches the latest Node of a major version from npm, and puts it into a folder: setup-node.sh 22 .setup/nodes/22
set -euo pipefail
major=$1 folder=$2

system=$(node -p '`${process.platform}-${process.arch}`')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(npm view "node-$system@$major" version --json | node -p '[JSON.parse(require("fs").readFileSync(0))].flat().at(-1)')
package="node-$system@$version"
echo "Fetching $package"
archive=$(npm pack "$package" --silent --pack-destination "$work")

wanted=$(npm view "$package" dist.integrity)
got=sha512-$(node -p 'require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$work/$archive")
if [ "$got" != "$wanted" ]; then
  echo "What came as $package is $got, not $wanted." >&2
  exit 1
fi

tar -xzf "$work/$archive" -C "$work"
if [ "$("$work/package/bin/node" --version)" != "v$version" ]; then
  echo "$package runs as $("$work/package/bin/node" --version), not as v$version." >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
mv "$work/package" "$folder"
