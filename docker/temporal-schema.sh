#!/bin/sh
# Makes Temporal's two databases and brings their schemas to this image's version. Safe to run again.
# The tool reads plugin, host, port, user and password from SQL_* in the environment, so that no password is on a command line.
set -eu

schemas=/etc/temporal/schema/postgresql/v12

bring_up() { # database, folder of its schema
  temporal-sql-tool --database "$1" create-database
  # A schema that has a version is left as it is.
  temporal-sql-tool --database "$1" setup-schema --version 0.0 || true
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
