//! The Markdown of the course: no link, anchor or path leads nowhere, and every command that is
//! shown exists.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::sources::{root, sources};

/// The folders whose Markdown is ours. Whatever else lies in the root is a user's: notes, a class's
/// submissions, a Python environment.
const FOLDERS: [&str; 8] =
    ["crates", "datasets", "docs", "exercises", "fuzz", "parity", "theory", "xtask"];

/// What to touch for an exercise, a data set, a cell, a lesson.
const CONTRIBUTING: &str = "CONTRIBUTING.md";

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    // A handout for learners lacks some.
    pages.extend(Some(root().join(CONTRIBUTING)).filter(|page| page.exists()));
    for folder in FOLDERS.map(|folder| root().join(folder)).iter().filter(|folder| folder.exists())
    {
        below(folder, &mut pages);
    }
    assert!(pages.len() > 10, "only {} pages found", pages.len());
    pages
}

fn below(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        let elsewhere = ["target", "out", "cache"];
        if path.is_dir() && !path.is_symlink() {
            if !name.starts_with('.') && !elsewhere.contains(&&*name) {
                below(&path, pages);
            }
        } else if name.ends_with(".md") {
            pages.push(path);
        }
    }
}

/// A page, its code and its prose apart.
struct Page {
    /// Text outside of code, with spans of code left out; for links.
    prose: String,
    /// Headings as written.
    headings: Vec<String>,
    /// Lines of fenced blocks, and spans of code.
    code: Vec<String>,
}

impl Page {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let (mut prose, mut headings, mut code) = (String::new(), Vec::new(), Vec::new());
        let mut fence: Option<&str> = None;
        // A span may go on on the next line, but not on the next paragraph's.
        let mut paragraph = String::new();
        for line in text.lines().chain([""]) {
            let start = line.trim_start();
            match fence {
                Some(mark) if start.starts_with(mark) => fence = None,
                Some(_) => code.push(start.to_owned()),
                None if start.starts_with("```") => fence = Some("```"),
                None if start.starts_with("~~~") => fence = Some("~~~"),
                None => {
                    if let Some(heading) = line.strip_prefix('#') {
                        headings.push(heading.trim_start_matches('#').trim().to_owned());
                    }
                    if start.is_empty() || start.starts_with('|') {
                        spans(&std::mem::take(&mut paragraph), &mut prose, &mut code);
                    }
                    paragraph.push_str(line.trim_start_matches("> "));
                    paragraph.push('\n');
                    if start.starts_with('|') {
                        spans(&std::mem::take(&mut paragraph), &mut prose, &mut code);
                    }
                }
            }
        }
        spans(&paragraph, &mut prose, &mut code);
        Self { prose, headings, code }
    }

    /// What `#...` may name here.
    fn anchors(&self) -> HashSet<String> {
        let mut anchors = HashSet::new();
        for heading in &self.headings {
            let slug = slug(heading);
            let numbered = (0..).map(|n| if n == 0 { slug.clone() } else { format!("{slug}-{n}") });
            anchors.insert(numbered.into_iter().find(|s| !anchors.contains(s)).unwrap());
        }
        let ids = self.prose.split("id=\"").skip(1);
        anchors.extend(ids.map(|rest| rest.split('"').next().unwrap().to_owned()));
        anchors
    }

    /// What links and pictures point to.
    fn links(&self) -> Vec<&str> {
        let markdown = self.prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let html = ["href=\"", "src=\"", "srcset=\""];
        let html = html.iter().flat_map(|mark| self.prose.split(mark).skip(1));
        let html = html.filter_map(|rest| rest.split_once('"'));
        markdown.chain(html).map(|(target, _)| target.split(' ').next().unwrap()).collect()
    }
}

/// Sorts a paragraph into prose and spans of code.
fn spans(paragraph: &str, prose: &mut String, code: &mut Vec<String>) {
    for (i, piece) in paragraph.split('`').enumerate() {
        if i % 2 == 0 {
            prose.push_str(piece);
        } else {
            code.push(piece.replace('\n', " "));
        }
    }
}

