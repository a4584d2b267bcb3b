import CountersignControlModel
import CountersignIdentity
import CountersignPKI
import CountersignPolicy

/// Who is meant by `--from`: the holder of a certificate, or one who would have such an identity.
struct ExplainedCaller {
    let identity: CallerIdentity

    /// Finds out who is meant.
    ///
    /// - Parameters:
    ///   - text: a file with a certificate, a SPIFFE ID, `cf:app:GUID`, a GUID, or `app:ORG/SPACE/APP`.
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
        if text.hasPrefix("spiffe://") {
            do throws(IdentityError) {
                _ = try SPIFFEID(parsing: text)
            } catch {
                throw ToolError("--from: \(error.message)")
            }
            identity = CallerIdentity(
                subject: DistinguishedName(encodingOrder: []),
                uriNames: [text],
                trustDomains: .unrestricted
            )
        } else if ToolFile.exists(text) {
            identity = try Self.identity(ofFile: text)
        } else {
            identity = try Self.identity(ofApp: text, space, organization, directory)
        }
    }

    private static func identity(ofFile path: String) throws(ToolError) -> CallerIdentity {
        guard let der = try CertificateFile.encodings(path).first else { throw ToolError("\(path) has no certificate") }
        do throws(PKIError) {
            let certificate = try ParsedCertificate(der: der)
            return CallerIdentity(
                subject: certificate.subjectName,
                uriNames: certificate.extensions.alternativeNames.compactMap { name in
                    if case .uri(let text) = name { text } else { nil }
                },
                trustDomains: .unrestricted
            )
        } catch {
            throw ToolError(error, inFile: path)
        }
    }

    private static func identity(
        ofApp text: String,
        _ space: String?,
        _ organization: String?,
        _ directory: NameDirectory
    ) throws(ToolError) -> CallerIdentity {
        var guid = text
        if let (kind, names) = NameDirectory.parse(text) {
            guard kind == .app, let found = directory.guid(.app, names) else {
                throw ToolError("--from: no app is named \(PrintableText.escaped(text))")
            }
            guid = found
        } else if text.hasPrefix("cf:app:") {
            guid = String(text.dropFirst("cf:app:".count))
        }
        let space = space ?? directory.parent(of: .app, guid)
        let organization = organization ?? space.flatMap { directory.parent(of: .space, $0) }
        var parts = ["OU=app:\(guid)"]
        do throws(IdentityError) {
            for part in [guid, space, organization] {
                if let part { _ = try CloudFoundryGUID(parsing: part) }
            }
            if let space { parts.append("OU=space:\(space)") }
            if let organization { parts.append("OU=organization:\(organization)") }
            return CallerIdentity(
                subject: try DistinguishedName(parsing: parts.joined(separator: ",")),
                uriNames: [],
                trustDomains: .unrestricted
            )
        } catch {
            throw ToolError(
                "--from: neither a certificate file, a SPIFFE ID, an app's GUID nor a name: \(error.message)"
            )
        }
    }
}

extension NameDirectory {
    /// The GUID of what something belongs to.
    func parent(of kind: NameRecord.Kind, _ guid: String) -> String? { entry(kind, guid)?.parent }
}
