#!/bin/sh
# Where there is IPv6, the server that the image brings along listens there, too. One that somebody has changed stays as it is.
set -eu

conf=/etc/nginx/conf.d/default.conf
original=/usr/share/nginx/default.conf.original

if [ -f /proc/net/if_inet6 ] && [ -w "$conf" ] && cmp -s "$conf" "$original"; then
    # Not in place, which would need a directory that can be written to.
    changed=$(sed 's/^\( *\)listen  *80;/&\n\1listen  [::]:80;/' "$conf")
    printf '%s\n' "$changed" >"$conf"
fi