/// The anchor that GitHub gives a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_and_anchors_lead_somewhere() {
    let mut dead = Vec::new();
    for path in pages() {
        let page = Page::read(&path);
        for link in page.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file.replace("%20", " ")),
            };
            let is_page = target.extension().is_some_and(|ending| ending == "md");
            if !target.exists() {
                dead.push(format!("{}: {link}", path.display()));
            } else if !anchor.is_empty()
                && is_page
                && !Page::read(&target).anchors().contains(anchor)
            {
                dead.push(format!("{}: {link} (no such anchor)", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// What stands for a name in a path, and for the number of a chapter.
const PLACEHOLDERS: [&str; 4] = ["LESSON", "NAME", "ID", "0N"];

/// Whether a path leads somewhere. One with a placeholder does if any path of its form is there.
fn leads_somewhere(path: &str) -> bool {
    let mut places = vec![root()];
    for name in path.trim_end_matches('/').split('/') {
        let words = |c: char| !c.is_ascii_alphanumeric();
        if !name.split(words).any(|word| PLACEHOLDERS.contains(&word)) {
            places = places.iter().map(|place| place.join(name)).filter(|p| p.exists()).collect();
            continue;
        }
        let form = PLACEHOLDERS.iter().fold(name.to_owned(), |form, word| form.replace(word, "*"));
        let entries = places.iter().filter_map(|place| std::fs::read_dir(place).ok()).flatten();
        let entries = entries.map(|entry| entry.unwrap().path());
        let fits = |path: &PathBuf| has_form(&path.file_name().unwrap().to_string_lossy(), &form);
        places = entries.filter(fits).collect();
    }
    !places.is_empty()
}

/// Whether a name has a form, in which `*` stands for any text.
fn has_form(name: &str, form: &str) -> bool {
    match form.split_once('*') {
        None => name == form,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let mut behind = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            behind.any(|at| has_form(&name[at..], rest))
        }),
    }
}

#[test]
fn paths_in_code_spans_exist() {
    let ours = [
        "crates/",
        "datasets/",
        "docs/",
        "exercises/",
        "fuzz/",
        "parity/",
        "theory/",
        "xtask/",
        ".ci/",
    ];
    let mut missing = Vec::new();
    for path in pages() {
        for span in Page::read(&path).code {
            let plain =
                !span.contains([' ', '*', '<', '{', '$', '(', '=']) && !span.contains("...");
            if plain && ours.iter().any(|folder| span.starts_with(folder)) {
                // A handout lacks whole folders. The cache is filled by fetching.
                let folder = root().join(span.split('/').next().unwrap());
                let is_cache = span.starts_with("datasets/cache");
                if folder.exists() && !is_cache && !leads_somewhere(&span) {
                    missing.push(format!("{}: {span}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such file:\n{}", missing.join("\n"));
}

#[test]
fn placeholders_stand_for_a_name() {
    for path in
        ["crates/NAME/src/main.rs", "exercises/src/LESSON/ID.rs", "theory/0N_NAME.md", "theory"]
    {
        assert!(leads_somewhere(path), "{path}");
    }
    for path in
        ["crates/NAME/src/mein.rs", "exercises/src/LESSON/ID.md", "theory/0N_NAME.rs", "theories"]
    {
        assert!(!leads_somewhere(path), "{path}");
    }
    assert!(has_form("a_b.rs", "*_*.rs") && !has_form("a_b.rss", "*_*.rs") && has_form("é", "*"));
}

/// Each file of ours that treats one cell otherwise than another must be told to whoever adds one.
#[test]
fn the_files_for_a_new_cell_are_all_named() {
    if !root().join(CONTRIBUTING).exists() {
        return; // a handout
    }
    let named: HashSet<String> = Page::read(&root().join(CONTRIBUTING)).code.into_iter().collect();
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    sources(&root().join("xtask/bench/src"), &mut files);
    let mut found = 0;
    for file in files {
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let is_test = path.contains("/tests/") || path.contains("/examples/");
        let code = std::fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap();
        let signs = ["Cell::Gru =>", "=> Cell::Gru", "gru_forward", "rnn_relu"];
        if !is_test && signs.iter().any(|sign| code.contains(sign)) {
            found += 1;
            let own = path.replace("/gru.rs", "/NAME.rs");
            assert!(named.contains(&own), "{CONTRIBUTING} does not name {own} for a new cell");
        }
    }
    assert!(found > 12, "only {found} files found");
}

/// The sources of a package, one behind the other.
fn source_of(folder: &Path) -> String {
    let mut files = Vec::new();
    sources(folder, &mut files);
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// The folder of a package of the workspace.
fn package(name: &str) -> Option<PathBuf> {
    let folders = [root().join("crates").join(name)];
    let nested = name.strip_prefix("xtask-").map(|rest| root().join("xtask").join(rest));
    let others = [root().join("xtask"), root().join("exercises")];
    folders.into_iter().chain(nested).chain(others).find(|folder| {
        std::fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|manifest| manifest.contains(&format!("name = \"{name}\"")))
    })
}

/// `predict-all` is `PredictAll` where it is declared.
fn variant(name: &str) -> String {
    let word = |w: &str| w[..1].to_uppercase() + &w[1..];
    name.split('-').map(word).collect()
}

/// What is wrong with the arguments for a program with these sources, if anything.
fn check_arguments(given: &[&str], source: &str) -> Result<(), String> {
    let mut given = given.iter().peekable();
    if let Some(first) = given.peek().filter(|first| !first.starts_with(['-', '"', '<'])) {
        let named = format!("name = \"{first}\"");
        let declared = |ending: &str| source.contains(&format!(" {}{ending}", variant(first)));
        if source.contains("Subcommand")
            && ![" {", ",", "("].into_iter().any(declared)
            && !source.contains(&named)
        {
            return Err(format!("no command {first}"));
        }
    }
    while let Some(argument) = given.next() {
        let Some(option) = argument.strip_prefix("--") else { continue };
        let (option, value) = match option.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (option, given.peek().map(|next| **next)),
        };
        let field = option.replace('-', "_");
        let known =
            [format!(" {field}:"), format!("long = \"{option}\""), format!("\"--{option}\"")];
        if option != "help" && !known.iter().any(|form| source.contains(form)) {
            return Err(format!("no option --{option}"));
        }
        if let ("part", Some(part)) = (option, value) {
            let name = format!("name: \"{part}\"");
            if part.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !source.contains(&name) {
                return Err(format!("no part {part}"));
            }
        }
    }
    Ok(())
}

/// What is wrong with a command, if anything.
fn check(command: &str) -> Result<(), String> {
    let command = command.split(['#', '|', ';', '>']).next().unwrap().split("&&").next().unwrap();
    let words: Vec<&str> = command.split_whitespace().collect();
    let value = |flags: [&str; 2]| {
        let at = words.iter().position(|word| flags.contains(word))?;
        words.get(at + 1).copied()
    };
    let behind = words.iter().position(|word| *word == "--").map_or(words.len(), |at| at + 1);
    match words.get(1).copied().unwrap_or("") {
        "xtask" => {
            let Some(&name) = words.get(2) else { return Ok(()) };
            let dispatcher = source_of(&root().join("xtask/src"));
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                return Ok(());
            }
            // `("hint", "xtask-grade", &["hint"], ...)`: name, package, its first arguments.
            let entry = format!("(\"{name}\", \"");
            let Some((_, entry)) = dispatcher.split_once(&entry) else {
                return Err(format!("no command xtask {name}"));
            };
            let folder = package(entry.split('"').next().unwrap());
            let folder = folder.ok_or_else(|| format!("no package for xtask {name}"))?;
            let first = entry.split("&[").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
            let first = first.split(',').map(|word| word.trim().trim_matches('"'));
            let first = first.filter(|word| !word.is_empty());
            let arguments: Vec<&str> = first.chain(words[3..].iter().copied()).collect();
            check_arguments(&arguments, &source_of(&folder))
        }
        "run" | "test" | "check" | "build" | "bench" | "clippy" | "doc" => {
            let Some(name) = value(["-p", "--package"]) else { return Ok(()) };
            let Some(folder) = package(name) else {
                let shown = name.chars().any(|c| c.is_ascii_uppercase());
                return if shown { Ok(()) } else { Err(format!("no package {name}")) };
            };
            if let Some(example) = value(["--example", "--example"]) {
                let file = folder.join(format!("examples/{example}.rs"));
                let there =
                    file.exists() || folder.join(format!("examples/{example}/main.rs")).exists();
                return if there { Ok(()) } else { Err(format!("no example {example}")) };
            }
            let lesson = source_of(&folder) + &source_of(&root().join("crates/lesson/src"));
            check_arguments(if words[1] == "run" { &words[behind..] } else { &[] }, &lesson)
        }
        _ => Ok(()),
    }
}

#[test]
fn commands_exist() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for path in pages() {
        for span in Page::read(&path).code {
            // `cargo ...`, also behind a prompt or an environment variable.
            let start = span.strip_prefix("$ ").unwrap_or(&span);
            let start = start
                .split_once("cargo ")
                .filter(|(before, _)| before.split_whitespace().all(|word| word.contains('=')));
            if let Some((_, rest)) = start {
                checked += 1;
                if let Err(why) = check(&format!("cargo {rest}")) {
                    wrong.push(format!("{}: `{span}`: {why}", path.display()));
                }
            }
        }
    }
    assert!(checked > 40, "only {checked} commands found");
    assert!(wrong.is_empty(), "commands that do not exist:\n{}", wrong.join("\n"));
}

#[test]
fn wrong_commands_are_found() {
    assert!(check("cargo run -p rnn-basics -- --part gradients --full").is_ok());
    assert!(check("cargo run -p rnn-basics -- --part char-lm --hold-out dev").is_ok());
    for wrong in [
        "cargo run -p rnn-basic",
        "cargo run -p rnn-basics -- --part gradient",
        "cargo run -p rnn-basics -- --partt gradients",
        "cargo run -p seqcore --example torch_parities",
        "cargo xtask dato list",
        "cargo xtask data lists",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
    assert_eq!(slug("5.9 Is it really better?"), "59-is-it-really-better");
    assert_eq!(slug("2.8 Why it solves vanishing, and when it does not").len(), 47);
}

/// Where a batch and a submission go: each function is in a file that is named beside it.
#[test]
fn the_functions_on_the_ways_exist() {
    let Ok(text) = std::fs::read_to_string(root().join(CONTRIBUTING)) else { return };
    let is_step = |line: &str| line.starts_with(|c: char| c.is_ascii_digit());
    let mut steps: Vec<String> = Vec::new();
    for line in text.lines() {
        match steps.last_mut() {
            Some(step) if line.starts_with("   ") => *step += line,
            _ if is_step(line) => steps.push(line.to_owned()),
            _ => {}
        }
    }
    assert_eq!(steps.len(), 20);
    for step in steps {
        let spans: Vec<&str> = step.split('`').skip(1).step_by(2).collect();
        let (files, names): (Vec<_>, Vec<_>) =
            spans.into_iter().partition(|span| span.contains('/'));
        let code: String = files
            .iter()
            .map(|file| std::fs::read_to_string(root().join(file)).unwrap_or_default())
            .collect();
        for name in names.into_iter().map(|name| name.rsplit("::").next().unwrap()) {
            let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let is_there = code.contains(&format!("fn {name}"));
            assert!(!plain || is_there, "no function {name} in {files:?}");
        }
    }
}
