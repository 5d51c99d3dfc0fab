//! What no container of a project reaches: this host and everything behind it. You are in the right place when a service wants to call somebody who is no node of its topology.
//!
//! The control network is an ordinary bridge, since an engine publishes ports of no other kind. So each sandbox walls itself in, before anything else is in its namespace: it answers whoever calls it through a published
//! port, and calls nobody but the nodes of its data network. This host has an address in that network too, the first, and is nobody to call there either. Servers share its namespace and have no right to change that.
//! The observer is in the data network alone, through which an engine leads a way to this host as well, and walls itself in the same way.

/// Run by the shell of a sandbox or an observer before it obeys anybody. The chain is known to [`super::pool`], which looks for what others have left.
///
/// It ends the container if it fails: a node without walls is none.
///
/// Of TCP only what begins a connection is dropped, by its flags: nothing has to be remembered of connections, and an answer goes out whoever is cut off elsewhere.
pub(super) const SCRIPT: &str = r#"
walls() {
    printf '%s\n' '*filter' ':rehearsal-walls - [0:0]' \
        '-A rehearsal-walls -o lo -j RETURN' \
        '-A rehearsal-walls -d 198.18.0.0/15 -p tcp ! --syn -j RETURN' \
        '-A rehearsal-walls -d 198.18.0.1/255.255.0.255 -j DROP' \
        '-A rehearsal-walls -d 198.18.0.0/16 -j RETURN' \
        '-A rehearsal-walls -j DROP' \
        '-A OUTPUT -j rehearsal-walls' 'COMMIT' | "$1" --noflush
}
if iptables-nft -S >/dev/null 2>&1; then walls iptables-nft-restore; else walls iptables-legacy-restore; fi || exit 1
ip route del default 2>/dev/null
"#;
