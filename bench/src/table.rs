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
    /// this.
    pub target: f64,
}

/// Prints the lines as a Markdown table.
pub fn print(lines: &[Line]) {
    println!("\n| # | Measure | Figure | Value | Target | |");
    println!("|---|---|---|---|---|---|");
    for line in lines {
        let reached = if line.at_least { line.value >= line.target } else { line.value <= line.target };
        println!(
            "| {} | {} | {} | {:.2} | {} {} | {} |",
            line.number,
            line.what,
            line.figure,
            line.value,
            if line.at_least { "≥" } else { "≤" },
            line.target,
            if reached { "reached" } else { "missed" }
        );
    }
}
