//! Biases as they are drawn, and another size of network for every case.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [h, other] = draw.sizes();
    vec![
        call!("worked example", add_forget_bias(array![0.1, 0.2, -0.1, 0.3], 1.0))
            .expect(array![0.1, 1.2, -0.1, 0.3]),
        call!("worked example: time scale", bias_for(101.0)).expect(4.6052),
        call!("a layer", add_forget_bias(draw.uniform(-0.5, 0.5, 4 * h), 1.0)),
        call!(
            "another value",
            add_forget_bias(draw.uniform(-0.5, 0.5, 4 * h), draw.number(1.5, 3.0))
        ),
        call!("time scales", bias_for(draw.number(5.0, 50.0))),
        call!("time scales", bias_for(draw.number(200.0, 900.0))),
        call!("short time scales", bias_for(draw.number(1.1, 1.8))),
        call!(
            "another layer",
            add_forget_bias(draw.uniform(-0.5, 0.5, 4 * other), draw.number(0.5, 2.0))
        )
        .hidden(),
    ]
}
