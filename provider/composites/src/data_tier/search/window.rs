//! The off-peak window of a domain: the ten hours of every day in which blue/green deployments disturb least.
//!
//! AWS keeps to it with what it does by itself; what it is asked to do it does at once. So it is kept here too.
//!
//! See <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/off-peak.html>.

use std::time::{SystemTime, UNIX_EPOCH};

use platform_graph::{Action, Disruption, Plan, Problems};

use crate::data_tier::spec::DataTier;

use super::SORT;

/// Minutes of a day.
const DAY: u64 = 24 * 60;
/// Minutes for which a window is open.
const LENGTH: u64 = 10 * 60;

/// Refuses blue/green deployments of domains outside of their windows, where the store does not allow them.
pub(in crate::data_tier) fn weigh(
    spec: &DataTier,
    plan: &Plan,
    now: SystemTime,
    problems: &mut Problems,
) {
    for (name, store) in &spec.search {
        let address = format!("{SORT}/{name}");
        let Some(step) = plan.steps.get(&address) else {
            continue;
        };
        let Action::Update { changed } = &step.action else {
            continue;
        };
        let Some(start) = minutes(&store.off_peak_window_start) else {
            continue;
        };
        let until = until_open(start, now);
        if step.disruption < Disruption::Rolling || store.change_outside_window || until == 0 {
            continue;
        }
        let how = match step.foretold.as_str() {
            "" => "which usually means a blue/green deployment".to_owned(),
            told => format!("which means {told}"),
        };
        problems.error(
            ["search", name],
            format!("{address} would be changed by a blue/green deployment at a busy time"),
            format!(
                "{} would change, {how}. Off-peak are ten hours from {} UTC, and they begin again in {}. Apply then, take the change \
                 back, or write `change_outside_window = true` in search.{name} to have it now.",
                changed.join(", "),
                store.off_peak_window_start,
                in_words(until)
            ),
        );
    }
}

/// A time of day as minutes since midnight.
fn minutes(time: &str) -> Option<u64> {
    let (hours, minutes) = time.split_once(':')?;
    Some(hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?)
}

/// In how many minutes a window opens that does so at this minute of every day, UTC; 0 while it is open.
fn until_open(start: u64, now: SystemTime) -> u64 {
    let seconds = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let now = seconds / 60 % DAY;
    let since_open = (now + DAY - start % DAY) % DAY;
    if since_open < LENGTH {
        0
    } else {
        DAY - since_open
    }
}

fn in_words(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_window_is_open_for_ten_hours_of_every_day() {
        for (start, now, until) in [
            ("02:00", "02:00", 0),
            ("02:00", "11:59", 0),
            ("02:00", "12:00", 14 * 60),
            ("02:00", "01:59", 1),
            ("22:30", "08:29", 0),
            ("22:30", "08:30", 14 * 60),
            ("22:30", "00:00", 0),
            ("00:00", "23:59", 1),
        ] {
            let day = Duration::from_secs(20_000 * 24 * 3600);
            let now = UNIX_EPOCH + day + Duration::from_secs(minutes(now).unwrap() * 60 + 59);
            assert_eq!(
                until_open(minutes(start).unwrap(), now),
                until,
                "{start} {now:?}"
            );
        }
        assert_eq!(in_words(840), "14 h");
        assert_eq!(in_words(61), "1 h 1 min");
        assert_eq!(in_words(1), "1 min");
    }
}
