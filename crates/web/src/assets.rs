//! The design: one stylesheet, what the console adds to it, small modules, and what depends on the operator's name and colour.
//!
//! Every name holds a hash of the content, so a browser keeps a file for ever and asks for the new one
//! as soon as a page names it.

use crate::failure::Failure;
use crate::headers::IMMUTABLE;
use crate::settings::Settings;
use crate::state::State;
use axum::extract::{Path, State as Extract};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "../../assets"]
struct Files;

/// Where pages find the design, for a `<head>`.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    pub(crate) stylesheet: String,
    pub(crate) console_stylesheet: String,
    pub(crate) console_module: String,
    pub(crate) reference_stylesheet: String,
    pub(crate) reference_module: String,
    pub(crate) accent: String,
    pub(crate) icon: String,
    pub(crate) password_module: String,
    pub(crate) wait_module: String,
    pub(crate) run_module: String,
    pub(crate) draft_module: String,
}

impl Links {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            stylesheet: file_link("passpost.css"),
            console_stylesheet: file_link("console.css"),
            console_module: file_link("console.js"),
            reference_stylesheet: file_link("reference.css"),
            reference_module: file_link("reference.js"),
            accent: link("accent", "css", accent(settings).as_bytes()),
            icon: link("icon", "svg", icon(settings).as_bytes()),
            password_module: file_link("password.js"),
            wait_module: file_link("wait.js"),
            run_module: file_link("run.js"),
            draft_module: file_link("draft.js"),
        }
    }
}

/// GET /assets/{name}
pub(crate) async fn show(
    Extract(state): Extract<State>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let links = Links::of(&state.settings);
    let asked = format!("/assets/{name}");
    let content = if asked == links.accent {
        accent(&state.settings).into_bytes()
    } else if asked == links.icon {
        icon(&state.settings).into_bytes()
    } else {
        let found = Files::iter().find(|file| asked == file_link(file)).ok_or(Failure::NotFound)?;
        Files::get(&found).ok_or(Failure::NotFound)?.data.into_owned()
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let kind = axum::http::HeaderValue::from_static(kind);
    Ok(([(CACHE_CONTROL, IMMUTABLE), (CONTENT_TYPE, kind)], content).into_response())
}

/// Where a file is found; the hashes are made once, every page needs them.
fn file_link(file: &str) -> String {
    static FILE_LINKS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        let links = Files::iter().filter_map(|file| {
            let (stem, kind) = file.rsplit_once('.')?;
            Some((file.to_string(), link(stem, kind, &Files::get(&file)?.data)))
        });
        links.collect()
    });
    FILE_LINKS.get(file).cloned().unwrap_or_default()
}

/// FNV-1a: the hash only has to change with the content.
fn link(stem: &str, kind: &str, content: &[u8]) -> String {
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("/assets/{stem}-{hash:016x}.{kind}")
}

fn accent(settings: &Settings) -> String {
    let accent = settings.accent;
    let (light, dark, ink) = (accent.on_light(), accent.on_dark(), accent.ink());
    format!(
        ":root{{--accent:{accent};--accent-ink:{ink};--accent-text:{light}}}\
         @media (prefers-color-scheme:dark){{:root{{--accent-text:{dark}}}}}"
    )
}

fn icon(settings: &Settings) -> String {
    let (accent, ink) = (settings.accent, settings.accent.ink());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"8\" \
         fill=\"{accent}\"/><path d=\"M7 11.5h18v11H7zM7 12l9 6.5 9-6.5\" fill=\"none\" stroke=\"{ink}\" \
         stroke-width=\"2.2\" stroke-linejoin=\"round\"/></svg>"
    )
}
