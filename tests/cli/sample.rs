//! The first thing anybody tries: the sample with the embedded CRM.

use crate::support::{Scene, sample};

#[test]
fn the_sample_goes_into_the_embedded_crm_once() {
    let scene = Scene::new();
    let bytes = std::fs::read(sample("customers.xlsx")).unwrap();
    scene.write("customers.xlsx", &bytes);
    let line = "import customers.xlsx --sandbox --json";
    let sheet = scene.ferry(line).exits(4).sheet();
    assert_eq!(
        (sheet.rows.len(), sheet.count("ok"), sheet.count("invalid")),
        (40, 36, 4)
    );
    for row in 0..sheet.rows.len() {
        let told = ["_error_code", "_error", "_tip"].map(|column| sheet.cell(row, column));
        if sheet.cell(row, "_status") == "invalid" {
            assert!(told[0].starts_with("E4"), "{told:?}");
            assert!(told.iter().all(|text| !text.is_empty()), "{told:?}");
            assert_eq!(sheet.cell(row, "_id"), "");
        } else {
            assert_eq!(told, ["", "", ""]);
            assert_eq!(sheet.cell(row, "_id").len(), 19);
        }
    }

    let again = scene.ferry(line).exits(4).json();
    assert_eq!(
        (&again["added"], &again["skipped"]),
        (&0.into(), &36.into())
    );
    // The scene's own CRM was never asked.
    assert_eq!(scene.crm.counters().calls, 0);
    assert_eq!(std::fs::read(scene.path("customers.xlsx")).unwrap(), bytes);
}
