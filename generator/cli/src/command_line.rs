//! The command line, read.

use std::{ffi::OsString, fmt, path::PathBuf};

use lexopt::{
    Arg::{self, Long, Short, Value},
    Parser, ValueExt,
};
use specwright_build::diagnostic::closest;

use crate::{
    check::{Check, Format},
    generate::Generate,
    reading::Reading,
    terminal::Color,
};

const COMMANDS: [&str; 4] = ["check", "generate", "explain", "help"];

const MAIN_HELP: &str = include_str!("help/main.txt");

const VERSION: &str = concat!("specwright ", env!("CARGO_PKG_VERSION"), "\n");

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Command {
    Check(Check),
    Generate(Generate),
    /// The page of this code, or the list of all.
    Explain(Option<String>),
    /// A text that is known already: help or version.
    Print(&'static str),
}

/// What is wrong with the command line.
#[derive(Debug)]
pub(crate) struct UsageError {
    headline: String,
    tip: Option<String>,
    /// The command whose help says more.
    command: Option<&'static str>,
}

/// Reads the command line.
pub(crate) fn parse() -> Result<Command, UsageError> {
    let mut parser = Parser::from_env();
    match parser.next()? {
        None => Err(UsageError::new("a command is missing")
            .tip(format!("it is one of {}", list(&COMMANDS)))),
        Some(Short('h') | Long("help")) => Ok(Command::Print(MAIN_HELP)),
        Some(Short('V') | Long("version")) => Ok(Command::Print(VERSION)),
        Some(Value(name)) => match name.to_str() {
            Some("check") => check(&mut parser).map_err(|error| error.of("check")),
            Some("generate") => generate(&mut parser).map_err(|error| error.of("generate")),
            Some("explain") => explain(&mut parser).map_err(|error| error.of("explain")),
            Some("help") => help(&mut parser),
            _ => Err(unknown_command(&name)),
        },
        Some(other) => Err(unexpected(&other, &["--help", "--version"])),
    }
}

fn check(parser: &mut Parser) -> Result<Command, UsageError> {
    let mut specs = Vec::new();
    let mut root = None;
    let mut uris = Vec::new();
    let mut format_annotation = false;
    let mut format = None;
    let mut color = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(spec) => specs.push(PathBuf::from(spec)),
            Long("root") => once(&mut root, "--root", PathBuf::from(parser.value()?))?,
            Long("map-uri") => uris.push(mapping(parser)?),
            Long("format-annotation") => format_annotation = true,
            Long("format") => {
                let known = [("text", Format::Text), ("json", Format::Json)];
                once(&mut format, "--format", one_of(parser, "--format", &known)?)?;
            }
            Long("color") => once(&mut color, "--color", parse_color(parser)?)?,
            Short('h') | Long("help") => {
                return Ok(Command::Print(include_str!("help/check.txt")));
            }
            other => {
                let known = [
                    "--root",
                    "--map-uri",
                    "--format-annotation",
                    "--format",
                    "--color",
                    "--help",
                ];
                return Err(unexpected(&other, &known));
            }
        }
    }
    if specs.is_empty() {
        return Err(UsageError::new("a document is missing").tip("specwright check api.yaml"));
    }
    Ok(Command::Check(Check {
        specs,
        reading: Reading {
            root,
            uris,
            format_annotation,
        },
        format: format.unwrap_or_default(),
        color: color.unwrap_or_default(),
    }))
}

fn generate(parser: &mut Parser) -> Result<Command, UsageError> {
    let mut spec = None;
    let mut output = None;
    let mut root = None;
    let mut uris = Vec::new();
    let mut format_annotation = false;
    let mut client = false;
    let mut name = None;
    let mut color = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if spec.is_none() => spec = Some(PathBuf::from(value)),
            Short('o') | Long("output") => {
                once(&mut output, "--output", PathBuf::from(parser.value()?))?;
            }
            Long("root") => once(&mut root, "--root", PathBuf::from(parser.value()?))?,
            Long("map-uri") => uris.push(mapping(parser)?),
            Long("format-annotation") => format_annotation = true,
            Long("client") => client = true,
            Long("name") => once(&mut name, "--name", module_name(parser.value()?)?)?,
            Long("color") => once(&mut color, "--color", parse_color(parser)?)?,
            Short('h') | Long("help") => {
                return Ok(Command::Print(include_str!("help/generate.txt")));
            }
            other => {
                let known = [
                    "--output",
                    "--root",
                    "--map-uri",
                    "--format-annotation",
                    "--client",
                    "--name",
                    "--color",
                    "--help",
                ];
                return Err(unexpected(&other, &known));
            }
        }
    }
    let (Some(spec), Some(output)) = (&spec, &output) else {
        let missing = match spec {
            None => "the document is missing",
            Some(_) => "the folder to write to is missing",
        };
        return Err(UsageError::new(missing).tip("specwright generate api.yaml -o DIR"));
    };
    Ok(Command::Generate(Generate {
        spec: spec.clone(),
        output: output.clone(),
        reading: Reading {
            root,
            uris,
            format_annotation,
        },
        client,
        name,
        color: color.unwrap_or_default(),
    }))
}

fn explain(parser: &mut Parser) -> Result<Command, UsageError> {
    let mut code = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) if code.is_none() => code = Some(value.string()?),
            Short('h') | Long("help") => {
                return Ok(Command::Print(include_str!("help/explain.txt")));
            }
            other => return Err(unexpected(&other, &["--help"])),
        }
    }
    Ok(Command::Explain(code))
}

