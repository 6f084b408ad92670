# Of packages alone. Arguments: mmdebstrap's, but for the target.

root=$SCRATCH/upper

if ! command -v mmdebstrap >/dev/null; then
    echo 'mmdebstrap is missing. Install it: apt-get install mmdebstrap' >&2
    exit 1
fi
versions='--showformat=${Version} ${source:Package} ${source:Version}\n'
if [ -n "$VERSION_OF" ]; then
    # A variant that only extracts packages leaves no trace of their versions.
    hook="dpkg-deb --show '$versions' \"\$1\"/var/cache/apt/archives/${VERSION_OF}_*.deb >\"\$SCRATCH/version\" || true"
    set -- --extract-hook="$hook" "$@"
fi
mmdebstrap "$@" "$root"
if [ -n "$VERSION_OF" ] && [ ! -s "$SCRATCH/version" ]; then
    dpkg-query --admindir="$root/var/lib/dpkg" --show "$versions" "$VERSION_OF" >"$SCRATCH/version"
fi

copy_files "$root"
run_setup "$root"
remove "$root"
clamp_times
