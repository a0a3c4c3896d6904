//! All files read so far, each parsed once.

use std::{
    cell::OnceCell,
    collections::HashMap,
    io,
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use percent_encoding::percent_decode_str;

use super::{
    Disk, FileId, FileReader, Node, Place, Span, json,
    tree::Tree,
    yaml::{self, offset},
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The files of a document: reads and parses each once, and knows their names and texts.
///
/// References are followed inside the root folder and the folders that stand for URIs only, and never over the network.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    /// The folders that stand for what begins with these URIs.
    uris: Vec<(String, PathBuf)>,
    reader: Box<dyn FileReader>,
    files: Vec<File>,
    by_path: HashMap<PathBuf, FileId>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    name: String,
    text: String,
    lines: OnceCell<Vec<u32>>,
    tree: Option<Rc<Node>>,
}

impl Sources {
    /// Files on disk, referenced files inside `root` only.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self::with_reader(root, Disk)
    }

    /// Files on disk, referenced files inside the folder of the entry document only.
    pub fn beside(entry: &Path) -> Self {
        Self::new(entry.parent().unwrap_or(Path::new("")))
    }

    /// Files from elsewhere, referenced files inside `root` only.
    pub fn with_reader(root: impl Into<PathBuf>, reader: impl FileReader + 'static) -> Self {
        Self {
            root: normalized(&root.into()),
            uris: Vec::new(),
            reader: Box::new(reader),
            files: Vec::new(),
            by_path: HashMap::new(),
        }
    }

    /// Lets a folder stand for every URI that begins with this prefix: what follows is the path in it.
    ///
    /// Where several prefixes fit, the longest does.
    pub fn map_uri(&mut self, prefix: impl Into<String>, folder: impl AsRef<Path>) {
        self.uris.push((prefix.into(), normalized(folder.as_ref())));
    }

    /// The URI of a file in a folder that stands for URIs; the file's relative references are relative to it.
    pub fn uri(&self, file: FileId) -> Option<String> {
        let path = &self.file(file)?.path;
        let (prefix, rest) = self
            .uris
            .iter()
            .filter_map(|(prefix, folder)| Some((prefix, path.strip_prefix(folder).ok()?)))
            .min_by_key(|(_, rest)| rest.components().count())?;
        let parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
        Some(format!("{prefix}{}", parts.join("/")))
    }

    /// The file of this path, read now or before; it may be anywhere.
    ///
    /// None where it cannot be read or its syntax is broken; the diagnostics say so, once.
    pub fn load(
        &mut self,
        path: impl AsRef<Path>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(FileId, Rc<Node>)> {
        let path = normalized(path.as_ref());
        if let Some(known) = self.by_path.get(&path) {
            return self.tree(*known);
        }
        match self.reader.read(&path) {
            Ok(bytes) => self.add(path, bytes, diagnostics),
            Err(error) => {
                let file = self.push(path.clone(), String::new());
                report_unreadable(&error, &path, &Place::root(file), diagnostics);
                None
            }
        }
    }

    /// The file that a reference of file `from` names, read now or before; a fragment is left aside.
    ///
    /// None where the reference leaves the root folder, is a URI that no folder stands for, or names a file that cannot
    /// be read; the diagnostics say so at `at`. A broken file's diagnostics stand in that file, with a second label at
    /// `at`.
    pub fn load_relative(
        &mut self,
        from: FileId,
        reference: &str,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<(FileId, Rc<Node>)> {
        let reference = reference.split('#').next().unwrap_or("");
        if reference.is_empty() {
            return self.tree(from);
        }
        let path = if is_remote(reference) {
            match self.mapped(reference) {
                Some(path) => path,
                None => {
                    diagnostics
                        .error(
                            Code::RemoteReference,
                            at,
                            format!("`{reference}` is not a file of this project"),
                        )
                        .label("references are not followed over the network")
                        .help(
                            "save the file beside the document and refer to it by a relative path",
                        );
                    return None;
                }
            }
        } else {
            self.resolve(from, reference, at, diagnostics)?
        };
        if let Some(known) = self.by_path.get(&path) {
            return self.tree(*known);
        }
        let bytes = match self.read_inside(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.report_outside(reference, at, diagnostics);
                return None;
            }
            Err(error) => {
                report_unreadable(&error, &path, at, diagnostics)
                    .help("a path is relative to the folder of the file in which it stands");
                return None;
            }
        };
        let mut own = Diagnostics::new();
        let loaded = self.add(path, bytes, &mut own);
        if loaded.is_none() {
            own.relate_errors(at.span, "referenced here");
        }
        diagnostics.append(own);
        loaded
    }

    /// The root of a file that was read; none where its syntax is broken.
    pub fn root_of(&self, file: FileId) -> Option<Rc<Node>> {
        self.tree(file).map(|(_, root)| root)
    }

    /// The paths of all files that were read, in the order of reading.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The paths and texts of all files that were read, in the order of reading.
    pub fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files
            .iter()
            .map(|file| (file.path.as_path(), file.text.as_str()))
    }

    /// The file's name as messages show it; empty where there is no such file.
    pub fn name(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.name)
    }

    /// The file's text; empty where there is no such file. What was not UTF-8 is replaced by U+FFFD.
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The line and column of the first byte of a span, both from 1; columns count characters.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let Some(file) = self.file(span.file) else {
            return (1, 1);
        };
        let line = file.line(span.start);
        let start = file.lines().get(line).map_or(0, |start| *start as usize);
        let before = file.text.get(start..span.start as usize).unwrap_or("");
        (line + 1, before.chars().count() + 1)
    }

    /// The bytes of the line with this number from 1, without its line break.
    pub fn line(&self, file: FileId, number: usize) -> Span {
        let (start, end) = self
            .file(file)
            .map_or((0, 0), |file| file.line_range(number.saturating_sub(1)));
        Span { file, start, end }
    }

    fn file(&self, file: FileId) -> Option<&File> {
        self.files.get(file.0 as usize)
    }

    fn tree(&self, id: FileId) -> Option<(FileId, Rc<Node>)> {
        Some((id, self.file(id)?.tree.clone()?))
    }

    /// The path that a reference names, or a diagnostic.
    fn resolve(
        &self,
        from: FileId,
        reference: &str,
        at: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<PathBuf> {
        let Ok(decoded) = percent_decode_str(reference).decode_utf8() else {
            diagnostics
                .error(
                    Code::FileNotFound,
                    at,
                    format!("`{reference}` is no path: its percent-escapes are not UTF-8"),
                )
                .label("not a path");
            return None;
        };
        let folder = self
            .file(from)
            .and_then(|file| file.path.parent())
            .unwrap_or(Path::new(""));
        let path = normalized(&folder.join(&*decoded));
        // Links aside, which are followed once the path is known to be inside.
        let may_be_inside =
            |folder: &Path| folder.is_absolute() != path.is_absolute() || is_inside(&path, folder);
        if !self.folders().any(may_be_inside) {
            self.report_outside(reference, at, diagnostics);
            return None;
        }
        Some(path)
    }

    /// The path in the folder that stands for a URI, if one does.
    fn mapped(&self, uri: &str) -> Option<PathBuf> {
        let (prefix, folder) = self
            .uris
            .iter()
            .filter(|(prefix, _)| uri.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len())?;
        let rest = percent_decode_str(uri.strip_prefix(prefix.as_str())?)
            .decode_utf8()
            .ok()?;
        let path = normalized(&folder.join(rest.trim_start_matches('/')));
        is_inside(&path, folder).then_some(path)
    }

    /// The folders that references may lead into.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        let mapped = self.uris.iter().map(|(_, folder)| folder.as_path());
        std::iter::once(self.root.as_path()).chain(mapped)
    }

    /// Reads a file; none where following links leads out of every folder that references may lead into.
    fn read_inside(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let real = self.reader.real_path(path)?;
        for folder in self.folders() {
            // A folder that is not there holds nothing.
            let folder = self.reader.real_path(folder);
            if folder.is_ok_and(|folder| is_inside(&real, &folder)) {
                return self.reader.read(&real).map(Some);
            }
        }
        Ok(None)
    }

    fn report_outside(&self, reference: &str, at: &Place, diagnostics: &mut Diagnostics) {
        let root = match self.root.to_string_lossy() {
            root if root.is_empty() => ".".into(),
            root => root,
        };
        diagnostics
            .error(
                Code::FileOutsideRoot,
                at,
                format!("`{reference}` leads out of the root folder `{root}`"),
            )
            .label("not read")
            .help("move the file below the root folder, or choose a root folder that holds both");
    }

    fn add(
        &mut self,
        path: PathBuf,
        bytes: Vec<u8>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(FileId, Rc<Node>)> {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let (text, invalid) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                (
                    String::from_utf8_lossy(&bytes).into_owned(),
                    Some((at, bytes)),
                )
            }
        };
        let id = self.push(path, text);
        let file = self.files.last_mut()?;
        if let Some((at, bytes)) = invalid {
            report_not_utf8(id, at, &bytes, diagnostics);
            return None;
        }
        file.tree = parse(&file.text, id, is_json, diagnostics);
        self.tree(id)
    }

    fn push(&mut self, path: PathBuf, text: String) -> FileId {
        let id = FileId(offset(self.files.len()));
        self.by_path.insert(path.clone(), id);
        self.files.push(File {
            name: path.to_string_lossy().into_owned(),
            path,
            text,
            lines: OnceCell::new(),
            tree: None,
        });
        id
    }
}

