//! What programs write about a mailing.

use super::pace::PaceView;
use super::view::{format, intent, or_null, settled, stage};
use crate::api::automation_view::password;
use crate::api::person_view::given;
use crate::api::problem::Problem;
use crate::api::time::Time;
use domain::automation::SendNewPassword;
use domain::id::SelectionId;
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Settled, Stage, Words};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use store::mailing::Draft;
use uuid::Uuid;

/// The longest the people of a mailing can be kept, in days: a hundred years.
const MOST_KEEP_DAYS: i64 = 36_500;

fn language(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "Of the words.", "enum": ["en", "de", "fr", null] })
}
fn intent_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(intent(generator))
}
fn format_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(format(generator))
}
fn settled_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(settled(generator))
}
fn stage_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(stage(generator))
}
fn password_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(password(generator))
}

/// What to write; what is missing stays, or is as in a new mailing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailingChange {
    /// At most 60 characters; empty: in none.
    folder: Option<String>,
    /// 1 to 100 characters; need not be unique.
    pub(super) name: Option<String>,
    #[schemars(schema_with = "intent_or_none")]
    pub(super) intent: Option<Intent>,
    #[schemars(schema_with = "language")]
    pub(super) language: Option<Language>,
    sender_name: Option<String>,
    sender_address: Option<String>,
    /// Where answers go; empty: to the sender.
    reply_to: Option<String>,
    /// With replacements such as `{{ salutation }}`.
    subject: Option<String>,
    /// The text part, with replacements.
    pub(super) text: Option<String>,
    #[schemars(schema_with = "format_or_none")]
    html_format: Option<HtmlFormat>,
    /// The HTML part, with replacements.
    html_source: Option<String>,
    /// How long a personal link is good for, 1 to 336.
    link_hours: Option<u32>,
    #[schemars(schema_with = "password_or_none")]
    password: Option<SendNewPassword>,
    pace: Option<PaceView>,
    /// Null: no selection.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Uuid>")]
    pub(super) selection_id: Option<Option<Uuid>>,
    #[schemars(schema_with = "settled_or_none")]
    settled: Option<Settled>,
    /// Null: nobody who is found later.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Time>")]
    late_until: Option<Option<Time>>,
    /// 1 to 36,500; null: for good.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<i64>")]
    keep_days: Option<Option<i64>>,
    /// Of a reminder only.
    #[schemars(schema_with = "stage_or_none")]
    stage: Option<Stage>,
    /// Of a reminder only, 1 to 8,760.
    gap_hours: Option<u32>,
    /// Of a reminder only, 1 to 20.
    most: Option<u32>,
}

/// A mailing to be; without a text it begins with the words that come with the program.
pub(crate) fn new_mailing(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = MailingChange::json_schema(generator);
    schema.insert("required".into(), serde_json::json!(["name"]));
    schema
}

impl MailingChange {
    /// Laid over a draft.
    pub(super) fn over(self, draft: &mut Draft) -> Result<(), Problem> {
        if let Some(days) = self.keep_days.flatten()
            && !(1..=MOST_KEEP_DAYS).contains(&days)
        {
            return Err(Problem::field("/keep_days", "expected 1 to 36500 (a hundred years), or null"));
        }
        self.over_reminder(draft)?;
        set(&mut draft.folder, self.folder);
        set(&mut draft.name, self.name);
        set(&mut draft.intent, self.intent);
        set(&mut draft.link_hours, self.link_hours);
        set(&mut draft.password, self.password);
        set(&mut draft.pace, self.pace.map(PaceView::read).transpose()?);
        set(&mut draft.selection_id, self.selection_id.map(|id| id.map(SelectionId)));
        set(&mut draft.settled, self.settled);
        set(&mut draft.late_until_at, self.late_until.map(|at| at.map(|at| at.0)));
        set(&mut draft.keep_days, self.keep_days);
        let words = &mut draft.words;
        set(&mut words.language, self.language);
        set(&mut words.sender_name, self.sender_name);
        set(&mut words.sender_address, self.sender_address);
        set(&mut words.reply_to, self.reply_to);
        set(&mut words.subject, self.subject);
        set(&mut words.text, self.text);
        set(&mut words.html_format, self.html_format);
        set(&mut words.html_source, self.html_source);
        Ok(())
    }

    fn over_reminder(&self, draft: &mut Draft) -> Result<(), Problem> {
        let places = [
            ("stage", self.stage.is_some()),
            ("gap_hours", self.gap_hours.is_some()),
            ("most", self.most.is_some()),
        ];
        let given = places.into_iter().find(|(_, is_given)| *is_given);
        match (&mut draft.reminder, given) {
            (Some(reminder), _) => {
                set(&mut reminder.stage, self.stage);
                set(&mut reminder.gap_hours, self.gap_hours);
                set(&mut reminder.most, self.most);
                if self.selection_id.flatten().is_some() {
                    return Err(Problem::field(
                        "/selection_id",
                        domain::mailing::NotPossible::Family.to_string(),
                    ));
                }
                Ok(())
            }
            (None, Some((name, _))) => {
                Err(Problem::field(format!("/{name}"), "only a reminder has this: POST …/remind makes one"))
            }
            (None, None) => Ok(()),
        }
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// The words a mailing begins with, from a sender.
pub(super) fn starting_words(
    intent: Intent,
    language: Language,
    sender: (&str, &str),
    with_text: bool,
) -> Words {
    let starter = flow::starter(intent, language);
    let (subject, text, html) =
        if with_text { (starter.subject, starter.text, starter.markdown) } else { ("", "", "") };
    Words {
        language,
        sender_name: sender.0.to_owned(),
        sender_address: sender.1.to_owned(),
        reply_to: String::new(),
        subject: subject.trim_end().to_owned(),
        text: text.to_owned(),
        html_format: if with_text { HtmlFormat::Markdown } else { HtmlFormat::None },
        html_source: html.to_owned(),
    }
}
