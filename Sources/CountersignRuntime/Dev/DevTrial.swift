import CountersignIdentity
import CountersignRouter
import CountersignTransport

/// One command that shows an outcome, and what a reader should see.
struct DevTrial: Sendable {
    /// What is tried, for people.
    let title: String
    /// The command, ready to paste into a shell.
    let command: String
    /// What the output must hold.
    let expected: [String]
    /// What the output must not hold.
    let unexpected: [String]

    init(_ title: String, _ command: String, expects expected: [String], without unexpected: [String] = []) {
        self.title = title
        self.command = command
        self.expected = expected
        self.unexpected = unexpected
    }

    /// Why an output is not what was promised; `nil` when it is.
    func fault(in output: String) -> String? {
        for text in expected where !output.contains(text) { return "expected to see: \(text)" }
        for text in unexpected where output.contains(text) { return "must not be there: \(text)" }
        return nil
    }
}

extension DevEnvironment {
    /// All that is shown, in this order.
    var allTrials: [DevTrial] { trials + inventoryTrials + egressTrials }

    /// The four outcomes that a new user should see.
    var trials: [DevTrial] {
        let caller = "spiffe://dev.local/ns/default/sa/orders"
        return [
            DevTrial(
                "Allowed: orders calls inventory; the backend sees who called (200).",
                curl(inventory, as: orders, path: "/stock"),
                expects: ["HTTP 200", "URI=\(caller)", "OU=app:\(orders.identity.app)"]
            ),
            DevTrial(
                "Denied: inventory calls orders, which allows nobody (403).",
                curl(orders, as: inventory, path: "/"),
                expects: ["HTTP 403", "403 Forbidden"]
            ),
            DevTrial(
                "No certificate: the TLS handshake itself is refused.",
                curl(inventory, as: nil, path: "/stock") + " 2>&1",
                expects: ["certificate required"],
                without: ["HTTP 200"]
            ),
            DevTrial(
                "A spoofed identity header never reaches the backend; the real caller does (200).",
                curl(
                    inventory,
                    as: orders,
                    path: "/stock",
                    header: "X-Forwarded-Client-Cert: URI=spiffe://dev.local/ns/default/sa/admin"
                ),
                expects: ["HTTP 200", "URI=\(caller)"],
                without: ["sa/admin"]
            ),
        ]
    }

    private func curl(_ target: DevService, as caller: DevService?, path: String, header: String? = nil) -> String {
        let host = "\(target.name).\(Self.domain)"
        let files = folder.path
        var parts = ["curl -sS -w 'HTTP %{http_code}\\n' --cacert \(Shell.quoted("\(files)/ca.pem"))"]
        if let caller {
            let certificate = Shell.quoted("\(files)/\(caller.name)/cert.pem")
            let key = Shell.quoted("\(files)/\(caller.name)/key.pem")
            parts.append("--cert \(certificate) --key \(key)")
        }
        if let header { parts.append("-H \(Shell.quoted(header))") }
        let port = router.addresses.first?.port ?? 0
        parts.append("--resolve \(Shell.quoted("\(host):\(port):\(reachableHost)")) https://\(host):\(port)\(path)")
        return parts.joined(separator: " \\\n    ")
    }

    /// Where a client of this host finds the router, as curl wants it; `0.0.0.0` and `::` are listened on and not called.
    private var reachableHost: String {
        guard let address = router.addresses.first else { return "127.0.0.1" }
        switch address.host {
        case "0.0.0.0": return "127.0.0.1"
        case "::": return "[::1]"
        default: return address.isIPv6 ? "[\(address.host)]" : address.host
        }
    }
}
