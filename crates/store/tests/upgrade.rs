//! A database of the program before the preferences: the migrations keep its account mails and links.

use store::{StoreError, account_mail, params};
use testkit::{TEST_NOW, databases};

/// Takes back what the migration of the preferences did.
const BEFORE: [&str; 20] = [
    "DROP TABLE confirmation_links",
    "DROP TABLE confirmation_groups",
    "DROP TABLE confirmations",
    "DROP TABLE consents",
    "DROP TABLE deletion_requests",
    "ALTER TABLE \"groups\" DROP COLUMN subscribable",
    "ALTER TABLE \"groups\" DROP COLUMN public_title",
    "ALTER TABLE \"groups\" DROP COLUMN public_description",
    "ALTER TABLE \"groups\" DROP COLUMN double_opt_in",
    "ALTER TABLE attributes DROP COLUMN recipients",
    "ALTER TABLE people DROP COLUMN unsubscribed_at",
    "DROP TABLE account_mails",
    "CREATE TABLE account_mails (id UUID PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('reset_link', 'password_changed')), asked TEXT, address TEXT, person_id UUID,
        network TEXT NOT NULL, language TEXT NOT NULL, attempts BIGINT NOT NULL, due_at BIGINT, outcome TEXT,
        detail TEXT, requested_at BIGINT NOT NULL, settled_at BIGINT)",
    "CREATE INDEX account_mails_due ON account_mails (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX account_mails_settled ON account_mails (settled_at) WHERE settled_at IS NOT NULL",
    "DROP TABLE reset_links",
    "CREATE TABLE reset_links (token_hash BYTEA PRIMARY KEY, key_id TEXT NOT NULL,
        person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE, mail_id UUID NOT NULL, address TEXT NOT NULL,
        state TEXT NOT NULL, minted_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, recipient_id BIGINT)",
    "CREATE INDEX reset_links_person ON reset_links (person_id, minted_at)",
    "CREATE INDEX reset_links_mail ON reset_links (mail_id)",
    "DELETE FROM migrations WHERE name >= '0016'",
];

/// A link of a run, as the older program left it.
async fn leave_a_link(db: &testkit::Database) {
    let left: Result<_, StoreError> = db
        .store
        .write(|tx| {
            Box::pin(async move {
                let id = uuid::Uuid::from_u128(7);
                tx.execute(
                    "INSERT INTO people (id, username, given_name, family_name, display_name, blocked, verified, created_at,
                        updated_at, must_change, failed_logins)
                     VALUES ($1, 'ada', '', '', '', FALSE, TRUE, 0, 0, FALSE, 0)",
                    params![id],
                )
                .await?;
                tx.execute(
                    "INSERT INTO reset_links (token_hash, key_id, person_id, mail_id, address, state, minted_at, expires_at,
                        recipient_id)
                     VALUES ($1, 'k', $2, $2, 'ada@example.org', 'active', 1, 2, 3)",
                    params![[7_u8; 32], id],
                )
                .await
            })
        })
        .await;
    left.unwrap_or_else(|error| panic!("a link: {error}"));
}

async fn the_link_is_kept(db: &testkit::Database) {
    let kept: Result<_, StoreError> = db
        .store
        .read(|tx| {
            Box::pin(async move {
                let sql = "SELECT person_id, address, state, key_id, minted_at, expires_at, recipient_id FROM reset_links
                    WHERE token_hash = $1";
                let mut row = tx.find(sql, params![[7_u8; 32]]).await?.unwrap_or_else(|| panic!("no link"));
                let person: uuid::Uuid = row.take(0)?;
                let words: [String; 3] = [row.take(1)?, row.take(2)?, row.take(3)?];
                let numbers: [i64; 3] = [row.take(4)?, row.take(5)?, row.take(6)?];
                Ok((person, words, numbers))
            })
        })
        .await;
    let (person, words, numbers) = kept.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((person, numbers), (uuid::Uuid::from_u128(7), [1, 2, 3]));
    assert_eq!(words, ["ada@example.org", "active", "k"]);
}

#[tokio::test]
async fn an_older_database_keeps_its_account_mails_and_links_and_knows_the_new_kinds() {
    for db in databases().await {
        for sql in BEFORE {
            let done: Result<_, StoreError> =
                db.store.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await;
            done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        let id = domain::id::AccountMailId::generate(TEST_NOW, testkit::house::fresh_bytes());
        let asked: Result<_, StoreError> = db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let asked = account_mail::Asked {
                        name: "ada".into(),
                        network: "net".into(),
                        language: "de".into(),
                    };
                    account_mail::ask(tx, id, &asked, TEST_NOW).await
                })
            })
            .await;
        asked.unwrap();
        leave_a_link(&db).await;
        assert!(db.store.check_schema().await.is_err(), "it is an older one");
        let applied = db.store.migrate(TEST_NOW).await.unwrap();
        assert_eq!(applied.to, applied.from + 3, "the preferences, and what came after them");
        db.store.check_schema().await.unwrap();
        the_link_is_kept(&db).await;
        let claimed: Result<_, StoreError> = db
            .store
            .write(|tx| Box::pin(async move { account_mail::claim(tx, "a node", 10, TEST_NOW).await }))
            .await;
        let claimed = claimed.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(
            (claimed[0].id, claimed[0].network.as_str(), claimed[0].language.as_str()),
            (id, "net", "de")
        );
        let new: Result<_, StoreError> = db
            .store
            .write(|tx| {
                Box::pin(async move {
                    let sql = "UPDATE account_mails SET kind = 'deletion_asked'";
                    assert_eq!(tx.execute(sql, &[]).await?, 1);
                    let unknown = "UPDATE account_mails SET kind = 'nothing'";
                    assert!(tx.execute(unknown, &[]).await.is_err());
                    Err::<(), _>(StoreError::Defect("nothing of it is kept".into()))
                })
            })
            .await;
        assert!(new.is_err());
    }
}
