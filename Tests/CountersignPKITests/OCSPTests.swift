import CountersignIdentity
import Crypto
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct OCSPTests {
    private func authority(_ name: String = "a") throws -> IssuingAuthority {
        try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: name), now: TestClock.now)
    }

    /// A CertID for a serial number of the authority.
    private func id(_ authority: IssuingAuthority, _ serial: [UInt8], sha256: Bool = false) throws -> [UInt8] {
        let name = authority.certificate.subjectDER
        let key = authority.certificate.publicKey.keyBits
        return try TestEncoding.sequence { fields in
            let algorithm: ASN1ObjectIdentifier = sha256 ? [2, 16, 840, 1, 101, 3, 4, 2, 1] : [1, 3, 14, 3, 2, 26]
            fields.serializeRawBytes(try TestEncoding.algorithm(algorithm, null: true))
            for value in [name, key] {
                let digest = sha256 ? Array(SHA256.hash(data: value)) : Array(Insecure.SHA1.hash(data: value))
                fields.appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: digest) }
            }
            fields.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: serial) }
        }
    }

    private func request(
        _ ids: [[UInt8]],
        nonce: [UInt8]? = nil,
        extra: [Certificate.Extension] = [],
        trailer: [UInt8] = []
    ) throws -> [UInt8] {
        var extensions = extra
        if let nonce {
            var value = DERWriter()
            value.field(DERTag.octetString, content: nonce)
            extensions.append(.init(oid: [1, 3, 6, 1, 5, 5, 7, 48, 1, 2], critical: false, value: value.bytes[...]))
        }
        return try TestEncoding.sequence { request in
            try request.appendConstructedNode(identifier: .sequence) { signed in
                signed.appendConstructedNode(identifier: .sequence) { list in
                    for id in ids {
                        list.appendConstructedNode(identifier: .sequence) { $0.serializeRawBytes(id) }
                    }
                }
                guard !extensions.isEmpty else { return }
                try signed.serialize(explicitlyTaggedWithTagNumber: 2, tagClass: .contextSpecific) {
                    try $0.serializeSequenceOf(extensions)
                }
            }
            request.serializeRawBytes(trailer)
        }
    }

    @Test(arguments: [false, true]) func `a request is read with its certificates and its nonce`(_ sha256: Bool) throws
    {
        let authority = try self.authority()
        let ids = try [[UInt8](repeating: 0x11, count: 20), [0x22]].map { try self.id(authority, $0, sha256: sha256) }
        let der = try self.request(ids, nonce: [1, 2, 3])
        let request = try OCSPRequest(der: der)
        #expect(request.certificates.map(\.serialHex) == [String(repeating: "11", count: 20), "22"])
        #expect(request.nonce == [1, 2, 3])
        let responder = OCSPResponder(issuer: authority)
        #expect(responder.answers(request))
        #expect(try !OCSPResponder(issuer: self.authority("b")).answers(request))
    }

    @Test func `a signature on the request is passed over`() throws {
        let authority = try self.authority()
        let signature = DERWriter.sequence { $0.integer(1) }
        var tagged = DERWriter()
        tagged.field(DERTag.constructed(0)) { $0.encoded(signature) }
        let der = try self.request([self.id(authority, [1])], trailer: tagged.bytes)
        #expect(try OCSPRequest(der: der).certificates.count == 1)
    }

    @Test(arguments: [1, 32, 128]) func `a nonce of a usual length comes back`(_ length: Int) throws {
        let authority = try self.authority()
        let nonce = Array(repeating: UInt8(length), count: length)
        let request = try OCSPRequest(der: self.request([self.id(authority, [1])], nonce: nonce))
        let der = try OCSPResponder(issuer: authority)
            .response(to: request, now: TestClock.now, lifetimeSeconds: 60) { _ in .good }
        var wanted = DERWriter()
        wanted.field(DERTag.octetString, content: nonce)
        #expect(der.firstRange(of: wanted.bytes) != nil)
        #expect(try TestOCSPResponse(der: der).hasExtensions)
    }

    @Test func `requests that are too long, too many or not understood are refused`() throws {
        let authority = try self.authority()
        let id = try self.id(authority, [1])
        #expect(throws: Never.self) { try OCSPRequest(der: self.request(Array(repeating: id, count: 32))) }
        let critical = Certificate.Extension(oid: [1, 2, 3], critical: true, value: [5, 0])
        let bad: [[UInt8]] = [
            [], [0x30, 0x00], try self.request([]), try self.request(Array(repeating: id, count: 33)),
            try self.request([id], nonce: []), try self.request([id], nonce: Array(repeating: 1, count: 129)),
            try self.request([id], extra: [critical]), Array(try self.request([id]).dropLast()),
        ]
        for der in bad { #expect(throws: PKIError(.malformedRequest, "")) { try OCSPRequest(der: der) } }
        #expect(throws: PKIError(.tooLarge, "")) { try OCSPRequest(der: Array(repeating: 0, count: 20_000)) }
        let ignored = Certificate.Extension(oid: [1, 2, 3], critical: false, value: [5, 0])
        #expect(try OCSPRequest(der: self.request([id], extra: [ignored])).nonce == nil)
    }

    @Test func `a GET carries the request in its path`() throws {
        let authority = try self.authority()
        // Serial numbers are chosen until the Base64 has every character that clients treat in different ways.
        var text = ""
        var serial: UInt8 = 0
        while !text.contains("/") || !text.contains("+") || !text.hasSuffix("=") {
            serial += 1
            let nonce = Array(repeating: serial, count: Int(serial % 16) + 1)
            let der = try self.request([self.id(authority, [0x10, serial])], nonce: nonce)
            text = String(decoding: Base64.encode(der), as: UTF8.self)
        }
        let wanted = try OCSPRequest(path: text.utf8).certificates
        let spellings = [
            text, "/" + text, text.replacing("/", with: "%2F"), text.replacing("+", with: "%2b"),
            text.replacing("=", with: "%3D"), text.replacing("=", with: ""), text.replacing("+", with: " "),
            text.replacing("+", with: "-").replacing("/", with: "_"),
        ]
        for spelling in spellings { #expect(try OCSPRequest(path: spelling.utf8).certificates == wanted) }
        for bad in ["", "/", "%", "%2", "%zz", "####", text + "AAAA", "AAAA"] {
            #expect(throws: PKIError(.malformedRequest, "")) { try OCSPRequest(path: bad.utf8) }
        }
    }

    @Test func `answers say what is known and are signed by the issuer`() throws {
        let authority = try self.authority()
        let ids = try [[UInt8(1)], [2], [3], [4]].map { try self.id(authority, $0) }
        let foreign = try self.id(self.authority("b"), [1])
        let request = try OCSPRequest(der: self.request(ids + [foreign]))
        let date = TestClock.now - 100
        let der = try OCSPResponder(issuer: authority)
            .response(to: request, now: TestClock.now, lifetimeSeconds: 600) { id in
                switch id.serialNumber {
                case [1]: .good
                case [2]: .revoked(date: date, reason: .keyCompromise)
                case [3]: .revoked(date: date, reason: .unspecified)
                default: .unknown
                }
            }
        let response = try TestOCSPResponse(der: der)
        let key = authority.certificate.publicKey
        #expect(key.verifies(response.signature, over: response.signedBytes, algorithm: .ecdsa(.sha256)))
        #expect(response.statuses == ["good", "revoked keyCompromise", "revoked", "unknown", "unknown"])
        #expect(response.hasNextUpdates && !response.hasExtensions && response.certificates.isEmpty)
    }

    @Test func `who is asked about other issuers alone is not authorized`() throws {
        let request = try OCSPRequest(der: self.request([self.id(self.authority("b"), [1])]))
        let der = try OCSPResponder(issuer: self.authority())
            .response(to: request, now: TestClock.now, lifetimeSeconds: 60) { _ in .good }
        #expect(der == OCSPErrorStatus.unauthorized.der)
    }

    @Test(arguments: OCSPErrorStatus.allCases) func `error statuses are three bytes`(_ status: OCSPErrorStatus) {
        #expect(status.der == [0x30, 0x03, 0x0A, 0x01, status.rawValue])
    }
}
