//! The words people's names are found by, kept beside the people: written a little later than the names, so that an
//! import is not slowed down by a million places in an index. What waits is in a queue; the search looks through it
//! as well, so nobody is missed meanwhile.

use crate::person::load;
use crate::{Engine, Kind, Result, Row, Rows, Store, StoreError, Tx, params};
use domain::id::PersonId;
use domain::search_words::search_words;

/// People taken out of the queue in one transaction.
const CHUNK: i64 = 1_000;

/// Notes that names of these people are new or changed.
///
/// # Errors
/// The database is not available.
pub(crate) async fn enqueue(tx: &mut Tx, people: &[PersonId]) -> Result<()> {
    // DO UPDATE, not DO NOTHING: on PostgreSQL it waits for a node that is just taking the row out, and then puts a
    // new one in.
    tx.execute_rows(
        "INSERT INTO person_word_queue (person_id, changes) SELECT r.id, 1 FROM {rows} WHERE TRUE
         ON CONFLICT (person_id) DO UPDATE SET changes = person_word_queue.changes + 1",
        &[],
        &load::id_rows(people),
    )
    .await?;
    Ok(())
}

/// Whether somebody waits.
///
/// # Errors
/// The database is not available.
pub(crate) async fn is_behind(tx: &mut Tx) -> Result<bool> {
    Ok(tx.find("SELECT 1 FROM person_word_queue LIMIT 1", &[]).await?.is_some())
}

/// Writes the words of the next people in the queue; gives how many people, 0 when nobody waits. To be called again
/// until it does; a moment's rest in between lets others write.
///
/// # Errors
/// The database is not available.
pub async fn catch_up(store: &Store) -> Result<u64> {
    if !store.read(|tx| Box::pin(is_behind(tx))).await? {
        return Ok(0);
    }
    store.write(|tx| Box::pin(chunk(tx))).await
}

async fn chunk(tx: &mut Tx) -> Result<u64> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT person_id FROM person_word_queue ORDER BY person_id LIMIT $1",
        // Other nodes take other people.
        Engine::Postgres => {
            "SELECT person_id FROM person_word_queue ORDER BY person_id LIMIT $1 FOR UPDATE SKIP LOCKED"
        }
    };
    let taken = tx.query(sql, params![CHUNK]).await?;
    let people = taken.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<PersonId>>>()?;
    let ids = load::id_rows(&people);
    let named = tx
        .query_rows(
            "SELECT p.id, p.given_name, p.family_name, p.display_name FROM {rows}, people p WHERE p.id = r.id",
            &[],
            &ids,
        )
        .await?;
    let mut words = named.into_iter().map(words_of).collect::<Result<Vec<_>>>()?.concat();
    // In the order of the index: neighbours are written together.
    words.sort();
    let mut rows = Rows::new(&[("word", Kind::Text), ("person", Kind::Uuid)]);
    for (word, person) in words {
        rows.push([word.into(), person.into()]);
    }
    tx.execute_rows("DELETE FROM person_words USING {rows} WHERE person_words.person_id = r.id", &[], &ids)
        .await?;
    tx.execute_rows(
        "INSERT INTO person_words (word, person_id) VALUES {rows}(r.word, r.person)
         ON CONFLICT (word, person_id) DO NOTHING",
        &[],
        &rows,
    )
    .await?;
    let sql = "DELETE FROM person_word_queue USING {rows} WHERE person_word_queue.person_id = r.id";
    tx.execute_rows(sql, &[], &ids).await?;
    Ok(people.len() as u64)
}

fn words_of(mut row: Row) -> Result<Vec<(String, PersonId)>, StoreError> {
    let id: PersonId = row.take(0)?;
    let names: [String; 3] = [row.take(1)?, row.take(2)?, row.take(3)?];
    Ok(search_words(names.iter().map(String::as_str)).into_iter().map(|word| (word, id)).collect())
}
