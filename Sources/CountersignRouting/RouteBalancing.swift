public import CountersignPolicy

/// How a route's requests are spread over its endpoints, where the route says so itself.
public enum RouteBalancing: Sendable, Hashable {
    /// Each endpoint in its turn.
    case roundRobin
    /// The endpoint that has the fewest requests to answer.
    case leastConnection
    /// Requests with the same value of a header go to the same endpoint.
    case hash(RouteHash)

    /// What requests are told apart by.
    public struct RouteHash: Sendable, Hashable {
        /// The name of the header in lower case.
        public let header: [UInt8]
        /// How many times the average an endpoint may have to answer before another takes its place, 1.1 or more; `nil`
        /// for as many as come.
        public let balance: Double?
    }

    /// The names of the options that are read.
    public static let optionNames = ["loadbalancing", "hash_header", "hash_balance"]

    /// Reads the options of a route.
    ///
    /// - Parameters:
    ///   - options: the options, of which others are passed over.
    ///   - problems: receives, by option, what is wrong; what it is about counts as not said.
    /// - Returns: `nil` when they do not say it.
    public init?(_ options: RouteOptions, problems: inout [(option: String, message: String)]) {
        let header = Self.header(options, &problems)
        let balance = Self.balance(options, &problems)
        guard let algorithm = options["loadbalancing"] else {
            if options["hash_header"] != nil || options["hash_balance"] != nil {
                let given = options["hash_header"] != nil ? "hash_header" : "hash_balance"
                problems.append((given, "it needs loadbalancing: hash"))
            }
            return nil
        }
        switch algorithm {
        case .string("round-robin"): self = .roundRobin
        case .string("least-connection"): self = .leastConnection
        case .string("hash"):
            guard let header else {
                if options["hash_header"] == nil {
                    problems.append(("loadbalancing", "hash needs hash_header, the header that is hashed"))
                }
                return nil
            }
            self = .hash(RouteHash(header: header, balance: balance))
            return
        default:
            problems.append(("loadbalancing", "expected round-robin, least-connection or hash"))
            return nil
        }
        for name in ["hash_header", "hash_balance"] where options[name] != nil {
            problems.append((name, "it needs loadbalancing: hash"))
        }
    }

    private static func header(
        _ options: RouteOptions,
        _ problems: inout [(option: String, message: String)]
    ) -> [UInt8]? {
        guard let value = options["hash_header"] else { return nil }
        guard case .string(let text) = value, (1...longestHeader).contains(text.utf8.count),
            text.utf8.allSatisfy(isTokenByte)
        else {
            problems.append(("hash_header", "expected the name of a header, such as X-Resource-Id"))
            return nil
        }
        return text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func balance(
        _ options: RouteOptions,
        _ problems: inout [(option: String, message: String)]
    ) -> Double? {
        guard let value = options["hash_balance"] else { return nil }
        let number: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            case .string(let text): Double(text)
            case .boolean: nil
            }
        guard let number, number == 0 || (leastBalance...mostBalance).contains(number) else {
            problems.append(("hash_balance", "expected 0 or a number from 1.1 to 100"))
            return nil
        }
        return number == 0 ? nil : number
    }

    /// Whether a byte may be in a header's name (RFC 9110 section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static let longestHeader = 128
    private static let leastBalance = 1.1
    private static let mostBalance = 100.0
}
