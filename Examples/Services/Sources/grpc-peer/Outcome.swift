import GRPCCore

/// How a call ended, as the client's library tells it.
struct Outcome: Encodable {
    /// The number of the status, 0 for success.
    var code = 0
    var message = ""
    /// Whether the status came without any metadata or message before it.
    var trailersOnly = false
    var metadata: [String: String] = [:]
    var trailers: [String: String] = [:]
    /// The first messages, read as UTF-8.
    var replies: [String] = []
    /// How many messages came, and bytes in them.
    var count = 0
    var bytes = 0

    /// So many messages are repeated; of more only the number is told.
    private static let repeated = 1000

    mutating func add(_ reply: [UInt8]) {
        count += 1
        bytes += reply.count
        if replies.count < Self.repeated, reply.count < 4096 {
            replies.append(String(decoding: reply, as: UTF8.self))
        }
    }

    mutating func fail(_ error: RPCError) {
        code = error.code.rawValue
        message = error.message
        trailers = error.metadata.strings
    }
}
