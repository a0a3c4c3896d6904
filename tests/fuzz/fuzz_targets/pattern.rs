//! The translation of patterns: what comes before the first line break is a pattern, the rest is a text, and `regress`
//! is the oracle of whether they match.

#![no_main]

use libfuzzer_sys::fuzz_target;
use regress::backends::PikeVMExecutor;
use specwright::pattern::{
    BacktrackingPattern, CharClass, LinearPattern, Sequence, SimplePattern, Step,
};
use specwright_build::pattern::{self, Pattern, translate};

fuzz_target!(|input: &str| {
    let (pattern, text) = input.split_once('\n').unwrap_or((input, ""));
    let translated = match translate(pattern) {
        Ok(translated) => translated,
        Err(error) => {
            assert!(error.offset <= pattern.len(), "{error}");
            return;
        }
    };
    // The oracle takes its time with long patterns and texts.
    if pattern.len() > 60 || text.len() > 60 {
        return;
    }
    let oracle = regress::Regex::with_flags(pattern, "u").ok().or_else(|| {
        // Without the flag these are letters and counts.
        let is_other = ["\\p", "\\P", "\\u{", "\\k"]
            .iter()
            .any(|it| pattern.contains(it));
        (!is_other).then(|| regress::Regex::new(pattern).ok())?
    });
    if let (Some(oracle), Some(found)) = (oracle, is_match(translated.clone(), text)) {
        let expected = regress::backends::find::<PikeVMExecutor<'_, '_>>(&oracle, text, 0)
            .next()
            .is_some();
        assert_eq!(found, expected, "{pattern:?} {text:?} {translated:?}");
    }
});

/// The runtime's answer, or none where its limit is reached. Statics of generated code live for ever, so these may leak.
fn is_match(pattern: Pattern, text: &str) -> Option<bool> {
    match pattern {
        Pattern::Simple(simple) => {
            let sequences: Vec<_> = simple.sequences.into_iter().map(sequence).collect();
            Some(SimplePattern::new(sequences.leak()).is_match(text))
        }
        Pattern::Linear(pattern) => Some(LinearPattern::new(pattern.leak()).is_match(text)),
        Pattern::Backtracking(pattern) => {
            BacktrackingPattern::new(pattern.leak()).is_match(text).ok()
        }
        Pattern::Any => Some(true),
    }
}

fn sequence(sequence: pattern::Sequence) -> Sequence {
    let step = |step| match step {
        pattern::Step::Literal(text) => Step::Literal(text.leak()),
        pattern::Step::Class {
            ascii,
            non_ascii,
            min,
            max,
        } => {
            let class = Box::leak(Box::new(CharClass::new(ascii, non_ascii.leak())));
            Step::Class(class, min, max)
        }
    };
    let steps: Vec<_> = sequence.steps.into_iter().map(step).collect();
    Sequence {
        from_start: sequence.from_start,
        steps: steps.leak(),
        to_end: sequence.to_end,
    }
}
