//! The two variables of a topology file, filled in the way `docker compose` does it.
//!
//! You are in the right place when a `${...}` in a compose file is not replaced as you expect. Everything else a file needs is written in it: a topology
//! that changed with the reader's environment would not be the one in the book.

/// What a deployment fills in; `None` takes the default that stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// `REHEARSAL_IMAGE`: the image under test.
    pub image: Option<String>,
    /// `REHEARSAL_NET`: the first three bytes of the data network, such as `198.18.7`.
    pub net: Option<String>,
}

/// The image under test.
pub const IMAGE: &str = "REHEARSAL_IMAGE";
/// The first three bytes of the data network.
pub const NET: &str = "REHEARSAL_NET";

/// Why a text could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// As it stands in the text, to find its place.
    pub snippet: String,
    pub message: String,
    pub advice: String,
}

impl Variables {
    /// Replaces `${NAME:-default}` and `$$`. Anything else that starts with a dollar is an error, as it would be one (or silently empty) for `docker compose`.
    pub fn fill(&self, text: &str) -> Result<String, Unfilled> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix("$$") {
                out.push('$');
                rest = after;
            } else {
                let (value, length) = self.variable(tail)?;
                out.push_str(value);
                rest = &tail[length..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The value of the variable a text starts with, and how many bytes it takes there.
    fn variable<'v>(&'v self, text: &'v str) -> Result<(&'v str, usize), Unfilled> {
        let advice = format!("only ${{{IMAGE}:-redis:7.0.15}} and ${{{NET}:-198.18.0}} are filled in; write $$ for a dollar sign");
        let Some(end) = text.starts_with("${").then(|| text.find('}')).flatten() else {
            let snippet: String = text.chars().take_while(|c| !c.is_whitespace()).collect();
            return Err(Unfilled { message: format!("`{snippet}` is not a variable of ours"), snippet, advice });
        };
        let whole = &text[..=end];
        let inner = &text[2..end];
        let unfilled = |message: String| Unfilled { snippet: whole.to_owned(), message, advice: advice.clone() };
        let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, default)| (name, Some(default)));
        let given = match name {
            IMAGE => &self.image,
            NET => &self.net,
            _ => return Err(unfilled(format!("unknown variable `{name}`"))),
        };
        let default = default.filter(|d| !d.is_empty()).ok_or_else(|| unfilled(format!("variable `{name}` has no default")))?;
        Ok((given.as_deref().unwrap_or(default), whole.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_replace_defaults() {
        let given = Variables { image: None, net: Some("198.18.7".to_owned()) };
        let filled = given.fill("${REHEARSAL_IMAGE:-redis:7.0.15} ${REHEARSAL_NET:-198.18.0}.11 $$5");
        assert_eq!(filled.as_deref(), Ok("redis:7.0.15 198.18.7.11 $5"));
    }

    #[test]
    fn nothing_else_is_read_from_the_environment() {
        let message = |text| Variables::default().fill(text).map_err(|e| e.message);
        assert_eq!(message("${HOME:-x}"), Err("unknown variable `HOME`".to_owned()));
        assert_eq!(message("${REHEARSAL_NET}"), Err("variable `REHEARSAL_NET` has no default".to_owned()));
        assert_eq!(message("$HOME/x y"), Err("`$HOME/x` is not a variable of ours".to_owned()));
        assert_eq!(message("${REHEARSAL_NET:-1"), Err("`${REHEARSAL_NET:-1` is not a variable of ours".to_owned()));
    }
}
