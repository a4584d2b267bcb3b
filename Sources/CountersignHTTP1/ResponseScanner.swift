/// Finds a response head at the front of a buffer, checks it and says where everything in it lies, in one pass.
///
/// It is as strict as ``RequestScanner``, and like it keeps no bytes and nothing that matters from one scan to the
/// next. What it refuses is the upstream's fault: the client is answered with 502 and the upstream connection closed.
package struct ResponseScanner: ~Copyable {
    /// The head that the last scan found; means nothing unless that scan was complete.
    package private(set) var head = ResponseHead()

    /// The field lines of the head in the order in which they came; mean nothing unless the last scan was complete.
    package private(set) var fields: [HeaderField] = []

    private let limits: HeadLimits
    private var facts = FieldFacts()

    /// Makes a scanner that takes no more than `limits` allow.
    package init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        fields.reserveCapacity(min(max(limits.maxHeaderCount, 0), RequestScanner.reservedFields))
    }

    /// Scans the head at the front of `bytes`, which may go on with content and further responses.
    ///
    /// `requestMethod` is that of the request that is being answered; it decides, with the status, whether there can be
    /// content.
    package mutating func scan(_ bytes: Span<UInt8>, requestMethod: RequestMethod) -> ScanResult {
        do throws(ScanInterruption) {
            try scanHead(bytes, requestMethod)
            return .complete
        } catch {
            return ScanResult(error, scanned: bytes.count, limits)
        }
    }

    private mutating func scanHead(
        _ bytes: Span<UInt8>,
        _ requestMethod: RequestMethod
    ) throws(ScanInterruption) {
        let line = try StatusLine(bytes, limits: limits)
        head.length = try FieldSection.scan(bytes, from: line.end, limits: limits, fields: &fields, facts: &facts)
        head.version = line.version
        head.status = line.status
        head.reason = line.reason
        let announced = try facts.framing(head.version)
        head.framing = try framing(requestMethod, announced)
        head.keepAlive = facts.keepsAlive(line.version) && head.framing != .untilClose
        // Whoever sends with it the content that a HEAD or a 304 only tells of would have it taken for the next response.
        if head.framing == .none, let announced, announced != .length(0) { head.keepAlive = false }
    }

    private func framing(
        _ requestMethod: RequestMethod,
        _ announced: BodyFraming?
    ) throws(ScanInterruption) -> BodyFraming {
        let isTunnel = requestMethod == .connect && head.status >= 200 && head.status < 300
        if isTunnel || head.status < 200 || head.status == 204 {
            // Nobody may announce content here; whoever does might also send it, and it would be taken for the next
            // response.
            guard announced == nil || announced == .length(0) else {
                throw .violation(.forbiddenContent, at: head.length)
            }
            return .none
        }
        if requestMethod == .head || head.status == 304 {
            return .none
        }
        return announced ?? .untilClose
    }
}
