//! API keys: what programs act with, as rows; the tokens themselves are nowhere.
//!
//! A key has an owner, a system user of the type *api* or *hybrid*, and scopes. What it may do is decided
//! at each request: its scopes as far as the owner's role allows them then.

use crate::acting::{Acting, Authority};
use crate::event::{self, Happened};
use crate::person::{check, load};
use crate::refusal::{ChangeResult, Refusal};
use crate::wrong::Wrong;
use crate::{Kind, Result, Row, Rows, StoreError, Tx, Value, audit, params};
use domain::event::BuiltIn;
use domain::id::{ApiKeyId, PersonId};
use domain::role::{Permission, Rank, UserType};
use serde::Serialize;
use serde_json::json;

/// The longest life of a key, in milliseconds: a year, leap or not.
pub const LONGEST_LIFE_MS: i64 = 366 * 24 * 3_600_000;
/// The life of a key when nobody says otherwise, in milliseconds.
pub const USUAL_LIFE_MS: i64 = 90 * 24 * 3_600_000;
/// How often the last use is noted at most, in milliseconds.
const NOTED_EVERY_MS: i64 = 60_000;
/// How often its use is an event at most, in milliseconds.
const ANNOUNCED_EVERY_MS: i64 = 3_600_000;

/// A key as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its id; opens nothing.
    pub id: ApiKeyId,
    /// The first characters of the token, by which people know it again.
    pub hint: String,
    /// What it is for.
    pub name: String,
    /// Whose rights bound it.
    pub owner_id: PersonId,
    /// The user name of the owner.
    pub owner: String,
    /// Names of permissions.
    pub scopes: Vec<String>,
    /// Who made it; `None`: the command line.
    pub created_by: Option<PersonId>,
    /// The key it was made with, if one was; it ends with that one.
    pub made_with: Option<ApiKeyId>,
    /// Created, milliseconds since 1970.
    pub created_at: i64,
    /// From then on it opens nothing.
    pub expires_at: i64,
    /// Last used, to about a minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

impl ApiKey {
    /// Whether it can open anything at a moment, its owner aside.
    #[must_use]
    pub const fn is_live(&self, now_ms: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at > now_ms
    }
}

/// A key to be; its token was minted and is known to nobody but the one who asked.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Keyed hash of the token.
    pub token_hash: Vec<u8>,
    /// The token's first characters.
    pub hint: String,
    /// What it is for: 1 to 200 characters.
    pub name: String,
    /// A system user of the type *api* or *hybrid*.
    pub owner_id: PersonId,
    /// Each one of the owner's and of the maker's.
    pub scopes: Vec<Permission>,
    /// At most a year away.
    pub expires_at: i64,
}

/// What the one who makes a key may do; a key is never given more.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'a> {
    /// What they may do; `None`: everything, as the command line may.
    pub permissions: Option<&'a [Permission]>,
    /// The key they act with, when a program makes a key: its id and its end.
    pub key: Option<(ApiKeyId, i64)>,
}

/// A key that was shown, and what its owner is at this moment.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The key.
    pub key: ApiKey,
    /// Whether the owner is blocked.
    pub blocked: bool,
    /// When the owner's account ends.
    pub owner_expires_at: Option<i64>,
    /// What the owner's role is worth; `None`: no system user any more.
    pub rank: Option<Rank>,
    /// The type of system user.
    pub user_type: Option<UserType>,
    /// Names of the permissions of the owner's role; `*` stands for all.
    pub allowed: Vec<String>,
}

impl Shown {
    /// What the key may do now: its scopes, as far as the owner's role allows them. `None`: nothing,
    /// because it is revoked or over, or because its owner may not act.
    #[must_use]
    pub fn rights(&self, now_ms: i64) -> Option<(Rank, Vec<Permission>)> {
        let owner_acts = !self.blocked && self.owner_expires_at.is_none_or(|at| at > now_ms);
        let is_program = self.user_type.is_some_and(|one| one != UserType::Ui);
        let rank = self.rank.filter(|_| owner_acts && is_program && self.key.is_live(now_ms))?;
        let all = self.allowed.iter().any(|name| name == "*");
        let allowed = |scope: &&String| all || self.allowed.contains(scope);
        Some((
            rank,
            self.key.scopes.iter().filter(allowed).filter_map(|name| Permission::parse(name)).collect(),
        ))
    }
}

const COLUMNS: &str = "k.id, k.hint, k.name, k.owner_id, p.username, k.scopes, k.created_by, k.made_with, \
    k.created_at, k.expires_at, k.last_used_at, k.revoked_at";

