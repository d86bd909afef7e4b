//! No file makes a reader of weights, records or models panic.
#![no_main]

use lesson::files::weights::Reader;
use lesson::run::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    if let Ok(reader) = Reader::open(file.path()) {
        for name in reader.names() {
            let _ = reader.array::<f32>(&name);
            let _ = reader.array::<f64>(&name);
            let _ = reader.indices(&name);
        }
    }
    if let Ok(record) = Record::open(file.path()) {
        let _ = record.settings::<serde_json::Value>();
    }
});
