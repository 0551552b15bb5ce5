//! S-9: people from a CSV file.

use crate::measure::{Measured, arg, location, peak_kib, runtime};
use crate::orchestra::{Stage, measured};
use crate::table::Line;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;
use store::Store;
use store::import::{Options, import};

/// Rows in any order need a search each in a table that grows; files usually come sorted by one of their columns.
const ORDERS: [(&str, bool); 2] = [("in the order of their ids", false), ("in no order", true)];

/// Measures the import of a file of new people into an empty database.
pub(crate) fn play(stage: &Stage, rows: usize, lines: &mut Vec<Line>) {
    for (what, shuffled) in ORDERS {
        let file = stage.path(&format!("people-{shuffled}.csv"));
        write(&file, rows, shuffled).expect("the file is written");
        let database = stage.sqlite(&format!("s9-{shuffled}.db"));
        let file = file.display().to_string();
        let found = measured(stage.me(&["import", "--database", &database, "--file", &file]));
        eprintln!("S-9 {what}: {:.0} rows a second, peak {} KiB", found.rate(), found.peak_kib);
        lines.push(Line {
            number: "S-9",
            what: format!("import of {rows} people {what}, rows a second"),
            figure: String::new(),
            value: found.rate(),
            at_least: true,
            target: (!shuffled).then_some(100_000.0),
        });
        lines.push(Line {
            number: "S-9",
            what: format!("peak memory of that import {what}, MiB"),
            figure: String::new(),
            value: found.peak_kib as f64 / 1024.0,
            at_least: false,
            target: Some(120.0),
        });
    }
}

/// The import, in a process of its own: `--database URL --file CSV`.
pub(crate) fn run(args: &[String]) {
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let now_ms = flow::Clock::system().now_ms();
        store.migrate(now_ms).await.expect("the schema is applied");
        let file = File::open(arg(args, "--file").expect("--file")).expect("the file opens");
        let mut random = |bytes: &mut [u8]| aws_lc_rs::rand::fill(bytes).expect("random bytes");
        let options = Options { apply: true, ..Options::preview(store::Acting::command_line(), now_ms) };
        let began = Instant::now();
        let outcome = import(&store, file, options, &mut random, |_| ()).await.expect("the import succeeds");
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(outcome.created, outcome.rows, "everybody is new");
        Measured { count: i64::try_from(outcome.rows).expect("a count"), seconds, peak_kib: peak_kib() }
            .print();
    });
}

fn write(file: &Path, rows: usize, shuffled: bool) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    out.write_all(b"external_id,address,given_name,family_name,language\r\n")?;
    for n in 0..rows {
        // A bijection below 2^20 and above that by blocks of it, so every name still occurs once.
        let name = if shuffled { (n & !0xf_ffff) | (n.wrapping_mul(0x9e37_79b1) & 0xf_ffff) } else { n };
        write!(out, "E{name:07},given{name:07}@example.org,Given{name},Family{},de\r\n", n % 5_000)?;
    }
    out.flush()
}
