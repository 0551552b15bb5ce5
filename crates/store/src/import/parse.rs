//! From records to rows that can be applied, on a thread of its own, in batches.

use super::header::{Attribute, Column, Layout};
use super::source::Records;
use super::{Fault, ImportError, Problem, check};
use crate::import::cell::unguard;
use domain::address::Address;
use domain::person::{AttributeKind, AttributeValue};
use domain::sentence::Sentence;
use std::io::Read;
use tokio::sync::mpsc;

/// How many rows go into one transaction.
pub(super) const BATCH: usize = 4_000;

/// One row, checked. What is `None` or missing stays as it is.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) external_id: Option<String>,
    pub(super) username: Option<String>,
    pub(super) address: Option<Address>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) language: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) groups: Vec<String>,
    /// By place among the defined attributes.
    pub(super) attributes: Vec<(usize, AttributeValue)>,
}

impl Record {
    /// The user name a new person gets: the one given, else the address.
    pub(super) fn new_username(&self) -> Option<&str> {
        self.username.as_deref().or_else(|| self.address.as_ref().map(Address::canonical))
    }
}

/// Rows for one transaction, and what was wrong with those between them.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    /// How many rows are refused already; each has one problem or more.
    pub(super) refused: u64,
    pub(super) problems: Vec<Problem>,
    /// Rows of the file up to here.
    pub(super) rows: u64,
    /// Bytes of the file up to here.
    pub(super) bytes: u64,
}

/// Reads a whole file into batches; ends early when nobody takes them any more.
pub(super) fn read(
    source: impl Read,
    attributes: Vec<Attribute>,
    batches: &mpsc::Sender<Batch>,
) -> Result<(), ImportError> {
    let mut records = Records::open(source)?;
    let Some(line) = records.next()? else {
        return Err(ImportError::header(1, None, Fault::Empty));
    };
    let layout = Layout::read((0..records.len()).map(|place| records.cell(place)), line, attributes)?;
    let mut rows = Rows { layout, zone: String::new() };
    let mut batch = Batch::default();
    let mut failed = Ok(());
    loop {
        let line = match records.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => {
                failed = Err(error);
                break;
            }
        };
        batch.rows += 1;
        match rows.read(&records, line) {
            Ok(record) => batch.records.push(record),
            Err(problems) => {
                batch.refused += 1;
                batch.problems.extend(problems);
            }
        }
        if batch.records.len() + batch.problems.len() >= BATCH {
            let next = Batch { rows: batch.rows, records: Vec::with_capacity(BATCH), ..Batch::default() };
            batch.bytes = records.bytes();
            if batches.blocking_send(std::mem::replace(&mut batch, next)).is_err() {
                return Ok(());
            }
        }
    }
    batch.bytes = records.bytes();
    // Nobody listens any more only when the import has failed, and then says why.
    let _ = batches.blocking_send(batch);
    failed
}

/// Turns cells into rows.
struct Rows {
    layout: Layout,
    /// The last time zone that was right: looking it up is the slowest check, and it rarely changes.
    zone: String,
}

impl Rows {
    fn read<R: Read>(&mut self, cells: &Records<R>, line: u64) -> Result<Record, Vec<Problem>> {
        let expected = self.layout.columns.len();
        if cells.len() != expected {
            let fault = Fault::Cells { cells: cells.len(), expected };
            return Err(vec![Problem::new(line, None, fault)]);
        }
        let mut record = Record { line, ..Record::default() };
        let mut problems = Vec::new();
        for place in 0..expected {
            let Some(column) = self.layout.columns.get(place).copied() else { continue };
            let taken = match std::str::from_utf8(cells.cell(place)) {
                Ok(cell) => self.take(&mut record, column, unguard(cell)),
                Err(_) => Err(Fault::Encoding.into()),
            };
            if let Err(reason) = taken {
                let name = self.layout.names.get(place).map(String::as_str);
                problems.push(Problem::new(line, name, reason));
            }
        }
        if problems.is_empty() { Ok(record) } else { Err(problems) }
    }

    /// Puts a cell where it belongs; an empty one says nothing.
    fn take(&mut self, record: &mut Record, column: Column, cell: &str) -> Result<(), Sentence> {
        if let Column::Attribute(place) = column {
            return self.take_attribute(record, place, cell);
        }
        if cell.trim().is_empty() {
            return Ok(());
        }
        match column {
            Column::ExternalId => record.external_id = Some(check::name(cell)?.to_owned()),
            Column::Username => record.username = Some(check::username(cell)?),
            Column::Address => record.address = Some(check::address(cell)?),
            Column::GivenName => record.given_name = Some(check::name(cell)?.to_owned()),
            Column::FamilyName => record.family_name = Some(check::name(cell)?.to_owned()),
            Column::DisplayName => record.display_name = Some(check::name(cell)?.to_owned()),
            Column::Language => record.language = Some(check::language(cell)?.to_owned()),
            Column::TimeZone => {
                if self.zone != cell.trim() {
                    check::time_zone(cell)?.clone_into(&mut self.zone);
                }
                record.time_zone = Some(self.zone.clone());
            }
            Column::Groups => record.groups = check::groups(cell)?,
            Column::Attribute(_) => {}
        }
        Ok(())
    }

    fn take_attribute(&self, record: &mut Record, place: usize, cell: &str) -> Result<(), Sentence> {
        let Some(attribute) = self.layout.attributes.get(place) else { return Ok(()) };
        let text =
            if attribute.kind == AttributeKind::String { check::attribute_text(cell)? } else { cell.trim() };
        if !text.is_empty() {
            record.attributes.push((place, attribute.kind.read(text)?));
        }
        Ok(())
    }
}
