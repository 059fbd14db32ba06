//! When something begins: words for what is usual, and cron expressions of AWS.
//!
//! An expression has six fields: minutes, hours, day of the month, month, day of the week, year. Of the two fields for days one is `?`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use std::collections::BTreeSet;

/// A field of a cron expression.
struct Field {
    /// What it is called in a message.
    name: &'static str,
    least: u32,
    most: u32,
    /// Names for numbers from `least` on.
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTES: Field = Field::numbers("minutes", 0, 59);
const HOURS: Field = Field::numbers("hours", 0, 23);
const DAY_OF_MONTH: Field = Field::numbers("day of the month", 1, 31);
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: MONTHS,
};
const DAY_OF_WEEK: Field = Field {
    name: "day of the week",
    least: 1,
    most: 7,
    names: DAYS,
};
const YEAR: Field = Field::numbers("year", 1970, 2199);

/// A schedule as AWS takes it: what stands for a word, and everything else as it is.
pub(super) fn expression(schedule: &str) -> String {
    match schedule {
        "hourly" => "cron(0 * ? * * *)",
        "daily" => "cron(0 5 ? * * *)",
        "weekly" => "cron(0 5 ? * SUN *)",
        "monthly" => "cron(0 5 1 * ? *)",
        "yearly" => "cron(0 5 1 1 ? *)",
        other => other,
    }
    .to_owned()
}

/// Why AWS Backup would not take a schedule.
///
/// # Errors
/// Says which field is wrong and what may stand there.
pub(super) fn check(schedule: &str) -> Result<(), String> {
    let expression = expression(schedule);
    let fields = expression
        .strip_prefix("cron(")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or(
            "it is neither hourly, daily, weekly, monthly or yearly, nor like cron(0 5 ? * * *)",
        )?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
        return Err(format!(
            "it has {} fields: minutes, hours, day of the month, month, day of the week and year are six",
            fields.len()
        ));
    };
    let minutes = MINUTES.values(minutes)?;
    HOURS.values(hours)?;
    MONTH.values(month)?;
    YEAR.values(year)?;
    match (day_of_month, day_of_week) {
        ("?", "?") => return Err("both fields for days are ?".to_owned()),
        ("?", days) => day_of_week_fits(days)?,
        (days, "?") => day_of_month_fits(days)?,
        _ => {
            return Err(
                "one of day of the month and day of the week must be ?, since the other says the days"
                    .to_owned(),
            );
        }
    }
    if minutes.len() > 1 {
        return Err(
            "it begins more than once an hour, which AWS Backup refuses: give one minute"
                .to_owned(),
        );
    }
    Ok(())
}

/// `L` is the last day, `LW` the last weekday, `15W` the weekday next to the 15th.
fn day_of_month_fits(text: &str) -> Result<(), String> {
    if text == "L" || text == "LW" {
        return Ok(());
    }
    match text.strip_suffix('W') {
        Some(day) => DAY_OF_MONTH.number(day).map(|_| ()),
        None => DAY_OF_MONTH.values(text).map(|_| ()),
    }
}

/// `FRIL` is the last Friday of the month, `6#2` the second one.
fn day_of_week_fits(text: &str) -> Result<(), String> {
    if text == "L" {
        return Ok(());
    }
    if let Some((day, nth)) = text.split_once('#') {
        DAY_OF_WEEK.number(day)?;
        return match nth.parse() {
            Ok(1..=5) => Ok(()),
            _ => Err(format!("there is no {nth}. {day} in a month")),
        };
    }
    match text.strip_suffix('L') {
        Some(day) => DAY_OF_WEEK.number(day).map(|_| ()),
        None => DAY_OF_WEEK.values(text).map(|_| ()),
    }
}

impl Field {
    const fn numbers(name: &'static str, least: u32, most: u32) -> Self {
        Field {
            name,
            least,
            most,
            names: &[],
        }
    }

    /// The values that a field of lists, ranges and steps stands for.
    fn values(&self, text: &str) -> Result<BTreeSet<u32>, String> {
        let mut values = BTreeSet::new();
        for piece in text.split(',') {
            let (range, step) = match piece.split_once('/') {
                Some((range, step)) => {
                    let step = step.parse().ok().filter(|step: &u32| *step > 0);
                    (range, Some(step.ok_or_else(|| self.wrong(piece))?))
                }
                None => (piece, None),
            };
            let (first, last) = match range.split_once('-') {
                _ if range == "*" => (self.least, self.most),
                Some((first, last)) => (self.number(first)?, self.number(last)?),
                None => {
                    let first = self.number(range)?;
                    (first, if step.is_some() { self.most } else { first })
                }
            };
            if first > last {
                return Err(self.wrong(piece));
            }
            values.extend((first..=last).step_by(step.unwrap_or(1) as usize));
        }
        Ok(values)
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .and_then(|position| u32::try_from(position).ok())
            .map(|position| self.least + position);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = named.or_else(|| text.parse().ok().filter(|_| digits));
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(|| self.wrong(text))
    }

    fn wrong(&self, text: &str) -> String {
        let names = match self.names {
            [first, .., last] => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        format!(
            "{text:?} is no {}: it is {} to {}{names}, a list, a range, a step or *",
            self.name, self.least, self.most
        )
    }
}

/// A time zone as AWS takes it.
pub(super) fn zone(timezone: Option<&str>) -> String {
    timezone.unwrap_or("Etc/UTC").to_owned()
}

/// Whether a text has the form of a name of the IANA time zone database.
pub(super) fn is_timezone(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    text == "UTC" || (text.contains('/') && text.split('/').all(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_aws_backup_takes() {
        for schedule in [
            "hourly",
            "daily",
            "weekly",
            "monthly",
            "yearly",
            "cron(30 2 ? * MON-FRI *)",
            "cron(0 */6 * * ? *)",
            "cron(5 8,20 L * ? 2026)",
            "cron(0 0 15W JAN,jul ? *)",
            "cron(0 0 ? * FRIL *)",
            "cron(0 0 ? * 6#2 2026-2030)",
            "cron(50/15 1 LW * ? *)",
        ] {
            assert_eq!(check(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn what_it_does_not() {
        let said: String = [
            "nightly",
            "rate(1 day)",
            "cron(0 5 * * *)",
            "cron(0 5 * * * *)",
            "cron(0 5 ? * ? *)",
            "cron(60 5 ? * * *)",
            "cron(0 24 ? * * *)",
            "cron(0 5 32 * ? *)",
            "cron(0 5 1 FOO ? *)",
            "cron(0 5 ? * 6#6 *)",
            "cron(0 5 ? * FRI-MON *)",
            "cron(0 5 ? * * 1969)",
            "cron(0/30 * ? * * *)",
            "cron(* 5 ? * * *)",
            "cron(0 */0 ? * * *)",
            "cron(0 +5 ? * * *)",
        ]
        .iter()
        .map(|schedule| match check(schedule) {
            Ok(()) => panic!("{schedule} was taken"),
            Err(why) => format!("{schedule}: {why}\n"),
        })
        .collect();
        insta::assert_snapshot!(said);
    }

    #[test]
    fn zones_have_the_form_of_iana_names() {
        for zone in [
            "UTC",
            "Etc/UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+1",
        ] {
            assert!(is_timezone(zone), "{zone}");
        }
        for zone in [
            "",
            "CET+1",
            "Berlin",
            "Europe/",
            "/Berlin",
            "Europe/Ber lin",
        ] {
            assert!(!is_timezone(zone), "{zone}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "cron\\([-0-9A-Z*,/?#LW ]{0,40}\\)") {
            let _ = check(&text);
        }
    }
}
