//! The person browser: everyone, a filter's people, or those a few typed words find; page by page.

use crate::person::load;
use crate::person_words;
use crate::recipient::Audience;
use crate::{Result, Tx, Value};
use domain::address::canonical_username;
use domain::id::PersonId;
use domain::person::Person;
use domain::search_words::search_words;

/// The most people on one page.
pub const MOST_PER_PAGE: i64 = 1_000;
/// More words than this are not looked at.
const MOST_WORDS: usize = 8;
/// Up to so many people a word is rare: they are fetched by the indexes. A word that more people have is met soon
/// when people are read in their order.
const RARE: i64 = 4_000;

/// Whom to look for: those who pass all that is given.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// People of a filter, see [`crate::selection::read_filter`]. Its size limit plays no part here.
    pub audience: Option<Audience>,
    /// Words as typed: with each must begin a name, the user name, the address, the external id or a text
    /// attribute, or it must be part of a group's name. A to Z in either case; nothing in it is a wildcard. A
    /// word that is somebody's whole address finds exactly those who have it.
    pub text: Option<String>,
    /// Whether a word may also stand inside of a name or any other of these. No index helps there: what hardly
    /// anybody has is looked for through all people.
    pub inside: bool,
}

/// A page of people.
#[derive(Debug, Clone)]
pub struct Page {
    /// In the order of their ids.
    pub people: Vec<Person>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<PersonId>,
}

/// The people after `after`, at most `limit`, in the order of their ids, which is that of creation.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx, search: &Search, after: Option<PersonId>, limit: i64) -> Result<Page> {
    let limit = limit.clamp(1, MOST_PER_PAGE);
    let mut condition = Condition::write(tx, search).await?;
    if let Some(after) = after {
        let place = condition.bind(after.into());
        condition.parts.push(format!("p.id > {place}"));
    }
    // One more than the page, to know whether there is another.
    let sql =
        format!("SELECT {} WHERE {} ORDER BY p.id LIMIT {}", load::COLUMNS, condition.text(), limit + 1);
    let mut rows = tx.query(&sql, &condition.values).await?;
    let more = rows.len() as i64 > limit;
    if more {
        rows.pop();
    }
    let people = load::complete(tx, rows).await?;
    let next = people.last().map(|person| person.id).filter(|_| more);
    Ok(Page { people, next })
}

