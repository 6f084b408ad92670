#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
for _ in $(seq 100); do [ -b /dev/vda ] && break; sleep 0.1; done
mount -t ext4 /dev/vda /disk || poweroff -f
for directory in proc sys dev; do mount --move "/$directory" "/disk/$directory"; done
exec switch_root /disk /bin/run-tests
