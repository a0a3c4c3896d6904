//! `specwright explain`: the page of a code.

use std::{io, process::ExitCode};

use specwright_build::diagnostic::{Code, closest};

use crate::terminal;

pub(crate) fn run(code: Option<&str>) -> io::Result<ExitCode> {
    let Some(name) = code else {
        terminal::print(&list())?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(code) = Code::from_name(name) else {
        let names = Code::ALL.iter().map(|code| code.as_str());
        let tip = match closest(name, names) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "`specwright explain` lists all codes".to_owned(),
        };
        terminal::print_error(&format!(
            "error: there is no code `{}`\n\n  tip: {tip}\n",
            name.escape_debug()
        ));
        return Ok(ExitCode::from(2));
    };
    let page: String = code
        .explanation()
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    terminal::print(&format!("{code}\n\n{page}", code = code.as_str()))?;
    Ok(ExitCode::SUCCESS)
}

/// Every code with the first sentence of its page.
fn list() -> String {
    let width = Code::ALL
        .iter()
        .map(|code| code.as_str().len())
        .max()
        .unwrap_or(0);
    Code::ALL
        .iter()
        .map(|code| {
            let paragraph: Vec<&str> = code
                .explanation()
                .lines()
                .map(str::trim)
                .take_while(|line| !line.is_empty())
                .collect();
            let paragraph = paragraph.join(" ");
            let sentence = paragraph.split(". ").next().unwrap_or("");
            format!(
                "{:width$}  {}\n",
                code.as_str(),
                sentence.trim_end_matches('.')
            )
        })
        .collect()
}
