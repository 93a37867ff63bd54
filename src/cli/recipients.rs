//! `purposed recipients`.

use super::arguments::{Format, Recipients, RecipientsAct};
use super::output::{Answer, Exit, print};
use super::{acting, environment, table};
use crate::app::act;
use crate::app::recipients::{RecipientsAnswer, RetryRequest, recipients};
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Recipients) -> Answer {
    let config = &arguments.config.path;
    if let Some(RecipientsAct::Retry { person }) = &arguments.act {
        let request = act::Request::RetryRecipient(RetryRequest { person: person.clone() });
        let act::Answer::RetryRecipient(answer) = acting::perform(config, request, arguments.now.as_deref())? else {
            return Err(acting::strange());
        };
        print(&format!("`{}` is written to again, at `{}`\n", answer.person, answer.email))?;
        return Ok(Exit::Success);
    }
    let now = environment::instant(arguments.now.as_deref())?;
    let answer = environment::run(|| recipients(config, now, &environment::read()))?;
    print(&match arguments.format {
        Format::Json => format!("{:#}\n", as_json(&answer)),
        Format::Table => table::recipients(&answer),
    })?;
    Ok(Exit::Success)
}

fn as_json(answer: &RecipientsAnswer) -> Json {
    let unreachable = answer.unreachable.iter().map(|person| {
        json!({
            "person": person.person,
            "email": person.email,
            "since": person.since.rfc3339(&answer.time_zone),
            "cause": person.cause,
            "why": person.why,
            "manager": person.is_manager,
        })
    });
    json!({ "version": 1, "unreachable": unreachable.collect::<Vec<_>>() })
}
