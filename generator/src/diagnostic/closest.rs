//! The known word that was probably meant.

/// Words longer than this are not compared: nobody misspells them, and comparing takes the square of the length.
const LONGEST: usize = 64;

/// So many candidates are compared at most.
const COMPARED: usize = 2_000;

/// The candidate that differs from `word` in at most a third of its letters, the nearest first, then the earliest.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .take(COMPARED)
        .filter(|candidate| {
            candidate.len() <= LONGEST * 4 && candidate.chars().count().abs_diff(length) <= limit
        })
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters that differ in case alone are the same mistake, whatever their number.
fn distance(word: &str, candidate: &str) -> usize {
    if word.eq_ignore_ascii_case(candidate) {
        return usize::from(word != candidate);
    }
    strsim::osa_distance(word, candidate)
}
