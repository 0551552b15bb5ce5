//! The layer under everything: one SQL text, transactions, many rows at once, migrations, the audit chain.

use store::{Kind, Rows, StoreError, audit, params};
use testkit::{TEST_NOW, databases};

fn setting(name: &str) -> String {
    format!("test.{name}")
}

#[tokio::test]
async fn a_failed_transaction_leaves_nothing_behind() {
    for db in databases().await {
        let failed: Result<(), StoreError> = db
            .store
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)",
                        params![setting("a"), "1", 0_i64],
                    )
                    .await?;
                    Err(StoreError::NotFound("the rest".into()))
                })
            })
            .await;
        assert!(failed.is_err());
        let left = db
            .store
            .read(|tx| Box::pin(async move { tx.query("SELECT name FROM settings", &[]).await }))
            .await
            .unwrap();
        assert!(left.is_empty(), "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_transaction_that_falls_over_holds_up_nobody() {
    for db in databases().await {
        // More often than there are connections, each of which may have been left in the middle.
        for n in 0..40_i64 {
            let fallen: Result<(), StoreError> = db
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        let name = setting(&n.to_string());
                        tx.execute(
                            "INSERT INTO settings (name, value, updated_at) VALUES ($1, '1', $2)",
                            params![name, n],
                        )
                        .await?;
                        assert!(n < 0, "a defect, as this test wants it");
                        Ok(())
                    })
                })
                .await;
            assert!(fallen.is_err(), "{:?}", db.engine());
        }
        for n in 0..40_i64 {
            let kept: Result<u64, StoreError> = db
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        let name = setting(&n.to_string());
                        let sql = "INSERT INTO settings (name, value, updated_at) VALUES ($1, '2', $2)";
                        tx.execute(sql, params![name, n]).await
                    })
                })
                .await;
            assert_eq!(kept.unwrap(), 1, "{:?}: {n} is neither there nor locked", db.engine());
        }
    }
}

#[tokio::test]
async fn transactions_that_wait_together_stay_apart() {
    for db in databases().await {
        let tasks: Vec<_> = (0..200_i64)
            .map(|n| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |tx| {
                            Box::pin(async move {
                                tx.execute(
                                    "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)",
                                    params![setting(&n.to_string()), "1", n],
                                )
                                .await?;
                                if n % 3 == 0 {
                                    Err(StoreError::NotFound("every third".into()))
                                } else {
                                    Ok(())
                                }
                            })
                        })
                        .await
                })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += usize::from(task.await.unwrap().is_ok());
        }
        let mut rows = db
            .store
            .read(|tx| Box::pin(async move { tx.query("SELECT count(*) FROM settings", &[]).await }))
            .await
            .unwrap();
        assert_eq!(rows[0].take::<i64>(0).unwrap(), kept as i64, "{:?}", db.engine());
        assert_eq!(kept, 133);
    }
}

#[tokio::test]
async fn many_rows_go_in_with_one_statement() {
    for db in databases().await {
        let changed = db
            .store
            .write(|tx| {
                Box::pin(async move {
                    let mut rows = Rows::new(&[("name", Kind::Text), ("at", Kind::Int)]);
                    for n in 0..1_000_i64 {
                        rows.push([setting(&n.to_string()).into(), n.into()]);
                    }
                    tx.execute_rows(
                        "INSERT INTO settings (name, value, updated_at) SELECT r.name, CAST($1 AS TEXT), r.at FROM {rows} WHERE TRUE",
                        params!["x"],
                        &rows,
                    )
                    .await?;
                    tx.execute_rows(
                        "UPDATE settings SET updated_at = r.at + 1 FROM {rows} WHERE settings.name = r.name",
                        &[],
                        &rows,
                    )
                    .await
                })
            })
            .await
            .unwrap();
        assert_eq!(changed, 1_000, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_by_its_column() {
    for db in databases().await {
        let insert = || {
            db.store.write(|tx| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
                         VALUES ($1, 'Owner', 1, FALSE, '[]', 0, 0)",
                        params![uuid::Uuid::from_u128(99)],
                    )
                    .await
                })
            })
        };
        match insert().await {
            Err(StoreError::Exists(what)) => assert_eq!(what, "roles.name"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for db in databases().await {
        let again = db.store.migrate(TEST_NOW).await.unwrap();
        assert_eq!(again.from, again.to);
        db.store.check_schema().await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_what_to_do() {
    for db in databases().await {
        db.store
            .write(|tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO migrations VALUES (99, 'from the future', 'x', 0)", &[]).await
                })
            })
            .await
            .unwrap();
        let error = db.store.migrate(TEST_NOW).await.unwrap_err().to_string();
        assert!(error.contains("newer program"), "{error}");
    }
}

#[tokio::test]
async fn an_edited_audit_row_is_found() {
    for db in databases().await {
        db.store
            .write(|tx| {
                Box::pin(async move {
                    for n in 0..5 {
                        audit::append(
                            tx,
                            audit::Entry {
                                at_ms: TEST_NOW + n,
                                actor_id: None,
                                actor: "system",
                                action: "test.done",
                                subject_kind: "test",
                                subject_id: n.to_string(),
                                detail: serde_json::json!({ "n": n }),
                                network: String::new(),
                            },
                        )
                        .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let check = || db.store.read(|tx| Box::pin(audit::verify(tx)));
        assert_eq!(check().await.unwrap().broken_at, None);
        db.store
            .write(|tx| {
                Box::pin(async move {
                    tx.execute("UPDATE audit SET subject_id = 'x' WHERE number = 3", &[]).await
                })
            })
            .await
            .unwrap();
        assert_eq!(check().await.unwrap().broken_at, Some(3), "{:?}", db.engine());
    }
}
