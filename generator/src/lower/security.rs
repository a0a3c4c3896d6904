//! Security: which credentials let a caller in, and the one trait that decides about them.

use std::{collections::HashMap, rc::Rc};

use super::{Lowering, name};
use crate::{
    diagnostic::Code,
    document::{
        Located, OrReference, ParameterLocation, SecurityRequirement, SecurityScheme,
        SecuritySchemeKind,
    },
    ir::{
        Credential, CredentialKind, Docs, SchemeChallenge, Security, SecurityAlternative,
        SecurityMethod,
    },
};

/// The methods of the security trait, found so far.
#[derive(Default)]
pub(super) struct Methods {
    security: Security,
    known: HashMap<Vec<Rc<str>>, Option<usize>>,
    /// What each scheme is called.
    names: HashMap<Rc<str>, String>,
    /// What makes the challenges of each scheme.
    challenges: HashMap<Rc<str>, usize>,
}

impl Methods {
    /// The trait, where an operation is secured.
    pub(super) fn finish(mut self) -> Option<Security> {
        let Security {
            methods,
            challenges,
        } = &mut self.security;
        if methods.is_empty() {
            return None;
        }
        // A method for credentials keeps its name.
        let judging = methods.iter().map(|it| it.name.clone());
        let mut names: Vec<String> = judging
            .chain(challenges.iter().map(|it| it.name.clone()))
            .collect();
        name::distinct(&mut names);
        for (challenge, name) in challenges.iter_mut().zip(names.drain(methods.len()..)) {
            challenge.name = name;
        }
        Some(self.security)
    }

    /// What asks for a scheme in a 401; `None` where that is always the same.
    fn challenge(&mut self, scheme: &Rc<str>, kind: &CredentialKind) -> Option<usize> {
        match kind {
            CredentialKind::Basic | CredentialKind::Bearer | CredentialKind::Http(_) => {}
            CredentialKind::HeaderKey(_)
            | CredentialKind::QueryKey(_)
            | CredentialKind::CookieKey(_)
            | CredentialKind::Certificate => return None,
        }
        let challenges = &mut self.security.challenges;
        let names = &self.names;
        let index = *self.challenges.entry(Rc::clone(scheme)).or_insert_with(|| {
            let name = names.get(scheme).map_or("", String::as_str);
            challenges.push(SchemeChallenge {
                name: format!("{name}_challenge"),
                scheme: scheme.to_string(),
                kind: kind.clone(),
            });
            challenges.len() - 1
        });
        Some(index)
    }
}

