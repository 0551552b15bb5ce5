//! Recipients: the frozen audience of a run, who of it is left out and why, and who is next.

use crate::error::{Result, StoreError};
use crate::{Kind, Row, Rows, Tx, Value, params};
use domain::id::{LeaseId, PersonId, RecipientId};
use domain::recipient::{Reason, RecipientState};
use domain::run::Preview;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// Attempts before a recipient counts as refused.
const TRIES: i64 = domain::delivery::MOST_ATTEMPTS as i64;

/// Whom a selection finds: a condition over `people p` with its values, `$1` first.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The condition.
    pub condition: String,
    /// Its values.
    pub values: Vec<Value>,
    /// At most so many, in the order of their ids.
    pub size_limit: Option<i64>,
}

/// What decides who is left out; read anew for each chunk.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The effective rank: whoever ranks higher is left out.
    pub rank: i64,
    /// The owner of the automation.
    pub owner: PersonId,
    /// The operator who started the run.
    pub actor: Option<PersonId>,
    /// How many Owners can sign in; a single one is protected.
    pub owners: i64,
    /// The present, milliseconds since 1970.
    pub now_ms: i64,
    /// Whoever was mailed a password after this moment is left out.
    pub mailed_since: i64,
    /// Hybrid users who are included.
    pub hybrid_users: Vec<PersonId>,
}

impl Rules {
    /// An SQL expression over `people p` and its role `ro` that gives the reason, or NULL; its
    /// parameters start at `first`.
    fn expression(&self, first: usize) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![
            self.owner.into(),
            self.actor.into(),
            self.owners.into(),
            self.rank.into(),
            self.now_ms.into(),
            self.mailed_since.into(),
        ];
        let place = |n: usize| first + n;
        let named: Vec<String> = self
            .hybrid_users
            .iter()
            .map(|person| {
                values.push((*person).into());
                format!("${}", first + values.len() - 1)
            })
            .collect();
        let unless_named =
            if named.is_empty() { String::new() } else { format!(" AND p.id NOT IN ({})", named.join(", ")) };
        let sql = format!(
            "CASE WHEN p.id IS NULL THEN 'gone'
              WHEN p.user_type = 'api' THEN 'api_user'
              WHEN p.user_type = 'hybrid'{unless_named} THEN 'hybrid_user'
              WHEN p.id = ${} OR p.id = ${} THEN 'acting_operator'
              WHEN ro.rank = 3 AND CAST(${} AS BIGINT) <= 1 THEN 'last_administrator'
              WHEN ro.rank > ${} THEN 'higher_rank'
              WHEN p.expires_at <= ${} THEN 'expired'
              WHEN p.blocked THEN 'blocked'
              WHEN p.address IS NULL THEN 'no_address'
              WHEN p.undeliverable IS NOT NULL THEN 'undeliverable'
              WHEN p.password_mailed_at > ${} THEN 'recently_mailed' END",
            place(0),
            place(1),
            place(2),
            place(3),
            place(4),
            place(5)
        );
        (sql, values)
    }
}

/// The audience with the reason of each, as a table `a (id, reason)`.
fn audience_table(audience: &Audience, rules: &Rules, more: Vec<Value>) -> (String, Vec<Value>) {
    let mut values = audience.values.clone();
    values.extend(more);
    let (reason, reason_values) = rules.expression(values.len() + 1);
    values.extend(reason_values);
    let limit = audience.size_limit.map_or_else(String::new, |limit| format!("LIMIT {limit}"));
    let sql = format!(
        "(SELECT p.id AS id, {reason} AS reason FROM people p LEFT JOIN roles ro ON ro.id = p.role_id
          WHERE {} ORDER BY p.id {limit}) AS a",
        audience.condition
    );
    (sql, values)
}

/// Dry run: counts who would receive and who would be left out, and changes nothing.
///
/// # Errors
/// The database is not available.
pub async fn preview(tx: &mut Tx, audience: &Audience, rules: &Rules) -> Result<Preview> {
    let (table, values) = audience_table(audience, rules, Vec::new());
    let rows =
        tx.query(&format!("SELECT a.reason, count(*) FROM {table} GROUP BY a.reason"), &values).await?;
    let mut preview = Preview::default();
    for mut row in rows {
        let reason: Option<String> = row.take(0)?;
        let people: i64 = row.take(1)?;
        preview.total += people;
        match reason {
            None => preview.would_receive += people,
            Some(name) => {
                let reason = Reason::parse(&name)
                    .ok_or_else(|| StoreError::Corrupt(format!("the reason {name} is not known")))?;
                preview.left_out.insert(reason, people);
            }
        }
    }
    Ok(preview)
}

