//! Forms with a file: `multipart/form-data`, with the session's token before the file.

use crate::failure::Failure;
use crate::form::TOKEN;
use crate::query::Pairs;
use crate::state::State;
use auth::session::Session;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use std::time::Duration;

/// The largest file, in bytes (3-safety 4.4).
pub(crate) const MOST_FILE: usize = 25 * 1024 * 1024;
/// The largest field besides it, in bytes: a list of some ten thousand addresses may be pasted.
const MOST_FIELD: usize = 1024 * 1024;
/// The most fields besides it.
const MOST_FIELDS: usize = 32;
/// How long all of it may take to arrive.
const LONGEST: Duration = Duration::from_secs(300);

/// A file as it was sent.
#[derive(Debug, Default)]
pub(crate) struct SentFile {
    /// Its name, as the browser says.
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
}

/// The fields and the one file of a form.
#[derive(Debug)]
pub(crate) struct FileForm {
    fields: Pairs,
    file: SentFile,
}

impl FileForm {
    /// The fields and the file, when the fields are the expected ones and the session's token is with them.
    pub(crate) fn of_session(self, session: &Session, known: &[&str]) -> Result<(Pairs, SentFile), Failure> {
        let known: Vec<&str> = known.iter().copied().chain([TOKEN]).collect();
        let fields = self.fields.only(&known)?;
        if session.csrf_matches(fields.text(TOKEN)) {
            Ok((fields, self.file))
        } else {
            Err(Failure::Forbidden)
        }
    }
}

impl FromRequest<State> for FileForm {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<Self, Failure> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data") {
            return Err(Failure::UnsupportedMedia("Expected multipart/form-data."));
        }
        if request.uri().query().is_some() {
            return Err(Failure::BadRequest("Fields belong into the body, not into the address."));
        }
        let multipart = Multipart::from_request(request, state).await.map_err(|_| BROKEN)?;
        match tokio::time::timeout(LONGEST, read(multipart)).await {
            Ok(read) => read,
            Err(_) => Err(Failure::TimedOut),
        }
    }
}

const BROKEN: Failure = Failure::BadRequest("The form did not arrive whole.");

async fn read(mut multipart: Multipart) -> Result<FileForm, Failure> {
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(mut field) = multipart.next_field().await.map_err(|_| BROKEN)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let most = if file_name.is_some() { MOST_FILE } else { MOST_FIELD };
        let mut content = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| BROKEN)? {
            if content.len() + piece.len() > most {
                return Err(Failure::TooLarge);
            }
            content.extend_from_slice(&piece);
        }
        match file_name {
            Some(_) if file.is_some() => return Err(Failure::BadRequest("One file at a time is expected.")),
            Some(file_name) => file = Some(SentFile { name: file_name, content }),
            None if fields.len() >= MOST_FIELDS => {
                return Err(Failure::BadRequest("The form has too many fields."));
            }
            None => {
                let text =
                    String::from_utf8(content).map_err(|_| Failure::BadRequest("The form is not UTF-8."))?;
                fields.push((name, text));
            }
        }
    }
    Ok(FileForm { fields: Pairs::of(fields)?, file: file.unwrap_or_default() })
}
