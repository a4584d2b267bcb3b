/// Writes lines of the access log.
///
/// What is known once a request's head has been read is written first, in three pieces that stay together in JSON and
/// get the outcome and the fragments between them in the text form.
struct AccessLogFormatter: Sendable {
    private let form: AccessLogForm
    private let redactsQueries: Bool
    private var timestamps = TimestampRenderer()

    /// Where the pieces of a rendered request end.
    struct Pieces: Sendable {
        /// The end of host, time and request line.
        var opening = 0
        /// The end of referer and user agent; the named fields follow.
        var agent = 0
    }

    /// Creates a formatter.
    init(_ configuration: AccessLogConfiguration) {
        self.form = configuration.form
        self.redactsQueries = configuration.redactsQueries
    }

    /// Writes everything about a request that its head tells.
    ///
    /// - Returns: The ends of the pieces, as positions in `writer`.
    mutating func appendRequest(
        _ request: AccessLogRequest,
        head: Span<UInt8>,
        requestID: Span<UInt8>,
        to writer: inout ByteWriter
    ) -> Pieces {
        switch self.form {
        case .json:
            self.appendJSON(request, head: head, requestID: requestID, to: &writer)
            return Pieces(opening: writer.count, agent: writer.count)
        case .text:
            return self.appendText(request, head: head, requestID: requestID, to: &writer)
        }
    }

    /// Writes the rest of a JSON line behind its request.
    func appendJSONOutcome(
        _ outcome: AccessLogOutcome,
        connection: AccessLogFragment?,
        upstream: AccessLogFragment?,
        decision: AccessLogFragment?,
        to writer: inout ByteWriter
    ) {
        writer.append(",\"status\":")
        writer.append(decimal: UInt64(max(outcome.status, 0)))
        writer.append(",\"bytes_received\":")
        writer.append(decimal: outcome.bytesReceived)
        writer.append(",\"bytes_sent\":")
        writer.append(decimal: outcome.bytesSent)
        writer.append(",\"duration_us\":")
        writer.append(decimal: UInt64(max(outcome.duration, 0)) / 1000)
        if outcome.upstreamDuration >= 0 {
            writer.append(",\"upstream_duration_us\":")
            writer.append(decimal: UInt64(outcome.upstreamDuration) / 1000)
        }
        Self.append(",\"attempts\":", attempts: outcome, to: &writer)
        self.appendNamed(connection, to: &writer)
        self.appendNamed(upstream, to: &writer)
        self.appendNamed(decision, to: &writer)
        writer.append(",\"mtls_auth\":\"")
        writer.append(outcome.authorization.text)
        writer.append(0x22)
        Self.append(AccessLogKey.deniedReason.jsonLead, constant: outcome.deniedReason, to: &writer)
        Self.append(",\"error\":\"", constant: outcome.error, to: &writer)
        writer.append("}\n")
    }

    /// Writes a line of the text form around the pieces of its request.
    func appendTextLine(
        _ request: borrowing ByteWriter,
        _ pieces: Pieces,
        _ outcome: AccessLogOutcome,
        connection: AccessLogFragment?,
        upstream: AccessLogFragment?,
        decision: AccessLogFragment?,
        to writer: inout ByteWriter
    ) {
        writer.append(request, to: pieces.opening)
        writer.append(0x20)
        writer.append(decimal: UInt64(max(outcome.status, 0)))
        writer.append(0x20)
        writer.append(decimal: outcome.bytesReceived)
        writer.append(0x20)
        writer.append(decimal: outcome.bytesSent)
        writer.append(request, from: pieces.opening, to: pieces.agent)
        self.appendPositional(connection, to: &writer)
        self.appendPositional(upstream, to: &writer)
        writer.append(request, from: pieces.agent)
        writer.append(" response_time:")
        Self.append(seconds: outcome.duration, to: &writer)
        writer.append(" upstream_time:")
        Self.append(seconds: outcome.upstreamDuration, to: &writer)
        Self.append(" attempts:", attempts: outcome, to: &writer)
        self.appendNamed(connection, to: &writer)
        self.appendNamed(upstream, to: &writer)
        self.appendNamed(decision, to: &writer)
        writer.append(" mtls_auth:\"")
        writer.append(outcome.authorization.text)
        writer.append(0x22)
        Self.append(AccessLogKey.deniedReason.textLead, constant: outcome.deniedReason, to: &writer)
        Self.append(" error:\"", constant: outcome.error, to: &writer)
        writer.append(0x0A)
    }
}

extension AccessLogFormatter {
    private mutating func appendJSON(
        _ request: AccessLogRequest,
        head: Span<UInt8>,
        requestID: Span<UInt8>,
        to writer: inout ByteWriter
    ) {
        writer.append("{\"time\":\"")
        self.timestamps.append(request.start, to: &writer)
        writer.append(0x22)
        Self.append(",\"request_id\":\"", requestID, to: &writer)
        Self.append(",\"host\":\"", head.extracting(request.host.range(in: head)), to: &writer)
        Self.append(",\"method\":\"", head.extracting(request.method.range(in: head)), to: &writer)
        self.append(",\"target\":\"", location: head.extracting(request.target.range(in: head)), to: &writer)
        writer.append(request.isSecure ? ",\"scheme\":\"https\"" : ",\"scheme\":\"http\"")
        writer.append(",\"protocol\":\"")
        writer.append(request.version.text)
        writer.append(0x22)
        Self.append(",\"user_agent\":\"", head.extracting(request.userAgent.range(in: head)), to: &writer)
        self.append(",\"referer\":\"", location: head.extracting(request.referer.range(in: head)), to: &writer)
        Self.append(",\"x_forwarded_for\":\"", head.extracting(request.forwardedFor.range(in: head)), to: &writer)
        Self.append(",\"trace_id\":\"", head.extracting(request.traceID.range(in: head)), to: &writer)
    }

