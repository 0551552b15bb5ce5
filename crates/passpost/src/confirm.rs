//! The number of people something is for, confirmed by whoever sits at the terminal or by an option.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{number, people};
use std::io::Write as _;

/// What says without a question that so many people are meant.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Sure {
    /// Do not ask; go on for as many people as the dry run finds
    #[arg(long, short, conflicts_with = "confirm")]
    pub(crate) yes: bool,
    /// Do not ask; go on only when it is for exactly so many people
    #[arg(long, value_name = "PEOPLE")]
    pub(crate) confirm: Option<i64>,
}

impl Sure {
    /// The number of people this is confirmed for. `name`: what is asked for; `gift`: what each of them gets, such as
    /// *a new password*.
    ///
    /// # Errors
    /// It is not confirmed; nothing was changed.
    pub(crate) fn ask(
        &self,
        context: &Context,
        name: &str,
        gift: &str,
        would_receive: i64,
    ) -> Result<i64, Failure> {
        if let Some(number) = self.confirm {
            if number == would_receive {
                return Ok(number);
            }
            return Err(unconfirmed(would_receive));
        }
        if self.yes || would_receive == 0 {
            return Ok(would_receive);
        }
        if !console::user_attended() || context.out.is_json() || context.out.is_quiet() {
            return Err(Failure::usage(format!(
                "{} would get {gift}; nobody is here to confirm it",
                people(would_receive)
            ))
            .hint(format!("add --yes, or --confirm {would_receive} to allow exactly so many")));
        }
        let above = i64::from(context.settings.limits.confirm_above);
        let (question, right) = if would_receive > above {
            (
                format!("Type the number of people, {}, for {name:?}: ", number(would_receive)),
                would_receive.to_string(),
            )
        } else {
            (format!("Mail {} {gift}? Type yes: ", people(would_receive)), "yes".to_owned())
        };
        let mut stdout = std::io::stdout();
        write!(stdout, "\n{question}")?;
        stdout.flush()?;
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed)?;
        let typed = typed.trim().replace([',', '.', ' ', '\u{a0}'], "");
        if typed.eq_ignore_ascii_case(&right) {
            return Ok(would_receive);
        }
        Err(Failure::usage("not confirmed; nothing was changed"))
    }
}

/// The number that was confirmed is not the number there is.
pub(crate) fn unconfirmed(would_receive: i64) -> Failure {
    Failure::usage(format!("this run is for {}, which is not the number confirmed", people(would_receive)))
        .hint(format!("look at the dry run, then: --confirm {would_receive}"))
}
