# Arguments: the directory that becomes the root, dockerd's socket and its cgroup.
mount --make-rprivate /
mount --rbind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
ip link set lo up
rm -f "$1$2"
exec chroot "$1" dockerd --host "unix://$2" --cgroup-parent "/$3" --log-level warn
