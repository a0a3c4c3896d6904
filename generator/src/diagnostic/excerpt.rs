//! The lines of a file that a diagnostic shows: few, short and clean, whatever the file is like.

use std::ops::Range;

use super::printable;
use crate::source::{FileId, Sources, Span};

/// Longer lines are cut to a window around their marks, in characters.
const WIDEST: usize = 120;

/// How much of a cut line stands before the first mark, in characters.
const BEFORE: usize = 40;

/// Marks of one file that are further apart, in lines, get excerpts of their own.
const FURTHEST: usize = 200;

/// A mark: the span, its words, and whether it is what the diagnostic speaks of.
pub(super) struct Mark<'d> {
    pub(super) span: Span,
    pub(super) label: &'d str,
    pub(super) is_primary: bool,
}

/// A stretch of lines with marks in them.
pub(super) struct Excerpt<'d> {
    pub(super) file: FileId,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    /// The lines, cleaned and cut.
    pub(super) text: String,
    /// The marks, as bytes of `text`.
    pub(super) marks: Vec<(Range<usize>, &'d Mark<'d>)>,
    /// Line and column, from 1, of the mark that matters most here.
    pub(super) position: (usize, usize),
    /// Whether a line was cut.
    pub(super) is_cut: bool,
}

/// The excerpts for some marks: the primary mark's first, then in the order of the marks.
pub(super) fn excerpts<'d>(marks: &'d [Mark<'d>], sources: &Sources) -> Vec<Excerpt<'d>> {
    let mut groups: Vec<Vec<(usize, &Mark<'_>)>> = Vec::new();
    for mark in marks {
        let line = sources.line_column(mark.span).0;
        let near = groups.iter_mut().find(|group| {
            group
                .iter()
                .all(|(_, other)| other.span.file == mark.span.file)
                && group
                    .iter()
                    .any(|(other_line, _)| other_line.abs_diff(line) <= FURTHEST)
                && group
                    .iter()
                    .all(|(other_line, other)| *other_line != line || fits(other.span, mark.span))
        });
        match near {
            Some(group) => group.push((line, mark)),
            None => groups.push(vec![(line, mark)]),
        }
    }
    groups
        .iter()
        .filter_map(|group| Excerpt::of(group, sources))
        .collect()
}

/// Whether one window over a line shows both of its marks.
fn fits(one: Span, other: Span) -> bool {
    let width = one.end.max(other.end) - one.start.min(other.start);
    width as usize <= WIDEST - BEFORE
}

impl<'d> Excerpt<'d> {
    fn of(group: &[(usize, &'d Mark<'d>)], sources: &Sources) -> Option<Self> {
        let (_, leading) = group.first()?;
        let first_line = group.iter().map(|(line, _)| *line).min()?;
        let last_line = group.iter().map(|(line, _)| *line).max()?;
        let mut excerpt = Self {
            file: leading.span.file,
            first_line,
            text: String::new(),
            marks: Vec::new(),
            position: sources.line_column(leading.span),
            is_cut: false,
        };
        for line in first_line..=last_line {
            if line > first_line {
                excerpt.text.push('\n');
            }
            let marks = group
                .iter()
                .filter(|(other, _)| *other == line)
                .map(|(_, mark)| *mark);
            excerpt.push_line(sources.line(leading.span.file, line), marks, sources);
        }
        Some(excerpt)
    }

    /// Adds a line with its marks; a mark of several lines is drawn on its first.
    fn push_line(
        &mut self,
        line: Span,
        marks: impl Iterator<Item = &'d Mark<'d>>,
        sources: &Sources,
    ) {
        let text = sources.text(line.file);
        let text = text
            .get(line.start as usize..line.end as usize)
            .unwrap_or("");
        let mut marks: Vec<(usize, usize, &Mark<'_>)> = marks
            .map(|mark| {
                let start = mark.span.start.clamp(line.start, line.end) - line.start;
                let end = mark.span.end.clamp(line.start, line.end) - line.start;
                (start as usize, end as usize, mark)
            })
            .collect();
        marks.sort_by_key(|(start, end, _)| (*start, *end));
        let window = window(text, marks.first().map_or(0, |(start, ..)| *start));
        self.is_cut |= window.len() < text.len();
        if window.start > 0 {
            self.text.push('…');
        }
        // Where the characters from the window's start on stand in the excerpt.
        let mut places = Vec::with_capacity(window.len() + 1);
        for character in text.get(window.clone()).unwrap_or("").chars() {
            places.extend(std::iter::repeat_n(self.text.len(), character.len_utf8()));
            printable::push_excerpt(&mut self.text, character);
        }
        let end_of_line = self.text.len();
        let place = |byte: usize| match byte.checked_sub(window.start) {
            Some(byte) => places.get(byte).copied().unwrap_or(end_of_line),
            None => places.first().copied().unwrap_or(end_of_line),
        };
        for (start, end, mark) in marks {
            self.marks.push((place(start)..place(end), mark));
        }
        if window.end < text.len() {
            self.text.push('…');
        }
    }
}

/// The part of a line that is shown for a mark that begins at byte `mark`.
fn window(line: &str, mark: usize) -> Range<usize> {
    if line.len() <= WIDEST || line.char_indices().nth(WIDEST).is_none() {
        return 0..line.len();
    }
    let (before, after) = line.split_at_checked(mark).unwrap_or(("", line));
    let start = before
        .char_indices()
        .rev()
        .nth(BEFORE - 1)
        .map_or(0, |(at, _)| at);
    let shown_before = before.get(start..).map_or(0, |shown| shown.chars().count());
    let end = after
        .char_indices()
        .nth(WIDEST - shown_before)
        .map_or(line.len(), |(at, _)| before.len() + at);
    start..end
}