/// One person of a dry run.
#[derive(Debug, Clone, Serialize)]
pub struct Previewed {
    /// Who.
    pub person_id: PersonId,
    /// The user name.
    pub username: String,
    /// Why left out; `None`: would receive.
    pub reason: Option<Reason>,
}

/// Dry run: names the first people of the audience, those left out first when asked for.
///
/// # Errors
/// The database is not available.
pub async fn preview_people(
    tx: &mut Tx,
    audience: &Audience,
    rules: &Rules,
    left_out: bool,
    limit: i64,
) -> Result<Vec<Previewed>> {
    let (table, values) = audience_table(audience, rules, Vec::new());
    let which = if left_out { "IS NOT NULL" } else { "IS NULL" };
    let sql = format!(
        "SELECT a.id, q.username, a.reason FROM {table} JOIN people q ON q.id = a.id
         WHERE a.reason {which} ORDER BY a.id LIMIT {limit}"
    );
    let rows = tx.query(&sql, &values).await?;
    rows.into_iter()
        .map(|mut row| {
            let reason: Option<String> = row.take(2)?;
            Ok(Previewed {
                person_id: row.take(0)?,
                username: row.take(1)?,
                reason: reason.as_deref().and_then(Reason::parse),
            })
        })
        .collect()
}

/// Freezes the audience of a run: everyone the selection finds, each planned or left out with the
/// reason. Gives the total and how many are left out.
///
/// # Errors
/// The database is not available.
pub async fn freeze(tx: &mut Tx, run_number: i64, audience: &Audience, rules: &Rules) -> Result<(i64, i64)> {
    let (first, last) = RecipientId::bounds(run_number);
    let base = audience.values.len() + 1;
    let (table, values) = audience_table(audience, rules, vec![first.into(), TRIES.into()]);
    let sql = format!(
        "INSERT INTO recipients (id, person_id, state, reason, attempts, tries_left)
         SELECT CAST(${base} AS BIGINT) + row_number() OVER (ORDER BY a.id), a.id,
                CASE WHEN a.reason IS NULL THEN 'planned' ELSE 'left_out' END, a.reason, 0, CAST(${} AS BIGINT)
         FROM {table}",
        base + 1
    );
    let total = tx.execute(&sql, &values).await?;
    let left_out: i64 = tx
        .find(
            "SELECT count(*) FROM recipients WHERE id BETWEEN $1 AND $2 AND state = 'left_out'",
            params![first, last],
        )
        .await?
        .map_or(Ok(0), |mut row| row.take(0))?;
    Ok((i64::try_from(total).unwrap_or(i64::MAX), left_out))
}

/// A recipient in the hands of a worker, with what its message is made of.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The recipient.
    pub id: RecipientId,
    /// The person.
    pub person_id: PersonId,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Attempts left after this one.
    pub tries_left: i64,
    /// What the person signs in with.
    pub username: String,
    /// Where the mail goes, as stored.
    pub address: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Display name.
    pub display_name: String,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
}

impl Claimed {
    /// Gives a person without a language of ours this one.
    pub fn speak(&mut self, fallback: domain::language::Language) {
        let known = self.language.as_deref().and_then(domain::language::Language::for_tag);
        self.language = Some(known.unwrap_or(fallback).tag().to_owned());
    }
}

/// A chunk: who is claimed, who is left out at the last moment, and where the cursor stands now.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// In the worker's hands.
    pub claimed: Vec<Claimed>,
    /// Left out, because something changed since the audience was frozen.
    pub left_out: Vec<(RecipientId, Reason)>,
    /// The last recipient looked at for the first time.
    pub cursor: Option<RecipientId>,
    /// How many of them were waiting for another attempt.
    pub were_deferred: i64,
}

