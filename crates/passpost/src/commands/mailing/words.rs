//! What a mailing says and does: created, edited, with the place of every word that is not right.

use super::{find, title};
use crate::commands::automation::job::ModeArg;
use crate::commands::template::file;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::watch;
use domain::automation::SendNewPassword;
use domain::credential::Mode;
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Words};
use domain::role::Permission;
use flow::Flow;
use flow::template::{Part, Problem};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use store::mailing::{Draft, Mailing};

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its name; need not be unique
    name: String,
    /// Begin with the words, intent and settings of this one, by number or name
    #[arg(long, value_name = "EARLIER")]
    from: Option<String>,
    #[command(flatten)]
    say: Say,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Edit {
    /// Its number or name
    mailing: String,
    /// A new name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    say: Say,
}

/// What a mailing says and does.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Say {
    /// What it does for people: offer the page for a link, carry a personal link, or force a new password
    /// [default: offer_link]
    #[arg(long, value_parser = intent)]
    intent: Option<Intent>,
    /// The folder it lies in; "": none
    #[arg(long)]
    folder: Option<String>,
    #[command(flatten)]
    pub(super) words: WordArgs,
    /// How long a personal link is good for, 1 to 336
    #[arg(long, value_name = "HOURS")]
    link_hours: Option<u32>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Forget its people so many days after its end, counts stay; 0: never
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    keep_days: Option<i64>,
}

/// Who sends it and what it says.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct WordArgs {
    /// The language of the words: en, de or fr [default: locale]
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// The name beside the sender's address [default: mail.from_name, or mail.organisation]
    #[arg(long, value_name = "NAME")]
    sender_name: Option<String>,
    /// The sender's address [default: mail.from]
    #[arg(long, value_name = "ADDRESS")]
    sender_address: Option<String>,
    /// Where answers go; "": to the sender
    #[arg(long, value_name = "ADDRESS")]
    reply_to: Option<String>,
    /// The subject, with replacements
    #[arg(long)]
    subject: Option<String>,
    /// The file with the text part; -: stdin
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    #[command(flatten)]
    html: HtmlArgs,
}

/// The HTML part.
#[derive(Debug, Default, clap::Args)]
#[group(multiple = false)]
struct HtmlArgs {
    /// The file with the HTML part in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// The file with the HTML part in MJML
    #[arg(long, value_name = "FILE")]
    mjml: Option<PathBuf>,
    /// The file with the HTML part
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Without an HTML part
    #[arg(long)]
    text_only: bool,
}

/// The settings of a password where one is forced, and how far a run may reach.
#[derive(Debug, Default, clap::Args)]
struct PasswordArgs {
    /// When the old password dies: after the relay accepted the mail, at once (after a breach), or at first use
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
    /// How long a mailed password is good for, 1 to 336
    #[arg(long, value_name = "HOURS")]
    valid_hours: Option<u32>,
    /// Leave out who was mailed a password within so many hours; 0: nobody
    #[arg(long, value_name = "HOURS")]
    remail_after_hours: Option<u32>,
    /// The most people a run may write to
    #[arg(long, value_name = "PEOPLE")]
    most_people: Option<u32>,
    /// Above so many people a second operator must approve; 0: only limits.approve_above counts
    #[arg(long, value_name = "PEOPLE")]
    approve_above: Option<u32>,
}

fn intent(text: &str) -> Result<Intent, String> {
    Intent::parse(&text.replace('-', "_"))
        .ok_or_else(|| "expected offer_link, personal_link or force_password".to_owned())
}

fn language(text: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|one| one.tag() == text).ok_or_else(|| "expected en, de or fr".to_owned())
}

pub(super) async fn create(context: &Context, args: Create) -> Outcome {
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let flow = watch::flow(context, None)?;
    let mut draft = match &args.from {
        Some(which) => {
            let before = find(context, which).await?;
            Draft { name: args.name.clone(), late_until_at: None, ..Draft::of(&before) }
        }
        None => beginning(context, &flow, &args),
    };
    args.say.over(&mut draft)?;
    let zone = context.settings.mail.time_zone.clone();
    let made = flow.create_mailing(draft, &zone, &acting).await?;
    tell(context, &flow, &made, &args.say.words, "is saved, a draft").await?;
    context.out.note(format!(
        "Next: passpost mailing recipients {0} --selection NAME   (or --group, --add, --file)\n\
         then: passpost mailing preview {0}",
        made.number
    ));
    Ok(Done::All)
}

/// A new mailing from the house, with the words that come with the program unless a text is given.
fn beginning(context: &Context, flow: &Flow, args: &Create) -> Draft {
    let intent = args.say.intent.unwrap_or(Intent::OfferLink);
    let language = args.say.words.language.unwrap_or(context.settings.mail.language);
    let starter = flow::starter(intent, language);
    let sender = &flow.settings().sender;
    let own_text = args.say.words.text.is_some();
    let words = Words {
        language,
        sender_name: flow.settings().sender_name().to_owned(),
        sender_address: sender.address.as_given().to_owned(),
        reply_to: String::new(),
        subject: starter.subject.trim_end().to_owned(),
        text: starter.text.to_owned(),
        html_format: if own_text { HtmlFormat::None } else { HtmlFormat::Markdown },
        html_source: if own_text { String::new() } else { starter.markdown.to_owned() },
    };
    let mut draft = Draft::new(args.name.clone(), intent, words);
    draft.password.valid_hours = context.settings.password.valid_hours;
    draft.password.remail_after_hours = context.settings.password.remail_after_hours;
    draft
}

