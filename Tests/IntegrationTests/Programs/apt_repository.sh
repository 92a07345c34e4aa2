#!/bin/sh
# Makes a flat repository of tiny packages: apt_repository.sh DIRECTORY COUNT
set -eu
directory=$1
count=$2
mkdir -p "$directory/tree/DEBIAN" "$directory/tree/opt"
cd "$directory"
for number in $(seq "$count"); do
  printf 'Package: weft-test-%s\nVersion: 1.%s\nArchitecture: all\nMaintainer: Weft <weft@test>\nDescription: a test\n' \
    "$number" "$number" >tree/DEBIAN/control
  seq "$((number * 1000))" >tree/opt/numbers
  file="weft-test-$number.deb"
  # Stored, not compressed: the work of the test is the transport's.
  dpkg-deb --root-owner-group -Znone --build tree "$file" >/dev/null
  {
    cat tree/DEBIAN/control
    echo "Filename: ./$file"
    echo "Size: $(stat -c %s "$file")"
    echo "SHA256: $(sha256sum "$file" | cut -d ' ' -f 1)"
    echo
  } >>Packages
done
gzip -kn Packages
rm -r tree
{
  echo "Suite: stable"
  echo "Date: $(date -Ru)"
  echo "SHA256:"
  for file in Packages Packages.gz; do
    echo " $(sha256sum $file | cut -d ' ' -f 1) $(stat -c %s $file) $file"
  done
} >Release
