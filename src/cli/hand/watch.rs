//! `rehearsal watch`: how everybody is, four times a second, with the Sentinels' events below.
//!
//! Where stdout is no terminal, or with `--once`, it is one table and the end. While it watches, changes of roles are noted with their time, for the draft.

use super::{Name, out, perform, table};
use crate::cli::exit;
use crate::cli::registries::{OutputFormat, json};
use crate::cli::view::Keys;
use crate::hand::journal::{Deed, Line};
use crate::hand::overview::{Overview, Row};
use crate::hand::up::interrupted;
use crate::hand::{Session, Trouble, journal};
use crate::record::{Entry, Kind};
use crate::run::project::Project;
use crate::wait;
use console::{Term, truncate_str};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

const PACE: Duration = Duration::from_millis(250);

/// How to show it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One table, and the end; so it is where stdout is no terminal
    #[arg(long)]
    once: bool,
    /// Text for people, JSON for programs (implies --once)
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    #[command(flatten)]
    name: Name,
}

/// Shows it.
pub fn watch(project: &Project, args: &Args) -> ExitCode {
    perform(async || {
        let mut session = Session::look(project, args.name.get()).await?;
        let overview = Overview::of(&session)?;
        let term = Term::stdout();
        if args.once || args.format == OutputFormat::Json || !term.is_term() {
            let rows = overview.rows(&session.state.faults).await;
            session.note_roles()?;
            match args.format {
                OutputFormat::Json => json(&rows),
                OutputFormat::Text => out(&(table::overview(&rows).join("\n") + "\n")),
            }
            return Ok(exit::PASSED);
        }
        let screen = Screen::on(term);
        let ended = tokio::select! {
            ended = live(&mut session, &overview, screen) => ended,
            _ = interrupted() => Ok(()),
        };
        ended.map(|()| exit::PASSED)
    })
}

async fn live(session: &mut Session, overview: &Overview, mut screen: Screen) -> Result<(), Trouble> {
    session.note_roles()?;
    let mut noted = session.world.timeline.borrow().entries().len();
    loop {
        if screen.keys.as_ref().is_some_and(Keys::left) {
            return Ok(());
        }
        // Other commands inject and heal meanwhile, or end it all.
        match session.folder.load(&session.state.name) {
            Ok(state) if state.run == session.state.run => session.state = state,
            _ => {
                drop(screen);
                eprintln!("{} was ended by `rehearsal down`", session.state.name);
                return Ok(());
            }
        }
        let mut rows = overview.rows(&session.state.faults).await;
        let entries: Vec<Entry> = session.world.timeline.borrow().entries().to_vec();
        for entry in &entries[noted..] {
            note(session, entry)?;
        }
        noted = entries.len();
        newest(&mut rows, &entries, session.world.now_ms());
        screen.show(&table::overview(&rows), &events(&entries, session.zero))?;
        wait::pace(PACE).await;
    }
}

/// A change of role goes into the journal with the time at which it was seen.
fn note(session: &Session, entry: &Entry) -> Result<(), Trouble> {
    let (Kind::Role, Some(node)) = (entry.kind, &entry.node) else { return Ok(()) };
    let at = session.zero + entry.first_ms as i64;
    let deed = Deed::Became { node: node.clone(), role: entry.value.clone() };
    journal::append(&session.folder.journal(&session.state.name), &Line { began: at, ended: at, deed })
}

/// Every node's newest event, or change of role, and how long ago that was.
fn newest(rows: &mut [Row], entries: &[Entry], now_ms: u64) {
    for row in rows {
        let of_it = |entry: &&Entry| entry.node.as_deref() == Some(&row.node) && matches!(entry.kind, Kind::Event | Kind::Role);
        // The first is how it was found.
        let found = entries.iter().filter(of_it).skip_while(|entry| entry.kind == Kind::Role && entry.first_ms < 500).last();
        row.event = found.map(|entry| {
            let what = if entry.kind == Kind::Role { format!("is {}", entry.value) } else { entry.name.clone() };
            format!("{what} ({} ago)", wait::spans::written(Duration::from_secs(now_ms.saturating_sub(entry.first_ms) / 1000)))
        });
    }
}

/// What the Sentinels published and who changed roles, oldest first.
fn events(entries: &[Entry], zero: i64) -> Vec<String> {
    let line = |entry: &Entry| {
        let what = match entry.kind {
            Kind::Event => format!("{} {}", entry.name, entry.value),
            Kind::Role if entry.first_ms >= 500 => format!("is {}", entry.value),
            _ => return None,
        };
        let at = jiff::Timestamp::from_millisecond(zero + entry.first_ms as i64).ok()?;
        Some(format!("{}  {:<12} {what}", at.strftime("%H:%M:%S%.3f"), entry.node.as_deref().unwrap_or_default()))
    };
    entries.iter().filter_map(line).collect()
}

/// The lines that are redrawn; dropped, the terminal is as before and the last picture stays.
struct Screen {
    term: Term,
    keys: Option<Keys>,
    /// Lines of the last picture.
    drawn: usize,
}

impl Screen {
    fn on(term: Term) -> Screen {
        let _ = term.hide_cursor();
        Screen { term, keys: Keys::listen(), drawn: 0 }
    }

    fn show(&mut self, table: &[String], events: &[String]) -> Result<(), Trouble> {
        let (height, width) = self.term.size();
        let (height, width) = (usize::from(height).max(4), usize::from(width).max(20));
        let way_out = if self.keys.is_some() { "q or Ctrl-C leaves" } else { "Ctrl-C leaves" };
        let mut lines: Vec<&str> = table.iter().map(String::as_str).take(height - 3).collect();
        lines.extend(["", way_out]);
        let room = height.saturating_sub(lines.len() + 1);
        lines.extend(events[events.len().saturating_sub(room)..].iter().map(String::as_str));
        let draw = || -> io::Result<()> {
            // One write a picture, so that nobody sees half of one.
            let mut picture = String::new();
            if self.drawn > 0 {
                picture += &format!("\u{1b}[{}A", self.drawn);
            }
            for line in &lines {
                picture += &format!("\r{}\u{1b}[K\n", truncate_str(line, width - 1, "..."));
            }
            // What a longer picture before has left below.
            picture += "\u{1b}[J";
            self.term.write_str(&picture)?;
            self.term.flush()
        };
        draw().map_err(|error| Trouble::File(format!("the terminal: {error}")))?;
        self.drawn = lines.len();
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.term.show_cursor();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, name: &str, value: &str, at: u64) -> Entry {
        Entry { node: Some("sentinel-1".to_owned()), kind, name: name.to_owned(), value: value.to_owned(), first_ms: at, last_ms: at, count: 1 }
    }

    #[test]
    fn how_somebody_was_found_is_no_event() {
        let entries = [
            entry(Kind::Role, "role", "sentinel", 10),
            entry(Kind::Value, "keys", "3", 20),
            entry(Kind::Event, "+sdown", "master mymaster", 1_500),
            entry(Kind::Role, "role", "silent", 9_000),
        ];
        assert_eq!(events(&entries[..2], 0), Vec::<String>::new());
        assert_eq!(events(&entries, 0), ["00:00:01.500  sentinel-1   +sdown master mymaster", "00:00:09.000  sentinel-1   is silent"]);
        let mut rows = [Row { node: "sentinel-1".to_owned(), ..Row::default() }];
        newest(&mut rows, &entries, 12_000);
        assert_eq!(rows[0].event.as_deref(), Some("is silent (3 seconds ago)"));
        newest(&mut rows, &entries[..2], 12_000);
        assert_eq!(rows[0].event, None);
    }
}
