import ArgumentParser
import CountersignJSON
import CountersignRuntime

/// How long a token is good; shared by the commands that make one.
struct TokenLifetime: ParsableArguments {
    @Option(help: "How long it is good, such as 30m, 12h or 90d; by default 1h to join and 90d as a bearer token.")
    var ttl: String?

    func validate() throws { _ = try seconds }

    /// The member of a call that says it; none where the authority's own default is to be.
    var members: [JSONValue.Member] {
        get throws { try seconds.map { [.init("ttl_seconds", .number($0))] } ?? [] }
    }

    private var seconds: Int64? {
        get throws {
            guard let ttl else { return nil }
            guard let seconds = Lifetime.seconds(parsing: ttl) else {
                throw ValidationError("--ttl: expected a time such as 60s, 30m, 12h or 90d")
            }
            return seconds
        }
    }
}
