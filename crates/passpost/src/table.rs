//! Tables for people: aligned columns that fit the terminal, whatever script a name is written in.

use crate::output::Output;
use console::{Alignment, measure_text_width, pad_str, style, truncate_str};

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Words.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

impl Column {
    const fn heading(self) -> &'static str {
        match self {
            Self::Left(heading) | Self::Right(heading) => heading,
        }
    }
    const fn alignment(self) -> Alignment {
        match self {
            Self::Left(_) => Alignment::Left,
            Self::Right(_) => Alignment::Right,
        }
    }
}

const GAP: usize = 2;
/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// Prints rows under headings; nothing at all when there is no row.
pub(crate) fn print(out: &Output, columns: &[Column], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let widths = widths(columns, rows, out.width());
    let headings = columns.iter().map(|column| column.heading().to_owned()).collect::<Vec<_>>();
    out.line(style(row(columns, &widths, &headings)).bold());
    for cells in rows {
        out.line(row(columns, &widths, cells));
    }
}

fn row(columns: &[Column], widths: &[usize], cells: &[String]) -> String {
    let padded = columns.iter().zip(widths).zip(cells).map(|((column, width), cell)| {
        let cell = visible(cell);
        let cut = truncate_str(&cell, *width, "…").into_owned();
        pad_str(&cut, *width, column.alignment(), None).into_owned()
    });
    padded.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

/// Control characters in somebody's name must not reach the terminal.
fn visible(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// As wide as the widest cell; when that does not fit, the widest columns give way.
fn widths(columns: &[Column], rows: &[Vec<String>], all: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = rows.iter().filter_map(|cells| cells.get(place)).map(|cell| measure_text_width(cell));
            cells.max().unwrap_or(0).max(measure_text_width(column.heading()))
        })
        .collect();
    let room = all.saturating_sub(GAP * columns.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().filter(|width| **width > NARROWEST).max() {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_cells_and_give_way_when_there_is_no_room() {
        let columns = [Column::Left("NAME"), Column::Right("PEOPLE")];
        let rows = vec![vec!["Ada".to_owned(), "1".to_owned()], vec!["x".repeat(100), "12,345".to_owned()]];
        assert_eq!(widths(&columns, &rows, 200), [100, 6]);
        assert_eq!(widths(&columns, &rows, 60), [52, 6]);
        assert_eq!(row(&columns, &[6, 6], &rows[0]), "Ada         1");
        assert_eq!(row(&columns, &[6, 6], &rows[1]), "xxxxx…  12,345");
    }

    #[test]
    fn a_name_cannot_send_commands_to_the_terminal() {
        assert_eq!(row(&[Column::Left("NAME")], &[10], &["a\u{1b}[31mb".to_owned()]), "a\u{fffd}[31mb");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(row(&[Column::Left("A"), Column::Left("B")], &[6, 1], &["田中".into(), "x".into()]), "田中    x");
    }
}
