//! From the manifest to a folder in the cache.
//!
//! A set's folder appears by one rename, after its checksum was right and everything is unpacked:
//! whenever a run is interrupted, there is either the whole set or none, and what was downloaded so
//! far is used by the next run.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lesson::catalogue::{Catalogue, DataSet, Download, FetchedFile, RECORD, Record};

use crate::checksum;
use crate::download::{self, Failure, Patience};
use crate::unpack::unpack;

/// Fetches sets of a catalogue.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// Which sets there are, and the cache.
    pub catalogue: Catalogue,
    /// How long to wait and how often to try.
    pub patience: Patience,
    /// Whether the proxies of the environment are used.
    pub proxies: bool,
    /// Whether to show progress on stderr.
    pub quiet: bool,
}

/// What a fetch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The set is part of the course.
    Embedded,
    /// It had been fetched before.
    AlreadyThere,
    /// It is there now.
    Fetched,
}

impl Fetcher {
    /// Fetches one set; from `by_hand`, a file that the user downloaded, if there is one.
    ///
    /// # Errors
    /// An unknown id, and whatever kept the file from arriving whole. The message ends with what
    /// to do by hand.
    pub fn fetch(&self, id: &str, by_hand: Option<&Path>) -> Result<Outcome> {
        let set = self.catalogue.get(id)?;
        let Some(download) = &set.download else { return Ok(Outcome::Embedded) };
        let downloads = self.catalogue.cache().join("_downloads");
        create_folder(&downloads)?;
        let _lock = self.lock(id, &downloads)?;
        if by_hand.is_none() && self.is_whole(set) {
            return Ok(Outcome::AlreadyThere);
        }
        self.refuse_foreign(set)?;
        if let Some(file) = by_hand {
            let sums = self.checked(file, download).map_err(|why| {
                anyhow!(
                    "{} is not the file that {id} needs: {why}. Nothing was changed. The file comes from {}. To use another version all the same, give its path to a lesson: --data PATH.",
                    file.display(),
                    download.urls[0]
                )
            })?;
            self.install(set, download, file, &file.display().to_string(), &sums, false)?;
            return Ok(Outcome::Fetched);
        }
        let whole = downloads.join(download.file_name());
        let from = match whole.exists() {
            true => whole.display().to_string(),
            false => self.download(set, download, &whole)?,
        };
        let sums = self.checked(&whole, download).map_err(|why| {
            anyhow!(
                "{} is not the file that {id} needs: {why}. Delete it, and run this again to download it.",
                whole.display()
            )
        })?;
        self.install(set, download, &whole, &from, &sums, true)?;
        Ok(Outcome::Fetched)
    }

    /// Held until it is dropped, or the process ends in whatever way.
    fn lock(&self, id: &str, downloads: &Path) -> Result<File> {
        let path = downloads.join(format!("{id}.lock"));
        let cannot = || format!("cannot lock {}", path.display());
        let file = File::create(&path).with_context(cannot)?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                self.say(&format!("Another run is fetching {id}; waiting for it ..."));
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        file.lock().with_context(cannot)?;
        Ok(file)
    }

    /// Whether a set was fetched and its files are there in their size.
    fn is_whole(&self, set: &DataSet) -> bool {
        let folder = self.catalogue.folder_of(set);
        let whole = |file: &FetchedFile| {
            fs::metadata(folder.join(&file.name)).is_ok_and(|found| found.len() == file.bytes)
        };
        self.catalogue.record(set).is_some_and(|record| record.files.iter().all(whole))
    }

    /// Fetching replaces the set's folder. One that holds something and no record of ours is the user's.
    fn refuse_foreign(&self, set: &DataSet) -> Result<()> {
        let folder = self.catalogue.folder_of(set);
        let holds_some = fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
        if holds_some && !folder.join(RECORD).exists() {
            bail!(
                "{} holds files that were not fetched by this command, which would replace them. Move the folder away, or name another cache with SEQ_DATA_DIR",
                folder.display()
            );
        }
        Ok(())
    }

    fn checked(&self, file: &Path, download: &Download) -> Result<checksum::Sums> {
        if file.is_dir() {
            bail!("it is a folder");
        }
        let sums = checksum::of(file)?;
        checksum::check(&sums, download)?;
        Ok(sums)
    }

