#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/renumber.sh DEB NEW_DEB
#
# Makes a package with the same files and the next higher version, for tests of upgrades.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb -R "$1" "$work/package"
sed -i 's/^Version: .*/&+1/' "$work/package/DEBIAN/control"
dpkg-deb -Znone -b "$work/package" "$2" >/dev/null
