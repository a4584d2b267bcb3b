import CountersignJSON

/// Reads `router.register` and `router.unregister`, as GoRouter's clients send them, into the places of their parts.
///
/// A repetition needs little of a message, so nothing is made of the parts before it is wanted. Members of other names
/// are passed over; null stands for an absent member. One reader reads one message after the other.
package struct RegistrationReader: Sendable {
    /// The most routes of one message.
    package static let maximumRoutes = 10_000

    var host: JSONText?
    var port: UInt16?
    var tlsPort: UInt16?
    /// The routes, as they were sent.
    var routes: [JSONText] = []
    var applicationProtocol: JSONText?
    var tags: Range<Int>?
    var app: JSONText?
    var instanceID: JSONText?
    var instanceIndex: JSONText?
    var zone: JSONText?
    var segment: JSONText?
    var serverName: JSONText?
    var routeService: JSONText?
    var options: Range<Int>?
    /// Seconds; `nil` for none.
    var lifetime: UInt32?
    /// When the sender learned of it, in nanoseconds since 1970; `nil` when it does not say.
    var updatedAt: Int64?
    private var seen: UInt32 = 0

    /// Makes a reader.
    package init() {}

    /// Reads a message.
    ///
    /// - Throws: `JSONError` with the place of what is wrong.
    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(JSONError) {
        reset()
        var scanner = JSONScanner(range)
        try scanner.beginObject(bytes)
        var isFirst = true
        while let name = try scanner.member(bytes, first: &isFirst) {
            try member(Member(name, bytes), bytes, &scanner)
        }
        try scanner.finish(bytes)
        guard let host, host.end > host.start else { throw scanner.error("host: a host is required") }
        guard tlsPort != nil || port != nil else {
            throw scanner.error("port: a port or tls_port of 1...65535 is required")
        }
        guard !routes.isEmpty else { throw scanner.error("uris: at least one route is required") }
    }

    private mutating func reset() {
        var next = RegistrationReader()
        swap(&next.routes, &routes)
        next.routes.removeAll(keepingCapacity: true)
        self = next
    }

    private mutating func member(
        _ member: Member?,
        _ bytes: Span<UInt8>,
        _ scanner: inout JSONScanner
    ) throws(JSONError) {
        guard let member else {
            try scanner.skip(bytes)
            return
        }
        guard seen & member.bit == 0 else { throw scanner.error("a member is repeated") }
        seen |= member.bit
        if try scanner.takeNull(bytes) { return }
        switch member {
        case .port: port = try Self.port(bytes, &scanner)
        case .tlsPort: tlsPort = try Self.port(bytes, &scanner)
        case .routes: try readRoutes(bytes, &scanner)
        case .tags: tags = try Self.object(bytes, &scanner)
        case .options: options = try Self.object(bytes, &scanner)
        case .lifetime:
            let seconds = try scanner.integer(bytes)
            lifetime = seconds > 0 ? UInt32(clamping: seconds) : nil
        case .updatedAt:
            let moment = try scanner.integer(bytes)
            updatedAt = moment > 0 ? moment : nil
        default: try text(member, bytes, &scanner)
        }
    }

    private mutating func text(
        _ member: Member,
        _ bytes: Span<UInt8>,
        _ scanner: inout JSONScanner
    ) throws(JSONError) {
        let text = try scanner.string(bytes)
        guard text.end > text.start else { return }
        switch member {
        case .host: host = text
        case .applicationProtocol: applicationProtocol = text
        case .app: app = text
        case .instanceID: instanceID = text
        case .instanceIndex: instanceIndex = text
        case .zone: zone = text
        case .segment: segment = text
        case .serverName: serverName = text
        case .routeService: routeService = text
        case .port, .tlsPort, .routes, .tags, .options, .lifetime, .updatedAt: break
        }
    }

    private mutating func readRoutes(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.beginArray(bytes)
        var isFirst = true
        while try scanner.element(bytes, first: &isFirst) {
            guard routes.count < Self.maximumRoutes else {
                throw scanner.error("uris: more than \(Self.maximumRoutes) routes")
            }
            routes.append(try scanner.string(bytes))
        }
    }

    /// A port; `nil` for 0, which stands for none.
    private static func port(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) -> UInt16? {
        let number = try scanner.integer(bytes)
        guard let port = UInt16(exactly: number) else { throw scanner.error("\(number) is no port of 1...65535") }
        return port == 0 ? nil : port
    }

    private static func object(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) -> Range<Int> {
        guard scanner.peek(bytes) == UInt8(ascii: "{") else { throw scanner.error("an object is expected") }
        return try scanner.skip(bytes)
    }
}

/// The members that are read.
private enum Member: UInt32, CaseIterable {
    case host
    case port
    case tlsPort
    case routes
    case applicationProtocol
    case tags
    case app
    case instanceID
    case instanceIndex
    case zone
    case segment
    case serverName
    case routeService
    case options
    case lifetime
    case updatedAt

    /// The member of a name; `nil` for a name that is none of these.
    init?(_ name: JSONText, _ bytes: Span<UInt8>) {
        // Most differ in their lengths, which saves the call that would find it out.
        let count = name.end - name.start
        for member in Self.allCases where member.name.utf8CodeUnitCount == count && name.matches(member.name, bytes) {
            self = member
            return
        }
        return nil
    }

    private var name: StaticString {
        switch self {
        case .host: "host"
        case .port: "port"
        case .tlsPort: "tls_port"
        case .routes: "uris"
        case .applicationProtocol: "protocol"
        case .tags: "tags"
        case .app: "app"
        case .instanceID: "private_instance_id"
        case .instanceIndex: "private_instance_index"
        case .zone: "availability_zone"
        case .segment: "isolation_segment"
        case .serverName: "server_cert_domain_san"
        case .routeService: "route_service_url"
        case .options: "options"
        case .lifetime: "stale_threshold_in_seconds"
        case .updatedAt: "endpoint_updated_at_ns"
        }
    }

    /// The bit that notes that it was there.
    var bit: UInt32 { 1 << rawValue }
}
