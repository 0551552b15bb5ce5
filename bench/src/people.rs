//! A databank of generated people, written in chunks so that its size does not show in memory.

use domain::id::PersonId;
use store::{Kind, Rows, Store, StoreError, params};
use testkit::house::fresh_bytes;

/// Names that make mails of ordinary length, with letters of several alphabets among them.
const NAMES: [(&str, &str); 8] = [
    ("Ada", "Lovelace"),
    ("Zoë", "Grünwald"),
    ("Željko", "Đorđević"),
    ("Nguyễn", "Thị Minh"),
    ("Παύλος", "Νικολάου"),
    ("Łucja", "Wiśniewska"),
    ("田中", "花子"),
    ("María José", "de la Cruz"),
];

/// The user name of one, counted from 0: `b0000001`, `b0000002`, …
pub fn username(place: usize) -> String {
    format!("b{:07}", place + 1)
}

/// Adds contacts. With `families`, their names are those of a thousand families instead of eight.
pub async fn add(store: &Store, count: usize, families: bool, now_ms: i64) {
    for first in (0..count).step_by(5_000) {
        let last = (first + 5_000).min(count);
        let mut rows = Rows::new(&[
            ("id", Kind::Uuid),
            ("name", Kind::Text),
            ("given", Kind::Text),
            ("family", Kind::Text),
            ("language", Kind::Text),
        ]);
        for place in first..last {
            let (given, family) = NAMES[place % NAMES.len()];
            rows.push([
                PersonId::generate(now_ms, fresh_bytes()).into(),
                username(place).into(),
                given.into(),
                if families { format!("Lovelace{:03}", (place + 1) % 1_000).into() } else { family.into() },
                ["en", "de", "fr"][place % 3].into(),
            ]);
        }
        store
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute_rows(
                        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name,
                            display_name, language, time_zone, blocked, verified, created_at, updated_at, password_hash,
                            password_set, password_changed_at, must_change, failed_logins)
                         SELECT r.id, r.name, r.name || '@bench.example', r.name || '@bench.example', r.given, r.family,
                            '', r.language, 'Europe/Berlin', FALSE, TRUE, CAST($1 AS BIGINT), CAST($1 AS BIGINT),
                            '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo',
                            'chosen', CAST($1 AS BIGINT), FALSE, 0
                         FROM {rows}",
                        params![now_ms],
                        &rows,
                    )
                    .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("people are added");
    }
}
