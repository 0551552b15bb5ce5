//! `passpost doctor`: checks the installation and says what to do.

mod bounces;
mod dns;
mod house;
mod relay;
mod storage;

use crate::failure::{Done, Failure, Outcome};
use crate::output::Output;
use crate::settings::{self, Settings, Sources};
use console::style;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out what needs the network: relay and DNS
    #[arg(long)]
    offline: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warning,
    Problem,
}

/// What one check found.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_do: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, found: found.into(), to_do: None }
    }
    fn warning(check: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, found: found.into(), to_do: Some(to_do.into()) }
    }
    fn problem(check: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { check, level: Level::Problem, found: found.into(), to_do: Some(to_do.into()) }
    }
}

pub(crate) async fn run(args: Args, sources: &Sources, out: &Output) -> Outcome {
    let findings = match settings::load(sources) {
        Ok(settings) => examine(&args, &settings).await,
        Err(error) => error
            .0
            .iter()
            .map(|problem| {
                Finding::problem("settings", problem.to_string(), "config.example.toml names what is allowed")
            })
            .collect(),
    };
    let problems = findings.iter().filter(|one| one.level == Level::Problem).count();
    let warnings = findings.iter().filter(|one| one.level == Level::Warning).count();
    out.show(&findings, |findings, out| print(out, findings));
    if problems > 0 {
        let things = if problems == 1 { "problem" } else { "problems" };
        return Err(Failure::failed(format!("{problems} {things} found; each says what to do")));
    }
    if !out.is_json() {
        let rest = match warnings {
            0 => String::new(),
            1 => ", with 1 warning".into(),
            several => format!(", with {several} warnings"),
        };
        out.line(format!("\nThe installation is in order{rest}."));
    }
    Ok(Done::All)
}

async fn examine(args: &Args, settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![house::settings(settings)];
    findings.extend(house::base_url(settings));
    findings.extend(house::time());
    findings.push(storage::folder(settings));
    findings.push(storage::keys(settings));
    findings.extend(storage::database(settings).await);
    findings.extend(house::sender(settings));
    findings.extend(bounces::check(settings));
    if args.offline {
        findings.push(Finding::ok("network", "left out, as asked for"));
        return findings;
    }
    findings.extend(relay::check(settings).await);
    findings.extend(dns::check(settings).await);
    findings
}

fn print(out: &Output, findings: &[Finding]) {
    let widest = findings.iter().map(|one| one.check.len()).max().unwrap_or(0);
    for one in findings {
        let mark = match one.level {
            Level::Ok => style("ok     ").green(),
            Level::Warning => style("warning").yellow(),
            Level::Problem => style("problem").red().bold(),
        };
        out.line(format!("{mark}  {:widest$}  {}", one.check, one.found));
        if let Some(to_do) = &one.to_do {
            out.line(format!("         {:widest$}  {} {to_do}", "", style("→").cyan()));
        }
    }
}
