import CCountersignSystem

/// The version of the product.
package enum CountersignVersion {
    /// As `countersign --version` prints it.
    package static let current = "0.1.0"

    /// The revision of the sources that was built; empty when it was built outside of a repository.
    package static var commit: String {
        unsafe countersign_commit().map { unsafe String(cString: $0) } ?? ""
    }
}
