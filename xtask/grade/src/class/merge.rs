//! `grade-merge`: the parts of a class, graded on several machines, as the one class that they are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::output::{claim, read_record, write_all, write_record};
use super::record::{Class, Settings};

/// Joins the parts and writes everything below `out`.
///
/// # Errors
/// Parts that were graded in different ways, that are missing, or that overlap.
pub fn merge(parts: &[PathBuf], out: &Path) -> Result<Class> {
    let mut class: Option<Class> = None;
    let (mut seen, mut of) = (BTreeSet::new(), 0);
    for folder in parts {
        let part = read_record(folder)?;
        let shown = folder.display();
        let Some((number, all)) = part.settings.shard else {
            bail!("{shown} is a whole class, not a part of one: it was graded without --shard");
        };
        ensure!(
            seen.insert(number),
            "part {number} of {all} is there twice; the second is {shown}"
        );
        match &mut class {
            None => {
                of = all;
                class = Some(Class { settings: Settings { shard: None, ..part.settings }, ..part });
            }
            Some(class) => {
                ensure!(all == of, "{shown} is one of {all} parts, the first is one of {of}");
                let own = Settings { shard: None, ..part.settings };
                if let Some(what) = difference(&class.settings, &own) {
                    bail!("{shown} was graded in another way than {}: {what}", parts[0].display());
                }
                class.learners.extend(part.learners);
            }
        }
    }
    let Some(mut class) = class else { bail!("there is nothing to merge") };
    let missing: Vec<_> = (1..=of).filter(|k| !seen.contains(k)).map(|k| k.to_string()).collect();
    ensure!(missing.is_empty(), "of {of} parts these are missing: {}", missing.join(", "));
    class.learners.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(pair) = class.learners.windows(2).find(|pair| pair[0].id == pair[1].id) {
        bail!("{:?} is in two parts: the folders of submissions were not the same", pair[0].id);
    }
    let _claimed = claim(out)?;
    write_record(out, &class)?;
    write_all(out, class.clone())?;
    Ok(class)
}

fn difference(a: &Settings, b: &Settings) -> Option<String> {
    let fields = |settings: &Settings| match serde_json::to_value(settings) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (a, b) = (fields(a), fields(b));
    // The seed may be a secret; the rest may be said.
    let differs = a.iter().find(|(name, value)| b.get(*name) != Some(value))?;
    Some(match differs.0.as_str() {
        "seed" => "another seed".into(),
        name => format!("{name} is {} there and {} here", differs.1, b[name]),
    })
}
