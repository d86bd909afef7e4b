//! A text whose characters are coloured by a value.

use super::Terminal;
use crate::plot::axis::number;
use crate::plot::heat::{Scale, Shading, TextHeat};
use crate::text;

/// The text with coloured backgrounds; without colour, a row of marks below each line.
///
/// Marks are digits, 0 for the low end of the scale and 9 for the high one. On a diverging scale
/// digits are positive and the letters a (little) to i (much) negative.
pub fn heat_text(heat: &TextHeat, terminal: &Terminal) -> String {
    let shading = heat.shading();
    let width = terminal.measure();
    let mut out = String::new();
    if !heat.title.is_empty() {
        for line in terminal.wrap(&terminal.show(&heat.title)).lines() {
            out += &format!("{}\n", terminal.bold(line));
        }
    }
    for line in lines(heat, width, terminal) {
        if terminal.color {
            for (c, value) in &line {
                out += &colored(&c.to_string(), shading.amount(*value));
            }
            out.push('\n');
        } else {
            let letters: String = line.iter().map(|p| p.0).collect();
            let marks: String = line
                .iter()
                .flat_map(|(c, value)| {
                    // A wide character has a mark for each of its columns.
                    let mark = mark(shading.amount(*value), shading.scale, *value);
                    std::iter::repeat_n(mark, text::columns(&c.to_string()))
                })
                .collect();
            out += &format!("{}\n{}\n", letters.trim_end(), marks.trim_end());
        }
    }
    for line in terminal.wrap(&terminal.show(&key(&shading, terminal))).lines() {
        out += &format!("{line}\n");
    }
    out
}

/// The characters with their values, broken at line ends and at the terminal's width.
fn lines(heat: &TextHeat, width: usize, terminal: &Terminal) -> Vec<Vec<(char, f64)>> {
    let line_end = if terminal.unicode { '↵' } else { '~' };
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    for (piece, value) in &heat.pieces {
        for c in piece.chars() {
            let ends = c == '\n';
            let c = match c {
                '\n' => line_end,
                '\t' => ' ',
                c if c.is_control() => '.',
                c if c.is_ascii() || terminal.unicode => c,
                _ => '?',
            };
            let wide = text::columns(&c.to_string());
            if used + wide > width {
                lines.push(Vec::new());
                used = 0;
            }
            lines.last_mut().expect("never empty").push((c, *value));
            used += wide;
            if ends {
                lines.push(Vec::new());
                used = 0;
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn mark(amount: f64, scale: Scale, value: f64) -> char {
    if !value.is_finite() {
        return ' ';
    }
    let level = (amount.abs() * 9.0).round() as u8;
    match scale {
        Scale::Diverging if amount < 0.0 && level > 0 => char::from(b'a' + level - 1),
        _ => char::from(b'0' + level),
    }
}

fn colored(text: &str, amount: f64) -> String {
    // Steps of the 256-colour cube from pale to strong.
    const POSITIVE: [u8; 5] = [153, 117, 75, 33, 25];
    const NEGATIVE: [u8; 5] = [223, 216, 209, 202, 166];
    let level = (amount.abs() * 5.0).round() as usize;
    if level == 0 {
        return text.to_owned();
    }
    let ramp = if amount < 0.0 { NEGATIVE } else { POSITIVE };
    let letters = if level >= 5 { 231 } else { 16 };
    format!("\x1b[38;5;{letters};48;5;{}m{text}\x1b[0m", ramp[level - 1])
}

fn key(shading: &Shading, terminal: &Terminal) -> String {
    let (low, high) = (number(shading.low), number(shading.high));
    match (terminal.color, shading.scale) {
        (true, Scale::Sequential) => {
            let steps: String = (0..6).map(|i| colored(" ", f64::from(i) / 5.0)).collect();
            format!("{low} {steps} {high}")
        }
        (true, Scale::Diverging) => {
            let steps: String = (-5..6).map(|i| colored(" ", f64::from(i) / 5.0)).collect();
            format!("{low} {steps} {high}")
        }
        (false, Scale::Sequential) => format!("(0 = {low}, 9 = {high})"),
        (false, Scale::Diverging) => format!("(9 = {high}, 0 = zero, i = {low})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_digits_stand_below() {
        let pieces = [("a", 0.0), ("é", 0.5), ("\n", 1.0), ("中", 1.0), ("x", f64::NAN)];
        let heat = TextHeat::new("Title", pieces);
        let expected = "Title\naé↵\n059\n中x\n99\n(0 = 0, 9 = 1)\n";
        assert_eq!(heat_text(&heat, &Terminal::plain(40)), expected);
        let diverging = TextHeat::new("", [("up", 2.0), ("dn", -1.0)]).scale(Scale::Diverging);
        let expected = "updn\n99ee\n(9 = 2, 0 = zero, i = −2)\n";
        assert_eq!(heat_text(&diverging, &Terminal::plain(40)), expected);
    }

    #[test]
    fn colour_is_reset_after_every_character() {
        let heat = TextHeat::new("", [("a", 0.0), ("b", 1.0)]);
        let drawn = heat_text(&heat, &Terminal { width: 40, color: true, unicode: true });
        assert!(drawn.starts_with("a\x1b[38;5;231;48;5;25mb\x1b[0m\n"), "{drawn:?}");
    }

    #[test]
    fn long_text_is_broken_and_odd_scales_do_not_panic() {
        let heat = TextHeat::new("", "x".repeat(50).chars().map(|c| (c.to_string(), 3.0)));
        let drawn = heat_text(&heat, &Terminal::plain(20));
        assert!(drawn.lines().all(|l| text::columns(l) <= 20));
        assert!(heat_text(&TextHeat::new("", [("", 0.0); 0]), &Terminal::plain(20)).len() < 20);
    }
}
