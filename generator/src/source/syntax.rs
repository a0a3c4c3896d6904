//! Words for what is wrong with the syntax of a YAML file.

use granit_parser::{ErrorKind, ScanError};

use super::{Place, Span, tree::Tree, yaml::offset};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Records the error at which the parser stopped.
pub(super) fn report(error: &ScanError, text: &str, tree: &mut Tree<'_>) {
    let at = char_boundary(text, error.marker().byte_offset().unwrap_or(0));
    let at = if is_tab(error.kind()) {
        tab_before(text, at)
    } else {
        at
    };
    let found = character_span(text, at, tree);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        tree.too_deep(found);
        return;
    }
    let words = Words::of(error.kind());
    let place = Place {
        span: found,
        ..Place::root(found.file)
    };
    let mut diagnostic = Diagnostic::new(Severity::Error, Code::Syntax, &place, words.headline);
    diagnostic.label(words.label);
    if let Some(help) = words.help {
        diagnostic.help(help);
    }
    if let Some((start, label)) = opening(error.kind(), text, at, tree) {
        diagnostic.place.span = character_span(text, start as usize, tree);
        diagnostic.label = label.to_owned();
        if text.get(at..).is_some_and(|rest| !rest.trim().is_empty()) {
            diagnostic.related(found, words.label);
        }
    }
    tree.diagnostics.push(diagnostic);
}

/// Where the bracket or quote opens that was to be closed before the error, where that is on an earlier line: people
/// look for the fault there.
fn opening(
    kind: &ErrorKind,
    text: &str,
    at: usize,
    tree: &Tree<'_>,
) -> Option<(u32, &'static str)> {
    let (start, label) = match kind {
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::InvalidIndentation => {
            let start = tree.open_bracket()?;
            let is_brace = text.get(start as usize..)?.starts_with('{');
            (
                start,
                if is_brace {
                    "this brace is not closed"
                } else {
                    "this bracket is not closed"
                },
            )
        }
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let from = char_boundary(text, tree.last_end() as usize);
            (
                offset(from + open_quote(text.get(from..at)?)?),
                "this quote is not closed",
            )
        }
        _ => return None,
    };
    let is_earlier_line = text.get(start as usize..at)?.contains('\n');
    is_earlier_line.then_some((start, label))
}

/// The quote in `text` that is still open at its end.
fn open_quote(text: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match open {
            Some((_, '"')) if before == '\\' && character == '\\' => {
                before = ' ';
                continue;
            }
            Some((_, quote)) if character == quote && (quote == '\'' || before != '\\') => {
                open = None
            }
            None if matches!(character, '"' | '\'')
                && matches!(before, ' ' | '\t' | '\n' | '[' | '{' | ',') =>
            {
                open = Some((at, character));
            }
            _ => {}
        }
        before = character;
    }
    open.map(|(at, _)| at)
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed
    )
}

/// The tab itself, where the parser names what stands behind it.
fn tab_before(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    let indentation = before.trim_end_matches([' ', '\t']).len();
    let tab = before
        .get(indentation..)
        .and_then(|blanks| blanks.find('\t'));
    tab.map_or(at, |tab| indentation + tab)
}

fn char_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

fn character_span(text: &str, at: usize, tree: &Tree<'_>) -> Span {
    let width = match text.get(at..).and_then(|rest| rest.chars().next()) {
        None | Some('\n' | '\r') => 0,
        Some(character) => character.len_utf8(),
    };
    tree.span(offset(at), offset(at + width))
}

struct Words {
    headline: String,
    label: &'static str,
    help: Option<&'static str>,
}

impl Words {
    fn new(headline: &str, label: &'static str, help: &'static str) -> Self {
        Self {
            headline: headline.to_owned(),
            label,
            help: (!help.is_empty()).then_some(help),
        }
    }

