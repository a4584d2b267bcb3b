import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// Who called which route, according to an access log.
struct ObservedTraffic {
    /// What was seen of one route.
    struct Seen {
        /// Host and path of the first request.
        let example: (host: String, path: String)
        /// How many requests each source sent.
        var sources: [PolicySource: Int] = [:]
    }

    /// The routes by their patterns.
    private(set) var routes: [String: Seen] = [:]
    /// How many requests of a route no policy can let in.
    private(set) var unusable: [String: Int] = [:]
    /// How many lines are no records of requests that had a route.
    private(set) var unread = 0
    private let countsRefused: Bool

    init(countsRefused: Bool) {
        self.countsRefused = countsRefused
    }

    /// Takes a line of the log.
    mutating func add(_ line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line), let record = try? JSONObject(value, known: nil),
            let route = try? record.string("route")
        else {
            unread += 1
            return
        }
        let outcome = (try? record.string("mtls_auth")) ?? "none"
        switch outcome {
        case "allowed", "not_enforced", "would_deny": break
        case "denied" where countsRefused: break
        default: return
        }
        // What the domain, the scope or the certificate refuses is refused with any policy.
        let policy = (try? record.string("mtls_policy")) ?? ""
        let isLost =
            policy.hasPrefix("domain:") && policy != "domain:verified_caller" || policy == "identity_extraction"
        guard !isLost, let source = Self.source(record) else {
            unusable[route, default: 0] += 1
            return
        }
        let example = ((try? record.string("host")) ?? "", (try? record.string("target")) ?? "/")
        routes[route, default: Seen(example: example)].sources[source, default: 0] += 1
    }

    private static func source(_ record: JSONObject) -> PolicySource? {
        if let app = try? record.string("caller_cf_app"), let guid = try? CloudFoundryGUID(parsing: app) {
            return .app(guid)
        }
        guard let id = try? record.string("caller_spiffe_id") else { return nil }
        return try? PolicySource(parsing: id)
    }
}
