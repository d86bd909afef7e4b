//! tmp
pub fn run(_: &crate::VsTorch) -> anyhow::Result<()> {
    Ok(())
}
