//! The readers of YAML and JSON, and what makes an API of them: no panic, and every mark lies within its file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use specwright_build::{
    Generator,
    diagnostic::{Style, render},
    source::Memory,
};

fuzz_target!(|bytes: &[u8]| {
    for name in ["api.yaml", "api.json"] {
        let memory = Memory::new().with(name, bytes);
        let generator = Generator::new(name);
        let checked = generator.check_with(memory);
        assert_eq!(checked.api.is_none(), checked.diagnostics.has_errors());
        for diagnostic in checked.diagnostics.iter() {
            let span = diagnostic.place.span;
            assert!(span.start <= span.end);
            assert!(span.end as usize <= checked.sources.text(span.file).len());
        }
        render(&checked.diagnostics, &checked.sources, Style::Plain);
        if let Some(api) = &checked.api {
            generator.one_file(api);
        }
    }
});
