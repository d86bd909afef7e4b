//! Writing files whole or not at all, and checksums.

use std::io::Write;
use std::path::Path;

use seqcore::weights::hex;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// How the name of a file begins that is being written. Where nobody writes, such a file is what a killed
/// program left behind.
pub const UNFINISHED: &str = ".unfinished-";

/// Writes a file under a temporary name in the same folder and renames it, so that a reader finds
/// the old file or the new one and never half of one.
///
/// # Errors
/// [`Error::Write`] with the path.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        #[cfg(unix)]
        {
            // Temporary files are private by default; the result is an ordinary file (less the umask).
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| Error::write(path, source))
}

/// The sha256 of `bytes`, as 64 hexadecimal digits.
///
/// ```
/// assert!(lesson::files::sha256(b"abc").starts_with("ba7816bf"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomically(&folder.path().join("no/such.html"), b"").unwrap_err();
        assert!(error.to_string().contains("such.html"), "{error}");
    }
}
