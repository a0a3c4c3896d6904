//! What is wrong with a document, and where: data first, pictures in `render`.
//!
//! **Invariant:** a stage never prints and never stops at the first fault; it pushes into [`Diagnostics`] and goes on.

mod code;

pub use code::Code;

use crate::source::{Place, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something worth knowing; the code is right.
    Warning,
    /// No server is generated.
    Error,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Which rule spoke.
    pub code: Code,
    /// What is wrong, in lower case, without a final stop, values in backticks.
    pub headline: String,
    /// Where: the marked span and the pointer.
    pub place: Place,
    /// What is wrong at the place, in few words; empty where the headline says it all.
    pub label: String,
    /// Other places that belong to it, each with its words.
    pub related: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
}

/// All that was found, in the order in which it was found.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records an error and returns it, so that a label or help can be added.
    pub fn error(
        &mut self,
        code: Code,
        place: &Place,
        headline: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(Diagnostic::new(Severity::Error, code, place, headline))
    }

    /// Records a warning and returns it, so that a label or help can be added.
    pub fn warning(
        &mut self,
        code: Code,
        place: &Place,
        headline: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(Diagnostic::new(Severity::Warning, code, place, headline))
    }

    /// Records a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        let index = self.list.len();
        self.list.push(diagnostic);
        &mut self.list[index]
    }

    /// Whether an error is among them.
    pub fn has_errors(&self) -> bool {
        self.iter().any(|it| it.severity == Severity::Error)
    }

    /// All of them, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }
}

impl Diagnostic {
    /// A diagnostic with a headline and a place only.
    pub fn new(severity: Severity, code: Code, place: &Place, headline: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            headline: headline.into(),
            place: place.clone(),
            label: String::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// Says in few words what is wrong at the place.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Marks another place that belongs to it.
    pub fn related(&mut self, span: Span, words: impl Into<String>) -> &mut Self {
        self.related.push((span, words.into()));
        self
    }

    /// Says what to write instead.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }
}
