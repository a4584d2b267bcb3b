import Synchronization

/// How many connections each user of the host has open at a forward proxy, over all workers.
final class CallerConnections: Sendable {
    /// What is counted apart.
    struct Account: Hashable {
        /// What the connections are.
        enum Kind {
            /// Of a user who may call, and within what one may have.
            case served
            /// Of a user who may call; they only wait to be told that it is not now.
            case refused
            /// Of nobody who may call; they only wait to be told so.
            case stranger
        }

        /// Who opened the connections; `nil` for all of whom that is not known.
        let userID: UInt32?
        let kind: Kind

        /// How many connections of one user may wait to be told that they are refused; further ones are closed without a word.
        static let mostRefused = 32
        /// How many of strangers may wait, whoever they are: one person can have many users.
        static let mostStrangers = 256
    }

    private struct State {
        var open: [Account: Int] = [:]
        var strangers = 0
    }

    private let state = Mutex(State())

    /// Counts one more connection.
    ///
    /// - Parameters:
    ///   - account: as whose it is counted.
    ///   - limit: how many there may be of the account.
    ///   - strangers: how many there may be of all strangers.
    /// - Returns: `false` when there are as many as there may be.
    func take(_ account: Account, limit: Int, strangers: Int = Account.mostStrangers) -> Bool {
        state.withLock { state in
            let count = state.open[account, default: 0]
            guard count < limit else { return false }
            if account.kind == .stranger {
                guard state.strangers < strangers else { return false }
                state.strangers += 1
            }
            state.open[account] = count + 1
            return true
        }
    }

    /// Counts a connection out.
    func give(_ account: Account) {
        state.withLock { state in
            let count = state.open[account, default: 0]
            state.open[account] = count > 1 ? count - 1 : nil
            if account.kind == .stranger { state.strangers -= 1 }
        }
    }
}
