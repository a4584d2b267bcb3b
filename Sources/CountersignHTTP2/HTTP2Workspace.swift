/// Memory that connections use while they work and not between; one serves all the connections of a thread.
package final class HTTP2Workspace {
    /// What is to be sent: whoever has called a connection sends it and empties it.
    package var output: [UInt8] = []

    /// The head or the trailer lines of the last ``HTTP2Event/head(_:isEnd:)`` or ``HTTP2Event/trailers(_:)``, written as
    /// HTTP/1.1 writes them (RFC 9112), so that both versions are read by one scanner.
    package internal(set) var message: [UInt8] = []

    /// The fields of the last header block.
    var block: FieldBlock
    /// Where in ``output`` the frame of a head begins that is being written.
    var headStart = 0

    private var literal: [UInt8] = []

    /// Makes a workspace for connections under these limits.
    package init(limits: HTTP2Limits) {
        self.block = FieldBlock(maxSize: limits.maxHeaderListSize, maxFields: limits.maxFields)
    }

    /// Lends the storage for two literals, one behind the other.
    func takeLiteral(_ first: StaticString, _ second: StaticString) -> [UInt8] {
        var text: [UInt8] = []
        swap(&text, &literal)
        text.append(first)
        text.append(second)
        return text
    }

    func giveBackLiteral(_ text: consuming [UInt8]) {
        literal = text
        literal.removeAll(keepingCapacity: true)
    }
}
