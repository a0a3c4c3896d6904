//! The parameters of one request on their way to the decoder.

use super::{Parameter, source::Fault};
use crate::{
    decode::{self, Decoder, Violation},
    node::{Items, Kind, Node, Tree},
};

/// The parameters of one request, in the order of their description.
#[derive(Debug)]
pub struct Parameters {
    /// An array with a node for each shape of each parameter; null where nothing was sent.
    tree: Tree<'static>,
    descriptions: &'static [Parameter],
    /// The nodes whose null was sent.
    nulls: Vec<usize>,
    faults: Vec<(usize, Fault)>,
}

impl Parameters {
    pub(super) fn new(
        tree: Tree<'static>,
        descriptions: &'static [Parameter],
        nulls: Vec<usize>,
        faults: Vec<(usize, Fault)>,
    ) -> Self {
        Self {
            tree,
            descriptions,
            nulls,
            faults,
        }
    }

    /// Walks over the parameters, in the order of their description.
    pub fn slots(&self) -> Slots<'_> {
        Slots {
            descriptions: self.descriptions.iter(),
            nodes: self.tree.root().items(),
            parameters: self,
            index: 0,
        }
    }
}

/// A walk over the parameters of one request: each call takes the next.
#[derive(Clone)]
pub struct Slots<'p> {
    descriptions: std::slice::Iter<'static, Parameter>,
    nodes: Items<'p>,
    parameters: &'p Parameters,
    index: usize,
}

impl<'p> Slots<'p> {
    /// Decodes a parameter that must be there; `None` where a violation was recorded.
    pub fn required<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let (parameter, value) = self.next(cx, decode)?;
        if value.is_none() {
            cx.missing_parameter(parameter);
        }
        value
    }

    /// Decodes a parameter that may be absent; the outer `None` is where a violation was recorded.
    pub fn optional<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        self.next(cx, decode).map(|(_, value)| value)
    }

    /// Decodes the next parameter; `None` where a violation was recorded.
    fn next<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<(decode::Parameter, Option<T>)> {
        let description = self.descriptions.next()?;
        let parameter = description.as_decoded();
        let value = match description.shapes {
            [_] => match self.take()? {
                Taken::Absent => None,
                Taken::Unfit(node, (keyword, detail)) => {
                    cx.parameter(parameter, |cx| cx.violation(node, *keyword, detail.clone()));
                    return None;
                }
                Taken::Value(node) => Some(cx.parameter(parameter, |cx| decode(node, cx))?),
            },
            several => self.choose(parameter, several.len(), cx, decode)?,
        };
        Some((parameter, value))
    }

    /// Decodes the first reading that the schema accepts.
    ///
    /// Where none is, the violations are those of the list that was sent, or else of the first reading.
    #[cold]
    fn choose<T>(
        &mut self,
        parameter: decode::Parameter,
        count: usize,
        cx: &mut Decoder,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        let mut chosen = None;
        let mut refused: Option<(bool, Vec<Violation>)> = None;
        let mut unfit = None;
        for _ in 0..count {
            match self.take()? {
                Taken::Absent => {}
                // What is wrong with a list says more than that it is no scalar.
                Taken::Unfit(node, fault) => unfit = Some((node, fault)),
                Taken::Value(_) if chosen.is_some() => {}
                Taken::Value(node) => {
                    match cx.parameter(parameter, |cx| cx.attempt(|cx| decode(node, cx))) {
                        Ok(value) => chosen = Some(value),
                        // A reading that could not be decided is not one that the schema refuses.
                        Err(violations) if cx.is_stopped() => {
                            cx.record_all(violations);
                            return None;
                        }
                        Err(violations) => {
                            let is_list = node.len() > 1;
                            if refused.as_ref().is_none_or(|(list, _)| is_list && !list) {
                                refused = Some((is_list, violations));
                            }
                        }
                    }
                }
            }
        }
        if chosen.is_some() {
            return Some(chosen);
        }
        if let Some((_, violations)) = refused {
            cx.record_all(violations);
            return None;
        }
        match unfit {
            Some((node, (keyword, detail))) => {
                cx.parameter(parameter, |cx| cx.violation(node, *keyword, detail.clone()));
                None
            }
            None => Some(None),
        }
    }

    /// Takes the next node.
    fn take(&mut self) -> Option<Taken<'p>> {
        let node = self.nodes.next()?;
        let index = self.index;
        self.index += 1;
        let Parameters { nulls, faults, .. } = self.parameters;
        if let Some((_, fault)) = faults.iter().find(|(at, _)| *at == index) {
            return Some(Taken::Unfit(node, fault));
        }
        let is_absent = node.kind() == Kind::Null && !nulls.contains(&index);
        Some(if is_absent {
            Taken::Absent
        } else {
            Taken::Value(node)
        })
    }
}

/// A node with what is known of it.
enum Taken<'p> {
    Absent,
    Value(Node<'p>),
    Unfit(Node<'p>, &'p Fault),
}
