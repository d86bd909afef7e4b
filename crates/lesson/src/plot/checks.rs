//! What every figure has to satisfy: a small reader of the SVG that checks structure and layout.

use super::canvas::WIDTH;
use super::*;
use crate::text::width;

/// A text's box in the drawing's own unit: left, top, right, bottom.
type Box = (f64, f64, f64, f64);

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let to = from + tag[from..].find('"')?;
    Some(tag[from..to].to_owned())
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

/// Checks that tags nest, and returns each text with its box.
pub(crate) fn texts(svg: &str) -> Vec<(String, Box)> {
    let (mut open, mut found, mut rest) = (Vec::new(), Vec::new(), svg);
    while let Some(start) = rest.find('<') {
        let before = &rest[..start];
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<'), "a raw < inside {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            let opened: String = open.pop().expect("an opening tag");
            assert_eq!(opened.split(' ').next(), Some(name));
            if name == "text" {
                found.push((unescape(before.trim()), text_box(&opened, &unescape(before.trim()))));
            }
        } else if !tag.ends_with('/') {
            open.push(tag.to_owned());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    found
}

fn text_box(tag: &str, text: &str) -> Box {
    let number = |name| attribute(tag, name).expect(name).parse::<f64>().expect("a number");
    let (x, y, size) = (number("x"), number("y"), number("font-size"));
    let wide = width(text, size);
    let left = match attribute(tag, "text-anchor").as_deref() {
        Some("start") => x,
        Some("middle") => x - 0.5 * wide,
        _ => x - wide,
    };
    if tag.contains("rotate(270") {
        return (x - 0.5 * size, y - wide, x + 0.5 * size, y);
    }
    (left, y - 0.5 * size, left + wide, y + 0.5 * size)
}

/// Every figure: well-formed, no text outside, no two texts on each other, no NaN, no ids.
pub(crate) fn check(figure: &Figure) {
    let texts = texts(&figure.svg);
    let view = attribute(&figure.svg, "viewBox").expect("a viewBox");
    let view: Vec<f64> = view.split(' ').map(|v| v.parse().expect("a number")).collect();
    for (text, b) in &texts {
        let inside = b.0 >= -1.0 && b.1 >= -1.0 && b.2 <= view[2] + 1.0 && b.3 <= view[3] + 1.0;
        assert!(inside, "{text} at {b:?} leaves {view:?}");
    }
    for (i, (a, p)) in texts.iter().enumerate() {
        for (b, q) in &texts[i + 1..] {
            let apart =
                p.2 <= q.0 + 1.0 || q.2 <= p.0 + 1.0 || p.3 <= q.1 + 1.0 || q.3 <= p.1 + 1.0;
            assert!(apart, "\"{a}\" {p:?} and \"{b}\" {q:?} overlap");
        }
    }
    assert!(!figure.svg.contains("NaN") && !figure.svg.contains(" id="), "{}", figure.svg);
    assert!(figure.svg.contains("prefers-color-scheme:dark"));
    assert_eq!(view[2] / WIDTH, 4.0);
}

fn curve(n: usize, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (0..n).map(|i| (i as f64, f(i as f64))).collect()
}

#[test]
fn line_charts() {
    let chart = LineChart::new("Température (°C) – naïve & <bold> forecasts of a very long title that has to be broken into lines", "alt \"quoted\" <&>")
        .x("day of the year – °C")
        .y("temperature (°C)")
        .series("température mesurée à l’aéroport (°C)", &curve(2000, |t| (t / 50.0).sin()))
        .band(&[(0.0, -1.0, 1.0), (500.0, -0.5, 0.5), (600.0, f64::NAN, 1.0), (900.0, 0.0, 1.0)])
        .series("prévision – LSTM", &curve(300, |t| (t / 30.0).cos()))
        .series("GRU", &curve(300, |t| (t / 40.0).cos()))
        .series("a name that is much longer than the whole figure is wide, so that it can only be shown on several lines of text, é–°", &[(0.0, 0.0)])
        .reference("persistence", 0.5)
        .reference("seasonal mean", 0.501)
        .reference("an average with quite a long name", 0.502)
        .reference("unusable", f64::NAN);
    let figure = chart.render();
    check(&figure);
    assert_eq!(figure, chart.render(), "same data, same bytes");
    // 2000 points on about 500 pixels are thinned, and `&` is escaped once.
    assert!(figure.svg.len() < 80_000, "{}", figure.svg.len());
    assert!(figure.svg.contains("&amp; &lt;bold&gt;"));
    assert_eq!(figure.data.rows.len(), 2000 + 300 + 300 + 1 + 3);
}

#[test]
fn lines_with_gaps_constants_and_nothing() {
    let gaps =
        [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, f64::INFINITY), (4.0, 1.0), (5.0, 2.0)];
    let figure = LineChart::new("Gaps", "a").series("s", &gaps).render();
    check(&figure);
    // Two lone points as markers; the grid's and the data's lines as paths.
    assert_eq!(figure.svg.matches("<circle").count(), 2);
    for log in [false, true] {
        for points in [
            vec![],
            vec![(1.0, 2.0)],
            curve(5, |_| 7.0),
            curve(5, |_| 0.0),
            curve(3, |t| 1e200 * (t - 1.0)),
            curve(9, |t| 10f64.powf(-t)),
        ] {
            let mut chart = LineChart::new("t", "a").series("s", &points).x("x").y("y");
            chart.log_y = log;
            check(&chart.render());
        }
    }
    check(&LineChart::new("", "a").render());
    let many =
        (0..30).fold(LineChart::new("References", "a"), |c, i| c.reference(format!("r{i}"), 1.0));
    check(&many.render());
}

