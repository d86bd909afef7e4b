//! No file makes a reader panic.
#![no_main]

use lesson::catalogue::Catalogue;
use lesson::files::{pairs, read_text, reviews, tables, vectors};
use libfuzzer_sys::fuzz_target;
use seqcore::data::Subwords;

fuzz_target!(|content: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    // The register of data sets is read from a folder, by its name.
    let file = folder.path().join("manifest.toml");
    std::fs::write(&file, content).unwrap();
    let _ = Catalogue::at(folder.path(), folder.path());
    let _ = read_text(&file);
    let _ = tables::read(&file, &tables::Select::default());
    let _ = vectors::read(&file, |_| true);
    if let Ok(pairs) = pairs::open(&file) {
        pairs.for_each(drop);
    }
    if let Ok(reviews) = reviews::open(&file) {
        reviews.for_each(drop);
    }
    if let Ok(subwords) = serde_json::from_slice::<Subwords>(content) {
        let text = "Né, two  words\n";
        assert_eq!(subwords.decode(&subwords.encode(text)), text);
    }
});
