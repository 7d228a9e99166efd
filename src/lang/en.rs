//! The catalogue in English.

use crate::model::Code;

/// Message and tip of a code, with facts in braces.
pub(super) fn templates(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NoConfiguration => (
            "no account is set: no ferry.toml, and FERRY_BASE_URL, FERRY_APPID, FERRY_SECRET are not all there[ (missing: {missing})]",
            "run `ferry init` to write a ferry.toml, or try the embedded CRM with --sandbox",
        ),
        Code::BadConfiguration => (
            "{path}: {detail}",
            "mend the line; `ferry init` writes a commented example",
        ),
        Code::SecretMissing => (
            "no secret for profile {profile}[: {detail}]",
            "name where it is kept, with secret_env or secret_file in ferry.toml",
        ),
        Code::SecretExposed => (
            "{path} holds the secret itself and others may read the file",
            "make the file private (chmod 600), or use secret_env",
        ),
        Code::BadSetting => (
            "{name}: {detail}",
            "see `ferry help` and the README for the setting's form",
        ),
        Code::NeedsConfirmation => (
            "this writes to {host}, and nobody is there to confirm",
            "look at the counts above and give --yes",
        ),
        Code::SandboxFailed => (
            "the embedded CRM could not start: {detail}",
            "is another `--sandbox` run using the same state folder or port? wait for it, or give --state-dir",
        ),
        Code::ForeignConfiguration => (
            "the account is taken from {path}, a file that {detail}",
            "it comes before FERRY_BASE_URL; if it is not meant, name another with --config, else make it your own (chown, chmod go-w)",
        ),
        Code::FinishLeftOut => (
            "on_finish is left out, because {path} {detail}",
            "make the file your own (chown) and unwritable for others (chmod go-w), or name the command in your own config folder",
        ),
        Code::NameNotText => (
            "the name {name} is not text that every program can read (UTF-8)",
            "rename the file or folder; nothing was read or sent",
        ),
        Code::CertificateRefused => (
            "the certificate of {host} is not accepted: {detail}",
            "for a company's own authority, name its certificate (PEM) as ca_file in the profile, or in the variable SSL_CERT_FILE; else check base_url and this computer's clock",
        ),
        Code::NoTlsThere => (
            "{host} does not speak TLS there, and base_url says https",
            "check the port in base_url (https is mostly 443); a server without TLS is http://",
        ),
        Code::TlsWanted => (
            "{host} wants TLS there, and base_url says http",
            "write https:// in base_url",
        ),
        Code::Unreachable => (
            "no connection to {host}: {detail}",
            "check address and network[; nothing is lost: when it is back, `{resume}`]",
        ),
        Code::NoReply => (
            "no usable reply from {host}: {detail}",
            "try again; if it stays so, check base_url; `ferry doctor` looks closer",
        ),
        Code::BadSignature => (
            "the CRM refuses the signature[: {detail}]",
            "check appid and secret; `ferry doctor` tries the known signature schemes and the clock",
        ),
        Code::UnknownAppid => (
            "the CRM does not know the appid[: {detail}]",
            "check appid and base_url",
        ),
        Code::NoPermission => (
            "the account may not do this[: {detail}]",
            "ask the CRM's administrator to allow the open API for this appid",
        ),
        Code::ServerBusy => (
            "the CRM says that it is busy[: {detail}]",
            "give a lower --rate",
        ),
        Code::ClockOff => (
            "this computer's clock differs from the CRM's by {seconds} s; corrected for this run",
            "set the clock, or turn on its synchronisation",
        ),

        Code::QuotaSpent => (
            "no calls are left: [{detail}][the quota of {rate} is spent, calls go on at {until}]",
            "go on later[ with `{resume}`]",
        ),

        Code::NoHeader => (
            "[sheet “{sheet}”: ]no row looks like a header[; the nearest is row {row}, where only {matched} of {cells} cells match a field]",
            "the header needs the field labels that `ferry fields` lists; name its row with --header-row (3-4 if it has two rows)",
        ),
        Code::UnknownColumns => (
            "column {column} “{header}” matches no field[, nearest: {nearest}]",
            "rename the header to a label from `ferry fields`, or leave such columns out with --ignore-unmapped; where there are many, `ferry map` proposes a mapping",
        ),
        Code::TwoColumnsOneField => (
            "columns {other_column} “{other}” and {column} “{header}” are the same place of {field}",
            "rename one of them: further values of a list are 手机2, 手机3 …",
        ),
        Code::FieldDisabled => (
            "column {column} “{header}” is the field {field}, which is disabled in the CRM",
            "enable the field, delete the column, or leave it out with --ignore-unmapped",
        ),
        Code::FieldDeleted => (
            "column {column} “{header}” is the field {field}, which was deleted in the CRM",
            "delete or rename the column, or leave it out with --ignore-unmapped",
        ),
        Code::SeveralSheets => (
            "several sheets have a header that matches: {sheets}",
            "say which with --sheet NAME (repeatable; '*' takes all of them)",
        ),
        Code::NoSuchSheet => (
            "there is no sheet “{sheet}”[; there are: {sheets}]",
            "spell the name as it stands on the tab",
        ),
        Code::UnknownType => (
            "field {field} has the unknown type “{type}” and is sent as text",
            "if the CRM refuses it, set its kind under [fields] in ferry.toml",
        ),
        Code::ServerSetColumn => (
            "left out, because the CRM sets them itself: {headers}",
            "delete the columns, or keep such values in a custom field",
        ),
        Code::IgnoredColumns => (
            "left out, because they match no field: {headers}",
            "rename them if they should be imported",
        ),
        Code::HeaderFound => (
            "the header is row {row}[ of sheet {sheet}]; what stands above it is left out",
            "name another row with --header-row",
        ),
        Code::NothingMatched => (
            "rows without _id are added as new customers; they are not compared with the[ {count}] customers stored already",
            "give --key FIELD, such as --key 手机, to find them; or --mode add to say that this is meant",
        ),
        Code::RequiredWithoutColumn => (
            "no column for the required field {field}",
            "add a column with the header “{field}”",
        ),
        Code::NoRows => (
            "[sheet “{sheet}”: ]the header is there, but no row below it",
            "fill in at least one row",
        ),
        Code::BlankWords => (
            "{count} cells hold a word such as 无, -, / or N/A and count as blank",
            "nothing to do, if that is meant",
        ),
        Code::AmbiguousHeader => (
            "column {column} “{header}” is the label of several fields: {keys}",
            "write one of these keys as the header",
        ),

        Code::BadStamp => (
            "--stamp {field}: {detail}",
            "name a custom text field that can be searched and that no column feeds; `ferry fields` lists them",
        ),
        Code::BadKey => (
            "--key {field}: {detail}",
            "name a phone, e-mail, account or text field that a column of the sheet feeds; A+B means both together",
        ),
        Code::ForeignResult => (
            "this result sheet[ of job {job}] belongs to another account[: {account}]",
            "import the source file itself; statuses and ids of one account mean nothing in another",
        ),

        Code::MappingSyntax => (
            "{place}[ ({line})]: {detail}",
            "mend the line; templates/mapping holds examples of every form",
        ),
        Code::MappingUnknownKey => (
            "{place}[ ({line})]: “{value}” is no word that a mapping knows here[, nearest: {nearest}]",
            "write one of: {choices}",
        ),
        Code::MappingUnknownField => (
            "{place}[ ({line})]: “{value}” is no field[, nearest: {nearest}]",
            "write a label or key from `ferry fields`, or a place in a field: 手机2, 手机.备注, 地区.1",
        ),
        Code::MappingUnknownChoice => (
            "{place}[ ({line})]: “{value}” is not one of the choices of {field}[, nearest: {nearest}][; the choices: {choices}]",
            "write one of the field's choices, or nothing where the word is to count as blank",
        ),
        Code::MappingNoSuchHeader => (
            "{place}[ ({line})]: the sheet has no column “{value}”[, nearest: {nearest}]",
            "write the header as it stands in the sheet; a column without a header is \"@C\" by its letter",
        ),
        Code::MappingUndecided => (
            "{place}[ ({line})]: “{value}” is not decided[: {detail}]",
            "decide it: set the right value, and delete the doubt",
        ),
        Code::MappingBadValue => (
            "{place}[ ({line})]: {key} cannot be “{value}”[: {detail}]",
            "expected: {expected}",
        ),
        Code::MappingServerSet => (
            "{place}[ ({line})]: {field} is a field that the CRM sets itself",
            "ignore the column, or name a custom field",
        ),
        Code::MappingHeaderTwice => (
            "{place}[ ({line})]: several columns have the header “{value}”: {columns}",
            "name the column by its letter: \"@{nearest}\"",
        ),
        Code::MappingWon => (
            "column {column} “{header}”: the mapping says {field}; the header alone would be {other}",
            "nothing to do, if that is meant",
        ),
        Code::MappingTwice => (
            "{place}[ ({line})]: {key} of {field} is said twice, and differently: {other} and {value}",
            "say it once; it is for the whole field",
        ),
        Code::MappingFieldOff => (
            "{place}[ ({line})]: the field {field} is disabled or deleted in the CRM",
            "enable the field in the CRM, or name another one",
        ),
        Code::MapByName => ("the header is the field's name", "nothing to do"),
        Code::MapBySynonym => (
            "a common header for {field}",
            "nothing to do, if that is meant",
        ),
        Code::MapByChoices => (
            "{share}% of the cells are choices of {field}",
            "nothing to do, if that is meant",
        ),
        Code::MapByShape => (
            "{share}% of the cells look like {field}",
            "nothing to do, if that is meant",
        ),
        Code::MapSimilar => (
            "the header resembles {field}",
            "nothing to do, if that is meant",
        ),
        Code::MapLeftOut => (
            "other systems keep this for themselves",
            "name a field if it should be imported",
        ),
        Code::MapServerSet => (
            "the CRM sets {field} itself; should the old values go into a custom field",
            "name a custom field, or ignore the column",
        ),
        Code::MapFieldOff => (
            "the field {field} is disabled or deleted in the CRM",
            "enable it, name another field, or ignore the column",
        ),
        Code::MapMemo => (
            "a person at the customer: the memo of the phone",
            "name another field if that is not meant",
        ),
        Code::MapLevel => (
            "level {level} of {field}",
            "nothing to do, if that is meant",
        ),
        Code::MapNothing => (
            "nothing is known of this column[; nearest fields: {nearest}]",
            "name a field, or ignore the column",
        ),
        Code::MapIsIt => (
            "is it really {field}",
            "name the right field, or ignore the column",
        ),
        Code::MapTaken => (
            "column {column} “{other}” is {field} already",
            "name another field or place, or ignore one of them",
        ),
        Code::MapCellsDiffer => (
            "the cells do not look like {field}, such as “{value}”",
            "look at the column; name the right field",
        ),
        Code::MapDateForm => (
            "dates such as “{value}” can be read in more than one way; which form have they",
            "set the form, such as dd/MM/yyyy or yy-MM-dd",
        ),
        Code::MapPersonOrCompany => (
            "is the customer the company “{other}” or this person",
            "name the field; only one column can be the customer's name",
        ),
        Code::MapPhone => (
            "mobile phones, landlines or both",
            "mobiles go into the list of phones; landlines may have a field of their own",
        ),
        Code::MapLandline => (
            "a field of its own, or a phone with a memo",
            "name the field; look whether area codes have lost their zero",
        ),
        Code::MapOpenSea => (
            "customers of an open sea have its id as owner; are these open seas",
            "give the ids of the open seas as owners, or ignore the column",
        ),
        Code::MapCreated => (
            "the CRM sets its own creation time; should the old one go into a custom field",
            "name a custom date field, or ignore the column",
        ),
        Code::MapOwnId => (
            "an id of another system, never the CRM's _id; a text field, and a good key",
            "name a text field; set key where customers are to be recognised by it",
        ),
        Code::MapSeveral => (
            "several fields have this label: {nearest}",
            "write the key of the right one",
        ),
        Code::MapMoreWords => (
            "{count} further words match nothing and are not listed",
            "add them, or mend the cells that `ferry check` names",
        ),
        Code::MapHead => (
            "{columns} columns are sure, {doubts} want a decision",
            "decide each: set the right field, delete its doubt, put the right value in place of every \"?\"; then `ferry check FILE --map THIS`",
        ),
        Code::MapExists => (
            "{path} is there already, and may have been filled in",
            "name another file with -o, or give --yes to replace it",
        ),
        Code::BadLookup => (
            "{path}[ {place}]: {detail}",
            "a look-up file has two columns: the sheet's word, and what the CRM takes (for owners: name and id)",
        ),

        Code::MissingRequired => ("{field} is required and blank", "fill it in"),
        Code::NotAChoice => (
            "{field}: “{value}” is not one of the choices[, nearest: {nearest}][; the choices: {choices}]",
            "write one of the field's choices, or add the choice in the CRM",
        ),
        Code::NotADate => (
            "{field}: “{value}” is not a date",
            "write it as 2024-11-14 or 2024-11-14 09:30:00",
        ),
        Code::AmbiguousDate => (
            "{field}: “{value}” can be read as more than one date",
            "write it with the year first: 2024-11-14",
        ),
        Code::TimeInDate => (
            "{field}: “{value}” has a time, and the field holds only a date",
            "remove the time",
        ),
        Code::NotANumber => (
            "{field}: “{value}” is not a number",
            "write digits with at most one point",
        ),
        Code::NotAPhone => (
            "{field}: “{value}” is not a phone number",
            "write digits, with + - ( ) and spaces only; several numbers are separated by ;",
        ),
        Code::NotAnEmail => (
            "{field}: “{value}” is not an e-mail address",
            "write it as name@example.com",
        ),
        Code::ImpreciseNumber => (
            "{field}: {value} has more than 15 digits, and the spreadsheet has lost the last ones",
            "export the column anew from its source as text",
        ),
        Code::ScientificText => (
            "{field}: “{value}” is what a spreadsheet left of a long number",
            "export the column anew from its source as text",
        ),
        Code::ErrorCell => (
            "{field}: the cell holds the error {value}",
            "mend the formula or write the value",
        ),
        Code::NotAPath => (
            "{field}: “{value}” is not known at level {level}[, nearest: {nearest}][; there are: {choices}]",
            "write the path as 浙江/杭州/西湖, each level as the CRM spells it",
        ),
        Code::PathTooShort => (
            "{field}: “{value}” stops too early, {levels} levels must be filled[; next: {nearest}]",
            "go on with the next level, separated by /",
        ),
        Code::NotInLookup => (
            "{field}: “{value}” is not in the look-up {lookup}[, nearest: {nearest}]",
            "correct the cell, or add it to the look-up",
        ),
        Code::MergedInto => (
            "one customer with row {row}",
            "nothing to do: the answer of that row is this one's",
        ),
        Code::MergeApart => (
            "rows of this customer stand further up, and others between them",
            "sort the sheet by the columns that merge_rows names",
        ),
        Code::MergeDiffers => (
            "{field}: “{value}” differs from “{other}”[ in row {row}], and both rows are one customer",
            "correct one of them, or leave the later one blank",
        ),
        Code::MergePartner => (
            "row {row}, of the same customer, has a problem",
            "mend that row; a customer is sent whole or not at all",
        ),
        Code::AmbiguousInLookup => (
            "{field}: “{value}” means more than one thing in the look-up {lookup}: {choices}",
            "write which one is meant into the cell, or into choices of the mapping",
        ),
        Code::GapInPath => (
            "{field}: level {level} is blank, and a deeper one is filled",
            "fill in every level down to the last",
        ),
        Code::MergedCells => (
            "the cells {cells} are merged[, and {more} more ranges]: only the first cell of each has the value, the others count as blank",
            "if every row should have it, unmerge the cells and fill the value down",
        ),
        Code::Uncalculated => (
            "{field}: the cell holds a formula whose value was never calculated",
            "open the file in Excel, WPS or LibreOffice and save it there (an .xls as .xlsx), then import it; or write the value",
        ),
        Code::LineBreakInCell => (
            "{field}: the cell whose quote opens in line {line} has a line break",
            "write it in one line",
        ),
        Code::TooManyErrors => (
            "{count} rows are invalid or refused, more than --max-errors allows; the rest is not sent yet",
            "look at their _error in the result sheet; `ferry resume` sends the rest as it is, or mend the file and import it again",
        ),
        Code::NotAnOwner => (
            "{field}: “{value}” is not an id of an agent or of an open sea",
            "write the id, digits only",
        ),
        Code::NotACustomerId => (
            "_id: “{value}” is not an id",
            "copy the id as text from the result sheet or an export, or clear the cell",
        ),
        Code::BlankKey => (
            "no key has a value: {field}",
            "fill one in, or add such rows without one: --blank-key add",
        ),
        Code::BadStatus => (
            "“{value}” is no status of a result sheet",
            "put the status back, or empty the _status cell to have the row sent as if it had never been",
        ),
        Code::IdOfAnotherRow => (
            "the customer {value} is another row's",
            "look in the CRM which row the customer belongs to",
        ),
        Code::DuplicateKey => (
            "the key[ {field}] is that of row {row} above[: {value}]",
            "make one row of the two, or give them different values",
        ),
        Code::DuplicateId => (
            "_id {value} stands in row {row} already",
            "keep one row for each customer",
        ),
        Code::ValueWithoutHeader => (
            "column {column} holds “{value}” but has no header",
            "give the column a header, delete the value, or give --ignore-unmapped",
        ),
        Code::RaggedRow => (
            "the row has {count} cells, the header has {width}",
            "look for a missing quote or a separator inside a value",
        ),
        Code::ClearRequired => ("{field} is required and cannot be emptied", "write a value"),
        Code::NothingToUpdate => (
            "the row has an _id and nothing to change",
            "fill in what should change, or delete the row",
        ),
        Code::UpdateWithoutId => (
            "--mode update, but the row has no _id",
            "fill in the _id, or use --mode auto",
        ),
        Code::AddWithId => (
            "--mode add, but the row has an _id",
            "clear the _id if a new customer is meant, or use --mode auto",
        ),
        Code::MemoWithoutValue => (
            "{field}: a memo without a value: “{value}”",
            "fill in the value, or clear the memo",
        ),
        Code::TotalsRow => (
            "the row looks like a line of totals",
            "delete it, or spell the name differently",
        ),
        Code::AlreadyAdded => (
            "row {row} of job {job} has added these cells already",
            "nothing to do; --again adds the customer once more",
        ),
        Code::InDoubtElsewhere => (
            "row {row} of job {job} may have added these cells; its outcome is not known",
            "`ferry resume {job}` looks again; or look for the customer in the CRM: if it is there, put its id into _id of that row in the result sheet of job {job}; if not, empty the _status cell there; then import that sheet[. Afterwards `{resume}` settles this row]",
        ),
        Code::DoneInResult => (
            "the result sheet says that row {row} of job {job} is done",
            "nothing to do; --include-done updates such rows by their _id",
        ),
        Code::SettledLater => ("job {job} has settled this row since", "nothing to do"),
        Code::NotAUrl => (
            "{field}: “{value}” is not a web address",
            "write it as https://example.com",
        ),
        Code::UnknownInResult => (
            "row {row} of job {job} may have been stored, its outcome is not known; it is not sent again",
            "[`ferry resume {job}` looks again, and `{resume}` then settles this row; or ]look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::EditedDoneRows => (
            "{count} rows that are done were edited since; they are skipped",
            "--include-done updates them by their _id",
        ),

        Code::Refused => (
            "the CRM refused it[ with code {code}][: {detail}][ (trace {trace})]",
            "mend what the message names and import this sheet again",
        ),
        Code::CustomerGone => (
            "the CRM has no customer with this _id[: {detail}][ (trace {trace})]",
            "it was deleted, or the _id is mistyped or of another account: correct it, or empty the _id cell if a new customer is meant",
        ),
        Code::NotStored => (
            "the CRM does not have it: its call never arrived, or was refused",
            "import this sheet again: the row is sent",
        ),
        Code::Unsearchable => (
            "the customer may have been stored[ ({detail})], and no field that was sent can be searched",
            "look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet. Next time, --stamp FIELD makes such rows certain",
        ),
        Code::ManyShareValue => (
            "the customer may have been stored[ ({detail})], and more customers share its value than can be told apart",
            "look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet. Next time, --stamp FIELD makes such rows certain",
        ),
        Code::SearchAstray => (
            "the customer may have been stored[ ({detail})], and the CRM's search is of no help: it brought customers that do not have the value that was searched for[: {ids}]",
            "look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet. Next time, let ferry search by another field: --key FIELD or --stamp FIELD",
        ),
        Code::SearchRefused => (
            "the customer may have been stored[ ({detail})], and the CRM refused, or could not do, the search[: {answer}]",
            "`ferry resume` searches again; or look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::OtherHasValue => (
            "the customer may have been stored[ ({detail})]; one with the same value is there, but it is not equal, is older or newer, or somebody else made it[: {ids}]",
            "compare it with this row: if it is the row's, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::FitsSeveralRows => (
            "the customer may have been stored[ ({detail})]; what was found fits other rows as well[: {ids}]",
            "compare: where a customer is a row's, put its id into _id; where none is, empty the _status cell; then import this sheet",
        ),
        Code::SeveralFit => (
            "the customer may have been stored[ ({detail})]; several that were found fit[: {ids}]",
            "compare them in the CRM: if one is this row's, put its id into _id; if none is, empty the _status cell; then import this sheet",
        ),
        Code::SearchUnproven => (
            "the customer may have been stored[ ({detail})]; nothing proves yet that it was not: the CRM's search was not seen to show rows that were added later[; candidates that were found: {ids}]",
            "`ferry resume` looks again, with better prospects once something else was added; or look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::Interrupted => (
            "ferry was interrupted before the reply was recorded; the customer may have been stored",
            "`ferry resume` looks for it; or look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::OutcomeUnknown => (
            "the call left, and no usable reply came[: {detail}]; the customer may have been stored",
            "`ferry resume` looks for it; or look for the customer in the CRM: if it is there, put its id into _id; if not, empty the _status cell; then import this sheet",
        ),
        Code::UpdateUnknown => (
            "the update left, and no usable reply came[: {detail}]; it may have been made",
            "look at the customer in the CRM; import this sheet to send the update once more, or leave the row out if it was made",
        ),
        Code::OtherId => (
            "the reply carries the _id {other}, not the one that was sent",
            "look at both customers in the CRM",
        ),

        Code::Adopted => (
            "its reply was lost; the customer was found in the CRM by {field} and is taken for this row",
            "nothing to do",
        ),
        Code::WaitingToSettle => (
            "rows in doubt: {count}; the CRM is asked about them in {seconds} s[, at {until}][, with about {calls} calls], when what was on its way must have arrived",
            "wait, or stop now: `ferry resume` asks later",
        ),
        Code::NotRead => (
            "the customer could not be read first[: {detail}]; nothing was written",
            "import this row again later; if it stays so, look at the customer in the CRM",
        ),

        Code::FileNotFound => (
            "{path}: there is no such file",
            "check the name, and drag the file into the window to get its path",
        ),
        Code::IsDirectory => ("{path} is a folder", "name a .xlsx or .csv file in it"),
        Code::Unreadable => (
            "{path} cannot be read: {detail}",
            "is it open in another program, or on a drive that is gone?",
        ),
        Code::EmptyFile => ("{path} is empty", "export or save it again"),
        Code::NotAWorkbook => (
            "{path} is no workbook: {detail}",
            "open it in a spreadsheet program and save it as .xlsx or .csv",
        ),
        Code::OldFormat => (
            "{path}: {detail}",
            "open it in a spreadsheet program and save it as .xlsx",
        ),
        Code::BadEncoding => (
            "{path}: {detail}",
            "name the encoding with --encoding, or save the file as UTF-8",
        ),
        Code::BadCsv => (
            "{path}: {detail}",
            "look at that row in a text editor; name the separator with --delimiter",
        ),
        Code::StrayQuote => (
            "[{path}: ]{detail}",
            "look at that line in a text editor: a quote inside a quoted cell is written twice (\"\"), one too many is taken off; another separator is named with --delimiter; if the text is as it should be, save the file as .xlsx",
        ),
        Code::CellTooLong => (
            "{path}: {detail}",
            "shorten it; in CSV, a cell may take 1 MiB",
        ),
        Code::TooManyTexts => (
            "{path}: {detail}",
            "save the sheet as .csv, which has no such bound",
        ),
        Code::TooManyColumns => (
            "the sheet would have {count} columns; a workbook has {limit}",
            "name a .csv for it: `-o result.csv`",
        ),
        Code::JournalFailed => (
            "the journal could not be written: {detail}",
            "nothing more was sent; make room or mend the folder, then `ferry resume`, or import again if `ferry jobs` does not list the job",
        ),
        Code::JournalWentBack => (
            "the journal is not whole[: {detail}]",
            "nothing is sent from such a journal; restore the whole job folder, or look the last rows up in the CRM before importing them anew",
        ),
        Code::WordUnknown => (
            "{path} says “{value}” for {what}, which means nothing",
            "nothing is done with such a job; restore its folder as it was",
        ),
        Code::CustomerUnreadable => (
            "what was kept of a stored customer cannot be read back: {detail}",
            "nothing is concluded from it; restore the job's folder as it was, or look the rest up in the CRM",
        ),
        Code::StateGone => (
            "{path} was deleted, moved or unmounted while the job was at work: nothing more is sent",
            "put the state folder back, or name its new place with --state-dir, then `ferry resume`. If it is lost, look the customers up in the CRM before the file is imported again: ferry does not know any more what it added",
        ),
        Code::JobBusy => (
            "job {job} is in use by another process",
            "wait until it ends, or stop it first; `ferry jobs` shows it",
        ),
        Code::NoSuchJob => ("there is no job[ {job}]", "`ferry jobs` lists them"),
        Code::JobUnfinished => (
            "job {job} of this file is not finished",
            "go on with it: `{resume}`",
        ),
        Code::ResultUnwritable => (
            "the result sheet could not be written to {path}: {detail}",
            "nothing is lost: `ferry jobs {job} --result FILE` writes it again",
        ),
        Code::JobFinished => (
            "job {job} is finished",
            "`ferry jobs {job}` shows its counts and files",
        ),
        Code::JournalForeign => (
            "the job folder does not fit together[: {detail}]",
            "restore the job folder as it was; nothing is sent from such a journal",
        ),
        Code::CopyChanged => (
            "the copy of the source in the job folder is not the one the job was made from: {detail}",
            "restore the job folder as it was; nothing is sent until then",
        ),
        Code::ResultRenamed => (
            "{wanted} could not be written (is it open, or its folder missing?), so the result is {path}",
            "close the file, or make the folder, next time",
        ),
        Code::StateOnNetwork => (
            "the state folder {path} is on a network drive, where a crash or a second computer can damage the journal",
            "name a folder on this computer with --state-dir, or state_dir in ferry.toml",
        ),
        codes_of_changes!() => super::changes::words(code).templates(super::Lang::En),
        codes_of_doubts!() => super::doubts::words(code).templates(super::Lang::En),
        codes_of_exports!() => super::exports::words(code).templates(super::Lang::En),
        Code::LedgerHealed => (
            "the memory of what was added (ledger.db) was lost or older than the jobs; it has been restored from {count} jobs",
            "rows of jobs that were deleted since cannot be recognised any more: check such files before importing them again",
        ),
    }
}
