//! What most acts begin with: the configuration, the key of digests, the store.

use super::bounces;
use super::sending::Post;
use super::{AppError, Environment, did_you_mean};
use crate::clock::Clock;
use crate::config::{self, Loaded, SecretSource};
use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::notify::Pace;
use crate::secret::Secret;
use crate::store::{self, Access, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The configuration, the key and the open store. A daemon that reloads makes a new one around the same store.
#[derive(Debug, Clone)]
pub struct Session {
    /// The configuration.
    pub loaded: Arc<Loaded>,
    /// The key of digests.
    pub digest_key: DigestKey,
    /// The open store.
    pub store: Arc<Store>,
    /// The clock that says when things happen that are given no instant of their own.
    pub clock: Clock,
    /// How the letters of a scan leave where the register names no send time.
    pub pace: Pace,
    /// Held by whoever reads what is known and stores what follows from it: one at a time.
    settling: Arc<Mutex<()>>,
    /// The attempts to deliver letters that are under way.
    pub(super) post: Arc<Post>,
    /// What is remembered of the mailbox of returned messages.
    pub(super) returned: Arc<Mutex<bounces::Memory>>,
}

/// Reads the configuration.
pub fn load(config_file: &Path) -> Result<Loaded, AppError> {
    config::load(config_file).map_err(AppError::Config)
}

/// Reads the key of digests; makes one at first start where none is configured.
pub(super) fn digest_key(loaded: &Loaded, environment: &Environment) -> Result<DigestKey, AppError> {
    let state = &loaded.settings.state;
    let Some(secret) = configured_key(loaded, environment)? else {
        return Ok(store::key::load_or_create(&key_file(state), Store::exists(state))?);
    };
    store::key::parse(secret.reveal().as_bytes()).ok_or_else(|| {
        AppError::Secret("the digest key cannot be used: 64 hexadecimal digits or 32 bytes are expected".to_owned())
    })
}

/// The key of digests as it is written where the configuration says; nothing where it lies beside the state.
fn configured_key(loaded: &Loaded, environment: &Environment) -> Result<Option<Secret>, AppError> {
    let read = |source: &SecretSource| source.read(environment.credentials_directory.as_deref());
    let secret = loaded.settings.digest_key.as_ref().map(read).transpose();
    secret.map_err(|error| AppError::Secret(format!("the digest key cannot be used: {error}")))
}

/// The key of digests as it is written, wherever it lies.
pub(super) fn written_key(loaded: &Loaded, environment: &Environment) -> Result<Vec<u8>, AppError> {
    if let Some(secret) = configured_key(loaded, environment)? {
        return Ok(secret.reveal().as_bytes().to_vec());
    }
    let path = key_file(&loaded.settings.state);
    std::fs::read(&path)
        .map_err(|error| AppError::File { what: format!("the digest key `{}` cannot be read", path.display()), error })
}

/// Where the key of digests lies when the configuration names no place.
fn key_file(state: &Path) -> PathBuf {
    state.join("digest.key")
}

impl Session {
    /// Opens the store, for reading or as its one writer.
    pub fn open(loaded: Loaded, environment: &Environment, access: Access) -> Result<Self, AppError> {
        let state = &loaded.settings.state;
        Store::refuse_unfit(state, access)?;
        if access == Access::Read && !Store::exists(state) {
            return Err(StoreError::NotThere(state.clone()).into());
        }
        let digest_key = digest_key(&loaded, environment)?;
        let store = Store::open(state, &digest_key, &node(&loaded), access)?;
        Ok(Self {
            loaded: Arc::new(loaded),
            digest_key,
            store: Arc::new(store),
            clock: Clock::System,
            pace: Pace::default(),
            settling: Arc::default(),
            post: Arc::default(),
            returned: Arc::default(),
        })
    }

    /// The same session for the daemon, whose scans mail nobody at night.
    #[must_use]
    pub fn of_daemon(self) -> Self {
        Self { pace: Pace::Daemon, ..self }
    }

    /// The same with a connection of its own that only reads: nobody waits for whoever writes, nor the other way round.
    ///
    /// # Errors
    /// [`AppError`] when the store cannot be opened.
    pub fn reading(&self) -> Result<Self, AppError> {
        let state = &self.loaded.settings.state;
        let store = Store::open(state, &self.digest_key, &node(&self.loaded), Access::Read)?;
        Ok(Self { store: Arc::new(store), ..self.clone() })
    }

    /// The same session for what somebody does by hand while the daemon is at work.
    #[must_use]
    pub fn by_hand(self) -> Self {
        Self { pace: Pace::ByHand, ..self }
    }

    /// The same store under another configuration.
    #[must_use]
    pub fn with(&self, loaded: Loaded) -> Self {
        Self { loaded: Arc::new(loaded), ..self.clone() }
    }

    /// Waits for the right to read what is known and to store what follows from it.
    pub(super) fn settle(&self) -> MutexGuard<'_, ()> {
        self.settling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of this server in evidence and message ids: its site, else its host name.
#[must_use]
pub fn node(loaded: &Loaded) -> String {
    loaded.settings.site.as_ref().map_or_else(
        || rustix::system::uname().nodename().to_string_lossy().to_lowercase(),
        |site| site.as_str().to_owned(),
    )
}

/// The dataset with this name.
pub(super) fn dataset<'a>(loaded: &'a Loaded, name: &str) -> Result<(&'a DatasetName, &'a Dataset), AppError> {
    loaded.register.datasets.get_key_value(name).ok_or_else(|| {
        let hint = did_you_mean(name, loaded.register.datasets.keys().map(DatasetName::as_str));
        AppError::Argument(format!("there is no dataset `{name}`{hint}"))
    })
}

/// Whether this server scans the dataset at `now`: it is of this site and not retired.
#[must_use]
pub fn is_scanned_here(loaded: &Loaded, dataset: &Dataset, now: Instant) -> bool {
    let today = now.day(&loaded.register.organisation.time_zone);
    let of_this_site = match (&dataset.site, &loaded.settings.site) {
        (Some(wanted), here) => here.as_ref() == Some(wanted),
        (None, _) => true,
    };
    of_this_site && dataset.retired.is_none_or(|retired| today < retired)
}
