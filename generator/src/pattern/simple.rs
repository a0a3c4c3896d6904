//! Finds the patterns that need no engine: sequences of literals and counted classes, decided without backtracking.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::Pattern;
use super::ast::{Kind, Node};

/// How many sequences a pattern may be written out into.
const SEQUENCE_LIMIT: usize = 16;

/// How many steps a sequence may have before literals are joined.
const STEP_LIMIT: usize = 128;

/// How many ranges beyond ASCII a class may have to be searched for in a table, where an automaton is the alternative.
const RANGE_LIMIT: usize = 64;

/// How many characters a sequence may look at from each place, where it may match anywhere.
const WINDOW_LIMIT: u32 = 16;

/// A pattern that is a few sequences, one of which must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// Tried in this order; never empty.
    pub sequences: Vec<Sequence>,
}

/// Steps that are taken one after another, each as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Whether the first step must start where the text does. Where not, every step is of fixed length.
    pub from_start: bool,

    /// The steps in the order of the text.
    pub steps: Vec<Step>,

    /// Whether the last step must end where the text does.
    pub to_end: bool,
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This text.
    Literal(String),

    /// Characters of a class.
    Class {
        /// The members in ASCII: the bit of a character's code is set.
        ascii: u128,

        /// The members beyond ASCII, as inclusive ranges in ascending order.
        non_ascii: Vec<(char, char)>,

        /// How many at least.
        min: u32,

        /// How many at most; `None` is without end.
        max: Option<u32>,
    },
}

/// Lowers a pattern when it is simple.
pub(super) fn lower(node: &Node) -> Option<Pattern> {
    lower_within(node, RANGE_LIMIT)
}

/// Lowers a pattern when it is simple, be its classes as large as they may.
pub(super) fn lower_large(node: &Node) -> Option<Pattern> {
    lower_within(node, usize::MAX)
}

fn lower_within(node: &Node, range_limit: usize) -> Option<Pattern> {
    let mut sequences = Vec::new();
    for items in expand(node)? {
        let sequence = Draft::new(items)?;
        if sequence.steps.is_empty() && !(sequence.from_start && sequence.to_end) {
            return Some(Pattern::Any);
        }
        let sequence = sequence.finish(range_limit)?;
        if !sequences.contains(&sequence) {
            sequences.push(sequence);
        }
    }
    Some(Pattern::Simple(Simple { sequences }))
}

/// A part of a sequence while it is written out.
#[derive(Clone, Debug)]
enum Item {
    Start,
    End,
    Run(Run),
}

/// Characters of a class, counted.
#[derive(Clone, Debug)]
struct Run {
    set: ClassUnicode,
    min: u32,
    max: Option<u32>,
}

impl Run {
    fn one(set: ClassUnicode) -> Vec<Vec<Item>> {
        let (min, max) = (1, Some(1));
        vec![vec![Item::Run(Self { set, min, max })]]
    }

    fn is_fixed(&self) -> bool {
        self.max == Some(self.min)
    }
}

/// Writes a node out into sequences, each of which is an alternative.
fn expand(node: &Node) -> Option<Vec<Vec<Item>>> {
    match &node.kind {
        Kind::Empty => Some(vec![Vec::new()]),
        Kind::Char(character) => {
            let range = ClassUnicodeRange::new(*character, *character);
            Some(Run::one(ClassUnicode::new([range])))
        }
        Kind::Class(class) => Some(Run::one(class.set.clone())),
        Kind::Start => Some(vec![vec![Item::Start]]),
        Kind::End => Some(vec![vec![Item::End]]),
        Kind::WordBoundary { .. } | Kind::Look { .. } | Kind::Backreference(_) => None,
        Kind::Group { body, .. } => expand(body),
        Kind::Repeat { min, max, body } => expand_repeat(*min, *max, body),
        Kind::Concat(parts) => {
            let mut sequences = vec![Vec::new()];
            for part in parts {
                sequences = product(&sequences, &expand(part)?)?;
            }
            Some(sequences)
        }
        Kind::Alternation(parts) => {
            let mut sequences = Vec::new();
            for part in parts {
                sequences.extend(expand(part)?);
                if sequences.len() > SEQUENCE_LIMIT {
                    return None;
                }
            }
            Some(sequences)
        }
    }
}

fn expand_repeat(min: u32, max: Option<u32>, body: &Node) -> Option<Vec<Vec<Item>>> {
    let body = expand(body)?;
    if let [items] = body.as_slice()
        && let [Item::Run(run)] = items.as_slice()
        && (run.min, run.max) == (1, Some(1))
    {
        let set = run.set.clone();
        return Some(vec![vec![Item::Run(Run { set, min, max })]]);
    }
    let max = max.filter(|max| usize::try_from(*max).is_ok_and(|max| max <= STEP_LIMIT))?;
    let mut power = vec![Vec::new()];
    let mut sequences = Vec::new();
    for times in 0..=max {
        if times >= min {
            sequences.extend(power.iter().cloned());
        }
        if sequences.len() > SEQUENCE_LIMIT {
            return None;
        }
        if times < max {
            power = product(&power, &body)?;
        }
    }
    Some(sequences)
}