impl Lowering<'_> {
    /// The ways to be let into an operation: its own, or else the document's. An operation that cannot be secured is an
    /// error, never a public one.
    pub(super) fn security(
        &mut self,
        own: Option<&Vec<SecurityRequirement>>,
        methods: &mut Methods,
    ) -> Vec<SecurityAlternative> {
        let requirements = own
            .or(self.document.security.as_ref())
            .cloned()
            .unwrap_or_default();
        let mut alternatives = Vec::new();
        for requirement in &requirements {
            // An operation that was reached by a reference was not there when the document was checked.
            self.document
                .check_security_requirement(requirement, self.diagnostics);
            if requirement.schemes.is_empty() {
                alternatives.push(SecurityAlternative {
                    method: None,
                    scopes: Vec::new(),
                });
                continue;
            }
            let Some(method) = self.security_method(requirement, methods) else {
                continue;
            };
            let scopes = requirement.schemes.iter().map(|(_, scopes)| {
                let scopes = scopes.iter().map(|scope| scope.value.to_string());
                scopes.collect()
            });
            alternatives.push(SecurityAlternative {
                method: Some(method),
                scopes: scopes.collect(),
            });
        }
        if self.options.optional_security && !alternatives.is_empty() {
            alternatives.push(SecurityAlternative {
                method: None,
                scopes: Vec::new(),
            });
        }
        // Whoever sends nothing is let in last: whoever sends something is asked for it first.
        alternatives.sort_by_key(|it| it.method.is_none());
        if alternatives.iter().all(|it| it.method.is_none()) {
            alternatives.clear();
        }
        alternatives
    }

    fn security_method(
        &mut self,
        requirement: &SecurityRequirement,
        methods: &mut Methods,
    ) -> Option<usize> {
        let names: Vec<Rc<str>> = requirement
            .schemes
            .iter()
            .map(|(name, _)| Rc::clone(&name.value))
            .collect();
        if let Some(known) = methods.known.get(&names) {
            return *known;
        }
        if methods.names.is_empty() {
            methods.names = self.scheme_names();
        }
        let method = self.new_method(requirement, methods);
        let index = method.map(|mut method| {
            let known = &methods.security.methods;
            let mut names: Vec<String> = known.iter().map(|it| it.name.clone()).collect();
            names.push(name::method_name(method.name));
            name::distinct(&mut names);
            method.name = names.pop().unwrap_or_default();
            methods.security.methods.push(method);
            methods.security.methods.len() - 1
        });
        methods.known.insert(names, index);
        index
    }

    /// What the schemes are called, whichever of them are used: those that become the same name are counted.
    fn scheme_names(&mut self) -> HashMap<Rc<str>, String> {
        let mut names: HashMap<Rc<str>, String> = HashMap::new();
        let mut owners: HashMap<String, Rc<str>> = HashMap::new();
        for (key, scheme) in &self.document.components.security_schemes {
            let wanted = name::value_name(key);
            let mut name = wanted.clone();
            let mut number = 2;
            while owners.contains_key(&name) {
                name = format!("{wanted}{number}");
                number += 1;
            }
            let place = match scheme {
                OrReference::Inline(scheme) => &scheme.place,
                OrReference::Reference(reference) => &reference.place,
            };
            if let Some(first) = owners.get(&wanted) {
                let (first, key) = (first.escape_debug(), key.escape_debug());
                self.diagnostics
                    .warning(
                        Code::NameCollision,
                        place,
                        format!(
                            "the security schemes `{first}` and `{key}` both become `{wanted}`"
                        ),
                    )
                    .label(format!("this one is `{name}`"))
                    .help("rename one of them");
            }
            owners.insert(name.clone(), Rc::clone(key));
            names.insert(Rc::clone(key), name);
        }
        names
    }

    fn new_method(
        &mut self,
        requirement: &SecurityRequirement,
        methods: &mut Methods,
    ) -> Option<SecurityMethod> {
        let mut names: Vec<String> = Vec::new();
        let mut credentials = Vec::new();
        let mut docs = Docs::default();
        let mut complete = true;
        for (name, _) in &requirement.schemes {
            let Some(scheme) = self.scheme(name) else {
                complete = false;
                continue;
            };
            if docs.description.is_none() {
                docs.description = scheme.description.as_deref().map(str::to_owned);
            }
            let kind = credential(&scheme.kind);
            let challenge = methods.challenge(&name.value, &kind);
            let name = methods.names.get(&name.value).cloned().unwrap_or_default();
            credentials.push(Credential {
                argument: argument_name(&name),
                kind,
                challenge,
            });
            names.push(name);
        }
        let mut arguments: Vec<String> = credentials.iter().map(|it| it.argument.clone()).collect();
        name::distinct(&mut arguments);
        for (credential, argument) in credentials.iter_mut().zip(&arguments) {
            credential.argument.clone_from(argument);
        }
        complete.then(|| SecurityMethod {
            name: names.join("_and_"),
            docs,
            credentials,
        })
    }

    fn scheme(&mut self, name: &Located<Rc<str>>) -> Option<Rc<SecurityScheme>> {
        let found = self
            .document
            .components
            .security_schemes
            .iter()
            .find(|(key, _)| *key == name.value);
        // One that is not there was reported by the check of the requirement.
        let (_, scheme) = found?;
        self.references.security_scheme(scheme, self.diagnostics)
    }
}

/// The name of a method's argument, apart from those that every such method has and those of the functions that call it.
fn argument_name(scheme: &str) -> String {
    match scheme {
        "app" | "call" | "cx" | "denials" | "scopes" => format!("{scheme}_credential"),
        name => name.to_owned(),
    }
}

/// What the requests of a scheme carry.
fn credential(kind: &SecuritySchemeKind) -> CredentialKind {
    match kind {
        SecuritySchemeKind::ApiKey { name, location } => match location {
            ParameterLocation::Query => CredentialKind::QueryKey(name.to_string()),
            ParameterLocation::Cookie => CredentialKind::CookieKey(name.to_string()),
            _ => CredentialKind::HeaderKey(name.to_string()),
        },
        SecuritySchemeKind::Http { scheme, .. } => match &**scheme {
            "basic" => CredentialKind::Basic,
            "bearer" => CredentialKind::Bearer,
            other => CredentialKind::Http(other.to_owned()),
        },
        SecuritySchemeKind::OAuth2 { .. } | SecuritySchemeKind::OpenIdConnect { .. } => {
            CredentialKind::Bearer
        }
        SecuritySchemeKind::MutualTls => CredentialKind::Certificate,
    }
}
