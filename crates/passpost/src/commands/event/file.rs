//! Events from files and from stdin, each checked where it stands.

use super::values::{Broken, Values};
use crate::failure::Failure;
use domain::event::cloud::{CloudEvent, Problem, read_structured};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The most things that are told at once.
const MOST_TOLD: usize = 20;

/// Files to read, or stdin.
#[derive(Debug)]
pub(super) struct Source {
    paths: Vec<PathBuf>,
}

/// What is wrong with the files, line by line.
#[derive(Debug, Default)]
struct Wrong {
    lines: Vec<String>,
    more: usize,
}

impl Source {
    pub(super) const fn of(paths: Vec<PathBuf>) -> Self {
        Self { paths }
    }

    /// Whether stdin is among them, which can be read only once.
    pub(super) fn is_stdin(&self) -> bool {
        self.paths.iter().any(|path| is_stdin(path))
    }

    /// Hands over event after event with its place. What cannot be read is gathered; from then on nothing is handed
    /// over any more, but the rest is looked at.
    ///
    /// # Errors
    /// What cannot be read, with its places; or what `take` failed with.
    pub(super) async fn each<F>(&self, mut take: F) -> Result<(), Failure>
    where
        F: AsyncFnMut(CloudEvent) -> Result<(), Failure>,
    {
        let mut wrong = Wrong::default();
        for path in &self.paths {
            let name = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
            let mut values = Values::of(open(path)?);
            let mut number = 0_u64;
            loop {
                match values.read() {
                    Ok(None) => break,
                    Ok(Some(value)) => {
                        number += 1;
                        match read_structured(&value.octets) {
                            Ok(event) if wrong.lines.is_empty() => take(event).await?,
                            Ok(_) => {}
                            Err(problems) => wrong.event(&name, number, value.line, &problems),
                        }
                    }
                    Err(Broken { line, what }) => {
                        wrong.tell(format!("{name}, line {line}: {what}"));
                        break;
                    }
                }
            }
        }
        wrong.told()
    }
}

impl Wrong {
    fn event(&mut self, name: &str, number: u64, line: u64, problems: &[Problem]) {
        for problem in problems {
            let detail = problem
                .detail
                .replace("the body cannot", "it cannot")
                .replace(" at line 1 column ", " at character ");
            let place = format!("{name}, line {line}, event {number}");
            self.tell(match problem.pointer.as_str() {
                "" => format!("{place}: {detail}"),
                pointer => format!("{place}, {pointer}: {detail}"),
            });
        }
    }

    fn tell(&mut self, line: String) {
        if self.lines.len() < MOST_TOLD {
            self.lines.push(line);
        } else {
            self.more += 1;
        }
    }

    fn told(mut self) -> Result<(), Failure> {
        if self.lines.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.lines.push(format!("and {} more", self.more));
        }
        Err(Failure::usage(self.lines.join("\n")))
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if is_stdin(path) {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}
