#!/bin/sh
# Removes from node_modules what only other platforms use: Temporal's core comes built for five of them, 25 MB each.
# Usage: prune-platforms.sh <node_modules>
set -eu

modules=${1:?usage: prune-platforms.sh <node_modules>}
releases=$modules/@temporalio/core-bridge/releases
case $(uname -s)-$(uname -m) in
  Linux-x86_64) keep=x86_64-unknown-linux-gnu ;;
  Linux-aarch64) keep=aarch64-unknown-linux-gnu ;;
  *) echo "Cannot prune: found $(uname -s) $(uname -m), expected Linux on x86_64 or aarch64" >&2; exit 1 ;;
esac
# Never leave an image without its core because a package was laid out anew.
test -f "$releases/$keep/index.node" || { echo "Cannot prune: found no $releases/$keep/index.node" >&2; exit 1; }
for release in "$releases"/*/; do
  test "$(basename "$release")" = "$keep" || rm -r "$release"
done
# Sources of the native module and source maps of no use at run time.
rm -rf "$modules/@temporalio/core-bridge/sdk-core"
find "$modules" -name '*.map' -type f -delete
