//! No file makes a checkpoint's reader panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seqcore::checkpoint::Reader;

fuzz_target!(|content: &[u8]| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    if let Ok(reader) = Reader::open(file.path()) {
        for name in reader.names() {
            let _ = reader.array::<f32>(&name);
            let _ = reader.indices(&name);
        }
    }
});