fn product(left: &[Vec<Item>], right: &[Vec<Item>]) -> Option<Vec<Vec<Item>>> {
    if left.len().saturating_mul(right.len()) > SEQUENCE_LIMIT {
        return None;
    }
    let mut sequences = Vec::new();
    for left in left {
        for right in right {
            if left.len() + right.len() > STEP_LIMIT {
                return None;
            }
            sequences.push(left.iter().chain(right).cloned().collect());
        }
    }
    Some(sequences)
}

/// A sequence before its steps are written.
struct Draft {
    from_start: bool,
    steps: Vec<Run>,
    to_end: bool,
}

impl Draft {
    /// Makes a sequence of its parts, without what cannot change whether a text matches.
    fn new(items: Vec<Item>) -> Option<Self> {
        let mut draft = Self {
            from_start: false,
            steps: Vec::new(),
            to_end: false,
        };
        for item in items {
            match item {
                Item::Start if draft.steps.is_empty() && !draft.to_end => draft.from_start = true,
                Item::Start => return None,
                Item::End => draft.to_end = true,
                Item::Run(_) if draft.to_end => return None,
                Item::Run(run) => draft.push(run),
            }
        }
        if !draft.to_end {
            draft.trim_end();
        }
        if !draft.from_start {
            draft.trim_start();
        }
        Some(draft)
    }

    /// Adds a step, to the last one when both are of one class.
    fn push(&mut self, run: Run) {
        match self.steps.last_mut() {
            Some(last) if last.set == run.set => {
                last.min = last.min.saturating_add(run.min);
                last.max = last
                    .max
                    .zip(run.max)
                    .and_then(|(left, right)| left.checked_add(right));
            }
            _ => self.steps.push(run),
        }
    }

    /// Takes away what need not be there at an open end.
    fn trim_end(&mut self) {
        while let Some(last) = self.steps.last_mut() {
            last.max = Some(last.min);
            if last.min > 0 {
                break;
            }
            self.steps.pop();
        }
    }

    fn trim_start(&mut self) {
        while let Some(first) = self.steps.first_mut() {
            first.max = Some(first.min);
            if first.min > 0 {
                break;
            }
            self.steps.remove(0);
        }
    }

    /// Writes the steps, when taking each as far as it goes can never be wrong.
    fn finish(self, range_limit: usize) -> Option<Sequence> {
        if !self.is_deterministic() || !(self.from_start || self.is_window()) {
            return None;
        }
        let mut steps = Vec::new();
        for run in self.steps {
            push_step(&mut steps, run, range_limit)?;
        }
        Some(Sequence {
            from_start: self.from_start,
            steps,
            to_end: self.to_end,
        })
    }

    /// Tells whether no step of variable length could also have stopped earlier: what may follow it is not of its
    /// class.
    fn is_deterministic(&self) -> bool {
        self.steps.iter().enumerate().all(|(index, run)| {
            let rest = self.steps.get(index + 1..).unwrap_or_default();
            run.is_fixed() || !followers(rest).any(|next| intersects(&run.set, &next.set))
        })
    }

    /// Tells whether a sequence may be tried at every place: short, of fixed length and with an open end.
    fn is_window(&self) -> bool {
        let length = self
            .steps
            .iter()
            .fold(0_u32, |sum, run| sum.saturating_add(run.min));
        let is_literal = self.steps.iter().all(|run| literal(run).is_some());
        !self.to_end
            && self.steps.iter().all(Run::is_fixed)
            && (length <= WINDOW_LIMIT || is_literal)
    }
}

/// The steps whose first character may come next: up to the first that must be there.
fn followers(rest: &[Run]) -> impl Iterator<Item = &Run> {
    let required = rest.iter().position(|run| run.min > 0);
    let count = required.map_or(rest.len(), |index| index + 1);
    rest.iter().take(count)
}

fn intersects(left: &ClassUnicode, right: &ClassUnicode) -> bool {
    let mut both = left.clone();
    both.intersect(right);
    !both.ranges().is_empty()
}

/// The character that a step stands for, when it is one.
fn literal(run: &Run) -> Option<char> {
    match run.set.ranges() {
        [range] if range.start() == range.end() && run.is_fixed() => Some(range.start()),
        _ => None,
    }
}

fn push_step(steps: &mut Vec<Step>, run: Run, range_limit: usize) -> Option<()> {
    if let Some(character) = literal(&run)
        && let Ok(times) = usize::try_from(run.min)
        && times <= STEP_LIMIT
    {
        let text = std::iter::repeat_n(character, times);
        match steps.last_mut() {
            Some(Step::Literal(last)) => last.extend(text),
            _ => steps.push(Step::Literal(text.collect())),
        }
        return Some(());
    }
    let (ascii, non_ascii) = split(&run.set);
    if non_ascii.len() > range_limit {
        return None;
    }
    steps.push(Step::Class {
        ascii,
        non_ascii,
        min: run.min,
        max: run.max,
    });
    Some(())
}

/// Splits a class at the end of ASCII.
fn split(set: &ClassUnicode) -> (u128, Vec<(char, char)>) {
    let mut ascii = 0;
    let mut non_ascii = Vec::new();
    for range in set.ranges() {
        for code in u32::from(range.start())..=u32::from(range.end()).min(0x7F) {
            ascii |= 1 << code;
        }
        if range.end() > '\u{7F}' {
            non_ascii.push((range.start().max('\u{80}'), range.end()));
        }
    }
    (ascii, non_ascii)
}
