import CountersignJSON
import CountersignPKI
import CountersignTokens

/// The signing keys as they are kept: private keys with their times, a secret as a whole.
enum TokenKeyDocument {
    /// The content.
    static func content(of keys: TokenSigningKeys) -> [UInt8] {
        let entries = keys.entries.map { entry -> JSONValue in
            var members: [JSONValue.Member] = [
                .init("kid", .string(entry.key.keyID)),
                .init("published_at", .number(entry.publishedAt)),
                .init("state", .string(entry.state.name)),
            ]
            switch entry.state {
            case .next: break
            case .current(let since): members.append(.init("signs_since", .number(since)))
            case .former(let until): members.append(.init("signed_until", .number(until)))
            }
            return .object(members + [.init("private_key", .string(entry.key.privateKey.pemPKCS8))])
        }
        let document = JSONValue.object([
            .init("version", .number(version)),
            .init("rotation_wanted", .bool(keys.isRotationWanted)),
            .init("keys", .array(entries)),
        ])
        return Array("\(document.text)\n".utf8)
    }

    /// Reads a content.
    ///
    /// - Throws: ``AuthorityError`` with `unavailable`, in words for the operator and without any of the content.
    static func keys(_ content: [UInt8], schedule: TokenKeySchedule) throws(AuthorityError) -> TokenSigningKeys {
        do {
            let object = try JSONObject(
                try JSONValue(parsing: content),
                known: ["version", "rotation_wanted", "keys"]
            )
            guard try object.integer("version") == version else {
                throw object.wrong("version", "\(version): another version of the program wrote this")
            }
            let known = ["kid", "published_at", "state", "signs_since", "signed_until", "private_key"]
            let entries = try object.objects("keys", known: known, atMost: JSONWebKeySet.maximumKeys) ?? []
            return try TokenSigningKeys(
                schedule: schedule,
                entries: try entries.map(entry),
                isRotationWanted: try object.bool("rotation_wanted") ?? false
            )
        } catch {
            throw AuthorityError(.unavailable, "the signing keys of tokens cannot be read: \(error)")
        }
    }

    private static func entry(_ object: JSONObject) throws -> TokenKeyEntry {
        let key = try TokenSigningKey(try PrivateKey(pem: try object.requiredString("private_key")))
        guard try object.string("kid") == key.keyID else {
            throw object.wrong("kid", "the thumbprint of the private key beside it")
        }
        let state: TokenKeyState
        switch (try object.string("state"), try object.integer("signs_since"), try object.integer("signed_until")) {
        case ("next", nil, nil): state = .next
        case ("current", let since?, nil): state = .current(since: since)
        case ("former", nil, let until?): state = .former(until: until)
        default: throw object.wrong("state", "next, current with signs_since, or former with signed_until")
        }
        guard let publishedAt = try object.integer("published_at") else {
            throw object.wrong("published_at", "Unix seconds")
        }
        return TokenKeyEntry(key, publishedAt: publishedAt, state: state)
    }

    private static let version: Int64 = 1
}
