# Makes an image's files in $SCRATCH/upper. "I: …..." on stderr says how far it is.

# Debian's mirror as the machine's own apt reaches it. Nothing of it gets into the image.
proxy() {
    local proxy='' detect=''
    eval "$(apt-config shell proxy "Acquire::$1::Proxy" detect "Acquire::$1::Proxy-Auto-Detect" 2>/dev/null)"
    if [ -z "$proxy" ] && [ -x "$detect" ]; then
        proxy=$("$detect" "$1://deb.debian.org/debian")
    fi
    if [ -n "$proxy" ] && [ "$proxy" != DIRECT ]; then
        export "$1_proxy=$proxy"
    fi
}

copy_files() {
    if [ -n "$FILES" ]; then
        echo 'I: copying files...' >&2
        tar --create --directory="$FILES" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
            --mtime="@$SOURCE_DATE_EPOCH" . | tar --extract --directory="$1" --no-overwrite-dir
    fi
}

run_setup() {
    if [ -n "$SETUP" ]; then
        echo 'I: setting up...' >&2
        "$SETUP" "$1"
    fi
}

# With find, as it follows none of the image's links out of it. At just that depth a `*` can't match a slash.
remove() {
    local pattern depth
    while IFS= read -r pattern; do
        depth=${pattern//[!\/]/}
        (cd "$1" && find . -mindepth "${#depth}" -maxdepth "${#depth}" -path ".$pattern" -exec rm -rf -- {} +)
    done <"$SCRATCH/remove"
}

clamp_times() {
    find "$SCRATCH/upper" -newermt "@$SOURCE_DATE_EPOCH" \
        -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

umask 022
chmod 755 "$SCRATCH/upper"
proxy http
proxy https
