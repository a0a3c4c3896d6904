//! The meta-schema of 2020-12, which the suite refers to by its URI and does not bring along.

use std::{fs, io, path::Path};

use referencing::meta;
use specwright_servers::write_if_changed;

/// What the URIs of the meta-schema begin with.
pub(crate) const URI: &str = "https://json-schema.org/";

/// Writes the meta-schema and its vocabularies to their paths in the folder that stands for [`URI`].
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let files = [
        ("schema", &meta::DRAFT202012),
        ("meta/core", &meta::DRAFT202012_CORE),
        ("meta/applicator", &meta::DRAFT202012_APPLICATOR),
        ("meta/unevaluated", &meta::DRAFT202012_UNEVALUATED),
        ("meta/validation", &meta::DRAFT202012_VALIDATION),
        ("meta/meta-data", &meta::DRAFT202012_META_DATA),
        (
            "meta/format-annotation",
            &meta::DRAFT202012_FORMAT_ANNOTATION,
        ),
        ("meta/format-assertion", &meta::DRAFT202012_FORMAT_ASSERTION),
        ("meta/content", &meta::DRAFT202012_CONTENT),
    ];
    let folder = folder.join("draft/2020-12");
    fs::create_dir_all(folder.join("meta"))?;
    for (name, schema) in files {
        write_if_changed(&folder.join(name), &format!("{:#}\n", &***schema))?;
    }
    Ok(())
}
