/// A place between two frames of the issuance log.
struct LogPosition: Sendable, Hashable {
    /// The number of bytes before it.
    var offset: Int64
    /// The number of the frame before it; 0 at the beginning.
    var frame: Int64
    /// The hash that ends the frame before it; at the beginning that of the log's header.
    var hash: [UInt8]
}
