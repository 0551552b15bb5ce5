#!/bin/sh
# Installs what the tests need beside Rust: PostgreSQL, Chromium with its driver, Postfix, and axe-core, whose file is
# put where the one argument says. On Debian as root; elsewhere it says what is missing. The tests themselves leave out
# loudly what they cannot run; without axe-core's file they fail when AXE_CORE names it, as `make test` does.
set -eu

axe=${1:-}
# axe-core (MPL-2.0) is fetched, not kept here: this version, and only with this checksum.
axe_version=4.14.1
axe_sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

# Where `command` is not on the path of an ordinary user, its usual place.
there() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

# Fetches the package with npm, checks it, and takes the one file out of it.
fetch_axe() {
    if [ -z "$axe" ] || [ -s "$axe" ]; then return; fi
    if ! there npm; then
        echo "The tests of the pages will fail, for want of npm, which fetches axe-core $axe_version."
        return
    fi
    echo "Fetching axe-core $axe_version."
    mkdir -p "$(dirname "$axe")"
    folder=$(mktemp -d "$(dirname "$axe")/fetch.XXXXXX")
    package="$folder/axe-core-$axe_version.tgz"
    if ! npm pack "axe-core@$axe_version" --pack-destination "$folder" --silent >/dev/null; then
        echo "The tests of the pages will fail: npm does not reach axe-core $axe_version."
    elif ! echo "$axe_sha512  $package" | sha512sum -c - >/dev/null 2>&1; then
        rm -rf "$folder"
        echo "axe-core $axe_version is not what it was: expected SHA-512 $axe_sha512." >&2
        exit 1
    else
        tar -xzf "$package" -C "$folder" package/axe.min.js
        mv "$folder/package/axe.min.js" "$axe"
    fi
    rm -rf "$folder"
}

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
there chromium || missing="$missing chromium"
there chromedriver || missing="$missing chromium-driver"
there postfix || missing="$missing postfix"
if [ -n "$axe" ] && [ ! -s "$axe" ]; then
    there npm || missing="$missing npm"
fi

if [ -z "$missing" ]; then
    fetch_axe
    echo "Everything the tests need is installed: PostgreSQL, Chromium, chromedriver, Postfix."
    exit 0
fi
if ! there apt-get || [ "$(id -u)" -ne 0 ]; then
    echo "The tests will leave something out, for want of:$missing"
    echo "On Debian, as root: apt-get install$missing"
    fetch_axe
    exit 0
fi

echo "Installing what the tests need:$missing"
# No server may start by itself: the tests start private ones on free ports of the loopback.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # the list is meant to be split
apt-get install -y -qq --no-install-recommends $missing
fetch_axe
