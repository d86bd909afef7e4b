//! W and H differ, and all values are different.

use kit::cases::*;

fn slide(draw: &mut Draw, name: &str, len: usize, history: usize, horizon: usize) -> Case {
    call!(name, windows(draw.distinct(-9.0, 9.0, len), history, horizon))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = vec![10.0, 14.0, 20.0, 12.0, 12.0, 16.0];
    let inputs = array![[10.0, 14.0, 20.0], [14.0, 20.0, 12.0]];
    let targets = array![[12.0, 12.0], [12.0, 16.0]];
    let [n, w, h] = draw.sizes();
    vec![
        call!("worked example", windows(example, 3_usize, 2_usize)).expect((inputs, targets)),
        slide(draw, "several windows", n + w + h - 1, w, h),
        slide(draw, "one step ahead", n + w, w, 1),
        slide(draw, "just long enough, and too short", w + h, w, h),
        slide(draw, "just long enough, and too short", w + h - 1, w, h),
        slide(draw, "just long enough, and too short", w + h - 2, w, h),
        slide(draw, "another series", n + w + h + 2, h, w).hidden(),
    ]
}
