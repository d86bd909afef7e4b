//! What lesson binaries stand on: runs that are stopped and go on, the data sets
//! and the pages of the course.

#[path = "lesson/datasets.rs"]
mod datasets;
#[path = "lesson/documents.rs"]
mod documents;
#[path = "lesson/runs.rs"]
mod runs;
#[path = "../../seqcore/tests/proof/sources.rs"]
mod sources;