fn read(row: &mut Row) -> Result<ApiKey> {
    let scopes: String = row.take(5)?;
    Ok(ApiKey {
        id: row.take(0)?,
        hint: row.take(1)?,
        name: row.take(2)?,
        owner_id: row.take(3)?,
        owner: row.take(4)?,
        scopes: names(&scopes)?,
        created_by: row.take(6)?,
        made_with: row.take(7)?,
        created_at: row.take(8)?,
        expires_at: row.take(9)?,
        last_used_at: row.take(10)?,
        revoked_at: row.take(11)?,
    })
}

fn names(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json).map_err(|_| StoreError::Corrupt("a list of permissions is unreadable".into()))
}

/// All keys, the newest first, revoked and expired ones as well.
///
/// # Errors
/// The database is not available.
pub async fn list(tx: &mut Tx) -> Result<Vec<ApiKey>> {
    let sql =
        format!("SELECT {COLUMNS} FROM api_keys k JOIN people p ON p.id = k.owner_id ORDER BY k.id DESC");
    tx.query(&sql, &[]).await?.iter_mut().map(read).collect()
}

/// The key with this id.
///
/// # Errors
/// There is none; the database is not available.
pub async fn get(tx: &mut Tx, id: ApiKeyId) -> Result<ApiKey> {
    let sql = format!("SELECT {COLUMNS} FROM api_keys k JOIN people p ON p.id = k.owner_id WHERE k.id = $1");
    let row = tx.find(&sql, params![id]).await?;
    let mut row = row.ok_or_else(|| StoreError::NotFound(format!("the key {id}")))?;
    read(&mut row)
}

/// The key whose token has this hash, with what its owner is now.
///
/// # Errors
/// The database is not available.
pub async fn find_shown(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Shown>> {
    let sql = format!(
        "SELECT {COLUMNS}, p.blocked, p.expires_at, p.user_type, ro.rank, ro.permissions
         FROM api_keys k JOIN people p ON p.id = k.owner_id LEFT JOIN roles ro ON ro.id = p.role_id
         WHERE k.token_hash = $1"
    );
    let Some(mut row) = tx.find(&sql, params![token_hash]).await? else { return Ok(None) };
    let key = read(&mut row)?;
    let user_type: Option<String> = row.take(14)?;
    let allowed: Option<String> = row.take(16)?;
    Ok(Some(Shown {
        key,
        blocked: row.take(12)?,
        owner_expires_at: row.take(13)?,
        user_type: user_type.as_deref().and_then(UserType::parse),
        rank: row.take::<Option<i64>>(15)?.map(Rank::new).transpose().map_err(StoreError::Corrupt)?,
        allowed: allowed.map_or_else(|| Ok(Vec::new()), |text| names(&text))?,
    }))
}

/// Makes a key.
///
/// # Errors
/// The owner is no system user of the type *api* or *hybrid*, may not act, or does not rank below the one who
/// makes it (one's own key aside); a scope is not the owner's or not the maker's; the end is past, more than a
/// year away, or after the end of the key it is made with.
pub async fn insert(
    tx: &mut Tx,
    acting: &Acting,
    maker: Maker<'_>,
    new: &NewApiKey,
    now_ms: i64,
) -> ChangeResult<ApiKey> {
    let name = check::name(&new.name).map_err(check::at("name"))?;
    if name.is_empty() {
        return Err(Refusal::field("name", Wrong::KeyName).into());
    }
    check_end(maker, new.expires_at, now_ms)?;
    let allowed = owner_allows(tx, acting, new.owner_id, now_ms).await?;
    let scopes = check_scopes(maker, &allowed, &new.scopes)?;
    let text = json!(scopes).to_string();
    tx.execute(
        "INSERT INTO api_keys (id, token_hash, hint, name, owner_id, scopes, created_by, made_with, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            new.id,
            new.token_hash.as_slice(),
            new.hint.as_str(),
            name,
            new.owner_id,
            text,
            acting.person_id,
            maker.key.map(|(id, _)| id),
            now_ms,
            new.expires_at
        ],
    )
    .await?;
    let detail = json!({ "owner": new.owner_id, "scopes": scopes, "expires_at": new.expires_at,
        "made_with": maker.key.map(|(id, _)| id) });
    audit::append(tx, acting.entry("key.created", "key", new.id, detail, now_ms)).await?;
    Ok(get(tx, new.id).await?)
}

fn check_end(maker: Maker<'_>, expires_at: i64, now_ms: i64) -> Result<(), Refusal> {
    if expires_at <= now_ms {
        return Err(Refusal::field("expires_at", Wrong::EndPast));
    }
    if expires_at > now_ms + LONGEST_LIFE_MS {
        return Err(Refusal::field("expires_at", Wrong::KeyYear));
    }
    if maker.key.is_some_and(|(_, end)| expires_at > end) {
        return Err(Refusal::field("expires_at", Wrong::KeyEnd));
    }
    Ok(())
}