/// Looks at the next recipients of a run: those never tried after the cursor, else those whose next
/// attempt is due. Everything that may have changed is checked again (3-safety, requirement A6).
/// The run's row must be locked.
///
/// # Errors
/// The database is not available.
pub async fn next_chunk(
    tx: &mut Tx,
    run_number: i64,
    cursor: RecipientId,
    last: RecipientId,
    rules: &Rules,
    limit: i64,
) -> Result<Chunk> {
    const COLUMNS: &str = "q.id, q.person_id, q.attempts, q.tries_left, p.username, p.address, p.given_name, \
        p.family_name, p.display_name, p.language, p.time_zone";
    const TABLES: &str =
        "recipients q LEFT JOIN people p ON p.id = q.person_id LEFT JOIN roles ro ON ro.id = p.role_id";
    let mut chunk = Chunk::default();
    let (reason, reason_values) = rules.expression(4);
    if cursor < last {
        let sql = format!(
            "SELECT {COLUMNS}, {reason} FROM {TABLES}
             WHERE q.id > $1 AND q.id <= $2 AND q.state = 'planned' ORDER BY q.id LIMIT $3"
        );
        let mut values = vec![cursor.into(), last.into(), limit.into()];
        values.extend(reason_values.clone());
        let rows = tx.query(&sql, &values).await?;
        sort_out(rows, &mut chunk)?;
        let reached =
            chunk.claimed.iter().map(|one| one.id).chain(chunk.left_out.iter().map(|(id, _)| *id)).max();
        chunk.cursor = Some(reached.unwrap_or(last));
    }
    if chunk.claimed.is_empty() && chunk.left_out.is_empty() {
        let (reason, reason_values) = rules.expression(5);
        let (first, end) = RecipientId::bounds(run_number);
        let sql = format!(
            "SELECT {COLUMNS}, {reason} FROM {TABLES}
             WHERE q.due_at <= $1 AND q.id BETWEEN $2 AND $3 AND q.state = 'deferred' ORDER BY q.due_at LIMIT $4"
        );
        let mut values = vec![rules.now_ms.into(), first.into(), end.into(), limit.into()];
        values.extend(reason_values);
        let rows = tx.query(&sql, &values).await?;
        sort_out(rows, &mut chunk)?;
        chunk.were_deferred = (chunk.claimed.len() + chunk.left_out.len()) as i64;
    }
    Ok(chunk)
}

fn sort_out(rows: Vec<Row>, chunk: &mut Chunk) -> Result<()> {
    for mut row in rows {
        let id: RecipientId = row.take(0)?;
        let reason: Option<String> = row.take(11)?;
        if let Some(name) = reason {
            let reason = Reason::parse(&name)
                .ok_or_else(|| StoreError::Corrupt(format!("the reason {name} is not known")))?;
            chunk.left_out.push((id, reason));
            continue;
        }
        let attempts: i64 = row.take(2)?;
        let tries_left: i64 = row.take(3)?;
        chunk.claimed.push(Claimed {
            id,
            person_id: row.take(1)?,
            attempt: attempts + 1,
            tries_left: tries_left - 1,
            username: row.take(4)?,
            address: row.take(5)?,
            given_name: row.take(6)?,
            family_name: row.take(7)?,
            display_name: row.take(8)?,
            language: row.take(9)?,
            time_zone: row.take(10)?,
        });
    }
    Ok(())
}

/// *planned* or *deferred* → *sending*, under a lease.
///
/// # Errors
/// The database is not available.
pub async fn claim(tx: &mut Tx, chunk: &Chunk, lease: LeaseId) -> Result<()> {
    let mut rows = Rows::new(&[("recipient", Kind::Int)]);
    for one in &chunk.claimed {
        rows.push([one.id.into()]);
    }
    tx.execute_rows(
        "UPDATE recipients SET state = 'sending', lease_id = $1, attempts = attempts + 1,
            tries_left = tries_left - 1, due_at = NULL
         FROM {rows} WHERE recipients.id = r.recipient",
        params![lease],
        &rows,
    )
    .await?;
    Ok(())
}

