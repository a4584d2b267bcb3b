/// What a server says at the end of a call, and at its beginning: lines as HTTP/1.1 has them, with names in lower case.
package struct GRPCTrailers: Sendable {
    /// The status of HTTP, where the lines begin with one.
    package let httpStatus: Int?
    /// How the call ended; UNKNOWN where nothing, or nothing known, says so.
    package let status: GRPCStatus

    /// Reads the lines of a head or of a trailer section.
    package init(_ lines: [UInt8]) {
        let lines = String(decoding: lines, as: UTF8.self).split(separator: "\r\n")
        let first = lines.first.map { $0.split(separator: " ") } ?? []
        self.httpStatus = first.first == "HTTP/1.1" && first.count > 1 ? Int(first[1]) : nil
        var fields: [Substring: Substring] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
        }
        let code = fields["grpc-status"].flatMap { Int($0) }.flatMap { GRPCStatus.Code(rawValue: $0) }
        let message = fields["grpc-message"].map { GRPCStatus.decodeMessage(String($0)) } ?? ""
        self.status = code.map { GRPCStatus($0, message) } ?? GRPCStatus(.unknown, "the answer has no status")
    }
}
