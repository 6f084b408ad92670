# Arguments: the directory that becomes the root, the one that is to have the socket, the name of data and cgroup.
mount --make-rprivate /
mount --rbind "$1" "$1"
mount --bind "$2" "$1/bench"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
ip link set lo up
rm -f "$1/bench/docker.sock"
# chroot is not enough: who enters a container's mount namespace, as `docker exec` does, would be at the machine's root.
cd "$1"
pivot_root . mnt
exec chroot . sh -euc '
umount --lazy /mnt
exec dockerd --host unix:///bench/docker.sock --data-root "/var/lib/$1" --cgroup-parent "/$1" --log-level warn
' dockerd "$3"
