/// Why a text is not the JSON that is wanted.
package struct JSONError: Error, Sendable, Hashable {
    /// Where: a path as `$.services[2].name`, or a byte offset for text that does not parse.
    package let place: String
    /// What is wrong and what would be right.
    package let message: String

    package init(at place: String, _ message: String) {
        self.place = place
        self.message = message
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(place): \(message)" }
}
