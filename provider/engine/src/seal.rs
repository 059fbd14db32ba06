//! The tags that say that a composite is complete.

use platform_graph::{Attributes, Owner, Recorded, Seen, Tags, seal_piece};
use tokio::time::{Instant, sleep};

use crate::observe::tags_of;
use crate::{Cancel, Engine, Observation, PartFailure, Wanted};

impl Engine {
    /// Sets tags on a recorded part, by its kind's way of tagging: the seal that says that a composite is complete. What AWS
    /// does not show is looked for again as long as it [may lag](crate::Options::lag).
    ///
    /// # Errors
    /// The part that could not be tagged, and why.
    pub async fn seal(
        &self,
        owner: &Owner,
        address: &str,
        record: &Recorded,
        tags: &Tags,
    ) -> Result<(), PartFailure> {
        let wanted = Wanted {
            address: address.to_owned(),
            kind: record.kind.clone(),
            properties: record.properties.clone(),
            id: record.id.clone(),
            known: Attributes::new(),
        };
        let failure = |reason: String, error| PartFailure {
            address: address.to_owned(),
            kind: record.kind.clone(),
            id: record.id.clone(),
            action: "seal",
            reason,
            error,
        };
        let wanted = [wanted];
        let begun = Instant::now();
        let live = loop {
            let seen = self.observe(owner, &wanted).await.remove(address);
            match seen {
                Some(Ok(Observation {
                    seen: Seen::Live(live),
                    ..
                })) => break live,
                // It may have been made a moment ago.
                Some(Ok(Observation {
                    seen: Seen::Absent, ..
                })) if begun.elapsed() < self.options.lag => {
                    sleep(self.options.longest_pause).await;
                }
                Some(Err(unseen)) => return Err(failure(unseen.reason, unseen.error)),
                _ => return Err(failure("it is not there".to_owned(), None)),
            }
        };
        let there = tags_of(&live.properties);
        let missing: Tags = tags
            .iter()
            .filter(|(key, value)| there.get(*key) != Some(*value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        // The last pieces of a seal that was longer would be read as part of the new one.
        let count = tags.keys().filter(|key| seal_piece(key).is_some()).count();
        let stale: Vec<String> = there
            .keys()
            .filter(|key| count > 0 && seal_piece(key).is_some_and(|number| number >= count))
            .cloned()
            .collect();
        if missing.is_empty() && stale.is_empty() {
            return Ok(());
        }
        let result = async {
            let calls = (self.kind(&record.kind)?.retag)(&live, &missing, &stale)?;
            let caller = self.caller(Cancel::new());
            for call in calls {
                caller.persist(&call).await?;
            }
            Ok(())
        };
        result.await.map_err(|stop: crate::Stop| {
            let (reason, error) = stop.explain();
            failure(reason, error)
        })
    }
}
