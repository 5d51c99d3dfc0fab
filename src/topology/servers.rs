//! The catalogue of servers, `compose/servers.toml` (being written).
