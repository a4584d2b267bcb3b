/// The PEM texts that a configuration names, read once, so that what was checked is what is used.
package struct PEMMaterial: Sendable {
    private var texts: [PEMReference: String] = [:]

    /// No texts.
    package init() {}

    /// The text of a reference; nil when it could not be read, which has been reported, or belongs to a role that was
    /// not asked for.
    package subscript(reference: PEMReference) -> String? { texts[reference] }

    mutating func store(_ text: String, for reference: PEMReference) {
        texts[reference] = text
    }
}

extension PEMMaterial: CustomStringConvertible, CustomReflectable {
    /// How many texts there are; never the texts, of which some are private keys.
    package var description: String { "\(texts.count) PEM texts" }

    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
