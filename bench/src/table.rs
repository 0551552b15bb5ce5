//! The table that `make bench` prints.

/// One line: what was measured, against what, and whether it reaches its target.
pub struct Line {
    /// Its number in the list of targets.
    pub number: &'static str,
    /// What was measured.
    pub what: String,
    /// The figure itself, for the curious; only ratios travel to other machines.
    pub figure: String,
    /// The ratio or the figure that is held against the target.
    pub value: f64,
    /// At least (true) or at most (false)
    pub at_least: bool,
    /// this; `None`: nothing is asked, it is told for comparison.
    pub target: Option<f64>,
}

/// Prints the lines as a Markdown table.
pub fn print(lines: &[Line]) {
    println!("\n| # | Measure | Figure | Value | Target | |");
    println!("|---|---|---|---|---|---|");
    for line in lines {
        let (bound, reached) = match line.target {
            None => (String::from("–"), ""),
            Some(target) => {
                let reached = if line.at_least { line.value >= target } else { line.value <= target };
                let sign = if line.at_least { "≥" } else { "≤" };
                (format!("{sign} {target}"), if reached { "reached" } else { "missed" })
            }
        };
        println!(
            "| {} | {} | {} | {:.2} | {bound} | {reached} |",
            line.number, line.what, line.figure, line.value,
        );
    }
}
