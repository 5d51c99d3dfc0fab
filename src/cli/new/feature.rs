//! The text of a new feature: what a reader learns, one promise with its source, one scenario that passes and is caught without its fault.

use crate::systems::Story;
use crate::topology::Topology;

/// The feature, about a topology whatever its nodes are called.
pub(super) fn text(area: &str, name: &str, topology: &Topology) -> String {
    let title = capital(&name.replace('-', " "));
    let Story { prose, rule, source, scenario, rows, steps } = story(topology);
    let table: String = rows.iter().map(|(key, value)| format!("        | {key} | {value} |\n")).collect();
    let given = format!("Given the \"{}\" topology{}\n{table}", topology.name, if rows.is_empty() { "" } else { " with" });
    let first = |names: Vec<&str>| format!("\"{}\"", names.first().unwrap_or(&""));
    let steps = steps.replace("{PRIMARY}", &first(topology.primaries())).replace("{SECONDARY}", &first(topology.secondaries()));
    let steps: String = steps.lines().map(|step| format!("      {step}\n")).collect();
    format!(
        "@{area}\nFeature: {title}\n  {prose}\n\n  Rule: {rule}\n    Source: {source}\n\n    @id:{name}-begins\n    Scenario: {scenario}\n      {given}{steps}"
    )
}

/// What is told first: what its formation has to tell, where its nodes can show it.
fn story(topology: &Topology) -> &'static Story {
    static ALONE: Story = Story {
        prose: "What a single server is after a crash: another process, which has to be started by somebody.",
        rule: "A server that is started again is another run of the same node",
        source: "https://redis.io/docs/latest/commands/info/",
        scenario: "A server that was killed and started again answers, under another run id",
        rows: &[],
        steps: "When {PRIMARY} is killed\nAnd {PRIMARY} is started again\nThen the run id of {PRIMARY} has changed\n",
    };
    topology.formation.story.as_ref().filter(|_| !topology.secondaries().is_empty()).unwrap_or(&ALONE)
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
