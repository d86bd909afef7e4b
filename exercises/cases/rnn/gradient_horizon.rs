//! Radii of any kind of eigenvalues, complex pairs included. For horizons, the exact number of steps keeps away from whole numbers.

use kit::cases::*;

/// A radius and a share which is reached well between two whole steps.
fn fading(draw: &mut Draw, name: &str) -> Case {
    loop {
        let (radius, left) = (draw.number(0.5, 0.97), draw.number(0.01, 0.3));
        let rest = (f64::ln(left) / f64::ln(radius)).fract();
        if (0.2..0.8).contains(&rest) {
            return call!(name, horizon(radius, left));
        }
    }
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [h, other] = draw.sizes();
    let turn = draw.number(0.5, 0.9);
    let mut cases = vec![
        call!("worked example: radius", spectral_radius(array![[0.9, 1.0], [0.0, 0.9]]))
            .expect(0.9),
        call!("worked example: horizon", horizon(0.9, 0.01)).expect(Some(44_usize)),
        call!("a random matrix", spectral_radius(draw.normal((h, h)))),
        // A rotation: the eigenvalues are a complex pair.
        call!("a rotation that shrinks", spectral_radius(array![[0.3, -turn], [turn, 0.3]])),
        call!(
            "a rotation that shrinks",
            spectral_radius(array![[0.0, -2.0 * turn], [0.5 * turn, 0.0]])
        ),
    ];
    for _ in 0..3 {
        cases.push(fading(draw, "horizons"));
    }
    cases.push(call!("radius 0, and radius 1 or more", horizon(0.0, 0.2)));
    cases.push(call!("radius 0, and radius 1 or more", horizon(draw.number(1.1, 1.5), 0.1)));
    cases.push(call!("radius 0, and radius 1 or more", horizon(1.0, 0.1)));
    cases.push(call!(
        "radius 0, and radius 1 or more",
        spectral_radius(array![[0.0, 2.0], [0.0, 0.0]])
    ));
    cases
        .push(call!("another matrix", spectral_radius(draw.normal((other, other)) * 0.3)).hidden());
    cases.push(fading(draw, "another matrix").hidden());
    cases
}
