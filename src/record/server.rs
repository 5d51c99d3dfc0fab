//! A server build as it was played, and whether the catalogue still means it.
//!
//! You are in the right place when evidence does not count although its scenario has not changed, or counts although another server is meant. What an old record does not say cannot
//! contradict anything.

use super::hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A server build as it was played.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ServerRecord {
    /// Name in `servers.toml`, such as `redis-7.0`.
    pub name: String,
    /// Image reference.
    pub image: String,
    /// `sha256:...` of the image.
    pub image_id: String,
    /// How the image came here: `local`, `pulled`, `built`.
    pub route: String,
    /// Version the server reports of itself.
    pub version: String,
    /// `redis_build_id` or the like.
    pub build_id: String,
    /// Capabilities probed of the image, such as `sentinel-debug`.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Directives appended on purpose (`append` in `servers.toml`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<String>,
    /// What the catalogue asked for when it was prepared; missing in records from before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Which executable ran; missing in records from before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable: Option<Executable>,
}

/// What a line of the catalogue says of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    pub image: String,
    /// The Debian suite of the package that is used where the image cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debian: Option<String>,
    pub package: String,
}

/// The executable of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Executable {
    /// The image's own.
    Image,
    /// One that was put over it (`binary` in `servers.toml`): its path as written there, and the SHA-256 of what was read when the run began.
    Binary { path: String, sha256: String },
}

/// What the catalogue means by the name of a server now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    pub asked: Asked,
    pub append: Vec<String>,
    /// The executable that replaces the image's own: its path, and the SHA-256 of the file where it is there.
    pub binary: Option<(String, Option<String>)>,
}

/// What is meant, by name. A name that is missing means nothing, so nothing contradicts it.
pub type Catalogue = BTreeMap<String, Meant>;

impl Meant {
    /// Why what was played then is not what is meant now, as a clause; `None` when nothing that the record says speaks against it.
    pub fn contradicts(&self, played: &ServerRecord) -> Option<String> {
        if played.append != self.append {
            let told = |lines: &[String]| if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
            return Some(format!("it had {} appended, and the catalogue appends {}", told(&played.append), told(&self.append)));
        }
        match (&played.executable, &self.binary) {
            (None, _) | (Some(Executable::Image), None) => {}
            (Some(Executable::Image), Some((path, _))) => return Some(format!("it was the image's own server, and the catalogue names {path}")),
            (Some(Executable::Binary { path, .. }), None) => return Some(format!("it was {path}, and the catalogue names no executable")),
            (Some(Executable::Binary { path, sha256 }), Some((meant, now))) => {
                if path != meant {
                    return Some(format!("it was {path}, and the catalogue names {meant}"));
                }
                if now.as_ref().is_some_and(|now| now != sha256) {
                    return Some(format!("{path} is another file now"));
                }
            }
        }
        let built = played.route == "built";
        let (was, other) = match &played.asked {
            Some(asked) => (&asked.image, asked.image != self.asked.image || (built && *asked != self.asked)),
            // What was built then has a name of its own, which does not say what was asked for.
            None => (&played.image, !built && !played.image.is_empty() && played.image != self.asked.image),
        };
        other.then(|| match was == &self.asked.image {
            true => format!("its package was that of {}", played.asked.as_ref().and_then(|asked| asked.debian.as_deref()).unwrap_or("another suite")),
            false => format!("its image was {was}, and the catalogue names {}", self.asked.image),
        })
    }
}

impl ServerRecord {
    /// Whether both are the same image with the same directives and executable, as far as both say.
    pub fn is_same_build(&self, other: &ServerRecord) -> bool {
        let executable = self.executable.is_none() || other.executable.is_none() || self.executable == other.executable;
        executable && self.image_id == other.image_id && self.append == other.append
    }

    /// What tells builds apart, as a part of a file's name.
    pub fn build_key(&self) -> String {
        let executable = match &self.executable {
            None | Some(Executable::Image) => String::new(),
            Some(Executable::Binary { sha256, .. }) => sha256.clone(),
        };
        hash::text_hash([self.image_id.as_str(), executable.as_str()].into_iter().chain(self.append.iter().map(String::as_str)))
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
