#!/bin/sh
# Makes a Debian package from a finished release build:
#   cargo build --release && sh packaging/debian/build.sh
# The package holds the program, the service unit, the example of the settings and the completions.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-target/release/passpost}
[ -x "$program" ] || { echo "no program at $program; first: cargo build --release" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

install -D -m 755 "$program" "$root/usr/bin/passpost"
install -D -m 644 packaging/passpost.service "$root/lib/systemd/system/passpost.service"
install -D -m 640 config.example.toml "$root/etc/passpost/passpost.toml"
install -D -m 644 config.example.toml "$root/usr/share/doc/passpost/config.example.toml"
install -D -m 644 docs/operating.md "$root/usr/share/doc/passpost/operating.md"
install -D -m 644 LICENSE "$root/usr/share/doc/passpost/copyright"
for shell in bash:usr/share/bash-completion/completions/passpost \
    zsh:usr/share/zsh/vendor-completions/_passpost fish:usr/share/fish/vendor_completions.d/passpost.fish; do
    mkdir -p "$root/$(dirname "${shell#*:}")"
    "$program" completions "${shell%%:*}" >"$root/${shell#*:}"
done
mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: passpost
Version: $version
Architecture: $architecture
Maintainer: The Passpost authors <passpost@example.invalid>
Depends: libc6 (>= 2.36), adduser, ca-certificates
Section: mail
Priority: optional
Description: mails many people new passwords, in bulk, safely
 Passpost gives everyone in a selection a new password by mail, at a scheduled
 time, through your own SMTP relay, and locks nobody out on the way.
CONTROL
echo /etc/passpost/passpost.toml >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    adduser --system --group --quiet --home /var/lib/passpost --no-create-home passpost
    # Settings may name files with passwords: the service reads them, nobody else does.
    chown root:passpost /etc/passpost /etc/passpost/passpost.toml
    chmod 750 /etc/passpost
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        echo "Edit /etc/passpost/passpost.toml, then: systemctl enable --now passpost"
    fi
fi
POSTINST
cat >"$root/DEBIAN/prerm" <<'PRERM'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now passpost || true
fi
PRERM
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm"
mkdir -p target/debian
dpkg-deb --root-owner-group --build "$root" "target/debian/passpost_${version}_${architecture}.deb"