fn help(parser: &mut Parser) -> Result<Command, UsageError> {
    let text = match parser.next()? {
        None | Some(Short('h') | Long("help")) => MAIN_HELP,
        Some(Value(name)) => match name.to_str() {
            Some("check") => include_str!("help/check.txt"),
            Some("generate") => include_str!("help/generate.txt"),
            Some("explain") => include_str!("help/explain.txt"),
            Some("help") => MAIN_HELP,
            _ => return Err(unknown_command(&name)),
        },
        Some(other) => return Err(unexpected(&other, &[])),
    };
    if let Some(other) = parser.next()? {
        return Err(unexpected(&other, &[]));
    }
    Ok(Command::Print(text))
}

fn parse_color(parser: &mut Parser) -> Result<Color, UsageError> {
    let known = [
        ("auto", Color::Auto),
        ("always", Color::Always),
        ("never", Color::Never),
    ];
    one_of(parser, "--color", &known)
}

/// The value of an option that takes one of some words.
fn one_of<T: Copy>(
    parser: &mut Parser,
    option: &str,
    known: &[(&'static str, T)],
) -> Result<T, UsageError> {
    let word = parser.value()?.string()?;
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == word) {
        return Ok(*value);
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let error = UsageError::new(format!(
        "`{option}` takes {}, not `{}`",
        list(&names),
        word.escape_debug()
    ));
    Err(match closest(&word, names) {
        Some(similar) => error.tip(format!("did you mean `{similar}`?")),
        None => error,
    })
}

/// `PREFIX=DIR`; a folder's name may have `=` in it, and the part of a URI before its query has none.
fn mapping(parser: &mut Parser) -> Result<(String, PathBuf), UsageError> {
    let value = parser.value()?.string()?;
    match value.split_once('=') {
        Some((prefix, folder)) if !prefix.is_empty() && !folder.is_empty() => {
            Ok((prefix.to_owned(), PathBuf::from(folder)))
        }
        _ => Err(UsageError::new(format!(
            "`--map-uri` takes a prefix and a folder, not `{}`",
            value.escape_debug()
        ))
        .tip("--map-uri https://example.com/schemas/=DIR")),
    }
}

/// A folder's name that can be a module's, so nothing is written outside of the folder that holds it.
fn module_name(value: OsString) -> Result<String, UsageError> {
    let name = value.string()?;
    let is_name = name
        .strip_prefix(|first: char| first.is_ascii_alphabetic() || first == '_')
        .is_some_and(|rest| {
            rest.chars()
                .all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
        });
    if is_name {
        return Ok(name);
    }
    Err(
        UsageError::new(format!("`{}` is no name of a module", name.escape_debug()))
            .tip("a name is made of letters, digits and `_`, and begins with no digit"),
    )
}

fn once<T>(slot: &mut Option<T>, option: &str, value: T) -> Result<(), UsageError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(UsageError::new(format!("`{option}` is given twice"))),
    }
}

fn unknown_command(name: &OsString) -> UsageError {
    let name = name.to_string_lossy();
    let error = UsageError::new(format!("there is no command `{}`", name.escape_debug()));
    match closest(&name, COMMANDS) {
        Some(similar) => error.tip(format!("did you mean `{similar}`?")),
        // A document in place of the command is the likeliest slip.
        None if name.contains('.') => error.tip(format!(
            "to check a document: specwright check {}",
            name.escape_debug()
        )),
        None => error.tip(format!("commands are {}", list(&COMMANDS))),
    }
}

fn unexpected(argument: &Arg<'_>, known: &[&'static str]) -> UsageError {
    let written = match argument {
        Long(name) => format!("--{name}"),
        Short(sign) => format!("-{sign}"),
        Value(value) => {
            let value = value.to_string_lossy();
            return UsageError::new(format!("unexpected argument `{}`", value.escape_debug()));
        }
    };
    let error = UsageError::new(format!("there is no option `{}`", written.escape_debug()));
    match closest(&written, known.iter().copied()) {
        Some(similar) => error.tip(format!("did you mean `{similar}`?")),
        None => error,
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

impl UsageError {
    fn new(headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            tip: None,
            command: None,
        }
    }

    fn tip(mut self, tip: impl Into<String>) -> Self {
        self.tip = Some(tip.into());
        self
    }

    fn of(mut self, command: &'static str) -> Self {
        self.command = Some(command);
        self
    }
}

impl From<lexopt::Error> for UsageError {
    fn from(error: lexopt::Error) -> Self {
        match error {
            lexopt::Error::MissingValue {
                option: Some(option),
            } => Self::new(format!("`{option}` needs a value")),
            lexopt::Error::UnexpectedValue { option, .. } => {
                Self::new(format!("`{option}` takes no value"))
            }
            lexopt::Error::NonUnicodeValue(value) => Self::new(format!(
                "`{}` is not UTF-8",
                value.to_string_lossy().escape_debug()
            )),
            other => Self::new(other.to_string().escape_debug().to_string()),
        }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "error: {}\n", self.headline)?;
        if let Some(tip) = &self.tip {
            writeln!(out, "  tip: {tip}\n")?;
        }
        match self.command {
            Some(command) => writeln!(out, "For more, try `specwright help {command}`."),
            None => writeln!(out, "For more, try `specwright --help`."),
        }
    }
}
