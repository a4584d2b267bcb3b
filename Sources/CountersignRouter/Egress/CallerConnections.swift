import Synchronization

/// How many connections each user of the host has open at a forward proxy, over all workers.
final class CallerConnections: Sendable {
    /// What is counted apart.
    struct Account: Hashable {
        /// Who opened the connections; `nil` for all of whom that is not known.
        let userID: UInt32?
        /// Whether they are of nobody who may call, and only wait to be told so.
        let isRefused: Bool

        /// How many connections may wait to be told that they are refused; further ones are closed without a word.
        static let mostRefused = 32
    }

    private let open = Mutex<[Account: Int]>([:])

    /// Counts one more connection; `false` when there are as many as there may be.
    func take(_ account: Account, limit: Int) -> Bool {
        open.withLock { open in
            let count = open[account, default: 0]
            guard count < limit else { return false }
            open[account] = count + 1
            return true
        }
    }

    /// Counts a connection out.
    func give(_ account: Account) {
        open.withLock { open in
            let count = open[account, default: 0]
            open[account] = count > 1 ? count - 1 : nil
        }
    }
}
