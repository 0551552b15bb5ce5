//! Measures the import into SQLite: rows per second and peak memory.
//!
//! `cargo run --release -p store --example import_rate -- [ROWS] [shuffled]`

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;
use store::import::{Options, import};
use store::{Location, Store};

const NOW: i64 = 1_795_251_600_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    let mut rows = 1_000_000_u64;
    let mut shuffled = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "shuffled" => shuffled = true,
            number => rows = number.parse()?,
        }
    }
    let folder = std::env::temp_dir().join(format!("passpost-import-rate-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("people.csv");
    generate(&file, rows, shuffled)?;
    let store = Store::open(&Location::Sqlite(folder.join("passpost.db"))).await?;
    store.migrate(NOW).await?;
    let size = std::fs::metadata(&file)?.len();
    writeln!(out, "{rows} rows, {} MB{}", size / 1_000_000, if shuffled { ", shuffled" } else { "" })?;
    for (what, apply) in [("preview", false), ("apply", true), ("apply again", true)] {
        let options = Options { apply, now_ms: NOW, ..Options::default() };
        let mut random = |bytes: &mut [u8]| {
            // Zeros, should the system have no randomness: the rate is the same.
            let _ = aws_lc_rs::rand::fill(bytes);
        };
        let (began, worked) = (Instant::now(), cpu_seconds());
        let outcome = import(&store, File::open(&file)?, options, &mut random, |_| ()).await?;
        let seconds = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "{what}: {seconds:.2} s ({:.2} s of processors), {:.0} rows/s, {} created, {} unchanged, {} refused, peak {} MiB",
            cpu_seconds() - worked,
            rows as f64 / seconds,
            outcome.created,
            outcome.unchanged,
            outcome.refused,
            peak_mib()
        )?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn generate(file: &Path, rows: u64, shuffled: bool) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    out.write_all(b"external_id,address,given_name,family_name,language\r\n")?;
    let mut line = String::new();
    for n in 0..rows {
        // A bijection below 2^20 and above that by blocks of it, so every name still occurs once.
        let name = if shuffled { (n & !0xf_ffff) | (n.wrapping_mul(0x9e37_79b1) & 0xf_ffff) } else { n };
        line.clear();
        let _ = write!(line, "E{name:07},given{name:07}@example.org,Given{name},Family{},de\r\n", n % 5_000);
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// What all threads have computed so far, on Linux: tells a busy machine from a slow program.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15 of proc(5), counted behind the name, in hundredths.
    let after = stat.rsplit(") ").next().unwrap_or_default();
    after.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory this process ever had, on Linux; 0 elsewhere.
fn peak_mib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kib| kib / 1024)
}
