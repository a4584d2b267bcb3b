import CountersignIdentity
import Testing

@testable import CountersignPKI

/// Encodings that are read, and what is refused when one thing about them is different.
@Suite struct StrictReadingTests {
    @Test func `nothing may follow what belongs into a field, wherever it is`() throws {
        let null = EncodingTree.bytes(tag: DERTag.null, [])
        for form in try EncodedForm.all() {
            let tree = try EncodingTree(form.encoding)
            try #require(tree.encoded == form.encoding && form.isRead(tree))
            // Two, as one NULL behind the identifier of an algorithm stands for its parameters.
            for (position, changed) in tree.changingEach({ $0 + [null, null] }).enumerated() {
                #expect(!form.isRead(changed), "\(form.testDescription), the field of fields \(position)")
            }
        }
    }

    @Test func `nothing that has to be there may be missing`() throws {
        for form in try EncodedForm.all() where !["PKCS#8", "OCSP request"].contains(form.testDescription) {
            guard case .fields(_, let parts) = try EncodingTree(form.encoding), case .fields(_, let signed) = parts[0]
            else {
                Issue.record("\(form.testDescription) has no parts")
                continue
            }
            let tree = try EncodingTree(form.encoding)
            for part in parts.indices { #expect(!form.isRead(tree.replacing([part], with: nil))) }
            // The version of requests is one of its fields; what comes last is optional.
            for field in signed.indices.dropLast() where form.testDescription != "list" {
                #expect(!form.isRead(tree.replacing([0, field], with: nil)), "\(form.testDescription), field \(field)")
            }
        }
    }

    @Test(arguments: [
        EncodedForm(
            testDescription: "OCSP request",
            encoding: [0x30, 0x0E, 0x30, 0x0C, 0xA0, 0x0A, 0x02, 0x08] + [0x7F] + [UInt8](repeating: 0xFF, count: 7),
            read: EncodedForm.question
        ),
        EncodedForm(
            testDescription: "certificate",
            encoding: [0x30, 0x1D, 0x30, 0x0C, 0xA0, 0x0A, 0x02, 0x08] + [0x7F] + [UInt8](repeating: 0xFF, count: 7)
                + [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02, 0x03, 0x01, 0x00],
            read: EncodedForm.certificate
        ),
        EncodedForm(
            testDescription: "revocation list",
            encoding: [0x30, 0x1B, 0x30, 0x0A, 0x02, 0x08] + [0x7F] + [UInt8](repeating: 0xFF, count: 7)
                + [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02, 0x03, 0x01, 0x00],
            read: EncodedForm.list
        ),
    ])
    func `the largest version number is refused as any unknown one`(_ form: EncodedForm) throws {
        let error = #expect(throws: PKIError.self) { try form.read(form.encoding) }
        #expect(error?.message.contains("version number 9223372036854775807") == true)
    }

    @Test func `versions of certificates`() throws {
        let leaf = try EncodingTree(TestAuthority().mint())
        let path = [0, 0]
        func version(_ number: UInt8) -> EncodingTree {
            leaf.replacing(path, with: .fields(tag: DERTag.constructed(0), [.bytes(tag: DERTag.integer, [number])]))
        }
        #expect(try ParsedCertificate(der: version(2).encoded).version == 3)
        for number in [UInt8(0), 3, 0x7F, 0xFF] {
            #expect(throws: PKIError.self) { try ParsedCertificate(der: version(number).encoded) }
        }
        // Extensions are of version 3 alone, and the oldest version is not written.
        for other in [version(1), leaf.replacing(path, with: nil)] {
            #expect(throws: PKIError.self) { try ParsedCertificate(der: other.encoded) }
        }
    }

    @Test func `unique identifiers are BIT STRINGs of versions 2 and 3`() throws {
        let leaf = try EncodingTree(TestAuthority().mint())
        func inserting(_ field: EncodingTree) -> EncodingTree {
            guard case .fields(_, let parts) = leaf, case .fields(_, var fields) = parts[0] else { return leaf }
            fields.insert(field, at: fields.count - 1)
            return leaf.replacing([0], with: .fields(tag: DERTag.sequence, fields))
        }
        #expect(throws: Never.self) {
            try ParsedCertificate(der: inserting(.bytes(tag: DERTag.primitive(1), [0, 7])).encoded)
        }
        for bad in [EncodingTree.bytes(tag: DERTag.primitive(1), []), .fields(tag: DERTag.constructed(1), [])] {
            #expect(throws: PKIError.self) { try ParsedCertificate(der: inserting(bad).encoded) }
        }
    }