    private mutating func appendText(
        _ request: AccessLogRequest,
        head: Span<UInt8>,
        requestID: Span<UInt8>,
        to writer: inout ByteWriter
    ) -> Pieces {
        var pieces = Pieces()
        Self.append(bare: head.extracting(request.host.range(in: head)), to: &writer)
        writer.append(" - [")
        self.timestamps.append(request.start, to: &writer)
        writer.append("] \"")
        Self.append(bare: head.extracting(request.method.range(in: head)), to: &writer)
        writer.append(0x20)
        self.append(location: head.extracting(request.target.range(in: head)), for: .bare, to: &writer)
        writer.append(0x20)
        writer.append(request.version.text)
        writer.append(0x22)
        pieces.opening = writer.count
        writer.append(" \"")
        self.append(location: head.extracting(request.referer.range(in: head)), for: .quoted, to: &writer)
        writer.append("\"")
        Self.append(" \"", orDash: head.extracting(request.userAgent.range(in: head)), to: &writer)
        pieces.agent = writer.count
        Self.append(" x_forwarded_for:\"", orDash: head.extracting(request.forwardedFor.range(in: head)), to: &writer)
        writer.append(request.isSecure ? " x_forwarded_proto:\"https\"" : " x_forwarded_proto:\"http\"")
        Self.append(" vcap_request_id:\"", orDash: requestID, to: &writer)
        Self.append(" trace_id:\"", head.extracting(request.traceID.range(in: head)), to: &writer)
        return pieces
    }

    /// Writes to how many endpoints a request was given, where it was more than one.
    private static func append(_ lead: StaticString, attempts outcome: AccessLogOutcome, to writer: inout ByteWriter) {
        guard outcome.attempts > 1 else { return }
        writer.append(lead)
        writer.append(decimal: UInt64(outcome.attempts))
    }

    /// Writes a quoted field, or nothing when it is empty.
    private static func append(_ lead: StaticString, _ value: Span<UInt8>, to writer: inout ByteWriter) {
        guard !value.isEmpty else { return }
        writer.append(lead)
        writer.append(escaping: value, limit: AccessLogConfiguration.fieldLimit)
        writer.append(0x22)
    }

    /// Writes a quoted field, with a dash when it is empty.
    private static func append(_ lead: StaticString, orDash value: Span<UInt8>, to writer: inout ByteWriter) {
        writer.append(lead)
        if value.isEmpty {
            writer.append(0x2D)
        }
        writer.append(escaping: value, limit: AccessLogConfiguration.fieldLimit)
        writer.append(0x22)
    }

    /// Writes a bare field, with a dash when it is empty.
    private static func append(bare value: Span<UInt8>, to writer: inout ByteWriter) {
        if value.isEmpty {
            writer.append(0x2D)
        }
        writer.append(escaping: value, limit: AccessLogConfiguration.fieldLimit, for: .bare)
    }

    /// Writes a quoted field whose value is a constant of the code, or nothing.
    private static func append(_ lead: StaticString, constant: StaticString?, to writer: inout ByteWriter) {
        guard let constant else { return }
        writer.append(lead)
        constant.withUTF8Buffer { unsafe writer.append(escaping: $0.span) }
        writer.append(0x22)
    }

    /// Writes a quoted target or referer, or nothing when it is empty.
    private func append(_ lead: StaticString, location value: Span<UInt8>, to writer: inout ByteWriter) {
        guard !value.isEmpty else { return }
        writer.append(lead)
        self.append(location: value, for: .quoted, to: &writer)
        writer.append(0x22)
    }

    /// Writes a target or referer, its query redacted where that is asked for, with a dash when it is empty.
    private func append(location value: Span<UInt8>, for place: ByteWriter.EscapePlace, to writer: inout ByteWriter) {
        if value.isEmpty {
            writer.append(0x2D)
            return
        }
        var end = value.count
        if self.redactsQueries {
            end = value.indices.first { value[$0] == 0x3F } ?? end
        }
        writer.append(escaping: value.extracting(0..<end), limit: AccessLogConfiguration.fieldLimit, for: place)
        if end < value.count {
            writer.append("?redacted")
        }
    }

    /// Writes seconds with microseconds behind the point, or a dash when the duration is negative.
    private static func append(seconds nanoseconds: Int64, to writer: inout ByteWriter) {
        guard nanoseconds >= 0 else {
            writer.append(0x2D)
            return
        }
        let microseconds = UInt64(nanoseconds) / 1000
        writer.append(decimal: microseconds / 1_000_000)
        writer.append(0x2E)
        writer.append(decimal: microseconds % 1_000_000, width: 6)
    }

    private func appendNamed(_ fragment: AccessLogFragment?, to writer: inout ByteWriter) {
        guard let fragment, fragment.form == self.form else { return }
        fragment.appendNamed(to: &writer)
    }

    private func appendPositional(_ fragment: AccessLogFragment?, to writer: inout ByteWriter) {
        guard let fragment, fragment.form == self.form, fragment.hasPositional else {
            writer.append(" \"-\"")
            return
        }
        fragment.appendPositional(to: &writer)
    }
}
