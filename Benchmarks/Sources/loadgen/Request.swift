/// The bytes of a request, made once and sent again and again.
struct Request {
    let bytes: [UInt8]

    init(host: String, path: String, uploadBytes: Int) {
        let method = uploadBytes == 0 ? "GET" : "POST"
        let length = uploadBytes == 0 ? "" : "Content-Length: \(uploadBytes)\r\n"
        let head = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: loadgen\r\nAccept: */*\r\n\(length)\r\n"
        bytes = Array(head.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: uploadBytes)
    }
}