/// The permissions of the owner's role, once it is clear that the owner may have a key made by this one.
async fn owner_allows(
    tx: &mut Tx,
    acting: &Acting,
    owner: PersonId,
    now_ms: i64,
) -> ChangeResult<Vec<String>> {
    let place = |wrong: Wrong| Refusal::field("owner_id", wrong);
    let Some(person) = load::find(tx, owner).await? else {
        return Err(place(Wrong::KeyOwner).into());
    };
    let Some(system) = person.system.filter(|system| system.user_type != UserType::Ui) else {
        return Err(place(Wrong::KeyOwner).into());
    };
    let own = acting.person_id == Some(owner) && acting.authority != Authority::Own;
    if !own && !acting.outranks(Some(system.rank)) {
        return Err(Refusal::Rank.into());
    }
    if person.blocked || system.expires_at.is_some_and(|at| at <= now_ms) {
        return Err(place(Wrong::KeyOwnerEnded).into());
    }
    Ok(crate::role::get(tx, system.role_id).await?.permissions)
}

fn check_scopes(
    maker: Maker<'_>,
    allowed: &[String],
    wanted: &[Permission],
) -> Result<Vec<&'static str>, Refusal> {
    let mut scopes: Vec<&'static str> = Vec::new();
    for scope in wanted {
        let name = scope.as_str();
        if maker.permissions.is_some_and(|own| !own.contains(scope)) {
            return Err(Refusal::field("scopes", Wrong::NotYours { name: name.to_owned() }));
        }
        if !allowed.iter().any(|one| one == "*" || one == name) {
            return Err(Refusal::field("scopes", Wrong::NotTheOwners { name: name.to_owned() }));
        }
        if !scopes.contains(&name) {
            scopes.push(name);
        }
    }
    if scopes.is_empty() {
        return Err(Refusal::field("scopes", Wrong::NoScope));
    }
    Ok(scopes)
}

/// Revokes a key and every key that was made with it: the next request is refused. Gives how many that were
/// not revoked yet.
///
/// # Errors
/// There is no such key; its owner does not rank below the one who acts (one's own keys aside).
pub async fn revoke(tx: &mut Tx, acting: &Acting, id: ApiKeyId, now_ms: i64) -> ChangeResult<u64> {
    let key = get(tx, id).await?;
    let owner = load::get(tx, key.owner_id).await?;
    let own = acting.person_id == Some(owner.id)
        || acting.person_id.is_some() && acting.person_id == key.created_by;
    if !own && !acting.outranks(owner.system.map(|system| system.rank)) {
        return Err(Refusal::Rank.into());
    }
    let revoked = tx
        .execute(
            "UPDATE api_keys SET revoked_at = $2 WHERE revoked_at IS NULL AND id IN (
                 WITH RECURSIVE made (id) AS (
                     SELECT id FROM api_keys WHERE id = $1
                     UNION SELECT k.id FROM api_keys k JOIN made ON k.made_with = made.id)
                 SELECT id FROM made)",
            params![id, now_ms],
        )
        .await?;
    if revoked > 0 {
        let detail = json!({ "owner": key.owner_id, "keys": revoked });
        audit::append(tx, acting.entry("key.revoked", "key", id, detail, now_ms)).await?;
    }
    Ok(revoked)
}

/// Notes that a key was used, at most once a minute; where that is heard, its owner has logged on, at most once an hour.
///
/// # Errors
/// The database is not available.
pub async fn touch(tx: &mut Tx, id: ApiKeyId, now_ms: i64) -> Result<()> {
    let noted = tx
        .execute(
            "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)",
            params![id, now_ms, now_ms - NOTED_EVERY_MS],
        )
        .await?;
    if noted == 0 || !event::is_heard(tx, BuiltIn::LoggedOn).await? {
        return Ok(());
    }
    let sql = "UPDATE api_keys SET announced_at = $2
               WHERE id = $1 AND (announced_at IS NULL OR announced_at <= $3) RETURNING owner_id";
    let Some(mut row) = tx.find(sql, params![id, now_ms, now_ms - ANNOUNCED_EVERY_MS]).await? else {
        return Ok(());
    };
    let owner: PersonId = row.take(0)?;
    let about = Happened::to(owner, Some(owner), json!({ "by": "api" }));
    event::write(tx, BuiltIn::LoggedOn, &about, now_ms).await
}

/// Everyone who ever made a key for one of these people, and could have acted in their name.
///
/// # Errors
/// The database is not available.
pub async fn makers_of(tx: &mut Tx, owners: &[PersonId]) -> Result<Vec<PersonId>> {
    let mut rows = Rows::new(&[("owner", Kind::Uuid)]);
    for owner in owners {
        rows.push([Value::from(*owner)]);
    }
    let sql =
        "SELECT k.created_by FROM {rows}, api_keys k WHERE k.owner_id = r.owner AND k.created_by IS NOT NULL";
    let mut found = Vec::new();
    for mut row in tx.query_rows(sql, &[], &rows).await? {
        found.push(row.take(0)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
