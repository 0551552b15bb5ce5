//! System users: roles, blocking and erasing, with the rules of rank and of the last Owner.
//!
//! Whatever could take the last Owner away holds the row of the role Owner first, so that two such
//! changes at the same time see each other. An Owner counts as one who stays when the person is not
//! blocked, can sign in to the console and has no end.

use super::change::note_changed;
use crate::acting::Acting;
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::{Standing, Wrong};
use crate::{
    Result, StoreError, Tx, account_mail, audit, confirmation, consent, event, params, reset_link, role,
    second_factor,
};
use domain::id::{PersonId, RoleId};
use domain::role::{Rank, UserType};
use serde_json::json;
use uuid::Uuid;

/// The built-in role Owner.
pub const OWNER: RoleId = RoleId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003));

/// What makes a system user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemRole {
    /// The role.
    pub role_id: RoleId,
    /// Person, program or both.
    pub user_type: UserType,
    /// From then on as if there were no role, milliseconds since 1970; `None`: no end.
    pub expires_at: Option<i64>,
}

/// A person's row while it is held.
pub(super) struct Held {
    id: PersonId,
    rank: Option<Rank>,
    system: Option<SystemRole>,
    blocked: bool,
    created_at: i64,
}

impl Held {
    fn is_lasting_owner(&self) -> bool {
        !self.blocked && self.system.is_some_and(lasting_owner)
    }
    fn is_owner(&self) -> bool {
        self.system.is_some_and(|system| system.role_id == OWNER)
    }
}

fn lasting_owner(system: SystemRole) -> bool {
    system.role_id == OWNER && system.user_type != UserType::Api && system.expires_at.is_none()
}

/// Holds the role Owner and then the person, and checks the rank of the one who acts.
pub(super) async fn hold(tx: &mut Tx, acting: &Acting, id: PersonId) -> ChangeResult<Held> {
    tx.query("SELECT id FROM roles WHERE id = $1 {for_update}", params![OWNER]).await?;
    let mut row = tx
        .find(
            "SELECT role_id, user_type, expires_at, blocked, (SELECT rank FROM roles WHERE roles.id = people.role_id),
                    created_at FROM people WHERE id = $1 {for_update}",
            params![id],
        )
        .await?
        .ok_or_else(|| StoreError::NotFound(format!("the person {id}")))?;
    let user_type = row.take::<Option<String>>(1)?.as_deref().and_then(UserType::parse);
    let system = match (row.take::<Option<RoleId>>(0)?, user_type) {
        (Some(role_id), Some(user_type)) => Some(SystemRole { role_id, user_type, expires_at: row.take(2)? }),
        _ => None,
    };
    let rank = row.take::<Option<i64>>(4)?.map(Rank::new).transpose().map_err(StoreError::Corrupt)?;
    // The rank counts even when it has expired: whoever changes the record could prolong it.
    if !acting.outranks(rank) {
        return Err(Refusal::Rank.into());
    }
    Ok(Held { id, rank, system, blocked: row.take(3)?, created_at: row.take(5)? })
}

/// Refuses to take away the last Owner who stays.
async fn keep_an_owner(tx: &mut Tx, held: &Held) -> ChangeResult<()> {
    if held.is_owner() && lasting_owners(tx, Some(held.id)).await? == 0 {
        return Err(Refusal::LastOwner.into());
    }
    Ok(())
}

async fn lasting_owners(tx: &mut Tx, except: Option<PersonId>) -> Result<i64> {
    let mut rows = tx
        .query(
            "SELECT count(*) FROM people WHERE role_id = $1 AND NOT blocked AND expires_at IS NULL
             AND user_type <> 'api' AND id <> $2",
            params![OWNER, except.map_or(Uuid::nil(), |id| id.0)],
        )
        .await?;
    rows.pop().ok_or_else(|| StoreError::Defect("count gave no row".into()))?.take(0)
}

/// How many Owners there are who can sign in and have no end.
///
/// # Errors
/// The database is not available.
pub async fn owners_count(tx: &mut Tx) -> Result<i64> {
    lasting_owners(tx, None).await
}

/// Holds the person and refuses who does not stand strictly higher.
pub async fn hold_outranked(tx: &mut Tx, acting: &Acting, id: PersonId) -> ChangeResult<()> {
    hold(tx, acting, id).await.map(|_| ())
}

/// Retires the person's links and holds the person: links before people, as everywhere, so that no two transactions wait
/// in a circle; when the rest is refused, the transaction undoes it.
async fn hold_without_links(tx: &mut Tx, acting: &Acting, id: PersonId) -> ChangeResult<Held> {
    reset_link::retire_all(tx, id).await?;
    hold(tx, acting, id).await
}

