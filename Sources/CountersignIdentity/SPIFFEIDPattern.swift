/// A set of SPIFFE IDs of one trust domain, written as an ID with wildcards.
///
/// - `spiffe://td/ns/prod/sa/web` matches exactly that ID.
/// - A segment `*` that is not the last matches exactly one segment: `spiffe://td/ns/*/sa/web`.
/// - A last segment `*` matches one or more further segments: `spiffe://td/ns/prod/*`.
///
/// The trust domain is always literal, and the trust domain's own ID (no path) is matched by no pattern, so a pattern
/// can never reach across trust domains or match an authority. A wildcard is a whole segment: `web-*` is refused.
public struct SPIFFEIDPattern: Sendable, CustomStringConvertible {
    /// The most `*` segments in one pattern.
    ///
    /// The bound keeps the cost of finding a match independent of how many patterns there are.
    public static let maximumWildcards = 4

    private let storage: Storage

    /// One reference, so that a rule which carries a pattern stays small.
    private final class Storage: Sendable {
        let trustDomain: TrustDomain
        let description: String
        let exactID: SPIFFEID?
        let segments: [Segment]
        let matchesDeeper: Bool

        init(_ id: SPIFFEID, _ description: String, isExact: Bool, _ segments: [Segment], matchesDeeper: Bool) {
            self.trustDomain = id.trustDomain
            self.description = description
            self.exactID = isExact ? id : nil
            self.segments = segments
            self.matchesDeeper = matchesDeeper
        }
    }

    /// One segment of the path.
    package enum Segment: Hashable, Sendable {
        /// This text.
        case literal(String)
        /// Any one segment.
        case any
    }

    /// Parses a pattern.
    ///
    /// - Throws: ``IdentityError`` with `invalidSPIFFEPattern`, or the code of the part that is wrong.
    public init(parsing text: String) throws(IdentityError) {
        // A placeholder makes the wildcards valid segments, so that one parser decides what an ID is.
        let wildcard = "*"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let probe = parts.map { $0 == wildcard ? "x" : $0 }.joined(separator: "/")
        let id: SPIFFEID
        do {
            id = try SPIFFEID(parsing: probe)
        } catch {
            throw IdentityError(
                .invalidSPIFFEPattern,
                "pattern \(IdentityError.excerpt(of: text)): \(error.message); '*' stands for whole segments only"
            )
        }
        guard id.namesWorkload else {
            throw IdentityError(
                .invalidSPIFFEPattern,
                "pattern \(IdentityError.excerpt(of: text)) has no path; \(text)/* matches every workload of the domain"
            )
        }
        // `spiffe:`, the empty text between the slashes and the trust domain come first.
        var path = parts.dropFirst(3)
        guard parts[2] != wildcard else {
            throw IdentityError(.invalidSPIFFEPattern, "a pattern names its trust domain; it cannot be '*'")
        }
        guard path.count(where: { $0 == wildcard }) <= Self.maximumWildcards else {
            throw IdentityError(
                .invalidSPIFFEPattern,
                "pattern \(IdentityError.excerpt(of: text)) has more than \(Self.maximumWildcards) wildcards"
            )
        }
        let isExact = !path.contains { $0 == wildcard }
        let matchesDeeper = path.last.map { $0 == wildcard } ?? false
        if matchesDeeper { path.removeLast() }
        let segments = path.map { $0 == wildcard ? Segment.any : .literal(String($0)) }
        self.storage = Storage(id, text, isExact: isExact, segments, matchesDeeper: matchesDeeper)
    }

    /// The pattern that matches one ID only.
    ///
    /// - Throws: ``IdentityError`` with `invalidSPIFFEPattern` when the ID has no path.
    public init(exactly id: SPIFFEID) throws(IdentityError) {
        try self.init(parsing: id.description)
    }

    /// The trust domain of every ID that matches.
    public var trustDomain: TrustDomain { storage.trustDomain }
    /// The pattern as it was written.
    public var description: String { storage.description }
    /// The ID, when the pattern has no wildcard.
    public var exactID: SPIFFEID? { storage.exactID }
    /// The path segments, without a trailing wildcard.
    package var segments: [Segment] { storage.segments }
    /// Whether any number of further segments, but at least one, may follow ``segments``.
    package var matchesDeeper: Bool { storage.matchesDeeper }

    /// Whether the ID is in the set.
    ///
    /// Allocates nothing.
    public func matches(_ id: SPIFFEID) -> Bool {
        Self.matches(storage.description.utf8.span, id.description.utf8.span)
    }

    /// Compares byte by byte.
    ///
    /// An ID has no `*`, and a pattern has it as whole segments of the path only, so a wildcard skips to the next
    /// slash, or over the rest when it comes last.
    private static func matches(_ pattern: Span<UInt8>, _ id: Span<UInt8>) -> Bool {
        var position = 0
        for index in pattern.indices {
            guard pattern[index] == UInt8(ascii: "*") else {
                guard position < id.count, id[position] == pattern[index] else { return false }
                position += 1
                continue
            }
            guard position < id.count else { return false }
            if index == pattern.count - 1 { return true }
            while position < id.count, id[position] != UInt8(ascii: "/") { position += 1 }
        }
        return position == id.count
    }
}

extension SPIFFEIDPattern: Hashable {
    /// Whether both are written with the same bytes.
    public static func == (left: SPIFFEIDPattern, right: SPIFFEIDPattern) -> Bool {
        left.storage === right.storage || left.description == right.description
    }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
