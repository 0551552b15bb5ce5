//! The second step: what is done, to whom, and how long after the event.

use super::{Typed, Without, no_job};
use crate::context::Context;
use crate::failure::Failure;
use domain::automation::{Job, Only, SendNewPassword, SendResetLink, Target};
use domain::event::{Delay, DelayUnit, Odd, Severity, compatibility, sensible_jobs};
use domain::sentence::{Sentence, Tell as _};
use store::automation::{Automation, EventJobStep, NewEventStep};

/// What is done after an event.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Begun by an event, second step: what is done, to whom, and when")]
pub(crate) struct DeedArgs {
    /// What it does
    #[arg(long, value_enum)]
    job: Option<JobKind>,
    /// Do it to the person of the event
    #[arg(long)]
    use_event_parameter: bool,
    /// Do it to this person, whoever the event is about
    #[arg(long, value_name = "PERSON", conflicts_with = "use_event_parameter")]
    target: Option<String>,
    /// Wait after the event, as in "2 days" or "30 minutes"; at most a year
    #[arg(long, value_name = "TIME", value_parser = delay)]
    delay: Option<Delay>,
    /// How long a mailed link is good for, 1 to 336
    #[arg(long, value_name = "HOURS")]
    link_hours: Option<u32>,
    /// Confirm something unusual by the code a refusal names; may be given several times
    #[arg(long, value_name = "CODE")]
    confirm_unusual: Vec<String>,
}

/// The jobs that events begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum JobKind {
    #[value(name = "send-new-password-to-contact")]
    PasswordToContact,
    #[value(name = "send-new-password-to-system-user")]
    PasswordToSystemUser,
    #[value(name = "send-reset-link")]
    ResetLink,
}

impl JobKind {
    const fn name(self) -> &'static str {
        match self {
            Self::PasswordToContact => "send-new-password-to-contact",
            Self::PasswordToSystemUser => "send-new-password-to-system-user",
            Self::ResetLink => "send-reset-link",
        }
    }
}

impl DeedArgs {
    /// The first of these options that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--job", self.job.is_some()),
            ("--use-event-parameter", self.use_event_parameter),
            ("--target", self.target.is_some()),
            ("--delay", self.delay.is_some()),
            ("--link-hours", self.link_hours.is_some()),
            ("--confirm-unusual", !self.confirm_unusual.is_empty()),
        ];
        options.into_iter().find_map(|(option, given)| given.then_some(option))
    }
}

/// The settings a job begins with here.
pub(super) fn usual(context: &Context) -> SendNewPassword {
    SendNewPassword {
        valid_hours: context.settings.password.valid_hours,
        remail_after_hours: context.settings.password.remail_after_hours,
        ..SendNewPassword::default()
    }
}

/// The job of this name with these settings, checked.
pub(super) fn job_of(name: &str, settings: SendNewPassword, link_hours: Option<u32>) -> Result<Job, Failure> {
    settings.validate().map_err(Failure::usage)?;
    Ok(match name {
        "send-new-password-to-contact" => Job::SendNewPasswordToContact(settings),
        "send-new-password-to-system-user" => Job::SendNewPasswordToSystemUser(settings),
        _ => {
            let usual = SendResetLink::default();
            let link = SendResetLink { link_hours: link_hours.unwrap_or(usual.link_hours), limits: settings };
            link.validate().map_err(Failure::usage)?;
            Job::SendResetLink(Box::new(link))
        }
    })
}

/// What was typed, over what was there; `None`: nothing of this step was typed, and none was saved.
///
/// # Errors
/// Something is wrong or does not fit the event of the first step.
pub(super) async fn over(
    context: &Context,
    typed: &Typed<'_>,
    before: Option<&Automation>,
    first: &NewEventStep,
) -> Result<Option<EventJobStep>, Failure> {
    let before = before.filter(|one| one.target.is_some());
    let given = typed.deed.given().or_else(|| typed.job.given());
    let name = match (typed.deed.job, before, given) {
        (Some(kind), _, _) => kind.name(),
        (None, Some(before), _) => before.job.name(),
        (None, None, None) => return Ok(None),
        (None, None, Some(option)) => {
            return Err(Failure::usage(format!(
                "{option} is given, but no job: say with --job what is done"
            ))
            .hint(no_job(&first.event.event)));
        }
    };
    let job = job(context, typed, before, name).await?;
    let target = target(context, typed, before, &job).await?;
    let confirmed = confirmed(typed, before, first, &job, target)?;
    let delay = match typed.deed.delay {
        None if typed.without.contains(&Without::Delay) => None,
        None => before.and_then(|one| one.delay),
        given => given,
    };
    Ok(Some(EventJobStep { job, target, delay, confirmed }))
}