/// The ids only, as [`list`] pages them: for taking all matches over without loading them.
///
/// # Errors
/// The database is not available.
pub async fn list_ids(
    tx: &mut Tx,
    search: &Search,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonId>> {
    let mut condition = Condition::write(tx, search).await?;
    if let Some(after) = after {
        let place = condition.bind(after.into());
        condition.parts.push(format!("p.id > {place}"));
    }
    let sql = format!(
        "SELECT p.id FROM people p WHERE {} ORDER BY p.id LIMIT {}",
        condition.text(),
        limit.clamp(1, 100_000)
    );
    tx.query(&sql, &condition.values).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// The search as a condition over `people p` with its values, for [`crate::export`]; `None`: everybody.
///
/// # Errors
/// The database is not available.
pub async fn condition(tx: &mut Tx, search: &Search) -> Result<Option<(String, Vec<Value>)>> {
    let condition = Condition::write(tx, search).await?;
    Ok((!condition.parts.is_empty()).then(|| (condition.text(), condition.values)))
}

/// How many people there are to find.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, search: &Search) -> Result<i64> {
    let condition = Condition::write(tx, search).await?;
    let sql = format!("SELECT count(*) FROM people p WHERE {}", condition.text());
    tx.find(&sql, &condition.values).await?.map_or(Ok(0), |mut row| row.take(0))
}

/// What a search asks, as SQL over `people p`.
struct Condition {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Condition {
    async fn write(tx: &mut Tx, search: &Search) -> Result<Self> {
        let mut condition = Self { parts: Vec::new(), values: Vec::new() };
        if let Some(audience) = &search.audience {
            // Its placeholders are numbered from 1, so it comes first.
            condition.parts.push(audience.condition.clone());
            condition.values.extend(audience.values.iter().cloned());
        }
        let words = search.text.iter().flat_map(|text| text.split_whitespace()).take(MOST_WORDS);
        let words: Vec<String> = words.map(str::to_owned).collect();
        let texts = if words.is_empty() { Vec::new() } else { text_attributes(tx).await? };
        let is_behind = !words.is_empty() && person_words::is_behind(tx).await?;
        // The rarest word leads: its people come from the indexes, the other words are asked of them.
        let mut lead: Option<(i64, &str, Vec<Value>)> = None;
        for word in &words {
            if is_exact(tx, word).await? {
                let place = condition.bind(canonical_username(word).into());
                condition.parts.push(format!("(p.username = {place} OR p.address_canonical = {place})"));
                continue;
            }
            let groups = groups_named(tx, word).await?;
            if !search.inside {
                let found = Begins::of(word, &groups, &texts, is_behind).count(tx).await?;
                if found <= RARE && lead.as_ref().is_none_or(|(least, ..)| found < *least) {
                    lead = Some((found, word, groups.clone()));
                }
            }
            condition.word(word, groups, !texts.is_empty(), search.inside, is_behind);
        }
        if let Some((_, word, groups)) = lead {
            let people = Begins::of(word, &groups, &texts, is_behind);
            let people = people.people(None, |value| condition.bind(value));
            condition.parts.push(format!("p.id IN ({people})"));
        }
        Ok(condition)
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// One word. What hardly anybody has (groups, attributes) is asked last, and only if it can match. Tables beside
    /// people are asked by scalars: out of an EXISTS beside an OR, PostgreSQL makes a hash of the whole table.
    fn word(&mut self, word: &str, groups: Vec<Value>, has_texts: bool, inside: bool, is_behind: bool) {
        let place = format!("CAST({} AS TEXT)", self.bind(pattern(word, inside).into()));
        // LOWER over a million people would cost more than all the rest (measured: three times as much).
        let mut columns = vec!["username", "address_canonical", "external_id"];
        if inside || is_behind {
            columns.extend(["given_name", "family_name", "display_name"]);
        }
        if !word.is_ascii() {
            // The canonical form has domains in A-labels; what was given may have the letters typed here.
            columns.push("address");
        }
        let mut tests: Vec<String> =
            columns.into_iter().map(|column| format!("p.{column} {{like}} {place} ESCAPE '!'")).collect();
        let folded = search_words([word]);
        if !folded.is_empty() {
            // Every part of what was typed begins a word of the name.
            let each: Vec<String> = folded.into_iter().map(|part| self.begins_word(&part)).collect();
            tests.push(format!("({})", each.join(" AND ")));
        }
        if !groups.is_empty() {
            let ids: Vec<String> = groups.into_iter().map(|id| self.bind(id)).collect();
            tests.push(format!(
                "(SELECT 1 FROM group_members m WHERE m.person_id = p.id AND m.group_id IN ({}) LIMIT 1) IS NOT NULL",
                ids.join(", ")
            ));
        }
        if has_texts {
            tests.push(format!(
                "(SELECT 1 FROM attribute_values v WHERE v.person_id = p.id
                  AND v.string_value {{like}} {place} ESCAPE '!' LIMIT 1) IS NOT NULL"
            ));
        }
        self.parts.push(format!("({})", tests.join(" OR ")));
    }

    fn begins_word(&mut self, part: &str) -> String {
        let (first, end) = (self.bind(part.into()), self.bind(after(part).into()));
        // By the person, not by the word: of a word many have, an index over words would be walked for each person
        // again (measured: 27 s among a million).
        format!(
            "(SELECT 1 FROM person_words w WHERE w.person_id = p.id
              AND (w.word || '') >= {first} AND (w.word || '') < {end} LIMIT 1) IS NOT NULL"
        )
    }

    fn text(&self) -> String {
        if self.parts.is_empty() { "TRUE".to_owned() } else { self.parts.join(" AND ") }
    }
}

/// Where the indexes find the people a word begins something of.
struct Begins<'a> {
    word: &'a str,
    lower: String,
    /// The longest part of the word as names have it; the others are asked of whom it finds.
    folded: Option<String>,
    groups: &'a [Value],
    texts: &'a [String],
    /// Whether names wait to be written as words: then everybody who waits is looked at.
    is_behind: bool,
}

