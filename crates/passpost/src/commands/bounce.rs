//! `passpost bounce`: reads mails that came back, one from the mail server or a folder of them.
//!
//! Fed by a mail server, the exit code decides what becomes of the mail: 0 it is dealt with, 75 (`EX_TEMPFAIL`
//! of sysexits.h) keep it and come again. No other code is used for a mail that was handed over, for a mail server
//! takes any other one as final, and a bounce has no sender it could be returned to.

use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::maildir;
use crate::output::{Output, number};
use crate::settings::{self, Settings, Sources};
use crate::watch;
use flow::{Bounced, Flow, Stop, Why};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A file with one mail; - is stdin, as a mail server hands it over
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The address the mail came to, when the mail server names it; otherwise its header is searched
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    recipient: Option<String>,
    /// Read every mail in this Maildir once, instead of a single one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "recipient"])]
    maildir: Option<PathBuf>,
}

impl Args {
    /// Whether a mail server hands a mail over, and its exit code decides what becomes of that mail.
    pub(crate) fn is_handed_over(&self) -> bool {
        self.maildir.is_none() && self.file == Path::new("-")
    }
}

/// Whether a command line that was not understood meant to hand a mail over.
pub(crate) fn meant_to_hand_over(line: impl Iterator<Item = OsString>) -> bool {
    let mut words = line.skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("bounce") => {
                let is_folder = |word: &str| word == "--maildir" || word.starts_with("--maildir=");
                return !words.any(|word| word.to_str().is_some_and(is_folder));
            }
            Some("--config" | "--data" | "--as") => drop(words.next()),
            Some(option) if option.starts_with('-') => {}
            _ => return false,
        }
    }
    false
}

pub(crate) async fn run(args: Args, sources: &Sources, out: &Output) -> Outcome {
    if let Some(folder) = &args.maildir {
        let context = Context::open(enabled(sources)?, out, None).await?;
        return folder_once(&context, folder).await;
    }
    let mail = taken(&args.file).await?;
    // Whatever is wrong with the installation is no fault of the mail: the mail server keeps it.
    one(mail, args.recipient.as_deref(), sources, out).await.map_err(Failure::come_again)
}

/// The settings, when bounces can come back at all.
fn enabled(sources: &Sources) -> Result<Settings, Failure> {
    let settings = settings::load(sources)?;
    if settings.bounces.is_none() {
        return Err(Failure::usage(
            "bounces.domain is empty, so no mail has a return path that could be read",
        )
        .hint("set it in passpost.toml; docs/operating.md shows the whole of it"));
    }
    // A command makes what is missing; here a wrong --data would make an empty database that knows no mail.
    if !settings.keys_file.is_file() {
        let shown = settings.keys_file.display();
        return Err(Failure::failed(format!(
            "there is no key file {shown}, so this is not the server's data folder"
        ))
        .hint("name it with --data DIR or --config FILE, and run this as the user of the server"));
    }
    Ok(settings)
}

async fn one(mail: Vec<u8>, recipient: Option<&str>, sources: &Sources, out: &Output) -> Outcome {
    let context = Context::open(enabled(sources)?, out, None).await?;
    let flow = watch::flow(&context, None)?;
    let found = flow.take_back(mail, recipient).await?;
    if let Bounced::Ignored { why } = found {
        flow.note_ignored(&BTreeMap::from([(why, 1)])).await?;
    }
    if found == Bounced::NotYet {
        return Err(Failure::failed("the relay's answer to this very mail is not recorded yet"));
    }
    if found == (Bounced::Ignored { why: Why::Unreadable }) {
        return Err(Failure::failed(Why::Unreadable.explain()));
    }
    context.out.show(&found, |found, out| out.line(said(found)));
    Ok(Done::All)
}

fn said(found: &Bounced) -> String {
    match found {
        Bounced::Recorded { run, place, reason, changed } => {
            let marked = if changed.person { "; the address is marked undeliverable" } else { "" };
            format!("run {run}, place {place}: bounced, {reason}{marked}")
        }
        Bounced::AccountMail { reason, marked } => {
            format!("a mail about an account: bounced, {reason}; people marked undeliverable: {marked}")
        }
        Bounced::Repeated => "recorded before; nothing changed".into(),
        Bounced::NotYet => "not recorded yet".into(),
        Bounced::Ignored { why } => format!("ignored: {}", why.explain()),
    }
}

async fn folder_once(context: &Context, folder: &Path) -> Outcome {
    let flow: Flow = watch::flow(context, None)?;
    let looked = maildir::look(&flow, folder, &Stop::new()).await?;
    context.out.show(&looked, |looked, out| {
        out.line(format!("{:>11}  recorded", number(looked.recorded)));
        for (count, words) in [
            (looked.repeated, "recorded before"),
            (looked.not_yet, "not yet: the relay's answer is not recorded; they stay in the folder"),
            (looked.stuck, "could not be read, recorded or moved; they stay in the folder"),
        ] {
            if count > 0 {
                out.line(format!("{:>11}  {words}", number(count)));
            }
        }
        for (why, count) in &looked.ignored {
            out.line(format!("{:>11}  ignored: {}", number(*count), why.explain()));
        }
    });
    if looked.stuck > 0 {
        return Err(Failure::failed(format!("some mails stay in the folder, the first: {}", looked.trouble)));
    }
    Ok(Done::All)
}

/// The beginning of a mail. The rest is read and dropped, so that the mail server sees it taken.
async fn taken(file: &Path) -> Result<Vec<u8>, Failure> {
    let (path, is_stdin) = (file.to_owned(), file == Path::new("-"));
    let read = tokio::task::spawn_blocking(move || {
        if is_stdin { beginning(std::io::stdin().lock()) } else { beginning(std::fs::File::open(path)?) }
    });
    match read.await.map_err(std::io::Error::other).flatten() {
        Ok(mail) => Ok(mail),
        Err(error) if is_stdin => Err(Failure::from(error).come_again()),
        Err(error) => Err(Failure::usage(format!("{}: {error}", file.display()))),
    }
}

fn beginning(mut source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    source.by_ref().take(mail::bounce::MOST_OCTETS as u64).read_to_end(&mut mail)?;
    std::io::copy(&mut source, &mut std::io::sink())?;
    Ok(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_understood_is_known_for_the_hand_over_of_a_mail() {
        let meant = |line: &str| meant_to_hand_over(line.split(' ').map(OsString::from));
        assert!(meant("passpost --quiet --config bounce bounce --recipient x --bogus"));
        assert!(meant("passpost --bogus --data=x bounce"));
        assert!(!meant("passpost bounce --bogus --maildir=x"));
        assert!(!meant("passpost --as bounce notice bounce"));
        assert!(!meant("passpost group create bounce --bogus"));
        assert!(!meant("passpost --bogus"));
    }
}
