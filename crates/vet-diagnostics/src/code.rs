//! The registry of diagnostic codes. Codes get their numbers here and nowhere else.
//!
//! A released code keeps its number and its meaning. Each code has a page that explains it, named
//! after the code.

macro_rules! codes {
    (@warns) => { false };
    (@warns warns) => { true };
    ($($(#[$doc:meta])* $name:ident = $number:literal $($warns:ident)?, $title:literal;)*) => {
        /// The kind of a finding, with a number that never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* #[doc = $title] $name,)*
        }

        impl Code {
            /// All codes, in ascending order of number.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// Returns the number, without the prefix `VET`.
            pub fn number(self) -> u16 {
                match self { $(Code::$name => $number,)* }
            }

            /// Returns what the code stands for, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// Whether findings of this kind can be warnings. You can set a level only for these.
            pub fn may_warn(self) -> bool {
                match self { $(Code::$name => codes!(@warns $($warns)?),)* }
            }
        }
    };
}

// 01xx text of store files and settings · 02xx content of the store · 03xx dependency graph ·
// 04xx store compared with the graph · 05xx files and folders · 06xx requests that cannot be met ·
// 070x network · 071x peers · 072x sources of crates · 08xx advice
//
// `warns` marks codes whose findings need not make a command fail.
codes! {
    NotUtf8 = 101, "a file is not UTF-8";
    TomlSyntax = 102, "a file is not valid TOML";
    MergeConflict = 103, "a file contains merge conflict markers";
    WrongType = 104, "a value has the wrong type";
    MissingField = 105, "a mandatory field is missing";
    UnknownField = 106, "a field is unknown";
    InvalidValue = 107, "a value has an invalid form";
    AuditKindConflict = 108, "an audit entry must have exactly one of `version`, `delta` and `violation`";
    MixedPolicy = 109, "a crate has both versioned and unversioned policies";
    StoreTooNew = 110, "the store has a newer format";
    StoreTooOld = 111, "the store has an older format";
    NotFormatted = 112, "a store file is not in canonical form";
    DroppedText = 113 warns, "a write drops comments or unknown fields";
    DuplicateKey = 114, "a key appears twice";
    SettingsConflict = 120, "two settings contradict each other";
    NothingLeft = 121, "a setting leaves nothing to check";
    ListedTwice = 122, "a list contains a duplicate";
    NotAWarning = 123, "a level is set for a finding that is never a warning";

    UnknownCriterion = 201 warns, "a criterion is not defined";
    ShadowedCriterion = 202, "a criterion has the name of a built-in one";
    CriteriaCycle = 203, "a criterion implies itself";
    EndTooFar = 204, "a wildcard audit ends more than a year ahead";
    LockStale = 205, "imports.lock does not match config.toml";
    ImportChanged = 206 warns, "an import has changed since it was locked";

    NoManifest = 301, "no Cargo.toml was found";
    BadManifest = 302, "a manifest cannot be read";
    NoLockFile = 303, "there is no Cargo.lock";
    BadLockFile = 304, "Cargo.lock cannot be read";
    LockFileMismatch = 305, "Cargo.lock does not match the manifests";
    CargoFailed = 306, "cargo could not describe the dependency graph";
    BadFilter = 307, "a graph filter is invalid";
    BadVetMetadata = 308, "the vet table of a manifest is invalid";
    EdgesUnknown = 309 warns, "some edges of the dependency graph are unknown";
    FilteredOut = 310 warns, "a graph filter leaves nothing to check";
    UnknownTarget = 311, "a target is unknown";
    UnknownMember = 312, "a setting names a member that does not exist";
    UnknownFeature = 313, "a setting names a feature that a member does not have";
    Unverified = 317 warns, "a package could not be verified against the index";
    VendoredDiffer = 318, "vendored sources differ from the published ones";
    VendoredUnverified = 319 warns, "vendored sources could not be compared with the published ones";
    RegistryOfCheckout = 320 warns, "packages come from a registry that only the checkout names";
    MirrorOfCheckout = 321 warns, "the dependency graph comes from a mirror that only the checkout names";
    SourcesRefused = 322, "cargo refuses the sources that the checkout names";
    BadConfiguration = 323, "cargo's configuration in the checkout cannot be read";
    TargetNotNamed = 325 warns, "cargo builds for a target that the settings do not name";
    TargetUndescribed = 326 warns, "too little is known about a target";
    ConditionsChanged = 327 warns, "the checkout changes which `cfg` conditions hold";
    BuiltThoughLeftOut = 328 warns, "cargo builds a member that the settings leave out";
    ConfigurationOfMember = 329 warns, "cargo's configuration in a member's folder may change the packages";

    PolicyNeedsVersion = 401, "a third-party crate needs versioned policies";
    PolicyUnused = 402, "a policy names a crate that is not in use";
    PolicyUnversioned = 403, "a policy of a third-party crate has no version";
    AuditAsMissing = 404 warns, "a policy must say whether a published package is audited";
    AuditAsWrong = 405, "a package that is not on crates.io is audited as if it were";
    AuditAsUnused = 406, "`audit-as-crates-io` is set for a package that comes from crates.io";
    Unbuilt = 407 warns, "exemptions are needed only by packages that the settings leave out";
    LeftOut = 408 warns, "a named package is left out of the graph";
    PrereleaseMissed = 409 warns, "a violation misses a pre-release that is in use";
    ViolationInUse = 410 warns, "a violation covers a version in use or contradicts the store";
    WeakerCriteria = 411 warns, "a member inherits weaker criteria than it had as a root";
    UncheckedGit = 413 warns, "packages from git are not checked";
    UncheckedRegistry = 414 warns, "packages from other registries are not checked";
    UncheckedCopy = 415 warns, "copies of published packages are not checked";
    UncheckedFolder = 416 warns, "packages outside the checkout are not checked";
    Namesake = 417 warns, "packages from another registry count as packages from crates.io";

    StoreMissing = 501, "the store does not exist";
    StoreExists = 502, "the store already exists";
    StoreFileMissing = 503, "a store file is missing";
    Io = 504 warns, "a file or folder cannot be accessed";
    StoreNotAFolder = 505, "the store path is not a folder";
    NotACacheFolder = 506, "a folder is not a cache of cargo-vet";
    StoreChanged = 507, "another program changed the store";
    CacheInCheckout = 508, "a cache is inside the checkout";
    StoreMoved = 509 warns, "the checkout decides where the store is";
    NoEnd = 510, "a search for files does not end";
    TooManyCriteria = 511, "there are too many criteria";
    UnfinishedCommit = 512 warns, "a change to the store is not finished";

    UnknownCriterionArgument = 601, "a criterion on the command line is not defined";
    NotADependency = 602, "a crate is not a third-party dependency";
    AmbiguousVersion = 603, "a version is needed to identify the package";
    ViolationConflict = 604, "a crate has violation conflicts";
    NoIdentity = 605, "the auditor's name is unknown";
    NeedsNetwork = 606, "the command needs the network";
    UnknownCode = 607, "a diagnostic code does not exist";
    UnknownPeer = 608, "the audit registry does not list the import";
    ImportExists = 609, "the name of an import is already taken";
    NoPublisher = 610, "the crate has no known publisher";
    SeveralPublishers = 611 warns, "the crate has several publishers";
    NotThePublisher = 612, "the named publisher has not published the crate";
    NothingToTrust = 613, "the publisher has no crates that need an audit";
    BadPeriod = 614, "a period of time is invalid";
    NeedsAnswer = 615, "a question was not answered";
    NothingLookedAt = 616, "it is unknown which code was audited";
    NotCertified = 618, "the statement was not made, so nothing is certified";
    NoEditor = 619, "the editor cannot be started";
    EditorFailed = 620, "the editor failed";
    AuditedAlready = 621 warns, "the same code was audited before";
    AuditNotKept = 622 warns, "an audit is not kept, because nothing needs it";
    BadAuditList = 623, "a list of audits cannot be read";
    NoGuess = 624, "the criteria of an audit cannot be guessed";
    NoChange = 625, "a delta audit starts and ends at the same version";
    TextLeftOut = 626 warns, "comment lines are not part of the notes";
    NotMerged = 627 warns, "an audit is not merged with the one that it continues";
    AuditContradicts = 628 warns, "an audit contradicts a violation";
    SharedLogin = 629, "several accounts have the same login";
    BuildMetadata = 630, "a version differs from the one in use only in its build metadata";
    NoAddress = 631, "an argument is not the address of an audits file";
    PeersNotAsked = 632 warns, "a plan was made without fetching the audits of peers";
    NoSuchCrate = 641, "crates.io has no such crate";
    NoSuchVersion = 642, "a version was never published";
    NoSuchRevision = 643, "the repository of a git revision is unknown";
    ReadsUnused = 644 warns, "a crate that is shown is not in use";
    NotRequired = 645 warns, "an audit would not help this project";
    NoBrowser = 646, "the browser cannot be opened";
    NoShell = 647, "a shell cannot be started";
    NoViewer = 648, "the diff tool cannot be started";
    Cancelled = 649, "a question was cancelled";

    Unreachable = 701, "a server cannot be reached";
    HttpStatus = 702, "a server refused a request";
    UrlNotAllowed = 703, "a URL is not allowed";
    TooLarge = 704, "an answer is too large";
    Tls = 705, "a connection cannot be trusted";
    BadContent = 706, "an answer is damaged";
    Offline = 707, "the network must not be used";
    NoRegistry = 708, "the registry cannot provide the needed information";
    PeerSkipped = 711 warns, "entries of an imported file are ignored";
    PeerCriteria = 712 warns, "criteria of an imported file are invalid";
    CriteriaDiffer = 713, "audits files define a criterion differently";
    CriterionWithoutText = 714, "an imported criterion has no text";
    CriteriaChanged = 715, "a peer changed the text of a criterion";
    PeerUnavailable = 716 warns, "the audits of a peer cannot be fetched";
    CratesIoUnavailable = 717 warns, "crates.io cannot be asked";
    NotPublished = 718, "a crate that is audited as published is not on crates.io";
    ViolationNotLocked = 719 warns, "a known violation is not in imports.lock";
    NoArchive = 721, "the archive of a package is not available";
    WrongChecksum = 722, "the sources of a package have a wrong checksum";
    BadArchive = 723, "the archive of a package cannot be unpacked";
    NoCheckout = 724, "the sources of a git revision are not available";
    UnfitName = 725, "a file of a package cannot be written to this disk";
    CannotVerify = 726, "Cargo.lock cannot be verified";
    LockContradicted = 727, "Cargo.lock contradicts the index";
    SettingIgnored = 734 warns, "a setting of the checkout is ignored";
    TooSlow = 736, "an answer is too slow";

    Unneeded = 801 warns, "the store has entries that are not needed";
    PublishedSince = 802 warns, "an unpublished version has been published";
    WildcardExpired = 803 warns, "wildcard audits have expired";
    WildcardExpiring = 804 warns, "wildcard audits expire soon";
    Withdrawn = 805 warns, "a peer has withdrawn a locked audit";
    NextLockedFails = 806 warns, "the next check with `--locked` will fail";
    ExemptionMoved = 807 warns, "a new exemption lacks the notes or settings of the old one";
    NeighbourMayNeed = 808 warns, "another project may need the removed entries";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VET{:04}", self.number())
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    /// Accepts `VET0101`, `vet0101`, `0101` and `101`.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let digits = match text.get(..3) {
            Some(prefix) if prefix.eq_ignore_ascii_case("VET") => text.get(3..).unwrap_or_default(),
            _ => text,
        };
        let number: u16 = digits.parse().map_err(|_| UnknownCode(text.to_owned()))?;
        let code = Code::ALL.iter().find(|code| code.number() == number);
        code.copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

/// The error for a text that is not a known code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no diagnostic `{0}`")]
pub struct UnknownCode(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascending() {
        let numbers: Vec<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }

    #[test]
    fn every_code_reads_back() {
        for code in Code::ALL {
            assert_eq!(code.to_string().parse(), Ok(*code));
        }
        for wrong in ["", "VET", "VET9999", "é", "vet01x1", "ve"] {
            assert!(wrong.parse::<Code>().is_err(), "{wrong}");
        }
    }
}
