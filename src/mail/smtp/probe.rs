//! Goes through the conversation with a mail server up to the login, and says farewell before any letter.

use super::{Failure, Server, Step};
use crate::domain::letter::Delivery;
use lettre::transport::smtp::authentication::Mechanism;
use tokio::time::timeout;

impl Server {
    /// Whether the server greets, protects the conversation and accepts the login as the settings say; else why not.
    pub(in crate::mail) async fn probe(&self) -> Result<(), String> {
        let conversation = async {
            let mut connection = self.connect().await?;
            if let Some(credentials) = &self.credentials {
                let mechanisms = [Mechanism::Plain, Mechanism::Login];
                let login = connection.auth(&mechanisms, credentials).await;
                login.map_err(|error| Failure { step: Step::Login, error })?;
            }
            Ok::<_, Failure>(connection)
        };
        match timeout(self.limits.ready, conversation).await {
            Err(_) => Err("the mail server did not answer in time".to_owned()),
            Ok(Err(failure)) => Err(said(failure.delivery())),
            Ok(Ok(mut connection)) => {
                let _ = timeout(self.limits.farewell, connection.quit()).await;
                Ok(())
            }
        }
    }
}

fn said(delivery: Delivery) -> String {
    match delivery {
        Delivery::Accepted => String::new(),
        Delivery::Transient(why)
        | Delivery::Unavailable(why)
        | Delivery::Permanent(why)
        | Delivery::Rejected(why)
        | Delivery::Unknown(why) => why,
    }
}
