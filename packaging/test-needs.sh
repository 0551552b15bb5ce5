#!/bin/sh
# Installs what the tests need beside Rust: PostgreSQL, Chromium with its driver, Postfix. On Debian as
# root; elsewhere it says what is missing. The tests themselves leave out loudly what they cannot run.
set -eu

# Where `command` is not on the path of an ordinary user, its usual place.
there() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
there chromium || missing="$missing chromium"
there chromedriver || missing="$missing chromium-driver"
there postfix || missing="$missing postfix"

if [ -z "$missing" ]; then
    echo "Everything the tests need is installed: PostgreSQL, Chromium, chromedriver, Postfix."
    exit 0
fi
if ! there apt-get || [ "$(id -u)" -ne 0 ]; then
    echo "The tests will leave something out, for want of:$missing"
    echo "On Debian, as root: apt-get install$missing"
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
