//! Which pages the book has, and in what order.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A page: a Markdown file of the repository, or one made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its place, relative to the repository's root.
    pub path: PathBuf,
    /// Its first heading.
    pub title: String,
    /// Markdown.
    pub text: String,
}

/// Pages under a common heading.
#[derive(Debug)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Its pages in order.
    pub pages: Vec<Page>,
}

/// The lessons in the order of the course.
const LESSONS: [&str; 5] = ["rnn-basics", "lstm-textgen", "gru-seq", "timeseries", "sentiment"];

/// The pages in the order of the course. The first section is the cover.
///
/// # Errors
/// A file that cannot be read.
pub fn sections(root: &Path) -> Result<Vec<Section>> {
    let (mut chapters, mut pages) = (Vec::new(), Vec::new());
    for page in folder(root, "theory")? {
        let name = page.path.file_name().expect("a file").to_string_lossy();
        let numbered = name.starts_with(|c: char| c.is_ascii_digit());
        if numbered { &mut chapters } else { &mut pages }.push(page);
    }
    let lessons = LESSONS.iter().map(|lesson| Path::new("crates").join(lesson).join("README.md"));
    let section = |title, pages| Section { title, pages };
    let mut sections = vec![
        section("", vec![Page::read(root, "README.md")?]),
        section("Theory", chapters),
        section("Lessons", existing(root, lessons)?),
        section("Exercises", folder(root, "exercises")?),
        section("Data", existing(root, [PathBuf::from("datasets/README.md")])?),
        section("Beside the course", pages),
        section("About the code", folder(root, "docs")?),
    ];
    sections.retain(|section| !section.pages.is_empty());
    Ok(sections)
}

/// The Markdown files of a folder, by name, its README first.
fn folder(root: &Path, folder: &str) -> Result<Vec<Page>> {
    let path = root.join(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in path.read_dir().with_context(|| format!("cannot read {}", path.display()))? {
        let name = entry?.file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name != "README.md", name.clone()));
    names.into_iter().map(|name| Page::read(root, Path::new(folder).join(name))).collect()
}

fn existing(root: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Result<Vec<Page>> {
    paths.into_iter().filter(|path| root.join(path).exists()).map(|p| Page::read(root, p)).collect()
}

impl Page {
    /// Reads a Markdown file below `root`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(root: &Path, path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let text = std::fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        let title = text.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.map_or_else(|| path.display().to_string(), |title| title.trim().into());
        Ok(Self { path, title, text })
    }

    /// A page that shows a file of another kind.
    ///
    /// # Errors
    /// If it cannot be read as text.
    pub fn listing(root: &Path, path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(path))
            .with_context(|| format!("cannot show {}", path.display()))?;
        let language = match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => "rust,ignore",
            Some(other) => other,
            None => "text",
        };
        let title = path.display().to_string().replace('\\', "/");
        // A fence longer than any in the file.
        let text = format!("# {title}\n\n``````{language}\n{}\n``````\n", text.trim_end());
        Ok(Self { path: listing_path(path), title, text })
    }
}

/// Where the page stands that shows a file.
pub fn listing_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".md");
    name.into()
}
