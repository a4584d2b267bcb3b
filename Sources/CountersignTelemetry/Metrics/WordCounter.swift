import Synchronization

/// A counter with one label whose values are a closed set of words, to which any thread may add.
///
/// Every word has its series from the start, at zero, so that a rate over it never begins with a gap.
package final class WordCounter: Sendable {
    private let labelName: String
    private let counts: Mutex<[String: UInt64]>

    /// Creates counters at zero.
    ///
    /// - Parameters:
    ///   - labelName: the label's name.
    ///   - words: its values.
    package init(labelName: String, words: [String]) {
        self.labelName = labelName
        self.counts = Mutex(Dictionary(words.map { ($0, 0) }) { first, _ in first })
    }

    /// Adds one to the count of a word; a word that is not of the set is passed over.
    package func add(_ word: String) {
        counts.withLock { counts in
            if let count = counts[word] { counts[word] = count &+ 1 }
        }
    }

    /// The count of a word.
    package func value(_ word: String) -> UInt64 { counts.withLock { $0[word] ?? 0 } }
}

extension WordCounter: MetricSeries {
    package static var kind: MetricKind { .counter }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        let labels = sample.labels
        for (word, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            MetricSample(name: sample.name, labels: labels + [(labelName, word)], now: sample.now)
                .write(count, into: &writer)
        }
    }
}
