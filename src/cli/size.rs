//! `rehearsal size`: the arithmetic of high availability on one's own numbers. One subcommand for each calculator of `sizing`, made from the list itself.

use super::exit;
use super::registries::{OutputFormat, json};
use crate::sizing::{ALL, Calculator, named};
use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Command, Error, FromArgMatches, Subcommand};
use serde_json::{Map, json};
use std::process::ExitCode;

/// What to work out.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    question: Question,
    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, global = true)]
    format: OutputFormat,
}

/// A calculator with the numbers it was given.
#[derive(Debug, Clone)]
struct Question {
    calculator: &'static Calculator,
    inputs: Vec<f64>,
}

impl FromArgMatches for Question {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Question, Error> {
        let asked = matches.subcommand().and_then(|(name, own)| named(name).map(|calculator| (calculator, own)));
        let (calculator, own) = asked.ok_or_else(|| Error::new(clap::error::ErrorKind::MissingSubcommand))?;
        let inputs = calculator.inputs.iter().map(|input| own.get_one::<f64>(input.name).copied().unwrap_or(input.default)).collect();
        Ok(Question { calculator, inputs })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Question::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Question {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommand_required(true).arg_required_else_help(true).subcommands(ALL.iter().map(subcommand))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Question::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        named(name).is_some()
    }
}

fn subcommand(calculator: &'static Calculator) -> Command {
    let options = calculator.inputs.iter().map(|input| {
        let unit = input.unit;
        let read = move |text: &str| unit.read(text).ok_or_else(|| format!("not a number of this kind; such as {}", plain(input.default)));
        Arg::new(input.name).long(input.name).value_name(unit.value_name()).value_parser(ValueParser::from(read)).help(format!(
            "{} [default: {}]",
            input.help,
            unit.written(input.default)
        ))
    });
    let answers: Vec<String> = calculator.outputs.iter().map(|output| format!("  {}: {}", output.name, output.how)).collect();
    let shown: Vec<String> = calculator.shown.iter().map(|id| format!("  {id}")).collect();
    let shown = if shown.is_empty() { "No scenario shows it.".to_owned() } else { format!("Shown by:\n{}", shown.join("\n")) };
    let after = format!(
        "Answers:\n{}\n\n{shown}\n\nSizes count as in a server's configuration: 1k is 1000, 1kb is 1024. Spans: 1500ms, 2s, 5min.",
        answers.join("\n")
    );
    Command::new(calculator.name).about(calculator.title).long_about(calculator.about).args(options).after_help(after)
}

/// A number without unit.
fn plain(number: f64) -> String {
    format!("{number}")
}

/// Works it out.
pub fn size(args: &Args) -> ExitCode {
    let Question { calculator, inputs } = &args.question;
    let answers = match calculator.answer(inputs) {
        Ok(answers) => answers,
        Err(reason) => return exit::usage(&reason),
    };
    if args.format == OutputFormat::Json {
        let given: Map<String, _> = calculator.inputs.iter().zip(inputs).map(|(input, value)| (input.name.to_owned(), json!(value))).collect();
        let found = calculator.outputs.iter().zip(&answers);
        let found: Vec<_> = found.map(|(output, value)| json!({"name": output.name, "value": value, "unit": output.unit.name()})).collect();
        json(&json!({"calculator": calculator.name, "inputs": given, "answers": found, "shown": calculator.shown}));
        return exit::PASSED;
    }
    let names = calculator.inputs.iter().map(|i| i.name).chain(calculator.outputs.iter().map(|o| o.name));
    let width = names.map(str::len).max().unwrap_or_default();
    println!("{}", calculator.title);
    for (input, value) in calculator.inputs.iter().zip(inputs) {
        println!("  {:width$}  {}", input.name, input.unit.written(*value));
    }
    println!();
    for (output, value) in calculator.outputs.iter().zip(&answers) {
        let exact =
            if matches!(output.unit, crate::sizing::Unit::Bytes) && *value >= 1024.0 { format!(" ({} bytes)", value.round()) } else { String::new() };
        println!("  {:width$}  {}{exact}", output.name, output.unit.written(*value));
        println!("  {:width$}    {}", "", output.how);
    }
    if !calculator.shown.is_empty() {
        println!("\nshown by {}", calculator.shown.join(", "));
    }
    exit::PASSED
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn asked(line: &[&str]) -> Result<Question, String> {
        let parsed = Line::try_parse_from([&["size"], line].concat());
        parsed.map(|line| line.args.question).map_err(|error| error.to_string())
    }

    #[test]
    fn every_calculator_is_a_subcommand_with_its_inputs_as_options() {
        let question = asked(&["backlog", "--rate", "10kb", "--outage", "2min"]).expect("understood");
        assert_eq!((question.calculator.name, question.inputs.as_slice()), ("backlog", &[10_240.0, 120.0, 2.0][..]));
        for calculator in ALL {
            assert!(asked(&[calculator.name]).is_ok(), "{}", calculator.name);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let error = asked(&["backlog", "--rate", "much"]).expect_err("no number");
        assert!(error.contains("not a number of this kind"), "{error}");
        assert!(asked(&["backlogs"]).is_err() && asked(&[]).is_err());
    }
}
