//! A database of the program before the preferences: the migration keeps its account mails.

use store::{StoreError, account_mail};
use testkit::{TEST_NOW, databases};

/// Takes back what the migration of the preferences did.
const BEFORE: [&str; 16] = [
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
    "DELETE FROM migrations WHERE name >= '0016'",
];

#[tokio::test]
async fn an_older_database_keeps_its_account_mails_and_knows_the_new_kinds() {
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
        assert!(db.store.check_schema().await.is_err(), "it is an older one");
        let applied = db.store.migrate(TEST_NOW).await.unwrap();
        assert_eq!(applied.to, applied.from + 3, "the preferences, and what came after them");
        db.store.check_schema().await.unwrap();
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
