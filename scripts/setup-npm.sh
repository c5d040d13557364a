#!/usr/bin/env bash
# Installs the npm packages that package-lock.json names.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
              process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
  echo "Saddle needs Node 20.19 or later; this is $(node --version 2>/dev/null || echo 'no Node at all')." >&2
  exit 1
fi

npm ci --include=dev --no-audit --no-fund --loglevel=error
# Two packages bring a `tsc`, and which of them npm links is chance; who types `npx tsc` means this one.
npm rebuild typescript --ignore-scripts --silent
