/// The access log of one event loop: lines are rendered here and handed over in blocks.
///
/// Only the loop that owns it may use it. Rendering a line allocates nothing once the blocks have grown to their size,
/// and nothing here waits: when the log's destination is slow, whole blocks are dropped and counted.
package final class AccessLogBuffer {
    /// The form of the lines; fragments must be rendered in it.
    package let form: AccessLogForm

    private let log: AccessLogWriter
    private let limit: Int
    private var lines: Lines
    private var scratch = AccessLogPending()
    /// An empty block; the memory in use is swapped in when it is handed over.
    private var spare: AccessLogBlock

    /// Creates the buffer of one loop.
    ///
    /// - Parameter log: Where full blocks go; its configuration is the buffer's.
    package init(log: AccessLogWriter) {
        self.log = log
        self.form = log.configuration.form
        self.limit = log.configuration.clampedBufferSize
        self.lines = Lines(log.configuration)
        self.spare = log.makeBlock()
        swap(&self.lines.writer, &self.spare.writer)
    }

    /// Renders what a request's head tells, for a record that follows when the response is complete.
    ///
    /// - Parameters:
    ///   - request: Positions of the fields.
    ///   - head: The bytes that they are positions in.
    ///   - requestID: The request's id; may be empty.
    ///   - pending: Where the part is kept; what was in it is replaced.
    package func begin(
        _ request: AccessLogRequest,
        head: Span<UInt8>,
        requestID: Span<UInt8>,
        in pending: inout AccessLogPending
    ) {
        self.lines.begin(request, head: head, requestID: requestID, in: &pending)
    }

    /// Writes the line of a request that was begun before, and empties its part.
    ///
    /// - Parameters:
    ///   - pending: The request; when it is empty, nothing is written.
    ///   - outcome: What became of it.
    ///   - connection: The fragment of the client's connection.
    ///   - upstream: The fragment of the endpoint that answered; nil when none did.
    ///   - decision: The fragment of the route and of the rule that decided.
    package func append(
        _ pending: inout AccessLogPending,
        _ outcome: AccessLogOutcome,
        connection: AccessLogFragment?,
        upstream: AccessLogFragment?,
        decision: AccessLogFragment?
    ) {
        let size = self.lines.append(
            &pending,
            outcome,
            connection: connection,
            upstream: upstream,
            decision: decision
        )
        if size >= self.limit {
            self.flush()
        }
    }

    /// Writes the line of a request whose head is still at hand.
    ///
    /// - Parameters:
    ///   - request: Positions of the fields.
    ///   - head: The bytes that they are positions in.
    ///   - requestID: The request's id; may be empty.
    ///   - outcome: What became of it.
    ///   - connection: The fragment of the client's connection.
    ///   - upstream: The fragment of the endpoint that answered; nil when none did.
    ///   - decision: The fragment of the route and of the rule that decided.
    package func append(
        _ request: AccessLogRequest,
        head: Span<UInt8>,
        requestID: Span<UInt8>,
        _ outcome: AccessLogOutcome,
        connection: AccessLogFragment?,
        upstream: AccessLogFragment?,
        decision: AccessLogFragment?
    ) {
        guard self.form == .json else {
            self.begin(request, head: head, requestID: requestID, in: &self.scratch)
            self.append(&self.scratch, outcome, connection: connection, upstream: upstream, decision: decision)
            return
        }
        let size = self.lines.append(
            request,
            head: head,
            requestID: requestID,
            outcome,
            connection: connection,
            upstream: upstream,
            decision: decision
        )
        if size >= self.limit {
            self.flush()
        }
    }

    /// Hands over what has been collected; call it from a timer, and once when the loop ends.
    package func flush() {
        guard self.lines.records > 0 else { return }
        self.spare.records = self.lines.records
        self.lines.records = 0
        swap(&self.lines.writer, &self.spare.writer)
        self.spare = self.log.submit(self.spare)
        swap(&self.lines.writer, &self.spare.writer)
    }
}

extension AccessLogBuffer {
    /// The lines being collected; one value, so that a record costs one check for exclusive access.
    private struct Lines: ~Copyable {
        var writer = ByteWriter()
        var records: UInt64 = 0
        private let form: AccessLogForm
        private var formatter: AccessLogFormatter

        init(_ configuration: AccessLogConfiguration) {
            self.form = configuration.form
            self.formatter = AccessLogFormatter(configuration)
        }

        mutating func begin(
            _ request: AccessLogRequest,
            head: Span<UInt8>,
            requestID: Span<UInt8>,
            in pending: inout AccessLogPending
        ) {
            pending.writer.reset(keeping: 4096)
            pending.pieces = self.formatter.appendRequest(
                request,
                head: head,
                requestID: requestID,
                to: &pending.writer
            )
        }

        /// Appends a line of either form and returns the size of the lines collected.
        mutating func append(
            _ pending: inout AccessLogPending,
            _ outcome: AccessLogOutcome,
            connection: AccessLogFragment?,
            upstream: AccessLogFragment?,
            decision: AccessLogFragment?
        ) -> Int {
            guard !pending.isEmpty else { return self.writer.count }
            switch self.form {
            case .json:
                self.writer.append(pending.writer)
                self.formatter.appendJSONOutcome(
                    outcome,
                    connection: connection,
                    upstream: upstream,
                    decision: decision,
                    to: &self.writer
                )
            case .text:
                self.formatter.appendTextLine(
                    pending.writer,
                    pending.pieces,
                    outcome,
                    connection: connection,
                    upstream: upstream,
                    decision: decision,
                    to: &self.writer
                )
            }
            pending.writer.reset()
            self.records &+= 1
            return self.writer.count
        }

        /// Appends a line of JSON and returns the size of the lines collected.
        mutating func append(
            _ request: AccessLogRequest,
            head: Span<UInt8>,
            requestID: Span<UInt8>,
            _ outcome: AccessLogOutcome,
            connection: AccessLogFragment?,
            upstream: AccessLogFragment?,
            decision: AccessLogFragment?
        ) -> Int {
            _ = self.formatter.appendRequest(request, head: head, requestID: requestID, to: &self.writer)
            self.formatter.appendJSONOutcome(
                outcome,
                connection: connection,
                upstream: upstream,
                decision: decision,
                to: &self.writer
            )
            self.records &+= 1
            return self.writer.count
        }
    }
}
