import CountersignAdmin
import CountersignFiles
import CountersignIdentity
import CountersignTransport

extension DevEnvironment {
    /// Commands that show what the authority has issued and to whom, over the admin API.
    var inventoryTrials: [DevTrial] {
        let countersign = Shell.quoted(Self.program)
        let url = "http://\(admin.address)"
        let environment = "COUNTERSIGN_URL=\(url) COUNTERSIGN_TOKEN_FILE=\(Shell.quoted(folder.tokenFile))"
        func command(_ words: String) -> String { "\(environment) \\\n    \(countersign) \(words)" }
        let token = "\"Authorization: Bearer $(cat \(Shell.quoted(folder.tokenFile)))\""
        return [
            DevTrial(
                "The services that may have certificates.",
                command("services list"),
                expects: ["orders", "inventory", orders.spiffeID.description]
            ),
            DevTrial(
                "Every certificate that was issued.",
                command("certs list"),
                expects: ["orders", "inventory", "active", orders.spiffeID.description]
            ),
            DevTrial(
                "The same over the admin API.",
                "curl -sS -w '\\nHTTP %{http_code}\\n' -H \(token) \\\n    \(url)/api/admin/security/certificates",
                expects: ["HTTP 200", orders.spiffeID.description]
            ),
            DevTrial(
                "A new certificate for orders, now; the one before stays good until it ends.",
                command("certs rotate orders"),
                expects: ["rotation of orders"]
            ),
            DevTrial("Who asked the authority for what.", command("audit"), expects: ["certificate.rotate"]),
        ]
    }

    /// This program, as a shell finds it again from any folder.
    private static var program: String {
        (try? SymbolicLink.target(of: "/proc/self/exe")) ?? "countersign"
    }
}
