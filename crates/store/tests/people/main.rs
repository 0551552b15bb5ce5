//! Who there is, on both databases: people, system users, groups, attributes, roles and the search.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attributes;
mod contacts;
mod groups;
mod roles;
mod search;
mod selections;
mod system_users;

use domain::address::Address;
use domain::id::{PersonId, RoleId};
use domain::role::{Rank, UserType};
use store::person::{self, NewPerson, OWNER, SystemRole};
use store::{Acting, ChangeError, ChangeResult, Refusal, Store, Tx, Work};
use testkit::TEST_NOW;
use uuid::Uuid;

/// The built-in role Administrator.
const ADMINISTRATOR: RoleId = RoleId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002));

fn id(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n))
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// `p7`, Given7 Family7, with an address of its own.
fn contact(n: u128) -> NewPerson {
    NewPerson {
        username: Some(format!("p{n}")),
        address: Some(address(&format!("p{n}@example.org"))),
        given_name: format!("Given{n}"),
        family_name: format!("Family{n}"),
        ..NewPerson::new(id(n))
    }
}

fn operator(n: u128, rank: i64) -> Acting {
    Acting::operator(id(n), Rank::new(rank).unwrap(), "192.0.2.0/24".into())
}

async fn change<T: Send + 'static>(
    store: &Store,
    work: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, ChangeError> + Send + 'static,
) -> ChangeResult<T> {
    store.write(work).await
}

async fn look<T: Send + 'static>(
    store: &Store,
    work: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
) -> T {
    store.read(work).await.unwrap()
}

async fn add(store: &Store, people: Vec<NewPerson>) {
    change(store, move |tx| {
        Box::pin(async move {
            for one in &people {
                person::insert(tx, &Acting::system(), one, TEST_NOW).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

/// Adds `p{n}` with a role.
async fn add_system_user(store: &Store, n: u128, role_id: RoleId) {
    add(store, vec![contact(n)]).await;
    grant(store, Acting::system(), id(n), role_id, None).await.unwrap();
}

async fn grant(
    store: &Store,
    acting: Acting,
    id: PersonId,
    role_id: RoleId,
    expires_at: Option<i64>,
) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(async move {
            let system = SystemRole { role_id, user_type: UserType::Ui, expires_at };
            person::grant_role(tx, &acting, id, system, TEST_NOW).await
        })
    })
    .await
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    look(store, move |tx| {
        Box::pin(async move { tx.query(sql, &[]).await?.pop().map_or(Ok(-1), |mut row| row.take(0)) })
    })
    .await
}

fn refusal<T: std::fmt::Debug>(result: ChangeResult<T>) -> Refusal {
    match result {
        Err(ChangeError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
