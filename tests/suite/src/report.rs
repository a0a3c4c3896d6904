//! What is printed, and whether the run as a whole passed.

use std::collections::BTreeSet;

use crate::{
    case::{Group, Part, Test},
    expected::Expected,
    options::Options,
    run::{Answer, RANGE},
};

/// The figures of a file or a part.
#[derive(Clone, Copy, Default)]
struct Figures {
    passed: usize,
    failed: usize,
    /// Those among the failures that are on the list.
    listed: usize,
    /// Tests of groups with keywords that are not supported yet, where those are counted apart.
    gaps: usize,
    /// Tests of random schemas that the generator refuses because no value satisfies a part of them.
    left_aside: usize,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.listed += other.listed;
        self.gaps += other.gaps;
        self.left_aside += other.left_aside;
    }
}

/// Prints the figures; whether nothing failed but what is listed, and everything that is listed failed.
pub(crate) fn report(
    options: &Options,
    groups: &[Group],
    answers: &[Vec<Answer>],
    expected: &Expected,
) -> bool {
    let mut is_good = true;
    let mut totals = [Figures::default(); Part::ALL.len()];
    let mut seen = BTreeSet::new();
    let mut files: Vec<&str> = groups.iter().map(|it| it.file.as_str()).collect();
    files.dedup();
    for file in files {
        let mut figures = Figures::default();
        for (group, answers) in groups.iter().zip(answers).filter(|(it, _)| it.file == file) {
            let mut of_group = Figures::default();
            for (test, answer) in group.tests.iter().zip(answers) {
                seen.insert((&*group.file, &*group.description, &*test.description));
                is_good &= judge(options, group, test, answer, expected, &mut of_group);
            }
            if let Some(Answer::NoServer(refusal)) = answers.first() {
                let is_shown = match (refusal.is_known_gap, refusal.is_unsatisfiable) {
                    (true, _) => options.known_gaps,
                    (_, true) => group.part != Part::Random || options.failures,
                    _ => true,
                };
                if is_shown {
                    println!(
                        "refused: {}: {}: {}",
                        group.file, group.description, refusal.headline
                    );
                    if options.failures {
                        println!("{}", refusal.text);
                    }
                }
            }
            figures.add(of_group);
            if let Some(at) = Part::ALL.iter().position(|part| *part == group.part)
                && let Some(total) = totals.get_mut(at)
            {
                total.add(of_group);
            }
        }
        print_row(file, figures);
    }
    for test in expected.tests() {
        let (file, group, description) = test;
        let is_run = options.random.is_none() && file.contains(&options.only);
        if is_run && !seen.contains(&(&**file, &**group, &**description)) {
            println!("expected.tsv lists what there is not: {file}: {group}: {description}");
            is_good = false;
        }
    }
    let gaps: usize = totals.iter().map(|it| it.gaps).sum();
    if gaps > 0 {
        println!("{gaps} tests are of groups with keywords that are not supported yet");
    }
    for (part, total) in Part::ALL.into_iter().zip(totals) {
        if (part == Part::Random) != options.random.is_some() {
            continue;
        }
        println!(
            "{}: {} passed, {} failed",
            part.name(),
            total.passed,
            total.failed
        );
    }
    is_good
}

/// Counts one test; whether its outcome is as it has to be.
fn judge(
    options: &Options,
    group: &Group,
    test: &Test,
    answer: &Answer,
    expected: &Expected,
    figures: &mut Figures,
) -> bool {
    let found = match answer {
        Answer::Accepted(_) if test.valid => None,
        Answer::Refused(_) if !test.valid => None,
        // The one rule that is added to a document's.
        Answer::Refused(text) if group.part == Part::Random && text.contains(RANGE) => None,
        Answer::Accepted(_) => Some("accepted, although it is invalid".to_owned()),
        Answer::Refused(text) => Some(format!("refused, although it is valid: {text}")),
        Answer::Failed(words) => Some(words.clone()),
        Answer::NoServer(refusal) if refusal.is_known_gap && options.known_gaps => {
            figures.gaps += 1;
            return true;
        }
        // What no value satisfies is a fault of a document, so there is nothing to compare.
        Answer::NoServer(refusal) if refusal.is_unsatisfiable && group.part == Part::Random => {
            figures.left_aside += 1;
            return true;
        }
        Answer::NoServer(refusal) => Some(refusal.headline.clone()),
    };
    let name = format!(
        "{}: {}: {}",
        group.file, group.description, test.description
    );
    let reason = expected.reason(&group.file, &group.description, &test.description);
    match (found, reason) {
        (None, None) => {
            figures.passed += 1;
            true
        }
        (None, Some(_)) => {
            figures.passed += 1;
            println!("passed, although it is expected to fail: {name}");
            false
        }
        (Some(found), Some(reason)) => {
            figures.failed += 1;
            figures.listed += 1;
            if options.failures {
                println!("expected: {name}: {found} ({reason})");
            }
            true
        }
        (Some(found), None) => {
            figures.failed += 1;
            // A group that is refused is shown once.
            if !matches!(answer, Answer::NoServer(_)) {
                println!(
                    "FAILED: {name}: {found}\n    {}",
                    test.data.get().replace('\n', " ")
                );
            }
            // The other optional tests are shown and not counted.
            group.part == Part::Optional
        }
    }
}

fn print_row(file: &str, figures: Figures) {
    let mut row = format!(
        "{file:<48} {:>4} passed {:>4} failed",
        figures.passed, figures.failed
    );
    if figures.listed > 0 {
        row.push_str(&format!(", {} of them expected", figures.listed));
    }
    if figures.gaps > 0 {
        row.push_str(&format!(", {} not supported yet", figures.gaps));
    }
    if figures.left_aside > 0 {
        row.push_str(&format!(
            ", {} of schemas with a part that no value satisfies",
            figures.left_aside
        ));
    }
    println!("{row}");
}
