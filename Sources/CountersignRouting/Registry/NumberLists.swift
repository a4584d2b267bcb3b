/// Lists of small numbers in no order, each number in one of them at most.
///
/// Who holds a list holds its first number, -1 for none. Taking a number in or out costs the same however many there are.
struct NumberLists: Sendable {
    private struct Neighbours {
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    /// By number.
    private var neighbours: [Neighbours] = []

    /// Takes a number, which is in no list, into the list that begins with `first`.
    mutating func insert(_ number: Int32, into first: inout Int32) {
        while neighbours.count <= Int(number) { neighbours.append(Neighbours()) }
        neighbours[Int(number)] = Neighbours(previous: -1, next: first)
        if first >= 0 { neighbours[Int(first)].previous = number }
        first = number
    }

    /// Takes a number out of the list that begins with `first`; does nothing for one that is in no list.
    mutating func remove(_ number: Int32, from first: inout Int32) {
        guard neighbours.indices.contains(Int(number)) else { return }
        let own = neighbours[Int(number)]
        guard own.previous >= 0 || first == number else { return }
        neighbours[Int(number)] = Neighbours()
        if own.previous >= 0 { neighbours[Int(own.previous)].next = own.next } else { first = own.next }
        if own.next >= 0 { neighbours[Int(own.next)].previous = own.previous }
    }

    /// Appends the numbers of the list that begins with `first` to others.
    func append(from first: Int32, to numbers: inout [Int32]) {
        var number = first
        while number >= 0 {
            numbers.append(number)
            number = neighbours[Int(number)].next
        }
    }
}
