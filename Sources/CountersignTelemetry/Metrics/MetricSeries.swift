/// Something that can write its samples for one name and one set of labels.
package protocol MetricSeries: Sendable {
    /// What the exposition calls it.
    static var kind: MetricKind { get }

    /// Writes the samples.
    ///
    /// - Parameters:
    ///   - sample: The name and labels that every sample carries, and the time of the reading.
    ///   - writer: Where the lines go.
    func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter)
}
