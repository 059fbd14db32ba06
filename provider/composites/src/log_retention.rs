//! For how long log groups keep records.

use platform_graph::Problems;

/// Days for which CloudWatch Logs can keep records.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Judges a time in days. What else the argument may say is told with the next longer time: `0 is for ever`.
pub(crate) fn check<P: Into<String>>(
    path: impl IntoIterator<Item = P>,
    days: u32,
    or: Option<&str>,
    problems: &mut Problems,
) {
    if DAYS.contains(&days) {
        return;
    }
    let or = or.map(|or| format!("; {or}")).unwrap_or_default();
    problems.error(
        path,
        format!("CloudWatch Logs can't keep records for {days} days"),
        match DAYS.iter().find(|possible| **possible > days) {
            Some(next) => format!("The next longer time is {next} days{or}."),
            None => format!("The longest time is 3653 days{or}."),
        },
    );
}
