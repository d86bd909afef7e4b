//! Links: what a page points to must be in the book.
//!
//! A link to another page stays. A link to a source file or a folder leads to a page that shows it; a picture is
//! copied. A link to what is not there is an error.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use crate::pages::{Page, listing_path};

/// What the pages need beside themselves.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// Markdown files that are not in the book yet.
    pub pages: BTreeSet<PathBuf>,
    /// Text files to show.
    pub listings: BTreeSet<PathBuf>,
    /// Folders whose content is to be listed.
    pub folders: BTreeSet<PathBuf>,
    /// Pictures and other files to copy.
    pub files: BTreeSet<PathBuf>,
}

const PICTURES: [&str; 5] = ["svg", "png", "jpg", "gif", "webp"];

/// The page's text with its links led to pages; what they need is added to `needed`.
///
/// # Errors
/// A link to a file that does not exist, with its page and line.
pub fn lead(root: &Path, page: &Page, needed: &mut Needed) -> Result<String> {
    let mut out = String::with_capacity(page.text.len());
    let mut done = 0;
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES;
    for (event, range) in Parser::new_ext(&page.text, options).into_offset_iter() {
        let Event::Start(
            Tag::Link { link_type: LinkType::Inline, dest_url, .. }
            | Tag::Image { link_type: LinkType::Inline, dest_url, .. },
        ) = event
        else {
            continue;
        };
        let (path, anchor) = split_anchor(&dest_url);
        if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
            continue;
        }
        let line = || page.text[..range.start].matches('\n').count() + 1;
        let Some(target) = resolve(page.path.parent().unwrap_or(Path::new("")), path) else {
            bail!("{}, line {}: {path} leads out of the course", page.path.display(), line());
        };
        let Some(suffix) = need(root, &target, needed) else {
            bail!("{}, line {}: there is no {}", page.path.display(), line(), target.display());
        };
        // The address is the last thing in a link.
        let Some(at) = page.text[range.clone()].rfind(&*dest_url) else { continue };
        let at = range.start + at;
        if at < done {
            continue; // a picture inside a link: the link was led already
        }
        out += &page.text[done..at];
        out += path;
        out += suffix;
        out += anchor;
        done = at + dest_url.len();
    }
    Ok(out + &page.text[done..])
}

fn split_anchor(url: &str) -> (&str, &str) {
    url.split_at(url.find('#').unwrap_or(url.len()))
}

/// The path that a link means, relative to the root; `None` if it lies outside.
fn resolve(folder: &Path, link: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in folder.join(link).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Books what a target needs. Returns what is to be put behind the link's path, `None` if the target does not exist.
fn need(root: &Path, target: &Path, needed: &mut Needed) -> Option<&'static str> {
    let full = root.join(target);
    if full.is_dir() {
        if full.join("README.md").exists() {
            needed.pages.insert(target.join("README.md"));
            return Some("/README.md");
        }
        needed.folders.insert(target.to_owned());
        return Some("/index.md");
    }
    if !full.exists() {
        return None;
    }
    let extension = target.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    if extension == "md" {
        needed.pages.insert(target.to_owned());
        Some("")
    } else if PICTURES.contains(&extension) {
        needed.files.insert(target.to_owned());
        Some("")
    } else {
        needed.listings.insert(target.to_owned());
        Some(".md")
    }
}

/// A page with the names of a folder's files, each leading to a page that shows it.
///
/// # Errors
/// If the folder cannot be read.
pub fn folder_page(root: &Path, folder: &Path) -> Result<Page> {
    let title = folder.display().to_string().replace('\\', "/");
    let mut names = Vec::new();
    for entry in root.join(folder).read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What a folder of sources holds; no data, nothing hidden, nothing built.
        if Path::new(&name).extension().is_some_and(|e| e == "rs" || e == "md" || e == "toml") {
            names.push(name);
        }
    }
    names.sort();
    let list: String = names.iter().map(|name| format!("- [{name}]({name})\n")).collect();
    let text = format!("# {title}/\n\n{list}");
    Ok(Page { path: folder.join("index.md"), title: format!("{title}/"), text })
}

/// What is still missing from a set of pages.
impl Needed {
    /// Leaves out what is there already.
    pub fn without(mut self, there: &BTreeSet<PathBuf>) -> Self {
        self.pages.retain(|path| !there.contains(path));
        self.listings.retain(|path| !there.contains(&listing_path(path)));
        self.folders.retain(|path| !there.contains(&path.join("index.md")));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("README.md", "# Course"),
            ("theory/01.md", "# One"),
            ("theory/figures/a.svg", "<svg/>"),
            ("crates/core/src/lstm.rs", "fn step() {}"),
            ("crates/core/README.md", "# Core"),
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    fn page(text: &str) -> Page {
        Page { path: "theory/01.md".into(), title: "One".into(), text: text.into() }
    }

    #[test]
    fn links_lead_to_pages_listings_and_pictures() {
        let (root, mut needed) = (tree(), Needed::default());
        let text = "[home](../README.md#top) ![a](figures/a.svg) [step](../crates/core/src/lstm.rs) \
                    [core](../crates/core) [src](../crates/core/src) [web](https://example.org) [here](#R1) `[no](x.md)`";
        let led = lead(root.path(), &page(text), &mut needed).unwrap();
        assert_eq!(
            led,
            "[home](../README.md#top) ![a](figures/a.svg) [step](../crates/core/src/lstm.rs.md) \
             [core](../crates/core/README.md) [src](../crates/core/src/index.md) [web](https://example.org) [here](#R1) `[no](x.md)`"
        );
        let paths = |paths: &BTreeSet<PathBuf>| paths.iter().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&needed.pages), ["README.md", "crates/core/README.md"].map(PathBuf::from));
        assert_eq!(paths(&needed.listings), ["crates/core/src/lstm.rs"].map(PathBuf::from));
        assert_eq!(paths(&needed.folders), ["crates/core/src"].map(PathBuf::from));
        assert_eq!(paths(&needed.files), ["theory/figures/a.svg"].map(PathBuf::from));
    }

    #[test]
    fn a_dead_link_is_named_by_page_and_line() {
        let root = tree();
        for (text, expected) in [
            ("one\n[two](02.md)", "theory/01.md, line 2: there is no theory/02.md"),
            (
                "[out](../../secret.md)",
                "theory/01.md, line 1: ../../secret.md leads out of the course",
            ),
        ] {
            let error = lead(root.path(), &page(text), &mut Needed::default()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
