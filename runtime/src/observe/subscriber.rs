//! Who hears what is told: one subscriber of the process, with a layer for each that was asked for.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

/// What hears, in a list with others.
pub(super) type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

/// Lets these hear what is told from here on; `false` where somebody hears it already.
pub(super) fn subscribe(layers: Vec<Boxed>) -> bool {
    set_global_default(Registry::default().with(layers)).is_ok()
}

/// Reads a filter, which is `of` something.
pub(super) fn directives(of: &str, filter: &str) -> Result<EnvFilter, String> {
    let fault = |why: &str| {
        let filter = filter.escape_debug();
        format!(
            "the filter of {of} is `{filter}`: expected levels such as `info` or `info,sqlx=warn`{why}"
        )
    };
    // By itself such a word is a target of which all is heard, and most likely a slip.
    let is_slip =
        |word: &&str| !word.contains(['=', '[', ':']) && word.parse::<LevelFilter>().is_err();
    // Commas within brackets are of one directive.
    let mut depth = 0_usize;
    let mut words = filter.split(|sign| {
        match sign {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        sign == ',' && depth == 0
    });
    if let Some(word) = words.by_ref().map(str::trim).find(is_slip) {
        return Err(fault(&format!(
            ", and `{}` is no level",
            word.escape_debug()
        )));
    }
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| fault(&format!(" ({error})")))
}