impl File {
    /// Where the lines begin.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| offset(at + 1));
            std::iter::once(0).chain(breaks).collect()
        })
    }

    /// The number from 0 of the line with this byte.
    fn line(&self, byte: u32) -> usize {
        self.lines()
            .partition_point(|start| *start <= byte)
            .saturating_sub(1)
    }

    fn line_range(&self, line: usize) -> (u32, u32) {
        let end_of_text = offset(self.text.len());
        let start = self.lines().get(line).copied().unwrap_or(end_of_text);
        let end = self.lines().get(line + 1).copied().unwrap_or(end_of_text);
        let text = self.text.get(start as usize..end as usize).unwrap_or("");
        (
            start,
            start + offset(text.trim_end_matches(['\n', '\r']).len()),
        )
    }
}

fn parse(text: &str, id: FileId, is_json: bool, diagnostics: &mut Diagnostics) -> Option<Rc<Node>> {
    let content = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if content.is_empty() || !(is_json || content.starts_with('{')) {
        return yaml::read(text, id, diagnostics);
    }
    let mut own = Diagnostics::new();
    let fault = match json::read(text, id, &mut own) {
        Ok(tree) => {
            diagnostics.append(own);
            return tree;
        }
        Err(fault) => fault,
    };
    if is_json {
        diagnostics.append(own);
        fault.report(id, diagnostics);
        return None;
    }
    // A YAML document may begin with a brace, too; one that is neither is mostly JSON with a slip.
    let mut own = Diagnostics::new();
    let tree = yaml::read(text, id, &mut own);
    let is_json_with_a_slip = tree.is_none()
        && content
            .trim_start_matches(['{', ' ', '\n', '\r', '\t'])
            .starts_with('"');
    if is_json_with_a_slip {
        fault.report(id, diagnostics);
    } else {
        diagnostics.append(own);
    }
    tree
}

