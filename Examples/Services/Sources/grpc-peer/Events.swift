import Foundation
import GRPCCore
import Synchronization

/// What happens, one JSON object a line on standard output, for the test that started the program.
final class Events: Sendable {
    private let output = Mutex(FileHandle.standardOutput)

    func tell(_ event: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(event) else { return }
        output.withLock { $0.write(line + [UInt8(ascii: "\n")]) }
    }
}

/// One thing that happened to the service.
struct ServiceEvent: Encodable {
    var event: String
    var method: String?
    var port: Int?
    var metadata: [String: String]?
}

extension Metadata {
    /// Binary values as lowercase hexadecimal digits, and of several values with one name the last.
    var strings: [String: String] {
        Dictionary(map { ($0.key, $0.value.text) }, uniquingKeysWith: { $1 })
    }
}

extension Metadata.Value {
    fileprivate var text: String {
        switch self {
        case .string(let value): value
        case .binary(let bytes): bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
