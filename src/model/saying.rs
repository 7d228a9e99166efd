//! The phrases with which messages are completed: reasons and details in ferry's own words.
//!
//! A phrase's name never changes its meaning, because journals hold it. The words are in `lang`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! sayings {
    ($($name:ident $text:literal),+ $(,)?) => {
        /// The name of a phrase, as journals keep it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "`lang` says what each phrase means")]
        pub enum Saying { $(#[serde(rename = $text)] $name),+ }

        impl Saying {
            /// Every phrase.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name in journals and logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

sayings! {
    // Calls.
    CannotConnect "cannot-connect",
    NoReplyInTime "no-reply-in-time",
    ConnectionBroke "connection-broke",
    ConnectionRefused "connection-refused",
    ConnectionReset "connection-reset",
    ServerHungUp "server-hung-up",
    TimedOut "timed-out",
    NameNotFound "name-not-found",
    ProxyNotReached "proxy-not-reached",
    ProxyRefused "proxy-refused",
    NetworkUnreachable "network-unreachable",
    CertificateNotTrusted "certificate-not-trusted",
    CertificateExpired "certificate-expired",
    CertificateNotYetValid "certificate-not-yet-valid",
    CertificateOutOfTime "certificate-out-of-time",
    CertificateOfOther "certificate-of-other",
    CertificateRevoked "certificate-revoked",
    CertificateBad "certificate-bad",
    NoAuthorities "no-authorities",
    NotTls "not-tls",
    TlsBrokeOff "tls-broke-off",
    TlsExpected "tls-expected",
    ReplyBrokeOff "reply-broke-off",
    ReplyTooLarge "reply-too-large",
    ReplyTooSlow "reply-too-slow",
    NoReason "no-reason",
    WrongForm "wrong-form",
    NoSuchCustomer "no-such-customer",
    NotACustomer "not-a-customer",
    ReplyWithoutId "reply-without-id",
    OddIdInReply "odd-id-in-reply",
    BadIdInReply "bad-id-in-reply",
    NotAPage "not-a-page",
    ReplyWithoutList "reply-without-list",
    ReplyWithoutCount "reply-without-count",
    FieldNotAnObject "field-not-an-object",
    FieldsNotAnArray "fields-not-an-array",
    NotJson "not-json",
    ReplyWithoutFields "reply-without-fields",
    NeitherFieldsNorReply "neither-fields-nor-reply",
    StoppedBeforeCall "stopped-before-call",
    QuotaSpentUntil "quota-spent-until",
    CannotCount "cannot-count",
    Waiting "waiting",
    NoSensibleAnswer "no-sensible-answer",
    AsksToWait "asks-to-wait",
    // Rows, keys, accounts and result sheets.
    RowDamaged "row-damaged",
    RowWithoutSource "row-without-source",
    UnknownWord "unknown-word",
    FieldNotEnabled "field-not-enabled",
    IdentifiesNobody "identifies-nobody",
    FedByNoColumn "fed-by-no-column",
    TheCrm "the-crm",
    EmbeddedCrm "embedded-crm",
    SeenOwners "seen-owners",
    // Places of a mapping that a person makes on the page.
    PlaceOfColumn "place-of-column",
    PlaceOfWord "place-of-word",
    PlaceOfOwner "place-of-owner",
    PlaceOfConstant "place-of-constant",
    PlaceOfMerging "place-of-merging",
    PlaceOfMapping "place-of-mapping",
    SheetOfAPlan "sheet-of-a-plan",
    SheetOfARehearsal "sheet-of-a-rehearsal",
    SheetOfADiff "sheet-of-a-diff",
    SheetOfAVerification "sheet-of-a-verification",
    SheetOfAnUndo "sheet-of-an-undo",
    SheetOfADelete "sheet-of-a-delete",
    MappingWorkbook "mapping-workbook",
    AccountAt "account-at",

    // Settings.
    NotAHeaderText "not-a-header-text",
    IsEmpty "is-empty",
    NotLongerThanNothing "not-longer-than-nothing",
    NotAtLeastOne "not-at-least-one",
    NotAnAddress "not-an-address",
    NotAProxy "not-a-proxy",
    AddressWithUser "address-with-user",
    AddressWithQuery "address-with-query",
    FindPathForm "find-path-form",
    FindPathNotPlain "find-path-not-plain",
    MatchesEverything "matches-everything",
    NotARefusalCode "not-a-refusal-code",
    SecretNotSigned "secret-not-signed",
    NotAHeaderName "not-a-header-name",
    SameHeaders "same-headers",
    LoneBrace "lone-brace",
    UnknownPlaceholder "unknown-placeholder",
    NotARate "not-a-rate",
    NotInRange "not-in-range",
    NotADuration "not-a-duration",
    NotATimeUnit "not-a-time-unit",
    DurationOutOfRange "duration-out-of-range",
    NotATimezone "not-a-timezone",
    NotInProfile "not-in-profile",
    WrongKind "wrong-kind",
    UnknownName "unknown-name",
    AtLine "at-line",
    ControlInPath "control-in-path",
    EscapeInText "escape-in-text",

    // Secrets.
    SeveralSecrets "several-secrets",
    NoSecretNamed "no-secret-named",
    VariableNotSet "variable-not-set",
    VariableEmpty "variable-empty",
    FileEmpty "file-empty",
    OnlyFromUsersFolder "only-from-users-folder",
    BelongsToOther "belongs-to-other",
    OthersMayWrite "others-may-write",
    OutsideUsersFolder "outside-users-folder",
    HowClosed "how-closed",
    HowClosedInFolder "how-closed-in-folder",
    HowOwned "how-owned",
    HowOwnedInFolder "how-owned-in-folder",
    CommandEmpty "command-empty",
    CommandFailed "command-failed",
    CommandNotText "command-not-text",
    CommandSilent "command-silent",

    // Spreadsheets.
    KindNotRead "kind-not-read",
    OldXls "old-xls",
    SaveAsXlsx "save-as-xlsx",
    SaveWithoutPassword "save-without-password",
    ExportPageAnew "export-page-anew",
    ExportAsTable "export-as-table",
    CopyIntoSheet "copy-into-sheet",
    GiveSpreadsheet "give-spreadsheet",
    UnpackFirst "unpack-first",
    PasswordProtected "password-protected",
    ContentIsText "content-is-text",
    NoWorkbookInside "no-workbook-inside",
    SheetWithoutEnd "sheet-without-end",
    CellTwice "cell-twice",
    RowsOutOfOrder "rows-out-of-order",
    BeyondLastColumn "beyond-last-column",
    BeyondLastRow "beyond-last-row",
    WebPage "web-page",
    WebArchive "web-archive",
    XmlSpreadsheet "xml-spreadsheet",
    OtherXml "other-xml",
    JsonText "json-text",
    TextDocument "text-document",
    SlideDocument "slide-document",
    NumbersDocument "numbers-document",
    PdfDocument "pdf-document",
    Picture "picture",
    PackedFile "packed-file",
    Database "database",
    BareRecords "bare-records",
    EmptyZip "empty-zip",
    ZipWithoutWorkbook "zip-without-workbook",
    NotAZip "not-a-zip",
    FileIncomplete "file-incomplete",
    NoWorksheet "no-worksheet",
    ReaderBroke "reader-broke",
    NotInEncoding "not-in-encoding",
    AtRow "at-row",
    TooManyRows "too-many-rows",
    OpenQuote "open-quote",
    NotDelimited "not-delimited",
    LongCell "long-cell",
    LongQuotedCell "long-quoted-cell",
    LongSharedText "long-shared-text",
    LongRow "long-row",
    SharedTextsTooLarge "shared-texts-too-large",
    QuoteInsideCell "quote-inside-cell",
    QuoteHidesRows "quote-hides-rows",
    OwnerIdOrNobody "owner-id-or-nobody",
    OwnerNamed "owner-named",
    SeveralOwners "several-owners",
    QuoteInOneLineField "quote-in-one-line-field",
    QuoteInRaggedRow "quote-in-ragged-row",
    NulByte "nul-byte",
    RowTooLong "row-too-long",
    SheetMissing "sheet-missing",
    IsAFolder "is-a-folder",
    ImpossibleName "impossible-name",
    IsReadOnly "is-read-only",
    DamagedSheet "damaged-sheet",

    // Jobs and journals.
    PathAndCause "path-and-cause",
    AccessDenied "access-denied",
    OtherJobOrVersion "other-job-or-version",
    ContentDiffers "content-differs",
    WitnessDiffers "witness-differs",
    NotOfThisJob "not-of-this-job",
    JournalStopped "journal-stopped",
    OtherVersion "other-version",
    FileMissing "file-missing",
    NamesOtherJob "names-other-job",
    JobFileUnreadable "job-file-unreadable",
    JournalRowUnreadable "journal-row-unreadable",


    // Keys and stamps.
    TooManyKeys "too-many-keys",
    NoSuchField "no-such-field",
    NotWritable "not-writable",
    NotCustomText "not-custom-text",
    NotSearchable "not-searchable",
    FedByColumn "fed-by-column",
}

impl fmt::Display for Saying {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
