/// A label whose values are known at compile time.
///
/// Raw values must be 0, 1, 2 and so on without gaps: they are positions in a row of cells.
@usableFromInline
package protocol MetricLabel: RawRepresentable<Int>, CaseIterable, Sendable {
    /// The label's name.
    static var labelName: StaticString { get }

    /// The label's value in the exposition.
    var text: StaticString { get }
}

extension MetricLabel {
    /// The cases in the order of their text, which is the order of the exposition.
    static var sortedCases: [Self] {
        self.allCases.sorted { "\($0.text)" < "\($1.text)" }
    }
}