    @Test func `signatures are whole bytes`() throws {
        for form in try EncodedForm.all() where !["PKCS#8", "OCSP request"].contains(form.testDescription) {
            let tree = try EncodingTree(form.encoding)
            #expect(form.isRead(tree.replacing([2], with: .bytes(tag: DERTag.bitString, [0, 0xF0]))))
            #expect(!form.isRead(tree.replacing([2], with: .bytes(tag: DERTag.bitString, [4, 0xF0]))))
        }
    }

    @Test func `OCSP requests may name a requester, be signed and have extensions, which must not be critical`() throws
    {
        let tree = try EncodingTree(EncodedForm.ocspRequest)
        func isRead(_ tree: EncodingTree) -> Bool { (try? OCSPRequest(der: tree.encoded)) != nil }
        let name = EncodingTree.fields(
            tag: DERTag.constructed(1),
            [.bytes(tag: DERTag.primitive(2), Array("a.example".utf8))]
        )
        guard case .fields(_, let parts) = tree, case .fields(_, let fields) = parts[0] else {
            Issue.record("the request has no parts")
            return
        }
        #expect(isRead(tree.replacing([0], with: .fields(tag: DERTag.sequence, [name] + fields))))
        let signature = EncodingTree.fields(tag: DERTag.constructed(0), [.fields(tag: DERTag.sequence, [])])
        #expect(isRead(tree.appending([signature], at: [])))
        #expect(!isRead(tree.appending([signature, signature], at: [])))
        let written = EncodingTree.fields(tag: DERTag.constructed(0), [.bytes(tag: DERTag.integer, [0])])
        #expect(!isRead(tree.replacing([0], with: .fields(tag: DERTag.sequence, [written] + fields))))
        let cases = [
            (OID.ocspServiceLocator, false, true), (.ocspServiceLocator, true, true), ([1, 2, 3], false, true),
            ([1, 2, 3], true, false),
        ]
        for (identifier, critical, accepted) in cases {
            let locator = try EncodingTree(
                ExtensionEncoding.encode(identifier, critical: critical) { $0.sequence { _ in } }
            )
            let extensions = EncodingTree.fields(
                tag: DERTag.constructed(0),
                [.fields(tag: DERTag.sequence, [locator])]
            )
            #expect(isRead(tree.appending([extensions], at: [0, 0, 0])) == accepted)
        }
    }

    @Test func `private keys may carry attributes and the public key, once`() throws {
        let tree = try EncodingTree(PrivateKey.generate(.p256).derPKCS8)
        func isRead(_ tree: EncodingTree) -> Bool { (try? PrivateKey(derPKCS8: tree.encoded)) != nil }
        let attributes = EncodingTree.fields(tag: DERTag.constructed(0), [])
        let publicKey = EncodingTree.bytes(tag: DERTag.primitive(1), [0, 4])
        let explicit = EncodingTree.fields(tag: DERTag.constructed(1), [.bytes(tag: DERTag.bitString, [0, 4])])
        #expect(isRead(tree.appending([attributes, publicKey], at: [])))
        #expect(isRead(tree.appending([explicit], at: [])))
        #expect(!isRead(tree.appending([publicKey, attributes], at: [])))
        #expect(!isRead(tree.appending([attributes, attributes], at: [])))
        #expect(!isRead(tree.appending([.fields(tag: DERTag.constructed(1), [])], at: [])))
    }