impl<'a> Begins<'a> {
    fn of(word: &'a str, groups: &'a [Value], texts: &'a [String], is_behind: bool) -> Self {
        let folded = search_words([word]).into_iter().max_by_key(String::len);
        Self { word, lower: plain(&word.to_ascii_lowercase()), folded, groups, texts, is_behind }
    }

    /// How many places of the indexes there are, looked at up to a little more than [`RARE`].
    async fn count(&self, tx: &mut Tx) -> Result<i64> {
        let mut values = Vec::new();
        let people = self.people(Some(RARE + 1), |value| {
            values.push(value);
            format!("${}", values.len())
        });
        let sql =
            format!("SELECT count(*) FROM (SELECT id FROM ({people}) AS each LIMIT {}) AS found", RARE + 1);
        tx.find(&sql, &values).await?.map_or(Ok(0), |mut row| row.take(0))
    }

    /// A query for their ids, each index giving at most so many.
    fn people(&self, most: Option<i64>, mut bind: impl FnMut(Value) -> String) -> String {
        let limit = most.map(|most| format!(" LIMIT {most}")).unwrap_or_default();
        let mut arms = Vec::new();
        let mut arm = |from: &str, column: &str, begin: &str, bind: &mut dyn FnMut(Value) -> String| {
            let (first, end) = (bind(begin.into()), bind(after(begin).into()));
            let number = arms.len();
            arms.push(format!(
                "SELECT id FROM (SELECT {from} {column} >= {first} AND {column} < {end}{limit}) AS a{number}"
            ));
        };
        if let Some(folded) = &self.folded {
            arm("person_id AS id FROM person_words WHERE", "word", folded, &mut bind);
        }
        let people = "id FROM people WHERE";
        arm(people, "username", &self.lower, &mut bind);
        arm(people, "address_canonical", &self.lower, &mut bind);
        for name in self.texts {
            let name = bind(name.clone().into());
            let from = format!("person_id AS id FROM attribute_values WHERE attribute = {name} AND");
            arm(&from, "LOWER(string_value)", &self.lower, &mut bind);
        }
        let mut ids = vec![plain(self.word), self.lower.clone(), self.lower.to_ascii_uppercase()];
        ids.dedup();
        for id in &ids {
            arm(people, "external_id", id, &mut bind);
        }
        for (number, group) in self.groups.iter().enumerate() {
            let group = bind(group.clone());
            arms.push(format!(
                "SELECT id FROM (SELECT person_id AS id FROM group_members WHERE group_id = {group}{limit}) AS g{number}"
            ));
        }
        if self.is_behind {
            arms.push(format!("SELECT id FROM (SELECT person_id AS id FROM person_word_queue{limit}) AS q"));
        }
        arms.join(" UNION ALL ")
    }
}

/// Where everything that begins with a text ends: nothing in UTF-8 sorts after this letter.
fn after(begin: &str) -> String {
    format!("{begin}\u{10ffff}")
}

/// PostgreSQL refuses NUL in a text, and nobody's name has one.
fn plain(word: &str) -> String {
    word.replace('\0', "\u{fffd}")
}

/// Whether a word is somebody's whole address: then the indexes find everyone with it, at once.
async fn is_exact(tx: &mut Tx, word: &str) -> Result<bool> {
    if !word.contains('@') || word.contains('\0') {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM people p WHERE p.username = $1 OR p.address_canonical = $1 LIMIT 1";
    Ok(tx.find(sql, &[canonical_username(word).into()]).await?.is_some())
}

/// The word at the beginning or anywhere, with LIKE's own characters made plain.
fn pattern(word: &str, inside: bool) -> String {
    let mut pattern = String::from(if inside { "%" } else { "" });
    for c in plain(word).chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

async fn groups_named(tx: &mut Tx, word: &str) -> Result<Vec<Value>> {
    let sql =
        "SELECT id FROM \"groups\" WHERE name {like} CAST($1 AS TEXT) ESCAPE '!' ORDER BY name LIMIT 100";
    let rows = tx.query(sql, &[pattern(word, true).into()]).await?;
    rows.into_iter().map(|mut row| row.take::<domain::id::GroupId>(0).map(Value::from)).collect()
}

async fn text_attributes(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.query("SELECT name FROM attributes WHERE kind = 'string' ORDER BY name", &[]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
