//! The known mistakes of an exercise, `exercises/mistakes/LESSON/ID.toml`: what learners do wrong,
//! each as changes to the reference solution, and what to say to who did it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::catalogue::{Course, Exercise, read};

/// A wrong version of the reference solution.
#[derive(Debug, Clone)]
pub struct WrongVersion {
    /// Its name among those of the exercise.
    pub name: String,
    /// What to tell who wrote it.
    pub advice: String,
    /// The solution with the mistake in it.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    advice: String,
    /// What stands in the solution, and what stands there instead.
    replace: Vec<(String, String)>,
}

/// All known mistakes of an exercise, in the order of their names; none where there is no file.
///
/// # Errors
/// A file that cannot be read, or that does not fit the solution any more.
pub fn wrong_versions(course: &Course, exercise: &Exercise) -> Result<Vec<WrongVersion>> {
    let path = course.file("mistakes", exercise).with_extension("toml");
    if !fs::exists(&path)? {
        return Ok(Vec::new());
    }
    let solution = read(&course.file("solutions", exercise))?;
    let entries: BTreeMap<String, Entry> =
        toml::from_str(&read(&path)?).with_context(|| path.display().to_string())?;
    let version = |(name, Entry { advice, replace }): (String, Entry)| {
        let source = replaced(&solution, &replace)
            .with_context(|| format!("{}: the mistake {name}", path.display()))?;
        Ok(WrongVersion { name, advice, source })
    };
    entries.into_iter().map(version).collect()
}

/// The text with other pieces in the place of some of its own. All are found before any is replaced,
/// so two may change places.
fn replaced(text: &str, pieces: &[(String, String)]) -> Result<String> {
    let mut places = Vec::new();
    for (from, to) in pieces {
        match text.match_indices(from).map(|(at, _)| at).collect::<Vec<_>>()[..] {
            [at] => places.push((at, from, to)),
            [] => bail!("{from:?} is not in the solution"),
            _ => bail!(
                "{from:?} is in the solution more than once; take more of what stands around it"
            ),
        }
    }
    places.sort_unstable();
    let (mut out, mut end) = (String::new(), 0);
    for (at, from, to) in places {
        ensure!(end <= at, "{from:?} overlaps with another piece; make one of the two");
        out += &text[end..at];
        out += to;
        end = at + from.len();
    }
    Ok(out + &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mistakes: &str) -> Result<Vec<WrongVersion>> {
        let folder = tempfile::tempdir()?;
        let exercise = "id = \"f\"\nlesson = \"rnn\"\ntitle = \"\"\npoints = 1\nminutes = 1\n\
                        difficulty = 1\nhints = []";
        let exercise: Exercise = toml::from_str(exercise)?;
        let course = Course { root: folder.path().to_owned(), exercises: Vec::new() };
        for (tree, file, text) in
            [("solutions", "f.rs", "fn f() { a + b + b }\n"), ("mistakes", "f.toml", mistakes)]
        {
            fs::create_dir_all(folder.path().join(tree).join("rnn"))?;
            fs::write(folder.path().join(tree).join("rnn").join(file), text)?;
        }
        wrong_versions(&course, &exercise)
    }

    #[test]
    fn pieces_of_the_solution_are_replaced() {
        let found = of("[two]\nadvice = \"2\"\nreplace = [['a', 'a - a'], ['b }', 'a }']]\n\
                        [one]\nadvice = \"1\"\nreplace = [['a + b', 'b']]")
        .unwrap();
        let found: Vec<_> = found.iter().map(|v| (v.name.as_str(), v.source.as_str())).collect();
        assert_eq!(found, [("one", "fn f() { b + b }\n"), ("two", "fn f() { a - a + b + a }\n")]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let said = |mistakes: &str| format!("{:#}", of(mistakes).unwrap_err());
        for (entry, pieces) in [
            ("replace = [['c', '']]", ["f.toml: the mistake m: \"c\" is not in", "solution"]),
            ("replace = [['+ b', '']]", ["f.toml: the mistake m: \"+ b\" is in", "more than once"]),
            ("replace = [['a + b', ''], ['b + b', '']]", ["the mistake m: \"b + b\"", "overlaps"]),
            ("replace = [['a']]", ["f.toml: ", "at line 3"]),
            ("source = 'x'", ["f.toml: ", "at line 3"]),
        ] {
            let said = said(&format!("[m]\nadvice = ''\n{entry}"));
            assert!(pieces.iter().all(|piece| said.contains(piece)), "{said}");
        }
    }
}
