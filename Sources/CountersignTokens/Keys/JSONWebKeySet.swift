package import CountersignJSON
package import CountersignPKI

/// The public keys that the tokens of one issuer are verified with (RFC 7517 section 5).
package struct JSONWebKeySet: Sendable {
    /// The keys; with none of them, no token is believed.
    package let keys: [JSONWebKey]
    /// Why entries of a document were passed over, for the operator; they are of no use here, and no danger.
    package let ignored: [String]

    /// The largest document that is read, in bytes.
    package static let maximumSize = 256 * 1_024

    /// The most keys that are held.
    package static let maximumKeys = 64

    /// A set of these keys.
    ///
    /// - Throws: `PKIError` with `malformedBundle` for more than ``maximumKeys``, or two keys of one name.
    package init(_ keys: [JSONWebKey], ignored: [String] = []) throws(PKIError) {
        guard keys.count <= Self.maximumKeys else {
            throw PKIError(.malformedBundle, "\(keys.count) keys; at most \(Self.maximumKeys) are held")
        }
        var names: Set<[UInt8]> = []
        for case let name? in keys.map(\.keyID) {
            guard names.insert(Array(name.utf8)).inserted else {
                throw PKIError(.malformedBundle, "two keys have the name '\(PrintableText.escaped(name))'")
            }
        }
        self.keys = keys
        self.ignored = ignored
    }

    /// The set without keys.
    package static let empty = JSONWebKeySet()

    private init() {
        self.keys = []
        self.ignored = []
    }

    /// Whether there is a key of that name.
    package func contains(keyID: String) -> Bool {
        keys.contains { $0.keyID.map { $0.utf8.elementsEqual(keyID.utf8) } ?? false }
    }

    /// The document.
    ///
    /// - Throws: `PKIError` with `unsupportedKey` for a key that has no form as a JSON Web Key.
    package func json() throws(PKIError) -> JSONValue {
        .object([.init("keys", .array(try keys.map { (key) throws(PKIError) in try key.json() }))])
    }
}

extension JSONWebKeySet {
    /// Reads the document that an issuer publishes: keys of the use `sig`, and those that name no use.
    ///
    /// As RFC 7517 section 5 wants it, a key that is not understood, lacks a member or is out of the supported range is
    /// passed over and said in ``ignored``. A private key, or two keys of one name, makes the whole document unusable.
    ///
    /// - Throws: `PKIError` with `tooLarge`, `malformedBundle`, or `unexpectedBlock` for a private or secret key.
    package init(parsing content: [UInt8]) throws(PKIError) {
        try self.init(parsing: content) { use in use == nil || use == "sig" }
    }

    /// Reads the keys for JWT-SVIDs of a SPIFFE bundle: those of the use `jwt-svid`, which must have names and an algorithm
    /// of JWT-SVIDs (SPIFFE Trust
    /// Domain and Bundle section 4.2.2).
    ///
    /// - Throws: `PKIError` as the other readers do.
    package init(parsingSPIFFEBundle content: [UInt8]) throws(PKIError) {
        let all = try JSONWebKeySet(parsing: content) { use in use == "jwt-svid" }
        var keys: [JSONWebKey] = []
        var ignored = all.ignored
        for key in all.keys {
            if key.keyID == nil {
                ignored.append("a key for JWT-SVIDs has no kid")
            } else if key.algorithms.isDisjoint(with: TokenKind.svid.algorithms) {
                ignored.append("a key of \(key.publicKey.kind.name) signs no JWT-SVIDs")
            } else {
                keys.append(key)
            }
        }
        try self.init(keys, ignored: ignored)
    }

    private init(parsing content: [UInt8], _ isWanted: (String?) -> Bool) throws(PKIError) {
        guard content.count <= Self.maximumSize else {
            throw PKIError(.tooLarge, "a key set of \(content.count) bytes; at most \(Self.maximumSize) are read")
        }
        var keys: [JSONWebKey] = []
        var ignored: [String] = []
        for (index, object) in try Self.entries(of: content).enumerated() {
            do throws(PKIError) {
                if let key = try Self.key(object, isWanted) { keys.append(key) }
            } catch {
                guard error.code != .unexpectedBlock else { throw error }
                ignored.append("$.keys[\(index)]: \(error.message)")
            }
        }
        try self.init(keys, ignored: ignored)
    }

    private static func entries(of content: [UInt8]) throws(PKIError) -> [JSONObject] {
        do throws(JSONError) {
            let document = try JSONObject(try JSONValue(parsing: content), known: nil)
            guard let entries = try document.objects("keys", known: nil, atMost: Self.maximumEntries) else {
                throw JSONError(at: "$.keys", "an array of keys is required; an empty one trusts nobody")
            }
            return entries
        } catch {
            throw PKIError(.malformedBundle, "this is not a JSON Web Key set: \(error)")
        }
    }

    /// The key of an entry; nil for one that is for something else.
    private static func key(_ object: JSONObject, _ isWanted: (String?) -> Bool) throws(PKIError) -> JSONWebKey? {
        let use: String?
        let name: String?
        let algorithm: String?
        let operations: [String]?
        do throws(JSONError) {
            use = try object.string("use")
            name = try object.string("kid")
            algorithm = try object.string("alg")
            operations = try object.strings("key_ops", atMost: 16)
        } catch {
            throw PKIError(.malformedKey, "\(error)")
        }
        // First: a private key is a mistake of its publisher whatever it says to be for.
        let publicKey = try JSONWebKeyParameters.key(from: object)
        guard let publicKey, isWanted(use), operations?.contains("verify") ?? true else { return nil }
        guard name.map({ (1...JSONWebKey.maximumKeyIDLength).contains($0.utf8.count) }) ?? true else {
            throw PKIError(.malformedKey, "its kid is empty or longer than \(JSONWebKey.maximumKeyIDLength) bytes")
        }
        guard let algorithm else {
            return try JSONWebKey(publicKey, keyID: name, algorithms: TokenAlgorithm.fitting(publicKey.kind))
        }
        guard let only = TokenAlgorithm(rawValue: algorithm) else { return nil }
        return try JSONWebKey(publicKey, keyID: name, algorithms: [only])
    }

    /// Beyond ``maximumKeys``, for entries of other uses.
    private static let maximumEntries = 1_024
}
