#!/bin/sh
# Which outside crate may be used where (ARCHITECTURE.md, "The house"), read from cargo's own tree.
set -eu
wrong=0

# Absent altogether: aws-lc-rs is the one provider of cryptography.
for crate in ring openssl openssl-sys native-tls; do
    if cargo tree --workspace --edges normal,build,dev --prefix none 2>/dev/null | grep -q "^$crate v"; then
        echo "error: $crate is among the dependencies; see: cargo tree --workspace -i $crate"
        wrong=1
    fi
done

# Only these of our crates may name these outside crates ("testkit" and "bench" are for development).
only() {
    crate=$1
    shift
    for manifest in crates/*/Cargo.toml bench/Cargo.toml; do
        owner=$(basename "$(dirname "$manifest")")
        case " $* testkit bench " in *" $owner "*) continue ;; esac
        # Up to the section of crates for tests.
        if sed '/^\[dev-dependencies\]/,$d' "$manifest" | grep -Eq "^$crate(\.workspace)? *="; then
            echo "error: crates/$owner uses $crate; only $* may"
            wrong=1
        fi
    done
}
only rusqlite store
only tokio-postgres store
only deadpool-postgres store
only postgres-types store
only minijinja mail
only argon2 auth
only axum web passpost
only askama web
only schemars web
only qrcode web
only clap passpost
only toml passpost

# Data flows one way: passpost -> web -> flow -> {mail -> smtp, auth, store} -> domain.
never() {
    owner=$1
    shift
    for crate in "$@"; do
        if sed '/^\[dev-dependencies\]/,$d' "crates/$owner/Cargo.toml" | grep -Eq "^$crate(\.workspace)? *="; then
            echo "error: crates/$owner uses $crate, which stands above it or beside it"
            wrong=1
        fi
    done
}
never domain store auth smtp mail flow web
never store auth smtp mail flow web
never auth smtp mail flow web
never smtp domain store auth mail flow web
never mail store auth flow web
never flow web
never web mail smtp

if command -v cargo-deny >/dev/null 2>&1; then
    echo "cargo deny check"
    cargo deny --log-level error check || wrong=1
else
    echo "cargo-deny is not installed: licences and advisories (deny.toml) were not checked."
fi
[ "$wrong" -eq 0 ] && echo "The crates keep to their places."
exit "$wrong"