    @Test func `the parameters of an RSA key are NULL, and nothing that looks like it`() throws {
        let key = try PrivateKey.generate(.rsa2048).publicKey
        let tree = try EncodingTree(key.derEncoded)
        let path = [0, 1]
        func isStrong(_ parameters: EncodingTree?) throws -> Bool {
            try SubjectPublicKey(DERField(parsing: tree.replacing(path, with: parameters).encoded)).isStrong
        }
        #expect(try isStrong(.bytes(tag: DERTag.null, [])))
        for bad in [EncodingTree.bytes(tag: DERTag.null, [0]), .fields(tag: DERTag.sequence, []), nil] {
            #expect(try !isStrong(bad))
        }
    }

    @Test(
        arguments: [
            ([0x30, 0x00], 0, true), ([0x30, 0x02, 0xA0, 0x00], 0, false), ([0x30, 0x02, 0x80, 0x00], 0, false),
            ([0x30, 0x04, 0xA0, 0x02, 0x80, 0x00], 0, false), ([0x30, 0x04, 0xA0, 0x02, 0xA0, 0x00], 0, true),
            ([0x30, 0x04, 0xA0, 0x02, 0xA1, 0x00], 0, true),
            ([0x30, 0x06, 0xA0, 0x02, 0xA0, 0x00, 0x81, 0x00], 0, true),
            ([0x30, 0x06, 0x81, 0x00, 0xA0, 0x02, 0xA0, 0x00], 0, false),
            ([0x30, 0x06, 0xA0, 0x04, 0xA0, 0x00, 0xA0, 0x00], 0, false),
            ([0x30, 0x07, 0xA0, 0x05, 0xA0, 0x03, 0x86, 0x01, 0x61], 1, true),
        ] as [([UInt8], Int, Bool)]
    )
    func `distribution points`(_ point: [UInt8], _ count: Int, _ isRead: Bool) throws {
        let list = try DERField(parsing: [0x30, UInt8(point.count)] + point)
        #expect((try? DistributionPointNames.uris(inList: list))?.count == (isRead ? count : nil))
    }

    @Test(
        arguments: [
            ([0x30, 0x00], true), ([0x30, 0x03, 0x81, 0x01, 0xFF], true), ([0x30, 0x03, 0x84, 0x01, 0xFF], true),
            ([0x30, 0x06, 0x81, 0x01, 0xFF, 0x84, 0x01, 0xFF], true),
            ([0x30, 0x06, 0x84, 0x01, 0xFF, 0x81, 0x01, 0xFF], false),
            ([0x30, 0x06, 0x81, 0x01, 0xFF, 0x81, 0x01, 0xFF], false), ([0x30, 0x03, 0x81, 0x01, 0x00], false),
            ([0x30, 0x03, 0x86, 0x01, 0xFF], false), ([0x30, 0x03, 0x01, 0x01, 0xFF], false),
        ] as [([UInt8], Bool)]
    )
    func `scopes of revocation lists`(_ scope: [UInt8], _ isRead: Bool) throws {
        let field = try DERField(parsing: scope)
        #expect(((try? RevocationListScope(field)) != nil) == isRead)
    }

    @Test func `an extension of a list stands once`() throws {
        var draft = TestRevocationList()
        draft.serials = [([1], .superseded)]
        let tree = try EncodingTree(draft.encoded(by: TestAuthority()))
        guard case .fields(_, let parts) = tree, case .fields(_, let fields) = parts[0],
            case .fields(_, let tagged) = fields.last, case .fields(_, let extensions) = tagged[0]
        else {
            Issue.record("the list has no extensions")
            return
        }
        let path = [0, fields.count - 1, 0]
        #expect((try? RevocationList(der: tree.encoded)) != nil)
        #expect((try? RevocationList(der: tree.appending([extensions[0]], at: path).encoded)) == nil)
    }

