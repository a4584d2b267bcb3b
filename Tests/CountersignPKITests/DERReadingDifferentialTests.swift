import SwiftASN1
import Testing

@testable import CountersignPKI

/// The reader of DER beside another implementation, over certificates, requests, lists and keys that were damaged by
/// chance: both accept the same bytes, and what they read is the same.
@Suite struct DERReadingDifferentialTests {
    @Test func `encodings and their damaged forms`() throws {
        var random = DamagedCertificateTests.Generator(state: 2_027)
        var accepted = 0
        var refused = 0
        for input in try EncodedForm.all().map(\.encoding) {
            for round in 0..<300 {
                var bytes = input
                // The first is whole; the others have up to three changes, most of them where a field begins.
                for _ in 0..<min(round, Int.random(in: 1...3, using: &random)) {
                    let position = Int.random(in: bytes.indices, using: &random)
                    bytes[position] =
                        Bool.random(using: &random)
                        ? UInt8.random(in: .min ... .max, using: &random)
                        : [0x00, 0x02, 0x03, 0x06, 0x17, 0x1F, 0x30, 0x80, 0x81, 0xA0].randomElement(using: &random)
                            ?? 0
                }
                let own = try? DERField(parsing: bytes)
                let other = try? DER.parse(bytes)
                #expect((own == nil) == (other == nil), "\(Hexadecimal.text(of: bytes))")
                guard let own, let other else {
                    refused += 1
                    continue
                }
                accepted += 1
                try self.compare(own, other)
            }
        }
        #expect(accepted > 300 && refused > 300)
    }

    private func compare(_ own: DERField, _ other: ASN1Node) throws {
        #expect(own.encoded == other.encodedBytes)
        switch other.content {
        case .constructed(let nodes):
            try #require(own.isConstructed)
            let fields = Array(try own.fields(own.tag))
            let others = Array(nodes)
            try #require(fields.count == others.count)
            for (own, other) in zip(fields, others) { try self.compare(own, other) }
        case .primitive(let content):
            #expect(!own.isConstructed && own.content == content)
            try self.compareValues(own, other)
        }
    }

    private func compareValues(_ own: DERField, _ other: ASN1Node) throws {
        switch own.tag {
        case DERTag.integer: #expect((try? own.integer()) == (try? Int(derEncoded: other)))
        case DERTag.boolean: #expect((try? own.boolean()) == (try? Bool(derEncoded: other)))
        case DERTag.objectIdentifier:
            let identifier = try? ASN1ObjectIdentifier(derEncoded: other)
            #expect((try? own.objectIdentifier())?.content == identifier?.bytesOfContent, "\(Array(own.content))")
        case DERTag.bitString:
            let bits = try? ASN1BitString(derEncoded: other)
            #expect((try? own.bitString())?.bytes == bits?.bytes)
            #expect((try? own.bitString())?.unusedBits == bits?.paddingBits)
        case DERTag.utcTime:
            // That one has leap seconds, which RFC 5280 has not.
            guard let seconds = try? CertificateTime.unixSeconds(own) else { break }
            let time = try UTCTime(derEncoded: other)
            let calendar = CalendarTime(unixSeconds: seconds)
            #expect([time.year, time.month, time.day] == [calendar.year, calendar.month, calendar.day])
            #expect([time.hours, time.minutes, time.seconds] == [calendar.hour, calendar.minute, calendar.second])
        case DERTag.octetString:
            #expect(try own.octetString() == ASN1OctetString(derEncoded: other).bytes)
            let inner = try? own.fieldInContent()
            #expect((inner == nil) == ((try? DER.parse(own.content)) == nil))
        default: break
        }
    }
}

extension ASN1ObjectIdentifier {
    /// The content of its encoding.
    fileprivate var bytesOfContent: ArraySlice<UInt8>? {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(self)) != nil else { return nil }
        return try? DERField(parsing: serializer.serializedBytes).content
    }
}
