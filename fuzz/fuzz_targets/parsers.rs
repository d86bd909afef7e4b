//! No file makes a loader panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seqcore::data::{Subwords, glove, pairs, read_text, reviews, series};

fuzz_target!(|content: &[u8]| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let _ = read_text(file.path());
    let _ = series::read(file.path(), &series::Select::default());
    let _ = glove::read(file.path(), |_| true);
    if let Ok(pairs) = pairs::open(file.path()) {
        pairs.for_each(drop);
    }
    if let Ok(reviews) = reviews::open(file.path()) {
        reviews.for_each(drop);
    }
    if let Ok(subwords) = serde_json::from_slice::<Subwords>(content) {
        let text = "Né, two  words\n";
        assert_eq!(subwords.decode(&subwords.encode(text)), text);
    }
});
