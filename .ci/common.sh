# Shared by .ci/run and .ci/nightly: titles with times, and a machine that is ready. Sourced, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
[ -f "${CARGO_HOME:-$HOME/.cargo}/env" ] && . "${CARGO_HOME:-$HOME/.cargo}/env"

began=$SECONDS
step_began=$SECONDS
step_title=
times=()

# step TITLE: ends the step before it and begins one.
step() {
    end_step
    step_title=$1
    step_began=$SECONDS
    printf '\n=== %s   (%s)\n' "$step_title" "$(clock $((SECONDS - began)))"
}

end_step() {
    [ -z "$step_title" ] || times+=("$(printf '%7s  %s' "$(clock $((SECONDS - step_began)))" "$step_title")")
    step_title=
}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

say() { printf '%s\n' "$*"; }

die() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# What took how long, however the script ends.
ending() {
    local code=$?
    trap - EXIT
    [ "$code" -eq 0 ] || [ -z "$step_title" ] || step_title="$step_title   <- ended here, exit code $code"
    end_step
    printf '\n=== how long each part took\n'
    printf '%s\n' "${times[@]}" "$(printf '%7s  all' "$(clock $((SECONDS - began)))")"
    [ ! -s target/ci/test.log ] || { printf '\n=== what the tests said\n'; grep '^test result\|^error: test failed' target/ci/test.log || true; }
    [ -z "${engine_pid:-}" ] || { say "stopping the Docker engine that was started here"; kill "$engine_pid" 2>/dev/null || true; }
    exit "$code"
}
trap ending EXIT

# need COMMAND PACKAGE: a command the scripts cannot do without. Debian's package is installed only if it is missing and we may.
need() {
    command -v "$1" >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "'$1' is missing; install it (Debian: apt-get install $2)"
    say "'$1' is missing: installing Debian's $2"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 >/dev/null; } ||
        die "'$1' is missing and apt-get could not install $2"
    command -v "$1" >/dev/null || die "'$1' is missing even after apt-get installed $2"
}

engine_answers() { timeout 20 docker version --format '{{.Server.Version}} on {{.Server.Os}}/{{.Server.Arch}}' 2>target/ci/docker.log; }

# Toolchain and engine, or an early end that says what was tried.
ready() {
    mkdir -p target/ci
    rm -f target/ci/test.log
    command -v cargo >/dev/null || die "cargo is missing: looked on PATH ($PATH) and in ${CARGO_HOME:-$HOME/.cargo}/bin; install Rust 1.89 or later"
    need git git
    need cc "gcc libc6-dev"
    need docker docker.io
    say "$(cargo --version), $(nproc) cores"
    local version
    if version=$(engine_answers); then
        say "Docker engine $version"
        return
    fi
    local tried="'docker version' with ${DOCKER_HOST:-the default context} said: $(tr '\n' ' ' <target/ci/docker.log)"
    [ -z "${DOCKER_HOST:-}" ] || die "no Docker engine. $tried"
    command -v dockerd >/dev/null || die "no Docker engine. $tried; and there is no dockerd here to start"
    [ "$(id -u)" = 0 ] || die "no Docker engine. $tried; dockerd is installed, but only root may start it: sudo systemctl start docker"
    say "the Docker engine is installed but not running: starting dockerd in the background (target/ci/dockerd.log)"
    setsid dockerd >target/ci/dockerd.log 2>&1 &
    engine_pid=$!
    for _ in $(seq 60); do
        if version=$(engine_answers); then
            say "Docker engine $version"
            return
        fi
        kill -0 "$engine_pid" 2>/dev/null || break
        sleep 0.5
    done
    die "no Docker engine. $tried; and the dockerd that was started did not answer: $(tail -3 target/ci/dockerd.log | tr '\n' ' ')"
}

# Everything of any run on this engine: kind, name, run id.
ours() {
    docker ps -a --filter label=org.rehearsal.run --format 'container {{.Names}} {{.Label "org.rehearsal.run"}}'
    docker network ls --filter label=org.rehearsal.run --format 'network {{.Name}} {{.Label "org.rehearsal.run"}}'
    docker volume ls --filter label=org.rehearsal.run --format 'volume {{.Name}} {{.Label "org.rehearsal.run"}}'
}

# nothing_left BEFORE: ends with an error if something is there that was not before.
nothing_left() {
    local left
    left=$(comm -13 <(sort <<<"$1") <(ours | sort))
    [ -z "$left" ] || die "left behind on the Docker engine (or of another run that is going on right now):"$'\n'"$left"
    say "no container, network or volume is left"
}

# Tracked files with their changes, and new files: what generated pages would alter.
tree() { git status --porcelain && git diff; }
