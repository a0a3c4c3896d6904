//! The state of one request's decoding: what was found, what may still be spent, what is known already.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use super::memo::{self, Asked, Memo};
use super::{
    Expected, Keyword, Violation, Violations,
    manner::{Manner, Reporter},
    union::Verdict,
};
use crate::{
    node::{Kind, Node, Scalar, Tree},
    value::Upload,
};

/// The part of a request that is being decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// A parameter in the path.
    Path,
    /// A parameter in the query.
    Query,
    /// A parameter in a header.
    Header,
    /// A parameter in a cookie.
    Cookie,
    /// All of the query, as one parameter.
    Querystring,
    /// The body.
    Body,
}

impl Section {
    /// The word that a violation shows: OpenAPI's value of `in`, or `body`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Querystring => "querystring",
            Self::Body => "body",
        }
    }
}

/// The parameter that is being decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Where it was sent.
    pub section: Section,
    /// Its name on the wire.
    pub name: &'static str,
}

/// Decodes one request: collects violations, counts work and remembers what unions found.
///
/// At the 100th violation it stops: every further check fails at once. So it does when the pointers of those before take
/// 64 KiB, since each holds the keys above it, and those are as long as the client likes.
#[derive(Debug)]
pub struct Decoder {
    violations: Violations,
    /// How long the pointers of all violations are together.
    pointers: usize,
    /// Probing asks whether a value is accepted: nothing is recorded.
    pub(super) probing: u32,
    /// What is being decoded; `None` is the body.
    parameter: Option<Parameter>,
    /// How many more nodes may be visited.
    budget: u32,
    pub(super) verdicts: Memo<Verdict>,
    /// The files of a multipart body, which its nodes name by their number.
    uploads: Option<Box<[Upload]>>,
    /// What is known of a type and a node.
    known: Memo<Known>,
    /// What is told of a violation beyond the rule and its place.
    pub(super) reporter: Reporter,
    /// What strings spell, where they are read laxly, by node.
    pub(super) spelled: Option<BTreeMap<u32, Scalar>>,
}

/// What was found when a type was asked about a node.
#[derive(Clone, Copy, Debug)]
enum Known {
    Accepted,
    Refused,
    /// Refused, and what is wrong is among the violations from this one on.
    Explained(usize),
}

impl Decoder {
    /// The number of nodes that decoding one request may visit. Only unions visit a node more than once, so no
    /// honest request comes near it; it bounds the time of a hostile one.
    pub const BUDGET: u32 = 10_000_000;

    /// How long the pointers of all violations may be together before no other is recorded.
    const POINTERS: usize = 64 << 10;

    /// A decoder with nothing found yet.
    pub fn new() -> Self {
        Self::with_manner(Manner::default())
    }

    pub(crate) fn with_manner(manner: Manner) -> Self {
        Self {
            violations: Violations::default(),
            pointers: 0,
            probing: 0,
            parameter: None,
            budget: Self::BUDGET,
            verdicts: Memo::default(),
            known: Memo::default(),
            uploads: None,
            reporter: Reporter::new(manner),
            spelled: None,
        }
    }

    /// Brings the files that nodes name by their number.
    pub(crate) fn set_uploads(&mut self, uploads: Vec<Upload>) {
        self.uploads = Some(uploads.into_boxed_slice());
    }

    pub(super) fn uploads(&self) -> Option<&[Upload]> {
        self.uploads.as_deref()
    }

    /// How many violations there are, for [`replace_violations`](Self::replace_violations).
    pub(crate) fn violation_count(&self) -> usize {
        self.violations.len()
    }

