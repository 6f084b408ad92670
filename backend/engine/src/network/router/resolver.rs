//! Whom the machine asks for names.

use std::net::Ipv4Addr;

/// The second has the true ones where the first leads to systemd's own on the loopback, which no host can reach.
const FILES: [&str; 2] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/// The first of the machine's resolvers that packets can be forwarded to; `None` if there is no such.
pub(super) fn upstream() -> Option<Ipv4Addr> {
    FILES.iter().find_map(|file| first(&std::fs::read_to_string(file).ok()?))
}

fn first(resolv_conf: &str) -> Option<Ipv4Addr> {
    let servers = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "nameserver")?;
        words.next()?.parse::<Ipv4Addr>().ok()
    });
    servers.into_iter().find(|server| !server.is_loopback() && !server.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_that_can_be_reached_from_elsewhere_counts() {
        let text = "# nameserver 1.1.1.1\nsearch x\nnameserver 127.0.0.53\nnameserver ::1\nnameserver\nnameserver 192.0.2.53\nnameserver 9.9.9.9\n";
        assert_eq!(first(text), Some([192, 0, 2, 53].into()));
        assert_eq!(first("nameserver 127.0.0.1\n"), None);
        assert_eq!(first(""), None);
    }
}
