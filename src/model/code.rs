//! The numbers of everything that can be wrong or worth saying: `E101` to `E699`.
//!
//! Families: 1xx set-up, 2xx connection and authentication, 3xx mapping and fields, 4xx data in a row, 5xx refused by
//! the CRM, 6xx journal and files. A number never changes its meaning, because journals and people's scripts hold it.
//! The words are in `lang`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $number:literal),+ $(,)?) => {
        /// A number of the catalogue; shown as `E401`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[expect(missing_docs, reason = "the catalogue in `lang` says what each number means")]
        pub enum Code { $($name = $number),+ }

        impl Code {
            /// Every code in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

codes! {
    NoConfiguration = 101,
    BadConfiguration = 102,
    SecretMissing = 103,
    SecretExposed = 104,
    BadSetting = 105,
    NeedsConfirmation = 107,
    SandboxFailed = 108,
    ForeignConfiguration = 109,
    FinishLeftOut = 110,
    NameNotText = 111,
    WhichPlan = 113,
    WhichUndo = 114,
    UnknownLanguage = 115,

    Unreachable = 201,
    NoReply = 202,
    BadSignature = 203,
    UnknownAppid = 204,
    NoPermission = 205,
    ServerBusy = 206,
    ClockOff = 207,
    OutageWait = 208,
    QuotaSpent = 209,
    CertificateRefused = 210,
    NoTlsThere = 211,
    TlsWanted = 212,
    ProxyFailed = 240,

    NoHeader = 301,
    UnknownColumns = 302,
    TwoColumnsOneField = 303,
    FieldDisabled = 304,
    FieldDeleted = 305,
    SeveralSheets = 306,
    NoSuchSheet = 307,
    UnknownType = 308,
    ServerSetColumn = 309,
    IgnoredColumns = 310,
    HeaderFound = 311,
    NothingMatched = 312,
    RequiredWithoutColumn = 313,
    NoRows = 314,
    BlankWords = 316,
    AmbiguousHeader = 317,
    ForeignResult = 318,
    BadStamp = 319,
    BadKey = 320,
    ComparedByList = 322,
    NoSuchField = 323,
    NotSearchableField = 324,
    ComparedSingly = 325,
    TooManyDeletes = 326,
    IsAPreview = 327,
    NoIdColumn = 328,
    OnMatchWithoutKey = 329,
    KeysOfSheet = 330,
    KeysDiffer = 331,
    UndoOfAnUndo = 332,
    PlanOutdated = 333,
    EmptiedCells = 334,
    MappingsDiffer = 335,
    KeepColumnMissing = 336,

    MappingSyntax = 340,
    MappingUnknownKey = 341,
    MappingUnknownField = 342,
    MappingUnknownChoice = 343,
    MappingNoSuchHeader = 344,
    MappingUndecided = 345,
    MappingBadValue = 346,
    MappingServerSet = 347,
    MappingHeaderTwice = 348,
    MappingWon = 349,
    MappingTwice = 350,
    BadLookup = 351,
    MappingFieldOff = 352,
    MappingIgnoredField = 353,
    MapEarlier = 354,
    MapEntryGone = 355,
    MappingForgotten = 356,
    CertainColumns = 357,
    MappingRecalled = 358,
    MappingUnsaid = 359,
    MapByName = 360,
    MapBySynonym = 361,
    MapByChoices = 362,
    MapByShape = 363,
    MapSimilar = 364,
    MapLeftOut = 365,
    MapServerSet = 366,
    MapFieldOff = 367,
    MapMemo = 368,
    MapLevel = 369,
    MapNothing = 370,
    MapIsIt = 371,
    MapTaken = 372,
    MapCellsDiffer = 373,
    MapDateForm = 374,
    MapPersonOrCompany = 375,
    MapPhone = 376,
    MapLandline = 377,
    MapOpenSea = 378,
    MapCreated = 379,
    MapOwnId = 380,
    MapSeveral = 381,
    MapMoreWords = 382,
    MapHead = 383,
    MapExists = 384,
    MapDecimalSign = 385,
    MapUnit = 386,

    MissingRequired = 401,
    NotAChoice = 402,
    NotADate = 403,
    AmbiguousDate = 404,
    NotANumber = 405,
    NotAPhone = 406,
    NotAnEmail = 407,
    ImpreciseNumber = 408,
    ScientificText = 409,
    ErrorCell = 410,
    NotAPath = 411,
    PathTooShort = 412,
    NotAnOwner = 413,
    NotACustomerId = 414,
    DuplicateId = 415,
    ValueWithoutHeader = 416,
    RaggedRow = 417,
    ClearRequired = 418,
    NothingToUpdate = 419,
    UpdateWithoutId = 420,
    AddWithId = 421,
    MemoWithoutValue = 422,
    TotalsRow = 423,
    AlreadyAdded = 424,
    InDoubtElsewhere = 425,
    DoneInResult = 426,
    SettledLater = 427,
    NotAUrl = 428,
    UnknownInResult = 429,
    EditedDoneRows = 430,
    CutText = 431,
    TimeInDate = 432,
    GapInPath = 433,
    BlankKey = 434,
    DuplicateKey = 435,
    BadStatus = 436,
    IdOfAnotherRow = 437,
    CustomersTakenAway = 438,
    NotInLookup = 440,
    AmbiguousInLookup = 441,
    MergedInto = 442,
    MergeApart = 443,
    MergeDiffers = 444,
    MergePartner = 445,
    MergedCells = 446,
    CutTextsLeft = 447,
    RowWithoutId = 448,
    AmbiguousKey = 449,
    KeyNotStored = 450,
    KeyIsStored = 451,
    KeyMatchLeft = 452,
    Uncalculated = 453,
    LineBreakInCell = 454,
    TooManyErrors = 460,
    ObscuredCell = 461,
    AmbiguousNumber = 462,
    RepeatedHeader = 463,
    PhoneLength = 464,
    ContactNotAdded = 465,
    HiddenRows = 470,
    PictureCell = 471,
    DamagedText = 472,
    QuestionMarks = 473,
    NullWords = 474,
    WrappedDigits = 475,
    SeenOwners = 476,
    OwnersLeft = 478,
    ContactRows = 480,
    KeptByMark = 481,
    NobodyKept = 482,
    UnclearKeep = 483,
    NoGroup = 484,
    KeptElsewhere = 485,
    CorrectionWithoutRow = 490,
    TooManyCorrections = 491,

    Refused = 501,
    CustomerGone = 502,
    OutcomeUnknown = 503,
    OtherId = 505,
    NotRead = 506,
    Adopted = 507,
    WaitingToSettle = 508,
    NotStored = 509,
    Unsearchable = 510,
    ManyShareValue = 511,
    SearchAstray = 512,
    SearchRefused = 513,
    OtherHasValue = 514,
    FitsSeveralRows = 515,
    SeveralFit = 516,
    SearchUnproven = 517,
    Interrupted = 518,
    UpdateUnknown = 519,
    ExportIncomplete = 520,
    ShortPage = 521,
    TimesInFuture = 522,
    NotMatching = 523,
    DupesIncomplete = 524,
    ChangedSincePlan = 530,
    AddedSincePlan = 531,
    Readded = 532,
    LeftAlone = 533,
    ChangedSinceAdd = 534,
    AdoptedLeft = 535,
    UndoneWith = 536,
    NoImage = 537,
    NotAddedByRow = 538,
    AlreadyGone = 539,
    VerifyDiffers = 540,
    VerifyGone = 541,
    VerifyStillThere = 542,
    TakenBack = 543,
    AddedSince = 544,
    SecondCustomer = 545,
    OtherCustomerHasIt = 546,
    TooManyShareIt = 547,
    KeeperGone = 548,
    Touching = 550,
    MergedByServer = 551,
    SameCustomer = 552,
    NeverStored = 553,
    TouchChanged = 554,
    MergedRows = 555,
    SuccessorLeft = 556,

    FileNotFound = 601,
    IsDirectory = 602,
    Unreadable = 603,
    EmptyFile = 604,
    NotAWorkbook = 605,
    OldFormat = 606,
    BadEncoding = 607,
    BadCsv = 608,
    JournalFailed = 610,
    JournalWentBack = 611,
    JobBusy = 612,
    NoSuchJob = 613,
    JobUnfinished = 614,
    ResultUnwritable = 615,
    JobFinished = 616,
    JournalForeign = 617,
    CopyChanged = 618,
    ResultRenamed = 619,
    LedgerHealed = 621,
    StateOnNetwork = 622,
    ExportBusy = 623,
    ExportUnwritten = 624,
    FolderMissing = 625,
    TargetUnwritable = 626,
    TextsCut = 627,
    NotABaseline = 628,
    NoBaseline = 629,
    OtherScope = 630,
    NotAnExport = 631,
    ExportEdited = 632,
    FinishFailed = 633,
    JobIsAPlan = 634,
    NotAPlan = 635,
    SeveralJobs = 636,
    NotOfAJob = 637,
    NothingWritten = 638,
    StrayQuote = 640,
    CellTooLong = 641,
    TooManyTexts = 642,
    TooManyColumns = 643,
    FormatsNotKept = 644,
    StateGone = 650,
    WordUnknown = 651,
    CustomerUnreadable = 652,
}

/// The error of [`Code::parse`]: the text is no code of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no code of the catalogue")]
pub struct UnknownCode(pub String);

impl Code {
    /// Returns the number, 101 to 699.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// Returns whether the code says that the CRM has answered an add with a customer that is not its row's.
    pub fn is_merge(self) -> bool {
        matches!(self, Self::MergedByServer | Self::SameCustomer)
    }

    /// Reads `E401`, `e401` or `401`.
    pub fn parse(text: &str) -> Result<Self, UnknownCode> {
        let digits = text.trim().trim_start_matches(['E', 'e']);
        let number = digits.parse::<u16>().ok();
        let found = Self::ALL
            .iter()
            .copied()
            .find(|code| Some(code.number()) == number);
        found.ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "E{}", self.number())
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for Code {
    type Error = UnknownCode;

    fn try_from(text: String) -> Result<Self, UnknownCode> {
        Self::parse(&text)
    }
}
