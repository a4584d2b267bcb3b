/// The version of the product.
package enum CountersignVersion {
    /// As `countersign --version` prints it.
    package static let current = "0.1.0"
}
