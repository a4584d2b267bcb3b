/// Finds a request head at the front of a buffer, checks it and says where everything in it lies, in one pass.
///
/// It is strict where leniency has let two recipients disagree on where a message ends or whom it is for (RFC 9112
/// section 11.2): what could be read in two ways is a violation, never repaired. It keeps no bytes and nothing that
/// matters from one scan to the next, only storage, so one scanner can serve all the connections of a thread. It
/// allocates only while ``fields`` grows beyond what it held before.
///
/// A head that does not arrive in one piece would be scanned from its start at each arrival; after the first
/// ``ScanResult/needMore`` let a ``HeadBoundary`` find its end and scan again then.
package struct RequestScanner: ~Copyable {
    /// The head that the last scan found; means nothing unless that scan was complete.
    package private(set) var head = RequestHead()

    /// The field lines of the head in the order in which they came; mean nothing unless the last scan was complete.
    ///
    /// A copy of the array that outlives the next scan makes that scan allocate.
    package private(set) var fields: [HeaderField] = []

    private let limits: HeadLimits
    private var facts = FieldFacts()

    /// Makes a scanner that takes no more than `limits` allow.
    package init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        fields.reserveCapacity(min(max(limits.maxHeaderCount, 0), Self.reservedFields))
    }

    /// Scans the head at the front of `bytes`, which may go on with content and further requests.
    ///
    /// One empty line before the request line is skipped (RFC 9112 section 2.2).
    package mutating func scan(_ bytes: Span<UInt8>) -> ScanResult {
        do throws(ScanInterruption) {
            try scanHead(bytes)
            return .complete
        } catch {
            return ScanResult(error, scanned: bytes.count, limits)
        }
    }

    @inline(__always)
    private mutating func scanHead(_ bytes: Span<UInt8>) throws(ScanInterruption) {
        let start = try Self.skipEmptyLine(bytes)
        let line = try RequestLine(bytes, at: start, limits: limits)
        head.length = try FieldSection.scan(bytes, from: line.end, limits: limits, fields: &fields, facts: &facts)
        let target = try RequestTarget(bytes, line.target, method: line.method)
        head.start = start
        head.method = line.method
        head.methodRange = line.methodRange
        head.version = line.version
        head.target = line.target
        head.targetForm = target.form
        head.path = target.path
        head.host = try routingHost(bytes, target, line.version)
        head.hasHostField = facts.host != nil
        head.framing = try framing()
        head.keepAlive = facts.keepsAlive(line.version)
        if let unknown = facts.unknownExpectation {
            throw .violation(.unsupportedExpectation, at: unknown)
        }
        head.expectContinue =
            facts.hasExpectation && line.version == .http11 && head.framing != .none && head.framing != .length(0)
    }

    @inline(__always)
    private static func skipEmptyLine(_ bytes: Span<UInt8>) throws(ScanInterruption) -> Int {
        guard let first = bytes.byte(at: 0) else {
            throw .needMore
        }
        guard first == .carriageReturn else {
            return 0
        }
        let start = try bytes.endOfLine(at: 0)
        guard bytes.byte(at: start) != .carriageReturn else {
            throw .violation(.emptyRequestLine, at: start)
        }
        return start
    }

    /// The authority that routes the request, once everything that names one agrees.
    @inline(__always)
    private func routingHost(
        _ bytes: Span<UInt8>,
        _ target: RequestTarget,
        _ version: HTTPVersion
    ) throws(ScanInterruption) -> ByteRange {
        guard let host = facts.host else {
            // Before HTTP/1.1 there was no Host field, and a target may say it all (RFC 9112 section 3.2.2).
            guard version == .http10, target.authority != nil else {
                throw .violation(.missingHost, at: head.length)
            }
            return target.authorityRange
        }
        if let repeated = facts.repeatedHost {
            throw .violation(.repeatedHost, at: repeated)
        }
        guard Authority(bytes, host) != nil else {
            throw .violation(.malformedHost, at: host.start)
        }
        guard let authority = target.authority else {
            return host
        }
        // The authority of a CONNECT always has a port, which clients leave out of the Host field.
        guard
            bytes.equalIgnoringCase(target.authorityRange, host)
                || (target.form == .authority && bytes.equalIgnoringCase(authority.host, host))
        else {
            throw .violation(.conflictingHost, at: host.start)
        }
        return target.authorityRange
    }

    @inline(__always)
    private func framing() throws(ScanInterruption) -> BodyFraming {
        let framing = try facts.framing(head.version) ?? .none
        guard head.method != .connect || framing == .none || framing == .length(0) else {
            throw .violation(.contentOnConnect, at: head.length)
        }
        return framing
    }

    /// How many fields there is room for from the start: more than nearly every request has.
    static var reservedFields: Int { 32 }
}
