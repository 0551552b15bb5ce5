//! Which process of this machine works on the database: a lock on `worker.lock` in the data folder.
//!
//! The lock goes away with its process, however that ends. Whoever holds it may take up at once what a
//! process before it left behind; whoever does not writes the intent and watches.

use crate::failure::Failure;
use crate::settings::Settings;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};

/// The lock, while this value lives.
#[derive(Debug)]
pub(crate) struct WorkerLock {
    _file: File,
}

/// Who works.
#[derive(Debug)]
pub(crate) enum Holder {
    /// This process, from now on.
    Us(WorkerLock),
    /// Another one; its process id when it could be read.
    Another(Option<u32>),
}

impl WorkerLock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn take(settings: &Settings) -> Result<Holder, Failure> {
        let path = settings.server.data_dir.join("worker.lock");
        let failed = |error: std::io::Error| Failure::failed(format!("{} cannot be used: {error}", path.display()));
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).map_err(failed)?;
                file.rewind().map_err(failed)?;
                writeln!(file, "{}", std::process::id()).map_err(failed)?;
                Ok(Holder::Us(Self { _file: file }))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                Ok(Holder::Another(text.trim().parse().ok()))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
