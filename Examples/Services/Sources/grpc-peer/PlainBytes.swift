import GRPCCore

/// Messages that go over the wire as the bytes that they are.
struct PlainBytes: MessageSerializer, MessageDeserializer {
    func serialize<Contents: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Contents {
        Contents(message)
    }

    func deserialize<Contents: GRPCContiguousBytes>(_ contents: Contents) throws -> [UInt8] {
        contents.withUnsafeBytes { Array($0) }
    }
}