    /// The parser's own words serve where no better ones are known.
    fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed => Self::new(
                "a tab is used for indentation",
                "YAML allows only spaces here",
                "indent with spaces, two for each level",
            ),
            ErrorKind::MappingValueNotAllowed => Self::new(
                "a mapping cannot begin here",
                "unexpected `:`",
                "check the indentation; a value that contains `: ` needs quotes",
            ),
            ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation => Self::new(
                "the indentation fits no line above",
                "this belongs to nothing",
                "align it with its siblings",
            ),
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => Self::new(
                "a key without a colon",
                "expected `:` after this",
                "check the indentation; long text belongs into quotes or below `|`",
            ),
            ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping => Self::new(
                "a mapping in braces is not closed",
                "expected `,` or `}`",
                "close the brace, or put quotes around text with `,`, `{` or `}`",
            ),
            ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::UnexpectedEofFlowSequence => {
                Self::new(
                    "a list in brackets is not closed",
                    "expected `,` or `]`",
                    "close the bracket, or put quotes around text with `,`, `[` or `]`",
                )
            }
            ErrorKind::InvalidFlowScalarIndent => Self::new(
                "a list or mapping in brackets is not closed",
                "indented too little to belong to it",
                "close the bracket above, or indent this line more",
            ),
            ErrorKind::UnclosedFlowCollection { .. } => {
                Self::new("a bracket is not closed", "this bracket is not closed", "")
            }
            ErrorKind::MisplacedFlowCollectionEnd
            | ErrorKind::MismatchedFlowCollectionEnd { .. } => Self::new(
                "a bracket that closes nothing",
                "unexpected bracket",
                "put quotes around text with brackets",
            ),
            ErrorKind::UnclosedQuotedScalar => {
                Self::new("a quote is not closed", "this quote is not closed", "")
            }
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::DocumentIndicatorInQuotedScalar => {
                Self::new(
                    "a quote is not closed",
                    "indented too little to belong to the quoted text",
                    "close the quote, or indent the lines that continue the text",
                )
            }
            ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar => Self::new(
                "text after a closing quote",
                "unexpected",
                "write quotes inside quoted text as `\\\"` or, in single quotes, as `''`",
            ),
            ErrorKind::UnknownQuotedScalarEscape => Self::new(
                "YAML has no such escape",
                "unknown escape",
                "in double quotes a backslash is written `\\\\`; in single quotes it stands for itself",
            ),
            ErrorKind::MissingLowSurrogate
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::UnpairedLowSurrogate
            | ErrorKind::InvalidUnicodeEscape => {
                Self::new("an escape that is no character", "not a character", "")
            }
            ErrorKind::UnexpectedCharacter {
                character: '@' | '`' | '%',
            } => Self::new(
                "plain text cannot begin with this character",
                "reserved by YAML",
                "put quotes around the text",
            ),
            ErrorKind::UnexpectedCharacter { .. } => Self::new(
                "a character that YAML does not allow",
                "not allowed here",
                "write it as an escape in double quotes",
            ),
            ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => {
                Self::new(
                    "a list item cannot begin here",
                    "unexpected `-`",
                    "begin the list on a line of its own",
                )
            }
            ErrorKind::UndeclaredTagHandle => {
                Self::new("the prefix of a tag is not declared", "unknown prefix", "")
            }
            ErrorKind::FlowMappingValueAdjacentCollection
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::InvalidMappingValueWhitespace => Self::new(
                "a colon in the wrong place",
                "unexpected `:`",
                "put a space after the colon of a key, and quotes around text with a colon",
            ),
            ErrorKind::ExpectedDocumentStart => Self::new(
                "text after the end of the document",
                "expected nothing more",
                "check the brackets and the indentation above",
            ),
            ErrorKind::BomInsideDocument => Self::new(
                "a byte-order mark inside the document",
                "an invisible character stands here",
                "remove it: it belongs to the beginning of a file only",
            ),
            other => {
                let words = other.to_string();
                // What the parser was doing at the time helps nobody.
                let fault = match words
                    .strip_prefix("while ")
                    .and_then(|it| it.split_once(", "))
                {
                    Some((_, fault)) => fault,
                    None => &words,
                };
                Self::new(fault, "the file cannot be read beyond this point", "")
            }
        }
    }
}
