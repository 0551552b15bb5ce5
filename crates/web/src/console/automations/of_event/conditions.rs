//! Conditions on what an event says, as rows of a form: one can be added and taken away without script.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::Choice;
use domain::event::{Condition, MOST_CONDITIONS, Operator as Compared, Problem};

/// A condition as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) field: String,
    pub(super) operator: String,
    pub(super) value: String,
    pub(super) ignore_case: bool,
}

/// A row as shown.
pub(super) struct ShownRow {
    pub(super) index: usize,
    pub(super) place: usize,
    pub(super) row: Row,
    pub(super) operators: Vec<Choice>,
    pub(super) field_error: String,
    pub(super) value_error: String,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.field.is_empty() && self.value.is_empty()
    }
}

/// The rows that were sent, in their order.
pub(super) fn sent(filled: &Filled) -> Vec<Row> {
    let row = |index: usize| {
        let text = |part: &str| filled.value(&format!("condition-{part}-{index}")).trim().to_owned();
        Row {
            field: text("field"),
            operator: text("operator"),
            // Blanks at the ends of a value may be meant.
            value: filled.value(&format!("condition-value-{index}")).to_owned(),
            ignore_case: filled.has(&format!("condition-case-{index}")),
        }
    };
    (0..MOST_CONDITIONS).map(row).take_while(|row| !row.operator.is_empty()).collect()
}

/// The rows of a saved step.
pub(super) fn of(conditions: &[Condition]) -> Vec<Row> {
    let row = |one: &Condition| Row {
        field: one.field.clone(),
        operator: one.operator.as_str().to_owned(),
        value: one.value.clone(),
        ignore_case: one.ignore_case,
    };
    conditions.iter().map(row).collect()
}

/// Does what a button of the rows says; whether it was one.
pub(super) fn press(rows: &mut Vec<Row>, act: &str) -> bool {
    if act == "add" {
        if rows.len() < MOST_CONDITIONS {
            rows.push(Row { operator: Compared::Equals.as_str().to_owned(), ..Row::default() });
        }
        return true;
    }
    let Some(index) = act.strip_prefix("drop ").and_then(|text| text.parse::<usize>().ok()) else {
        return false;
    };
    if index < rows.len() {
        rows.remove(index);
    }
    true
}

/// The conditions with the row of each; rows left empty are none.
pub(super) fn read(rows: &[Row]) -> Vec<(usize, Condition)> {
    let filled = rows.iter().enumerate().filter(|(_, row)| !row.is_empty());
    filled
        .map(|(index, row)| {
            let operator = Compared::parse(&row.operator).unwrap_or(Compared::Equals);
            let Row { field, value, ignore_case, .. } = row.clone();
            (index, Condition { field, operator, value, ignore_case })
        })
        .collect()
}

/// Puts what is wrong with a condition to its row; `None`: it is not about conditions.
pub(super) fn note(
    operator: &Operator,
    filled: &mut Filled,
    read: &[(usize, Condition)],
    problem: &Problem,
) -> Option<()> {
    let (index, part) = problem.field.strip_prefix("conditions[")?.split_once("].")?;
    let (row, condition) = read.get(index.parse::<usize>().ok()?)?;
    let said = match (part, condition.operator) {
        ("field", _) => operator.say("condition-wrong-field"),
        (_, Compared::Matches) if !condition.value.is_empty() => {
            operator.fill("condition-wrong-expression", "detail", &problem.message)
        }
        _ => operator.say("condition-wrong-value"),
    };
    filled.wrong(&format!("condition-{part}-{row}"), said);
    Some(())
}

/// The rows to show.
pub(super) fn shown(operator: &Operator, rows: Vec<Row>, filled: &Filled) -> Vec<ShownRow> {
    let row = |(index, row): (usize, Row)| {
        let choice = |one: &Compared| {
            let id = format!("condition-{}", one.as_str().replace('_', "-"));
            Choice::new(one.as_str(), operator.say(&id), &row.operator)
        };
        ShownRow {
            index,
            place: index + 1,
            operators: Compared::ALL.iter().map(choice).collect(),
            field_error: filled.error(&format!("condition-field-{index}")).to_owned(),
            value_error: filled.error(&format!("condition-value-{index}")).to_owned(),
            row,
        }
    };
    rows.into_iter().enumerate().map(row).collect()
}
