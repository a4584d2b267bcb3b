package import CountersignTransport

/// How many connections a listener may have, and who is told when there are too many.
package struct ConnectionRoom: Sendable {
    /// The most connections of one thread; a new one takes the place of that which has asked for nothing for longest.
    let maximum: Int
    /// The listeners that take the same descriptors.
    let displacement: DisplacementGroup
    /// Told of each connection that was closed for want of room; runs on an event loop and must not block.
    let onRefusal: @Sendable () -> Void

    /// Room for connections.
    package init(
        maximum: Int,
        displacement: DisplacementGroup = DisplacementGroup(),
        onRefusal: @escaping @Sendable () -> Void = {}
    ) {
        self.maximum = maximum
        self.displacement = displacement
        self.onRefusal = onRefusal
    }
}
