//! Who may change selections at a terminal.

use super::House;

#[tokio::test]
async fn to_edit_or_copy_a_selection_is_to_view_it() {
    let house = House::furnished();
    house.run("user create half --role Manager").ok();
    house.run("selection edit Members --limit 9 --as half").ok();
    house.run("selection copy Members Other --as half").ok();
    let file = house.data().join("passpost.db");
    let store = store::Store::open(&store::Location::Sqlite(file)).await.unwrap();
    let blind = r#"UPDATE roles SET permissions = '["selections.edit"]' WHERE name = 'Manager'"#;
    let changed = store.write(move |tx| Box::pin(async move { tx.execute(blind, &[]).await })).await.unwrap();
    assert_eq!(changed, 1);
    drop(store);
    for line in ["selection edit Members --limit 5 --as half", "selection copy Members Third --as half"] {
        house.run(line).ends(2, "does not allow selections.view");
    }
    let shown = house.run("selection show Members --json").ok().json();
    assert_eq!(
        shown["size_limit"].as_i64().or(shown["selection"]["size_limit"].as_i64()),
        Some(9),
        "{shown}"
    );
    house.run("selection show Third").ends(2, "you have: Members, Other");
}
