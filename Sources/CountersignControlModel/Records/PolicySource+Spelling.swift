import CountersignIdentity
package import CountersignPolicy

extension PolicySource {
    /// What is wrong with how the source is written, though it is one; nil when nothing is.
    ///
    /// GUIDs of certificates are compared byte by byte, and are in lower case.
    package var spellingProblem: String? {
        switch self {
        case .app(let guid), .space(let guid), .organization(let guid):
            guid.isUUIDInUpperCase ? "\(self) has upper case, and would match nobody; write it in lower case" : nil
        case .any, .spiffe: nil
        }
    }
}
