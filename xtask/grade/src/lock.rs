//! One at a time, be it threads or graders in two terminals.

use std::fs::File;
use std::path::Path;

/// Waits until nobody else holds the file at `path`, which is made if it is not there. Held until what
/// is returned is dropped, or the process ends in whatever way. None where a file cannot be made or
/// a file system has no locks: then nobody waits for anybody.
pub fn wait(path: &Path) -> Option<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path).ok()?;
    file.lock().ok()?;
    Some(file)
}
