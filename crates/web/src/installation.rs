//! What the installation runs with, as the program hands it over: the web shows it and reads no setting itself.

/// A setting as it is in force. Secrets are masked before they come here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name, as in `database.url`.
    pub name: String,
    /// What is in force, for people to read; empty: nothing.
    pub value: String,
    /// Where that comes from.
    pub origin: Origin,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file with the settings.
    File,
    /// This variable of the environment, or option of the command.
    Variable(String),
}

/// What the installation runs with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// The file with the settings; `None`: there is none.
    pub file: Option<String>,
    /// The version of the program.
    pub version: &'static str,
    /// The file with the server keys.
    pub keys_file: String,
    /// Every setting, in the order of `config.example.toml`.
    pub settings: Vec<Shown>,
}
