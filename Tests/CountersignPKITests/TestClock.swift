/// The moment at which every test takes place, so that none depends on the day it runs.
enum TestClock {
    /// 2026-01-31T12:00:00Z.
    static let now: Int64 = 1_769_860_800
}
