/// The endpoints that one request is tried with, one after the other and none twice.
public struct RetryCandidates: Sendable {
    private let first: Int
    private let count: Int
    private var step = 0
    private var attemptsLeft: Int

    /// Begins with the endpoint that a balancer chose and goes on in a circle from there.
    ///
    /// - Parameters:
    ///   - first: the position that was chosen, 0..<count.
    ///   - count: how many endpoints there are.
    ///   - attempts: how many of them to try at most, the first included; 3 as in GoRouter.
    public init(first: Int, count: Int, attempts: Int = 3) {
        self.first = first
        self.count = count
        self.attemptsLeft = attempts
    }

    /// The next endpoint to try, or `nil` when enough were tried or none is left.
    ///
    /// - Parameter isAvailable: whether the endpoint at a position may be tried; one that may not costs no attempt.
    public mutating func next<Failure: Error>(
        isAvailable: (Int) throws(Failure) -> Bool
    ) throws(Failure) -> Int? {
        while attemptsLeft > 0, step < count {
            let candidate = (first + step) % count
            step += 1
            guard try isAvailable(candidate) else { continue }
            attemptsLeft -= 1
            return candidate
        }
        return nil
    }
}
