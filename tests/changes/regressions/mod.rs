//! What strict readers and a newcomer found in plan, apply, verify, undo and delete: one test each, which opens with what
//! once happened and names the commit that mended it.

mod delete;
mod plan;
mod result_sheet;
mod undo;

use super::sheet;
use crate::support::Scene;

/// The field *客户编号*.
const NUMBER: &str = "text_k2ad_1687316401122";

/// Saves `customers.xlsx` with these customers, each with another number than it was stored with.
fn numbered(scene: &Scene, rows: std::ops::RangeInclusive<usize>) {
    let mut table = sheet(rows.clone());
    for row in 0..rows.count() {
        table.set(row, "客户编号", "X");
    }
    scene.save("customers.xlsx", &table);
}
