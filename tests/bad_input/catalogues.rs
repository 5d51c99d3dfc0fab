//! The server catalogue, the settings and the ledger of claims as people really get them wrong.

use super::cases::{
    Case,
    Wrong::{Edit, More, Whole},
    all_are_told,
};

const SERVERS: &str = "compose/servers.toml";
const SETTINGS: &str = "rehearsal.toml";
const CLAIMS: &str = "claims.yaml";

pub const SERVER_CASES: &[Case] = &[
    (SERVERS, Whole(b""), ":1:1", "the catalogue has no server"),
    (SERVERS, Whole(b"# none yet\n"), ":1:1", "the catalogue has no server"),
    (SERVERS, Whole(b"\xff\n"), ":1", "UTF-8"),
    (SERVERS, Whole(b"redis-7.0: {image: redis}\n"), ":1", "not valid TOML"),
    (SERVERS, Whole(b"redis-7.0 = \"redis:7.0\"\n"), ":1", "is not a table"),
    (SERVERS, Whole(b"redis-7.0 = 7.0\n"), ":1", "is not a table"),
    (SERVERS, Whole(b"[redis-7.0]\nimage = 7\n"), ":", "has to be a text"),
    (SERVERS, Whole(b"redis-7.0 = {}\n"), ":1", ""),
    (SERVERS, Edit("image = \"redis:7.0.15\"", "debian = \"bookworm\""), ":1", "has no image"),
    (SERVERS, Edit("\"redis:7.0.15\"", "\"\""), ":1", "has to be a text"),
    (SERVERS, Edit("\"redis:7.0.15\"", "\"redis:7.0.15"), ":1", "not valid TOML"),
    (SERVERS, Edit("\"redis:7.0.15\"", "\"keydb:6.3\""), ":1", "it is not clear whose server"),
    (SERVERS, Edit(" }", ", package = \"keydb\" }"), ":1", "it is not clear whose server"),
    (SERVERS, Edit("redis-7.0 = { image = \"redis:7.0.15\"", "mine = { image = \"redis:latest\""), ":1", "the version of `mine` is not clear"),
    (SERVERS, Edit(" }", ", append = \"maxmemory 1\" }"), ":1", "has to be a list of texts"),
    (SERVERS, Edit(" }", ", append = [1] }"), ":1", "has to be a list of texts"),
    (SERVERS, Edit(" }", ", append = [\"\"] }"), ":1", ""),
    (SERVERS, Edit(" }", ", append = [\"maxmemory \\\"1\"] }"), ":1", "quote"),
    (SERVERS, Edit(" }", ", append = [\"sentinel\"] }"), ":1", ""),
    (SERVERS, Edit(" }", ", binary = \"../redis-server\" }"), ":1", "lies outside the project"),
    (SERVERS, Edit(" }", ", binary = 1 }"), ":1", "has to be a text"),
    (SERVERS, Edit(" }", ", image = \"redis:7.2\" }"), ":1", "duplicate key"),
    (SERVERS, Edit(" }", " },"), ":1", "not valid TOML"),
    (SERVERS, More("redis-7.0 = { image = \"redis:7.0.15\" }\n"), ":2", "duplicate key"),
    (SERVERS, More("\"../x 1.0\" = { image = \"redis:7.0.15\" }\n"), ":2", "is no name of a server"),
    (SERVERS, More("all = { image = \"redis:7.0.15\" }\n"), ":2", "`all` stands for all of them"),
];

