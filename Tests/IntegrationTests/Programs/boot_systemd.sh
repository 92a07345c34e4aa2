#!/bin/sh
# Boots a systemd of its own, as PID 1 of namespaces of its own, with nothing to run but journald and what is asked for later.
# Usage, as root: boot_systemd.sh DIRECTORY
# DIRECTORY holds units/ and local/, which is seen as /usr/local. It ends when it is killed, and all it ran ends with it.
set -eu
boot=/run/weft-boot
if [ "${2-}" != inside ]; then
  # systemd counts processes by groups of version 2, and takes the one it begins in for the root of all. What dead runs left
  # is empty, and goes.
  groups=/sys/fs/cgroup/unified
  [ -d "$groups" ] || groups=/sys/fs/cgroup
  for left in "$groups"/weft-boot-*; do
    [ ! -d "$left" ] || [ -d "/proc/${left##*-}" ] || find "$left" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  mkdir "$groups/weft-boot-$$"
  echo $$ >"$groups/weft-boot-$$/cgroup.procs"
  exec unshare --mount --uts --ipc --cgroup --net --pid --fork --kill-child --propagation private "$0" "$1" inside
fi

mount -t proc none /proc
# The kernel's settings belong to no namespace, and systemd raises limits there when it starts.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
umount -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs -o mode=755 none /run
mkdir "$boot"
mount --bind "$1" "$boot"
mount -t tmpfs -o mode=1777 none /tmp
for place in /var/lib /var/log /var/tmp; do mount -t tmpfs -o mode=755 none "$place"; done
mount --bind "$boot/local" /usr/local
# The units' users, made as their installer makes them, in copies of this host's files.
mkdir -p "$boot/root/etc"
for file in passwd group shadow gshadow; do cp "/etc/$file" "$boot/root/etc/$file"; done
systemd-sysusers --root="$boot/root" "$boot/units/weft.conf"
for file in passwd group shadow gshadow; do mount --bind "$boot/root/etc/$file" "/etc/$file"; done
tr -d - </proc/sys/kernel/random/uuid >"$boot/machine-id"
mount --bind "$boot/machine-id" /etc/machine-id
# A host has an address; nobody is at the other end.
ip link set lo up
ip link add eth0 type veth peer name elsewhere
ip address add 198.51.100.7/24 dev eth0
ip link set eth0 up
ip link set elsewhere up
exec env -i container=weft-test PATH="$PATH" SYSTEMD_UNIT_PATH="$boot/units" TERM=dumb \
  /lib/systemd/systemd --system --unit=weft-test.target --log-target=journal --show-status=no
