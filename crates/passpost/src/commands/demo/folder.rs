//! The data folder of a demo: a fresh one that goes away with it, or one that was named and stays.

use crate::clock::randomness;
use crate::context::make_data_folder;
use crate::failure::Failure;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    passing: bool,
}

impl Folder {
    /// Makes it.
    ///
    /// # Errors
    /// The named one holds something already: a demo never touches people who are there.
    pub(super) fn make(named: Option<&Path>) -> Result<Self, Failure> {
        let folder = match named {
            Some(path) => {
                let is_used = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
                if is_used {
                    return Err(Failure::usage(format!(
                        "{} is not empty; a demo begins in a fresh folder",
                        path.display()
                    ))
                    .hint("name another one with --data, or leave it out"));
                }
                Self { path: path.to_owned(), passing: false }
            }
            None => {
                let tail: String = randomness()?[..4].iter().map(|byte| format!("{byte:02x}")).collect();
                Self { path: std::env::temp_dir().join(format!("passpost-demo-{tail}")), passing: true }
            }
        };
        make_data_folder(&folder.path)?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn describe(&self) -> String {
        let end = if self.passing { "gone when the demo ends" } else { "stays" };
        format!("{} ({end})", self.path.display())
    }

    /// Removes a passing folder.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn remove(mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.passing) {
            std::fs::remove_dir_all(&self.path)?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Also when something went wrong on the way; there is nobody left to tell if this does.
        if self.passing {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
