import Synchronization

/// Remembers the tokens of a time, so that each is good once.
///
/// Two generations: tokens of the current and of the one before are known. A token is known for at least the lifetime
/// of a generation, and at most for two, unless more tokens come in that time than are remembered.
final class ReplayMemory: Sendable {
    private struct State {
        var current: Set<Token> = []
        var previous: Set<Token> = []
        var began: UInt64 = 0
    }

    /// 32 bytes without a heap allocation.
    private struct Token: Hashable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        init(_ bytes: [UInt8]) {
            func word(_ index: Int) -> UInt64 {
                bytes.dropFirst(index * 8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            }
            words = (word(0), word(1), word(2), word(3))
        }

        static func == (left: Token, right: Token) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)
            hasher.combine(words.1)
        }
    }

    private let generationNanoseconds: UInt64
    private let maximumTokens: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - seconds: for how long a token is known at least.
    ///   - maximumTokens: how many are remembered in that time.
    init(seconds: Int64, maximumTokens: Int = 1_000_000) {
        self.generationNanoseconds = UInt64(max(seconds, 1)) * 1_000_000_000
        self.maximumTokens = maximumTokens
    }

    /// Takes a token of 32 bytes as used.
    ///
    /// - Returns: whether it was not known before.
    func admit(_ token: [UInt8], at nanoseconds: UInt64) -> Bool {
        let token = Token(token)
        return state.withLock { state in
            let age = nanoseconds &- min(state.began, nanoseconds)
            if age >= generationNanoseconds || state.current.count >= maximumTokens {
                state.previous = age >= 2 * generationNanoseconds ? [] : state.current
                state.current = []
                state.began = nanoseconds
            }
            guard !state.previous.contains(token) else { return false }
            return state.current.insert(token).inserted
        }
    }

    /// Forgets a token whose request came to nothing through no fault of the caller.
    func forget(_ token: [UInt8]) {
        let token = Token(token)
        state.withLock { state in
            state.current.remove(token)
            state.previous.remove(token)
        }
    }
}
