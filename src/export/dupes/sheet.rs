//! The sheet of duplicates: the customers of a group one below another, the oldest first, ready for `ferry delete`.
//!
//! `_keep` proposes the oldest customer: what others have noted or linked mostly refers to it. The first row of a group
//! has a line above. What a later one says otherwise is coloured, because it would be lost with that customer.

use std::path::Path;

use super::customers::DupesColumn;
use super::member::MemberCell;
use super::report::DupesReport;
use crate::job::error::JobError;
use crate::journal::{GroupMember, GroupStore};
use crate::lang::sheets::{DupesLabel, GROUP, KEEP, MATCHED_BY};
use crate::lang::{Lang, sheets};
use crate::results::layout::text_cell;
use crate::results::place::folder_of;
use crate::results::side::{start_summary, summary_line};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::table::{
    CellStyle, Column, Format, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
    create_writer,
};

/// The sheet of a search.
pub(crate) struct DupesSheet<'a> {
    pub store: &'a GroupStore,
    pub columns: &'a [DupesColumn],
    pub report: &'a DupesReport,
    /// The key of the account that the customers belong to, if it is known.
    pub account: Option<&'a str>,
    /// The list or the file that was searched, for people.
    pub source: &'a str,
    pub lang: Lang,
}

impl DupesSheet<'_> {
    /// Writes a workbook, or a CSV file where the name asks for one.
    pub fn write(&self, path: &Path) -> Result<(), JobError> {
        let extension = path.extension().unwrap_or_default();
        let is_csv = extension.eq_ignore_ascii_case("csv");
        let format = if is_csv { Format::Csv } else { Format::Xlsx };
        let mut writer = create_writer(format, folder_of(path))?;
        self.write_groups(writer.as_mut())?;
        self.write_summary(writer.as_mut())?;
        let columns = self.columns.iter();
        let hidden = FerrySheet {
            kind: Some(WorkbookKind::Duplicates),
            account: self.account.map(str::to_owned),
            complete: self.report.complete,
            columns: columns.filter_map(|its| its.field.clone()).collect(),
            ..FerrySheet::default()
        };
        hidden.write(writer.as_mut())?;
        Ok(writer.finish(path)?)
    }

    fn write_groups(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let leads = [GROUP, KEEP, "_id", MATCHED_BY].map(|header| Column {
            header: header.to_owned(),
            frozen: true,
            ..Column::default()
        });
        let own = self.columns.iter().map(|its| its.column.clone());
        writer.start_sheet(SheetSpec {
            name: sheets::duplicates(self.lang).to_owned(),
            columns: leads.into_iter().chain(own).collect(),
            hidden: false,
            role: SheetRole::Data,
        })?;
        let (mut group, mut first) = (0, Vec::new());
        self.store.for_each(0..u64::MAX, |member| {
            let cells = MemberCell::from_text(&member.cells)?;
            let is_first = member.group != group;
            if is_first {
                group = member.group;
                first.clone_from(&cells);
            }
            self.write_member(writer, member, &cells, (!is_first).then_some(&first))
        })
    }

    /// Writes a row; `first` is the first customer of the group, for those behind it.
    fn write_member(
        &self,
        writer: &mut dyn TableWriter,
        member: &GroupMember,
        cells: &[MemberCell],
        first: Option<&Vec<MemberCell>>,
    ) -> Result<(), JobError> {
        let style = match first {
            None => CellStyle::Topped,
            Some(_) => CellStyle::Plain,
        };
        let keep = match first {
            None => sheets::keeps(self.lang),
            Some(_) => "",
        };
        let matched = self.report.labels_of(member.keys);
        let leads = [
            OutCell::Count(member.group),
            text_cell(keep),
            OutCell::Text(&member.id),
            text_cell(&matched),
        ];
        let mut row: Vec<StyledCell<'_>> = leads
            .map(|cell| StyledCell {
                style,
                ..StyledCell::plain(cell)
            })
            .to_vec();
        for ((cell, column), at) in cells.iter().zip(self.columns).zip(0..) {
            let before = first.and_then(|first| first.get(at));
            let differs = before.is_some_and(|before| cell.differs_from(before));
            row.push(StyledCell {
                style: if differs && column.is_compared {
                    CellStyle::Warn
                } else {
                    style
                },
                ..StyledCell::plain(cell.out())
            });
        }
        Ok(writer.write_row(&row)?)
    }

    fn write_summary(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let (report, lang) = (self.report, self.lang);
        start_summary(writer, lang)?;
        let (plain, heading) = (CellStyle::Plain, CellStyle::Header);
        let said = |label: DupesLabel| label.words(lang);
        summary_line(
            writer,
            said(DupesLabel::Heading),
            OutCell::Text(""),
            heading,
        )?;
        if let Some(complete) = report.complete {
            let words = OutCell::Text(sheets::is_complete(lang, complete));
            let style = if complete {
                CellStyle::Good
            } else {
                CellStyle::Bad
            };
            summary_line(writer, said(DupesLabel::Complete), words, style)?;
        }
        let source = text_cell(self.source);
        summary_line(writer, said(DupesLabel::Source), source, plain)?;
        for (label, count) in [
            (DupesLabel::Customers, report.searched),
            (DupesLabel::Groups, report.groups),
            (DupesLabel::InGroups, report.customers),
            (DupesLabel::ToDelete, report.customers - report.groups),
        ] {
            summary_line(writer, said(label), OutCell::Count(count), plain)?;
        }
        summary_line(writer, "", OutCell::Blank, plain)?;
        let groups = OutCell::Text(said(DupesLabel::Groups));
        summary_line(writer, said(DupesLabel::ByKey), groups, heading)?;
        for key in &report.by {
            summary_line(writer, &key.label, OutCell::Count(key.groups), plain)?;
        }
        summary_line(writer, "", OutCell::Blank, plain)?;
        for label in [DupesLabel::Rule, DupesLabel::Coloured, DupesLabel::Next] {
            summary_line(writer, said(label), OutCell::Blank, CellStyle::Prose)?;
        }
        Ok(())
    }
}
