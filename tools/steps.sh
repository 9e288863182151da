# Sourced by ./run and ./test: what both do before their own work.
# Sets `root` and `logs`; what it leaves behind is below build/ or in the cache of tools/third_party/fetch.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
readonly node_major_min=20 node_minor_min=19

say() { printf '%s\n' "penstock: $*" >&2; }

# step [--keep REGEX] LABEL LOG-NAME COMMAND...: output to a log, progress for the person, the log's end on
# failure, and the lines that match REGEX in any case.
step() {
    local keep=()
    if [[ $1 == --keep ]]; then
        keep=("$1" "$2")
        shift 2
    fi
    local label=$1 log=$logs/$2.log
    shift 2
    python3 "$root/tools/progress.py" --log "$log" "${keep[@]}" "$label" -- "$@"
}

start_log() { : >"$logs/$1.log"; }

node_is_new_enough() {
    local version
    version=$(node --version 2>/dev/null) && command -v npm >/dev/null || return 1
    IFS=. read -r major minor _ <<<"${version#v}"
    ((major > node_major_min || (major == node_major_min && minor >= node_minor_min)))
}

# prepare [--tests]: packages, third-party libraries, models, Node, the environment of the build.
prepare() {
    cd "$root"
    mkdir -p "$logs"
    tools/install_packages "$@"
    prefixes=$(tools/third_party/fetch --print llama smollm2 minilm)
    PENSTOCK_MODELS=$(sed 1d <<<"$prefixes" | paste -sd:)
    export PENSTOCK_MODELS
    if ! node_is_new_enough; then
        PATH=$(tools/third_party/fetch --print node)/bin:$PATH
        export PATH
    fi
    # ccache sees the same file in every checkout of this repository.
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
}

# build PRESET TARGET...: configures where that was never done or third-party prefixes moved; else Ninja runs
# CMake again by itself when it must.
build() {
    local preset=$1 log=build-$1 stamp=build/$1/third_party_prefixes
    shift
    start_log "$log"
    if [[ ! -f build/$preset/build.ninja || $(cat "$stamp" 2>/dev/null) != "$prefixes" ]]; then
        step "configure $preset" "$log" cmake --preset "$preset" || return 1
        printf '%s\n' "$prefixes" >"$stamp"
    fi
    step "build $preset" "$log" ninja -C "build/$preset" -j "${PENSTOCK_JOBS:-$(nproc)}" "$@"
}
