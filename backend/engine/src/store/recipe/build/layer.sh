# On top of another image, or of nothing. $LOWER: its layers, the topmost first, in the current directory.
# Arguments: options of apt-get install, and packages.

root=$SCRATCH/root
mkdir "$root" "$SCRATCH/work"

# In the machine's own environment a package's scripts would see more than Debian.
inside() {
    env --ignore-environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \
        SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" ${http_proxy:+http_proxy="$http_proxy"} \
        ${https_proxy:+https_proxy="$https_proxy"} chroot "$root" "$@"
}

# What is mounted over the image is no part of it. One that doesn't even have the directory is no Debian, and needs none of it.
mount_system() {
    local node
    if [ -d "$root/dev" ]; then
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for node in null zero full random urandom tty; do
            touch "$root/dev/$node"
            mount --bind "/dev/$node" "$root/dev/$node"
        done
        mkdir "$root/dev/shm" "$root/dev/pts"
        ln -s /proc/self/fd "$root/dev/fd"
        mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
        ln -s pts/ptmx "$root/dev/ptmx"
    fi
    if [ -d "$root/proc" ]; then
        mount -t proc proc "$root/proc"
    fi
    if [ -d "$root/tmp" ]; then
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    fi
}

umount_system() {
    local name
    for name in dev proc tmp; do
        if mountpoint --quiet "$root/$name"; then
            umount --recursive "$root/$name"
        fi
    done
}

install() {
    local name made=()
    for name in resolv.conf hosts; do
        if [ ! -e "$root/etc/$name" ]; then
            touch "$root/etc/$name"
            made+=("$root/etc/$name")
        fi
        mount --bind "/etc/$name" "$root/etc/$name"
    done
    mkdir "$SCRATCH/lists" "$SCRATCH/cache"
    mount --bind "$SCRATCH/lists" "$root/var/lib/apt/lists"
    mount --bind "$SCRATCH/cache" "$root/var/cache/apt"
    # Nothing is to be started here.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"

    echo 'I: reading package lists...' >&2
    inside apt-get --quiet --option=Acquire::Retries=3 --error-on=any update
    echo 'I: installing packages...' >&2
    inside apt-get --quiet --yes --no-install-recommends --option=Acquire::Retries=3 --option=Dpkg::Use-Pty=0 \
        --option=DPkg::Options::=--force-unsafe-io --option=DPkg::Options::=--force-confold install "$@"

    umount "$root/var/cache/apt" "$root/var/lib/apt/lists" "$root/etc/resolv.conf" "$root/etc/hosts"
    rm "$root/usr/sbin/policy-rc.d" "${made[@]}"
}

if [ -n "$LOWER" ]; then
    scratch=${SCRATCH##*/}
    # Redirects and the like would be nobody's but this kernel's. What isn't complete is thrown away: no need to sync.
    options="upperdir=$scratch/upper,workdir=$scratch/work,index=off,redirect_dir=off,metacopy=off,volatile"
    mount -t overlay -o "lowerdir=$LOWER,$options" overlay "$root"
    mount_system
else
    mount --bind "$SCRATCH/upper" "$root"
fi

if [ -n "$PREPARE" ]; then
    "$PREPARE" "$root"
fi
for argument; do
    case $argument in
    -*) ;;
    *)
        install "$@"
        break
        ;;
    esac
done
copy_files "$root"
run_setup "$root"

if [ -n "$VERSION_OF" ]; then
    dpkg-query --admindir="$root/var/lib/dpkg" --showformat='${Version} ${source:Package} ${source:Version}\n' \
        --show "$VERSION_OF" >"$SCRATCH/version"
fi
if [ -n "$LOWER" ]; then
    umount_system
fi
remove "$root"
umount "$root"
clamp_times
