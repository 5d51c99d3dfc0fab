//! What has become of a claim: the ledger's verdict and what the scenarios saw, joined.
//!
//! You are in the right place when the book shows a status you do not expect. One pure function, a closed list.

use super::Ledger;
use crate::record::Verdict;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The closed list, as shown in the book and by `rehearsal claims`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Correct as it stands, and seen.
    Proved,
    /// Imprecise or wrong as it stands; what holds instead was seen.
    Corrected,
    /// Holds on some versions only; seen on the ones that were played.
    Differs,
    /// An opinion: nothing to prove.
    Advice,
    /// A scenario about it failed: the ledger is wrong, or the server is.
    Failing,
    /// A scenario about it exists, and has no evidence.
    Unplayed,
    /// No scenario is about it.
    Untested,
}

impl Status {
    pub const ALL: [Status; 7] =
        [Status::Proved, Status::Corrected, Status::Differs, Status::Advice, Status::Failing, Status::Unplayed, Status::Untested];
}

/// The status of a claim: `scenarios` holds, for every scenario that carries it, the verdicts of its newest evidence, one a server.
///
/// - An opinion is advice, whatever illustrates it.
/// - One failure anywhere, and the claim is failing.
/// - Every scenario has to have passed somewhere; `unknown` is no evidence. One that speaks about none of the servers played
///   (`not-applicable` everywhere) is left out, but does not carry a claim alone.
pub fn status<S: AsRef<[Verdict]>>(ledger: Ledger, scenarios: &[S]) -> Status {
    if ledger == Ledger::Opinion {
        return Status::Advice;
    }
    if scenarios.is_empty() {
        return Status::Untested;
    }
    let all = || scenarios.iter().map(AsRef::as_ref);
    if all().any(|verdicts| verdicts.contains(&Verdict::Failed)) {
        return Status::Failing;
    }
    let elsewhere = |verdicts: &[Verdict]| !verdicts.is_empty() && verdicts.iter().all(|v| *v == Verdict::NotApplicable);
    let mut played = all().filter(|verdicts| !elsewhere(verdicts)).peekable();
    if played.peek().is_none() || !played.all(|verdicts| verdicts.contains(&Verdict::Passed)) {
        return Status::Unplayed;
    }
    match ledger {
        Ledger::Correct => Status::Proved,
        Ledger::Imprecise | Ledger::Wrong => Status::Corrected,
        Ledger::VersionDependent => Status::Differs,
        Ledger::Opinion => Status::Advice,
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Status::Proved => "proved",
            Status::Corrected => "corrected",
            Status::Differs => "differs",
            Status::Advice => "advice",
            Status::Failing => "failing",
            Status::Unplayed => "unplayed",
            Status::Untested => "untested",
        })
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Ledger::Correct => "correct",
            Ledger::Imprecise => "imprecise",
            Ledger::Wrong => "wrong",
            Ledger::VersionDependent => "version-dependent",
            Ledger::Opinion => "opinion",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Failed, NotApplicable, Passed, Unknown};

    #[test]
    fn the_ledger_decides_what_a_pass_means() {
        let passed = [[Passed]];
        assert_eq!(status(Ledger::Correct, &passed), Status::Proved);
        assert_eq!(status(Ledger::Imprecise, &passed), Status::Corrected);
        assert_eq!(status(Ledger::Wrong, &passed), Status::Corrected);
        assert_eq!(status(Ledger::VersionDependent, &passed), Status::Differs);
        assert_eq!(status(Ledger::Opinion, &passed), Status::Advice);
    }

    #[test]
    fn a_failure_on_one_server_is_enough() {
        assert_eq!(status(Ledger::Correct, &[vec![Passed, Failed], vec![Passed]]), Status::Failing);
        assert_eq!(status(Ledger::VersionDependent, &[[Failed]]), Status::Failing);
        assert_eq!(status(Ledger::Opinion, &[[Failed]]), Status::Advice);
    }

    #[test]
    fn nothing_counts_as_passed_that_did_not_pass() {
        assert_eq!(status::<Vec<Verdict>>(Ledger::Correct, &[]), Status::Untested);
        assert_eq!(status::<Vec<Verdict>>(Ledger::Correct, &[vec![]]), Status::Unplayed);
        assert_eq!(status(Ledger::Correct, &[[Unknown]]), Status::Unplayed);
        assert_eq!(status(Ledger::Correct, &[[NotApplicable]]), Status::Unplayed);
        assert_eq!(status(Ledger::Correct, &[vec![Passed], vec![]]), Status::Unplayed);
    }

    #[test]
    fn a_scenario_for_other_servers_is_left_out() {
        assert_eq!(status(Ledger::Correct, &[vec![Passed, NotApplicable], vec![NotApplicable]]), Status::Proved);
    }
}
