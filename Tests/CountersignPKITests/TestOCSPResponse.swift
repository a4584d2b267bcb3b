import SwiftASN1

@testable import CountersignPKI

/// A successful OCSP response, taken apart field by field.
struct TestOCSPResponse {
    /// What is signed.
    let signedBytes: [UInt8]
    let signature: [UInt8]
    /// `good`, `revoked`, `revoked REASON` or `unknown`, for each certificate.
    let statuses: [String]
    let hasNextUpdates: Bool
    let hasExtensions: Bool
    let certificates: [[UInt8]]

    init(der: [UInt8]) throws {
        let outer = try Self.children(DER.parse(der))
        guard outer.count == 2, Array(outer[0].encodedBytes) == [0x0A, 0x01, 0x00] else {
            throw EncodingFault("an error status")
        }
        let octets = try ASN1OctetString(derEncoded: Self.children(Self.only(outer[1]))[1])
        let basic = try Self.children(DER.parse(octets.bytes))
        let data = try Self.children(basic[0])
        self.signedBytes = Array(basic[0].encodedBytes)
        self.signature = Array(try ASN1BitString(derEncoded: basic[2]).bytes)
        self.certificates = basic.count > 3 ? try Self.children(Self.only(basic[3])).map { Array($0.encodedBytes) } : []
        let singles = try Self.children(data[2]).map { try Self.children($0) }
        self.statuses = try singles.map { try Self.status($0[1]) }
        self.hasNextUpdates = singles.allSatisfy { $0.count == 4 }
        self.hasExtensions = data.count > 3
    }

    private static func status(_ node: ASN1Node) throws -> String {
        switch node.identifier.tagNumber {
        case 0: return "good"
        case 2: return "unknown"
        default:
            let fields = try self.children(node)
            guard fields.count > 1, let code = Array(try self.only(fields[1]).encodedBytes).last else {
                return "revoked"
            }
            return "revoked \(RevocationReason(rawValue: Int(code))?.name ?? "?")"
        }
    }

    private static func only(_ node: ASN1Node) throws -> ASN1Node {
        guard let child = try self.children(node).first else { throw EncodingFault("an empty field") }
        return child
    }

    private static func children(_ node: ASN1Node) throws -> [ASN1Node] {
        guard case .constructed(let nodes) = node.content else { throw EncodingFault("a field without fields") }
        return Array(nodes)
    }
}
