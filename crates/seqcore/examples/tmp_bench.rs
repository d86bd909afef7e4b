use ndarray::Array2;
use seqcore::gemm::*;
use std::time::Instant;
fn time(name: &str, fl: f64, mut f: impl FnMut()) {
    f();
    let mut best = f64::MAX;
    let t0 = Instant::now();
    while t0.elapsed().as_secs_f64() < 0.4 {
        let t = Instant::now();
        for _ in 0..10 {
            f();
        }
        best = best.min(t.elapsed().as_secs_f64() / 10.0);
    }
    println!("  {name:14} {:.1} GF {:.1} us", fl / best / 1e9, best * 1e6);
}
fn main() {
    for (m, k, n) in [
        (16, 256, 1024),
        (16, 1024, 256),
        (12, 256, 1024),
        (8, 256, 1024),
        (1, 256, 1024),
        (1, 512, 2048),
        (1024, 256, 65),
        (1024, 65, 256),
        (16, 512, 2048),
        (32, 512, 2048),
        (32, 128, 128),
    ] {
        println!("{m} {k} {n}");
        let a = Array2::<f32>::from_elem((m, k), 0.5);
        let b = Array2::<f32>::from_elem((k, n), 0.5);
        let mut c = Array2::<f32>::zeros((m, n));
        let mut sc = vec![];
        let mut p = Packed::default();
        p.pack(b.view());
        let fl = 2.0 * (m * k * n) as f64;
        time("set", fl, || {
            multiply(a.as_slice().unwrap(), &p, c.as_slice_mut().unwrap(), Into::Set, &mut sc)
        });
        time("add", fl, || {
            multiply(a.as_slice().unwrap(), &p, c.as_slice_mut().unwrap(), Into::Add, &mut sc)
        });
        time("pack", 0.0, || p.pack(b.view()));
        let bt = b.t().as_standard_layout().to_owned();
        time("pack t", 0.0, || p.pack(bt.t()));
        time("ndarray", fl, || ndarray::linalg::general_mat_mul(1.0, &a, &b, 1.0, &mut c));
    }
    for (k, m, n) in [
        (1024, 256, 1024),
        (1024, 1024, 256),
        (1024, 65, 256),
        (2048, 512, 2048),
        (25, 128, 512),
        (25, 512, 128),
    ] {
        println!("T {k} {m} {n}");
        let a = Array2::<f32>::from_elem((k, m), 0.5);
        let b = Array2::<f32>::from_elem((k, n), 0.5);
        let mut c = Array2::<f32>::zeros((m, n));
        let mut s = Scratch::default();
        let fl = 2.0 * (m * k * n) as f64;
        time("add_t", fl, || {
            add_transposed(
                (m, n),
                a.as_slice().unwrap(),
                b.as_slice().unwrap(),
                c.as_slice_mut().unwrap(),
                &mut s,
            )
        });
        time("ndarray", fl, || ndarray::linalg::general_mat_mul(1.0, &a.t(), &b, 1.0, &mut c));
    }
}