async fn job(
    context: &Context,
    typed: &Typed<'_>,
    before: Option<&Automation>,
    name: &str,
) -> Result<Job, Failure> {
    let is_link = name == JobKind::ResetLink.name();
    if let Some(option) = typed.job.about_passwords().filter(|_| is_link) {
        return Err(Failure::usage(format!(
            "{option} is about a password, and {name} mails a link that replaces none; leave it out"
        )));
    }
    if typed.deed.link_hours.is_some() && !is_link {
        return Err(Failure::usage(format!("--link-hours is about a link, and {name} mails a password"))
            .hint("--valid-hours says how long that is good for"));
    }
    let was = before.map_or_else(|| usual(context), |one| one.job.password().clone());
    let hours = before.and_then(|one| match &one.job {
        Job::SendResetLink(link) => Some(link.link_hours),
        _ => None,
    });
    job_of(name, typed.job.over(context, was).await?, typed.deed.link_hours.or(hours))
}

async fn target(
    context: &Context,
    typed: &Typed<'_>,
    before: Option<&Automation>,
    job: &Job,
) -> Result<Target, Failure> {
    let Some(who) = &typed.deed.target else {
        let kept = before.and_then(|one| one.target);
        let target = if typed.deed.use_event_parameter { Some(Target::EventParameter) } else { kept };
        return target.ok_or_else(|| {
            Failure::usage("it is not said whom the job is done to")
                .hint("add --use-event-parameter for the person of the event, or --target PERSON")
        });
    };
    let person = context.person(who).await?;
    let wrong = |what: &str, right: &str| {
        Err(Failure::usage(format!("--target: {} {what}", person.username))
            .hint(format!("--job {right}, or choose somebody else")))
    };
    match job.only() {
        Some(Only::Contacts) if person.system.is_some() => {
            wrong("has a system role, and this job is for contacts", JobKind::PasswordToSystemUser.name())
        }
        Some(Only::SystemUsers) if person.system.is_none() => {
            wrong("has no system role, and this job is for system users", JobKind::PasswordToContact.name())
        }
        _ => Ok(Target::Person(person.id)),
    }
}

/// What is unusual and confirmed; of what was confirmed before, only what still applies.
fn confirmed(
    typed: &Typed<'_>,
    before: Option<&Automation>,
    first: &NewEventStep,
    job: &Job,
    target: Target,
) -> Result<Vec<String>, Failure> {
    let given = &typed.deed.confirm_unusual;
    if let Some(unknown) = given.iter().find(|code| !Odd::CODES.contains(&code.as_str())) {
        return Err(Failure::usage(format!("--confirm-unusual: there is no code {unknown:?}"))
            .hint("leave it out: the refusal names the code, if one is needed"));
    }
    let mut confirmed = Vec::new();
    for remark in compatibility(&first.event.event, job, Some(target), first.selection_id.is_some()) {
        let what = Sentence::of(&remark.what);
        if remark.severity == Severity::Refused {
            return Err(Failure::usage(format!("this does not fit together: {what}"))
                .hint(format!("jobs for this event: {}", sensible_jobs(&first.event.event).join(", "))));
        }
        let code = what.code().to_owned();
        if !given.contains(&code) && !before.is_some_and(|one| one.confirmed.contains(&code)) {
            return Err(Failure::usage(format!("this is unusual: {what}"))
                .hint(format!("if it is meant, add --confirm-unusual {code}; nothing was saved")));
        }
        confirmed.push(code);
    }
    Ok(confirmed)
}

/// Reads `2 days`, `30 minutes`.
fn delay(text: &str) -> Result<Delay, String> {
    let right = || {
        let all: Vec<&str> = DelayUnit::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected a time such as \"2 days\"; units are {}", all.join(", "))
    };
    let (value, unit) = text.trim().split_once(char::is_whitespace).ok_or_else(right)?;
    let value = value.parse::<i64>().map_err(|_| right())?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = DelayUnit::ALL
        .iter()
        .copied()
        .find(|one| unit == one.as_str() || unit == one.as_str().trim_end_matches('s'))
        .ok_or_else(right)?;
    Delay::new(value, unit).map_err(|problem| problem.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_a_number_and_a_unit_of_at_most_a_year() {
        assert_eq!(delay("2 days").unwrap().to_string(), "2 days");
        assert_eq!(delay(" 1  Month ").unwrap().to_string(), "1 month");
        for bad in ["", "2", "days 2", "2 fortnights", "1.5 days"] {
            assert!(delay(bad).unwrap_err().contains("2 days"), "{bad}");
        }
        for bad in ["0 days", "400 days", "13 months", "-1 hour"] {
            assert!(delay(bad).unwrap_err().contains("a year"), "{bad}");
        }
    }
}
