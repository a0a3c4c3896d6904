//! Which known name a misspelt one was meant to be.

/// How near a name comes to the one that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// One letter too much, missing, wrong or swapped with its neighbour.
    OneEdit,
    /// Two such edits, or another way to join the words (`max_items`).
    TwoEdits,
}

/// The known name nearest to `written`, where one is near enough to be meant and is not in `present`.
pub(super) fn nearest(
    written: &str,
    known: &[&'static str],
    present: impl Fn(&str) -> bool,
) -> Option<(&'static str, Nearness)> {
    known
        .iter()
        .filter_map(|name| Some((*name, nearness(written, name)?)))
        .filter(|(name, _)| !present(name))
        .min_by_key(|(_, nearness)| *nearness)
}

fn nearness(written: &str, name: &str) -> Option<Nearness> {
    let shorter = written.len().min(name.len());
    if shorter < 3 || written.len().abs_diff(name.len()) > 2 {
        return None;
    }
    match strsim::osa_distance(written, name) {
        0 => None,
        1 => Some(Nearness::OneEdit),
        2 if shorter > 5 => Some(Nearness::TwoEdits),
        _ if folded(written).eq(folded(name)) => Some(Nearness::TwoEdits),
        _ => None,
    }
}

/// The letters and digits in lower case.
fn folded(text: &str) -> impl Iterator<Item = u8> {
    text.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
