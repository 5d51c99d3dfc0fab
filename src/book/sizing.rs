//! A calculator on a page: what it asks and answers, a worked table, and a form for one's own numbers.
//!
//! Without a script the form stays hidden and the table says it all. `book/theme/sizing.js` shows the form only after it has worked out every row of every table on the page by itself and
//! come to the same numbers and the same words: that is what `data-rh-in` and `data-rh-out` are for.

use super::escape::{html, inline};
use super::render_feature::Context;
use super::see;
use crate::sizing::{Calculator, Unit};
use std::fmt::Write;

/// Everything about one calculator.
pub fn page(calculator: &Calculator, context: Context<'_>) -> String {
    let mut out = format!("<div class=\"rh-sizing\" data-rh-sizing=\"{}\">\n<p>{}</p>\n", calculator.name, html(calculator.about));
    table(&mut out, calculator);
    form(&mut out, calculator);
    formulas(&mut out, calculator);
    shown(&mut out, calculator, context);
    out.push_str("</div>\n");
    out
}

fn table(out: &mut String, calculator: &Calculator) {
    out.push_str("<div class=\"rh-scroll\"><table class=\"rh-worked\"><thead><tr>");
    for input in calculator.inputs {
        let _ = write!(out, r#"<th scope="col" class="rh-given">{}</th>"#, input.name);
    }
    for output in calculator.outputs {
        let _ = write!(out, r#"<th scope="col">{}</th>"#, output.name);
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in calculator.examples {
        // What a page cannot show is no example; a test sees to it that there is none.
        let Ok(answers) = calculator.answer(row) else { continue };
        let _ = write!(out, r#"<tr data-rh-in="{}" data-rh-out="{}">"#, numbers(row), numbers(&answers));
        for (input, value) in calculator.inputs.iter().zip(*row) {
            let _ = write!(out, r#"<td class="rh-given">{}</td>"#, html(&input.unit.written(*value)));
        }
        for (output, value) in calculator.outputs.iter().zip(&answers) {
            let _ = write!(out, "<td>{}</td>", html(&output.unit.written(*value)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

/// As JSON.
fn numbers(values: &[f64]) -> String {
    format!("[{}]", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

fn form(out: &mut String, calculator: &Calculator) {
    let _ = write!(out, r#"<form class="rh-form" hidden aria-label="{}"><div class="rh-fields">"#, html(calculator.title));
    for input in calculator.inputs {
        let _ = write!(
            out,
            r#"<label title="{}"><span>{}</span><input type="text" inputmode="decimal" autocomplete="off" name="{}" value="{}" data-rh-unit="{}" data-rh-least="{}" data-rh-most="{}"></label>"#,
            html(&input.help.replace('`', "")),
            input.name,
            input.name,
            written(input.unit, input.default),
            input.unit.name(),
            input.least,
            input.most
        );
    }
    out.push_str("</div>\n<dl class=\"rh-answers\" aria-live=\"polite\">");
    for output in calculator.outputs {
        let _ = write!(out, r#"<div><dt>{}</dt><dd data-rh-unit="{}"></dd></div>"#, output.name, output.unit.name());
    }
    out.push_str("</dl><p class=\"rh-refused\" role=\"status\"></p></form>\n");
}

/// A default as somebody would type it.
fn written(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Bytes | Unit::BytesPerSecond => unit.written(value).trim_end_matches("/s").replace(" B", "").replace(' ', "").to_lowercase(),
        _ => value.to_string(),
    }
}

fn formulas(out: &mut String, calculator: &Calculator) {
    out.push_str("<details class=\"rh-how\"><summary>How it is worked out</summary><dl>");
    let inputs = calculator.inputs.iter().map(|input| (input.name, input.help));
    for (name, text) in inputs.chain(calculator.outputs.iter().map(|output| (output.name, output.how))) {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", inline(text));
    }
    let command: Vec<String> = calculator.inputs.iter().map(|i| format!("--{} {}", i.name, written(i.unit, i.default))).collect();
    let _ = writeln!(out, "</dl><p><code>rehearsal size {} {}</code></p></details>", calculator.name, html(&command.join(" ")));
}

fn shown(out: &mut String, calculator: &Calculator, context: Context<'_>) {
    let found = calculator.shown.iter().filter_map(|id| id.split_once('#')).filter_map(|(key, slug)| context.library.scenario(key, slug));
    let links: Vec<String> = found.map(|(feature, _, scenario)| format!("<li>{}</li>", see::link(feature, scenario, "", context))).collect();
    if links.is_empty() {
        out.push_str("<p class=\"rh-note\">Not shown by a scenario.</p>\n");
    } else {
        let _ = writeln!(out, "<p class=\"rh-note\">The rule, played:</p><ul class=\"rh-played\">{}</ul>", links.concat());
    }
}