pub(super) async fn edit(context: &Context, args: Edit) -> Outcome {
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let flow = watch::flow(context, None)?;
    let before = find(context, &args.mailing).await?;
    let mut draft = Draft::of(&before);
    draft.name = args.name.unwrap_or(draft.name);
    args.say.over(&mut draft)?;
    let saved = flow.update_mailing(before.id, draft, &acting).await?;
    let was_armed = before.state == domain::mailing::MailingState::Armed;
    let text = if was_armed { "is saved, and a draft again: arm it anew" } else { "is saved, a draft" };
    tell(context, &flow, &saved, &args.say.words, text).await?;
    Ok(Done::All)
}

/// Says that it is saved, and every word that keeps it from being armed.
async fn tell(
    context: &Context,
    flow: &Flow,
    saved: &Mailing,
    files: &WordArgs,
    text: &str,
) -> Result<(), Failure> {
    let read = flow.read_mailing_words(saved.intent, &saved.words).await?;
    if context.out.is_json() {
        let problems: Vec<Value> = read.problems.iter().map(|one| files.json(one)).collect();
        context.out.document(&json!({ "mailing": saved, "problems": problems }));
        return Ok(());
    }
    context.out.done(format!("{} {text}", title(saved)), &saved);
    if !read.problems.is_empty() {
        let lines: Vec<String> = read.problems.iter().map(|one| files.line(one)).collect();
        context.out.note(format!("It cannot be armed so:\n{}", lines.join("\n")));
    }
    Ok(())
}

impl Say {
    /// What was typed, over what was there.
    pub(super) fn over(&self, draft: &mut Draft) -> Result<(), Failure> {
        draft.intent = self.intent.unwrap_or(draft.intent);
        draft.folder = self.folder.clone().unwrap_or_else(|| draft.folder.clone());
        draft.link_hours = self.link_hours.unwrap_or(draft.link_hours);
        draft.keep_days = self.keep_days.or(draft.keep_days).filter(|days| *days > 0);
        self.password.over(&mut draft.password);
        self.words.over(&mut draft.words)
    }
}

impl PasswordArgs {
    fn over(&self, password: &mut SendNewPassword) {
        password.mode = self.mode.map_or(password.mode, Mode::from);
        password.valid_hours = self.valid_hours.unwrap_or(password.valid_hours);
        password.remail_after_hours = self.remail_after_hours.unwrap_or(password.remail_after_hours);
        password.most_people = self.most_people.or(password.most_people);
        password.approve_above = self.approve_above.or(password.approve_above).filter(|above| *above > 0);
    }
}

impl WordArgs {
    /// What was typed, over what was there.
    pub(super) fn over(&self, words: &mut Words) -> Result<(), Failure> {
        words.language = self.language.unwrap_or(words.language);
        for (place, given) in [
            (&mut words.sender_name, &self.sender_name),
            (&mut words.sender_address, &self.sender_address),
            (&mut words.reply_to, &self.reply_to),
            (&mut words.subject, &self.subject),
        ] {
            if let Some(given) = given {
                place.clone_from(given);
            }
        }
        if let Some(path) = &self.text {
            words.text = read(path)?;
        }
        if let Some((format, path)) = self.html.named() {
            words.html_source = read(path)?;
            words.html_format = format;
        } else if self.html.text_only {
            words.html_source.clear();
            words.html_format = HtmlFormat::None;
        }
        Ok(())
    }

    fn file(&self, part: Part) -> Option<&Path> {
        match part {
            Part::Subject => None,
            Part::Text => self.text.as_deref(),
            Part::Html => self.html.named().map(|(_, path)| path),
        }
    }

    /// A fault as a line for people: `mail.txt:12:5: …`.
    fn line(&self, problem: &Problem) -> String {
        match self.file(problem.part) {
            Some(path) => {
                format!("{}:{}:{}: {}", path.display(), problem.line, problem.column, problem.message)
            }
            None => problem.to_string(),
        }
    }

    /// A fault for programs.
    fn json(&self, problem: &Problem) -> Value {
        json!({
            "file": self.file(problem.part).map(|path| path.display().to_string()),
            "part": problem.part.as_str(),
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
        })
    }
}

impl HtmlArgs {
    fn named(&self) -> Option<(HtmlFormat, &Path)> {
        let all = [
            (HtmlFormat::Markdown, &self.markdown),
            (HtmlFormat::Mjml, &self.mjml),
            (HtmlFormat::Html, &self.html),
        ];
        all.into_iter().find_map(|(format, path)| Some((format, path.as_deref()?)))
    }
}

/// The text of a file, or of stdin.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    if path != Path::new("-") {
        return file::read(path);
    }
    let mut text = String::new();
    let most = mail::MOST_OCTETS as u64 + 4;
    std::io::stdin()
        .take(most)
        .read_to_string(&mut text)
        .map_err(|_| Failure::usage("stdin: expected a text in UTF-8"))?;
    Ok(text)
}
