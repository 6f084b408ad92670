#!/bin/sh
# What is neither a program nor a way to one is for node: options, and names of scripts.
set -eu

case ${1:-} in
-*) set -- node "$@" ;;
*)
    if ! command -v -- "${1:-}" >/dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
        set -- node "$@"
    fi
    ;;
esac

exec "$@"
