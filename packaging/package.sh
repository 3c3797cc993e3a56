#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/package.sh
#
# Makes the packages of the built distribution for the architecture of this machine, below build/:
#
#   jubelet-VERSION-linux-ARCH.tar.gz    to unpack anywhere
#   jubelet_VERSION-1_ARCH.deb
#   jubelet-VERSION-1.MACHINE.rpm
#
# Each has a Java runtime of its own, AOT caches trained on it, manual pages, completion, an SBOM and the licences. Needs
# debhelper, go-md2man and rpmbuild.
#
# SOURCE_DATE_EPOCH   the time of the files; otherwise that of the last commit
set -euo pipefail

cd "$(dirname "$0")/.."
die() {
    echo "package.sh: $*" >&2
    exit 1
}
for need in strip:binutils dh:debhelper go-md2man:go-md2man rpmbuild:rpm; do
    command -v "${need%:*}" >/dev/null ||
        die "${need%:*} is missing; tools/setup.sh --packages installs it (Debian's package ${need#*:})"
done
JAVA_HOME=${JAVA_HOME:-$(tools/find-jdk.sh)}
export JAVA_HOME
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(stat -c %Y pom.xml)
fi
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
umask 022
version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' pom.xml | head -n 1)
# Both packagers sort 1.2.3~rc.1 before 1.2.3.
package_version=${version/-/\~}
machine=$(uname -m)
case $machine in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$machine ;;
esac
bom=build/jubelet-$version.cdx.json
[[ -r $bom ]] || die "$bom is missing: run make sbom"
work=$PWD/build/package
rm -rf --one-file-system "$work"
mkdir -p "$work"

