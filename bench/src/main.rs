//! Measures Passpost as a ratio against a reference in the same run; `make bench` prints the table.
//!
//! The reference is Postfix's `smtp-source` against `smtp-sink` on loopback. Each measure runs in a
//! process of its own, so that its peak memory is its own: this program calls itself with `prepare`,
//! `run`, `sign` and others.

mod csv_file;
mod events;
mod far;
mod mailings;
mod measure;
mod orchestra;
mod people;
mod reset_page;
mod seeking;
mod table;
mod visiting;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("prepare") => measure::prepare(&args[1..]),
        Some("run") => measure::run(&args[1..]),
        Some("sign") => measure::sign(&args[1..]),
        Some("work") => measure::work(&args[1..]),
        Some("mailing") => mailings::run(&args[1..]),
        Some("events") => events::run(&args[1..]),
        Some("seek") => seeking::run(&args[1..]),
        Some("page") => reset_page::serve(),
        Some("import") => csv_file::run(&args[1..]),
        Some("--quick") => orchestra::play(10_000, &args[1..]),
        Some("--people") => {
            orchestra::play(args.get(1).and_then(|n| n.parse().ok()).expect("a number of people"), &args[2..])
        }
        None => orchestra::play(100_000, &[]),
        Some(other) => {
            eprintln!(
                "unknown argument {other:?}; allowed: --quick, --people N [S-1 S-2 … mailing events watch pages]"
            );
            std::process::exit(2);
        }
    }
}
