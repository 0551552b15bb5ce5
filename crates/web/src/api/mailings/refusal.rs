//! Why something is not done with a mailing, as problems that name the fields.

use crate::api::problem::{Problem, sentence};
use axum::http::StatusCode;
use flow::{MailingError, StartError};

impl From<MailingError> for Problem {
    fn from(error: MailingError) -> Self {
        match error {
            MailingError::Unfit(all) => {
                all.iter().fold(wrong(), |problem, one| placed(problem, "", &one.to_string()))
            }
            MailingError::Pace(one) => placed(wrong(), "/pace", &one.to_string()),
            MailingError::Words(problems) => problems
                .iter()
                .fold(wrong(), |problem, one| problem.at(field_of(one.part.as_str()), one.to_string())),
            MailingError::Refused(refusal) => StartError::Refused(refusal).into(),
            MailingError::Change(refusal) => refusal.into(),
            MailingError::NotComposed(why) => Self::conflict(sentence(why)),
            MailingError::Store(error) => error.into(),
        }
    }
}

/// The same for a step that takes the mailing as it is saved: its fields are no part of the request.
pub(super) fn not_ready(error: MailingError) -> Problem {
    let is_of_fields =
        matches!(error, MailingError::Unfit(_) | MailingError::Pace(_) | MailingError::Words(_));
    let problem = Problem::from(error);
    if is_of_fields {
        problem.as_conflict("The mailing is not ready; the places are those of the mailing.")
    } else {
        problem
    }
}

fn wrong() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "A field of the mailing is not right.")
}

/// `waves.people: expected …` with its place.
fn placed(problem: Problem, before: &str, text: &str) -> Problem {
    let (field, right) = text.split_once(": ").unwrap_or(("", text));
    let place = if field.is_empty() { String::new() } else { format!("/{}", field.replace('.', "/")) };
    problem.at(format!("{before}{place}"), right)
}

/// The field a part of the mail is made of.
fn field_of(part: &str) -> String {
    format!("/{}", if part == "html" { "html_source" } else { part })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::mailing::Unfit;
    use domain::pace::UnfitPace;

    #[test]
    fn every_wrong_field_has_its_place() {
        let password = Unfit::Password { detail: "valid_hours: expected 1 to 336".into() };
        for (error, place) in [
            (MailingError::Unfit(vec![Unfit::SenderAddress]), "/sender_address"),
            (MailingError::Unfit(vec![Unfit::NoName, Unfit::NoText]), "/name"),
            (MailingError::Unfit(vec![password]), "/password/valid_hours"),
            (MailingError::Pace(UnfitPace::WavePeople), "/pace/waves/people"),
            (MailingError::Pace(UnfitPace::QuietSame), "/pace/quiet"),
        ] {
            assert_eq!(Problem::from(error).first_place(), Some(place));
        }
    }
}
