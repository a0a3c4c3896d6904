//! Diagnostics as a person reads them, in the manner of rustc.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{
    Diagnostic, Diagnostics, Severity,
    excerpt::{Mark, excerpts},
    printable,
};
use crate::source::Sources;

/// Whether the text is for a terminal with colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    /// Plain text.
    #[default]
    Plain,
    /// With ANSI colours.
    Colored,
}

/// So many diagnostics are drawn at most; the last line counts all.
const MOST: usize = 500;

/// A longer pointer explains nothing.
const LONGEST_POINTER: usize = 200;

/// Lines of an excerpt are cut before, so the renderer never has to.
const TERMINAL_WIDTH: usize = 1_000;

/// All diagnostics with their excerpts, in the order of [`Diagnostics::sorted`], and the summary; empty where nothing
/// was found.
///
/// Nothing of the document begins a line or reaches the terminal as a control character.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colored => Renderer::styled().hyperlink(false),
    }
    .term_width(TERMINAL_WIDTH);
    let sorted = diagnostics.sorted();
    let mut out = String::new();
    for diagnostic in sorted.iter().take(MOST) {
        out.push_str(&render_one(diagnostic, sources, &renderer));
        out.push_str("\n\n");
    }
    if let Some(more) = sorted.len().checked_sub(MOST).filter(|more| *more > 0) {
        out.push_str(&format!("{more} more are not shown\n\n"));
    }
    out.push_str(&summary(diagnostics));
    out.push('\n');
    out
}

/// How many there are of each severity: `2 errors, 1 warning`.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let sorted = diagnostics.sorted();
    let counts =
        [(Severity::Error, "error"), (Severity::Warning, "warning")].map(|(severity, word)| {
            let count = sorted.iter().filter(|it| it.severity == severity).count();
            match count {
                0 => None,
                1 => Some(format!("1 {word}")),
                _ => Some(format!("{count} {word}s")),
            }
        });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if counts.is_empty() {
        "no errors, no warnings".to_owned()
    } else {
        counts.join(", ")
    }
}

fn render_one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(printable::message(&diagnostic.headline))
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let primary = Mark {
        span: diagnostic.place.span,
        label: &diagnostic.label,
        is_primary: true,
    };
    let related = diagnostic.related.iter().map(|(span, words)| Mark {
        span: *span,
        label: words,
        is_primary: false,
    });
    let marks: Vec<Mark<'_>> = std::iter::once(primary).chain(related).collect();
    let excerpts = excerpts(&marks, sources);
    for (index, excerpt) in excerpts.iter().enumerate() {
        let name = printable::message(sources.name(excerpt.file));
        if excerpt.text.is_empty() {
            group = group.element(Origin::path(name));
            continue;
        }
        let annotations = excerpt.marks.iter().map(|(range, mark)| {
            let kind = if mark.is_primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(range.clone());
            match mark.label {
                "" => annotation,
                label => annotation.label(printable::message(label)),
            }
        });
        let path = if excerpt.is_cut {
            stand_in(index).into()
        } else {
            name
        };
        let snippet = Snippet::source(&excerpt.text)
            .path(path)
            .line_start(excerpt.first_line)
            .annotations(annotations);
        group = group.element(snippet);
    }
    let pointer = diagnostic.place.pointer.to_string();
    if excerpts.iter().any(|excerpt| excerpt.is_cut) && pointer.len() <= LONGEST_POINTER {
        let note = format!("at `#{pointer}`");
        group = group.element(Level::NOTE.message(printable::message(&note).into_owned()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable::message(help)));
    }
    let mut drawn = renderer.render(&[group]);
    for (index, excerpt) in excerpts
        .iter()
        .enumerate()
        .filter(|(_, excerpt)| excerpt.is_cut)
    {
        let (line, column) = excerpt.position;
        let name = printable::message(sources.name(excerpt.file));
        drawn = with_position(&drawn, &stand_in(index), &format!("{name}:{line}:{column}"));
    }
    drawn
}

/// What stands for the name of a file while the renderer counts the columns of a cut line. No text of the document
/// holds these characters any more when it gets here.
fn stand_in(index: usize) -> String {
    format!("{}{index}{}", printable::OPEN, printable::CLOSE)
}

/// Puts the true position in place of a stand-in and the position that the renderer counted.
fn with_position(drawn: &str, stand_in: &str, position: &str) -> String {
    match drawn.split_once(stand_in) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|it: char| it == ':' || it.is_ascii_digit());
            format!("{before}{position}{after}")
        }
        None => drawn.to_owned(),
    }
}
