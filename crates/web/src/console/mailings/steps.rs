//! The three steps of a mailing on its page, while anything can still be changed.

use super::count::{Counted, count};
use super::show::Read;
use super::starts_at;
use crate::console::faults;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::mailing::MailingState;
use store::mailing::Mailing;

/// The three steps with how each stands.
pub(super) struct Steps {
    pub(super) mail: StepCard,
    pub(super) recipients: StepCard,
    pub(super) start: StepCard,
    pub(super) counted: Option<Counted>,
    pub(super) refusal: String,
    /// The first step that is not ready: where it is and what it is called.
    pub(super) next: Option<(&'static str, String)>,
}

pub(super) struct StepCard {
    pub(super) is_ready: bool,
    pub(super) lines: Vec<String>,
}

/// How the three steps stand, while anything can still be changed.
impl Steps {
    pub(super) async fn of(operator: &Operator, one: &Mailing, read: &Read) -> Result<Self, Failure> {
        let words = operator.context.words;
        let problems = operator.state().flow.read_mailing_words(one.intent, &one.words).await?.problems;
        let unfit = one.words.check().err().unwrap_or_default();
        let mut mail: Vec<String> = unfit.iter().map(|one| words.tell(one)).collect();
        mail.extend(problems.iter().map(|one| faults::say(operator.context.words, one)));
        let is_written = mail.is_empty();
        if is_written {
            mail.push(one.words.subject.clone());
            mail.push(format!("{} <{}>", one.words.sender_name, one.words.sender_address));
        }
        let recipients = whom(operator, one, read);
        let has_whom = !recipients.is_empty();
        // With the rights of who owns it: so an approver approves what the owner arms.
        let (counted, refusal) = if has_whom {
            count(operator, one, one.armed_by.unwrap_or(one.owner_id), 0).await?
        } else {
            (None, String::new())
        };
        let start = match starts_at(operator, one) {
            Some(at) if one.state == MailingState::Armed => vec![at],
            _ => vec![words.say("mailing-no-start")],
        };
        let is_armed = one.state == MailingState::Armed;
        let next = [("mail", is_written), ("recipients", has_whom), ("start", is_armed)];
        let next = next.into_iter().find(|(_, is_ready)| !is_ready);
        Ok(Self {
            next: next.map(|(step, _)| (step, words.say(&format!("step-{step}")))),
            mail: StepCard { is_ready: is_written, lines: mail },
            recipients: StepCard {
                is_ready: has_whom,
                lines: if has_whom { recipients } else { vec![words.say("mailing-nobody-yet")] },
            },
            start: StepCard { is_ready: one.state == MailingState::Armed, lines: start },
            counted,
            refusal,
        })
    }
}

/// Whom it goes to, in words; empty: nobody is chosen.
fn whom(operator: &Operator, one: &Mailing, read: &Read) -> Vec<String> {
    let words = operator.context.words;
    if let (Some(reminder), Some(of)) = (&one.reminder, &read.reminds) {
        let stage = operator.say(&format!("stage-{}", reminder.stage.as_str().replace('_', "-")));
        return vec![words.say_with("mailing-reminds", &[("name", &of.name), ("stage", &stage)])];
    }
    let mut lines = Vec::new();
    if read.named > 0 {
        lines.push(words.fill("mailings-named", "count", &grouped(read.named)));
    }
    lines.extend(read.groups.iter().map(|group| {
        let gaps = [("name", group.name.as_str()), ("count", &grouped(group.members))];
        words.say_with("mailing-of-group", &gaps)
    }));
    if one.selection_id.is_some() {
        let name = read.selection.clone().unwrap_or_else(|| words.say("run-erased"));
        lines.push(words.fill("mailing-of-selection", "name", &name));
    }
    lines
}
