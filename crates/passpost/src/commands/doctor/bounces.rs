//! Where mails come back to: the domain of the return paths, and the folder they are read from.

use super::Finding;
use crate::settings::Settings;
use std::path::Path;

const CHECK: &str = "bounces";

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let Some(bounces) = &settings.bounces else {
        if settings.mailbox_is_relay() {
            return Vec::new();
        }
        return vec![Finding::warning(
            CHECK,
            "mails that come back are not read: bounces.domain is empty",
            "set [bounces] as docs/operating.md shows; until then watch the sender's mailbox yourself",
        )];
    };
    let domain = &bounces.domain;
    let sender = settings.mail.from.domain();
    let mut findings = Vec::new();
    // DMARC compares the return path's domain with the sender's (RFC 7489 §3.1.2); here without the list of
    // public suffixes: one within the other is aligned for certain.
    let within = |one: &str, other: &str| one == other || one.ends_with(&format!(".{other}"));
    if !settings.mailbox_is_relay() && !within(domain, sender) && !within(sender, domain) {
        findings.push(Finding::warning(
            CHECK,
            format!("{domain} may not belong together with the sender's domain {sender}: SPF then counts for nothing in DMARC"),
            format!("use a domain below the sender's, such as bounces.{sender}, or sign with DKIM"),
        ));
    }
    match &bounces.maildir {
        None => findings.push(Finding::ok(
            CHECK,
            format!("mail to {domain} must be handed to `passpost bounce` by its mail server"),
        )),
        Some(folder) => findings.push(of_folder(folder)),
    }
    findings
}

fn of_folder(folder: &Path) -> Finding {
    for inner in ["new", "cur"] {
        let path = folder.join(inner);
        let shown = path.display();
        if let Err(error) = std::fs::read_dir(&path) {
            return Finding::problem(
                CHECK,
                format!("{shown} cannot be read: {error}"),
                "bounces.maildir must be a Maildir that the user of this program may read and write",
            );
        }
        // What was read is deleted or moved: that takes the right to write to the folder.
        let probe = path.join(format!(".doctor-{}", std::process::id()));
        let tried = std::fs::File::create_new(&probe).and_then(|_| std::fs::remove_file(&probe));
        if let Err(error) = tried {
            return Finding::problem(
                CHECK,
                format!("{shown} cannot be written to: {error}"),
                "mails that were read could not be taken out; give the folder to the user of this program",
            );
        }
    }
    let left = std::fs::read_dir(folder.join("new")).map_or(0, Iterator::count);
    let waiting = if left > 0 { format!("; {left} mails wait in it") } else { String::new() };
    Finding::ok(CHECK, format!("{} is read by the server{waiting}", folder.display()))
}
