/// A connected socket that never waits, with whatever is spoken over it before the first request.
protocol LoadSocket: AnyObject {
    var descriptor: Int32 { get }
    /// Whether an earlier session was resumed.
    var wasResumed: Bool { get }
    /// What was agreed on for the connection, to show that every server did the same work.
    var negotiated: String { get }
    /// The protocol that the server chose by ALPN; empty where it chose none.
    var applicationProtocol: String { get }

    /// - Returns: whether the connection can take a request; when not, the socket has to become ready first.
    func handshake() throws -> Bool

    /// - Returns: how many bytes were taken; `nil` when the socket has to become ready first.
    func write(_ bytes: [UInt8], from offset: Int) throws -> Int?

    /// - Returns: what was read into the buffer; `nil` when the socket has to become ready first.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8>?

    /// Says goodbye where the protocol has a way to, and closes, without waiting for the server to do the same.
    func close()
}
