//! The columns of a draft's sheet: what was seen of them, what is proposed for them, and the mapping as it stands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::draft::ImportDraft;
use crate::face::failure::Failure;
use crate::job::error::JobError;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::mapping::{KeyPlaces, Mapping, MappingForm, is_undecided};
use crate::model::{Code, Fact, Problem, Saying, Schema, VoidMonitor};
use crate::page::account::AccountFacts;
use crate::pipeline::{ProposeRequest, Proposed, SeenSheet, propose_for, write_mapping};
use crate::source::{self, sheets};
use crate::table::Workbook;

/// The columns of a draft's sheet.
pub(in crate::page) struct DraftColumns {
    pub draft: ImportDraft,
    pub seen: SeenSheet,
    pub schema: Arc<Schema>,
    /// The names of the owners that are known, by id.
    pub owners: BTreeMap<String, String>,
    /// The ids of further owners, which are known without a name.
    pub owner_ids: Vec<String>,
    lang: Lang,
}

impl DraftColumns {
    /// Opens the columns of a draft; `None` before they were read.
    pub fn open(
        draft: ImportDraft,
        account: &AccountFacts,
        lang: Lang,
    ) -> Result<Option<Self>, Failure> {
        let Some(seen) = draft.seen() else {
            return Ok(None);
        };
        Ok(Some(Self::of(draft, seen, account, lang)?))
    }

    /// Takes what was seen of the columns.
    pub fn of(
        draft: ImportDraft,
        seen: SeenSheet,
        account: &AccountFacts,
        lang: Lang,
    ) -> Result<Self, Failure> {
        let owners = source::named_owners(&account.settings.owner_sources())?;
        let owner_ids = source::nameless_owners(&account.settings.owner_sources())?;
        Ok(Self {
            draft,
            seen,
            schema: account.schema.clone(),
            owners,
            owner_ids,
            lang,
        })
    }

    fn request(&self, earlier: Option<Arc<Mapping>>, output: PathBuf) -> ProposeRequest {
        ProposeRequest {
            source: self.draft.source(),
            corrections: self.draft.facts.corrections.clone(),
            read: self.draft.read_options(),
            sheets: self.draft.sheet_options(earlier),
            owners: self.owners.clone(),
            owner_ids: self.owner_ids.clone(),
            schema: Schema::clone(&self.schema),
            output,
            lang: self.lang,
            hints: Hints::of_page(),
        }
    }

    /// Returns what is proposed, going on from a mapping if there is one.
    pub fn proposed(&self, earlier: Option<Arc<Mapping>>) -> Result<Proposed, Failure> {
        Ok(propose_for(
            &self.seen,
            &self.request(earlier, PathBuf::new()),
        )?)
    }

    /// Returns what the numbers of the columns mean in short: the sheet, the row of its header, and its headers. A form
    /// of other columns has another version.
    pub fn version(&self) -> String {
        let columns = self.seen.columns.iter();
        let headers: Vec<_> = columns
            .map(|column| (column.column, &column.header))
            .collect();
        let sheet = (&self.seen.name, self.seen.header_row, headers);
        let text = serde_json::to_string(&sheet).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
        digits.collect()
    }

    /// Returns the mapping as it stands.
    pub fn form(&self) -> Result<MappingForm, Failure> {
        let mapping = self.draft.mapping()?;
        Ok(mapping.map_or_else(MappingForm::default, |mapping| mapping.form.clone()))
    }

    /// Returns what is wrong with the mapping as it stands: what shows in it alone, else what shows against the sheet.
    /// What is to be decided is not among it.
    pub fn faults(&self) -> Result<Vec<Problem>, Failure> {
        let draft = &self.draft;
        let Some(mapping) = draft.mapping()? else {
            return Ok(Vec::new());
        };
        let mut form = mapping.form.without_undecided_words();
        form.merge_rows.retain(|name| !is_undecided(name));
        let mapping = mapping_of(form);
        let mut faults = mapping.faults();
        faults.retain(|fault| fault.code != Code::MappingUndecided);
        if !faults.is_empty() {
            return Ok(faults);
        }
        let workbook = Workbook::open(&draft.source(), &draft.read_options())
            .map_err(|error| draft.named(error.into()))?;
        let options = draft.sheet_options(Some(mapping));
        let resolved =
            source::mapping::schema_for(&options, Schema::clone(&self.schema)).and_then(|schema| {
                sheets::resolve(&workbook, &schema, &options, None, &VoidMonitor, self.lang)
            });
        match resolved {
            Ok(_) => Ok(Vec::new()),
            Err(JobError::Input(problems)) => Ok(problems),
            Err(error) => Err(draft.named(error)),
        }
    }

    /// Returns the words that match nothing under a mapping, also those that were decided already.
    pub fn words_of(&self, form: &MappingForm) -> Result<Proposed, Failure> {
        let mut bare = form.clone();
        for column in bare.columns.values_mut() {
            column.choices.clear();
        }
        bare.owner_ids.clear();
        self.proposed(Some(mapping_of(bare)))
    }

    /// Keeps a mapping, with the words that are to be decided now that its columns are what they are.
    pub fn save(&self, form: MappingForm) -> Result<MappingForm, Failure> {
        let merge_rows = form.merge_rows.clone();
        let mut proposed = self.proposed(Some(mapping_of(form)))?;
        // Whether rows are merged was asked with the first proposal, and not with every later one.
        proposed.form.merge_rows = merge_rows;
        self.write(&proposed)?;
        Ok(proposed.form)
    }

    /// Keeps what is proposed.
    pub fn write(&self, proposed: &Proposed) -> Result<(), Failure> {
        let mut proposed = proposed.clone();
        proposed.form.header_row = self.draft.facts.header_row.or(proposed.form.header_row);
        let output = self.draft.path("mapping.toml");
        Ok(write_mapping(&proposed, &self.request(None, output))?)
    }

    /// Writes the mapping as it stands into another file of the draft, in the form that the file's extension says.
    pub fn write_as(&self, name: &str) -> Result<PathBuf, Failure> {
        let output = self.draft.path(name);
        let form = self.form()?;
        let words = self.words_of(&form)?;
        let proposed = Proposed { form, ..words };
        write_mapping(&proposed, &self.request(None, output.clone()))?;
        Ok(output)
    }
}

/// Makes a mapping of a form that a person has filled in here.
fn mapping_of(form: MappingForm) -> Arc<Mapping> {
    Arc::new(Mapping::new(form, KeyPlaces::named()))
}

/// Returns whether a fault is one of what a word means, and not of a column.
pub(in crate::page) fn is_of_values(fault: &Problem) -> bool {
    let place = fault.facts.get("place");
    let is_owner =
        matches!(place, Some(Fact::Phrase(phrase)) if phrase.saying == Saying::PlaceOfOwner);
    is_owner || fault.code == Code::MappingUnknownChoice
}
