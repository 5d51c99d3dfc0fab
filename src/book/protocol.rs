//! What `rehearsal mdbook` says to a plain `mdbook build`: a book as JSON on stdin, the finished one on stdout.
//!
//! mdBook then renders on its own, so pages beside the book are not written and badges of other servers are no links; `rehearsal book` does both.

use super::library::Library;
use super::preprocess;
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::parse_input;
use std::io::{Read, Write};

/// Whether we can serve a renderer; `rehearsal mdbook supports NAME` exits with 0 or 1 accordingly.
pub fn supports(renderer: &str) -> bool {
    renderer == "html"
}

/// One conversation.
pub fn serve(input: impl Read, mut output: impl Write, library: &Library) -> Result<()> {
    let (_, book) = parse_input(input)?;
    let mut book = preprocess::run(book, library, false)?;
    preprocess::in_place(&mut book);
    serde_json::to_writer(&mut output, &book)?;
    Ok(output.flush()?)
}