/// *planned* or *deferred* → *left_out*, each with its reason.
///
/// # Errors
/// The database is not available.
pub async fn leave_out(tx: &mut Tx, left_out: &[(RecipientId, Reason)], now_ms: i64) -> Result<()> {
    let mut rows = Rows::new(&[("recipient", Kind::Int), ("why", Kind::Text)]);
    for (id, reason) in left_out {
        rows.push([(*id).into(), reason.as_str().into()]);
    }
    tx.execute_rows(
        "UPDATE recipients SET state = 'left_out', reason = r.why, due_at = NULL, settled_at = $1
         FROM {rows} WHERE recipients.id = r.recipient",
        params![now_ms],
        &rows,
    )
    .await?;
    Ok(())
}

/// How many recipients a cancellation settled, by what they were before and became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CancelledOpen {
    /// *planned* → *cancelled*.
    pub planned: i64,
    /// *deferred* → *cancelled*.
    pub deferred: i64,
    /// *deferred* → *unknown*: an answer was lost before, so their mail may have arrived.
    pub unknown: i64,
}

/// Settles whoever of a run waits for a turn: *planned* or *deferred* → *cancelled*, or *unknown* where an
/// earlier mail of this run may have arrived.
///
/// # Errors
/// The database is not available.
pub async fn cancel_open(tx: &mut Tx, run_number: i64, now_ms: i64) -> Result<CancelledOpen> {
    const MAY_HAVE_ARRIVED: &str = "AND EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = recipients.person_id \
        AND c.recipient_id = recipients.id AND c.state IN ('unknown', 'active', 'used'))";
    let (first, last) = RecipientId::bounds(run_number);
    let mut changed = [0; 3];
    let moves = [
        ("deferred", "unknown", MAY_HAVE_ARRIVED),
        ("deferred", "cancelled", ""),
        ("planned", "cancelled", ""),
    ];
    for (place, (from, to, only)) in moves.into_iter().enumerate() {
        let sql = format!(
            "UPDATE recipients SET state = $4, due_at = NULL, settled_at = $5
             WHERE id BETWEEN $1 AND $2 AND state = $3 {only}"
        );
        let count = tx.execute(&sql, params![first, last, from, to, now_ms]).await?;
        changed[place] = i64::try_from(count).unwrap_or(i64::MAX);
    }
    let [unknown, deferred, planned] = changed;
    Ok(CancelledOpen { planned, deferred, unknown })
}

/// *deferred* → *accepted* for those of a chunk whose lost answer has been found: the person has used the
/// mail and chosen a password since. Another mail would take that password away again. They leave the
/// chunk; gives how many.
///
/// # Errors
/// The database is not available.
pub async fn accept_arrived(tx: &mut Tx, chunk: &mut Chunk, now_ms: i64) -> Result<i64> {
    let mut rows = Rows::new(&[("recipient", Kind::Int), ("person", Kind::Uuid)]);
    for one in chunk.claimed.iter().filter(|one| one.attempt > 1) {
        rows.push([one.id.into(), one.person_id.into()]);
    }
    let arrived = tx
        .query_rows(
            "UPDATE recipients SET state = 'accepted', reason = NULL, due_at = NULL, settled_at = $1
             FROM {rows} WHERE recipients.id = r.recipient AND EXISTS
               (SELECT 1 FROM credentials c JOIN people p ON p.id = c.person_id
                WHERE c.person_id = r.person AND c.recipient_id = r.recipient AND c.state = 'used'
                  AND p.password_hash IS NOT NULL)
             RETURNING id",
            params![now_ms],
            &rows,
        )
        .await?;
    let arrived = arrived.into_iter().map(|mut row| row.take(0)).collect::<Result<HashSet<RecipientId>>>()?;
    chunk.claimed.retain(|one| !arrived.contains(&one.id));
    Ok(i64::try_from(arrived.len()).unwrap_or(i64::MAX))
}

/// *refused*, *unknown* or *bounced* → *deferred*, due at once, with all tries; of one recipient or
/// of a whole run. Gives how many came from *refused*, *unknown* and *bounced*.
///
/// # Errors
/// The database is not available.
pub async fn retry(tx: &mut Tx, first: RecipientId, last: RecipientId, now_ms: i64) -> Result<[i64; 3]> {
    let mut changed = [0; 3];
    for (place, state) in ["refused", "unknown", "bounced"].into_iter().enumerate() {
        let count = tx
            .execute(
                "UPDATE recipients SET state = 'deferred', due_at = $4, tries_left = $5, settled_at = NULL
                 WHERE id BETWEEN $1 AND $2 AND state = $3",
                params![first, last, state, now_ms, TRIES],
            )
            .await?;
        changed[place] = i64::try_from(count).unwrap_or(i64::MAX);
    }
    Ok(changed)
}

