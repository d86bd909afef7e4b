//! Dev, test and embargo differ in every case. `None` is asked for in a case together with what
//! just fits.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let parts = record! { train: (0_usize, 77_usize), dev: (80_usize, 87_usize), test: (90_usize, 100_usize) };
    let [embargo, more, rest] = draw.sizes();
    let (dev, test) = (embargo + more, embargo + more + rest);
    let split = |name: &str, len: usize, dev: usize, test: usize, embargo: usize| {
        call!(name, chronological_split(len, dev, test, embargo))
    };
    vec![
        call!("worked example", chronological_split(100_usize, 10_usize, 10_usize, 3_usize))
            .expect(Some(parts)),
        split("with an embargo", 10 * test, dev, test, embargo),
        split("without an embargo", 8 * test, dev, test, 0),
        split(
            "just enough for training, and too few",
            test + dev + embargo + 1,
            dev,
            test,
            embargo,
        ),
        split(
            "just enough for training, and too few",
            test + dev + embargo,
            dev,
            test,
            embargo,
        ),
        split("just enough for training, and too few", test + dev - 1, dev, test, embargo),
        split("just enough for training, and too few", test - 1, dev, test, embargo),
        split("just enough for dev, and one too few", 9 * test, embargo + 1, test, embargo),
        split("just enough for dev, and one too few", 9 * test, embargo, test, embargo),
        split("another series", 50 + 7 * test, test, dev, embargo).hidden(),
    ]
}
