//! Made-up customers: 10 columns of the kinds that a real list has, every row different.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook;

use crate::arguments::Outcome;

/// The headings; the sandbox has a field for each.
pub const HEADER: [&str; 10] = [
    "客户名称",
    "客户编号",
    "手机",
    "邮箱",
    "微信",
    "客户来源",
    "客户级别",
    "注册资本",
    "签约日期",
    "详细地址",
];

/// Returns the cells of a row; `number` counts from 0.
pub fn row(number: u32) -> [String; 10] {
    let pick = |choices: &[&str]| choices[number as usize % choices.len()].to_owned();
    [
        format!("杭州云帆信息技术有限公司{number:07}"),
        format!("{number:08}"),
        format!("13{number:09}"),
        format!("contact{number}@example.com"),
        format!("wx_{number:07}"),
        pick(&["官网", "百度", "试用申请", "转介绍"]),
        pick(&["A类", "B类", "C类"]),
        format!("{}.5", number % 10_000),
        format!("2024-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
        format!("浙江省杭州市西湖区文三路 {number} 号 2 幢 301 室"),
    ]
}

/// Writes the heading and `rows` rows as `rows.csv` or `rows.xlsx` into `folder`. The workbook has no shared strings.
pub fn write(folder: &Path, extension: &str, rows: u32) -> Outcome<PathBuf> {
    let path = folder.join(format!("rows.{extension}"));
    if extension == "csv" {
        let mut writer = csv::Writer::from_path(&path)?;
        writer.write_record(HEADER)?;
        for number in 0..rows {
            writer.write_record(row(number))?;
        }
        writer.flush()?;
        return Ok(path);
    }
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder)?;
    let worksheet = workbook.add_worksheet_with_constant_memory()?;
    worksheet.write_row(0, 0, HEADER)?;
    for number in 0..rows {
        worksheet.write_row(number + 1, 0, row(number))?;
    }
    workbook.save(&path)?;
    Ok(path)
}
