import CountersignHTTP1

/// A request whose head has been read and whose content is being collected.
struct IncomingRequest {
    let bytes: [UInt8]
    let head: RequestHead
    let fields: [HeaderField]
    let receivedAt: Int64
    var reader: BodyReader
    var body: [UInt8] = []
    /// How large the content may be in bytes; nil until it is larger than that of most requests may be.
    var bodyLimit: Int?

    func request(on connection: ServerConnectionInfo) -> ServerRequest {
        ServerRequest(
            bytes: bytes,
            head: head,
            fieldLines: fields,
            body: body,
            receivedAt: receivedAt,
            connection: connection
        )
    }
}
