#!/usr/bin/env bash
# Generates Tests/WireTests/Generated from proto/, which only the cross-check with SwiftProtobuf uses, and ABCI.pb.swift, CometBFT's
# words. Both are generated when the files change and committed, so no build needs what this script needs: protoc (Debian's
# protobuf-compiler) and protoc-gen-swift, compiled once from the release of swift-protobuf that Package.swift names.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n 's|.*apple/swift-protobuf.git", exact: "\([0-9.]*\)".*|\1|p' Package.swift)
readonly version
readonly generated=Tests/WireTests/Generated
readonly abci=Sources/Ordering/ABCIServer
readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/gonka
readonly sources=$cache/build/swift-protobuf-$version
readonly plugin=$cache/protoc-gen-swift-$version

say() { printf 'protos: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 2
}

install_protoc() {
    local line="apt-get install -y --no-install-recommends protobuf-compiler"
    [ "$(id -u)" = 0 ] || fail "protoc is missing and this is not root; run this once, then again:  sudo $line"
    say "installing protobuf-compiler"
    $line >/dev/null 2>&1 || { apt-get update -q >&2 && $line >&2; } || fail "cannot install protobuf-compiler"
}

build_plugin() {
    say "compiling protoc-gen-swift $version: some minutes, once"
    mkdir -p "$cache/build"
    if [ ! -d "$sources" ]; then
        rm -rf "$sources.tmp"
        git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$version" \
            https://github.com/apple/swift-protobuf.git "$sources.tmp" || fail "cannot clone swift-protobuf $version"
        mv "$sources.tmp" "$sources"
    fi
    swift build --package-path "$sources" --product protoc-gen-swift >"$sources.log" 2>&1 ||
        fail "protoc-gen-swift does not build; see $sources.log"
    cp "$sources/.build/debug/protoc-gen-swift" "$plugin.tmp"
    mv "$plugin.tmp" "$plugin"
}

[ -n "$version" ] || fail "Package.swift does not name a version of swift-protobuf"
command -v protoc >/dev/null || install_protoc
if [ ! -x "$plugin" ] || [ ! -d "$sources" ]; then build_plugin; fi

mkdir -p "$generated"
rm -f "$generated"/*.pb.swift
mapfile -t files < <(cd proto && find . -name '*.proto' -printf '%P\n' | LC_ALL=C sort)
# google/protobuf/*.proto come with swift-protobuf.
generate() {
    local from=$1 to=$2
    shift 2
    protoc --plugin=protoc-gen-swift="$plugin" --proto_path="$from" \
        --proto_path="$sources/Protos/Sources/SwiftProtobuf" \
        --swift_opt=FileNaming=PathToUnderscores --swift_out="$to" "$@"
}

generate proto "$generated" "${files[@]}"
generate "$abci" "$abci/Generated" ABCI.proto
say "$(protoc --version), protoc-gen-swift $version: ${#files[@]} files in $generated, one in $abci/Generated"
