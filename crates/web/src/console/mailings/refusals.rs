//! Why something is not done with a mailing, at its field or over the form, in the operator's language.

use crate::console::automations::refusals;
use crate::console::faults;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::refusal;
use crate::failure::Failure;
use domain::mailing::Unfit;
use domain::pace::UnfitPace;
use flow::{MailingError, Refusal};

/// The field something unfit stands in.
const fn field_of(unfit: &Unfit) -> &'static str {
    match unfit {
        Unfit::NoName => "name",
        Unfit::Folder => "folder",
        Unfit::NoSender => "sender_name",
        Unfit::SenderAddress => "sender_address",
        Unfit::ReplyTo => "reply_to",
        Unfit::NoSubject => "subject",
        Unfit::NoText => "text",
        Unfit::LinkHours { .. } => "link_hours",
        Unfit::Password { .. } => "valid_hours",
        Unfit::LateUntil => "late_until",
        Unfit::Gap { .. } => "gap_hours",
        Unfit::Most { .. } => "most",
    }
}

/// The field a pace is wrong in.
const fn pace_field_of(unfit: &UnfitPace) -> &'static str {
    match unfit {
        UnfitPace::PerMinute => "per_minute",
        UnfitPace::Spread => "spread_until",
        UnfitPace::WavePeople => "wave_people",
        UnfitPace::WaveWait => "wave_wait",
        UnfitPace::QuietZone { .. } => "zone",
        UnfitPace::QuietSame => "quiet_until",
    }
}

/// Notes what is unfit at its field.
pub(super) fn note(operator: &Operator, filled: &mut Filled, unfit: &Unfit) {
    let field = field_of(unfit);
    if filled.error(field).is_empty() {
        filled.wrong(field, operator.context.words.tell(unfit));
    }
}

/// Notes what is wrong with the pace at its field.
pub(super) fn note_pace(operator: &Operator, filled: &mut Filled, unfit: &UnfitPace) {
    let field = pace_field_of(unfit);
    if filled.error(field).is_empty() {
        filled.wrong(field, operator.context.words.tell(unfit));
    }
}

/// Puts an error to its field or over the form; what is no fault of the operator's stays a failure. A field the form
/// does not have is told over it.
pub(super) fn refuse(
    operator: &Operator,
    filled: &mut Filled,
    error: MailingError,
    fields: &[&str],
) -> Result<(), Failure> {
    let words = operator.context.words;
    match error {
        MailingError::Unfit(all) => {
            for unfit in &all {
                if fields.contains(&field_of(unfit)) {
                    note(operator, filled, unfit);
                } else {
                    filled.notice = Some(words.tell(unfit));
                }
            }
        }
        MailingError::Pace(unfit) if fields.contains(&pace_field_of(&unfit)) => {
            note_pace(operator, filled, &unfit);
        }
        other => filled.notice = Some(say(operator, other)?),
    }
    Ok(())
}

/// A sentence or two for what has no form.
pub(super) fn say(operator: &Operator, error: MailingError) -> Result<String, Failure> {
    let words = operator.context.words;
    Ok(match error {
        MailingError::Unfit(all) => all.iter().map(|one| words.tell(one)).collect::<Vec<_>>().join(" "),
        MailingError::Pace(unfit) => words.tell(&unfit),
        MailingError::Words(problems) => {
            let told: Vec<String> = problems.iter().map(|one| faults::say(words, one)).collect();
            told.join(" ")
        }
        MailingError::Refused(refusal) => explain(operator, &refusal),
        MailingError::Change(refused) => refusal::say(words, &refused),
        MailingError::NotComposed(why) => words.sentence(&why),
        MailingError::Store(error) => return Err(error.into()),
    })
}

/// Why nothing begins, as for automations.
pub(super) fn explain(operator: &Operator, refusal: &Refusal) -> String {
    refusals::explain(operator, refusal)
}
