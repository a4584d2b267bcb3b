/// The part of an access log line that a request's head tells, rendered and kept until the response is complete.
///
/// Needed where the head's bytes are gone by then. Its memory is used again by the connection's next request.
package struct AccessLogPending: ~Copyable {
    var writer = ByteWriter()
    var pieces = AccessLogFormatter.Pieces()

    /// Creates a part without content or memory.
    package init() {}

    /// Whether no request has been rendered since the last record.
    package var isEmpty: Bool { self.writer.isEmpty }

    /// Gives the memory back, for a connection that goes idle.
    package mutating func release() {
        self = Self()
    }
}
