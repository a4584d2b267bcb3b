#!/usr/bin/env bash
# Installs what a job needs beside the Swift toolchain, make and git. Quick when everything is already there.
#
# Usage: scripts/setup.sh build|run|lint|test|bench|fuzz|docs
source "$(dirname "$0")/common.sh"

# install_missing COMMAND:PACKAGE...: installs the Debian packages whose command cannot be found, in one go.
install_missing() {
    local pair missing=()
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair##*:}")
    done
    if [ "${#missing[@]}" -gt 0 ]; then
        install_packages "${missing[@]}"
    fi
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || die "needs these Debian packages, and there is no apt-get here: $*"
    say "installing $*"
    update_packages
    as_root apt-get install -y -qq --no-install-recommends ca-certificates "$@" >/dev/null
}

update_packages() {
    as_root apt-get update -qq
}

as_root() {
    local prefix=()
    if [ "$(id -u)" -ne 0 ]; then
        need sudo "only root may install Debian packages"
        prefix=(sudo)
    fi
    "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive "$@"
}

# The package is compiled against SQLite and librdkafka, whose headers show what no command does: that it can be built.
install_build_needs() {
    [ -e /usr/include/sqlite3.h ] || install_packages libsqlite3-dev
    [ -e /usr/include/librdkafka/rdkafka.h ] || install_packages librdkafka-dev
}

# Debian ships Python without `venv`; the module is there only when ensurepip is.
install_python() {
    install_missing python3:python3
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || install_packages python3-venv
}

# take_program PACKAGE PATH FOLDER: puts one program of a Debian package into FOLDER unless it is on PATH or there. The
# package is not installed: that would start a server on a port that others have by default.
take_program() {
    local program folder download=(apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$1")
    program="$(basename "$2")"
    command -v "$program" >/dev/null 2>&1 && return
    [ -x "$3/$program" ] && return
    say "fetching $program"
    command -v apt-get >/dev/null 2>&1 || die "needs $program on PATH, and there is no apt-get here"
    folder="$(mktemp -d)"
    (cd "$folder" && { "${download[@]}" || { update_packages && "${download[@]}"; }; })
    dpkg-deb --extract "$folder"/"$1"_*.deb "$folder"
    install -m 755 "$folder/$2" "$3/$program"
    rm -r "$folder"
}

# take_packages FOLDER PACKAGE...: puts whole Debian packages below FOLDER without installing them, as take_program does, and
# installs the libraries that they need, which start nothing.
take_packages() {
    local folder="$1" scratch library missing=()
    shift
    say "fetching $*"
    command -v apt-get >/dev/null 2>&1 || die "needs the programs of $*, and there is no apt-get here"
    scratch="$(mktemp -d)"
    (cd "$scratch" && {
        apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$@" || {
            update_packages && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$@"
        }
    })
    for package in "$scratch"/*.deb; do
        for library in $(dpkg-deb --field "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/[ (|].*//' | grep '^lib'); do
            dpkg-query --show --showformat '${Status}' "$library" 2>/dev/null | grep -q '^install ok' ||
                missing+=("$library")
        done
    done
    [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
    mkdir -p "$folder"
    for package in "$scratch"/*.deb; do dpkg-deb --extract "$package" "$folder"; done
    rm -r "$scratch"
}

# take_databases FOLDER: PostgreSQL and Redis, below FOLDER unless they are there.
take_databases() {
    local version
    [ -x "$1/usr/bin/redis-server" ] || take_packages "$1" redis-server redis-tools
    if ! compgen -G "$1/usr/lib/postgresql/*/bin/psql" >/dev/null; then
        apt-cache show postgresql >/dev/null 2>&1 || update_packages
        version="$(apt-cache show postgresql | sed -n 's/^Depends:.*postgresql-\([0-9]*\).*/\1/p' | head -n 1)"
        [ -n "$version" ] || die "apt-cache knows no version of postgresql"
        take_packages "$1" "postgresql-$version" "postgresql-client-$version" libpq5
    fi
}

# python_environment FOLDER: a virtual environment FOLDER/.venv that holds exactly FOLDER/requirements.txt.
python_environment() {
    local folder="$1" stamp wanted
    stamp="$folder/.venv/requirements.installed"
    wanted="$folder/requirements.txt"
    [ -f "$wanted" ] || die "$wanted is missing"
    if cmp -s "$wanted" "$stamp" && "$folder/.venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    install_python
    say "setting up $folder/.venv"
    python3 -m venv --clear "$folder/.venv"
    "$folder/.venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$stamp"
}

need_swift
case "${1:-}" in
build | docs)
    install_build_needs
    ;;
run)
    install_build_needs
    install_missing curl:curl openssl:openssl
    ;;
lint)
    install_missing shellcheck:shellcheck
    python_environment scripts
    ;;
test)
    install_build_needs
    install_missing curl:curl openssl:openssl gnutls-cli:gnutls-bin cfssl:golang-cfssl nginx:nginx-light \
        haproxy:haproxy valgrind:valgrind cc:gcc logrotate:logrotate
    python_environment IntegrationTests
    take_program prometheus usr/bin/promtool IntegrationTests/.venv/bin
    take_program nats-server usr/sbin/nats-server IntegrationTests/.venv/bin
    take_databases IntegrationTests/.venv/debian
    ;;
bench)
    install_build_needs
    install_missing openssl:openssl haproxy:haproxy nginx:nginx-light cfssl:golang-cfssl
    python_environment Benchmarks
    take_program nats-server usr/sbin/nats-server Benchmarks/.venv/bin
    ;;
fuzz) ;;
*)
    die "usage: scripts/setup.sh build|run|lint|test|bench|fuzz|docs"
    ;;
esac
