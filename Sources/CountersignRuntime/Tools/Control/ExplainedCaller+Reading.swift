import CountersignControlModel
import CountersignIdentity
import CountersignPKI

extension ExplainedCaller {
    /// Finds out who is meant.
    ///
    /// - Parameters:
    ///   - text: a file with a certificate and those above it, a SPIFFE ID, `cf:app:GUID`, a GUID, or `app:ORG/SPACE/APP`.
    ///   - space: the GUID of the app's space, where the directory does not know it.
    ///   - organization: the GUID of its organization.
    ///   - directory: names, with the spaces and organizations of apps.
    /// - Throws: ``ToolError`` for what is none of these.
    init(
        _ text: String,
        space: String?,
        organization: String?,
        _ directory: NameDirectory
    ) throws(ToolError) {
        do throws(IdentityError) {
            if text.hasPrefix("spiffe://") {
                self = .names(subject: DistinguishedName(encodingOrder: []), spiffeID: try SPIFFEID(parsing: text))
                return
            }
        } catch {
            throw ToolError("--from: \(error.message)")
        }
        guard !ToolFile.exists(text) else {
            self = .certificates(try Self.chain(ofFile: text))
            return
        }
        let guid = try Self.guid(text, directory)
        let space = space ?? directory.parent(of: .app, guid)
        let organization = organization ?? space.flatMap { directory.parent(of: .space, $0) }
        do throws(IdentityError) {
            self = try .app(guid, space: space, organization: organization)
        } catch {
            throw ToolError(
                "--from: neither a certificate file, a SPIFFE ID, an app's GUID nor a name: \(error.message)"
            )
        }
    }

    /// An instance of an app.
    ///
    /// - Parameters:
    ///   - guid: the app.
    ///   - space: the GUID of its space, if its certificate has one.
    ///   - organization: the GUID of its organization, if its certificate has one.
    /// - Throws: `IdentityError` for what is no GUID.
    static func app(_ guid: String, space: String?, organization: String?) throws(IdentityError) -> ExplainedCaller {
        var parts: [String] = []
        for (name, value) in [("app", guid), ("space", space), ("organization", organization)] {
            guard let value else { continue }
            parts.append("OU=\(name):\(try CloudFoundryGUID(parsing: value))")
        }
        return .names(subject: try DistinguishedName(parsing: parts.joined(separator: ",")), spiffeID: nil)
    }

    private static func chain(ofFile path: String) throws(ToolError) -> [[UInt8]] {
        let chain = try CertificateFile.encodings(path)
        guard let leaf = chain.first else { throw ToolError("\(path) has no certificate") }
        do throws(PKIError) {
            _ = try ParsedCertificate(der: leaf)
        } catch {
            throw ToolError(error, inFile: path)
        }
        return chain
    }

    private static func guid(_ text: String, _ directory: NameDirectory) throws(ToolError) -> String {
        guard let (kind, names) = NameDirectory.parse(text) else {
            return text.hasPrefix("cf:app:") ? String(text.dropFirst("cf:app:".count)) : text
        }
        guard kind == .app, let found = directory.guid(.app, names) else {
            throw ToolError("--from: no app is named \(PrintableText.escaped(text))")
        }
        return found
    }
}

extension NameDirectory {
    /// The GUID of what something belongs to.
    func parent(of kind: NameRecord.Kind, _ guid: String) -> String? { entry(kind, guid)?.parent }
}
