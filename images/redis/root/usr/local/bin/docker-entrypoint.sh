#!/bin/sh
# Starts redis-server as the user redis, who owns /data, or whatever else this was called with.
set -eu

# Only options, or a file of them.
case ${1:-} in
-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
    # Nobody but the container's own network reaches it, so that it needn't refuse whom it doesn't know. Who says otherwise is
    # heard: options that come later win, and a file that speaks of it is believed.
    shift
    case ${1:-} in
    -v | -h | --version | --help | --test-memory | --check-system) ;;
    '' | --*) set -- --protected-mode no "$@" ;;
    *)
        if ! grep --quiet --no-messages --extended-regexp '^[[:space:]]*protected-mode[[:space:]]' -- "$1"; then
            file=$1
            shift
            set -- "$file" --protected-mode no "$@"
        fi
        ;;
    esac
    set -- redis-server "$@"

    if [ "$(id -u)" = 0 ]; then
        find . ! -user redis -exec chown redis {} +
        set -- setpriv --reuid=redis --regid=redis --init-groups -- "$@"
    fi
    # What it writes is nobody else's business.
    if [ "$(umask)" = 0022 ]; then
        umask 0077
    fi
fi

exec "$@"
