# Sourced by scripts/test, scripts/demo and their kin: what they need of Debian 12 beside Swift and git.
# shellcheck shell=bash

# The python that Debian's packages belong to; another one may come first in PATH.
# shellcheck disable=SC2034
python=/usr/bin/python3

# Libraries that the package links and the zone rules that it reads.
build_packages=(
    libcurl4-openssl-dev libsqlite3-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libgmime-3.0-dev pkg-config tzdata
    ca-certificates
)

# Installs those of these Debian packages that are missing; asks apt nothing when none is.
install_missing() {
    local package missing=() as_root=()
    for package in "$@"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo > /dev/null; then
            echo "missing: ${missing[*]}. Install them, or run this as root or with sudo at hand." >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    if [[ " ${missing[*]} " == *" postfix "* ]]; then
        # Only its smtp-sink and smtp-source are wanted: no mail system is set up on this machine.
        echo "postfix postfix/main_mailer_type select No configuration" | "${as_root[@]}" debconf-set-selections
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" > /dev/null
}

# Swift is the one thing that is not Debian's.
require_swift() {
    command -v swift > /dev/null || {
        echo "swift is not in PATH: install Swift 6.3 from https://www.swift.org/install/linux/" >&2
        return 1
    }
}

# Runs a command under a heading, and says how long it took.
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" || {
        local status=$?
        printf '\n== %s: FAILED (exit %d, after %d s)\n' "$name" "$status" $((SECONDS - began)) >&2
        return "$status"
    }
    printf '== %s: done in %d s\n' "$name" $((SECONDS - began))
}

# A python that has these packages of PyPI, in a place of its own; prints its path.
python_with() {
    local place
    place=.build/python/$(printf '%s-' "$@" | tr -c 'a-zA-Z0-9.\n' -)
    if [ ! -e "$place/complete" ]; then
        "$python" -m venv "$place" >&2
        "$place/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
        touch "$place/complete"
    fi
    echo "$PWD/$place/bin/python"
}
