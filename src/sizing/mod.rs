//! The arithmetic of high availability: how large, how many, how long, how much is lost. Pure: numbers in, numbers out.
//!
//! Come here for a formula or to add a calculator: one entry in [`ALL`]. The command line (`rehearsal size`), the tables of the book and its form are made of that list, and the form's
//! script has to reproduce the numbers of every table. A rule that a scenario shows names it in `shown`; a step that applies a rule takes it from here, so that the servers check it too.

pub mod failover;
pub mod format;
pub mod loss;
pub mod memory;
pub mod replication;
pub mod shards;
pub mod votes;

pub use format::Unit;

/// One question with its formula.
#[derive(Debug, Clone, Copy)]
pub struct Calculator {
    /// What the command line and the book's directive call it: `backlog`.
    pub name: &'static str,
    pub title: &'static str,
    /// What is asked, in one sentence.
    pub about: &'static str,
    pub inputs: &'static [Input],
    pub outputs: &'static [Output],
    /// One number for each input, in their order and within their bounds; one for each output comes back.
    pub compute: fn(&[f64]) -> Vec<f64>,
    /// Why inputs that are each within their bounds make no sense together.
    pub refuses: fn(&[f64]) -> Option<&'static str>,
    /// Rows of the worked table.
    pub examples: &'static [&'static [f64]],
    /// Scenarios that show the rule: `replication/storm#an-outage-the-backlog-was-sized-for`.
    pub shown: &'static [&'static str],
}

/// A number that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// In kebab case: an option of the command line, a field of the form.
    pub name: &'static str,
    pub unit: Unit,
    pub default: f64,
    pub least: f64,
    pub most: f64,
    pub help: &'static str,
}

/// A number that is answered.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub name: &'static str,
    pub unit: Unit,
    /// The formula, in words.
    pub how: &'static str,
}

/// Every calculator, in the order of the book.
pub const ALL: &[Calculator] = &[
    replication::STREAM,
    replication::BACKLOG,
    replication::SYNC,
    memory::SNAPSHOT,
    loss::MIN_REPLICAS,
    loss::MINORITY,
    votes::SENTINELS,
    votes::SITES,
    votes::CLUSTER,
    failover::SENTINEL,
    failover::CLUSTER,
    shards::SHARDS,
];

/// The calculator of a name.
pub fn named(name: &str) -> Option<&'static Calculator> {
    ALL.iter().find(|calculator| calculator.name == name)
}

/// For calculators whose inputs are independent.
const fn nothing(_: &[f64]) -> Option<&'static str> {
    None
}

impl Calculator {
    /// Its answers, or why there are none.
    ///
    /// # Errors
    /// An input out of its bounds, or inputs that make no sense together.
    pub fn answer(&self, inputs: &[f64]) -> Result<Vec<f64>, String> {
        for (input, value) in self.inputs.iter().zip(inputs) {
            if !(input.least..=input.most).contains(value) {
                let (least, most) = (input.unit.written(input.least), input.unit.written(input.most));
                return Err(format!("{} has to be between {least} and {most}", input.name));
            }
            if input.unit == Unit::Count && value.fract() != 0.0 {
                return Err(format!("{} has to be a whole number", input.name));
            }
        }
        match (self.refuses)(inputs) {
            Some(reason) => Err(reason.to_owned()),
            None => Ok((self.compute)(inputs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tables, the form and the command line rely on.
    #[test]
    fn every_calculator_answers_its_examples_with_numbers() {
        let mut names = std::collections::BTreeSet::new();
        for calculator in ALL {
            assert!(names.insert(calculator.name), "{} is there twice", calculator.name);
            assert!(calculator.examples.len() >= 3, "{}: a table shows how it varies", calculator.name);
            let defaults: Vec<f64> = calculator.inputs.iter().map(|i| i.default).collect();
            for row in calculator.examples.iter().copied().chain([defaults.as_slice()]) {
                assert_eq!(row.len(), calculator.inputs.len(), "{}", calculator.name);
                let answers = calculator.answer(row).unwrap_or_else(|e| panic!("{} {row:?}: {e}", calculator.name));
                assert_eq!(answers.len(), calculator.outputs.len(), "{}", calculator.name);
                assert!(answers.iter().all(|a| a.is_finite() && *a >= 0.0), "{} {row:?}: {answers:?}", calculator.name);
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let sentinels = named("sentinels").expect("on the list");
        assert_eq!(
            sentinels.answer(&[3.0, 4.0]),
            Err("the quorum is larger than the number of Sentinels: nobody could ever declare the master down".into())
        );
        assert_eq!(sentinels.answer(&[0.0, 1.0]), Err("sentinels has to be between 1 and 99".into()));
        assert_eq!(sentinels.answer(&[2.5, 1.0]), Err("sentinels has to be a whole number".into()));
        assert!(named("sentinel").is_none());
    }
}