    /// Downloads a set's file to `whole`, checked. Returns the address that gave it.
    fn download(&self, set: &DataSet, download: &Download, whole: &Path) -> Result<String> {
        let part = with_suffix(whole, ".part");
        let agent = download::client(&self.patience, self.proxies);
        let mut reasons = Vec::new();
        for url in &download.urls {
            let size = set.download_size().map(|size| format!(", {size}")).unwrap_or_default();
            self.say(&format!("Fetching {} ({}{size}) from {url}", set.id, set.title));
            match self.download_from(&agent, url, &part, download) {
                Ok(()) => {
                    fs::rename(&part, whole)
                        .with_context(|| format!("cannot write {}", whole.display()))?;
                    return Ok(url.clone());
                }
                Err(reason) => reasons.push(format!("{url}: {reason}.")),
            }
        }
        let arrived = fs::metadata(&part).map_or(0, |file| file.len());
        let kept = match arrived {
            0 => String::new(),
            n => format!("The {n} bytes that have arrived are kept; run this again to go on.\n"),
        };
        bail!(
            "could not fetch {}.\n{}\n{kept}By hand: download {} with a browser, save it as\n  {}\nand run this again. Or, wherever it lies: cargo xtask data fetch {} --from FILE",
            set.id,
            reasons.join("\n"),
            download.urls[0],
            whole.display(),
            set.id,
        )
    }

    /// One address, once more from the beginning if a resumed file turns out wrong.
    fn download_from(
        &self,
        agent: &ureq::Agent,
        url: &str,
        part: &Path,
        download: &Download,
    ) -> std::result::Result<(), String> {
        loop {
            let bar = download::progress_bar(!self.quiet, download.bytes);
            let arrived =
                download::download(agent, &self.patience, url, part, download.bytes, &bar);
            bar.finish_and_clear();
            let (resumed, why) = match arrived {
                Ok(resumed) => match self.checked(part, download) {
                    Ok(_) => return Ok(()),
                    Err(why) => (resumed, format!("what arrived is not the right file: {why}")),
                },
                Err(Failure::TooLong) => (false, Failure::TooLong.to_string()),
                Err(failure) => return Err(failure.to_string()),
            };
            // A file that failed is never used, and nothing goes on from it.
            remove_file(part).map_err(|error| error.to_string())?;
            if !resumed {
                return Err(why);
            }
            self.say("What arrived in pieces does not fit together; once more from the beginning.");
        }
    }

    /// Puts a checked file in its place: unpacked, recorded, by one rename.
    fn install(
        &self,
        set: &DataSet,
        download: &Download,
        file: &Path,
        from: &str,
        sums: &checksum::Sums,
        ours: bool,
    ) -> Result<()> {
        let staging = self.catalogue.cache().join(format!("_staging-{}", set.id));
        remove_folder(&staging)?;
        let installed = self.put_together(&staging, set, download, file, from, sums, ours);
        if installed.is_err() {
            let _ = remove_folder(&staging); // the first error is the one to tell
        }
        installed
    }

    fn put_together(
        &self,
        staging: &Path,
        set: &DataSet,
        download: &Download,
        file: &Path,
        from: &str,
        sums: &checksum::Sums,
        ours: bool,
    ) -> Result<()> {
        create_folder(staging)?;
        let whole_disk = |error: anyhow::Error| {
            match is_disk_full(&error) {
            true => error.context("the disk is full. Free some space, or name a folder on another disk with SEQ_DATA_DIR; then run this again"),
            false => error,
        }
        };
        let mut names = download.unpack.clone();
        if names.is_empty() {
            names.push(set.file.clone());
            let target = staging.join(&set.file);
            match ours {
                true => fs::rename(file, &target),
                false => fs::copy(file, &target).map(drop),
            }
            .with_context(|| format!("cannot write {}", target.display()))
            .map_err(whole_disk)?;
        } else {
            self.say("Unpacking ...");
            unpack(file, &names, staging).map_err(whole_disk)?;
        }
        let recorded = |name: &String| {
            let sums = checksum::of(&staging.join(name))?;
            Ok(FetchedFile { name: name.clone(), bytes: sums.bytes, sha256: sums.sha256 })
        };
        let record = Record {
            id: set.id.clone(),
            from: from.to_owned(),
            download: FetchedFile {
                name: download.file_name().to_owned(),
                bytes: sums.bytes,
                sha256: sums.sha256.clone(),
            },
            files: names.iter().map(recorded).collect::<Result<_>>()?,
        };
        let text = serde_json::to_string_pretty(&record).context("a record is plain data")?;
        lesson::files::write_atomically(&staging.join(RECORD), text.as_bytes())?;

        let folder = self.catalogue.folder_of(set);
        remove_folder(&folder)?;
        fs::rename(staging, &folder)
            .with_context(|| format!("cannot write {}", folder.display()))?;
        match ours {
            true => remove_file(file).with_context(|| format!("cannot delete {}", file.display())),
            false => Ok(()),
        }
    }

    fn say(&self, what: &str) {
        if !self.quiet {
            eprintln!("{what}");
        }
    }
}

fn is_disk_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::StorageFull)
    })
}

fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| {
        format!("cannot create {}. Name another folder with SEQ_DATA_DIR", folder.display())
    })
}

fn remove_file(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
