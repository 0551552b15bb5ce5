//! The audience of a run: whom the selection finds, who of them is left out and why, counted or frozen.

use super::TRIES;
use crate::error::{Result, StoreError};
use crate::{Tx, Value, params};
use domain::automation::{Carries, Only};
use domain::id::{MailingId, PersonId, RecipientId};
use domain::recipient::Reason;
use domain::run::Preview;
use serde::Serialize;

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
    /// What the mails carry. Where passwords stay as they are, nobody has to be protected from losing one.
    pub carries: Carries,
    /// Whoever has set a password since this mailing is left out.
    pub done_of: Option<MailingId>,
    /// Whom the job of an event may reach; `None`: it is no such job.
    pub only: Option<Only>,
}

impl Rules {
    /// An SQL expression over `people p` and its role `ro` that gives the reason, or NULL; its
    /// parameters start at `first`.
    pub(super) fn expression(&self, first: usize) -> (String, Vec<Value>) {
        if self.carries != Carries::Password {
            return self.of_links(first);
        }
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
        let (done, only) = (self.done(&mut values, first), self.only());
        let sql = format!(
            "CASE WHEN p.id IS NULL THEN 'gone' {only}
              WHEN p.user_type = 'api' THEN 'api_user'
              WHEN p.user_type = 'hybrid'{unless_named} THEN 'hybrid_user'
              WHEN p.id = ${} OR p.id = ${} THEN 'acting_operator'
              WHEN ro.rank = 3 AND CAST(${} AS BIGINT) <= 1 THEN 'last_administrator'
              WHEN ro.rank > ${} THEN 'higher_rank'
              WHEN p.expires_at <= ${} THEN 'expired'
              WHEN p.blocked THEN 'blocked'
              WHEN p.address IS NULL THEN 'no_address'
              WHEN p.undeliverable IS NOT NULL THEN 'undeliverable'
              WHEN p.password_mailed_at > ${} THEN 'recently_mailed' {done} END",
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

impl Rules {
    /// The job for contacts is not done to system users, nor the other way (requirement E4).
    const fn only(&self) -> &'static str {
        match self.only {
            Some(Only::Contacts) => "WHEN p.role_id IS NOT NULL THEN 'system_user'",
            Some(Only::SystemUsers) => "WHEN p.role_id IS NULL THEN 'contact'",
            Some(Only::Anybody) | None => "",
        }
    }

    /// Whoever is done with a mailing is not reminded of it.
    fn done(&self, values: &mut Vec<Value>, first: usize) -> String {
        self.done_of.map_or_else(String::new, |mailing| {
            let place = first + values.len();
            values.push(mailing.into());
            format!(
                "WHEN EXISTS (SELECT 1 FROM mailing_events e WHERE e.mailing_id = ${place}
                   AND e.step = 'password_set' AND e.person_id = p.id) THEN 'already_done'"
            )
        })
    }

    /// The same where passwords stay as they are. API users have no password a link could change.
    fn of_links(&self, first: usize) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![self.rank.into(), self.now_ms.into()];
        let (done, only) = (self.done(&mut values, first), self.only());
        let sql = format!(
            "CASE WHEN p.id IS NULL THEN 'gone' {only}
              WHEN p.user_type = 'api' THEN 'api_user'
              WHEN ro.rank > ${first} THEN 'higher_rank'
              WHEN p.expires_at <= ${} THEN 'expired'
              WHEN p.blocked THEN 'blocked'
              WHEN p.address IS NULL THEN 'no_address'
              WHEN p.undeliverable IS NOT NULL THEN 'undeliverable' {done} END",
            first + 1
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
    // One column a reason: GROUP BY would sort everybody in memory first on SQLite, 50 octets a person.
    let each: Vec<String> = Reason::ALL
        .iter()
        .map(|one| format!(", count(*) FILTER (WHERE a.reason = '{}')", one.as_str()))
        .collect();
    let sql = format!("SELECT count(*), count(a.reason){} FROM {table}", each.concat());
    let Some(mut row) = tx.find(&sql, &values).await? else { return Ok(Preview::default()) };
    let (total, left_out): (i64, i64) = (row.take(0)?, row.take(1)?);
    let mut preview = Preview { total, would_receive: total - left_out, ..Preview::default() };
    for (place, reason) in Reason::ALL.iter().enumerate() {
        let people: i64 = row.take(2 + place)?;
        if people > 0 {
            preview.left_out.insert(*reason, people);
        }
    }
    if preview.left_out.values().sum::<i64>() != left_out {
        return Err(StoreError::Corrupt("people are left out for a reason that is not known".into()));
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
