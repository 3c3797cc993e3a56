#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/release.sh [--dry-run] [--tested] [--next VERSION] VERSION        for example 1.2.3
#
# Makes a release from the branch main: runs the tests, sets the version, dates the section
# "Unreleased" of CHANGELOG.md, builds the artefacts with their checksums into build/release/VERSION,
# and adds two commits and the tag vVERSION to main. Nothing is pushed. Everything is made in a
# worktree of its own, so main is as it was if anything fails. See docs/releasing.md.
#
# --dry-run        check what can be checked at once, show the commits and the message of the tag,
#                  and keep nothing
# --tested         do not run the tests, because they passed on this very commit
# --next VERSION   the version to work towards afterwards, without -SNAPSHOT; if not given, the one
#                  after VERSION
set -euo pipefail

cd "$(dirname "$0")/.."

die() {
    echo "release: $*" >&2
    exit 1
}
usage() {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}

dry_run=
tested=
next=
version=
while (($# > 0)); do
    case $1 in
    --dry-run) dry_run=1 ;;
    --tested) tested=1 ;;
    --next)
        (($# > 1)) || usage
        next=$2
        shift
        ;;
    -*) usage ;;
    *)
        [[ -z $version ]] || usage
        version=$1
        ;;
    esac
    shift
done
[[ -n $version ]] || usage
# make passes VERSION on to each make that is started here; each of these reads it from its own pom.xml.
unset MAKEFLAGS MAKEOVERRIDES MFLAGS

# --- checks

readonly number='(0|[1-9][0-9]*)'
readonly core_form="^$number\\.$number\\.$number\$"
core=${version%%-*}
[[ $version =~ ^$number\.$number\.$number(-(alpha|beta|rc)\.$number)?$ ]] ||
    die "\"$version\" is not a version such as 1.2.3 or 1.2.3-rc.1"
