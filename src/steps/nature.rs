//! What each `Then` rests on, and so what becomes of it when its watcher dies, when this program stands still, and when an answer is late. The reference page "What a line rests on" is made
//! of it; a test holds it against the steps that are compiled in, and against what their functions call.

/// What a sentence that observes rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A question to servers, asked again until its answer is the right one.
    Asked,
    /// Entries of a record that is kept all the while, each with its own time.
    Recorded(&'static str),
    /// That a watcher saw nothing else, or counted, all through a time.
    Throughout(&'static str),
    /// What is there when the line is played.
    Now,
}

const EVENTS: &str = "the subscription to the Sentinel's events, and its answers to the recorder";
const ROLES: &str = "the node's answers to the recorder, at most 50 ms apart";
const VALUES: &str = "the node's answers to the recorder, a quarter of a second apart";
const CAPTURE: &str = "tcpdump, which is asked whether it has seen every packet, and the sender's answers to the recorder";
const CLIENT: &str = "the client's journal of its calls, in the last block of `When`s";

/// Every `Then` of ours, by its pattern.
pub const OF: &[(&str, Nature)] = &[
    ("a client of {nodes} is answered", Nature::Now),
    ("each of {nodes} holds some of the keys", Nature::Now),
    ("every write is acknowledged", Nature::Now),
    (
        "for {duration} client {string} receives nothing",
        Nature::Throughout("the client's connection, and the state of the server's process at the end"),
    ),
    ("for {duration} no Sentinel reports {string}", Nature::Throughout(EVENTS)),
    ("for {duration} no replica becomes master", Nature::Throughout(ROLES)),
    ("for {duration} the {observable} of {nodes} stays/stay {value}", Nature::Throughout(VALUES)),
    ("for {duration} {nodes} do/does not report {string}", Nature::Throughout(EVENTS)),
    ("for {duration} {nodes} send(s) {string} to {nodes} {int} to {int} times", Nature::Throughout(CAPTURE)),
    ("for {duration} {nodes} stay(s) {role}", Nature::Throughout(ROLES)),
    ("half of the confirmations took at least {duration}", Nature::Now),
    ("it ends with status {int} and prints {string}", Nature::Now),
    ("no acknowledged write is lost", Nature::Now),
    ("no read was stale", Nature::Throughout(CLIENT)),
    ("no write was executed twice", Nature::Now),
    ("no write was refused", Nature::Throughout("the client's journal of its calls, from its first write on")),
    ("redis-check-aof prints {string}", Nature::Now),
    ("redis-cli ends with status {int} and prints", Nature::Now),
    ("redis-cli prints, in order", Nature::Now),
    ("redis-cli succeeds", Nature::Now),
    ("some acknowledged writes are lost", Nature::Now),
    ("some reads were stale", Nature::Throughout(CLIENT)),
    ("some writes are refused, all of them with {string}", Nature::Now),
    ("some writes were refused with {string}", Nature::Now),
    ("the file {string} of {nodes} begins with {string}", Nature::Now),
    ("the file {string} of {nodes} contains {string} {int} time(s)", Nature::Now),
    ("the file {string} of {nodes} contains {string}", Nature::Now),
    ("the file {string} of {nodes} does not contain {string}", Nature::Now),
    (
        "the log of {nodes} does not show {string}",
        Nature::Throughout("the engine's copy of the log from its first line on, and the node's answers to the recorder"),
    ),
    ("the log of {nodes} shows", Nature::Now),
    ("the quickest tenth of the confirmations took less than {duration}", Nature::Now),
    ("the reply contains {string}", Nature::Now),
    ("the reply has the pairs", Nature::Now),
    ("the reply is the error {string}", Nature::Now),
    ("the reply is {value}", Nature::Now),
    ("the reply redirects slot {int} to {nodes}", Nature::Now),
    ("the vote is for nobody in epoch {int}", Nature::Now),
    ("the vote is for {string} in epoch {int}", Nature::Now),
    ("the {observable} of {nodes} equals the {observable} of {nodes}", Nature::Now),
    ("the {observable} of {nodes} equals the {observable} that {nodes} had before", Nature::Now),
    ("the {observable} of {nodes} has/have changed", Nature::Now),
    ("the {observable} of {nodes} has/have grown by {count}", Nature::Now),
    ("the {observable} of {nodes} has/have not changed", Nature::Now),
    ("the {observable} of {nodes} is within {int} percent of that of {nodes}", Nature::Now),
    ("the {observable} of {nodes} is/are less than {int}", Nature::Now),
    ("the {observable} of {nodes} is/are more than {int}", Nature::Now),
    ("the {observable} of {nodes} is/are {value}", Nature::Now),
    ("within {duration} client {string} receives a message with {string}", Nature::Recorded("what the client received")),
    ("{window} client {string} receives {string}", Nature::Recorded("what the client received")),
    ("within {duration} every node tells the slots", Nature::Asked),
    ("within {duration} the client's writes are acknowledged again", Nature::Recorded("the client's journal of its calls")),
    ("within {duration} the cluster client reads every key it wrote", Nature::Asked),
    ("within {duration} the file {string} of {nodes} has none of the lines", Nature::Asked),
    ("within {duration} the file {string} of {nodes} has the lines", Nature::Asked),
    ("within {duration} the log of {nodes} shows {string} {delay} after {string}", Nature::Asked),
    ("within {duration} the log of {nodes} shows {string} {int} times, {delay} apart", Nature::Asked),
    ("{window} the log of {nodes} shows {string}", Nature::Asked),
    ("{window} the {observable} of {nodes} has/have grown by {count}", Nature::Recorded(VALUES)),
    ("{window} the {observable} of {nodes} is/are {value}", Nature::Recorded(VALUES)),
    ("{window} {nodes} accept(s) a write", Nature::Asked),
    ("within {duration} {nodes} accept(s) connections", Nature::Asked),
    ("within {duration} {nodes} and {nodes} exchange, in order", Nature::Recorded("the captured packets")),
    ("within {duration} {nodes} answer(s) GET {string} with status {int}", Nature::Asked),
    ("within {duration} {nodes} answer(s) GET {string} with {string}", Nature::Asked),
    ("{window} {nodes} answer(s) {string} with {string}", Nature::Asked),
    ("{window} {nodes} become(s) {role}", Nature::Recorded(ROLES)),
    ("{window} {nodes} flag(s) {nodes} as {string}", Nature::Asked),
    ("within {duration} {nodes} has/have a file {string}", Nature::Asked),
    ("within {duration} {nodes} hold(s) every key that was written", Nature::Asked),
    ("within {duration} {nodes} list(s) the replicas of {string}", Nature::Asked),
    ("within {duration} {nodes} name(s) {nodes} as {string}", Nature::Asked),
    ("{window} {nodes} no longer flag(s) {nodes} as {string}", Nature::Asked),
    ("within {duration} {nodes} refuse(s) connections", Nature::Asked),
    ("{window} {nodes} replicate(s) {nodes}", Nature::Asked),
    ("within {duration} {nodes} report(s) the switch of {string} from {nodes} to {nodes}", Nature::Recorded(EVENTS)),
    ("within {duration} {nodes} report(s) {string} again, {delay} later", Nature::Recorded(EVENTS)),
    ("within {duration} {nodes} report(s) {string} {delay} after {string}", Nature::Recorded(EVENTS)),
    ("{window} {nodes} report(s) {string} with {string}", Nature::Recorded(EVENTS)),
    ("{window} {nodes} report(s) {string}", Nature::Recorded(EVENTS)),
    ("within {duration} {nodes} report(s), in order", Nature::Recorded(EVENTS)),
    ("within {duration} {nodes} say(s) of {string}", Nature::Asked),
    ("within {duration} {nodes} send(s) {string} to {nodes} {int} times, {delay} apart", Nature::Recorded(CAPTURE)),
    ("within {duration} {string} asked of {nodes} is redirected to {nodes}", Nature::Asked),
    ("writes were refused for {delay}", Nature::Throughout(CLIENT)),
    ("{count} acknowledged writes are lost", Nature::Now),
    ("{int} read(s) returned an old value", Nature::Now),
    ("{int} read(s) was/were answered by the cache", Nature::Now),
    ("{int} read(s) was/were answered by the database", Nature::Now),
    ("{nodes} and CRC16 agree on the slots of {int} other keys", Nature::Now),
    ("{nodes} and CRC16 agree on the slots", Nature::Now),
    ("{nodes} does not send {string} to {nodes}", Nature::Throughout(CAPTURE)),
    ("{nodes} exits with status {int}", Nature::Now),
    ("{nodes} has/have exactly the files", Nature::Now),
    ("{nodes} has/have no file {string}", Nature::Now),
    ("{nodes} hold equally many keys to within {int} percent", Nature::Now),
    ("{nodes} hold {int} keys together, each a part of them", Nature::Now),
    ("{nodes} is/are {role}", Nature::Now),
    ("{nodes} refuse(s) a write with {string}", Nature::Now),
    ("{nodes} serve(s) {int} slots( each)", Nature::Now),
    ("{nodes} serves {int} slot(s) with {int} key(s) each", Nature::Now),
];

/// A kind of sentence in the words of the reference page, and what becomes of it.
pub struct Kind {
    pub title: &'static str,
    pub about: &'static str,
    /// When its watcher dies or is silent; when this program stands still; when the answer is late.
    pub dies: &'static str,
    pub stalls: &'static str,
    pub late: &'static str,
}

/// The kinds in the order of the page.
pub const KINDS: [Kind; 4] = [
    Kind {
        title: "All through a time",
        about: "The line states what was, or was not, all through a time. It holds where its watcher was watching.",
        dies: "A gap of more than a second is *unknown*; time in which the scenario itself had the server ended or frozen counts as quiet for lines that deny something, and as a gap for lines with *stays*. A log or a \
               capture that lacks its beginning, its end or packets is *unknown*.",
        stalls: "A stall that is longer than half a second, or than a quarter of the smallest timer of the servers where that is less (but at least a quarter of a second), makes it *unknown*.",
        late: "What came after the time does not count, for or against it.",
    },
    Kind {
        title: "Within a limit, read off a record",
        about: "The line looks for an entry in what is recorded all the while, by the entry's own time. With a lower bound (*between ... later*) it fails on an entry that came sooner, and the time before the bound has to have been watched.",
        dies: "Nothing new is recorded: it *fails* at its limit. A gap before a lower bound is *unknown*.",
        stalls: "A failure in such a stall is *unknown*; a pass has been seen.",
        late: "An entry of after the limit does not count, whenever the line is played.",
    },
    Kind {
        title: "Within a limit, asked of the servers",
        about: "The line asks again and again until the answer is the right one. An answer counts by when it came, a line of a log by its date. With a lower bound (*between ... later*) it fails on an answer that was right sooner, and has to have been asked from the beginning on.",
        dies: "A server that is silent *fails* it at its limit. A gap between answers before a lower bound is *unknown*.",
        stalls: "A failure in such a stall is *unknown*. An answer that this program could not take before the limit, because it stood still, is late.",
        late: "A question that is still open at the limit has not been answered: it *fails*. A line that was first asked after its limit, since the lines above it took so long, is *unknown*.",
    },
    Kind {
        title: "Now",
        about: "The line looks once, or at what a step above it has brought. It states no limit.",
        dies: "A server that hangs up or refuses *fails* it. One that is silent for ten seconds, which is a limit of ours, makes it *unknown*.",
        stalls: "A failure in such a stall is *unknown*.",
        late: "It waits for the answer, ten seconds at most.",
    },
];

impl Nature {
    /// Its place in [`KINDS`].
    pub fn kind(self) -> usize {
        match self {
            Nature::Throughout(_) => 0,
            Nature::Recorded(_) => 1,
            Nature::Asked => 2,
            Nature::Now => 3,
        }
    }

    /// What the watcher is, where the sentence has one.
    pub fn watcher(self) -> Option<&'static str> {
        match self {
            Nature::Throughout(watcher) | Nature::Recorded(watcher) => Some(watcher),
            Nature::Asked | Nature::Now => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::SOURCES;

    /// The function of a `Then`, with its sentence, as the source has it.
    fn function(pattern: &str) -> Option<&'static str> {
        let attribute = format!("#[then(expr = \"{pattern}\")]");
        let (_, after) = SOURCES.iter().find_map(|(_, text)| text.split_once(attribute.as_str()))?;
        Some(after.split("\n}\n").next().unwrap_or(after))
    }

    #[test]
    fn every_sentence_that_observes_says_what_it_rests_on() {
        let written: Vec<&str> =
            SOURCES.iter().flat_map(|(_, text)| text.split("#[then(expr = \"").skip(1)).filter_map(|rest| rest.split("\")]").next()).collect();
        // Those that this file itself names for its tests are no steps.
        for pattern in written.iter().filter(|pattern| !pattern.contains("{pattern}")) {
            assert!(OF.iter().any(|(known, _)| known == pattern), "a Then without its nature: {pattern}");
        }
        for (pattern, _) in OF {
            assert!(function(pattern).is_some(), "no step says: {pattern}");
        }
    }

    #[test]
    fn a_sentence_about_a_time_asks_whether_somebody_watched() {
        const ASKS: [&str; 6] = [".watched(", ".waited_throughout(", ".client_of_window(", ".rests_on(", "silent_about(", "judge_reads("];
        for (pattern, nature) in OF {
            let body = function(pattern).unwrap();
            let asks = ASKS.iter().any(|call| body.contains(call));
            assert_eq!(asks, matches!(nature, Nature::Throughout(_)), "{pattern}: {nature:?}");
        }
    }

    #[test]
    fn a_sentence_with_a_limit_waits_by_it() {
        for (pattern, nature) in OF {
            let limited = pattern.starts_with("within ") || pattern.starts_with("{window} ");
            assert_eq!(limited, matches!(nature, Nature::Asked | Nature::Recorded(_)), "{pattern}: {nature:?}");
        }
    }
}
