//! A copy taken while others write is one moment of the database.

use store::{Location, Store, StoreError, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_under_load_holds_whole_transactions_and_can_be_opened() {
    let database = testkit::database::sqlite().await;
    let (folder, store) = (&database.folder, database.store.clone());
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write_pairs(store.clone(), Arc::clone(&stop)));
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let file = folder.path().join("copy.db");
    let octets = store.backup(&file, |done, total| assert!(done <= total)).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let written = writer.await.unwrap();
    assert!(octets > 0 && written > 0);

    let copy = Store::open(&Location::Sqlite(file.clone())).await.unwrap();
    copy.check_schema().await.unwrap();
    let mut rows = copy
        .read::<_, StoreError, _>(|tx| {
            Box::pin(tx.query("SELECT value FROM settings WHERE name IN ('a', 'b') ORDER BY name", &[]))
        })
        .await
        .unwrap();
    let (b, a): (String, String) = (rows.pop().unwrap().take(0).unwrap(), rows.pop().unwrap().take(0).unwrap());
    assert_eq!(a, b, "both halves of a transaction, or neither");
    assert!(matches!(store.backup(&file, |_, _| {}).await, Err(StoreError::Exists(_))), "never overwritten");
    let leftovers = std::fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().contains("part")
    });
    assert_eq!(leftovers.count(), 0);
}

async fn write_pairs(store: Store, stop: Arc<AtomicBool>) -> i64 {
    let mut number = 0_i64;
    while !stop.load(Ordering::Relaxed) || number == 0 {
        number += 1;
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    for name in ["a", "b"] {
                        tx.execute(
                            "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, 0)
                             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                            params![name, number.to_string()],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
    }
    number
}
