//! Checksums: those that publishers give, and the sha256 we record of everything.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lesson::catalogue::Download;
use seqcore::weights::hex;
use sha2::Digest;

/// A file's size and checksums, 2 hexadecimal digits a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// Its size.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    md5: String,
    sha1: String,
}

/// Reads a file once and computes everything.
///
/// # Errors
/// A file that cannot be read.
pub fn of(path: &Path) -> Result<Sums> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut sha256, mut sha1, mut md5) = (sha2::Sha256::new(), sha1::Sha1::new(), md5::Md5::new());
    let (mut bytes, mut buffer) = (0, vec![0; 1 << 18]);
    loop {
        let read =
            file.read(&mut buffer).with_context(|| format!("cannot read {}", path.display()))?;
        if read == 0 {
            let (sha256, sha1, md5) = (sha256.finalize(), sha1.finalize(), md5.finalize());
            return Ok(Sums { bytes, sha256: hex(&sha256), md5: hex(&md5), sha1: hex(&sha1) });
        }
        bytes += read as u64;
        sha256.update(&buffer[..read]);
        sha1.update(&buffer[..read]);
        md5.update(&buffer[..read]);
    }
}

/// Whether a file is the one that the manifest describes.
///
/// # Errors
/// What differs, expected and found.
pub fn check(sums: &Sums, expected: &Download) -> Result<()> {
    let published = [
        ("sha256", &expected.sha256, &sums.sha256),
        ("sha1", &expected.sha1, &sums.sha1),
        ("md5", &expected.md5, &sums.md5),
    ];
    if let Some(bytes) = expected.bytes
        && sums.bytes != bytes
    {
        bail!("it has {} bytes, but should have {bytes}", sums.bytes);
    }
    for (name, expected, found) in published {
        if let Some(expected) = expected
            && !expected.eq_ignore_ascii_case(found)
        {
            bail!("its {name} is {found}, but should be {expected}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_abc_are_the_published_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let sums = of(&path).unwrap();
        assert_eq!(sums.bytes, 3);
        // FIPS 180-2 and RFC 1321
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sums.sha256, sha256);
        assert_eq!(sums.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sums.md5, "900150983cd24fb0d6963f7d28e17f72");

        let mut expected = Download {
            urls: Vec::new(),
            bytes: Some(3),
            sha256: None,
            md5: Some("900150983CD24FB0D6963F7D28E17F72".into()),
            sha1: None,
            unpack: Vec::new(),
        };
        check(&sums, &expected).unwrap();
        expected.sha1 = Some("00".into());
        assert!(check(&sums, &expected).unwrap_err().to_string().contains("its sha1 is a999"));
        expected.bytes = Some(4);
        assert!(check(&sums, &expected).unwrap_err().to_string().contains("3 bytes"));
    }
}