/// When the next attempt of a run is due.
///
/// # Errors
/// The database is not available.
pub async fn next_due(tx: &mut Tx, run_number: i64) -> Result<Option<i64>> {
    let (first, last) = RecipientId::bounds(run_number);
    let row = tx
        .find(
            "SELECT due_at FROM recipients WHERE due_at IS NOT NULL AND id BETWEEN $1 AND $2 ORDER BY due_at LIMIT 1",
            params![first, last],
        )
        .await?;
    row.map(|mut row| row.take(0)).transpose()
}

/// A recipient as lists and reports show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its id.
    #[serde(skip)]
    pub id: RecipientId,
    /// Its place in the audience, from 1.
    pub position: u32,
    /// The person; the name is gone when the person was erased.
    pub person_id: PersonId,
    /// The user name.
    pub username: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// The address now.
    pub address: Option<String>,
    /// Where it stands.
    pub state: RecipientState,
    /// Why, when left out, refused or deferred.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// The next attempt, milliseconds since 1970.
    pub due_at: Option<i64>,
    /// When it was settled.
    pub settled_at: Option<i64>,
    /// What the relay said last.
    pub reply: Option<String>,
}

/// Recipients of a run after a place, in the order of the audience; in one state, or in all.
///
/// # Errors
/// The database is not available.
pub async fn list(
    tx: &mut Tx,
    run_number: i64,
    state: Option<RecipientState>,
    after: u32,
    limit: i64,
) -> Result<Vec<Listed>> {
    let (_, last) = RecipientId::bounds(run_number);
    let mut values: Vec<Value> = vec![RecipientId::new(run_number, after).into(), last.into(), limit.into()];
    let in_state = match state {
        Some(state) => {
            values.push(state.as_str().into());
            "AND q.state = $4"
        }
        None => "",
    };
    let sql = format!(
        "SELECT q.id, q.person_id, p.username, p.given_name, p.family_name, p.display_name, p.address, q.state, q.reason,
            q.attempts, q.due_at, q.settled_at,
            (SELECT d.reply FROM deliveries d WHERE d.recipient_id = q.id ORDER BY d.attempt DESC LIMIT 1)
         FROM recipients q LEFT JOIN people p ON p.id = q.person_id
         WHERE q.id > $1 AND q.id <= $2 {in_state} ORDER BY q.id LIMIT $3"
    );
    let rows = tx.query(&sql, &values).await?;
    rows.into_iter().map(read_listed).collect()
}

fn read_listed(mut row: Row) -> Result<Listed> {
    let id: RecipientId = row.take(0)?;
    let username: Option<String> = row.take(2)?;
    let parts: [Option<String>; 3] = [row.take(5)?, row.take(3)?, row.take(4)?];
    let [display, given, family] = parts.map(Option::unwrap_or_default);
    let state: String = row.take(7)?;
    Ok(Listed {
        id,
        position: id.position(),
        person_id: row.take(1)?,
        name: username
            .as_ref()
            .map(|username| domain::person::full_name(&display, &given, &family, username)),
        username,
        address: row.take(6)?,
        state: RecipientState::parse(&state)
            .ok_or_else(|| StoreError::Corrupt("a recipient has an unreadable state".into()))?,
        reason: row.take(8)?,
        attempts: row.take(9)?,
        due_at: row.take(10)?,
        settled_at: row.take(11)?,
        reply: row.take(12)?,
    })
}

/// How many recipients of a run are in a state, by reason (left out) or class of answer (refused).
///
/// # Errors
/// The database is not available.
pub async fn count_by_reason(
    tx: &mut Tx,
    run_number: i64,
    state: RecipientState,
) -> Result<BTreeMap<String, i64>> {
    let (first, last) = RecipientId::bounds(run_number);
    let rows = tx
        .query(
            "SELECT COALESCE(reason, ''), count(*) FROM recipients WHERE id BETWEEN $1 AND $2 AND state = $3
             GROUP BY COALESCE(reason, '')",
            params![first, last, state.as_str()],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}
