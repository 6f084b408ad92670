# Makes an image's files in $SCRATCH/root and writes them to stdout as a tar. Arguments: mmdebstrap's, but for the target.
# "I: …" on stderr says how far it is.

exec 3>&1 1>&2
root=$SCRATCH/root

if ! command -v mmdebstrap >/dev/null; then
    echo 'mmdebstrap is missing. Install it: apt-get install mmdebstrap'
    exit 1
fi
mmdebstrap "$@" "$root"

if [ -n "$FILES" ]; then
    echo 'I: copying files...'
    tar --create --directory="$FILES" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX . |
        tar --extract --directory="$root" --no-overwrite-dir
fi

if [ -n "$SETUP" ]; then
    echo 'I: setting up...'
    "$SETUP" "$root"
fi

# `remove` is applied here instead of with rm, which would follow the image's links out of it.
echo 'I: packing...'
tar --create --directory="$root" --sort=name --numeric-owner \
    --format=posix --pax-option=delete=atime,delete=ctime --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime \
    --xattrs --xattrs-include=security.capability \
    --anchored --wildcards --no-wildcards-match-slash --exclude-from="$SCRATCH/remove" . >&3
