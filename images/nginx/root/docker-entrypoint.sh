#!/bin/sh
# Prepares nginx with what is in /docker-entrypoint.d, and becomes what it was called with.
#
# NGINX_ENTRYPOINT_QUIET_LOGS: if set, this says nothing.
set -eu

say() {
    if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then
        echo "$0: $*"
    fi
}

case ${1:-} in
nginx | nginx-debug)
    for script in /docker-entrypoint.d/*; do
        case $script in
        *.envsh)
            if [ -x "$script" ]; then
                say "reading $script"
                # What it exports is for the scripts that follow, and for nginx.
                . "$script"
            else
                say "leaving out $script, which is not executable"
            fi
            ;;
        *.sh)
            if [ -x "$script" ]; then
                say "running $script"
                "$script"
            else
                say "leaving out $script, which is not executable"
            fi
            ;;
        '/docker-entrypoint.d/*') ;;
        *) say "leaving out $script, which is neither *.sh nor *.envsh" ;;
        esac
    done
    say "ready to start"
    ;;
esac

exec "$@"
