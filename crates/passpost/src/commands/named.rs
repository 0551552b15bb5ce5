//! What a command calls by a number or a name: looked up in one way, and told what there is instead.

use crate::context::Context;
use crate::failure::Failure;
use std::future::Future;
use store::{Result, Tx};

/// A kind of thing that has a name, and maybe a number: then its name need not be unique.
pub(crate) trait Named: Sized + Send + 'static {
    /// One of its kind, as messages say it.
    const KIND: &'static str;

    /// What people call it.
    fn name(&self) -> String;

    /// Its number.
    fn number(&self) -> Option<i64> {
        None
    }

    /// The one of this number.
    fn by_number(_: &mut Tx, _: i64) -> impl Future<Output = Result<Option<Self>>> + Send {
        async { Ok(None) }
    }

    /// Those of this name.
    fn by_name(tx: &mut Tx, name: &str) -> impl Future<Output = Result<Vec<Self>>> + Send;

    /// What there is; the newest of it, where that may be much.
    fn known(tx: &mut Tx) -> impl Future<Output = Result<Vec<Self>>> + Send;
}

/// The thing of this number or name; a name that several have asks for the number.
///
/// # Errors
/// There is none, which says what there is; there are several, which says their numbers.
pub(crate) async fn find<T: Named>(context: &Context, which: &str) -> Result<T, Failure> {
    let number = which.trim_start_matches('#').parse::<i64>().ok();
    let name = which.to_owned();
    let read = context.store.read(move |tx| {
        Box::pin(async move {
            if let Some(number) = number
                && let Some(one) = T::by_number(tx, number).await?
            {
                return Ok(vec![one]);
            }
            T::by_name(tx, &name).await
        })
    });
    match <[T; 1]>::try_from(read.await?) {
        Ok([one]) => Ok(one),
        Err(none) if none.is_empty() => {
            let known = context.store.read(|tx| Box::pin(T::known(tx))).await?;
            let labels: Vec<String> = known.iter().map(label).collect();
            Err(Failure::unknown(T::KIND, which, &labels))
        }
        Err(several) => {
            let numbers: Vec<String> =
                several.iter().filter_map(T::number).map(|number| number.to_string()).collect();
            Err(Failure::usage(format!("{} {}s are named {which:?}", several.len(), T::KIND))
                .hint(format!("use a number: {}", numbers.join(", "))))
        }
    }
}

/// What to type to mean this one.
fn label<T: Named>(one: &T) -> String {
    match one.number() {
        Some(number) => format!("{number} {:?}", one.name()),
        None => one.name(),
    }
}

/// As messages call it.
pub(crate) fn title<T: Named>(one: &T) -> String {
    match one.number() {
        Some(number) => format!("{} {number} {:?}", T::KIND, one.name()),
        None => format!("the {} {:?}", T::KIND, one.name()),
    }
}