if [[ -z $next ]]; then
    # After a candidate comes what it is a candidate of.
    [[ $version == "$core" ]] && next=${core%.*}.$((${core##*.} + 1)) || next=$core
fi
[[ $next =~ $core_form ]] || die "\"$next\" is not a version such as 1.2.4 (--next)"
# Whether $1 is an older version than $2; 1.2.3-rc.1 is older than 1.2.3.
older() {
    [[ $1 != "$2" && $(printf '%s\n' "${1//-/\~}" "${2//-/\~}" | LC_ALL=C sort -V | head -n 1) == "${1//-/\~}" ]]
}
! older "$next" "$core" || die "--next $next is older than $version"
[[ $next != "$version" ]] || die "--next $next is the version to be released"

tag=v$version
branch=$(git symbolic-ref --quiet --short HEAD) || die "no branch is checked out: git switch main"
[[ $branch == main ]] || die "releases are made from main, and $branch is checked out: git switch main"
changes=$(git status --porcelain)
[[ -z $changes ]] || die "there are changes that are not committed:"$'\n'"$changes"
! git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null || die "the tag $tag exists already"
if upstream=$(git rev-parse --quiet --verify --abbrev-ref '@{upstream}' 2>/dev/null); then
    behind=$(git rev-list --count "HEAD..$upstream")
    ((behind == 0)) || die "main is behind $upstream by $behind: git pull"
fi
git var GIT_COMMITTER_IDENT >/dev/null || die "git does not know who commits (see above)"
while read -r released; do
    older "${released#v}" "$version" || die "$released is released already, and newer than $version"
done < <(git tag --list --merged HEAD 'v[0-9]*')

snapshot=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' pom.xml | head -n 1)
[[ $snapshot == *-SNAPSHOT ]] || die "the version in pom.xml is $snapshot, and must end with -SNAPSHOT"
! older "$core" "${snapshot%-SNAPSHOT}" || die "the tree is at $snapshot, which is newer than $version"

# The text below the heading of a version, without the empty lines around it.
section() { # HEADING
    awk -v heading="## [$1]" '
        index($0, "## [") == 1 { inside = index($0, heading) == 1; next }
        inside && (NF || text != "") { text = text $0 "\n" }
        END { sub(/\n+$/, "", text); if (text != "") print text }' CHANGELOG.md
}
notes=$(section Unreleased)
grep -q '^- ' <<<"$notes" || die "CHANGELOG.md has no entry under \"## [Unreleased]\": there is nothing to release"

# --- tests

start=$(git rev-parse HEAD)
if [[ -z $dry_run && -z $tested ]]; then
    make check
    JUBELET_NO_SKIP=1 make test
    [[ -z $(git status --porcelain) && $(git rev-parse HEAD) == "$start" ]] ||
        die "the tree has changed while the tests ran"
fi

# --- the commits, beside main

out=$PWD/build/release/$version
tree=$out/tree
discard_tree() {
    git worktree remove --force "$tree" 2>/dev/null || true
    git worktree prune
}
rm -rf --one-file-system "$out"
git worktree prune
mkdir -p "$out"
failed() {
    discard_tree
    echo "release: failed (see above); main and the tags are as before" >&2
}
trap failed EXIT
git worktree add --quiet --detach "$tree" "$start"

# The version of the tree, which no library has, since it ends with -SNAPSHOT.
set_version() { # VERSION
    local pom
    while IFS= read -r pom; do
        git show "$start:$pom" | sed "s|<version>$snapshot</version>|<version>$1</version>|" >"$tree/$pom"
        grep -qF "<version>$1</version>" "$tree/$pom" || die "$pom does not have the version $snapshot"
    done < <(git ls-tree -r --name-only "$start" | grep -E '(^|/)pom\.xml$')
}
set_version "$version"
# What a candidate has stays unreleased until it is.
if [[ $version == "$core" ]]; then
    sed -i "s|^## \\[Unreleased\\].*|&\\n\\n## [$version] - $(date -u +%F)|" "$tree/CHANGELOG.md"
fi
git -C "$tree" commit --quiet --all --message "Release $version"
release=$(git -C "$tree" rev-parse HEAD)
set_version "$next-SNAPSHOT"
git -C "$tree" commit --quiet --all --message "Begin $next"
begun=$(git -C "$tree" rev-parse HEAD)

if [[ -n $dry_run ]]; then
    git --no-pager log --reverse --patch --format='--- commit: %s%n' "$start..$begun"
    printf '\n--- tag %s, with this message:\n\nJubelet %s\n\n%s\n' "$tag" "$version" "$notes"
    discard_tree
    trap - EXIT
    rm -rf --one-file-system "$out"
    echo
    echo "release: everything is ready for $version; nothing was kept, built or tested"
    exit
fi

# --- the artefacts, from the commit of the release

git -C "$tree" checkout --quiet --detach "$release"
make --no-print-directory -C "$tree" dist
mv "$tree"/build/*.tar.gz "$tree"/build/*.deb "$tree"/build/*.rpm "$tree/build/jubelet-$version.cdx.json" "$out/"
archive=$(cd "$out" && echo jubelet-"$version"-linux-*.tar.gz)
git archive --prefix="jubelet-$version/" --output="$out/jubelet-$version-source.tar.gz" "$release"
(cd "$out" && sha256sum -- *.tar.gz *.deb *.rpm *.cdx.json >SHA256SUMS)

# What users unpack says which version it is.
mkdir "$out/try"
tar -xzf "$out/$archive" -C "$out/try"
told=$("$out/try/jubelet-$version/bin/jubelet" version --client)
rm -rf "$out/try"
[[ $told == "jubelet $version" ]] || die "the program in $archive says that it is \"$told\""

# --- main and the tag, last: until here nothing is to be undone

# Refused if main moved, or files that change here were edited meanwhile.
git merge --quiet --ff-only "$begun"
discard_tree
trap - EXIT
# A line that begins with # is a heading of the changelog, not a comment.
printf 'Jubelet %s\n\n%s\n' "$version" "$notes" |
    git tag --annotate --cleanup=whitespace --file=- "$tag" "$release" ||
    die "the commits are on main, but the tag failed (see above): git reset --keep $start"

cat <<END

release: $version is ready, and nothing is pushed yet.

$(sed 's|^|  |' "$out/SHA256SUMS")

Publish it:       git push --atomic origin main $tag
                  and attach the files of build/release/$version to the release
Or undo it all:   git tag --delete $tag && git reset --keep $start
END
