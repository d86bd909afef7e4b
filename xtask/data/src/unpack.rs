//! The wanted files out of a zip or tar.gz, into one flat folder.
//!
//! A member is wanted by its last name, must be a regular file, and is written under that name, so
//! that no path of the archive is ever used. An archive with a path that leaves its folder
//! (absolute, `..`, a drive letter) is refused as a whole, whether we want that member or not.
//! The sums inside the archive (CRC-32) are checked by reading to the end.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;

/// Unpacks the files called `wanted` into `folder`.
///
/// # Errors
/// No archive, a damaged or hostile one, a wanted file that is missing, is there twice or is no
/// regular file, and a folder that cannot be written.
pub fn unpack(archive: &Path, wanted: &[String], folder: &Path) -> Result<()> {
    let name = archive.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut found = Vec::new();
    let result = if name.ends_with(".zip") {
        unpack_zip(archive, wanted, folder, &mut found)
    } else if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
        unpack_tar_gz(archive, wanted, folder, &mut found)
    } else {
        bail!("{} is neither a .zip nor a .tar.gz file", archive.display());
    };
    result.with_context(|| format!("cannot unpack {}", archive.display()))?;
    match wanted.iter().find(|name| !found.contains(name)) {
        Some(missing) => bail!("{} does not hold {missing}", archive.display()),
        None => Ok(()),
    }
}

fn unpack_zip(
    archive: &Path,
    wanted: &[String],
    folder: &Path,
    found: &mut Vec<String>,
) -> Result<()> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(archive)?))?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        let path = member.name()?.into_owned();
        let kind = match member.is_file() && !member.is_symlink() {
            true => Kind::File,
            false => Kind::Other,
        };
        take(&path, kind, &mut member, wanted, folder, found)?;
    }
    Ok(())
}

fn unpack_tar_gz(
    archive: &Path,
    wanted: &[String],
    folder: &Path,
    found: &mut Vec<String>,
) -> Result<()> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(archive)?)));
    for member in archive.entries()? {
        let mut member = member?;
        let path = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        let kind = match member.header().entry_type().is_file() {
            true => Kind::File,
            false => Kind::Other,
        };
        take(&path, kind, &mut member, wanted, folder, found)?;
    }
    // The end of the stream carries its checksum.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

#[derive(PartialEq)]
enum Kind {
    File,
    Other,
}

fn take(
    path: &str,
    kind: Kind,
    content: &mut impl Read,
    wanted: &[String],
    folder: &Path,
    found: &mut Vec<String>,
) -> Result<()> {
    if leaves_its_folder(path) {
        bail!("it holds the path {path:?}, which leaves its folder. Do not trust this file");
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    // What macOS adds beside a file has the same name behind `._`; it is not wanted by name.
    let Some(name) = wanted.iter().find(|wanted| *wanted == name) else { return Ok(()) };
    if kind != Kind::File {
        bail!("{path:?} is no regular file, but a link or a folder. Do not trust this archive");
    }
    if found.contains(name) {
        bail!("{name} is in it twice");
    }
    let target = folder.join(name);
    let mut file =
        File::create_new(&target).with_context(|| format!("cannot write {}", target.display()))?;
    io::copy(content, &mut file).with_context(|| format!("cannot unpack {path}"))?;
    file.sync_all()?;
    found.push(name.clone());
    Ok(())
}

fn leaves_its_folder(path: &str) -> bool {
    path.starts_with(['/', '\\']) // absolute
        || path.contains(':') // a drive, or a stream of a file
        || path.split(['/', '\\']).any(|part| part == "..")
        || path.contains('\0')
}