/// Whether a reference has a scheme or an authority (RFC 3986, section 4.2).
fn is_remote(reference: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'))
    };
    reference.starts_with("//")
        || reference
            .split_once(':')
            .is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// Whether `path` is below `root`, both normalised.
fn is_inside(path: &Path, root: &Path) -> bool {
    path.strip_prefix(root)
        .is_ok_and(|rest| !rest.starts_with(".."))
}

/// The path without `.` and, where a folder stands before it, without `..`.
pub(super) fn normalized(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().collect()
}

fn report_unreadable<'d>(
    error: &io::Error,
    path: &Path,
    at: &Place,
    diagnostics: &'d mut Diagnostics,
) -> &'d mut Diagnostic {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        diagnostics
            .error(Code::FileNotFound, at, format!("there is no file `{path}`"))
            .label("not found")
    } else {
        diagnostics
            .error(
                Code::UnreadableFile,
                at,
                format!("`{path}` cannot be read: {error}"),
            )
            .label("not readable")
    }
}

fn report_not_utf8(file: FileId, at: usize, bytes: &[u8], diagnostics: &mut Diagnostics) {
    let mut tree = Tree::new(file, diagnostics);
    // U+FFFD stands there in the text, three bytes long.
    let span = tree.span(offset(at), offset(at + '\u{fffd}'.len_utf8()));
    let place = tree.place(span);
    let is_utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let headline = if is_utf16 {
        "the file is UTF-16"
    } else {
        "the file is not UTF-8"
    };
    let byte = bytes.get(at).copied().unwrap_or_default();
    diagnostics
        .error(Code::Syntax, &place, headline)
        .label(format!("the byte 0x{byte:02X} begins no character"))
        .help("save the file as UTF-8");
}