#[test]
fn scatters() {
    let points: Vec<_> =
        (0..200).map(|i| ((i * 37 % 101) as f64, (i * 53 % 97) as f64, format!("é{i}"))).collect();
    let scatter = Scatter::new("Hidden states", "a")
        .x("first component")
        .y("second component")
        .labelled("vowels", &points)
        .group("others", &[(5.0, f64::NAN), (3.0, 4.0)])
        .diagonal();
    check(&scatter.render());
    check(&Scatter::new("Empty", "a").group("none", &[]).render());
    let crowd = [(1.0, 1.0, "one"); 20];
    let figure = Scatter::new("Crowd", "a").labelled("same place", &crowd).render();
    check(&figure);
    let shown = texts(&figure.svg).iter().filter(|t| t.0 == "one").count();
    assert!((1..=4).contains(&shown), "{shown}");
}

#[test]
fn bar_charts() {
    let chart = BarChart::new("Held-out loss", "a")
        .unit("nats/char – less is better")
        .bar("uniform", 4.174)
        .bar("interpolated modified Kneser–Ney 5-gram with a name that goes on and on", 1.52)
        .bar("failed", f64::NAN)
        .bar("below zero", -1.0)
        .highlight("RNN", 1.7);
    check(&chart.render());
    check(&BarChart::new("Nothing", "a").render());
    check(&BarChart::new("", "a").bar("zero", 0.0).render());
    check(&BarChart::new("", "a").bar("all", -2.0).bar("negative", -1e-9).render());
}

#[test]
fn heat_maps() {
    use ndarray::Array2;
    let values = Array2::from_shape_fn((5, 7), |(i, j)| (i as f64 - 2.0) * (j as f64 - 3.0) / 6.0);
    let small = HeatMap::new("W_hh – weights", "a", values.view())
        .rows("to unit", (0..5).map(|i| format!("é{i}")))
        .columns("from unit", (0..7).map(|i| format!("h{i}")))
        .scale(Scale::Diverging)
        .show_values();
    check(&small.render());
    assert!(small.render().svg.contains("−0.333"));
    let large = Array2::from_shape_fn((90, 120), |(i, j)| ((i * j) as f64).sin());
    let large = HeatMap::new("Activations", "a", large.view())
        .rows("unit", (0..90).map(|i| i.to_string()))
        .columns("character", (0..120).map(|j| format!("character {j}")))
        .show_values();
    check(&large.render());
    check(&HeatMap::new("Empty", "a", Array2::zeros((0, 0)).view()).render());
    let odd = Array2::from_shape_vec((1, 3), vec![f64::NAN, 1e300, -1e300]).unwrap();
    check(&HeatMap::new("Odd", "a", odd.view()).scale(Scale::Diverging).render());
    let odd = HeatMap::new("Odd", "a", odd.view()).show_values().columns("", ["\n", "\0", "\t"]);
    check(&odd.render());
    assert!(odd.render().svg.contains('↵') && !odd.render().svg.contains('\0'));
}
