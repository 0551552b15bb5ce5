//! What can be seen without the disk and the network: settings, base URL, clock, sender.

use super::Finding;
use crate::clock::now_ms;
use crate::output::moment;
use crate::settings::Settings;

pub(super) fn settings(settings: &Settings) -> Finding {
    match &settings.file {
        Some(file) => Finding::ok("settings", format!("{} is in order", file.display())),
        None => Finding::ok("settings", "no file: defaults, variables and --data"),
    }
}

pub(super) fn base_url(settings: &Settings) -> Vec<Finding> {
    let base = &settings.server.base_url;
    let mut findings = vec![if base.is_local() {
        Finding::warning(
            "base URL",
            format!("{base} is this very machine: links in mails lead nowhere for anybody else"),
            "set base_url to the https address people reach this server at",
        )
    } else {
        Finding::ok("base URL", format!("{base}{}", if base.is_https() { "" } else { " (without TLS)" }))
    }];
    let listen = settings.server.listen;
    if !listen.ip().is_loopback() && base.is_local() {
        findings.push(Finding::warning(
            "listen",
            format!("{listen} can be reached from other machines"),
            "listen on 127.0.0.1 and put a reverse proxy with TLS in front",
        ));
    }
    if base.is_https() && listen.ip().is_loopback() && settings.raw_trusted_proxies().is_empty() {
        findings.push(Finding::warning(
            "proxies",
            "a reverse proxy ends https, but none is trusted: every visitor seems to come from it",
            "set trusted_proxies = [\"127.0.0.1\", \"::1\"] if the proxy runs on this machine",
        ));
    }
    findings
}

/// The day this program was written; no clock may stand before it.
const WRITTEN: i64 = 1_795_219_200_000;

pub(super) fn time() -> Vec<Finding> {
    let now = now_ms();
    let clock = if now < WRITTEN {
        Finding::problem(
            "clock",
            format!("this machine's clock says {}, which is past", moment(now)),
            "set it, best by NTP (timedatectl set-ntp true)",
        )
    } else {
        Finding::ok("clock", moment(now))
    };
    let zones = match jiff::tz::TimeZone::get("Europe/Berlin") {
        Ok(_) => Finding::ok("time zones", "the time zone data is there"),
        Err(error) => Finding::problem("time zones", error.to_string(), "install the package tzdata"),
    };
    vec![clock, zones]
}

pub(super) fn sender(settings: &Settings) -> Vec<Finding> {
    let from = &settings.mail.from;
    let domain = from.domain();
    let mut findings = Vec::new();
    if settings.mailbox_is_relay() {
        return vec![Finding::warning(
            "relay",
            "none is set: mails go into the mailbox inside the program and are lost when it stops",
            "set [[smtp]] and mail.from to mail people outside",
        )];
    }
    // Names kept for examples and tests (RFC 2606, RFC 6761).
    let reserved = ["example", "invalid", "test", "localhost", "example.com", "example.org", "example.net"];
    let is_reserved = reserved.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    findings.push(if is_reserved || !domain.contains('.') {
        Finding::warning(
            "sender",
            format!("{} is in a domain that cannot receive or send mail outside", from.as_given()),
            "set mail.from to an address in a domain of yours",
        )
    } else {
        Finding::ok("sender", from.as_given().to_owned())
    });
    if settings.mail.help_contact.is_empty() {
        findings.push(Finding::warning(
            "help contact",
            "people are not told whom to ask",
            "set mail.help_contact to an address or a telephone number",
        ));
    }
    findings
}