    /// Tells what was found since then at or below a place as if it was found one step above.
    #[cold]
    pub(super) fn lift_violations(&mut self, since: usize, place: &str) {
        let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
        let depth = parent.matches('/').count() as u32;
        for violation in self.violations.iter_mut().skip(since) {
            let rest = violation.pointer.strip_prefix(place);
            let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
                continue;
            };
            violation.pointer = format!("{parent}{rest}");
            let above = 1_u128.checked_shl(depth).map_or(u128::MAX, |bit| bit - 1);
            let below = violation.positions.checked_shr(depth + 1).unwrap_or(0);
            let below = below.checked_shl(depth).unwrap_or(0);
            violation.positions = violation.positions & above | below;
        }
    }

    /// Tells what was found since then within a list that is a member as if its items, counted from `first` on, stood beside
    /// it.
    #[cold]
    pub(crate) fn renumber_violations(&mut self, since: usize, list: &str, first: usize) {
        for violation in self.violations.iter_mut().skip(since) {
            let Some(rest) = violation.pointer.strip_prefix(list) else {
                continue;
            };
            let rest = rest.strip_prefix('/').unwrap_or_default();
            let (index, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if let Ok(index) = index.parse::<usize>() {
                violation.pointer = format!("/{}{below}", first + index);
                violation.positions >>= 1;
            }
        }
    }

    /// Tells what was found at or below a place as if it was found at another, which is as deep.
    #[cold]
    pub(crate) fn move_violations(&mut self, from: &str, to: &str) {
        for violation in self.violations.iter_mut() {
            let rest = violation.pointer.strip_prefix(from);
            if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                violation.pointer = format!("{to}{rest}");
            }
        }
    }

    /// Puts faults of the body's parts in place of what was found since then at the same places.
    pub(crate) fn replace_violations(
        &mut self,
        since: usize,
        faults: &[(String, (Keyword, Cow<'static, str>))],
    ) {
        let found = self.rollback(&Checkpoint { violations: since });
        for (pointer, (keyword, detail)) in faults {
            if !self.is_full() {
                let mut violation = Violation::new(Section::Body, "", *keyword, detail.clone());
                violation.pointer.clone_from(pointer);
                self.push(violation);
            }
        }
        for violation in found {
            let is_below = |pointer: &str| {
                violation
                    .pointer
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !faults.iter().any(|(pointer, _)| is_below(pointer)) {
                self.push(violation);
            }
        }
    }

    /// Decodes, with the document's own words for what is wrong with the node itself: each with the keyword that it is for,
    /// or with none for all others. What is wrong below it, or with what is missing, keeps its words.
    #[inline]
    pub fn authored<T>(
        &mut self,
        node: Node<'_>,
        messages: &'static [(&'static str, &'static str)],
        decode: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let before = self.violations.len();
        let value = decode(self);
        if self.violations.len() > before {
            self.author(node, messages, before);
        }
        value
    }

    #[cold]
    fn author(
        &mut self,
        node: Node<'_>,
        messages: &'static [(&'static str, &'static str)],
        before: usize,
    ) {
        let (section, name) = self.place();
        let mut here = Violation::new(section, name, Keyword::Type, "");
        let is_parameter = self.parameter.is_some();
        self.reporter.locate(&mut here, node, None, is_parameter);
        for violation in self.violations.iter_mut().skip(before) {
            let keyword = violation.keyword.as_str();
            let message = messages
                .iter()
                .find(|(of, _)| *of == keyword)
                .or_else(|| messages.iter().find(|(of, _)| of.is_empty()));
            if let Some((_, message)) = message
                && violation.pointer == here.pointer
                && !violation.is_authored
            {
                violation.detail = Cow::Borrowed(message);
                violation.is_authored = true;
            }
        }
    }

    /// What was found.
    pub fn into_violations(self) -> Violations {
        self.violations
    }

    /// Whether nothing was found.
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }

    /// The number of nodes that were visited; what unions visit again counts again.
    pub fn work(&self) -> u32 {
        Self::BUDGET - self.budget
    }

    /// Decodes a parameter: violations name it.
    pub fn parameter<T>(&mut self, parameter: Parameter, decode: impl FnOnce(&mut Self) -> T) -> T {
        self.parameter = Some(parameter);
        self.reporter.enter_tree();
        let value = decode(self);
        self.reporter.enter_tree();
        self.parameter = None;
        value
    }

    /// Decodes, and gives back what was found to be wrong instead of recording it.
    ///
    /// # Errors
    ///
    /// The violations, which may be none where the limit of work is reached.
    pub(crate) fn attempt<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Vec<Violation>> {
        let checkpoint = self.checkpoint();
        decode(self).ok_or_else(|| self.rollback(&checkpoint))
    }

    /// Records what an attempt gave back.
    pub(crate) fn record_all(&mut self, violations: Vec<Violation>) {
        violations
            .into_iter()
            .for_each(|violation| self.push(violation));
    }

    /// Records that a parameter is not one that the document knows.
    #[cold]
    pub(crate) fn unknown_parameter(&mut self, section: Section, name: String) {
        let detail = "is not a parameter of this operation";
        self.push(Violation::new(section, name, Keyword::Unknown, detail));
    }

    /// Records that a parameter is missing.
    #[cold]
    pub fn missing_parameter(&mut self, parameter: Parameter) {
        let Parameter { section, name } = parameter;
        self.push(Violation::new(
            section,
            name,
            Keyword::Required,
            "is required",
        ));
    }

    /// Records a violation at the node. Always `false`, so that a check can end with it.
    #[cold]
    pub fn violation(
        &mut self,
        node: Node<'_>,
        keyword: Keyword,
        detail: impl Into<Cow<'static, str>>,
    ) -> bool {
        self.unexpected(node, keyword, Expected::Nothing, detail)
    }

    /// As [`violation`](Self::violation), with what is expected.
    #[cold]
    pub(super) fn unexpected(
        &mut self,
        node: Node<'_>,
        keyword: Keyword,
        expected: Expected,
        detail: impl Into<Cow<'static, str>>,
    ) -> bool {
        if self.probing == 0 {
            self.record(node, None, keyword, expected, detail.into());
        }
        false
    }

    /// Records that the node is not of the JSON type. Always `false`.
    #[cold]
    pub(super) fn mistyped(
        &mut self,
        node: Node<'_>,
        expected: &'static str,
        detail: &'static str,
    ) -> bool {
        self.unexpected(node, Keyword::Type, Expected::Type(expected), detail)
    }

    /// As [`unexpected`](Self::unexpected), out of the way of the checks that end with it: until there is a violation,
    /// nothing is formatted.
    #[cold]
    #[inline(never)]
    pub(super) fn broken(
        &mut self,
        node: Node<'_>,
        keyword: Keyword,
        expected: Expected,
        detail: fmt::Arguments<'_>,
    ) -> bool {
        if self.probing == 0 {
            self.record(node, None, keyword, expected, detail.to_string().into());
        }
        false
    }

    /// Records a violation at a member of the node that may not be there.
    #[cold]
    pub(super) fn member_violation(
        &mut self,
        node: Node<'_>,
        member: &str,
        keyword: Keyword,
        detail: impl Into<Cow<'static, str>>,
    ) -> bool {
        if self.probing == 0 {
            self.record(
                node,
                Some(member),
                keyword,
                Expected::Nothing,
                detail.into(),
            );
        }
        false
    }

    /// Records a violation at the node, or at a member of it. Its pointer is not built where the limit is reached.
    fn record(
        &mut self,
        node: Node<'_>,
        member: Option<&str>,
        keyword: Keyword,
        expected: Expected,
        detail: Cow<'static, str>,
    ) {
        if self.is_full() {
            return;
        }
        let (section, name) = self.place();
        let mut violation = Violation::new(section, name, keyword, detail);
        violation.expected = expected;
        let is_parameter = self.parameter.is_some();
        self.reporter
            .locate(&mut violation, node, member, is_parameter);
        if self.uploads.is_none() {
            self.reporter.show(&mut violation, node);
        }
        self.push(violation);
    }

    /// The part of the request that is being decoded, and the parameter's name.
    fn place(&self) -> (Section, &'static str) {
        match self.parameter {
            None => (Section::Body, ""),
            Some(parameter) => (parameter.section, parameter.name),
        }
    }

    fn push(&mut self, violation: Violation) {
        if !self.is_full() {
            self.pointers += violation.pointer.len();
            self.violations.push(violation);
        }
    }

    /// Whether there is no room for another violation.
    fn is_full(&self) -> bool {
        self.violations.len() >= Violations::LIMIT || self.pointers >= Self::POINTERS
    }

    /// Whether the limit of violations or of work is reached, so that going on is in vain.
    pub fn is_stopped(&self) -> bool {
        self.budget == 0 || self.is_full()
    }

    /// Spends work on `nodes` nodes; `false` where none is left.
    #[inline]
    pub(super) fn spend(&mut self, node: Node<'_>, nodes: u32) -> bool {
        match self.budget.checked_sub(nodes) {
            Some(rest) => {
                self.budget = rest;
                true
            }
            None => self.exhausted(node),
        }
    }

    #[cold]
    pub(super) fn exhausted(&mut self, node: Node<'_>) -> bool {
        if self.budget > 0 {
            self.budget = 0;
            // Also while probing: a union that could not be decided must not pass as one that did not match.
            let detail = "takes too much work to check".into();
            self.record(node, None, Keyword::TooComplex, Expected::Nothing, detail);
        }
        false
    }

    /// Asks without recording.
    pub fn probe<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.probing += 1;
        let answer = ask(self);
        self.probing -= 1;
        answer
    }

    /// Decodes a JSON text, whose strings may spell other scalars where the app reads laxly.
    ///
    /// The checks of a value and of what it stands in have to see one and the same value. So a text in which a string was
    /// read as something else is read again, strictly, with that in its place.
    pub(crate) fn json_tree<T>(
        &mut self,
        mut tree: Tree<'_>,
        decode: impl Fn(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<T> {
        if !self.reporter.manner.is_lax || self.is_probing() {
            return decode(tree.root(), self);
        }
        let checkpoint = self.checkpoint();
        let echoed = self.reporter.echoed;
        self.spelled = Some(BTreeMap::new());
        let value = decode(tree.root(), self);
        let spelled = self.spelled.take().unwrap_or_default();
        // Without any work left nothing could be found again.
        if spelled.is_empty() || self.budget == 0 {
            return value;
        }
        for (index, scalar) in spelled {
            tree.put(index, &scalar);
        }
        self.rollback(&checkpoint);
        self.reporter.echoed = echoed;
        self.elsewhere(|cx| decode(tree.root(), cx))
    }

    /// Notes what a string was read as.
    #[cold]
    pub(super) fn spelled<T>(
        &mut self,
        node: Node<'_>,
        kind: Kind,
        text: &str,
        value: Option<T>,
    ) -> Option<T> {
        if let Some(spelled) = &mut self.spelled {
            spelled
                .entry(node.index())
                .or_insert_with(|| Scalar::new(kind, text));
        }
        value
    }

    /// Reads strings as what they are meanwhile.
    pub(super) fn strictly<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let spelled = self.spelled.take();
        let answer = ask(self);
        self.spelled = spelled;
        answer
    }

    /// Asks about another tree: what is remembered is known by the place in its own.
    pub(super) fn elsewhere<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let verdicts = std::mem::take(&mut self.verdicts);
        let known = std::mem::take(&mut self.known);
        let answer = ask(self);
        self.verdicts = verdicts;
        self.known = known;
        answer
    }

    /// Decodes another tree, which is the content of a node of this one.
    pub(super) fn within<T>(
        &mut self,
        node: Node<'_>,
        decode: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut inner = Self {
            budget: self.budget,
            probing: self.probing,
            reporter: self.reporter.for_other_tree(),
            ..Self::new()
        };
        let value = decode(&mut inner);
        self.budget = inner.budget;
        self.reporter.count_echoed(&inner.reporter);
        let is_valid = inner.is_valid();
        let (section, name) = self.place();
        for mut violation in inner.rollback(&Checkpoint { violations: 0 }) {
            if self.is_full() {
                break;
            }
            let mut outer = Violation::new(section, name, violation.keyword, "");
            let is_parameter = self.parameter.is_some();
            self.reporter.locate(&mut outer, node, None, is_parameter);
            let depth = outer.tokens().count() as u32;
            let below = violation.positions.checked_shl(depth).unwrap_or_default();
            violation.positions = outer.positions | below;
            violation.pointer.insert_str(0, &outer.pointer);
            (violation.section, violation.name) = (section, name.into());
            if self.reporter.is_secret(&violation) {
                violation.input = None;
            }
            self.push(violation);
        }
        value.filter(|_| is_valid)
    }

    /// Asks whether a type that contains itself accepts a node, once for each node: `id` is the type's.
    pub fn remember(
        &mut self,
        id: u32,
        node: Node<'_>,
        ask: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        let asked = Asked::new(id, self.in_body(), node);
        match self.known.get(asked) {
            Some(Known::Accepted) => true,
            Some(Known::Refused | Known::Explained(_)) if self.is_probing() => false,
            _ if self.is_probing() => {
                let answer = ask(self);
                let known = if answer {
                    Known::Accepted
                } else {
                    Known::Refused
                };
                self.known.insert(asked, known);
                self.spend(node, memo::WORK);
                answer
            }
            _ => self.explain(id, node, ask),
        }
    }

    /// Records what is wrong with a node that a type refuses, unless it was recorded already. Nothing while probing.
    pub fn explain(
        &mut self,
        id: u32,
        node: Node<'_>,
        ask: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        let asked = Asked::new(id, self.in_body(), node);
        let first = self.violations.len();
        if self.is_probing() {
            return false;
        }
        // A rollback may have taken the words away again.
        if let Some(Known::Explained(at)) = self.known.get(asked)
            && at < first
        {
            return false;
        }
        let answer = ask(self);
        let known = if answer {
            Known::Accepted
        } else {
            Known::Explained(first)
        };
        self.known.insert(asked, known);
        self.spend(node, memo::WORK);
        answer
    }

    pub(super) fn is_probing(&self) -> bool {
        self.probing > 0
    }

    pub(super) fn in_body(&self) -> bool {
        self.parameter.is_none()
    }

    /// Where [`rollback`](Self::rollback) returns to.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            violations: self.violations.len(),
        }
    }

    /// Forgets what was found since the checkpoint and returns it.
    pub(super) fn rollback(&mut self, checkpoint: &Checkpoint) -> Vec<Violation> {
        let found = self.violations.split_off(checkpoint.violations);
        self.pointers -= found.iter().map(|it| it.pointer.len()).sum::<usize>();
        found
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

/// A state of the decoder to return to.
pub(super) struct Checkpoint {
    violations: usize,
}
