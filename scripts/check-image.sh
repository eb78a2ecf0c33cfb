#!/bin/sh
# Runs the steps of the Dockerfile in a temporary folder, for machines without Docker: what the image would hold must start.
# Usage: sh scripts/check-image.sh
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=$work/build
image=$work/image
mkdir "$build" "$image"

echo '1. The build context: what .dockerignore lets through'
sed -n 's/^!//p' "$root/.dockerignore" | while read -r name; do
  test ! -e "$root/$name" || cp -R "$root/$name" "$build/"
done

echo '2. Stage build: npm ci, npm run build'
(cd "$build" && npm ci --no-audit --no-fund --loglevel=error > /dev/null && npm run --silent build)

echo '3. Stage dependencies: npm ci --omit=dev, without the other platforms'
cp "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$image/"
(cd "$image" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
sh "$root/docker/prune-platforms.sh" "$image/node_modules"

echo '4. The image: node_modules, dist, bin'
rm "$image/package-lock.json" "$image/.npmrc"
cp -R "$build/dist" "$build/bin" "$build/LICENSE" "$image/"
# Nothing may be found outside of the image, nor written into it.
rm -rf "$build"
chmod -R a-w "$image"
cd "$image"
run() { env -i PATH="$PATH" HOME=/nonexistent NODE_ENV=production node bin/clickfeed.js "$@"; }

run --help | grep -q worker || { echo 'Cannot start clickfeed --help' >&2; exit 1; }
run setup --print | grep -q 'CREATE TABLE' || { echo 'Cannot start clickfeed setup --print' >&2; exit 1; }
# Refused for its configuration, which it reads after everything has been imported.
code=0
run worker > "$work/worker.log" 2>&1 || code=$?
grep -q 'Set S3_BUCKET' "$work/worker.log" || { cat "$work/worker.log" >&2; exit 1; }
test "$code" -eq 2 || { echo "Cannot refuse an empty configuration: found exit code $code, expected 2" >&2; exit 1; }
node --input-type=module -e "await import('$image/dist/worker.js')"
test -s dist/workflow-bundle.js || { echo 'Cannot find dist/workflow-bundle.js' >&2; exit 1; }

chmod -R u+w "$image"
echo "Good: $(du -sm node_modules | cut -f1) MB of modules, $(du -sm dist | cut -f1) MB of program"
