//! No archive makes unpacking panic, or write outside its folder.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The file alone: the package it belongs to would bring a download client with it.
#[path = "../../xtask/data/src/unpack.rs"]
mod unpack;

fuzz_target!(|content: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    let wanted = ["x.txt".to_owned()];
    let mut before = 1; // `inside` itself
    for name in ["a.zip", "a.tar.gz"] {
        let archive = folder.path().join(name);
        std::fs::write(&archive, content).unwrap();
        before += 1;
        let _ = unpack::unpack(&archive, &wanted, &inside);
        let _ = std::fs::remove_file(inside.join("x.txt"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
        assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 0);
    }
    if let Ok(reviews) = lesson::files::reviews::open(folder.path().join("a.tar.gz")) {
        reviews.for_each(drop);
    }
});
