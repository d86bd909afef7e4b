//! `cargo xtask data`: the data sets of `datasets/manifest.toml`, fetched and verified.
//!
//! The register itself is [`lesson::catalogue`]; this package is the part that uses the
//! network, so that nothing else has to be built with it. In the cache folder:
//!
//! | | |
//! |---|---|
//! | `ID/` | a fetched set: its files and `fetched.json`. It appears whole, by a rename |
//! | `_downloads/NAME.part` | a download under way; the next run goes on where it stopped |
//! | `_downloads/NAME` | a whole download waiting to be installed; a user may put one there |
//! | `_downloads/ID.lock` | held while a run works on that set |
//! | `_staging-ID/` | a set being put together; left-overs are removed by the next run |

pub mod card;
pub mod checksum;
pub mod download;
pub mod fetch;
pub mod show;
pub mod unpack;
pub mod verify;