async fn end_sessions(tx: &mut Tx, id: PersonId) -> Result<u64> {
    tx.execute("DELETE FROM sessions WHERE person_id = $1", params![id]).await
}

/// Blocks a person: no sign-in, no credential, no personal link, all sessions end. `false`: was blocked already.
///
/// # Errors
/// The rank is too low; the last Owner; the person is gone.
pub async fn block(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<bool> {
    let held = hold_without_links(tx, acting, id).await?;
    if held.blocked {
        return Ok(false);
    }
    keep_an_owner(tx, &held).await?;
    tx.execute("UPDATE people SET blocked = TRUE, updated_at = $2 WHERE id = $1", params![id, now_ms])
        .await?;
    end_sessions(tx, id).await?;
    note_changed(tx, acting, id, &["blocked"], now_ms).await?;
    audit::append(tx, acting.entry("person.blocked", "person", id, json!({}), now_ms)).await?;
    Ok(true)
}

/// Lets a blocked person in again. `false`: was not blocked.
///
/// # Errors
/// The rank is too low; the person is gone.
pub async fn unblock(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<bool> {
    if !hold(tx, acting, id).await?.blocked {
        return Ok(false);
    }
    tx.execute("UPDATE people SET blocked = FALSE, updated_at = $2 WHERE id = $1", params![id, now_ms])
        .await?;
    note_changed(tx, acting, id, &["blocked"], now_ms).await?;
    audit::append(tx, acting.entry("person.unblocked", "person", id, json!({}), now_ms)).await?;
    Ok(true)
}

/// Gives a person a system role, or another one; all sessions and personal links end.
///
/// # Errors
/// The rank is too low for the person or for the role; the last Owner; the end is past.
pub async fn grant_role(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    system: SystemRole,
    now_ms: i64,
) -> ChangeResult<()> {
    let role = role::get(tx, system.role_id).await?;
    if !acting.may_give(role.rank) {
        return Err(Refusal::RoleRank.into());
    }
    if system.expires_at.is_some_and(|at| at <= now_ms) {
        return Err(Refusal::field("expires_at", Wrong::EndPast).into());
    }
    let held = hold_without_links(tx, acting, id).await?;
    write_role(tx, acting, &held, Some(system), now_ms).await?;
    let detail = json!({
        "role": role.name, "rank": role.rank.number(), "user_type": system.user_type.as_str(),
        "expires_at": system.expires_at, "rank_before": held.rank.map(Rank::number),
    });
    audit::append(tx, acting.entry("person.role_granted", "person", id, detail, now_ms)).await?;
    Ok(())
}

/// Takes the system role away: the person is a contact again. `false`: was one already.
///
/// # Errors
/// The rank is too low; the last Owner; the person is gone.
pub async fn revoke_role(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<bool> {
    let held = hold_without_links(tx, acting, id).await?;
    if held.system.is_none() {
        return Ok(false);
    }
    write_role(tx, acting, &held, None, now_ms).await?;
    let detail = json!({ "rank_before": held.rank.map(Rank::number) });
    audit::append(tx, acting.entry("person.role_revoked", "person", id, detail, now_ms)).await?;
    Ok(true)
}

/// Sets person, program or both.
///
/// # Errors
/// The person is no system user; the rank is too low; the last Owner.
pub async fn set_user_type(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    user_type: UserType,
    now_ms: i64,
) -> ChangeResult<()> {
    let held = hold_without_links(tx, acting, id).await?;
    let system = held.system.ok_or_else(no_system_user)?;
    write_role(tx, acting, &held, Some(SystemRole { user_type, ..system }), now_ms).await?;
    let detail = json!({ "user_type": user_type.as_str() });
    audit::append(tx, acting.entry("person.user_type_set", "person", id, detail, now_ms)).await?;
    Ok(())
}

/// Sets or takes away the end of a system user's account. An end that is past ends it at once.
///
/// # Errors
/// The person is no system user; the rank is too low; the last Owner.
pub async fn set_expiry(
    tx: &mut Tx,
    acting: &Acting,
    id: PersonId,
    expires_at: Option<i64>,
    now_ms: i64,
) -> ChangeResult<()> {
    let held = hold_without_links(tx, acting, id).await?;
    let system = held.system.ok_or_else(no_system_user)?;
    write_role(tx, acting, &held, Some(SystemRole { expires_at, ..system }), now_ms).await?;
    let detail = json!({ "expires_at": expires_at });
    audit::append(tx, acting.entry("person.expiry_set", "person", id, detail, now_ms)).await?;
    Ok(())
}

fn no_system_user() -> Refusal {
    Refusal::State(Standing::NoSystemUser.into())
}

async fn write_role(
    tx: &mut Tx,
    acting: &Acting,
    held: &Held,
    system: Option<SystemRole>,
    now_ms: i64,
) -> ChangeResult<()> {
    if held.is_lasting_owner() && !system.is_some_and(lasting_owner) {
        keep_an_owner(tx, held).await?;
    }
    tx.execute(
        "UPDATE people SET role_id = $2, user_type = $3, expires_at = $4, updated_at = $5 WHERE id = $1",
        params![
            held.id,
            system.map(|system| system.role_id),
            system.map(|system| system.user_type.as_str()),
            system.and_then(|system| system.expires_at),
            now_ms
        ],
    )
    .await?;
    end_sessions(tx, held.id).await?;
    if system.is_none() {
        // A contact's sign-in asks for none.
        second_factor::remove(tx, held.id).await?;
    }
    if held.created_at == now_ms && held.system.is_none() {
        // Created as a system user: that is one event.
        event::turn_system_user(tx, held.id, now_ms).await?;
        return Ok(());
    }
    Ok(note_changed(tx, acting, held.id, &changed(held.system, system), now_ms).await?)
}

/// What of a role has another value.
fn changed(before: Option<SystemRole>, after: Option<SystemRole>) -> Vec<&'static str> {
    let role = |system: Option<SystemRole>| system.map(|one| one.role_id);
    let user_type = |system: Option<SystemRole>| system.map(|one| one.user_type);
    let end = |system: Option<SystemRole>| system.and_then(|one| one.expires_at);
    let fields = [
        ("role", role(before) != role(after)),
        ("user_type", user_type(before) != user_type(after)),
        ("expires_at", end(before) != end(after)),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Erases a person (requirement P9): the record, its memberships, attributes, sessions, credentials and
/// the notices it was to get are gone. Recipients and the audit log keep the bare id, so counts and chain stay.
///
/// # Errors
/// The person owns automations; the last Owner; the rank is too low; the person is gone.
pub async fn erase(tx: &mut Tx, acting: &Acting, id: PersonId, now_ms: i64) -> ChangeResult<()> {
    event::forget_person(tx, id, now_ms).await?;
    // Mails, confirmations, credentials and links before people, as everywhere, so that no two transactions wait in a circle; when
    // the rest is refused, the transaction undoes it.
    account_mail::erase(tx, id).await?;
    confirmation::erase(tx, id).await?;
    tx.execute("DELETE FROM credentials WHERE person_id = $1", params![id]).await?;
    reset_link::retire_all(tx, id).await?;
    let held = hold(tx, acting, id).await?;
    let owned =
        tx.query("SELECT number FROM automations WHERE owner_id = $1 ORDER BY number", params![id]).await?;
    let mailings =
        tx.query("SELECT number FROM mailings WHERE owner_id = $1 ORDER BY number", params![id]).await?;
    if !mailings.is_empty() {
        let numbers = mailings.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
        return Err(Refusal::OwnsMailings(numbers).into());
    }
    if !owned.is_empty() {
        let numbers = owned.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
        return Err(Refusal::OwnsAutomations(numbers).into());
    }
    keep_an_owner(tx, &held).await?;
    end_sessions(tx, id).await?;
    consent::erase(tx, id).await?;
    for sql in [
        "DELETE FROM deletion_requests WHERE person_id = $1",
        "DELETE FROM group_members WHERE person_id = $1",
        "DELETE FROM attribute_values WHERE person_id = $1",
        "DELETE FROM person_words WHERE person_id = $1",
        "DELETE FROM person_word_queue WHERE person_id = $1",
        "DELETE FROM notices WHERE person_id = $1",
        "DELETE FROM reset_links WHERE person_id = $1",
        "DELETE FROM mailing_people WHERE person_id = $1",
        "DELETE FROM recovery_codes WHERE person_id = $1",
        "DELETE FROM second_factors WHERE person_id = $1",
        "DELETE FROM api_keys WHERE owner_id = $1",
        "DELETE FROM people WHERE id = $1",
    ] {
        tx.execute(sql, params![id]).await?;
    }
    audit::append(tx, acting.entry("person.erased", "person", id, json!({}), now_ms)).await?;
    Ok(())
}