    @Test func `an entry of a list may have an empty list of extensions`() throws {
        var draft = TestRevocationList()
        draft.serials = [([1], nil)]
        let tree = try EncodingTree(draft.encoded(by: TestAuthority()))
        guard case .fields(_, let parts) = tree, case .fields(_, let fields) = parts[0] else {
            Issue.record("the list has no fields")
            return
        }
        let entry = [0, fields.count - 2, 0]
        let empty = EncodingTree.fields(tag: DERTag.sequence, [])
        let read = try RevocationList(der: tree.appending([empty], at: entry).encoded)
        #expect(read.entries[[1]]?.reason == .unspecified)
        #expect((try? RevocationList(der: tree.appending([empty, empty], at: entry).encoded)) == nil)
    }

    @Test func `the number of a list is bounded`() throws {
        let tree = try EncodingTree(TestRevocationList().encoded(by: TestAuthority()))
        guard case .fields(_, let parts) = tree, case .fields(_, let fields) = parts[0] else {
            Issue.record("the list has no fields")
            return
        }
        func isRead(_ size: Int) throws -> Bool {
            let number = ExtensionEncoding.encode(.crlNumber) {
                $0.integer(content: [UInt8](repeating: 1, count: size))
            }
            let list = EncodingTree.fields(tag: DERTag.sequence, [try EncodingTree(number)])
            let changed = tree.replacing([0, fields.count - 1, 0], with: list)
            return (try? RevocationList(der: changed.encoded)) != nil
        }
        #expect(try isRead(SerialNumber.maximumSize) && !isRead(SerialNumber.maximumSize + 1))
    }

    @Test func `the values of a SET OF stand in the order of their encodings`() throws {
        let name = DistinguishedName(encodingOrder: [
            RelativeDistinguishedName([.init(.organizationalUnit, "b"), .init(.commonName, "a")])
        ])
        let tree = try EncodingTree(NameEncoding.encode(name))
        guard case .fields(let tag, let sets) = tree, case .fields(let setTag, let values) = sets[0] else {
            Issue.record("the name has no set")
            return
        }
        let turned = EncodingTree.fields(tag: tag, [.fields(tag: setTag, values.reversed())])
        #expect((try? RelativeNames(der: tree.encoded)) != nil)
        #expect((try? RelativeNames(der: turned.encoded)) == nil)
    }

    @Test(arguments: [([UInt8(32)], true), ([20], false), ([0, 32], false), (nil, false)] as [([UInt8]?, Bool)])
    func `RSA-PSS is known with a salt as long as its digest`(_ salt: [UInt8]?, _ isKnown: Bool) throws {
        let digest = DERWriter.sequence { $0.objectIdentifier(.sha256) }
        let encoding = DERWriter.sequence { algorithm in
            algorithm.objectIdentifier(.rsaPSS)
            guard let salt else { return }
            algorithm.sequence { parameters in
                parameters.field(DERTag.constructed(0)) { $0.encoded(digest) }
                parameters.field(DERTag.constructed(1)) { mask in
                    mask.sequence { function in
                        function.objectIdentifier(.maskGeneration1)
                        function.encoded(digest)
                    }
                }
                parameters.field(DERTag.constructed(2)) { $0.field(DERTag.integer, content: salt) }
            }
        }
        let algorithm = try SignatureAlgorithm(DERField(parsing: encoding))
        #expect((algorithm == .rsaPSS(.sha256)) == isKnown)
        if !isKnown, case .unknown = algorithm {} else { #expect(isKnown) }
    }

    @Test func `serial numbers are bounded`() throws {
        let leaf = try EncodingTree(TestAuthority().mint())
        func isRead(_ size: Int) -> Bool {
            let serial = EncodingTree.bytes(tag: DERTag.integer, [UInt8](repeating: 1, count: size))
            return (try? ParsedCertificate(der: leaf.replacing([0, 1], with: serial).encoded)) != nil
        }
        #expect(isRead(SerialNumber.maximumSize) && !isRead(SerialNumber.maximumSize + 1))
    }
}