# Sets the times of everything below DIR, and the modes that do not depend on the umask of the checkout.
settle() { # DIR
    chmod -R u=rwX,go=rX "$1"
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

echo "package.sh: the Java runtime"
modules=$(sed 's/#.*//' packaging/modules | paste -sd, | tr -s , | sed 's/^,//; s/,$//')
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-man-pages --no-header-files --vm=server \
    --output "$work/runtime"
rm "$work/runtime/bin/keytool"
find "$work/runtime" -type f \( -name '*.so' -o -path '*/bin/*' -o -name jspawnhelper \) -exec strip --strip-unneeded {} +
# Only those who link against the JVM, or read its image with an older Java, need these.
rm -f "$work/runtime/lib/jrt-fs.jar" "$work/runtime/lib/classlist" "$work/runtime/lib/libjsig.so" \
    "$work/runtime/lib/server/libjsig.so" "$work/runtime/lib/jexec"

echo "package.sh: the AOT caches"
tree=$work/jubelet-$version
tools/dist.sh "$tree" "$work/runtime"
share=$tree/share
packaging/texts.sh "$tree/lib" "$share"
cp -R systemd manifests-example "$tree/"
mkdir "$share/doc"
cp README.md CHANGELOG.md "$share/doc/"
cp docs/*.md "$share/doc/"
cp -R docs/reference "$share/doc/"
# The list of the libraries, and the runtime.
release() { sed -n "s/^$1=\"\(.*\)\"/\1/p" "$JAVA_HOME/release"; }
sed "s|^  \"components\" : \[\$|&\n\
    {\n\
      \"type\" : \"platform\",\n\
      \"bom-ref\" : \"java-runtime\",\n\
      \"publisher\" : \"$(release IMPLEMENTOR)\",\n\
      \"name\" : \"OpenJDK\",\n\
      \"version\" : \"$(release JAVA_RUNTIME_VERSION)\",\n\
      \"description\" : \"Java runtime with the modules ${modules//,/, }\",\n\
      \"licenses\" : [ { \"expression\" : \"GPL-2.0-only WITH Classpath-exception-2.0\" } ]\n\
    },|" "$bom" >"$share/jubelet.cdx.json"
[[ $(grep -c '"bom-ref" : "java-runtime"' "$share/jubelet.cdx.json") == 1 ]] || die "$bom has another form now"
settle "$share"
settle "$tree/systemd"
settle "$tree/manifests-example"
touch --date="@$SOURCE_DATE_EPOCH" "$tree"

echo "package.sh: the tarball"
tarball=build/jubelet-$version-linux-$arch.tar.gz
tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -C "$work" -cf - "jubelet-$version" |
    gzip -n >"$tarball"

# The file system of a package. What a packager adds of its own is in debian/ and rpm/.
root=$work/root
mkdir -p "$root"/usr/{bin,lib/jubelet,lib/sysusers.d,lib/tmpfiles.d,share/man} "$root/etc/default" \
    "$root/usr/share"/{bash-completion/completions,fish/vendor_completions.d,zsh/site-functions,doc/jubelet/examples,jubelet}
cp -a "$tree/bin" "$tree/lib" "$root/usr/lib/jubelet/"
ln -s ../lib/jubelet/bin/jubelet "$root/usr/bin/jubelet"
cp -R "$share/man" "$root/usr/share/"
cp "$share/completion/jubelet.bash" "$root/usr/share/bash-completion/completions/jubelet"
cp "$share/completion/jubelet.fish" "$root/usr/share/fish/vendor_completions.d/"
cp "$share/completion/_jubelet" "$root/usr/share/zsh/site-functions/"
cp "$share/jubelet.cdx.json" "$root/usr/share/jubelet/"
cp -R "$share"/doc/* "$root/usr/share/doc/jubelet/"
cp NOTICE THIRD-PARTY.md "$root/usr/share/doc/jubelet/"
cp -R manifests-example "$root/usr/share/doc/jubelet/examples/manifests"
for example in systemd/jubelet.service.d/*.example; do
    sed 's|/usr/local/|/usr/|g' "$example" >"$root/usr/share/doc/jubelet/examples/$(basename "$example" .example)"
done
cp systemd/jubelet.sysusers.conf "$root/usr/lib/sysusers.d/jubelet.conf"
cp systemd/jubelet.tmpfiles.conf "$root/usr/lib/tmpfiles.d/jubelet.conf"
install -m 644 packaging/jubelet.default "$root/etc/default/jubelet"
sed 's|@PREFIX@|/usr|g' systemd/jubelet.service >"$work/jubelet.service"
chmod 644 "$work/jubelet.service"
settle "$root"

echo "package.sh: the package for dpkg"
deb=$work/deb
mkdir "$deb"
cp -R packaging/debian "$deb/debian"
cp "$work/jubelet.service" "$deb/debian/"
cp -a "$root" "$deb/root"
# Where zsh of Debian looks.
mv "$deb/root/usr/share/zsh/site-functions" "$deb/root/usr/share/zsh/vendor-completions"
cat >"$deb/debian/changelog" <<END
jubelet ($package_version-1) unstable; urgency=medium

  * The changes are in /usr/share/doc/jubelet/changelog.gz.

 -- The Jubelet Authors <jubelet@localhost>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
(cd "$deb" && debian/rules binary) >"$work/deb.log" 2>&1 || {
    cat "$work/deb.log" >&2
    die "the package for dpkg cannot be made"
}
rm -f build/jubelet_*.deb build/jubelet-*.rpm
mv "$work"/*.deb build/

echo "package.sh: the package for rpm"
rpmbuild -bb --quiet --target "$machine" --buildroot "$work/rpm/root" \
    --define "_topdir $work/rpm" --define "_rpmdir $work" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
    --define "tree $root" --define "unit $work/jubelet.service" --define "package_version $package_version" \
    packaging/rpm/jubelet.spec >"$work/rpm.log" 2>&1 || {
    cat "$work/rpm.log" >&2
    die "the package for rpm cannot be made"
}
mv "$work"/*.rpm build/
ls -l "$tarball" build/jubelet_"$package_version"-*.deb build/jubelet-"$package_version"-*.rpm
