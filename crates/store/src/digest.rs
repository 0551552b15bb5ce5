//! A digest of texts, to tell whether something is still exactly what it was.

use aws_lc_rs::digest::{Context, SHA256};

/// The first 128 bits of the SHA-256 over texts, each with its length in front, in 32 hexadecimal digits: no
/// two different lists of texts give the same one.
#[must_use]
pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    context.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn where_one_text_ends_and_the_next_begins_counts() {
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
        assert_ne!(of(["a"]), of(["a", ""]));
        assert_eq!(of(["a", "b"]), of(["a", "b"]));
        assert_eq!(of([]).len(), 32);
    }
}
