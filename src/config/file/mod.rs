//! The files of the configuration as they are written: every key optional, every value with its place.
//! That keys must be there, and that names refer to something, is checked in `lower`.

mod dataset;
mod field;
mod leaf;
mod letters;
mod measure;
mod organisation;
mod placed;
mod product;
mod register;
mod server;
mod shape;
mod source;

pub use dataset::{ConsentFile, CountText, DatasetFile, KeepAtLeastFile, KeepFile, OptOutFile, UntilText, WhereFile};
pub use field::{AnswerText, FieldFile, FieldTable, FieldTypeText};
pub use leaf::{CivilOrInstant, GlobText, PeriodText};
pub use letters::{ExceptionsFile, LettersFile};
pub use organisation::{
    CategoryFile, ContractFile, DivisionFile, GroundText, LocalisedFile, OrganisationFile, PersonFile, PurposeFile,
};
pub use placed::Placed;
pub use product::ProductSettingFile;
pub use register::{LedgerFile, LedgerKindText, RegisterFile, TestFile};
pub use server::{BouncesFile, ConnectionFile, MailFile, RootFile, SecretFile, ServerFile, SmtpFile};
pub use shape::{Names, OneOrMany, Short};
pub use source::{AskText, ItemsText, SourceFile};
