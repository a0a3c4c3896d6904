//! What is printed, and whether in colours.

use std::{
    env,
    io::{self, ErrorKind, IsTerminal, Write},
};

use specwright_build::diagnostic::Style;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Color {
    /// On a terminal that shows them, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// The style of what is written to a stream.
    pub(crate) fn style(self, stream: &impl IsTerminal) -> Style {
        let is_wanted = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                stream.is_terminal()
                    && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && env::var_os("TERM").is_none_or(|value| value != "dumb")
            }
        };
        if is_wanted {
            Style::Colored
        } else {
            Style::Plain
        }
    }
}

/// Writes to the standard output.
///
/// # Errors
///
/// It cannot be written to; a reader that went away, such as `head`, is no error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    write(&mut io::stdout().lock(), text)
}

/// Writes to the standard error; where that fails there is nobody to tell.
pub(crate) fn print_error(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
