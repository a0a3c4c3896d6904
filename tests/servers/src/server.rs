//! One generated server, written as a module with handlers that answer 501.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use specwright_build::{emit::Modules, ir::Api};

use crate::{stub, write_if_changed};

/// A generated server on disk.
#[derive(Clone, Debug)]
pub struct Server {
    /// The name of its module, which no other server has.
    pub name: String,
    /// What it was generated from.
    pub title: String,
    /// The folder of its module.
    pub folder: PathBuf,
    /// The lines of generated code.
    pub lines: usize,
    /// The `recursion_limit` that the code needs, where rustc's default is too low.
    pub recursion_limit: Option<usize>,
}

impl Server {
    /// Writes the generated module as `api` into a module of its own below `folder`, and the handlers beside it. The
    /// methods that `echoing` names give back the body that they are sent; all others answer 501.
    ///
    /// # Errors
    ///
    /// A file cannot be written, or the handlers cannot be parsed.
    pub fn write(
        folder: &Path,
        name: &str,
        title: &str,
        api: &Api,
        modules: &Modules,
        echoing: &[String],
    ) -> io::Result<Self> {
        let module = folder.join(name);
        let inner = module.join("api");
        fs::create_dir_all(&inner)?;
        let root = ("mod", &modules.root);
        let children = modules.children.iter().map(|(name, text)| (*name, text));
        let mut lines = 0;
        let mut handlers = "";
        for (name, text) in std::iter::once(root).chain(children) {
            lines += text.lines().count();
            if name == "handlers" {
                handlers = text;
            }
            write_if_changed(&inner.join(format!("{name}.rs")), text)?;
        }
        write_if_changed(&inner.join("openapi.json"), &api.served.json)?;
        write_if_changed(&inner.join("openapi.yaml"), &api.served.yaml)?;
        let stub = stub::stub(handlers, echoing).map_err(io::Error::other)?;
        write_if_changed(&module.join("stub.rs"), &stub)?;
        write_if_changed(&module.join("mod.rs"), stub::ROOT)?;
        Ok(Self {
            name: name.to_owned(),
            title: title.to_owned(),
            folder: module,
            lines,
            recursion_limit: api.recursion_limit,
        })
    }
}
