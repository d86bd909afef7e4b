//! What a unit might follow, for each character of a text: true *once this character was read*.

use seqcore::data::marks::{Feature, run_lengths, speaker_lines};

/// The features, in the order of the tables. Those that a text does not have are constant.
pub fn features(text: &[char]) -> Vec<Feature> {
    let truth = |b: bool| f64::from(u8::from(b));
    let names = speaker_lines(text);
    let mut in_name = vec![0.0; text.len()];
    names.into_iter().for_each(|name| in_name[name].fill(1.0));
    let line_ends = (0..text.len()).map(|i| truth(text.get(i + 1) == Some(&'\n'))).collect();
    vec![
        Feature { name: "inside brackets", values: between(text, &['[', '('], &[']', ')']) },
        Feature { name: "inside quotes", values: quoted(text) },
        Feature { name: "inside a speaker's name", values: in_name },
        Feature { name: "position in the line", values: run_lengths(text, |c| c != '\n') },
        Feature { name: "the line ends next", values: line_ends },
        Feature {
            name: "length of the sentence",
            values: run_lengths(text, |c| !['.', '!', '?'].contains(&c)),
        },
        Feature {
            name: "letters since the word began",
            values: run_lengths(text, |c| c.is_alphabetic()),
        },
    ]
}

/// 1 from an opening mark to the one before the next closing mark.
fn between(text: &[char], opening: &[char], closing: &[char]) -> Vec<f64> {
    let mut inside = false;
    let step = |c: &char| {
        inside = (inside || opening.contains(c)) && !closing.contains(c);
        f64::from(u8::from(inside))
    };
    text.iter().map(step).collect()
}

/// 1 between straight quotation marks; a new paragraph closes what was left open.
fn quoted(text: &[char]) -> Vec<f64> {
    let mut inside = false;
    let mut previous = ' ';
    let step = |&c: &char| {
        match c {
            '"' => inside = !inside,
            '\n' if previous == '\n' => inside = false,
            _ => {}
        }
        previous = c;
        f64::from(u8::from(inside))
    };
    text.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_a_few_lines() {
        let text: Vec<char> = "x\n\nNAB:\n[Sits] \"Ay.\"\n".chars().collect();
        let line = |name: &str| {
            let feature = features(&text).into_iter().find(|f| f.name == name).unwrap();
            feature.values.iter().map(|v| format!("{v}")).collect::<String>()
        };
        // A character each: x, two line ends, NAB:, a line end, [Sits], a space, "Ay.", a line end.
        assert_eq!(line("inside brackets"), "000000001111100000000");
        assert_eq!(line("inside quotes"), "000000000000000111100");
        assert_eq!(line("inside a speaker's name"), "000111000000000000000");
        assert_eq!(line("the line ends next"), "110000100000000000010");
        assert_eq!(line("letters since the word began"), "100123000123400012000");
    }
}
