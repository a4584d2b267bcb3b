import CountersignPKI

/// Rows in aligned columns, for people.
package struct TextTable: Sendable {
    private let header: [String]
    private var rows: [[String]] = []

    package init(_ header: [String]) {
        self.header = header
    }

    /// Adds a row; control characters of what a server sent are shown as escapes.
    package mutating func add(_ cells: [String]) {
        rows.append(cells.map { $0.isEmpty ? "-" : PrintableText.escaped($0) })
    }

    /// The table, each line ended, the header first.
    package var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line + "\n"
        }.joined()
    }
}
