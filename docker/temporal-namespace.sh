#!/bin/sh
# Makes the namespace unless it is there. The CLI reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE from the environment.
set -eu

tries=30
until temporal operator cluster health; do
  tries=$((tries - 1))
  test "$tries" -gt 0 || { echo 'Cannot make the namespace: Temporal did not become healthy' >&2; exit 1; }
  sleep 2
done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