pub const SETTING_CASES: &[Case] = &[
    (SETTINGS, Whole(b"\xff\n"), ":1", "UTF-8"),
    (SETTINGS, Whole(b"jobs\n"), ":1", "not valid TOML"),
    (SETTINGS, Whole(b"jobs: 2\n"), ":1", "not valid TOML"),
    (SETTINGS, Whole(b"jobs = 0\n"), ":1:8", ""),
    (SETTINGS, Whole(b"jobs = -1\n"), ":1:8", ""),
    (SETTINGS, Whole(b"jobs = 2.5\n"), ":1:8", ""),
    (SETTINGS, Whole(b"jobs = \"many\"\n"), ":1:8", ""),
    (SETTINGS, Whole(b"jobs = 99999999999999999999\n"), ":1", ""),
    (SETTINGS, Whole(b"jobs = [1]\n"), ":1:8", ""),
    (SETTINGS, Whole(b"Jobs = 2\n"), ":1:1", "did you mean `jobs`?"),
    (SETTINGS, Whole(b"retry = true\n"), ":1:9", ""),
    (SETTINGS, Whole(b"retry = -1\n"), ":1:9", ""),
    (SETTINGS, Whole(b"flaky = \"maybe\"\n"), ":1:9", ""),
    (SETTINGS, Whole(b"flaky = pass\n"), ":1", "not valid TOML"),
    (SETTINGS, Whole(b"slow = \"soon\"\n"), ":1:8", ""),
    (SETTINGS, Whole(b"slow = \"5\"\n"), ":1:8", ""),
    (SETTINGS, Whole(b"heartbeat = \"-1 second\"\n"), ":1:13", ""),
    (SETTINGS, Whole(b"report = \"json\"\n"), ":1:10", ""),
    (SETTINGS, Whole(b"report = [1]\n"), ":1:10", ""),
    (SETTINGS, Whole(b"limits = 3\n"), ":1:10", ""),
    (SETTINGS, Whole(b"[limit]\nstep = \"1 minute\"\n"), ":1:2", "did you mean `limits`?"),
    (SETTINGS, Whole(b"[limits]\nstep = 30\n"), ":2:8", ""),
    (SETTINGS, Whole(b"[limits]\nrun = \"0 seconds\"\n"), ":2:7", ""),
    (SETTINGS, Whole(b"[limits]\nstep = \"1 minute\"\nstep = \"2 minutes\"\n"), ":3:1", "duplicate key"),
    (SETTINGS, Whole(b"[limits\nstep = \"1 minute\"\n"), ":1", "not valid TOML"),
    (SETTINGS, Whole(b"[[limits]]\nstep = \"1 minute\"\n"), ":1", ""),
    (SETTINGS, Whole(b"limits.step.x = 1\n"), ":1", ""),
];

pub const CLAIM_CASES: &[Case] = &[
    (CLAIMS, Whole(b"\xff\xfe\n"), ":1", "UTF-8"),
    (CLAIMS, Whole(b"claims:\n  - id: A\n"), ":1", "not a list of claims"),
    (CLAIMS, Whole(b"- just a word\n"), ":1", ""),
    (CLAIMS, Whole(b"- \n"), ":1", ""),
    (CLAIMS, Whole(b"- []\n"), ":1", ""),
    (CLAIMS, Edit("  system", "\tsystem"), ":2", "not a list of claims"),
    (CLAIMS, Edit("  system", " system"), ":2", "not a list of claims"),
    (CLAIMS, Edit("id: SENT-MAJORITY", "id: sent-majority"), ":1", "is not an id"),
    (CLAIMS, Edit("id: SENT-MAJORITY", "id: \"\""), ":1", "is not an id"),
    (CLAIMS, Edit("id: SENT-MAJORITY", "id: [A]"), ":1:3", "has to be a text"),
    (CLAIMS, Edit("id: SENT-MAJORITY", "id: 7"), ":1:3", "has to be a text"),
    (CLAIMS, Edit("  claim: A majority elects.\n", ""), ":1", "missing field `claim`"),
    (CLAIMS, Edit("  sources: \"1:1\"\n", ""), ":1", "missing field `sources`"),
    (CLAIMS, Edit("verdict: correct", "verdict: Correct"), ":5", "did you mean `correct`?"),
    (CLAIMS, Edit("verdict: correct", "verdict: wrong"), ":1", "does not say what holds"),
    (CLAIMS, Edit("verdict: correct", "verdict:"), ":5:3", "`verdict` has no value"),
    (CLAIMS, Edit("verdict: correct", "verdict: correct\n  verdict: wrong"), ":", "duplicate entry"),
    (CLAIMS, Edit("basis: docs", "basis: gossip"), ":6", "known: "),
    (CLAIMS, Edit("basis: docs", "basis: docs\n  truht: x"), ":7:3", "did you mean `truth`?"),
    (CLAIMS, Edit("basis: docs", "basis: docs\n  named_by_user: perhaps"), ":7:3", "has to be true or false"),
    (CLAIMS, Edit("A majority elects.", "A majority: elects."), ":3", "not a list of claims"),
    (CLAIMS, Edit("A majority elects.", "\"A majority elects."), ":", "not a list of claims"),
    (CLAIMS, Edit("A majority elects.", "*nowhere"), ":", ""),
    (CLAIMS, More("- id: SENT-MAJORITY\n  system: x\n  claim: y\n  sources: z\n  verdict: correct\n  basis: docs\n"), ":7", "is there twice"),
];

#[test]
fn every_bad_catalogue_setting_and_ledger_is_told() {
    all_are_told("bad catalogues", &[SERVER_CASES, SETTING_CASES, CLAIM_CASES]);
}
